"""Moves of names without a price: the fit against dense algebra, what it must keep, and the coverage of its bands."""

from datetime import date
from math import exp, fsum, inf, log, log1p

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from benchmarks import library as build
from exposure.chain import to_book
from exposure.chain._issuers import issuer_table
from exposure.scenarios import library, load_scenario
from exposure.shock import apply
from exposure.shock._result import bounds
from exposure.spread._cross_section import FACTORS, NAMES_NEEDED, Name, combined, names_digest, quantile_of, scores_of
from exposure.spread._fit import Design, alphas_and_errors, fit_spread
from exposure.spread._observed_day import Day, spread_of
from exposure.types import Holding, Part, Snapshot

DAY = Day(load_scenario("deepseek-2025-01-27"))
REPLAYS = [e.id for e in library() if e.kind == "replay"]


def held(*tickers: str, value: float = 100.0) -> Snapshot:
    lines = (
        Holding(row=n, ticker=t, market_value=value, currency="USD", value_currency="USD")
        for n, t in enumerate(tickers, 2)
    )
    return Snapshot("test.csv", "csv", date(2025, 1, 24), (date(2025, 1, 24),), "USD", tuple(lines))


def test_errors_of_names_left_out_are_those_of_fits_without_them():
    """The closed form `(V⁻¹y)_i / (V⁻¹)_ii` against solving for each name from the others, for one factor."""
    design = Design(DAY.names[:40])
    y, n = design.moves - design.outside, 40
    everyone = np.ones(n, dtype=bool)
    likely, alphas, errors = alphas_and_errors(design, everyone)
    expected = np.zeros(n)
    for weight, factor in zip(likely, FACTORS, strict=True):
        v = factor * design.covariance + np.diag(design.noise**2)
        for i in range(n):
            others = np.arange(n) != i
            foretold = v[i, others] @ np.linalg.solve(v[np.ix_(others, others)], y[others])
            expected[i] += weight * (y[i] - foretold)
    assert errors == pytest.approx(expected, abs=1e-10)
    v = FACTORS[3] * design.covariance + np.diag(design.noise**2)
    assert alphas[3] == pytest.approx(np.linalg.solve(v, y), rel=1e-8)


def test_factors_are_weighed_by_the_density_that_scipy_gives():
    """Profile likelihood: the error's scale at its best, `y'V⁻¹y / n`, for each factor."""
    from scipy.stats import multivariate_normal

    design = Design(DAY.names[:40])
    y = design.moves - design.outside
    likely, _, _ = alphas_and_errors(design, np.ones(40, dtype=bool))
    logs = []
    for factor in FACTORS:
        v = factor * design.covariance + np.diag(design.noise**2)
        logs.append(multivariate_normal(cov=v * (y @ np.linalg.solve(v, y) / 40)).logpdf(y))
    expected = np.exp(np.array(logs) - max(logs))
    assert likely == pytest.approx(expected / expected.sum(), rel=1e-6)


def test_a_days_moves_spread_as_the_best_linear_prediction():
    """For CIEN, whose price was held back: Σ_j cov(CIEN, j)·(V⁻¹y)_j, written out from the variances."""
    entry = issuer_table().of("CIEN")
    scores = scores_of(entry.symbols, date(2025, 1, 24), entry.key, entry.parts)
    new = Name("CIEN", entry.parts, 0.0, 0.01, scores)
    both = Design([*DAY.names, new])
    n = len(DAY.names)
    observed = Design(DAY.names)
    likely, alphas, _ = alphas_and_errors(observed, np.ones(n, dtype=bool))
    shares = fsum(p.weight for p in entry.parts if p.segment == "outside")
    expected = shares * 0.01 + sum(
        w * f * (both.covariance[n, :n] @ a) for w, f, a in zip(likely, FACTORS, alphas, strict=True)
    )
    assert fit_spread(DAY.names).predict(entry.parts, 0.01, scores) == pytest.approx(expected, abs=1e-12)


def test_what_was_not_known_the_evening_before_is_not_used():
    assert scores_of(["NVDA"], date(2024, 7, 16)) is None
    assert scores_of(["NVDA"], date(2025, 1, 24)) is not None
    assert scores_of(["ZZZZ"], date(2025, 1, 24)) is None
    assert all(n.scores is None for n in Day(load_scenario("chips-2024-07-17")).names)


def test_with_few_names_the_plain_means_stand():
    assert spread_of(DAY.names[: NAMES_NEEDED - 1]) is None
    assert spread_of(DAY.names[:NAMES_NEEDED]) is not None


def test_the_order_of_names_changes_nothing():
    forth, back = fit_spread(DAY.names), fit_spread(DAY.names[::-1])
    for segment, effect in forth.effects.items():
        assert effect.move == pytest.approx(back.effects[segment].move, abs=1e-12)
    assert names_digest(DAY.names) == names_digest(DAY.names[::-1])


def test_the_shipped_fits_are_those_of_the_table_and_the_library():
    """After a change of issuers run `python -m benchmarks.library`; an old fit is not used, a new one costs time."""
    from exposure.spread._observed_day import _fitted

    for name in REPLAYS:
        day = Day(load_scenario(name))
        shipped = _fitted(names_digest(day.names))
        assert shipped is not None, "run python -m benchmarks.library"
        now = fit_spread(day.names)
        for segment, effect in now.effects.items():
            assert shipped.effects[segment].move == pytest.approx(effect.move, abs=1e-9)
            assert shipped.effects[segment].scale == pytest.approx(effect.scale, abs=1e-9)
        assert shipped.quantile == pytest.approx(now.quantile, abs=1e-9)
    assert len(build.HEADER) == 12


@pytest.mark.slow
@pytest.mark.parametrize("scenario", REPLAYS)
def test_ninety_per_cent_bands_hold_ninety_per_cent(scenario, anew):
    """Exact binomial test at 5 %, each name's band made by the others alone."""
    inside = anew(Day(load_scenario(scenario)).names).inside
    assert binomtest(sum(inside), len(inside), 0.9).pvalue > 0.05


@pytest.mark.slow
def test_the_spread_beats_the_means_of_sub_segments_on_names_left_out(anew):
    moves = np.array([n.move for n in DAY.names])
    total = ((moves - moves.mean()) ** 2).sum()
    assert 1 - ((moves - anew(DAY.names).predicted) ** 2).sum() / total >= 0.70


@given(st.lists(st.floats(0, 10), min_size=9, max_size=60))
def test_the_quantile_leaves_at_most_a_tenth_of_n_plus_one_above(scores):
    found = quantile_of(scores)
    assert sum(s <= found for s in scores) >= 0.9 * (len(scores) + 1) - 1e-6


def test_eight_errors_tell_no_ninetieth_percentile():
    """⌈9 · 0.9⌉ = 9 > 8, ⌈10 · 0.9⌉ = 9."""
    assert quantile_of([1.0] * 8) == inf
    assert quantile_of([float(n) for n in range(9)]) == 8.0


@given(st.floats(-0.9, 2.0), st.floats(-0.3, 0.3), st.floats(0, 1))
def test_bounds_hold_the_move_and_nothing_falls_below_everything(shock, fx, half):
    low, high = bounds(shock, fx, half)
    total = (1 + shock) * (1 + fx) - 1
    assert -1 <= low <= total + 1e-12 and total - 1e-12 <= high
    assert log1p(high) - log1p(low) == pytest.approx(2 * half, abs=1e-9)


def test_a_half_along_the_chain_is_judged_by_the_chain_and_less_by_both():
    """Share 0.25 is half of the threshold: √((0.5 · 0.08)² + (0.5 · 0.06)²) = 0.05."""
    chain, outside = Part("chips.memory", 0.5), Part("outside", 0.5)
    assert combined((chain, outside), 0.08, 0.06) == 0.08
    assert combined((Part("chips.memory", 0.25), Part("outside", 0.75)), 0.08, 0.06) == pytest.approx(0.05)
    assert combined((Part("outside", 1.0),), None, 0.06) == 0.06
    assert combined((chain, outside), None, 0.06) is None


def test_only_modelled_lines_have_a_band_and_the_total_has_theirs():
    result = apply(to_book(held("NVDA", "CIEN")), load_scenario("deepseek-2025-01-27"))
    own, spread = result.positions
    assert (own.low, own.high) == (None, None)
    assert spread.low < spread.move.total < spread.high
    assert result.band.low == pytest.approx(result.total_return + (spread.low - spread.move.total) / 2, abs=1e-12)
    assert result.band.high == pytest.approx(result.total_return + (spread.high - spread.move.total) / 2, abs=1e-12)
    assert "not the risk of the next event" in result.band.meaning


def test_a_book_of_prices_alone_has_a_band_without_width():
    result = apply(to_book(held("NVDA", "AVGO")), load_scenario("deepseek-2025-01-27"))
    assert result.band.low == result.band.high == result.total_return


def test_errors_of_one_sub_segment_share_the_error_of_its_mean():
    """Two names of equal half-width h, correlation 1/(n + 1): variance 2h²(1 + 1/(n + 1)), hand-worked for n."""
    result = apply(to_book(held("DDOG", "TWLO")), load_scenario("deepseek-2025-01-27"))
    first, second = (p.move.total - p.low for p in result.positions)
    keys = [max(p.line.assignment.parts, key=lambda q: q.weight).segment for p in result.positions]
    counts = DAY.observed_names
    r = 1 / (counts[keys[0]] + 1) if keys[0] == keys[1] else 0.0
    joined = (first**2 + second**2 + 2 * r * first * second) ** 0.5
    assert result.total_return - result.band.low == pytest.approx(joined / 2, rel=1e-9)


def test_the_move_of_a_line_mixes_effects_by_weight():
    entry = issuer_table().of("CIEN")
    line = to_book(held("CIEN")).lines[0]
    move = apply(to_book(held("CIEN")), load_scenario("deepseek-2025-01-27")).positions[0].move
    scores = scores_of(entry.symbols, date(2025, 1, 24), entry.key, entry.parts)
    logs = fsum(
        p.weight * (DAY.spread.effect(p.segment).of(scores) if p.segment != "outside" else DAY.outside_mean)
        for p in line.assignment.parts
    )
    assert move.shock == pytest.approx(exp(logs) - 1, abs=1e-12)
    assert log(1 + move.shock) == pytest.approx(logs, abs=1e-12)
