"""Drawdown statistics against other people's code, definitions written out, and what must hold of any path."""

from __future__ import annotations

import doctest
import importlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.history._statistics import (
    cdar,
    max_drawdown,
    pain_index,
    spells,
    ulcer_index,
    underwater,
    underwater_share,
    wealth,
    yearly_growth,
)

returns = st.lists(st.floats(-0.5, 0.5), min_size=1, max_size=60).map(np.array)


def path(*levels: float) -> np.ndarray:
    return np.array(levels)


# By hand


def test_the_worked_numbers_of_the_docstrings_hold() -> None:
    outcome = doctest.testmod(importlib.import_module("exposure.history._statistics"))
    assert outcome.attempted >= 5 and outcome.failed == 0


def test_a_loss_on_the_first_day_counts() -> None:
    """Base 1, then −10 % and +5 %: 0.9, 0.945. The depth is −10 %, not 0."""
    levels = wealth(path(-0.10, 0.05))
    assert levels.tolist() == [1.0, 0.9, pytest.approx(0.945)]
    assert max_drawdown(levels) == pytest.approx(-0.10)
    (fall,) = spells(levels)
    assert (fall.peak, fall.trough, fall.recovered) == (0, 1, None)


def test_each_fall_has_its_dates_and_the_open_one_has_no_end() -> None:
    """100 → 120 → 90 (−25 %) → 110 → 120 back → 130 → 117 (−10 %) → 104 (−20 %) → 125 still below 130."""
    levels = path(100, 120, 90, 110, 120, 130, 117, 104, 125)
    first, second = spells(levels)
    assert (first.peak, first.trough, first.recovered, first.depth) == (1, 2, 4, pytest.approx(-0.25))
    assert (second.peak, second.trough, second.recovered, second.depth) == (5, 7, None, pytest.approx(-0.20))
    assert underwater_share(levels) == pytest.approx(5 / 9)
    assert underwater(levels)[-1] == pytest.approx(125 / 130 - 1)


def test_the_peak_is_the_last_date_at_the_highest_level_and_the_trough_the_first_at_the_lowest() -> None:
    (fall,) = spells(path(1, 2, 2, 1, 1, 2))
    assert (fall.peak, fall.trough, fall.recovered) == (2, 3, 5)


def test_a_path_that_never_falls_has_no_fall() -> None:
    levels = path(1, 1, 2, 3)
    assert spells(levels) == [] and max_drawdown(levels) == 0 and ulcer_index(levels) == 0 and cdar(levels) == 0
    assert not np.signbit(underwater(levels)).any()


def test_coming_back_by_the_inverse_return_is_recovery_in_spite_of_rounding() -> None:
    for fall in np.linspace(0.01, 0.9, 200):
        (spell,) = spells(wealth(path(-fall, 1 / (1 - fall) - 1)))
        assert spell.recovered == 2


# By definition, written out


def naive_drawdowns(levels: np.ndarray) -> list[float]:
    return [x / max(levels[: i + 1]) - 1 for i, x in enumerate(levels.tolist())]


def naive_cdar(levels: np.ndarray, level: float) -> float:
    """Chekhlov, Uryasev and Zabarankin (2005), in the form of Rockafellar and Uryasev: the minimum over a threshold z
    of z + Σ max(d − z, 0) / ((1 − level)·n), for drawdowns d as positive numbers; it is attained at one of the d."""
    sizes = [-d for d in naive_drawdowns(levels)]
    return -min(z + sum(max(d - z, 0) for d in sizes) / ((1 - level) * len(sizes)) for z in sizes)


@given(returns)
def test_the_ulcer_index_is_the_root_mean_square_of_drawdowns(moves: np.ndarray) -> None:
    """Martin and McCann, The Investor's Guide to Fidelity Funds (1989): sqrt(Σ R² / n), R the fall from the high."""
    levels = wealth(moves)
    squares = [d * d for d in naive_drawdowns(levels)]
    assert ulcer_index(levels) == pytest.approx(math.sqrt(sum(squares) / len(squares)), abs=1e-12)
    assert pain_index(levels) == pytest.approx(-sum(naive_drawdowns(levels)) / len(levels), abs=1e-12)


@given(returns, st.sampled_from([0.5, 0.8, 0.9, 0.95]))
def test_conditional_drawdown_is_the_optimum_that_defines_it(moves: np.ndarray, level: float) -> None:
    levels = wealth(moves)
    assert cdar(levels, level) == pytest.approx(naive_cdar(levels, level), abs=1e-9)


# By other people's code


@given(returns)
def test_the_deepest_drawdown_is_that_of_empyrical(moves: np.ndarray) -> None:
    import empyrical

    assert max_drawdown(wealth(moves)) == pytest.approx(empyrical.max_drawdown(moves), abs=1e-12)


# Of any path


@given(returns)
def test_depths_are_losses_and_order_the_statistics(moves: np.ndarray) -> None:
    levels = wealth(moves)
    deepest, mean = max_drawdown(levels), -pain_index(levels)
    assert -1 < deepest <= cdar(levels) + 1e-12 and cdar(levels) <= mean + 1e-12 and mean <= 1e-12
    assert 0 <= pain_index(levels) <= ulcer_index(levels) + 1e-12 <= -deepest + 2e-12


@given(returns, st.floats(1e-3, 1e6))
def test_the_scale_of_wealth_does_not_matter(moves: np.ndarray, scale: float) -> None:
    levels = wealth(moves)
    assert underwater(scale * levels) == pytest.approx(underwater(levels), abs=2e-12)


@given(returns)
def test_falls_part_the_days_under_water(moves: np.ndarray) -> None:
    levels = wealth(moves)
    depth, falls = underwater(levels), spells(levels)
    days = [d for f in falls for d in range(f.peak + 1, len(levels) if f.recovered is None else f.recovered)]
    assert days == np.flatnonzero(depth < 0).tolist()
    assert min((f.depth for f in falls), default=0.0) == max_drawdown(levels)
    assert all(f.recovered is not None for f in falls[:-1])
    for f in falls:
        assert f.peak < f.trough and depth[f.peak] == 0 and f.depth == depth[f.trough] < 0
        if f.recovered is not None:
            assert f.trough < f.recovered and levels[f.recovered] >= levels[f.peak] * (1 - 1e-11)


@given(st.lists(st.lists(st.floats(-0.5, 0.5), min_size=7, max_size=7), min_size=1, max_size=5).map(np.array))
def test_many_paths_at_once_are_the_paths_one_by_one(moves: np.ndarray) -> None:
    levels = wealth(moves)
    for measure in (max_drawdown, underwater_share, ulcer_index, pain_index, cdar):
        assert measure(levels).tolist() == [pytest.approx(float(measure(row)), abs=1e-14) for row in levels]


def test_a_path_that_ends_below_nothing_has_no_yearly_return() -> None:
    """A book short of more than it holds can lose more than it was worth: 1, 0.4, −0.2. Warnings are errors here."""
    assert math.isnan(yearly_growth(path(1.0, 0.4, -0.2)))
    assert yearly_growth(path(1.0, 1.1, 1.21), periods=1) == pytest.approx(0.1)
