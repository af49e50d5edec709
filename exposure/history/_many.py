"""The drawdowns of many wealth paths at once: every statistic of each, in NumPy by chunks or compiled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exposure.history import _statistics as measures
from exposure.prices import Floats

CHUNK = 32
"""Paths taken at a time in NumPy: their intermediate arrays stay in the cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """The statistics of N paths, an array of N each; dates are positions in the path."""

    max_drawdown: Floats
    current_drawdown: Floats
    underwater_share: Floats
    ulcer_index: Floats
    pain_index: Floats
    cdar: Floats
    peak: NDArray[np.int64]
    """Of the deepest fall; 0 where there is none, as the trough."""
    trough: NDArray[np.int64]
    recovered: NDArray[np.int64]
    """−1 where it has not, or where there is no fall."""
    expected_drawdown: Floats
    """Mean of the deepest drawdowns over all windows of a year; NaN where none fits, or where it was not asked for."""
    calmar: Floats
    """NaN where the path never falls."""

    @property
    def days_down(self) -> NDArray[np.int64]:
        """Give the sessions from peak to trough."""
        return self.trough - self.peak

    @property
    def days_to_recover(self) -> NDArray[np.int64]:
        """Give the sessions from trough to recovery, −1 where it has not recovered."""
        return np.where(self.recovered >= 0, self.recovered - self.trough, -1)


def summarise_paths(
    paths: Floats, *, level: float = 0.95, window: int | None = measures.YEAR, compiled: bool = False
) -> Summary:
    """Take every statistic of each path.

    Parameters
    ----------
    paths : (N, T) positive levels, the base first
    level : of the conditional drawdown
    window : returns in each window of the expected drawdown, which costs more than all else; None leaves it out
    compiled : use the numba kernel where numba is installed: several times faster on thousands of paths, at the price
        of half a second once in a process. The server asks for it, the commands do not.
    """
    paths = np.asarray(paths, float)
    if paths.ndim != 2 or paths.shape[1] < 1:
        raise ValueError(f"paths of shape {paths.shape}; give (N, T) with the base level first")
    if window is not None and window < 1:
        raise ValueError(f"a window of {window} returns holds no fall; give 1 or more")
    found = _compiled(paths, level, window) if compiled else None
    if found is None:
        parts = [_chunk(paths[k : k + CHUNK], level, window) for k in range(0, len(paths), CHUNK)]
        found = np.concatenate(parts, axis=1) if parts else np.empty((10, 0))
    fallen = found[0] < 0
    peak, trough, recovered = (
        np.where(fallen, row, empty).astype(int) for row, empty in zip(found[7:], (0, 0, -1), strict=True)
    )
    deepest, current, share, ulcer, pain, tail, expected = found[:7]
    ratio = measures.yearly_growth(paths) / np.where(fallen, -deepest, np.nan)
    return Summary(deepest, current, share, ulcer, pain, tail, peak, trough, recovered, expected, ratio)


def _compiled(paths: Floats, level: float, window: int | None) -> Floats | None:
    try:
        from exposure.history._kernel import summarise

        return summarise(paths, level, window)
    except ImportError:  # numba has no build for this Python: the same numbers, more slowly
        return None


def _chunk(paths: Floats, level: float, window: int | None) -> Floats:
    """Give (10, n) figures of some paths."""
    depth = measures.underwater(paths)
    n, t = depth.shape
    rows, dates = np.arange(n), np.arange(t)
    trough = depth.argmin(axis=1)
    dry = depth == 0.0
    # The last date at the peak before the trough, and the first one back at it after.
    peak = t - 1 - (dry & (dates <= trough[:, None]))[:, ::-1].argmax(axis=1)
    after = dry & (dates > trough[:, None])
    recovered = np.where(after.any(axis=1), after.argmax(axis=1), -1)
    worst = (1.0 - level) * t
    whole = int(worst)
    deepest = depth[rows, trough]
    if worst <= 1.0:
        tail = deepest
    else:
        part = np.sort(np.partition(depth, whole, axis=1)[:, : whole + 1], axis=1)
        tail = (part[:, :whole].sum(axis=1) + (worst - whole) * part[:, whole]) / worst
    return np.array(
        [
            deepest,
            depth[:, -1],
            (~dry).mean(axis=1),
            np.sqrt((depth * depth).mean(axis=1)),
            -depth.mean(axis=1),
            tail,
            np.full(n, np.nan) if window is None else measures.expected_drawdown(paths, window),
            peak,
            trough,
            recovered,
        ]
    )
