"""Drawdown statistics of a wealth path: pure functions, arrays in, numbers out.

A wealth path is an array of positive levels whose last axis is time and whose first level is the base, the value
*before* the first return: so a loss on the first day counts. With more axes in front each statistic is taken path by
path. Nothing is missing in a path; NaN in it gives NaN.

Libraries differ in what they count; the choices here are the same throughout:

- the base is given and is one of the dates, at a drawdown of 0: its level was observed. empyrical-reloaded and skfolio
  start from 1 too, yet average over the returns alone, one date fewer; quantstats guesses the base from the shape of
  its input. Given the same drawdowns, base included, all three agree with this module;
- returns compound. skfolio's `get_drawdowns` adds them up unless `compounded=True`;
- depths are negative, indices of pain positive: skfolio gives every measure as a positive number, quantstats and
  empyrical give the maximum as a negative one.

Every figure of one path at once, to be set beside another’s: depth, length, pain, and what was paid for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from exposure.prices import Days

Floats = NDArray[np.float64]

ROUNDING = 1e-12
"""A level this close below its peak has not fallen: a path that comes back to its peak does so within rounding only."""


YEAR = 252
"""Sessions of a year."""


@dataclass(frozen=True, slots=True)
class Spell:
    """One fall below a peak, by positions in the path; `recovered` is None while the peak is not reached again."""

    peak: int
    trough: int
    recovered: int | None
    depth: float
    """Level at the trough over the level at the peak, minus 1; negative."""


def wealth(returns: Floats) -> Floats:
    """Compound returns (fractions, last axis time) from a base of 1, which stands first.

    >>> wealth(np.array([-0.5, 1.0])).tolist()
    [1.0, 0.5, 1.0]
    """
    growth = np.cumprod(1.0 + np.asarray(returns, float), axis=-1)
    return np.concatenate([np.ones((*growth.shape[:-1], 1)), growth], axis=-1)


def underwater(path: Floats) -> Floats:
    """Give the drawdown at each date: level over the highest level so far, minus 1; 0 at a peak, else negative.

    >>> underwater(np.array([1.0, 0.8, 1.2, 0.9])).round(4).tolist()
    [0.0, -0.2, 0.0, -0.25]
    """
    depth: Floats = path / np.maximum.accumulate(path, axis=-1) - 1.0
    return np.where(depth > -ROUNDING, 0.0, depth)


def max_drawdown(path: Floats) -> Any:
    """Give the deepest drawdown, a fraction below or equal to 0.

    >>> float(max_drawdown(np.array([1.0, 0.8, 1.2, 0.9])).round(4))
    -0.25
    """
    return underwater(path).min(axis=-1)


def rolling_max_drawdown(path: Floats, window: int = YEAR) -> Floats:
    """Give the deepest drawdown within each window of `window` returns, peaks before the window forgotten.

    The windows end at each date from the `window`-th return on, so T levels give T − window values. This is
    empyrical-reloaded's `roll_max_drawdown`; pandas' rolling maximum of the whole path's drawdown is not, since it
    measures from peaks that lie before the window.

    >>> rolling_max_drawdown(np.array([1.0, 0.8, 1.2, 0.9]), 2).round(4).tolist()
    [-0.2, -0.25]

    Raises
    ------
    ValueError
        The window is shorter than one return.

    Notes
    -----
    A window is the tail of one block of `window` + 1 levels and the head of the next (van Herk 1992): its deepest fall
    lies in the tail, in the head, or goes from the tail's highest level to the head's lowest. So the work does not
    grow with the window.
    """
    if window < 1:
        raise ValueError(f"a window of {window} returns holds no fall; give 1 or more")
    path = np.asarray(path, float)
    size, n = window + 1, path.shape[-1]
    if n < size:
        return np.empty((*path.shape[:-1], 0))
    blocks = -(-n // size)
    padding = [(0, 0)] * (path.ndim - 1) + [(0, blocks * size - n)]
    block = np.pad(path, padding, mode="edge").reshape(*path.shape[:-1], blocks, size)
    lowest = np.minimum.accumulate(block, axis=-1)
    in_head = np.minimum.accumulate(block / np.maximum.accumulate(block, axis=-1), axis=-1)
    backwards = block[..., ::-1]
    highest = np.maximum.accumulate(backwards, axis=-1)[..., ::-1]
    in_tail = np.minimum.accumulate(np.minimum.accumulate(backwards, axis=-1) / backwards, axis=-1)[..., ::-1]
    flat = (*path.shape[:-1], blocks * size)
    tail, top = in_tail.reshape(flat)[..., : n - window], highest.reshape(flat)[..., : n - window]
    head, bottom = in_head.reshape(flat)[..., window:n], lowest.reshape(flat)[..., window:n]
    across = bottom / top
    across[..., ::size] = 1.0  # a window that is a block by itself has no other to go to
    depth: Floats = np.minimum(np.minimum(tail, head), across) - 1.0
    return np.where(depth > -ROUNDING, 0.0, depth)


def rolling_return(path: Floats, window: int = YEAR) -> Floats:
    """Give the return over each window of `window` returns; the windows are those of `rolling_max_drawdown`.

    >>> rolling_return(np.array([1.0, 0.8, 1.2, 0.9]), 2).round(4).tolist()
    [0.2, 0.125]
    """
    path = np.asarray(path, float)
    ends: Floats = path[..., window:] / path[..., : max(path.shape[-1] - window, 0)] - 1.0
    return ends


def rolling_volatility(path: Floats, window: int = YEAR, periods: int = YEAR) -> Floats:
    """Give the yearly volatility within each window: the sample deviation of its simple returns times √`periods`.

    NaN where a window holds a single return.

    >>> rolling_volatility(np.array([1.0, 1.1, 0.99, 1.089]), 2, periods=1).round(4).tolist()
    [0.1414, 0.1414]
    """
    path = np.asarray(path, float)
    if path.shape[-1] <= window or window < 2:
        return np.full((*path.shape[:-1], max(path.shape[-1] - window, 0)), np.nan)
    returns = path[..., 1:] / path[..., :-1] - 1.0
    each = np.lib.stride_tricks.sliding_window_view(returns, window, axis=-1)
    deviation: Floats = each.std(axis=-1, ddof=1) * np.sqrt(periods)
    return deviation


def expected_drawdown(path: Floats, window: int = YEAR) -> Any:
    """Give the mean of the deepest drawdowns over all windows of a year (`window` returns), a loss; NaN if none fits.

    The expected maximum drawdown over a horizon of Magdon-Ismail and Atiya (2004, "Maximum drawdown", Risk 17), taken
    from the path's own rolling windows as Goldberg and Mahmoud (2017) do. What skfolio calls average drawdown and
    other books expected drawdown, the mean over dates, is the pain index here; the mean over episodes is neither.
    """
    each = rolling_max_drawdown(path, window)
    return each.mean(axis=-1) if each.shape[-1] else np.full(each.shape[:-1], np.nan)[()]


def calmar(path: Floats, periods: int = YEAR) -> Any:
    """Give the yearly compound return over the deepest drawdown's size; NaN where the path never falls.

    Over the whole path, with years of `periods` returns, as empyrical-reloaded and quantstats do; Young's own (1991)
    looks at the last 36 months alone.

    >>> float(calmar(np.array([1.0, 0.8, 1.2]), periods=2).round(4))  # 20 % a year over 20 %
    1.0
    """
    deepest = max_drawdown(path)
    return (yearly_growth(path, periods) / np.where(deepest < 0, -deepest, np.nan))[()]


def yearly_growth(path: Floats, periods: int = YEAR) -> Any:
    """Give the yearly compound return of a path, a fraction; NaN where it has no return.

    >>> float(yearly_growth(np.array([1.0, 1.1, 1.21]), periods=1).round(4))
    0.1
    """
    path = np.asarray(path, float)
    years = (path.shape[-1] - 1) / periods
    grown = path[..., -1] / path[..., 0]
    grown = np.where(grown >= 0, grown, np.nan)[()]  # a book with shorts may end below nothing
    with np.errstate(over="ignore"):
        return grown ** (1.0 / years) - 1.0 if years else np.full(path.shape[:-1], np.nan)[()]


def underwater_share(path: Floats) -> Any:
    """Give the share of dates below an earlier peak, the base date counted among the dates."""
    return (underwater(path) < 0).mean(axis=-1)


def ulcer_index(path: Floats) -> Any:
    """Give the root of the mean squared drawdown over all dates, a positive fraction (Martin and McCann 1989).

    quantstats divides by one date less than it has, so its figure is √(n / (n − 1)) times this one over n dates.

    >>> float(ulcer_index(np.array([1.0, 0.8, 1.2, 0.9])).round(4))  # sqrt((0.2² + 0.25²) / 4)
    0.1601
    """
    return np.sqrt(np.mean(underwater(path) ** 2, axis=-1))


def pain_index(path: Floats) -> Any:
    """Give the mean drawdown over all dates with its sign turned: a positive fraction, as the ulcer index is.

    skfolio's `average_drawdown`; pain index in Becker (2006).
    """
    return -underwater(path).mean(axis=-1)


def cdar(path: Floats, level: float = 0.95) -> Any:
    """Give the conditional drawdown at risk: the mean of the worst `1 − level` of drawdowns, a loss.

    Convention of Chekhlov, Uryasev and Zabarankin (2005): of n dates exactly `(1 − level)·n` are averaged, the last of
    them by its fraction; where that is less than one date, it is the deepest drawdown. skfolio does the same;
    quantstats and empyrical have no conditional drawdown (their `cvar` is that of returns).

    >>> float(cdar(np.array([1.0, 0.8, 1.2, 0.9]), level=0.625).round(4))  # (0.25 + 0.5 · 0.2) / 1.5
    -0.2333
    """
    depth = underwater(path)
    worst = (1.0 - level) * depth.shape[-1]
    whole = int(worst)
    depth = np.sort(np.partition(depth, whole, axis=-1)[..., : whole + 1], axis=-1)
    if worst <= 1.0:
        return depth[..., 0]
    return (depth[..., :whole].sum(axis=-1) + (worst - whole) * depth[..., whole]) / worst


def spells(path: Floats) -> list[Spell]:
    """List the falls of one path (1-D) in order of time: from the last date at the peak to the first back at it."""
    depth = underwater(path)
    below = np.concatenate([[False], depth < 0, [False]])
    begins, ends = np.flatnonzero(~below[:-1] & below[1:]), np.flatnonzero(below[:-1] & ~below[1:])
    found = []
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        trough = begin + int(depth[begin:end].argmin())
        found.append(Spell(begin - 1, trough, end if end < len(path) else None, float(depth[trough])))
    return found


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a path; fractions, losses negative, lengths in sessions; None where there is nothing to tell."""

    start: date
    end: date
    days: int
    total_return: float
    yearly_return: float | None
    """Compound, by years of 252 sessions; None where the path is shorter than one, for it would be a forecast."""
    volatility: float | None
    """Yearly, from simple returns of sessions."""
    max_drawdown: float
    peak: date | None
    trough: date | None
    recovered: date | None
    days_down: int | None
    days_to_recover: int | None
    current_drawdown: float
    underwater_share: float
    longest_underwater: int
    """Sessions of the longest stretch below one peak, an open one counted to the end."""
    ulcer_index: float
    pain_index: float
    cdar_95: float
    expected_drawdown: float | None
    calmar: float | None


class Month(NamedTuple):
    """One month of a path: its return, and how far below the highest level so far its lowest session stood."""

    year: int
    month: int
    total_return: float
    lowest: float
    days: int
    """Sessions, the base not among them."""


def figures_of(dates: Days, path: Floats) -> Figures:
    """Take every figure of a path.

    Parameters
    ----------
    dates : T session dates, the base among them
    path : T levels, the base first; positive
    """
    days: list[date] = dates.tolist()
    falls, below = spells(path), underwater(path)
    worst = min(falls, key=lambda fall: fall.depth, default=None)
    back = worst.recovered if worst else None
    returns, years = path[1:] / path[:-1] - 1.0, (len(path) - 1) / YEAR
    grown = float(path[-1] / path[0])
    return Figures(
        start=days[0],
        end=days[-1],
        days=len(days),
        total_return=grown - 1.0,
        yearly_return=grown ** (1.0 / years) - 1.0 if years >= 1.0 and grown >= 0 else None,
        volatility=float(returns.std(ddof=1) * np.sqrt(YEAR)) if len(returns) > 1 else None,
        max_drawdown=float(below.min()),
        peak=days[worst.peak] if worst else None,
        trough=days[worst.trough] if worst else None,
        recovered=None if back is None else days[back],
        days_down=worst.trough - worst.peak if worst else None,
        days_to_recover=back - worst.trough if worst and back is not None else None,
        current_drawdown=float(below[-1]),
        underwater_share=float((below < 0).mean()),
        longest_underwater=max((_length(fall, len(path)) for fall in falls), default=0),
        ulcer_index=float(ulcer_index(path)),
        pain_index=float(pain_index(path)),
        cdar_95=float(cdar(path, 0.95)),
        expected_drawdown=_known(expected_drawdown(path)),
        calmar=_known(calmar(path)),
    )


def _length(fall: Spell, sessions: int) -> int:
    return (sessions - 1 if fall.recovered is None else fall.recovered) - fall.peak


def _known(value: float) -> float | None:
    return float(value) if value == value else None


def months_of(dates: Days, path: Floats) -> tuple[Month, ...]:
    """Cut a path by calendar months, in order; the first and the last may be parts of one.

    A month's return is its last level over the last one before it (in the first month over the base), so the months
    compound to the whole.
    """
    if len(path) < 2:
        return ()
    below, month = underwater(path), dates[1:].astype("datetime64[M]")
    begins = np.concatenate([[0], np.flatnonzero(month[1:] != month[:-1]) + 1, [len(month)]])
    out = []
    for first, last in zip(begins[:-1].tolist(), begins[1:].tolist(), strict=True):
        year, of_year = divmod(int(month[first].astype(int)), 12)
        move = float(path[last] / path[first] - 1.0)
        out.append(Month(1970 + year, of_year + 1, move, float(below[first + 1 : last + 1].min()), last - first))
    return tuple(out)
