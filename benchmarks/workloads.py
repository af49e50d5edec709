"""What is measured: drawdown statistics, bands of predictions, a file read and stored, and a whole process.

- Drawdown statistics of 5,000 series over ten years, beside NumPy in chunks and skfolio; and the page's one answer.
- Bands of predictions, held to what happened on many days: how many names, and how many books, ended inside. Each day
  is predicted from closes to the evening before alone, on the prices of `../shared/prices`; without them there is
  nothing to measure. DAYS in the environment is how many sessions apart the days are.
- A holdings file read, checked and stored, beside polars with plain tuples into SQLite, which checks nothing.
- `shock FILE --json` on 50 positions as a whole process, beside a bare Python, NumPy's and pandas' imports.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.timing import Way, in_turn, show, write_book
from exposure.errors import MissingPrice
from exposure.prices import Market, read_prices
from exposure.scenarios import (
    REFERENCE_SERIES,
    Learnt,
    book_half,
    daily_returns,
    half_widths,
    learn_covariance,
    told_by_others,
)

SERIES, SESSIONS = 5_000, 2_520
NAMES = 500


def measure_drawdown() -> None:
    """Time the statistics of many paths, then the whole answer for one book."""
    _many()
    _one_book()


def _many() -> None:
    """Time the statistics twice: all of them, and without the expected drawdown, which no other library has at once.

    Both of ours give the deepest fall with its peak, trough and recovery, the fall now, the share under water, ulcer
    and pain index, CDaR, Calmar ratio and expected drawdown (2,268 windows of a year in each series). skfolio gives
    four of them and no dates. NumPy takes 32 series at a time, so that what it makes on the way stays in the cache.
    """
    from exposure.history import summarise_paths, wealth

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
            summarise_paths(paths, window=window, compiled=compiled)

        ways = [
            Way(f"numba, {what}", lambda: ours(True)),
            Way(f"NumPy in chunks, {what}", lambda: ours(False)),
            Way("skfolio: deepest, ulcer, pain, CDaR", skfolio),
        ]
        ways[0].run()  # compiled once in a process
        show(f"{SERIES:,} series of {SESSIONS:,} sessions: {what}", in_turn(ways, 7), ways[0].name)


def _one_book() -> None:
    from exposure.history import drawdown
    from exposure.prices import Market, PriceSeries
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


PRICES = Path(__file__).resolve().parents[2] / "shared" / "prices" / "prices.csv.gz"
GIVEN = {"SPY, SMH, IGV": REFERENCE_SERIES, "NVDA, SPY": ("NVDA", "SPY"), "the chips segment": ("chips",)}
CHOSEN_BEFORE = np.datetime64("2024-07-01")
"""The one choice, the degrees of freedom, was made on days before this one."""
BOOKS = 4
"""Made-up books that are held to each day."""
FAR = (0.0, 1.0, 2.0, 3.0, 5.0, np.inf)


@dataclass(frozen=True)
class Held:
    """A day that was predicted: from what, how far out it was, the shares of names, of names told by their sub-segment
    alone, and of books that ended inside."""

    day: np.datetime64
    given: str
    distance: float
    names: float
    alone: float
    books: float


def days(market: Market, every: int) -> Iterator[Held]:
    """Predict every so many sessions, from their second year of prices on."""
    sessions = market.series[REFERENCE_SERIES[0]].dates
    for n in range(520, len(sessions) - 1, every):
        try:
            learnt = learn_covariance(market, sessions[n].item(), REFERENCE_SERIES)
            x, y, stocks = daily_returns(market, sessions[n + 1].item(), REFERENCE_SERIES)
        except MissingPrice:
            continue
        then = dict(zip((*REFERENCE_SERIES, *stocks), [*x[-1].tolist(), *y[-1].tolist()], strict=True))
        for name, keys in GIVEN.items():
            yield held(learnt, then, sessions[n + 1], name, keys)


def held(learnt: Learnt, then: dict[str, float], day: np.datetime64, name: str, keys: tuple[str, ...]) -> Held:
    """Hold one prediction to what happened: the names, and books of twenty names, long and short."""
    known = learnt.covariance
    chips = np.array([known.weights[n][[s.startswith("chips") for s in known.segments]].sum() for n in
                      range(len(known.stocks))])  # fmt: skip
    moved = np.array([then.get(s, 0.0) for s in known.stocks])
    given = {k: float(chips @ moved / chips.sum()) if k == "chips" else then[k] for k in keys}
    seen, halves = known.predict(given), half_widths(learnt, given)
    asked = [s for s in known.stocks if s in halves and s in then]
    inside = np.mean([abs(then[s] - seen.names[s]) <= halves[s] for s in asked])
    rng, books = np.random.default_rng(int(day.astype(int))), []
    for _ in range(BOOKS):
        chosen = rng.choice(asked, 20, replace=False).tolist()
        weights = dict(zip(chosen, rng.normal(0.05, 0.05, 20).tolist(), strict=True))
        miss = sum(w * (np.expm1(then[s]) - np.expm1(seen.names[s])) for s, w in weights.items())
        books.append(abs(miss) <= book_half(learnt, given, weights))
    return Held(day, name, seen.distance, float(inside), _alone(learnt, given, then), float(np.mean(books)))


def _alone(learnt: Learnt, given: dict[str, float], then: dict[str, float]) -> float:
    """Hold names to what the others of their sub-segment were expected to do, as a name without prices is told."""
    known, halves = learnt.covariance, half_widths(learnt, given)
    seen = known.predict(given)
    expected = np.array([[seen.names[s] for s in known.stocks]])
    others, _, told = told_by_others(known, expected, np.ones(len(known.stocks)))
    measure_prediction = [known.segments[n] for n in known.weights.argmax(axis=1)]
    inside = [
        abs(then[s] - others[0, n]) <= halves[measure_prediction[n]]
        for n, s in enumerate(known.stocks)
        if told[n] and s in then and s not in given and measure_prediction[n] in halves
    ]
    return float(np.mean(inside))


def measure_prediction() -> None:
    """Print coverage before and since the choice, and by how far out the days were."""
    if not PRICES.is_file():
        print(f"no prices in {PRICES}: nothing to measure")
        return
    found = list(days(read_prices(PRICES), int(os.environ.get("DAYS", "10"))))
    for name in GIVEN:
        own = [h for h in found if h.given == name]
        for label, part in (
            ("before July 2024", [h for h in own if h.day < CHOSEN_BEFORE]),
            ("since", [h for h in own if h.day >= CHOSEN_BEFORE]),
            *((f"distance {a:g} to {b:g}", [h for h in own if a <= h.distance < b]) for a, b in pairwise(FAR)),
        ):
            if part:
                names = np.array([h.names for h in part])
                error = names.std() / len(part) ** 0.5
                alone = np.mean([h.alone for h in part])
                books = np.mean([h.books for h in part])
                said = f"names {names.mean():.3f} ± {error:.3f}  by sub-segment {alone:.3f}  books {books:.3f}"
                print(f"{name:<20} {label:<18} {len(part):4} days  {said}")


SIZES = {1_000: 10, 10_000: 5, 100_000: 5, 1_000_000: 2}
"""Rows of a file → how often each way is timed."""
OURS, THEIRS = "read, check, store", "polars and tuples"
_PEAK = """
import resource, sys
from db import open_store
from exposure import read_holdings
store = open_store("sqlite:///" + sys.argv[2])
store.import_snapshots("Bench", [read_holdings(sys.argv[1])])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def measure_reading() -> None:
    """Time four sizes, so that the growth of the cost shows, and tell the memory that the largest takes."""
    growth: dict[int, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for size, repeats in SIZES.items():
            book = write_book(Path(folder) / f"book_{size}_2025-01-24.csv", size)
            growth[size] = _one(Path(folder), book, size, repeats)
        peak = _peak(book, Path(folder) / "peak.sqlite")
    print(f"\ngrowth of “{OURS}”: linear where the time of a thousand rows stays")
    for size, seconds in growth.items():
        times = seconds[OURS] / seconds[THEIRS]
        each = 1e6 * seconds[OURS] / size
        print(f"  {size:>9,} rows  {each:6.1f} ms a thousand  {times:5.1f} x {THEIRS}")
    print(f"  {max(SIZES):>9,} rows take {peak:,} MB at most, in a process of their own")


def _one(folder: Path, book: Path, size: int, repeats: int) -> dict[str, float]:
    import polars

    from db import open_store
    from exposure import read_holdings

    count = iter(range(1_000))

    def ours() -> None:
        store = open_store(f"sqlite:///{folder / f'{size}_{next(count)}.sqlite'}")
        store.import_snapshots("Bench", [read_holdings(book)])
        store.close()

    def theirs() -> None:
        rows = polars.read_csv(book).rows()
        with sqlite3.connect(folder / f"{size}_{next(count)}.sqlite") as connection:
            connection.execute("create table holdings (ticker, isin, name, class, quantity, price, value, currency)")
            connection.executemany("insert into holdings values (?,?,?,?,?,?,?,?)", rows)
        connection.close()

    ways = [
        Way(OURS, ours),
        Way("read and check", lambda: read_holdings(book)),
        # the lines stay columns until someone asks for them, as a page does that shows the book
        Way("read, check, every holding", lambda: read_holdings(book).holdings),
        Way(THEIRS, theirs),
    ]
    if size == min(SIZES):
        ways[0].run()  # migrations are imported once
    seconds = in_turn(ways, repeats)
    show(f"{size:,} rows", seconds, OURS)
    return seconds


def _peak(book: Path, store: Path) -> int:
    """Read, check and store a book in a fresh process; give the most memory it held, in megabytes."""
    done = subprocess.run([sys.executable, "-c", _PEAK, book, store], check=True, capture_output=True, text=True)
    return int(done.stdout)


def measure_process() -> None:
    """Time the processes in turn."""
    with tempfile.TemporaryDirectory() as folder:
        book = write_book(Path(folder) / "book_2025-01-24.csv", 50)

        def process(name: str, *words: str) -> Way:
            return Way(name, lambda: subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL))

        ways = [
            process("exposure shock FILE --json", "-m", "exposure", "shock", str(book), "--json"),
            process("a bare Python", "-c", "pass"),
            process("import numpy", "-c", "import numpy"),
            process("import pandas", "-c", "import pandas"),
        ]
        for way in ways:  # once before counting: files in the cache, byte code written
            way.run()
        show("50 positions", in_turn(ways, 7), ways[0].name)
