"""A holdings file read, checked and stored, beside polars with plain tuples into SQLite, which checks nothing."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

from benchmarks.books import write_book
from benchmarks.measure import Way, in_turn, show

SIZES = (1_000, 10_000, 100_000)


def main() -> None:
    """Time three sizes, so that the growth of the cost shows."""
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            _one(Path(folder), size)


def _one(folder: Path, size: int) -> None:
    import polars

    from db import open_store
    from exposure import read_holdings

    book = write_book(folder / f"book_{size}_2025-01-24.csv", size)
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
        Way("read, check, store", ours),
        Way("read and check", lambda: read_holdings(book)),
        Way("polars and tuples", theirs),
    ]
    ways[0].run()  # migrations are imported once
    show(f"{size:,} rows", in_turn(ways, 3), ways[0].name)
