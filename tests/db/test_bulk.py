"""Many rows at once: the same rows whether they fill a statement, end within one or make none at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from db import Store, columns
from db.models import RejectedLine
from exposure.types import Snapshot
from tests.db.books import book

COLUMNS = ("position", "code", "raw")


@pytest.mark.parametrize("count", [0, 1, 3, 4, 7, 8, 9, 16, 17, 33])
def test_every_row_arrives_once_and_in_order(store: Store, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Fifteen values to a statement are three fixed and four rows of three; two statements at a time, so eight rows."""
    monkeypatch.setattr(columns, "VARIABLES", 15)
    monkeypatch.setattr(columns, "_STATEMENTS", 2)
    made = store.import_snapshot("Book", replace(book(), rejected=())).snapshot_id
    rows = [(place, f"because.{place}", "" if place % 2 else "raw") for place in range(count)]
    with store.write() as connection:
        columns.insert_rows(
            connection, RejectedLine, COLUMNS, iter(rows), {"snapshot_id": made, "row": 7, "params": "[]"}
        )
    got = store.snapshot_by_id(made).rejected
    assert [(one.code, one.raw) for one in got] == [row[1:] for row in rows]
    assert {one.row for one in got} <= {7}


def test_what_all_lines_share_comes_back_for_each_and_figures_that_are_merely_equal_are_no_such_thing(
    store: Store,
) -> None:
    """Zero and minus zero are equal; SQLite keeps no sign of a zero, PostgreSQL does."""
    held = [replace(line, weight=weight) for line, weight in zip(book(lines=3).holdings, (0.0, -0.0, 0.0), strict=True)]
    given: Snapshot = replace(book(lines=3), holdings=tuple(held))
    store.import_snapshot("Book", given)
    got = store.snapshot("Book")
    assert got == given
    if store.engine.dialect.name == "postgresql":
        assert [str(line.weight) for line in got.holdings] == ["0.0", "-0.0", "0.0"]
