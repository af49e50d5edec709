"""A holdings file read, checked and stored, beside polars with plain tuples into SQLite, which checks nothing."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.books import write_book
from benchmarks.measure import Way, in_turn, show

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


def main() -> None:
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
