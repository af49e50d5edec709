"""What is being written outlives a reload in its own tab and browser, and is nobody else's; tables export by ours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import choose, settle

pytestmark = pytest.mark.browser
TEXT = "As of,2025-01-24\nTicker,Name,Quantity,Price,Market value,Currency\nNVDA,=1+1,100,140,14000,USD\n"


def offer(page: Any, name: str) -> None:
    file = {"name": name, "mimeType": "text/csv", "buffer": TEXT.replace("14000", f"{14000 + len(name)}").encode()}
    page.set_input_files("input[type=file]", file)
    page.get_by_role("heading", name=f"To check: {name}").wait_for()
    settle(page)


def test_a_reload_finds_the_draft_of_its_tab_and_the_same_address_elsewhere_finds_none(
    visit: Callable[..., Any], server: str
) -> None:
    one = visit("holdings")
    two = one.context.new_page()
    two.goto(f"{server}/holdings")
    settle(two)
    offer(one, "mine.csv")
    offer(two, "other.csv")
    for page, name in ((one, "mine.csv"), (two, "other.csv")):
        assert "draft=" in page.url
        page.reload()
        page.get_by_role("heading", name=f"To check: {name}").wait_for()
    stranger = visit(one.url.split("/", 3)[3])
    stranger.get_by_text("Nothing is stored yet").wait_for()
    assert not stranger.get_by_text("To check").count()
    assert "draft=" not in stranger.url


def test_an_override_that_is_being_written_is_kept_and_no_word_of_it_is_in_the_address(
    visit: Callable[..., Any],
) -> None:
    page = visit("holdings")
    page.get_by_role("button", name="Open the demo portfolio").click()
    page.wait_for_selector(".st-key-own_line", timeout=60_000)
    settle(page)
    choose(page, "own_line", "NVIDIA")
    page.locator(".st-key-own_reason input").fill("a secret reason")
    page.locator(".st-key-own_reason input").press("Enter")
    page.wait_for_function("location.search.includes('draft=')")
    settle(page)
    assert "secret" not in page.url and "own_" not in page.url
    page.reload()
    page.wait_for_function("document.querySelector('.st-key-own_reason input')?.value === 'a secret reason'")


def test_no_table_has_the_download_of_the_widget_and_ours_escapes(visit: Callable[..., Any]) -> None:
    page = visit("holdings")
    offer(page, "formula.csv")
    page.get_by_role("button", name="Confirm and store").click()
    page.get_by_text("Stored in “formula”").wait_for()
    settle(page)
    tables = page.get_by_test_id("stDataFrame")
    for table in tables.all():
        table.scroll_into_view_if_needed()
        table.hover()
        offered = page.get_by_test_id("stElementToolbar").get_by_role("button")
        offered.first.wait_for()
        labels = [str(each.get_attribute("aria-label")) for each in offered.all()]
        assert "Fullscreen" in labels and "Download as CSV" not in labels
    ours = page.get_by_test_id("stDownloadButton").filter(has_text="Download as CSV")
    assert tables.count() == ours.count() >= 2
    with page.expect_download() as arriving:
        page.locator(".st-key-holdings_csv button").click()
    text = Path(arriving.value.path()).read_text(encoding="utf-8-sig")
    assert ",'=1+1," in text
    assert text.splitlines()[-3:] == [
        "# Book: formula; as of 2025-01-24; USD.",
        "# Rows read: 1; rejected: 0.",
        "# Doubts (warnings and errors): 0.",
    ]
