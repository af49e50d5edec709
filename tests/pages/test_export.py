"""What stands below a chart carries what a user has named as text, never as markup."""

from __future__ import annotations

import re

import pytest

from pages.ui import show


@pytest.mark.parametrize("dark", [False, True])
def test_a_name_with_markup_stays_a_name(dark: bool) -> None:
    hostile = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
    text = show.markup("history", hostile, [f"Source: {hostile}", hostile], "file", dark)
    before = text[: text.index("</div>")]
    assert "<img" not in before and "<script" not in before
    assert re.findall(r"<(\w+)", text) == ["div", "button", "button", "button", "style", "script"]
    assert text.count("</script>") == 1


def test_each_button_says_what_it_downloads() -> None:
    text = show.markup("history", "Chips fell", ["Source: here"], "chips-fell", False)
    assert re.findall(r'aria-label="([^"]*)"', text) == [
        f"Download the chart “Chips fell” as {kind}" for kind in ("PNG", "SVG", "CSV")
    ]
