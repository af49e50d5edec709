"""A lever moved in the browser: drawn at once as the engine says, confirmed by the server, kept by a reload."""

from __future__ import annotations

import csv
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exposure.format import percent, short_money

from .conftest import settle
from .test_export import download

pytestmark = pytest.mark.browser
READ = """
() => {
  const text = (selector) => document.querySelector(selector)?.textContent;
  return {
    figures: ['total', 'pnl', 'gap', 'finding', 'worst'].map((key) => text(`[data-live=${key}]`)),
    table: [...document.querySelectorAll('.live-table tbody tr')].map((row) => row.innerText),
    moves: document.querySelector('.live-flow').traces[0].x,
    told: JSON.parse(text('.live-facts')).at.claim_credibility,
  };
}
"""
FIRST_CHANGE = (
    "() => new Promise((done) => {"
    "  const total = document.querySelector('[data-live=total]'), before = total.textContent;"
    "  const look = () => (total.textContent === before ? setTimeout(look, 0) : done((" + READ + ")()));"
    "  look();"
    "})"
)
READY = "document.querySelector('.live-flow')?.traces && document.querySelector('.live-steps')"
WRITTEN = [0.0, -0.0769, 0.12345, -0.00001, 12.3456, -1.0]
MONEY = [0.0, 9_999.4, -12_345.6, 1_234_567.0, -45_678_901_234.0, 2.5e12]


def answer(page: Any, known: float) -> None:
    """Wait until the server has answered another value of the lever than the one known."""
    told = "JSON.parse(document.querySelector('.live-facts').textContent).at.claim_credibility"
    page.wait_for_function(f"{told} != {known}", timeout=60_000)
    settle(page)


def test_a_lever_is_drawn_at_once_and_the_server_says_the_same(visit: Callable[..., Any], tmp_path: Path) -> None:
    page = visit("beliefs")
    page.get_by_role("button", name="Open the demo portfolio").click()
    page.wait_for_selector(".js-plotly-plot", timeout=60_000)
    settle(page)
    page.goto(page.url.replace("segments", "beliefs"))
    page.wait_for_function(READY, timeout=60_000)
    settle(page)
    before = page.evaluate(READ)

    assert page.evaluate("x => x.map((each) => leverLive.percent(each))", WRITTEN) == [
        percent(x, signed=True) for x in WRITTEN
    ]
    assert page.evaluate("x => x.map((each) => leverLive.shortMoney(each, 'EUR'))", MONEY) == [
        short_money(x, "EUR", signed=True) for x in MONEY
    ]

    page.locator(".st-key-lever_claim_credibility input").focus()
    page.evaluate(f"() => {{ window.first = ({FIRST_CHANGE})(); }}")
    page.keyboard.press("ArrowRight")
    first = page.evaluate("() => window.first")
    assert first["told"] == before["told"], "drawn before the server had answered"
    answer(page, before["told"])
    answered = page.evaluate(READ)
    assert answered["told"] == pytest.approx(0.32)
    assert first["figures"] == answered["figures"] != before["figures"]
    assert first["table"] == answered["table"] != before["table"]
    assert first["moves"] == pytest.approx(answered["moves"], abs=1e-7)

    thumb = page.locator(".st-key-lever_claim_credibility [data-testid=stSliderThumbValue]")
    place = thumb.bounding_box()
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] + 4)
    page.mouse.down()
    page.mouse.move(place["x"] + 160, place["y"], steps=4)
    page.wait_for_function(f"document.querySelector('[data-live=total]').textContent != '{answered['figures'][0]}'")
    dragged = page.evaluate(READ)
    assert dragged["told"] == answered["told"], "drawn while the lever was still held"
    page.mouse.up()
    answer(page, answered["told"])
    kept = page.evaluate(READ)
    assert kept["figures"] == dragged["figures"]
    assert "claim_credibility=" in page.url

    picture = ET.parse(download(page, "flow", "svg", tmp_path)).getroot()
    said = ["".join(each.itertext()) for each in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert said[0] == kept["figures"][3]
    with download(page, "flow", "csv", tmp_path).open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["trace"] == "beliefs"]
    assert [float(row["x"]) for row in rows] == kept["moves"]

    page.reload()
    page.wait_for_function(READY, timeout=60_000)
    settle(page)
    assert page.evaluate(READ)["figures"] == kept["figures"]
