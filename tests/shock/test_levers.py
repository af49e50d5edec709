"""A book under its levers: many settings at once, a loss split over levers, draws, and where a loss is reached."""

from dataclasses import replace
from math import fsum, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exposure.chain import to_book
from exposure.errors import ScenarioError
from exposure.levers import _book as module
from exposure.levers._book import LeverBook, by_lever
from exposure.levers._draws import break_even, draw_levers, level_map, quantiles, reverse, simulate
from exposure.scenarios import load_scenario, parse_scenario
from exposure.scenarios._equations import Equations
from exposure.scenarios._levers import LEVERS_AT_REST, RANGES
from exposure.scenarios._replay import set_levers
from exposure.shock import apply
from exposure.shock._variation import Edit, as_numbers, segment_moves, vary
from exposure.types import Holding, Prior, Snapshot

BASE = load_scenario("deepseek-transmission")
LEVERS = st.fixed_dictionaries({name: st.floats(low, high) for name, (low, high) in RANGES.items()})


def book(**values: float):
    """A book in dollars: ticker = market value; `CASH` is cash, `SOXL` a threefold fund."""
    holdings = [
        Holding(
            row=n,
            kind="cash" if ticker == "CASH" else "equity",
            ticker=ticker,
            market_value=value,
            currency="USD",
            value_currency="USD",
        )
        for n, (ticker, value) in enumerate(values.items(), 2)
    ]
    return to_book(Snapshot("t.csv", "csv", None, (), "USD", tuple(holdings)))


MIXED = book(
    NVDA=300.0, MSFT=200.0, GOOGL=150.0, VRT=80.0, ASML=60.0, CRM=90.0, JPM=120.0, SOXL=20.0, BABA=40.0, CASH=50.0
)


@settings(max_examples=60)
@given(LEVERS)
def test_many_settings_at_once_are_what_apply_gives_one_by_one(levers):
    scenario = set_levers(BASE, levers)
    arrays = {name: np.array([BASE.levers[name], value]) for name, value in levers.items()}
    found = LeverBook(MIXED, BASE).returns(arrays)
    assert found[0] == pytest.approx(apply(MIXED, BASE).total_return, abs=1e-12)
    assert found[1] == pytest.approx(apply(MIXED, scenario).total_return, abs=1e-12)


def test_users_numbers_and_exchange_rates_stand_apart_from_the_levers():
    """JPM −10 % by hand; the euro +2 % on a euro line of 100: both as `apply` has them, at every setting."""
    held = [
        Holding(row=2, ticker="JPM", market_value=100.0, currency="USD", value_currency="USD"),
        Holding(row=3, ticker="SAP", exchange="XETRA", market_value=100.0, currency="EUR", value_currency="USD"),
    ]
    both = to_book(Snapshot("t.csv", "csv", None, (), "USD", tuple(held)))
    scenario = replace(BASE, tickers={"JPM": -0.1}, fx={"EUR": 0.02})
    levered = LeverBook(both, scenario)
    assert levered.given == pytest.approx((-10 + 2) / 200, abs=1e-15)
    assert levered.returns({})[0] == pytest.approx(apply(both, scenario).total_return, abs=1e-15)
    rows = {r.lever: r.pnl for r in by_lever(both, scenario)}
    assert rows["given"] == pytest.approx(-8.0, abs=1e-12)
    assert fsum(rows.values()) == pytest.approx(apply(both, scenario).pnl, abs=1e-12)


def test_a_scenario_without_levers_is_refused():
    with pytest.raises(ScenarioError, match="no levers"):
        LeverBook(MIXED, load_scenario("deepseek-2025-01-27"))


# ---- profit and loss by lever ---------------------------------------------------------------------------------------


def test_values_by_lever_add_up_to_the_loss():
    found = by_lever(MIXED, BASE)
    assert fsum(row.pnl for row in found) == pytest.approx(apply(MIXED, BASE).pnl, abs=1e-10)
    assert fsum(row.pnl for row in found) / MIXED.capital == pytest.approx(apply(MIXED, BASE).total_return, abs=1e-12)
    assert [row.pnl for row in found] == sorted(row.pnl for row in found)


def test_of_two_levers_each_gets_the_mean_over_both_orders():
    """One bank, β·ln(1+M), and q, which it does not feel: all is the market's, and q adds nothing."""
    scenario = set_levers(BASE, {**LEVERS_AT_REST, "market_move": 0.05, "capex_restraint": 0.5})
    rows = {row.lever: row.pnl for row in by_lever(book(JPM=100.0), scenario)}
    assert rows == pytest.approx({"market_move": 100 * (1.05**1.749 - 1), "capex_restraint": 0.0}, abs=1e-12)


def test_levers_that_only_act_together_share_alike():
    """G = c·τ·ln gI with ε·λ = 0: c, gI and τ matter only together, so each has a third of the whole."""
    scenario = set_levers(
        BASE, {**LEVERS_AT_REST, "claim_credibility": 0.3, "inference_gain": 10.0, "inference_share": 0.5}
    )
    one = book(NVDA=100.0)
    rows = by_lever(one, scenario)
    assert {row.lever for row in rows} == {"claim_credibility", "inference_gain", "inference_share"}
    third = apply(one, scenario).pnl / 3
    assert third < -1
    assert [row.pnl for row in rows] == pytest.approx([third] * 3, abs=1e-12)


def test_drawn_orders_add_up_too_and_come_near_the_exact_values(monkeypatch):
    exact = {row.lever: row.pnl for row in by_lever(MIXED, BASE)}
    monkeypatch.setattr(module, "EXACT", 0)
    drawn = {row.lever: row.pnl for row in by_lever(MIXED, BASE)}
    total = apply(MIXED, BASE).pnl
    assert fsum(drawn.values()) == pytest.approx(total, abs=1e-10)
    assert drawn != exact
    assert max(abs(drawn[n] - exact[n]) for n in exact) < 0.05 * abs(total)
    assert {row.lever: row.pnl for row in by_lever(MIXED, BASE)} == drawn


# ---- draws ----------------------------------------------------------------------------------------------------------


def test_draws_are_the_same_for_a_seed_and_others_for_another():
    one, same, other = (simulate(MIXED, BASE, draws=512, seed=s) for s in (3, 3, 4))
    assert one == same
    assert one.total_return != other.total_return


def test_draws_keep_within_the_bounds_of_their_priors_and_have_their_mean():
    drawn = draw_levers(BASE, 4096, 1)
    assert list(drawn) == list(RANGES)
    for name, values in drawn.items():
        prior = BASE.priors[name]
        assert prior.low <= values.min() and values.max() <= prior.high
        shares = (np.arange(100_000) + 0.5) / 100_000
        assert values.mean() == pytest.approx(quantiles(prior, shares).mean(), abs=0.01 * prior.sd)


def test_a_lever_that_is_held_is_not_drawn():
    assert "openness" not in draw_levers(BASE, 8, 0, held=("openness",))
    result = simulate(MIXED, BASE, draws=256, held=tuple(RANGES))
    assert result.total_return.sd == pytest.approx(0, abs=1e-15)
    assert result.total_return.mean == pytest.approx(apply(MIXED, BASE).total_return, abs=1e-12)
    assert (result.sensitivity, result.sobol) == ((), ())


def test_the_statistics_of_the_draws():
    """A bank with β = 1.749 under the market alone: quantiles of M pass through 1.05^β − 1, which rises in M."""
    names = {n: p._replace(sd=0.0) for n, p in BASE.priors.items() if n != "market_move"}
    scenario = replace(BASE, priors={**BASE.priors, **names})
    result = simulate(book(JPM=100.0), scenario, draws=4096, seed=5)
    prior, total = BASE.priors["market_move"], result.total_return
    for share, found in ((0.05, total.p05), (0.5, total.p50), (0.95, total.p95)):
        expected = (1 + float(quantiles(prior, np.array([share]))[0])) ** 1.749 - 1
        assert found == pytest.approx(expected, abs=2e-4)
    assert total.p01 < total.expected_shortfall_95 < total.p05 < total.p50 < total.p95 < total.p99
    assert [r.lever for r in result.sobol] == ["market_move"]
    assert (result.sobol[0].first, result.sobol[0].total) == pytest.approx((1, 1), abs=0.02)
    assert result.sensitivity[0].lever == "market_move"


def test_the_tornado_moves_one_lever_to_each_end_of_its_prior():
    swing = next(s for s in simulate(MIXED, BASE, draws=64).sensitivity if s.lever == "jevons_elasticity")
    for share, found in ((0.05, swing.low), (0.95, swing.high)):
        value = float(quantiles(BASE.priors["jevons_elasticity"], np.array([share]))[0])
        expected = apply(MIXED, set_levers(BASE, {"jevons_elasticity": value})).total_return
        assert found == pytest.approx(expected, abs=1e-9)


def test_total_indices_are_not_below_first_ones_but_for_the_noise_of_the_points():
    for row in simulate(MIXED, BASE, draws=64).sobol:
        assert -0.02 <= row.first <= row.total + 0.03


@pytest.mark.parametrize("draws", [0, 1, -5, 10**9])
def test_a_number_of_draws_that_cannot_be_made_is_refused(draws):
    with pytest.raises(ScenarioError, match="draws"):
        simulate(MIXED, BASE, draws=draws)


# ---- reverse stress -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", [-0.10, -0.02, -0.2])
def test_a_reached_loss_is_met(loss):
    result = reverse(MIXED, BASE, loss)
    assert [r.lever for r in result.levers] == list(RANGES)
    assert any(r.reachable for r in result.levers)
    for row in result.levers:
        assert (row.value is not None) is row.reachable
        if row.reachable:
            low, high = RANGES[row.lever]
            assert low <= row.value <= high
            found = apply(MIXED, set_levers(BASE, {row.lever: row.value})).total_return
            assert found == pytest.approx(loss, abs=1e-9)
    least = result.least_implausible
    assert least is not None
    assert apply(MIXED, set_levers(BASE, least.levers)).total_return == pytest.approx(loss, abs=1e-9)
    assert all(BASE.priors[n].low <= v <= BASE.priors[n].high for n, v in least.levers.items())
    z = [(v - BASE.priors[n].mean) / BASE.priors[n].sd for n, v in least.levers.items()]
    assert least.distance == pytest.approx(sqrt(fsum(x * x for x in z)), abs=1e-12)


def test_the_least_implausible_point_is_no_farther_than_any_lever_alone():
    """From the priors' means, so that one lever alone is one of the points that could have been chosen."""
    means = set_levers(BASE, {n: p.mean for n, p in BASE.priors.items()})
    result = reverse(MIXED, means, -0.15)
    alone = [
        abs(r.value - p.mean) / p.sd
        for r in result.levers
        if (p := BASE.priors[r.lever]) and r.reachable and p.low <= r.value <= p.high
    ]
    assert alone
    assert result.least_implausible.distance <= min(alone) + 1e-6


def test_the_least_implausible_point_of_one_free_lever_is_worked_by_hand():
    """Only M is free, a bank falls 5 %: (1+M)^1.749 = 0.95, M = 0.95^(1/1.749) − 1; distance |M − 0|/0.02."""
    fixed = {n: p._replace(sd=0.0) for n, p in BASE.priors.items() if n != "market_move"}
    scenario = replace(BASE, priors={**BASE.priors, **fixed})
    result = reverse(book(JPM=100.0), scenario, -0.05)
    expected = 0.95 ** (1 / 1.749) - 1
    assert result.least_implausible.levers["market_move"] == pytest.approx(expected, abs=1e-9)
    assert result.least_implausible.distance == pytest.approx(-expected / 0.02, abs=1e-6)
    reached = {r.lever: r for r in result.levers}
    assert reached["market_move"].value == pytest.approx(expected, abs=1e-9)
    assert not reached["claim_credibility"].reachable


def test_what_no_setting_reaches_is_said():
    result = reverse(book(CASH=100.0, JPM=1.0), BASE, -0.5)
    assert not any(r.reachable for r in result.levers)
    assert result.least_implausible is None


@pytest.mark.parametrize("loss", [float("nan"), float("inf"), -20.0])
def test_a_loss_that_is_none_is_refused(loss):
    with pytest.raises(ScenarioError):
        reverse(MIXED, BASE, loss)


def test_the_break_even_elasticity_brings_the_book_back_to_nothing():
    found = break_even(book(NVDA=100.0), set_levers(BASE, {"response_priced": 0.8}))
    assert found.lever == "jevons_elasticity" and found.reachable
    again = set_levers(BASE, {"response_priced": 0.8, "jevons_elasticity": found.value})
    assert apply(book(NVDA=100.0), again).total_return == pytest.approx(0, abs=1e-9)


def test_level_curves_lie_on_the_level():
    found = level_map(MIXED, BASE, "claim_credibility", "jevons_elasticity", -0.10, points=11)
    assert len(found.x) == len(found.y) == len(found.returns) == 11
    assert found.curve
    for x, y in found.curve:
        scenario = set_levers(BASE, {"claim_credibility": x, "jevons_elasticity": y})
        assert apply(MIXED, scenario).total_return == pytest.approx(-0.10, abs=1e-9)
    corner = set_levers(BASE, {"claim_credibility": found.x[-1], "jevons_elasticity": found.y[0]})
    assert found.returns[0][-1] == pytest.approx(apply(MIXED, corner).total_return, abs=1e-12)


def test_a_map_needs_two_levers():
    with pytest.raises(ScenarioError, match="two levers"):
        level_map(MIXED, BASE, "openness", "openness", -0.1)


def test_a_prior_without_spread_holds_its_lever():
    assert quantiles(Prior(0.3, 0.0, 0.0, 1.0), np.array([0.1, 0.9])).tolist() == [0.3, 0.3]


def test_segments_given_by_hand_stay_through_all_settings():
    scenario = replace(BASE, segments={"chips": -0.1, "outside": 0.01})
    assert LeverBook(MIXED, scenario).returns({})[0] == pytest.approx(apply(MIXED, scenario).total_return, abs=1e-12)
    assert fsum(r.pnl for r in by_lever(MIXED, scenario)) == pytest.approx(apply(MIXED, scenario).pnl, abs=1e-10)


def test_a_varied_scenario_with_levers_keeps_them_when_it_is_settled():
    varied = vary(BASE, [Edit("segments", "software", 0.02), Edit("tickers", "NVDA", -0.3)])
    kept = as_numbers(varied, MIXED, id="mine", title="Mine")
    again = parse_scenario(kept.to_toml())
    assert (kept.kind, again.hash) == ("transmission", kept.hash)
    assert apply(MIXED, again).total_return == apply(MIXED, varied).total_return
    assert apply(MIXED, varied).total_return != apply(MIXED, BASE).total_return


def test_the_screen_of_segments_shows_what_the_levers_do():
    rows = {m.segment: m for m in segment_moves(BASE)}
    at = Equations(BASE.levers)
    assert rows["chips.accelerators"].source == "equations"
    assert rows["chips.accelerators"].move == pytest.approx(np.expm1(at.segment_move("chips.accelerators")), abs=1e-15)
    assert rows["chips.accelerators"].move < rows["chips.other"].move < 0 < rows["software.applications"].move
