"""Predictions: against scipy's multivariate normal, what they may not look at, and what a file of them must say."""

from datetime import date, timedelta
from math import log, log1p

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, multivariate_normal

from exposure.chain import to_book
from exposure.errors import MissingPrice, ScenarioError
from exposure.prices import from_rows
from exposure.prices._market import Market
from exposure.scenarios import parse_scenario
from exposure.scenarios._covariance import REFERENCE_SERIES, covariance
from exposure.scenarios._predict import given_logs, plausibility, predict
from exposure.shock import apply
from exposure.shock._variation import Edit, as_numbers, segment_moves, vary
from exposure.types import Holding, Snapshot

STOCKS = ("NVDA", "AVGO", "MU", "CRM", "CRWD", "VRT", "JPM")
LAST = date(2025, 1, 24)


def closes(later: float = 0.0, seed: int = 3) -> Market:
    """Make 400 sessions of prices up to LAST, and one session after it on which everything moves by `later`."""
    rng = np.random.default_rng(seed)
    common = rng.normal(0, 0.01, (400, 3)) @ np.array([[1, 1, 1], [0, 1, 0], [0, 0, 1]])
    slopes = rng.uniform(-0.5, 1.5, (len(STOCKS), 3))
    returns = np.hstack([common, common @ slopes.T + rng.normal(0, 0.01, (400, len(STOCKS)))])
    prices = 100 * np.exp(np.vstack([np.zeros(10), np.cumsum(returns, axis=0)]))
    prices = np.vstack([prices, prices[-1] * (1 + later)])
    days = [LAST - timedelta(days=400 - n) for n in range(402)]
    return from_rows(
        (symbol, day, float(price), None, None, "USD", None)
        for n, symbol in enumerate((*REFERENCE_SERIES, *STOCKS))
        for day, price in zip(days, prices[:, n], strict=True)
    )


MARKET = closes()
FOUND = covariance(MARKET, LAST)


def text(given_: str, **more: str) -> str:
    lines = ['id = "p"', 'kind = "predictive"', "as_of = 2025-01-24", *(f"{k} = {v}" for k, v in more.items())]
    return "\n".join([*lines, "[given]", given_])


def book(*tickers: str):
    lines = (
        Holding(n, ticker=t, market_value=100.0, currency="USD", value_currency="USD") for n, t in enumerate(tickers, 2)
    )
    return to_book(Snapshot("test.csv", "csv", LAST, (LAST,), "USD", tuple(lines)))


def conditional_mean(keys: list[str], asked: list[str], x: np.ndarray) -> np.ndarray:
    """Read the conditional mean off scipy's own density: its gradient in what is asked vanishes there.

    log p(a, x) is quadratic in a, so three values of the density along each pair of axes give its Hessian and slope.
    """
    cov = FOUND.between([*asked, *keys], [*asked, *keys])
    density = multivariate_normal(cov=cov, allow_singular=False)
    n, step = len(asked), 1e-2
    scale = np.sqrt(np.diag(cov))[:n] * step

    def value(a: np.ndarray) -> float:
        return float(density.logpdf(np.concatenate([a, x])))

    zero, unit = value(np.zeros(n)), np.diag(scale)
    slope = np.array([(value(u) - value(-u)) / 2 for u in unit])
    hessian = np.array([[value(u + v) - value(u) - value(v) + zero for v in unit] for u in unit])
    return -np.linalg.solve(hessian, slope) * scale


@pytest.mark.parametrize("keys", [["SMH"], ["SPY", "SMH", "IGV"], ["NVDA", "software"], ["chips.memory", "SPY", "JPM"]])
def test_a_prediction_is_the_conditional_mean_of_a_multivariate_normal(keys):
    """Directly: Σ_ba Σ_aa⁻¹ x with the covariance that scipy holds, within 1e-10."""
    x = np.linspace(-0.05, 0.03, len(keys))
    asked = [s for s in FOUND.stocks if s not in keys]
    joint = multivariate_normal(cov=FOUND.between([*keys, *asked], [*keys, *asked]), allow_singular=True).cov_object
    cov, k = joint.covariance, len(keys)
    expected = cov[k:, :k] @ np.linalg.solve(cov[:k, :k], x)
    seen = FOUND.predict(dict(zip(keys, x.tolist(), strict=True)))
    assert [seen.names[s] for s in asked] == pytest.approx(expected, abs=1e-10)


def test_the_conditional_mean_is_where_the_density_is_highest():
    """Independent of any algebra of ours: scipy's log density of what is asked peaks at the prediction."""
    keys, asked = ["SPY", "SMH"], ["NVDA", "CRM", "JPM"]
    x = np.array([-0.015, -0.05])
    seen = FOUND.predict(dict(zip(keys, x.tolist(), strict=True)))
    assert [seen.names[s] for s in asked] == pytest.approx(conditional_mean(keys, asked, x), abs=1e-8)


def test_odds_are_those_of_a_chi_square():
    seen = FOUND.predict({"SPY": -0.02, "SMH": -0.06})
    cov = FOUND.between(["SPY", "SMH"], ["SPY", "SMH"])
    square = np.array([-0.02, -0.06]) @ np.linalg.inv(cov) @ np.array([-0.02, -0.06])
    assert seen.distance == pytest.approx(square**0.5, rel=1e-9)
    assert seen.days == pytest.approx(1 / chi2.sf(square, 2), rel=1e-9)


@settings(max_examples=30)
@given(st.floats(0.1, 8), st.lists(st.floats(-1, 1), min_size=len(STOCKS), max_size=len(STOCKS)))
def test_no_day_as_plausible_is_worse_than_the_worst(distance, weights):
    """Over random days x on the ellipsoid x'Σ⁻¹x = d², w·x never falls below −d·√(w'Σw)."""
    worst = FOUND.worst(dict(zip(FOUND.stocks, weights, strict=True)), distance)
    cov = FOUND.between(FOUND.stocks, FOUND.stocks)
    rng = np.random.default_rng(7)
    directions = rng.normal(size=(200, len(cov)))
    directions *= distance / np.linalg.norm(directions, axis=1)[:, None]
    days = directions @ np.linalg.cholesky(cov).T
    assert (days @ np.array(weights)).min() >= worst - 1e-9 or worst == -1.0


def test_a_covariance_has_no_negative_direction():
    everything = list(FOUND.places)
    assert np.linalg.eigvalsh(FOUND.between(everything, everything)).min() > -1e-12


def test_nothing_later_than_as_of_is_looked_at():
    crash = covariance(closes(later=-0.5), LAST)
    assert np.array_equal(crash.betas, FOUND.betas)
    assert np.array_equal(crash.common, FOUND.common)


def test_given_names_are_users_and_the_others_follow():
    scenario = predict(parse_scenario(text("SMH = -0.05\nNVDA = -0.10")), MARKET)
    moves = {p.line.listing: p.move for p in apply(book("NVDA", "MU", "CRM"), scenario).positions}
    assert (moves["NVDA"].shock, moves["NVDA"].provenance) == (-0.10, "user")
    expected = FOUND.predict({"SMH": log(0.95), "NVDA": log(0.9)}).names["MU"]
    assert log1p(moves["MU"].shock) == pytest.approx(expected, abs=1e-12)
    assert (moves["MU"].provenance, moves["MU"].via) == ("modelled", "covariance")


def test_names_of_a_given_segment_are_users_too():
    scenario = predict(parse_scenario(text('"chips.memory" = -0.08')), MARKET)
    move = apply(book("MU"), scenario).positions[0].move
    assert move.shock == pytest.approx(-0.08, abs=1e-12)
    assert move.provenance == "user"


def test_a_name_without_prices_follows_its_sub_segment():
    scenario = predict(parse_scenario(text("SMH = -0.05")), MARKET)
    move = apply(book("PANW"), scenario).positions[0].move
    assert move.shock == pytest.approx(scenario.predicted["software.security"], abs=1e-12)


def test_a_prediction_says_how_unusual_it_is():
    scenario = predict(parse_scenario(text("SPY = -0.03")), MARKET)
    assert any("once in" in i.what for i in scenario.issues)
    known = plausibility(scenario, MARKET, book("NVDA", "CRM"))
    exposures = {"NVDA": 0.5, "CRM": 0.5}
    assert known["worst_return"] == FOUND.worst(exposures, scenario.distance)
    assert known["worst_return"] <= apply(book("NVDA", "CRM"), scenario).total_return + 0.01


def test_hashes_tell_predictions_apart():
    one, two = (parse_scenario(text(t)) for t in ("SMH = -0.05", "SMH = -0.06"))
    assert one.hash != two.hash != predict(two, MARKET).hash
    assert given_logs(one) == {"SMH": log1p(-0.05)}


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ('kind = "predictive"\n[given]\nSMH = -0.05', "needs as_of"),
        ('kind = "predictive"\nas_of = "soon"\n[given]\nSMH = -0.05', "as_of is not a date"),
        ('kind = "predictive"\nas_of = 2025-01-24', "needs moves"),
        (text("SMH = -1.0"), "cannot be given"),
        (text("SMH = nan"), "SMH"),
    ],
)
def test_what_is_missing_or_impossible_is_refused(content, what):
    with pytest.raises(ScenarioError, match=what):
        parse_scenario(content)


def test_a_prediction_without_prices_is_refused_and_not_taken_as_no_move():
    with pytest.raises(ScenarioError, match="no prices"):
        apply(book("NVDA"), parse_scenario(text("SMH = -0.05")))
    with pytest.raises(MissingPrice, match="ZZQQ"):
        predict(parse_scenario(text("ZZQQ = -0.05")), MARKET)
    with pytest.raises(MissingPrice, match="SPY"):
        predict(parse_scenario(text("SMH = -0.05")), from_rows([("SMH", LAST, 1.0, None, None, "USD", None)]))


def test_an_edited_segment_of_a_prediction_moves_its_names():
    """Memory is edited to −30 %: the one name in it makes that move, the name of another segment keeps its own."""
    whole = predict(parse_scenario(text("SMH = -0.05")), MARKET)
    before = {p.line.listing: p.move.shock for p in apply(book("MU", "CRM"), whole).positions}
    varied = vary(whole, [Edit("segments", "chips.memory", -0.3)])
    after = {p.line.listing: p.move.shock for p in apply(book("MU", "CRM"), varied).positions}
    assert after["MU"] == pytest.approx(-0.3)
    assert after["CRM"] == before["CRM"]
    rows = {m.segment: m for m in segment_moves(varied)}
    assert (rows["chips.memory"].move, rows["chips.memory"].source) == (-0.3, "given")
    assert rows["software.applications"].source == "follows"


def test_a_prediction_settled_for_a_book_costs_it_the_same_without_prices():
    held = book("NVDA", "MU", "CRM", "JPM")
    whole = predict(parse_scenario(text("SMH = -0.05\nNVDA = -0.10")), MARKET)
    settled = as_numbers(whole, held, id="mine", title="Mine")
    again = parse_scenario(settled.to_toml())
    assert again.kind == "custom"
    assert apply(held, again).total_return == pytest.approx(apply(held, whole).total_return, abs=1e-12)
