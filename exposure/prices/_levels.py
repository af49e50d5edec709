"""At which level the prices of a series stand: units by their labels, splits as stated, and what neither explains.

The order is the rule: a label settles its own row, then a stated split is applied, and only then is anyone asked
whether a jump is a fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from exposure.units import SUCCESSORS, currency_of, factor

Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]

BEYOND = 20.0
"""A move beyond ×20 or under ÷20 from one price to the next is asked what explains it."""
UNITS = (100.0, 1_000.0, 10_000.0, 1_000_000.0)
"""What a change of unit multiplies prices by: pence, fils, and currencies that lost their zeros."""
OWN_MOVE = 1.4
"""How far the day's own move may take a change of unit from its factor."""
SPLIT = 1.5
"""The smallest split (3 to 2) that is told from a jump of `close` alone."""
NEAR = 0.005
"""How near to a ratio of whole numbers that jump has to be: dividends of the day make the difference."""
AROUND = 2
"""Sessions around a stated split on which its jump is looked for: some sources state the day before or after."""
REVERTED = 10
"""Sessions within which a jump of `close` alone that is taken back is a wrong print and no split."""


def jumps(dates: Days, price: Floats, day: date, ratio: float) -> bool | None:
    """Tell whether prices fall by a split, as traded; if not, their past is adjusted for it already.

    None where no price stands on one of its sides: then nothing shows it.
    """
    at = int(np.searchsorted(dates, np.datetime64(day, "D")))
    known = np.flatnonzero(np.isfinite(price))
    after = int(np.searchsorted(known, at))
    if not 0 < after < len(known):
        return None
    move = float(np.log(price[known[after]] / price[known[after - 1]]))
    return abs(move + float(np.log(ratio))) < abs(move)


def free_of_splits(
    dates: Days, close: Floats, adjusted: Floats | None, splits: Iterable[tuple[date, float]]
) -> tuple[Floats, Floats | None]:
    """Give closes and adjusted closes without the jumps of known splits; what does not jump is left as it is."""
    for day, ratio in splits:
        before = dates < np.datetime64(day, "D")
        if not jumps(dates, close, day, ratio):
            continue
        if adjusted is not None and _alike(dates, close, adjusted, day, ratio):
            adjusted = np.where(before, adjusted / ratio, adjusted)
        close = np.where(before, close / ratio, close)
    return close, adjusted


def _alike(dates: Days, close: Floats, adjusted: Floats, day: date, ratio: float) -> bool:
    """Tell that adjusted closes move as `close` does at a split, and so were not adjusted for it."""
    at = int(np.searchsorted(dates, np.datetime64(day, "D")))
    known = np.flatnonzero(np.isfinite(adjusted))
    after = int(np.searchsorted(known, at))
    if not 0 < after < len(known):
        return False
    a, b = known[after - 1], known[after]
    apart = np.log(close[b] / close[a]) - np.log(adjusted[b] / adjusted[a])
    return bool(abs(apart) < abs(np.log(ratio)) / 2)


def splits_of(
    dates: Days, close: Floats, adjusted: Floats, stated: Mapping[date, float]
) -> tuple[tuple[date, float], ...]:
    """Give the splits that a source states, and those that `close` shows by a jump that `adj_close` has not.

    A stated split stands on its day, or on the session beside it on which the prices fall by it. A jump of `close`
    alone is a split where it is a ratio of small whole numbers within half a hundredth of it and at least 3 to 2: below
    that a special dividend looks the same.
    """
    found: dict[date, float] = {}
    for day, ratio in sorted(stated.items()):
        placed = _placed(dates, close, day, ratio)
        beside = any(abs((placed - d).days) <= 2 * AROUND and r == ratio for d, r in found.items())
        if not beside or (placed not in found and jumps(dates, close, placed, ratio)):  # else it is stated twice
            found[placed] = ratio
    shown = _shown(close, adjusted)
    for i, ratio in shown.items():
        day = dates[i].item()
        if not any(abs((day - d).days) <= 2 * AROUND for d in found):
            found[day] = ratio
    return tuple(sorted(found.items()))


def _placed(dates: Days, close: Floats, day: date, ratio: float) -> date:
    """Give the session whose price falls by a split: the stated day's, else one beside it, else the stated day."""
    size = abs(float(np.log(ratio)))
    if jumps(dates, close, day, ratio) or size < np.log(SPLIT):
        return day
    at = int(np.searchsorted(dates, np.datetime64(day, "D")))
    for k in sorted(range(at - AROUND, at + AROUND + 1), key=lambda k: abs(k - at)):
        if 0 < k < len(close) and abs(float(np.log(close[k] / close[k - 1])) + float(np.log(ratio))) < size / 4:
            near: date = dates[k].item()
            return near
    return day


def _shown(close: Floats, adjusted: Floats) -> dict[int, float]:
    """Find the splits that `close` alone shows: index of the first price at the new count, and ratio."""
    found: dict[int, float] = {}
    with np.errstate(invalid="ignore"):
        jump = (close[:-1] / close[1:]) / (adjusted[:-1] / adjusted[1:])
        large = np.flatnonzero((jump > SPLIT * (1 - NEAR)) | (jump < (1 + NEAR) / SPLIT))
    for i in large.tolist():
        simple = Fraction(float(jump[i])).limit_denominator(4) if jump[i] > 1 else None
        ratio = float(simple) if simple else 1.0 / float(Fraction(1.0 / float(jump[i])).limit_denominator(4))
        if abs(ratio / jump[i] - 1.0) < NEAR:
            found[i + 1] = ratio
    for a, b in pairwise(list(found)):
        if a in found and b in found and b - a <= REVERTED and abs(found[a] * found[b] - 1.0) < 4 * NEAR:
            del found[a], found[b]
    return found


@dataclass(frozen=True, slots=True)
class Labels:
    """What the labels of a series' rows come to: one unit, what each row is multiplied by, and which do not belong."""

    unit: str | None
    by: Floats
    """For each row, how much of `unit` one of its own is."""
    away: NDArray[np.bool_]
    """Rows in another currency that no definition ties to `unit`."""
    converted: tuple[tuple[str, int, int], ...] = ()
    """Label, its rows, and the first of them, where they had to be multiplied."""


def labels(codes: NDArray[np.int64], names: Sequence[str]) -> Labels:
    """Settle the unit of a series by its labels.

    Parameters
    ----------
    codes : for each row in order of date, the number of its label in `names`, −1 where it has none

    Notes
    -----
    Labels of one currency are converted into the one that most rows carry (the later one on a tie); where one of them
    is a currency that another took the place of, all go to its successor. Rows of other currencies are away; a row
    without a label carries that of the row before it, at the start the first one.
    """
    n = len(codes)
    stated = np.unique(codes[codes >= 0]).tolist()
    if len(stated) < 2:
        return Labels(names[stated[0]] if stated else None, np.ones(n), np.zeros(n, bool))
    last = np.maximum.accumulate(np.where(codes >= 0, np.arange(n), -1))
    own = np.where(last >= 0, codes[last], codes[int(np.flatnonzero(codes >= 0)[0])])
    root = {c: _root(names[c]) for c in stated}

    def weight(members: Sequence[int]) -> tuple[int, int]:
        rows = np.flatnonzero(np.isin(own, members))
        return len(rows), int(rows[-1])

    groups = {r: [c for c in stated if root[c] == r] for r in root.values()}
    kept = max(groups, key=lambda r: weight(groups[r]))
    members = groups[kept]
    succeeded = any(currency_of(names[c]) != kept for c in members)
    unit = kept if succeeded else names[max(members, key=lambda c: weight([c]))]
    by = np.ones(n)
    converted = []
    for c in members:
        times = factor(names[c], unit) or 1.0
        if times != 1.0:
            rows = np.flatnonzero(own == c)
            by[rows] = times
            converted.append((names[c], len(rows), int(rows[0])))
    return Labels(unit, by, ~np.isin(own, members), tuple(converted))


def _root(label: str) -> str:
    currency = currency_of(label) or label
    return SUCCESSORS[currency][0] if currency in SUCCESSORS else currency


@dataclass(frozen=True, slots=True)
class Jump:
    """A move beyond the bound that nothing states: from one price to the next, and what it looks like."""

    at: int
    ratio: float
    like: str
    """`unit`, `print` (taken back later), or `` where it stays and looks like neither."""


def faults(price: Floats) -> tuple[NDArray[np.bool_], tuple[Jump, ...]]:
    """Tell which prices cannot stand beside the others, and name each move beyond the bound.

    Parameters
    ----------
    price : positive, in order of date, free of known splits

    Returns
    -------
    Which prices are away, and the moves beyond the bound: those that explain what is away, and those that stay.

    Notes
    -----
    The series falls into runs without such a move; a run joins the first level whose latest price it is within the
    bound of, and the level with most prices (the later one on a tie) stands. Another level is away where it is reached
    by the factor of a unit, or where the standing level is left and found again. Any other move beyond the bound (a
    penny stock's, a split that nobody stated) stays, and is named.
    """
    with np.errstate(over="ignore", under="ignore"):
        ratio = price[1:] / price[:-1]
    edges = (np.flatnonzero((ratio > BEYOND) | (ratio < 1 / BEYOND)) + 1).tolist()
    away = np.zeros(len(price), bool)
    if not edges:
        return away, ()
    runs = list(pairwise([0, *edges, len(price)]))
    level_of: list[int] = []
    latest: list[float] = []
    sizes: list[int] = []
    for a, b in runs:
        near = (k for k, last in enumerate(latest) if 1 / BEYOND <= price[a] / last <= BEYOND)
        level = next(near, len(latest))
        latest[level : level + 1] = [float(price[b - 1])]
        sizes[level : level + 1] = [(sizes[level] if level < len(sizes) else 0) + b - a]
        level_of.append(level)
    kept = max(range(len(sizes)), key=lambda k: (sizes[k], max(i for i, x in enumerate(level_of) if x == k)))
    at_kept = [i for i, level in enumerate(level_of) if level == kept]
    why: dict[int, str] = {}
    for i, level in enumerate(level_of):
        if level != kept:
            beside = [float(ratio[edges[k] - 1]) for k in (i - 1, i) if 0 <= k < len(edges)]
            like = "unit" if any(map(_unit, beside)) else "print" if at_kept[0] < i < at_kept[-1] else ""
            why[level] = why.get(level) or like
    for (a, b), level in zip(runs, level_of, strict=True):
        away[a:b] = bool(why.get(level))
    found = []
    for k, edge in enumerate(edges):
        like = why.get(level_of[k + 1]) or why.get(level_of[k]) or ""
        found.append(Jump(edge, float(ratio[edge - 1]), like))
    return away, tuple(found)


def _unit(ratio: float) -> bool:
    size = max(ratio, 1 / ratio)
    return any(unit / OWN_MOVE < size < unit * OWN_MOVE for unit in UNITS)
