"""A lever moved in the browser: drawn at once as the engine says, confirmed by the server, kept by a reload."""

from __future__ import annotations

import csv
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exposure.format import percent, short_money
from exposure.messages import template
from exposure.scenarios._levers import RANGES
from exposure.view.beliefs import finding
from exposure.view.sentences import lever_value
from pages.beliefs import live

from .conftest import settle
from .test_export import download

pytestmark = pytest.mark.browser
READ = """
() => {
  const all = (selector) => [...document.querySelectorAll(selector)].map((each) => each.textContent);
  const flow = document.querySelector('.live-flow');
  return {
    figures: [...all('.live-head p + p'), ...all('.live h3'), ...all('.live-said')],
    table: [...document.querySelectorAll('.live-table tbody tr')].map((row) => row.innerText),
    moves: flow.traces[0].x,
    by: flow.dataset.drawn,
    seen: flow.dataset.seen,
  };
}
"""
FIRST_CHANGE = (
    "() => new Promise((done) => {"
    "  const total = document.querySelector('.live-head p + p'), before = total.textContent;"
    "  const look = () => (total.textContent === before ? setTimeout(look, 0) : done((" + READ + ")()));"
    "  look();"
    "})"
)
READY = "document.querySelector('.live-flow')?.traces && document.querySelector('[data-ahead]')"
WRITTEN = [0.0, -0.0769, 0.12345, -0.00001, 12.3456, -1.0, 1234.5]
MONEY = [0.0, 9_999.4, -12_345.6, 1_234_567.0, -45_678_901_234.0, 2.5e12, 4.2e15]
LEVER = "Claim credibility"


def answer(page: Any, known: str) -> None:
    """Wait until the server has answered another move of a lever than the one known."""
    page.wait_for_function(f"document.querySelector('.live-flow').dataset.seen !== '{known}'", timeout=60_000)
    settle(page)


def test_the_script_writes_numbers_and_sentences_as_the_house_does(browser: Any) -> None:
    page = browser.new_page()
    text = live._HERE.with_suffix(".js").read_text(encoding="utf-8")
    module = "URL.createObjectURL(new Blob([text], {type: 'text/javascript'}))"
    page.evaluate(f"async (text) => {{ window.live = await import({module}); }}", text)
    asked = {"as": live.FORMATS, "shares": WRITTEN, "sums": MONEY}
    assert page.evaluate("({as, shares}) => shares.map((x) => live.percent(as, x))", asked) == [
        percent(x, signed=True) for x in WRITTEN
    ]
    assert page.evaluate("({as, sums}) => sums.map((x) => live.shortMoney(as, x, 'EUR'))", asked) == [
        short_money(x, "EUR", signed=True) for x in MONEY
    ]
    for lever, (low, high) in RANGES.items():
        for value in (low, (2 * low + high) / 3, high):
            filled = {"as": live.FORMATS, "how": live.written(lever), "value": value}
            assert page.evaluate("({as, how, value}) => live.fill(as, how, {value})", filled) == lever_value(
                lever, value
            )
    rows = [{"label": "Chips", "whole": True, "id": "chips", "modelled": -0.0891, "observed": -0.0852}]
    told = {"as": live.FORMATS, "how": template("beliefs.finding"), "row": rows[0]}
    assert page.evaluate("({as, how, row}) => live.fill(as, how, row)", told) == finding(rows)
    page.close()


def test_a_lever_is_drawn_at_once_and_the_server_says_the_same(visit: Callable[..., Any], tmp_path: Path) -> None:
    page = visit("beliefs")
    page.get_by_role("button", name="Open the demo portfolio").click()
    page.wait_for_selector(".js-plotly-plot", timeout=60_000)
    settle(page)
    page.goto(page.url.replace("segments", "beliefs"))
    page.wait_for_function(READY, timeout=60_000)
    settle(page)
    before = page.evaluate(READ)

    lever = page.get_by_role("slider", name=LEVER)
    assert lever.get_attribute("aria-valuetext") == "31.4\u202f%"
    assert page.locator(f"#{lever.get_attribute('aria-describedby')}").inner_text().startswith("How far the market")
    lever.focus()
    page.evaluate(f"() => {{ window.first = ({FIRST_CHANGE})(); }}")
    page.keyboard.press("ArrowRight")
    first = page.evaluate("() => window.first")
    assert (first["by"], first["seen"]) == ("ahead", before["seen"]), "drawn before the server had answered"
    answer(page, before["seen"])
    answered = page.evaluate(READ)
    assert answered["by"] == "server"
    assert lever.get_attribute("aria-valuetext") == "32.0\u202f%"
    assert page.evaluate("document.activeElement.type") == "range", "the focus stays for the next key"
    assert first["figures"] == answered["figures"] != before["figures"]
    assert first["table"] == answered["table"] != before["table"]
    assert first["moves"] == pytest.approx(answered["moves"], abs=1e-7)

    place = lever.bounding_box()
    page.mouse.move(place["x"] + 0.32 * place["width"], place["y"] + place["height"] / 2)
    page.mouse.down()
    page.mouse.move(place["x"] + 0.7 * place["width"], place["y"] + place["height"] / 2, steps=4)
    page.wait_for_function("document.querySelector('.live-flow').dataset.drawn === 'ahead'")
    dragged = page.evaluate(READ)
    assert dragged["seen"] == answered["seen"], "drawn while the lever was still held"
    page.mouse.up()
    answer(page, answered["seen"])
    kept = page.evaluate(READ)
    assert kept["figures"] == dragged["figures"] != answered["figures"]
    assert "claim_credibility=" in page.url

    picture = ET.parse(download(page, "flow", "svg", tmp_path)).getroot()
    said = ["".join(each.itertext()) for each in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert said[0] == kept["figures"][4]
    letters = [each.attrib for each in picture.iter("{http://www.w3.org/2000/svg}g") if "font-family" in each.attrib]
    assert [(each["font-size"], "Source Sans" in each["font-family"]) for each in letters] == [("13", True)]
    with download(page, "flow", "csv", tmp_path).open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["trace"] == "beliefs"]
    assert [float(row["x"]) for row in rows] == kept["moves"]

    page.reload()
    page.wait_for_function(READY, timeout=60_000)
    settle(page)
    assert page.evaluate(READ)["figures"] == kept["figures"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_lever_is_moved_on_a_telephone(visit: Callable[..., Any], scheme: str) -> None:
    page = visit("beliefs", width=390, height=844, scheme=scheme)
    page.get_by_role("button", name="Open the demo portfolio").click()
    page.wait_for_selector(".js-plotly-plot", timeout=60_000)
    settle(page)
    page.goto(page.url.replace("segments", "beliefs"))
    page.wait_for_function(READY, timeout=60_000)
    settle(page)
    before = page.evaluate(READ)
    lever = page.get_by_role("slider", name=LEVER)
    lever.scroll_into_view_if_needed()
    place = lever.bounding_box()
    assert place["height"] >= 24 and place["x"] >= 0 and place["x"] + place["width"] <= 390
    page.mouse.click(place["x"] + 0.8 * place["width"], place["y"] + place["height"] / 2)
    answer(page, before["seen"])
    assert page.evaluate(READ)["figures"] != before["figures"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    ground = page.evaluate(
        "getComputedStyle(document.querySelector('.live')).getPropertyValue('--st-background-color')"
    )
    assert page.evaluate("document.querySelector('.live-flow text').getAttribute('fill')") == {
        "light": "#4A525B", "dark": "#B3BBC4",
    }[scheme], ground  # fmt: skip
