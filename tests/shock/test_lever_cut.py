"""A book cut by sub-segment at any levers: the same as `apply`, whatever stands in the book."""

from dataclasses import replace
from math import fsum

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exposure.chain import to_book
from exposure.levers._book import LeverBook, LeverCut, by_lever
from exposure.levers._draws import break_even, reverse, simulate, spread
from exposure.scenarios import load_scenario
from exposure.scenarios._calibrate import misses, moves_of
from exposure.scenarios._lever_arrays import LeverMisses
from exposure.scenarios._levers import LEVERS_AT_REST, RANGES
from exposure.scenarios._replay import set_levers
from exposure.shock import apply
from exposure.types import Holding, Snapshot

BASE = load_scenario("deepseek-transmission")
LEVERS = st.fixed_dictionaries({name: st.floats(low, high) for name, (low, high) in RANGES.items()})


def holding(row, ticker, value, currency="USD", **more):
    return Holding(
        row=row, ticker=ticker, market_value=value, currency=currency, value_currency="USD", **{"kind": "equity"} | more
    )


def book(*holdings, **more):
    return to_book(Snapshot("t.csv", "csv", None, (), "USD", tuple(holdings)), **more)


MIXED = book(
    holding(2, "NVDA", 300.0),
    holding(3, "MSFT", 200.0),
    holding(4, "VRT", -80.0),
    holding(5, "CRM", 90.0),
    holding(6, "JPM", 120.0),
    holding(7, "SOXL", 20.0),
    holding(8, "BABA", 40.0),
    holding(9, "NVDA", 30.0),
    holding(10, "SAP", 70.0, "EUR", exchange="XETRA"),
    Holding(row=11, kind="cash", market_value=50.0, currency="USD", value_currency="USD"),
)
"""Two lines of one name, a short, a threefold fund, another currency, a name outside the chain, cash."""


def same(cut, result):
    assert cut.total_return == pytest.approx(result.total_return, abs=1e-12)
    assert cut.pnl == pytest.approx(result.pnl, abs=1e-9)
    for found, slices in ((cut.by_segment, result.by_segment), (cut.by_sub_segment, result.by_sub_segment)):
        assert found == pytest.approx({s.key: s.contribution for s in slices}, abs=1e-12)
        assert fsum(found.values()) == pytest.approx(cut.total_return, abs=1e-12)


@settings(max_examples=60)
@given(LEVERS)
def test_a_cut_at_any_levers_is_what_apply_gives(levers):
    same(LeverCut(MIXED, BASE).at(levers), apply(MIXED, set_levers(BASE, levers)))


def test_levers_left_out_stand_as_in_the_scenario_and_at_rest_nothing_moves():
    cut = LeverCut(MIXED, BASE)
    same(cut.at({}), apply(MIXED, BASE))
    assert cut.at(LEVERS_AT_REST).total_return == 0.0
    assert cut.coverage == apply(MIXED, BASE).coverage


def test_numbers_by_hand_and_exchange_rates_are_in_the_cut():
    """JPM −10 % of 120 by hand, the euro +2 %, software −5 % by hand: none of them is lost."""
    scenario = replace(BASE, tickers={"JPM": -0.1}, segments={"software": -0.05}, fx={"EUR": 0.02})
    cut = LeverCut(MIXED, scenario)
    same(cut.at({"claim_credibility": 0.9}), apply(MIXED, set_levers(scenario, {"claim_credibility": 0.9})))
    same(cut.at(LEVERS_AT_REST), apply(MIXED, set_levers(scenario, LEVERS_AT_REST)))


def test_a_fund_of_a_given_move_keeps_its_own_total_and_its_residual_stands_outside():
    inner = Snapshot("i.csv", "csv", None, (), "USD", (holding(2, "NVDA", 60.0), holding(3, "KO", 40.0)))
    held = book(holding(2, "SMH", 500.0, kind="fund"), holding(3, "MSFT", 500.0), inside={"SMH": inner})
    assert len(held.lines) == 3
    scenario = replace(BASE, tickers={"SMH": -0.02})
    result = apply(held, scenario)
    assert any(p.move.via == "fund_residual" for p in result.positions)
    same(LeverCut(held, scenario).at({}), result)


@settings(max_examples=20)
@given(LEVERS)
def test_misses_at_any_levers_are_those_of_the_fit(levers):
    moves = moves_of(load_scenario("deepseek-2025-01-27"))
    expected = misses(set_levers(BASE, levers), moves)
    found = LeverMisses(moves).at(levers)
    assert [(m.segment, m.names) for m in found] == [(m.segment, m.names) for m in expected]
    assert [m.observed for m in found] == pytest.approx([m.observed for m in expected], abs=1e-12)
    assert [m.modelled for m in found] == pytest.approx([m.modelled for m in expected], abs=1e-12)


def test_a_book_made_ready_once_answers_at_other_levers_as_one_made_anew():
    moved = set_levers(BASE, {"claim_credibility": 0.7, "jevons_elasticity": 2.0})
    ready = LeverBook(MIXED, BASE)
    assert by_lever(ready, moved) == by_lever(MIXED, moved)
    assert reverse(ready, moved, -0.05) == reverse(MIXED, moved, -0.05)
    assert break_even(ready, moved) == break_even(MIXED, moved)
    assert simulate(ready, moved, draws=64) == simulate(MIXED, moved, draws=64)
    assert ready.scenario is BASE


def test_a_spread_is_the_distribution_that_simulate_gives_and_its_bins_hold_every_draw():
    found = spread(MIXED, BASE, draws=256, seed=3, held=["market_move"])
    assert found.total_return == simulate(MIXED, BASE, draws=256, seed=3, held=["market_move"]).total_return
    assert sum(found.counts) == 256
    assert found.edges[0] <= found.total_return.p01 <= found.total_return.p99 <= found.edges[-1]


@settings(max_examples=30)
@given(LEVERS, st.sampled_from(sorted(RANGES)), st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_along_a_lever_stands_what_each_setting_gives_by_itself(levers, lever, places):
    low, high = RANGES[lever]
    values = np.array([low + place * (high - low) for place in places])
    cut, observed = LeverCut(MIXED, BASE), LeverMisses(moves_of(load_scenario("deepseek-2025-01-27")))
    total, parts = cut.along(levers, lever, values)
    moves = observed.along(levers, lever, values)
    for at, value in enumerate(values.tolist()):
        alone = cut.at({**levers, lever: value})
        assert total[at] == pytest.approx(alone.total_return, abs=1e-12)
        assert {s: float(part[at]) for s, part in parts.items()} == pytest.approx(alone.by_sub_segment, abs=1e-12)
        seen = observed.at({**levers, lever: value})
        assert moves[at].tolist() == pytest.approx([m.modelled for m in seen], abs=1e-12)
        assert observed.groups == [m.segment for m in seen]
