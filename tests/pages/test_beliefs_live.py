"""What is sent ahead of a lever's move is what the engine says of it, and reaches the browser whole."""

import json
import re
from html import unescape
from itertools import pairwise

import pytest

from exposure.levers.book import LeverCut
from exposure.scenarios import load_scenario
from exposure.scenarios.calibrate import moves_of
from exposure.scenarios.lever_arrays import LeverMisses
from exposure.scenarios.levers import RANGES
from exposure.types import Holding, Snapshot
from exposure.view import beliefs
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
    sent = live.steps(cut, misses, BASE.levers, lever, values, rows)
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


def test_what_is_sent_ahead_comes_out_as_it_went_in():
    steps = {"claim_credibility": {"values": [0.1], "total": [-5], "moves": [[1, 2]], "costs": [[3, 4]]}}
    inside = re.fullmatch(r"<div[^>]*>(.*)</div>", live.ahead({"claim_credibility": 0.1}, steps))[1]
    assert json.loads(unescape(inside))["levers"] == steps


def test_the_script_holds_nothing_that_the_page_would_take_for_a_tag():
    """Streamlit cleans what it is given, and drops a script with a tag in it."""
    assert not re.search(r"<[/\w!]", live._SCRIPT)


def test_a_label_stays_text():
    drawn = live.head([("<b>x</b>", "−1 %", 'said "so"', "total"), ("y", "2", "", "")], dark=False)
    assert "<b>" not in drawn and "&lt;b&gt;x&lt;/b&gt;" in drawn
    assert 'title="said &quot;so&quot;"' in drawn
    assert drawn.count("data-live=") == 1
