"""What is sent ahead of a lever's move is what the engine says of it, and reaches the browser whole."""

import json
import re
from itertools import pairwise

import pytest

from exposure.levers._book import LeverCut
from exposure.messages import _filled, template
from exposure.scenarios import load_scenario
from exposure.scenarios._calibrate import moves_of
from exposure.scenarios._lever_arrays import LeverMisses
from exposure.scenarios._levers import RANGES
from exposure.types import Holding, Snapshot
from exposure.view import beliefs
from exposure.view.sentences import lever_value
from pages.beliefs import levers as beliefs_levers
from pages.beliefs import live

BASE = load_scenario("deepseek-transmission")


@pytest.fixture(scope="module")
def cut():
    from exposure.chain import to_book

    held = [("NVDA", 300.0), ("VRT", 200.0), ("MSFT", 100.0), ("KO", -50.0)]
    lines = [
        Holding(row=n, ticker=t, market_value=v, currency="USD", value_currency="USD", kind="equity")
        for n, (t, v) in enumerate(held, 2)
    ]
    return LeverCut(to_book(Snapshot("t.csv", "csv", None, (), "USD", tuple(lines))), BASE)


@pytest.fixture(scope="module")
def misses():
    return LeverMisses(moves_of(load_scenario("deepseek-2025-01-27")))


@pytest.mark.parametrize("lever", ["claim_credibility", "training_gain", "valuation_stretch", "market_move"])
def test_each_step_holds_the_answer_at_that_value(lever, cut, misses):
    values = beliefs_levers.near(lever, BASE.levers[lever])
    rows = tuple(row["id"] for row in beliefs.chain(misses.at(BASE.levers), cut.at({})))
    others = {each: value for each, value in BASE.levers.items() if each != lever}
    sent = live.steps((cut, misses), others, lever, values, rows)
    for at in (0, len(values) // 2, len(values) - 1):
        levers = {**BASE.levers, lever: values[at]}
        now = cut.at(levers)
        chain = beliefs.chain(misses.at(levers), now)
        assert sent["total"][at] == pytest.approx(now.total_return * live.SCALE, abs=1)
        for place, row in enumerate(chain):
            assert sent["moves"][at][place] == pytest.approx(row["modelled_log"] * live.SCALE, abs=1)
            assert sent["costs"][at][place] == pytest.approx(row["contribution"] * live.SCALE, abs=1)


@pytest.mark.parametrize("lever", sorted(RANGES))
def test_steps_are_those_of_the_slider_around_where_it_stands(lever):
    low, high = RANGES[lever]
    step = beliefs_levers.step(lever)
    for value in (low, (low + high) / 2, high):
        values = beliefs_levers.near(lever, value)
        assert low <= values[0] <= value + step and value - step <= values[-1] <= high
        assert min(abs(each - value) for each in values) <= step
        assert all(b - a == pytest.approx(step) for a, b in pairwise(values))
        assert len(values) <= 2 * beliefs_levers.FAR + 1


@pytest.mark.parametrize("lever", sorted(RANGES))
def test_a_value_is_written_in_the_browser_as_everywhere(lever):
    low, high = RANGES[lever]
    for value in (low, (2 * low + high) / 3, high):
        assert _filled(live.written(lever), {"value": value}) == lever_value(lever, value)


def test_every_word_that_the_script_fills_in_is_sent():
    script = live._HERE.with_suffix(".js").read_text(encoding="utf-8")
    wanted = set(re.findall(r'(?:write\(|words\[)[^"]*?"([\w-]+)"', script)) | set(
        re.findall(r'"([\w-]+)", most', script)
    )
    assert wanted - {"nothing-moves"} <= set(live.WORDS) and "furthest-off" in wanted
    for word in live.WORDS:
        assert template(f"beliefs.{word}")


@pytest.fixture
def page(app):
    home = app("home")
    home.button(key="demo").click().run()
    return home.switch_page("pages/beliefs/page.py").run()


def sent(page):
    """What each mount of the component is given, by its place."""
    mounted = (each.proto for each in page.get("bidi_component"))
    return {data["place"]: data for each in mounted if "place" in (data := json.loads(each.json or "{}"))}


def test_the_page_sends_where_the_levers_stand_and_what_the_engine_says_there(page):
    assert not page.exception
    told = sent(page)
    assert set(told) == {"figures", "levers", "flow", "table", "ahead"}
    levers, ahead = told["levers"], told["ahead"]
    assert levers["at"] == ahead["at"] == dict(BASE.levers)
    for lever, steps in ahead["levers"].items():
        at = min(range(len(steps["values"])), key=lambda n: abs(steps["values"][n] - BASE.levers[lever]))
        near = abs(steps["values"][at] - BASE.levers[lever])
        if near < 1e-9:
            assert steps["total"][at] / ahead["scale"] == pytest.approx(levers["now"]["total"], abs=1e-7)
    assert [line["segment"] for line in told["table"]["lines"]] == [row["segment"] for row in levers["rows"]]


def test_what_the_browser_sends_moves_the_levers_and_what_cannot_be_moves_none(page, monkeypatch):
    held = {"levers": {"jevons_elasticity": 0.5}}
    monkeypatch.setattr(live.st, "session_state", held)
    sent = {"claim_credibility": 0.32, "no_such": 1, "market_move": 7, "openness": "x", "distillation": float("nan")}
    live.take({"serial": 1, "levers": sent})
    assert held["levers"] == {"jevons_elasticity": 0.5, "claim_credibility": 0.32}
    live.take({"serial": 2, "levers": {"claim_credibility": BASE.levers["claim_credibility"]}})
    assert held["levers"] == {"jevons_elasticity": 0.5}, "at the library’s value a lever is not changed"
