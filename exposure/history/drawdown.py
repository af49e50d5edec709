"""Drawdown statistics of a wealth path: pure functions, arrays in, numbers out.

A wealth path is an array of positive levels whose last axis is time and whose first level is the base, the value
*before* the first return: so a loss on the first day counts. With more axes in front each statistic is taken path by
path. Nothing is missing in a path; NaN in it gives NaN.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ROUNDING = 1e-12
"""A level this close below its peak has not fallen: a path that comes back to its peak does so within rounding only."""


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


def underwater_share(path: Floats) -> Any:
    """Give the share of dates below an earlier peak, the base date counted among the dates."""
    return (underwater(path) < 0).mean(axis=-1)


def ulcer_index(path: Floats) -> Any:
    """Give the root of the mean squared drawdown over all dates, a positive fraction (Martin and McCann 1989).

    >>> float(ulcer_index(np.array([1.0, 0.8, 1.2, 0.9])).round(4))  # sqrt((0.2² + 0.25²) / 4)
    0.1601
    """
    return np.sqrt(np.mean(underwater(path) ** 2, axis=-1))


def pain_index(path: Floats) -> Any:
    """Give the mean drawdown over all dates with its sign turned: a positive fraction, as the ulcer index is."""
    return -underwater(path).mean(axis=-1)


def cdar(path: Floats, level: float = 0.95) -> Any:
    """Give the conditional drawdown at risk: the mean of the worst `1 − level` of drawdowns, a loss.

    Convention of Chekhlov, Uryasev and Zabarankin (2005): of n dates exactly `(1 − level)·n` are averaged, the last of
    them by its fraction; where that is less than one date, it is the deepest drawdown.

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
