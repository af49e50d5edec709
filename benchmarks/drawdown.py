"""Drawdown statistics of 5,000 series over ten years, beside NumPy in chunks and skfolio; and the page's one answer."""

from __future__ import annotations

import warnings
from datetime import date, timedelta

import numpy as np

from benchmarks.measure import Way, in_turn, show

SERIES, SESSIONS = 5_000, 2_520
NAMES = 500


def main() -> None:
    """Time the statistics of many paths, then the whole answer for one book."""
    _many()
    _one_book()


def _many() -> None:
    """Time the statistics twice: all of them, and without the expected drawdown, which no other library has at once.

    Both of ours give the deepest fall with its peak, trough and recovery, the fall now, the share under water, ulcer
    and pain index, CDaR, Calmar ratio and expected drawdown (2,268 windows of a year in each series). skfolio gives
    four of them and no dates. NumPy takes 32 series at a time, so that what it makes on the way stays in the cache.
    """
    from exposure.history.many import summary
    from exposure.history.statistics import wealth

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import skfolio.measures as theirs
    returns = np.random.default_rng(0).normal(3e-4, 0.02, (SERIES, SESSIONS - 1))
    paths, columns = wealth(returns), np.ascontiguousarray(returns.T)

    def skfolio() -> None:
        depth = theirs.get_drawdowns(columns, compounded=True)
        theirs.max_drawdown(depth)
        theirs.ulcer_index(depth)
        theirs.average_drawdown(depth)
        theirs.cdar(depth)

    for what, window in (("every statistic", 252), ("all but the expected drawdown", None)):

        def ours(compiled: bool, window: int | None = window) -> None:
            summary(paths, window=window, compiled=compiled)

        ways = [
            Way(f"numba, {what}", lambda: ours(True)),
            Way(f"NumPy in chunks, {what}", lambda: ours(False)),
            Way("skfolio: deepest, ulcer, pain, CDaR", skfolio),
        ]
        ways[0].run()  # compiled once in a process
        show(f"{SERIES:,} series of {SESSIONS:,} sessions: {what}", in_turn(ways, 7), ways[0].name)


def _one_book() -> None:
    from exposure.history import drawdown
    from exposure.market import Market, PriceSeries
    from exposure.types import Assignment, Book, Holding, Line, Part

    first = date(2015, 1, 1)
    weekdays = [d for d in (first + timedelta(k) for k in range(2 * SESSIONS)) if d.weekday() < 5][:SESSIONS]
    dates = np.array(weekdays, "datetime64[D]")
    close = 100 * np.cumprod(1 + np.random.default_rng(1).normal(3e-4, 0.02, (NAMES, SESSIONS)), axis=1)
    series = {f"N{k}": PriceSeries(f"N{k}", dates, close[k], currency="USD") for k in range(NAMES)}
    segments = ("chips.memory", "software.security", "equipment.servers", "outside")
    lines = tuple(
        Line(
            n, Holding(2, ticker=n), 1 / NAMES, 1 / NAMES, Assignment((Part(segments[k % 4], 1.0),), "", "table"), n, n
        )
        for k, n in enumerate(series)
    )
    book = Book(lines, 1.0, "nav", "values", "USD", dates[-1].item(), 1.0, 1.0)
    ways = [
        Way("the page's answer", lambda: drawdown(book, Market(series))),
        Way("the same by quantities", lambda: drawdown(book, Market(series), hold="quantities")),
    ]
    show(f"a book of {NAMES} names over {SESSIONS:,} sessions", in_turn(ways, 7), ways[0].name)


if __name__ == "__main__":
    main()
