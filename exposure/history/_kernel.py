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

from exposure.history._statistics import ROUNDING
from exposure.prices import Floats

BLOCK = 16
GROUP = 32
"""Paths that one core takes at a time."""
FEW = 12
"""Depths next to the end of the tail that are put in order."""
ROWS = 10
LOOSE = {"reassoc", "contract", "nsz", "nnan"}
"""Sums may be taken in any order, so that they are taken eight at a time; a path with NaN in it is set apart before."""


def summarise(paths: Floats, level: float, window: int | None) -> Floats:
    """Give (10, N) figures of N paths; see `exposure.history.many.Summary` for what each row is."""
    paths = np.ascontiguousarray(paths, float)
    out = np.empty((ROWS, len(paths)))
    _run(paths, (1.0 - level) * paths.shape[1], 0 if window is None else window + 1, out)
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


@numba.njit(cache=True, error_model="numpy", fastmath=LOOSE)
def _deepest(depth: Any) -> Any:
    """Give the place of the first deepest: its value first, in a pass of its own that is wide, then where it is."""
    deepest, place = 0.0, 0
    for k in range(depth.shape[0]):
        deepest = depth[k] if depth[k] < deepest else deepest  # `min` would not become a wide instruction
    while depth[place] != deepest:
        place += 1
    return place


@numba.njit(cache=True, error_model="numpy", fastmath=LOOSE)
def _year(path: Any, inverse: Any, highest: Any, tail: Any) -> Any:
    """Average the deepest falls of all windows of `len(highest)` levels, as `statistics.rolling_max_drawdown` does it.

    With 1 over each level at hand a fall needs no division: its peak is the lowest inverse. A block's tails are
    written from behind, the heads of the next block need no array.
    """
    size = highest.shape[0]
    windows, total = path.shape[0] - size + 1, 0.0
    for k in range(path.shape[0]):
        inverse[k] = 1.0 / path[k]
    for start in range(0, windows, size):
        lowest, top, worst = np.inf, np.inf, 1.0
        for k in range(size - 1, -1, -1):
            lowest, top = min(lowest, path[start + k]), min(top, inverse[start + k])
            worst = min(worst, lowest * inverse[start + k])
            highest[k], tail[k] = top, worst
        total += worst - 1.0 if worst - 1.0 < -ROUNDING else 0.0
        lowest, top, worst = np.inf, np.inf, 1.0
        for k in range(1, min(size, windows - start)):
            last = start + size + k - 1
            lowest, top = min(lowest, path[last]), min(top, inverse[last])
            worst = min(worst, path[last] * top)
            fall = min(min(worst, tail[k]), lowest * highest[k]) - 1.0
            total += fall if fall < -ROUNDING else 0.0
    return total / windows


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
def _keep(depth: Any, low: Any, high: Any) -> Any:
    """Move the depths above one bound and up to another to the front; give how many."""
    held = 0
    for k in range(depth.shape[0]):
        each = depth[k]
        depth[held] = each
        held += 1 if (each > low) & (each <= high) else 0
    return held


@numba.njit(cache=True, error_model="numpy")
def _order(few: Any) -> None:
    for k in range(1, few.shape[0]):
        each, place = few[k], k
        while place > 0 and few[place - 1] > each:
            few[place] = few[place - 1]
            place -= 1
        few[place] = each


@numba.njit(cache=True, error_model="numpy")
def _tail(depth: Any, deepest: Any, worst: Any) -> Any:
    """Average the worst `worst` depths, the last of them by its fraction; the depths are lost.

    The end of the tail is looked for between two bounds, by counting; once few enough lie between them they are set
    apart, so that the rest of the counting is next to nothing, and the last few are put in order.
    """
    whole, total = int(worst), 0.0
    if deepest == 0.0 or worst <= 1.0:
        return deepest
    # `low` has at most `whole` depths at or below it, `high` more.
    low, high = 1.001 * deepest, 0.0
    for enough in (max(whole, FEW), FEW):
        below, above = 0, depth.shape[0]
        for turn in range(60):
            if above - below <= enough:
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
        total += _sum_upto(depth, low)
        whole -= below
        depth = depth[: _keep(depth, low, high)]
    if depth[0] < depth[-1] or depth.shape[0] <= FEW:
        _order(depth)
    for k in range(whole):
        total += depth[k]
    return (total + (worst - int(worst)) * depth[whole]) / worst


@numba.njit(cache=True, error_model="numpy")
def _one(path: Any, worst: Any, room: Any, out: Any) -> None:
    """Write the figures of one path; `room` holds as many levels as it has, and twice those of one window."""
    t, (depth, highest, tail) = path.shape[0], room
    out[6] = _year(path, depth, highest, tail) if 0 < highest.shape[0] <= t else np.nan
    _peaks(path, depth)
    square, total, below = _sums(path, depth)
    trough = _deepest(depth)
    deepest, peak, back = depth[trough], trough, -1
    while depth[peak] < 0.0:
        peak -= 1
    for k in range(trough, t):
        if depth[k] >= 0.0:
            back = k
            break
    out[0], out[1], out[2] = deepest, depth[t - 1], below / t
    out[3], out[4] = np.sqrt(square / t), -total / t
    out[5] = _tail(depth, deepest, worst)
    out[7], out[8], out[9] = peak, trough, back


@numba.njit(cache=True, parallel=True, error_model="numpy")
def _run(paths: Any, worst: Any, window: Any, out: Any) -> None:
    """Take the paths by groups, each on whichever core is free, with room of its own."""
    n, t = paths.shape
    for group in numba.prange((n + GROUP - 1) // GROUP):
        depth, highest, tail = np.empty(t), np.empty(window), np.empty(window)
        figures = np.empty(ROWS)
        for i in range(group * GROUP, min(n, group * GROUP + GROUP)):
            if _sound(paths[i]):
                _one(paths[i], worst, (depth, highest, tail), figures)
            else:
                figures[:] = np.nan
            out[:, i] = figures
