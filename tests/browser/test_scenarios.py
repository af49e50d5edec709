"""Scenarios and predictions in a browser: what is typed, saved and taken away says the same on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exposure.format import percent

from .conftest import settle
from .test_shock import command, file, metric

pytestmark = pytest.mark.browser
__all__ = ["file"]
TITLE = '[class*="st-key-scenario_title"] input'


def test_a_scenario_that_is_written_runs_on_the_command_line_and_outlives_a_reload(
    visit: Callable[..., Any], file: Path, tmp_path: Path
) -> None:
    """The rest falls by 5 % and the first row typed, NVIDIA, by 20 %."""
    page = visit("scenarios")
    page.locator(".st-key-scenario_start button").click()
    page.get_by_label("Title", exact=True).fill("Falling")
    page.get_by_label("Title", exact=True).press("Enter")
    settle(page)
    rest = page.get_by_label("Move of the rest, %")
    rest.fill("-5")
    rest.press("Enter")
    page.wait_for_function("document.body.innerText.includes('−5.00')", timeout=30_000)
    settle(page)
    total = metric(page, "Total return")
    assert total == percent(-0.05, signed=True)
    with page.expect_download() as download:
        page.locator(".st-key-draft_toml button").click()
    own = tmp_path / "falling.toml"
    download.value.save_as(own)
    assert percent(command(tmp_path, "shock", str(file), "--scenario", str(own))["total_return"], signed=True) == total
    page.locator(".st-key-draft_save button").click()
    page.get_by_text("Saved as falling").wait_for()
    stored = command(tmp_path, "shock", "--portfolio", "Desk", "--scenario", "falling")
    assert percent(stored["total_return"], signed=True) == total
    page.reload()
    settle(page)
    page.wait_for_function(f"document.querySelector(`{TITLE}`)?.value === 'Falling'", timeout=30_000)
    assert metric(page, "Total return") == total


def test_a_pasted_day_is_answered_on_a_telephone_as_on_the_command_line(
    visit: Callable[..., Any], tmp_path: Path
) -> None:
    page = visit("", width=390, height=844, scheme="dark")
    page.locator(".st-key-demo button").first.click()
    page.wait_for_url("**/segments*")
    settle(page)
    page.goto(page.url.split("/segments")[0] + "/prediction")
    settle(page)
    field = page.get_by_label("Names and moves, one a line", exact=True)
    field.fill("NVDA;-0,17\nSPY;-0,014")
    field.press("Control+Enter")
    page.get_by_text("Expected total return").wait_for()
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    title = page.get_by_label("Title", exact=True)
    title.fill("Monday")
    title.press("Enter")
    settle(page)
    page.locator(".st-key-prediction_save button").click()
    page.get_by_text("Saved as monday").wait_for()
    answer = command(tmp_path, "shock", "--portfolio", "Demo portfolio (made up)", "--scenario", "monday")
    assert metric(page, "Expected total return") == percent(answer["total_return"], signed=True)
    assert metric(page, "Worst day as unusual") == percent(answer["plausibility"]["worst_return"], signed=True)
