"""Every figure of a path at once, its months and its rolling windows, against pandas and sums by hand."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.history import _statistics as measures
from exposure.history import figures_of, months_of

returns = st.lists(st.floats(-0.3, 0.4, allow_nan=False), min_size=1, max_size=90)


def path_of(moves: list[float]) -> tuple[np.ndarray, np.ndarray]:
    days = np.arange(np.datetime64("2024-01-15"), np.datetime64("2024-01-15") + len(moves) + 1)
    return days, measures.wealth(np.array(moves))


def test_the_figures_of_a_short_path_by_hand() -> None:
    """100 → 80 → 120 → 90 → 96: deepest −25 % from the third date to the fourth, open; below a peak on the second, the
    fourth and the fifth of five dates; longest stretch from the third date to the end, two sessions."""
    dates = np.array([date(2025, 1, 6) + timedelta(n) for n in range(5)], "datetime64[D]")
    found = figures_of(dates, np.array([100.0, 80, 120, 90, 96]))
    assert (found.max_drawdown, found.current_drawdown) == (pytest.approx(-0.25), pytest.approx(-0.2))
    assert (found.peak, found.trough, found.recovered) == (date(2025, 1, 8), date(2025, 1, 9), None)
    assert (found.days_down, found.days_to_recover, found.longest_underwater) == (1, None, 2)
    assert found.underwater_share == pytest.approx(0.6) and found.total_return == pytest.approx(-0.04)
    assert found.yearly_return is None and found.expected_drawdown is None


def test_a_path_that_never_falls_has_no_peak_and_no_calmar() -> None:
    found = figures_of(*path_of([0.01] * 300))
    assert (found.max_drawdown, found.peak, found.days_down, found.longest_underwater) == (0.0, None, None, 0)
    assert found.calmar is None
    assert found.yearly_return == pytest.approx(1.01**252 - 1) and found.volatility == pytest.approx(0, abs=1e-9)


@given(returns)
def test_the_figures_are_those_of_each_measure_by_itself(moves: list[float]) -> None:
    dates, path = path_of(moves)
    found = figures_of(dates, path)
    for name in ("max_drawdown", "ulcer_index", "pain_index", "underwater_share"):
        assert getattr(found, name) == pytest.approx(float(getattr(measures, name)(path)))
    series = pd.Series(path)
    assert found.max_drawdown == pytest.approx(float(min((series / series.cummax() - 1).min(), 0)), abs=1e-11)
    if len(moves) > 1:
        assert found.volatility == pytest.approx(float(series.pct_change().std() * 252**0.5), rel=1e-9, abs=1e-12)
    assert not [f.name for f in fields(found) if isinstance(v := getattr(found, f.name), float) and v != v]


@given(returns)
def test_the_months_compound_to_the_whole_and_hold_the_deepest(moves: list[float]) -> None:
    dates, path = path_of(moves)
    months = months_of(dates, path)
    assert np.prod([1 + m.total_return for m in months]) == pytest.approx(path[-1] / path[0])
    assert min(m.lowest for m in months) == pytest.approx(float(measures.max_drawdown(path)))
    assert sum(m.days for m in months) == len(moves)
    by_pandas = pd.Series(path[1:], index=pd.DatetimeIndex(dates[1:])).resample("ME").last()
    moved = by_pandas.div(by_pandas.shift(fill_value=path[0])) - 1
    assert [(m.year, m.month) for m in months] == [(d.year, d.month) for d in by_pandas.index]
    assert [m.total_return for m in months] == pytest.approx(moved.tolist())


@given(returns, st.integers(2, 20))
def test_rolling_windows_are_those_of_pandas(moves: list[float], window: int) -> None:
    _, path = path_of(moves)
    series = pd.Series(path)
    assert measures.rolling_return(path, window) == pytest.approx(series.pct_change(window).dropna().to_numpy())
    ours = measures.rolling_volatility(path, window)
    theirs = (series.pct_change().rolling(window).std() * 252**0.5).dropna().to_numpy()
    assert ours == pytest.approx(theirs, rel=1e-6, abs=1e-6)
    assert len(ours) == len(measures.rolling_max_drawdown(path, window)) == max(len(path) - window, 0)


def test_a_base_alone_has_no_month() -> None:
    assert months_of(np.array(["2025-01-02"], "datetime64[D]"), np.ones(1)) == ()
