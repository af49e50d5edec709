"""The Data page in a browser: a fetch without a network is a sentence, findings have their buttons, all is legible."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import settle

playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = pytest.mark.browser
BOOK = (
    b"As of,2025-01-24\nTicker,ISIN,Name,Quantity,Price,Market value,Currency\n"
    b"NVDA,US67066G1040,NVIDIA Corp,100,140,14000,USD\nKO,US1912161007,Coca-Cola Co,100,60,6000,USD\n"
)
CLOSES = b"date,NVDA\n2025-01-21,1408\n2025-01-22,1471\n2025-01-24,1426\n2025-01-27,142.5\n2025-01-28,129\n"


def file(name: str, data: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "text/csv", "buffer": data}


def stored(visit: Callable[..., Any], **options: Any) -> Any:
    """Open the Data page of a small book, stored a moment ago."""
    page = visit("holdings", **options)
    page.set_input_files("input[type=file]", file("desk.csv", BOOK))
    page.get_by_role("button", name="Confirm and store").click()
    page.get_by_text("Stored in").first.wait_for()
    page.goto(page.url.split("/holdings")[0] + "/data")
    page.get_by_role("heading", name="Data", exact=True).wait_for()
    settle(page)
    return page


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Point the server's way out at a port where nobody listens: no test depends on the network, nor on its absence."""
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


def fetch(page: Any) -> None:
    """Ask for prices; the box around the button may just be closing, since prices came: it is opened again then."""
    button = page.locator(".st-key-fetch button")
    for _ in range(6):
        try:
            button.click(timeout=5_000)
        except playwright_api.TimeoutError:
            if not button.is_visible():
                page.get_by_text("Have more prices").click()
        else:
            return
    button.click()


@pytest.mark.parametrize(("width", "height", "scheme"), [(1440, 900, "light"), (390, 844, "dark")])
def test_a_fetch_without_a_network_is_a_sentence_and_what_is_stored_still_serves(
    nobody: None, visit: Callable[..., Any], width: int, height: int, scheme: str, tmp_path: Path
) -> None:
    page = stored(visit, width=width, height=height, scheme=scheme)
    page.set_input_files("input[type=file]", file("closes.csv", CLOSES))
    page.get_by_role("button", name="Store these prices").click()
    page.get_by_text("on 27 Jan 2025 looks like a 10-for-1 split").first.wait_for()
    settle(page)
    fetch(page)
    page.get_by_text("Yahoo could not be reached").wait_for(timeout=120_000)
    settle(page)
    page.get_by_text("Weight without history").first.wait_for()
    assert page.get_by_text("30.0").count() > 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if folder := os.environ.get("SCREENSHOTS"):
        page.evaluate("window.scrollTo(0, 0)")
        page.screenshot(path=f"{folder}/data-{width}-{scheme}.png", full_page=True)
        for top in (0, 700, 1400):
            page.evaluate(f"document.querySelector('[data-testid=stMain]').scrollTo(0, {top})")
            page.wait_for_timeout(300)
            page.screenshot(path=f"{folder}/data-{width}-{scheme}-{top}.png")


def test_a_finding_is_mended_by_its_button(visit: Callable[..., Any]) -> None:
    page = stored(visit)
    page.set_input_files("input[type=file]", file("closes.csv", CLOSES))
    page.get_by_role("button", name="Store these prices").click()
    finding = page.get_by_text("on 27 Jan 2025 looks like a 10-for-1 split").first
    finding.wait_for()
    settle(page)
    page.get_by_label("Your name").fill("Ann")
    page.get_by_label("Your name").press("Enter")
    settle(page)
    page.get_by_role("button", name="All found is right").click()
    page.get_by_text("Kept as right, by Ann: 3 findings in NVDA").wait_for()
    settle(page)
    assert page.get_by_text("looks like a 10-for-1 split").count() == 0
