"""Bands of predictions: by earlier days alone, wide enough on days not seen, on every line that they are known of."""

from __future__ import annotations

import json

import numpy as np
import pytest

from exposure import answers
from exposure.prices._market import Market
from exposure.scenarios import parse_scenario
from exposure.scenarios._covariance import REFERENCE_SERIES, covariance
from exposure.scenarios._predict import (
    BLOCKS,
    FREEDOM,
    SESSIONS,
    _Conditional,
    book_half,
    half_widths,
    learn_covariance,
    plausibility,
    predict,
)
from exposure.shock import apply
from exposure.shock._result import predicted_band
from tests.scenarios.test_prediction import LAST, MARKET, STOCKS, book, closes, text

LEARNT = learn_covariance(MARKET, LAST, REFERENCE_SERIES)
GIVEN = {"SPY": -0.01, "SMH": -0.05, "IGV": 0.004}


def test_the_deviation_is_the_schur_complement_of_the_whole_covariance() -> None:
    known, keys = LEARNT.covariance, ["SMH", "NVDA"]
    asked = [s for s in known.stocks if s != "NVDA"]
    whole = known.between([*keys, *asked], [*keys, *asked])
    inner = whole[2:, 2:] - whole[2:, :2] @ np.linalg.solve(whole[:2, :2], whole[:2, 2:])
    side = _Conditional(known, keys)
    own = dict(zip(known.stocks, side.deviation, strict=True))
    assert [own[s] for s in asked] == pytest.approx(np.sqrt(np.diag(inner)), abs=1e-12)
    weights = np.linspace(-1, 1, len(asked))
    assert side.deviation_of(asked, weights) == pytest.approx(np.sqrt(weights @ inner @ weights), abs=1e-12)


def test_days_far_out_are_wider_as_a_t_of_five_degrees_says() -> None:
    """(5 + 9·d²) / (5 + d²) is the ratio of the squared widths on a day three times as far out."""
    near, far = half_widths(LEARNT, GIVEN), half_widths(LEARNT, {k: 3 * v for k, v in GIVEN.items()})
    squared = LEARNT.covariance.predict(GIVEN).distance ** 2
    assert far["NVDA"] / near["NVDA"] == pytest.approx(((FREEDOM + 9 * squared) / (FREEDOM + squared)) ** 0.5)


def test_nothing_later_than_the_day_before_is_looked_at() -> None:
    crash = learn_covariance(closes(later=-0.5), LAST, REFERENCE_SERIES)
    assert half_widths(crash, GIVEN) == half_widths(LEARNT, GIVEN)


def test_each_block_of_earlier_days_is_predicted_by_what_was_known_before_it() -> None:
    """The series are 400 sessions long, so all that was known before a block lies in both windows."""
    dates = MARKET.series["SPY"].dates
    assert len(LEARNT.past.blocks) == 5, "half a year of sessions, a fifth at a time"
    for number, (before, x, _) in enumerate(LEARNT.past.blocks):
        day = dates[dates <= np.datetime64(LAST)][-(BLOCKS - number) * SESSIONS - 1].item()
        assert len(x) == SESSIONS
        np.testing.assert_allclose(before.betas, covariance(MARKET, day).betas, rtol=1e-12)


def test_on_new_days_of_the_same_kind_nine_in_ten_end_inside() -> None:
    """120 new days of the very process that the prices were made by, seven stocks on each."""
    rng, new = np.random.default_rng(3), np.random.default_rng(11)
    rng.normal(0, 0.01, (400, 3))
    slopes = rng.uniform(-0.5, 1.5, (len(STOCKS), 3))
    inside = []
    for _ in range(120):
        moves = new.normal(0, 0.01, 3) @ np.array([[1, 1, 1], [0, 1, 0], [0, 0, 1]])
        given = dict(zip(REFERENCE_SERIES, moves.tolist(), strict=True))
        did = dict(zip(STOCKS, slopes @ moves + new.normal(0, 0.01, len(STOCKS)), strict=True))
        seen, halves = LEARNT.covariance.predict(given), half_widths(LEARNT, given)
        inside += [abs(did[s] - seen.names[s]) <= halves[s] for s in STOCKS]
    assert 0.87 <= np.mean(inside) <= 0.94


def test_what_is_given_has_no_band_and_what_follows_has_one() -> None:
    scenario = predict(parse_scenario(text("SMH = -0.05\nNVDA = -0.10")), MARKET)
    found = apply(book("NVDA", "AVGO", "SNDK", "KO"), scenario)
    nvidia, broadcom, sandisk, coke = found.positions
    assert (nvidia.move.provenance, nvidia.low, nvidia.high) == ("user", None, None)
    assert broadcom.low is not None and broadcom.high is not None
    grown = 1 + broadcom.move.total
    half = scenario.errors["AVGO"]
    assert (broadcom.low, broadcom.high) == pytest.approx((grown * np.exp(-half) - 1, grown * np.exp(half) - 1))
    assert sandisk.move.via == "covariance", "without prices of its own it follows its sub-segment"
    if scenario.errors.get("chips.memory") is None:
        assert sandisk.low is None
    assert coke.low is None or coke.low < coke.move.total
    shown = answers.shocked(found)
    json.dumps(shown, allow_nan=False)
    assert shown["positions"][1]["low"] == broadcom.low


def test_the_band_of_a_book_is_of_its_own_errors_and_zero_where_all_is_given() -> None:
    """Held is NVIDIA alone, which is given: nothing is left to be wrong. Two stocks less the same two: nothing too."""
    scenario = predict(parse_scenario(text("SMH = -0.05\nNVDA = -0.10")), MARKET)
    alone = plausibility(scenario, MARKET, book("NVDA"))
    assert alone["half"] == pytest.approx(0.0, abs=1e-9)
    mixed = book("NVDA", "AVGO")
    known = plausibility(scenario, MARKET, mixed)
    found = apply(mixed, scenario)
    band = predicted_band(found.total_return, known)
    assert band is not None
    assert band.high - found.total_return == pytest.approx(found.total_return - band.low)
    one = book_half(LEARNT, {"SMH": -0.05}, {"AVGO": 1.0})
    assert book_half(LEARNT, {"SMH": -0.05}, {"AVGO": -2.0}) == pytest.approx(2 * one)
    assert book_half(LEARNT, {"SMH": -0.05}, {"AVGO": 0.5, "CRM": 0.5}) < one


@pytest.mark.slow
def test_the_bands_hold_over_many_real_days(daily_closes: Market) -> None:
    """Every 110th session of 2017 to 2025, from three funds and from one name and the market, by names and by books."""
    from benchmarks.workloads import GIVEN as ASKED
    from benchmarks.workloads import days

    found = list(days(daily_closes, 110))
    assert len(found) >= 15 * len(ASKED)
    for name in ASKED:
        own = [h for h in found if h.given == name]
        assert 0.86 <= np.mean([h.names for h in own]) <= 0.95, name
        assert 0.84 <= np.mean([h.alone for h in own]) <= 0.96, name
        assert np.mean([h.books for h in own]) >= 0.82, name
