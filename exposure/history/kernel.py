"""The statistics of thousands of wealth paths at once, compiled: for the server and the benchmarks, not the commands.

numba costs a fresh process half a second, so nothing imports this module but a caller that asks for `compiled=True`;
without numba the same numbers come from `exposure.history.statistics` in chunks.

One path at a time stays in the nearest cache (2,520 levels are 20 kB), in stages that the compiler can turn into wide
instructions: the running peak, then the depths with their sums, then the tail. The tail needs no sort: depths are
counted into bins, the bins are read from the deepest, and only the bin in which the tail ends is sorted.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from exposure.history.statistics import ROUNDING
from exposure.market import Floats

BINS = 512
LOOSE = {"reassoc", "contract", "nsz", "nnan"}
"""Sums may be taken in any order, so that they are taken eight at a time; a path with NaN in it is set apart before."""


def summarise(paths: Floats, level: float) -> Floats:
    """Give (9, N) figures of N paths; see `exposure.history.many.Summary` for what each row is."""
    paths = np.ascontiguousarray(paths, float)
    out = np.empty((9, len(paths)))
    _run(paths, (1.0 - level) * paths.shape[1], out)
    return out


@numba.njit(cache=True)
def _peaks(path: Any, depth: Any) -> None:
    """Write the highest level so far."""
    top = path[0]
    for k in range(path.shape[0]):
        if path[k] > top:
            top = path[k]
        depth[k] = top


@numba.njit(cache=True, error_model="numpy", fastmath=LOOSE)
def _sums(path: Any, depth: Any) -> tuple[float, float, float, float]:
    """Turn peaks into depths in place; give their squares, their sum, how many are below 0, and the deepest."""
    square, total, below, deepest = 0.0, 0.0, 0.0, 0.0
    for k in range(path.shape[0]):
        fall = path[k] / depth[k] - 1.0
        fall = 0.0 if fall > -ROUNDING else fall
        depth[k] = fall
        square += fall * fall
        total += fall
        below += 1.0 if fall < 0.0 else 0.0
        deepest = min(deepest, fall)
    return square, total, below, deepest


@numba.njit(cache=True, error_model="numpy", fastmath=LOOSE)
def _tail(depth: Any, deepest: Any, worst: Any) -> Any:
    """Average the worst `worst` depths, the last of them by its fraction, without sorting them all."""
    if deepest == 0.0 or worst <= 1.0:
        return deepest
    whole = int(worst)
    scale = (BINS - 1) / deepest
    place = np.empty(depth.shape[0], np.int32)
    for k in range(depth.shape[0]):
        place[k] = np.int32(depth[k] * scale)
    # Two tables in turn: one after the other in the same bin would wait for each other.
    counts = np.zeros((2, BINS), np.int32)
    for k in range(0, depth.shape[0] - 1, 2):
        counts[0, place[k]] += 1
        counts[1, place[k + 1]] += 1
    if depth.shape[0] % 2:
        counts[0, place[-1]] += 1
    taken, edge = 0, BINS - 1
    while taken + counts[0, edge] + counts[1, edge] <= whole:
        taken += counts[0, edge] + counts[1, edge]
        edge -= 1
    total = 0.0
    for k in range(depth.shape[0]):
        total += depth[k] if place[k] > edge else 0.0
    inside, held = np.empty(counts[0, edge] + counts[1, edge]), 0
    for k in range(depth.shape[0]):
        if place[k] == edge:
            inside[held] = depth[k]
            held += 1
    inside.sort()
    for k in range(whole - taken):
        total += inside[k]
    return (total + (worst - whole) * inside[whole - taken]) / worst


@numba.njit(cache=True, parallel=True, error_model="numpy")
def _run(paths: Any, worst: Any, out: Any) -> None:
    """Take each path on whichever core is free."""
    n, t = paths.shape
    for i in numba.prange(n):
        if np.isnan(paths[i].sum()):
            out[:6, i] = np.nan
            out[6:, i] = 0
            continue
        depth = np.empty(t)
        _peaks(paths[i], depth)
        square, total, below, deepest = _sums(paths[i], depth)
        trough = 0
        while depth[trough] > deepest:
            trough += 1
        peak, back = trough, -1
        while depth[peak] < 0.0:
            peak -= 1
        for k in range(trough, t):
            if depth[k] >= 0.0:
                back = k
                break
        out[0, i], out[1, i], out[2, i] = deepest, depth[t - 1], below / t
        out[3, i], out[4, i] = np.sqrt(square / t), -total / t
        out[5, i] = _tail(depth, deepest, worst)
        out[6, i], out[7, i], out[8, i] = peak, trough, back
