"""The first story in a browser: a real file is uploaded, confirmed, seen along the chain, and still there on reload."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

import pytest

import exposure

from .conftest import chart, settle

pytestmark = pytest.mark.browser
FILE = "24_invesco_qqq_2025.csv"


def test_a_file_becomes_a_chart_that_a_reload_keeps(visit: Callable[..., Any], shared: Path) -> None:
    """The chart's areas are those that the core gives for the same file."""
    source = shared / "samples" / "files" / FILE
    book = exposure.to_book(exposure.read_holdings(source))
    page = visit("holdings")
    page.set_input_files("input[type=file]", source)
    page.get_by_role("heading", name=f"To check: {FILE}").wait_for()
    page.get_by_label("Its name").fill("Nasdaq 100")
    page.get_by_label("Its name").press("Enter")
    settle(page)
    page.get_by_role("button", name="Confirm and store").click()
    page.get_by_text("Stored in “Nasdaq 100”").wait_for()
    page.get_by_role("link", name="Segments").first.click()
    page.get_by_role("heading", name="Segments", exact=True).wait_for()
    drawn = chart(page)
    sizes = dict(zip(drawn["ids"], drawn["values"], strict=True))
    assert sizes["book"] == pytest.approx(book.gross)
    for each in exposure.measure(book).by_segment:
        assert sizes.get(each.segment, 0.0) == pytest.approx(each.market_value), each.segment
    page.get_by_text("Coverage, share of gross exposure").wait_for()
    with page.expect_download() as download:
        page.locator(".st-key-by_segment_csv button").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "segment,market_value,weight,direct,stake,customer"
    told = [line for line in lines if line.startswith("# ")]
    assert [line.split(":")[0] for line in told] == [
        "# Book", "# Coverage, share of gross exposure", "# Overrides"
    ]  # fmt: skip
    assert lines[-len(told) :] == told
    assert len(lines) - len(told) == 1 + len(exposure.measure(book).by_segment)
    address = page.url
    assert "portfolio=Nasdaq+100&as_of=" in address
    page.reload()
    settle(page)
    assert chart(page) == drawn
    assert page.url == address


def test_a_page_opened_first_on_a_fresh_server_has_the_menu(visit: Callable[..., Any]) -> None:
    """No file of a page is served by itself, past `app.py`: each lies in a folder of its own."""
    page = visit("segments")
    page.get_by_text("Nothing is stored yet").wait_for()
    assert page.get_by_role("link", name="Holdings").count() > 0
    assert page.url.endswith("/segments")


def test_a_narrow_screen_scrolls_downwards_alone(visit: Callable[..., Any]) -> None:
    for scheme in ("light", "dark"):
        page = visit("", width=390, height=844, scheme=scheme)
        page.get_by_role("button", name="Open the demo portfolio").click()
        page.wait_for_selector(".js-plotly-plot", timeout=60_000)
        settle(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.evaluate("document.querySelector('.js-plotly-plot').getBoundingClientRect().right") <= 390


def test_an_empty_file_is_a_sentence_and_the_server_lives(visit: Callable[..., Any], server: str) -> None:
    page = visit("holdings")
    page.set_input_files("input[type=file]", {"name": "empty.csv", "mimeType": "text/csv", "buffer": b""})
    page.get_by_text("Nothing was stored").wait_for()
    assert build_opener(ProxyHandler({})).open(f"{server}/_stcore/health", timeout=5).status == 200
