"""The fit: it finds levers it was given, says what the data do not tell, and the library is what it writes."""

from dataclasses import replace
from math import exp, log1p
from pathlib import Path

import pytest

from exposure.chain._issuers import issuer_table
from exposure.chain._loadings import names_with_figures
from exposure.errors import InputError
from exposure.scenarios import load_scenario, parse_scenario
from exposure.scenarios._calibrate import (
    FITTED,
    fit_levers,
    fit_toml,
    lever_ridge,
    misses,
    moves_of,
    read_moves,
    stocks_of,
)
from exposure.scenarios._equations import Equations
from exposure.scenarios._replay import LIBRARY, set_levers
from exposure.types import Prior

FACTS = Path(__file__).resolve().parents[2].parent / "shared" / "facts" / "observed_moves.csv"
needs_facts = pytest.mark.skipif(not FACTS.exists(), reason="the folder `shared` is not beside the project")
EPISODE = "deepseek-2025-01-27"
BASE = load_scenario("deepseek-transmission")
GIVEN = {
    "claim_credibility": 0.5,
    "fab_pass_through": 0.6,
    "datacentre_pass_through": 2.0,
    "valuation_stretch": 0.4,
    "market_move": -0.02,
    "commoditisation": 0.7,
}


def made(levers: dict[str, float]) -> dict[str, float]:
    """What the names with figures would have done at these levers."""
    at = Equations({**BASE.levers, **levers})
    symbols = {issuer_table().of(n.key).symbols[0]: n for n in names_with_figures()}
    return {symbol: exp(at.log_move(name)) - 1 for symbol, name in symbols.items()}


def flat(scenario, *names):
    """Priors so wide that they say next to nothing."""
    wide = {n: Prior(scenario.levers[n], 100.0, -0.2 if n == "market_move" else 0.0, 1.0) for n in names}
    return replace(scenario, priors={**scenario.priors, **wide})


def test_a_fit_finds_the_levers_that_made_the_moves():
    found = fit_levers(flat(BASE, *FITTED), made(GIVEN))
    for name, value in GIVEN.items():
        assert found.scenario.levers[name] == pytest.approx(value, abs=2e-3), name
        assert found.states[name] == "fitted"
    assert all(abs(m.modelled - m.observed) < 1e-3 for m in found.misses)
    assert all(found.states[n] == "assumed" for n in BASE.levers if n not in FITTED)
    assert {n: v for n, v in found.scenario.levers.items() if n not in FITTED} == {
        n: v for n, v in BASE.levers.items() if n not in FITTED
    }


def test_a_lever_that_no_name_depends_on_is_unidentified_and_stays_at_its_prior():
    """Software alone says nothing of orders for machines: a keeps the mean and the spread of its prior."""
    moves = {k: v for k, v in made(GIVEN).items() if k in ("CRM", "ADBE", "NOW", "INTU", "CRWD", "PANW", "SNOW")}
    found = fit_levers(BASE, moves)
    assert found.states["fab_pass_through"] == "unidentified"
    assert found.scenario.levers["fab_pass_through"] == pytest.approx(BASE.priors["fab_pass_through"].mean, abs=1e-4)
    assert found.deviations["fab_pass_through"] == pytest.approx(BASE.priors["fab_pass_through"].sd, rel=1e-3)


def test_a_lever_that_the_data_push_beyond_its_range_is_at_its_bound():
    """Servers that fall three times as much as b = 3 allows."""
    wide = flat(BASE, "datacentre_pass_through")
    moves = {k: 3 * v for k, v in made({**GIVEN, "claim_credibility": 0.1, "datacentre_pass_through": 2.9}).items()}
    moves = {k: v if k in ("ANET", "SMCI", "VRT", "CEG", "DLR", "GEV") else 0.0 for k, v in moves.items()}
    found = fit_levers(wide, moves)
    assert found.states["datacentre_pass_through"] == "bound"
    assert found.scenario.levers["datacentre_pass_through"] == pytest.approx(3.0, abs=1e-2)


def test_misses_are_means_over_the_same_names():
    """ANET (servers 1.0) and SMCI (servers 1.0): observed mean (ln 0.8 + ln 0.9)/2."""
    found = {m.segment: m for m in misses(BASE, {"ANET": -0.2, "SMCI": -0.1})}
    assert found["equipment.servers"].observed == pytest.approx((log1p(-0.2) + log1p(-0.1)) / 2, abs=1e-15)
    at = Equations(BASE.levers)
    own = [at.log_move(s.name) for s in stocks_of({"ANET": -0.2, "SMCI": -0.1})]
    assert found["equipment.servers"].modelled == pytest.approx(sum(own) / 2, abs=1e-15)
    assert found["equipment"].names == found["equipment.servers"].names == 2
    assert set(found) == {"equipment", "equipment.servers"}


def test_one_line_counts_for_each_issuer_and_funds_for_none():
    assert [s.name.key for s in stocks_of({"GOOG": 0.1, "GOOGL": 0.2, "SMH": -0.1, "??": 0.1})] == ["GOOGL"]


def test_the_ridge_keeps_the_change_in_demand():
    points = lever_ridge(BASE)
    constant = -Equations(BASE.levers).excess * Equations(BASE.levers).gain
    assert len(points) == 25
    for p in points:
        assert p.gain * (1 - p.response) == pytest.approx(constant, abs=1e-12)
        levers = {"claim_credibility": p.claim_credibility, "jevons_elasticity": 3.0, "response_priced": p.response / 3}
        demand = Equations(set_levers(BASE, levers).levers).demand
        assert demand == pytest.approx(Equations(BASE.levers).demand, abs=1e-12)
    assert points[-1].claim_credibility == pytest.approx(1.0, abs=1e-12)


def test_without_a_fall_in_demand_there_is_no_ridge():
    assert lever_ridge(set_levers(BASE, {"jevons_elasticity": 3.0, "response_priced": 1.0})) == ()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("symbol,move\nNVDA,-0.1\n", "ticker,move"),
        ("ticker,move\nNVDA,much\n", ":2: NVDA"),
        ("ticker,move\nNVDA,-1.5\n", ":2: NVDA"),
        ("ticker,move\nNVDA,nan\n", ":2: NVDA"),
        ("episode,ticker,move\na,NVDA,-0.1\nb,NVDA,-0.2\n", "--episode"),
        ("", "no observed moves"),
    ],
)
def test_moves_that_are_none_are_refused(tmp_path, text, word):
    file = tmp_path / "moves.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_moves(file)
    assert word in str(refused.value)


def test_an_unknown_episode_is_refused_with_those_that_there_are(tmp_path):
    file = tmp_path / "moves.csv"
    file.write_text("episode,ticker,move\na,NVDA,-0.1\nb,NVDA,-0.2\n", encoding="utf-8")
    with pytest.raises(InputError, match="it holds a, b"):
        read_moves(file, "c")
    assert read_moves(file, "b") == {"NVDA": -0.2}


def test_moves_without_a_stock_along_the_chain_cannot_be_fitted():
    with pytest.raises(InputError, match="no stock along the chain"):
        fit_levers(BASE, {"KO": 0.01})


def test_a_fit_is_written_and_read_back():
    found = fit_levers(BASE, made(GIVEN))
    again = parse_scenario(fit_toml(found, "mine", "made up"))
    assert (again.id, again.kind, again.source) == ("mine", "transmission", "made up")
    assert (again.levers, again.priors) == (found.scenario.levers, found.scenario.priors)


@needs_facts
def test_the_library_is_what_the_fit_writes():
    found = fit_levers(BASE, read_moves(FACTS, EPISODE))
    text = fit_toml(found, BASE.id, f"fitted to {FACTS.name}, {EPISODE}; equations of docs/method/transmission.md")
    stored = (LIBRARY / "deepseek-transmission.toml").read_text(encoding="utf-8")
    ours, theirs = (parse_scenario(each) for each in (text, stored))
    assert ours.priors == theirs.priors
    for name, value in theirs.levers.items():
        assert ours.levers[name] == pytest.approx(value, abs=1e-4), "run the fit again and commit what it writes"
    assert [line for line in text.splitlines() if line.startswith("state")] == [
        line for line in stored.splitlines() if line.startswith("state")
    ]


@needs_facts
def test_the_replay_of_the_library_holds_the_same_moves():
    assert moves_of(load_scenario(EPISODE)) == read_moves(FACTS, EPISODE)


def test_the_day_is_met_within_a_point_by_segment_and_within_four_by_sub_segment():
    found = misses(BASE, moves_of(load_scenario(EPISODE)))
    assert len([m for m in found if "." not in m.segment and m.segment != "outside"]) == 4
    assert len([m for m in found if "." in m.segment]) == 18
    for m in found:
        if m.segment != "outside":
            assert abs(m.modelled - m.observed) <= (0.04 if "." in m.segment else 0.01), m
