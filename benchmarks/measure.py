"""Time things in turn, so that a drift of the machine's speed meets all of them, and print them as ratios."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from dataclasses import dataclass

REPEATS = 5


@dataclass(frozen=True, slots=True)
class Way:
    """One way to do a piece of work, by the name that a table shows."""

    name: str
    run: Callable[[], object]


def in_turn(ways: list[Way], repeats: int = REPEATS) -> dict[str, float]:
    """Time each way `repeats` times, one after the other within each round; give the least seconds by name.

    The least, since whatever else the machine does can only add to the time of a way.
    """
    seconds: dict[str, list[float]] = {way.name: [] for way in ways}
    for _ in range(repeats):
        for way in ways:
            gc.collect()
            start = time.perf_counter()
            way.run()
            seconds[way.name].append(time.perf_counter() - start)
    return {name: min(each) for name, each in seconds.items()}


def show(title: str, seconds: dict[str, float], ours: str) -> None:
    """Print a table: each way's least time, and how many times ours it takes."""
    print(f"\n{title}; least of several runs in turn, load average {os.getloadavg()[0]:.1f} on {os.cpu_count()}")
    width = max(map(len, seconds))
    for name, each in seconds.items():
        print(f"  {name:<{width}}  {1000 * each:10.1f} ms  {each / seconds[ours]:8.2f} x ours")
