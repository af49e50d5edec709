"""Every statistic against other people's code, on real series and on made-up ones, within 1e-12."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exposure.history._many import summarise_paths
from exposure.history._statistics import (
    calmar,
    cdar,
    expected_drawdown,
    max_drawdown,
    pain_index,
    rolling_max_drawdown,
    spells,
    ulcer_index,
    underwater,
    underwater_share,
    wealth,
)
from exposure.prices._market import Market

NAMES = ("NVDA", "SMH", "SPY", "ASML.AS", "000660.KS", "8035.T", "^VIX")
SAME = {"abs": 1e-12, "rel": 0}


@pytest.fixture(scope="module")
def libraries() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import empyrical
        import quantstats.stats
        import skfolio.measures
    return empyrical, quantstats.stats, skfolio.measures


@pytest.fixture(scope="session")
def closes(daily_closes: Market) -> Market:
    return daily_closes


def check(moves: np.ndarray, libraries: Any) -> None:
    """Compare each statistic with each library that defines the same thing."""
    import pandas as pd

    empyrical, quantstats, skfolio = libraries
    path = wealth(moves)
    # skfolio has no base date: the return of 0 before the first one stands for it.
    depth = skfolio.get_drawdowns(np.concatenate([[0.0], moves]), compounded=True)
    assert underwater(path) == pytest.approx(depth, **SAME)
    assert max_drawdown(path) == pytest.approx(-skfolio.max_drawdown(depth), **SAME)
    assert max_drawdown(path) == pytest.approx(empyrical.max_drawdown(moves), **SAME)
    assert ulcer_index(path) == pytest.approx(skfolio.ulcer_index(depth), **SAME)
    assert pain_index(path) == pytest.approx(skfolio.average_drawdown(depth), **SAME)
    for level in (0.9, 0.95):
        assert cdar(path, level) == pytest.approx(-skfolio.cdar(depth, beta=level), **SAME)
    if len(moves) >= 30:
        rolled = empyrical.roll_max_drawdown(pd.Series(moves), window=20)
        assert rolling_max_drawdown(path, 20) == pytest.approx(rolled.to_numpy(), **SAME)
        assert expected_drawdown(path, 20) == pytest.approx(float(rolled.mean()), **SAME)
    if max_drawdown(path) < 0:
        # Over a fall next to nothing the ratio magnifies the last digit of it: the growth it stands for is compared.
        depth_of = abs(float(max_drawdown(path)))
        ours, theirs = float(calmar(path)) * depth_of, float(empyrical.calmar_ratio(moves)) * depth_of
        rounding = 1e-15 * abs(theirs) / depth_of
        assert ours == pytest.approx(theirs, abs=1e-12 * max(1.0, abs(theirs)) + rounding, rel=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dated = pd.Series(path, index=pd.bdate_range("2020-01-01", periods=len(path)))
        # quantstats takes levels above 1 for prices; its base is then the first of them.
        assert max_drawdown(path) == pytest.approx(quantstats.max_drawdown(1000 * dated), **SAME)
        # It divides by one date less than it has.
        its_ulcer = float(quantstats.ulcer_index(1000 * dated))
        assert ulcer_index(path) == pytest.approx(its_ulcer * ((len(path) - 1) / len(path)) ** 0.5, **SAME)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_statistics_of_real_series_are_those_of_the_libraries(name: str, closes: Market, libraries: Any) -> None:
    price = closes.series[name].returns_price
    check(price[1:] / price[:-1] - 1.0, libraries)


@settings(max_examples=40)
@given(moves=st.lists(st.floats(-0.4, 0.4), min_size=2, max_size=80).map(np.array))
def test_statistics_of_made_up_series_are_those_of_the_libraries(moves: np.ndarray, libraries: Any) -> None:
    check(moves, libraries)


def test_episodes_of_a_real_series_are_those_of_quantstats(closes: Market, libraries: Any) -> None:
    """Its `start` is the first day under water, its `end` the last one: ours are the peak before and the day back."""
    import pandas as pd

    series = closes.series["NVDA"]
    path = series.returns_price / series.returns_price[0]
    depth = pd.Series(underwater(path), index=pd.DatetimeIndex(series.dates))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = libraries[1].drawdown_details(depth).set_index("start")
    ours = [f for f in spells(path) if f.depth < -0.05]
    assert len(ours) > 10
    for fall in ours:
        its = theirs.loc[str(series.dates[fall.peak + 1])]
        assert its["valley"] == str(series.dates[fall.trough]) or str(its["valley"])[:10] == str(
            series.dates[fall.trough]
        )
        assert its["max drawdown"] / 100 == pytest.approx(fall.depth, abs=1e-12)
        if fall.recovered is not None:
            assert its["end"] == str(series.dates[fall.recovered - 1])


# Many at once


def same_figures(paths: np.ndarray, compiled: bool) -> None:
    found = summarise_paths(paths, window=20, compiled=compiled)
    measures = {
        "max_drawdown": max_drawdown,
        "underwater_share": underwater_share,
        "ulcer_index": ulcer_index,
        "pain_index": pain_index,
        "cdar": cdar,
    }
    for name, measure in measures.items():
        assert getattr(found, name) == pytest.approx(np.asarray(measure(paths)), **SAME), name
    assert found.current_drawdown == pytest.approx(underwater(paths)[:, -1], **SAME)
    assert found.expected_drawdown == pytest.approx(expected_drawdown(paths, 20), **SAME, nan_ok=True)
    assert found.calmar * -found.max_drawdown == pytest.approx(calmar(paths) * -max_drawdown(paths), nan_ok=True)
    for k, path in enumerate(paths):
        fall = min(spells(path), key=lambda f: f.depth, default=None)
        dates = (found.peak[k], found.trough[k], found.recovered[k])
        # Two falls of one depth, to the last digits, may change places.
        if fall is None or sum(f.depth < fall.depth + 1e-12 for f in spells(path)) == 1:
            back = -1 if fall is None or fall.recovered is None else fall.recovered
            assert dates == ((0, 0, -1) if fall is None else (fall.peak, fall.trough, back))
            assert found.days_down[k] == dates[1] - dates[0]
            assert found.days_to_recover[k] == (dates[2] - dates[1] if dates[2] >= 0 else -1)


paths = st.integers(1, 60).flatmap(
    lambda t: st.lists(st.lists(st.floats(-0.5, 0.5), min_size=t, max_size=t), min_size=1, max_size=4)
)


@pytest.mark.slow
@pytest.mark.parametrize("compiled", [False, True])
@settings(max_examples=60)
@given(moves=paths)
def test_many_at_once_are_the_same_figures_as_one_by_one(compiled: bool, moves: list[list[float]]) -> None:
    same_figures(wealth(np.array(moves)), compiled)


@pytest.mark.parametrize("compiled", [False, True])
def test_long_flat_and_repeated_paths_give_the_same_figures(compiled: bool) -> None:
    """Random walks of ten years, one that never falls, one whose depths are all alike, one that steps."""
    rng = np.random.default_rng(3)
    walks = wealth(rng.normal(0, 0.02, (70, 2519)))
    odd = np.ones((3, 2520))
    odd[0] = np.arange(2520) + 1.0
    odd[1, 1:] = 0.8
    odd[2] = np.where(np.arange(2520) % 7, 0.9, 1.0)
    same_figures(np.concatenate([walks, odd]), compiled)
    in_years, without = (summarise_paths(walks, window=window, compiled=compiled) for window in (252, None))
    assert in_years.expected_drawdown == pytest.approx(expected_drawdown(walks), **SAME)
    assert np.isnan(without.expected_drawdown).all() and (without.cdar == in_years.cdar).all()


@pytest.mark.parametrize("compiled", [False, True])
def test_a_path_with_a_gap_has_no_figures_and_spoils_no_other(compiled: bool) -> None:
    found = summarise_paths(np.array([[1.0, np.nan, 0.5], [1.0, 0.5, 1.0]]), compiled=compiled)
    assert np.isnan(found.max_drawdown[0]) and np.isnan(found.ulcer_index[0])
    assert (found.max_drawdown[1], found.trough[1], found.recovered[1]) == (-0.5, 1, 2)


def test_without_numba_the_figures_come_from_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "exposure.history._kernel", None)
    assert summarise_paths(np.array([[1.0, 0.5, 1.0]]), compiled=True).max_drawdown.tolist() == [-0.5]
