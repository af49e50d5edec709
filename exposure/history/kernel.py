"""The statistics of thousands of wealth paths at once, compiled: for the server and the benchmarks, not the commands.

numba costs a fresh process half a second, so nothing imports this module but a caller that asks for `compiled=True`;
without numba the same numbers come from `exposure.history.statistics` in chunks.

One path at a time stays in the nearest cache (2,520 levels are 20 kB), in stages that the compiler can turn into wide
instructions: the running peak (by its reciprocal, so that a division is done for each new peak only), the depths with
their sums, and the tail, for which nothing is sorted: counting the depths below a bound is so quick that the bound at
which the tail ends is found by counting a few times, and only the depths next to it are put in order.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from exposure.history.statistics import ROUNDING
from exposure.market import Floats

BLOCK = 16
FEW = 12
"""Depths next to the end of the tail that are put in order by hand."""
LOOSE = {"reassoc", "contract", "nsz", "nnan"}
"""Sums may be taken in any order, so that they are taken eight at a time; a path with NaN in it is set apart before."""


def summarise(paths: Floats, level: float) -> Floats:
    """Give (9, N) figures of N paths; see `exposure.history.many.Summary` for what each row is."""
    paths = np.ascontiguousarray(paths, float)
    out = np.empty((9, len(paths)))
    _run(paths, (1.0 - level) * paths.shape[1], out)
    return out


@numba.njit(cache=True)
def _sound(path: Any) -> Any:
    """Tell whether all levels are numbers; not under `LOOSE`, which may take that for granted."""
    unknown = 0
    for k in range(path.shape[0]):
        unknown += 1 if path[k] != path[k] else 0
    return unknown == 0


@numba.njit(cache=True, error_model="numpy", fastmath=LOOSE)
def _peaks(path: Any, inverse: Any) -> None:
    """Write 1 over the highest level so far, a block at a time where none of it is a new peak: most are not."""
    top, one, whole = path[0], 1.0 / path[0], path.shape[0] - path.shape[0] % BLOCK
    for start in range(0, whole, BLOCK):
        highest = path[start]
        for k in range(start, start + BLOCK):
            highest = path[k] if path[k] > highest else highest
        if highest <= top:
            for k in range(start, start + BLOCK):
                inverse[k] = one
        else:
            for k in range(start, start + BLOCK):
                if path[k] > top:
                    top = path[k]
                    one = 1.0 / top
                inverse[k] = one
    for k in range(whole, path.shape[0]):
        if path[k] > top:
            top = path[k]
            one = 1.0 / top
        inverse[k] = one


@numba.njit(cache=True, error_model="numpy", fastmath=LOOSE)
def _sums(path: Any, depth: Any) -> Any:
    """Turn inverse peaks into depths in place; give their squares, their sum, and how many are below 0."""
    square, total, below = 0.0, 0.0, 0.0
    for k in range(path.shape[0]):
        fall = path[k] * depth[k] - 1.0
        fall = 0.0 if fall > -ROUNDING else fall
        depth[k] = fall
        square += fall * fall
        total += fall
        below += 1.0 if fall < 0.0 else 0.0
    return square, total, below


@numba.njit(cache=True)
def _deepest(depth: Any) -> Any:
    """Give the place of the first deepest: a pass of its own, since a minimum would keep the sums from being wide."""
    trough, deepest = 0, 0.0
    for k in range(depth.shape[0]):
        if depth[k] < deepest:
            trough, deepest = k, depth[k]
    return trough


@numba.njit(cache=True, error_model="numpy", fastmath=LOOSE)
def _upto(depth: Any, bound: Any) -> Any:
    """Count the depths at or below a bound."""
    count = 0
    for k in range(depth.shape[0]):
        count += 1 if depth[k] <= bound else 0
    return count


@numba.njit(cache=True, error_model="numpy", fastmath=LOOSE)
def _sum_upto(depth: Any, bound: Any) -> Any:
    total = 0.0
    for k in range(depth.shape[0]):
        total += depth[k] if depth[k] <= bound else 0.0
    return total


@numba.njit(cache=True, error_model="numpy")
def _tail(depth: Any, deepest: Any, worst: Any) -> Any:
    """Average the worst `worst` depths, the last of them by its fraction, without sorting them all."""
    whole = int(worst)
    if deepest == 0.0 or worst <= 1.0:
        return deepest
    # `low` has at most `whole` depths at or below it, `high` more: the end of the tail lies between them.
    low, high = 1.001 * deepest, 0.0
    below, above = 0, depth.shape[0]
    for turn in range(60):
        if above - below <= FEW:
            break
        share = (whole + 0.5 - below) / (above - below) if turn % 3 != 2 else 0.5
        middle = low + min(max(share, 0.02), 0.98) * (high - low)
        if middle <= low or middle >= high:
            break
        count = _upto(depth, middle)
        if count <= whole:
            low, below = middle, count
        else:
            high, above = middle, count
    between, held = np.empty(above - below), 0
    for k in range(depth.shape[0]):
        if low < depth[k] <= high:
            between[held] = depth[k]
            held += 1
    between.sort()
    total = _sum_upto(depth, low)
    for k in range(whole - below):
        total += between[k]
    return (total + (worst - whole) * between[whole - below]) / worst


@numba.njit(cache=True, parallel=True, error_model="numpy")
def _run(paths: Any, worst: Any, out: Any) -> None:
    """Take each path on whichever core is free."""
    n, t = paths.shape
    for i in numba.prange(n):
        depth = np.empty(t)
        if not _sound(paths[i]):
            out[:6, i] = np.nan
            out[6:, i] = 0
            continue
        _peaks(paths[i], depth)
        square, total, below = _sums(paths[i], depth)
        trough = _deepest(depth)
        deepest, peak, back = depth[trough], trough, -1
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
