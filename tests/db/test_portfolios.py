"""Portfolios and snapshots: what goes in comes out, once, whole or not at all, and a delete can be undone."""

from __future__ import annotations

import uuid
from dataclasses import fields, replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import func, select

from db import Store
from db.models import Base, HoldingLine, SnapshotHead
from db.repositories import SnapshotEntry
from exposure.errors import InputError, StoreError
from exposure.types import Holding, Snapshot
from tests.db.books import DAY, book, fault_at, snapshots

LATER = date(2025, 2, 28)
FUTURE = datetime(9999, 1, 1, tzinfo=UTC)


def test_every_field_of_a_holding_has_its_column_in_the_same_order() -> None:
    columns = [column.name for column in HoldingLine.__table__.columns]
    assert columns == ["snapshot_id", "position", *(field.name for field in fields(Holding))]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(snapshot=snapshots)
def test_a_snapshot_comes_back_equal_to_what_was_imported(store: Store, snapshot: Snapshot) -> None:
    imported = store.import_snapshot(uuid.uuid4().hex, snapshot)
    assert store.snapshot_by_id(imported.snapshot_id) == snapshot


def test_the_same_file_of_the_same_date_is_recognised_and_not_stored_twice(store: Store) -> None:
    first = store.import_snapshot("A", book())
    before = _counts(store)
    again = store.import_snapshot("A", book())
    assert (first.duplicate_of, again.duplicate_of, again.snapshot_id) == (None, first.snapshot_id, first.snapshot_id)
    assert _counts(store) == before
    assert (again.positions, again.cash, again.unsupported, again.rejected) == (1, 1, 0, 1)


def test_the_same_file_read_otherwise_takes_the_place_of_the_first_reading_and_can_be_undone(store: Store) -> None:
    first = store.import_snapshot("A", book())
    other = replace(book(), holdings=tuple(replace(h, name="read otherwise") for h in book().holdings))
    second = store.import_snapshot("A", other)
    assert (second.duplicate_of, second.replaces) == (None, first.snapshot_id)
    assert store.twin("A", book()) == second.snapshot_id
    assert [s.snapshot_id for s in store.portfolio("A").snapshots] == [second.snapshot_id]
    assert store.snapshot("A") == other
    store.restore_snapshot(first.snapshot_id, instead_of=second.snapshot_id)
    assert store.snapshot("A") == book()
    assert [s.snapshot_id for s in store.portfolio("A").snapshots] == [first.snapshot_id]
    assert store.twin("B", book()) is None


def test_another_date_another_file_or_another_portfolio_is_no_duplicate(store: Store) -> None:
    store.import_snapshot("A", book())
    others = [("A", book(LATER)), ("A", book(sha256="b" * 64)), ("B", book())]
    assert [store.import_snapshot(name, one).duplicate_of for name, one in others] == [None, None, None]


def test_snapshots_made_by_a_program_have_no_hash_and_are_never_taken_for_each_other(store: Store) -> None:
    ids = {store.import_snapshot("A", book(sha256="")).snapshot_id for _ in range(2)}
    assert len(ids) == 2


def test_a_file_with_several_dates_is_stored_whole_or_not_at_all(store: Store) -> None:
    with pytest.raises(InputError, match="no date is known"):
        store.import_snapshots("A", [book(), book(None)])
    assert store.portfolios() == ()
    imported = store.import_snapshots("A", [book(), book(LATER)])
    assert [one.as_of for one in imported] == [DAY, LATER]
    assert [entry.as_of for entry in store.portfolio("A").snapshots] == [DAY, LATER]


def test_a_number_that_is_none_is_refused_by_row(store: Store) -> None:
    nvda, cash = book().holdings
    bad = replace(book(), holdings=(nvda, replace(cash, market_value=float("nan"))))
    with pytest.raises(InputError, match=r"book.csv:3: market_value is nan"):
        store.import_snapshot("A", bad)
    assert store.portfolios() == ()


def test_a_fault_at_any_statement_of_an_import_leaves_the_store_as_it_was(store: Store) -> None:
    """Break the import at its first statement, its second, and so on, until it passes; nothing may be left behind."""
    store.import_snapshot("A", book())
    before, whole = _counts(store), [book(LATER), book(LATER, "b" * 64)]
    for broken in range(1, 60):
        with fault_at(store, broken) as reached:
            if not _fails(store, whole):
                break
        assert reached, "the import failed before the fault"
        assert _counts(store) == before, f"after a fault at statement {broken}"
        assert [e.name for e in store.portfolios()] == ["A"]
    else:
        pytest.fail("the import never passed")
    assert broken > 6
    assert _counts(store)[SnapshotHead] == before[SnapshotHead] + 2


def test_a_list_shows_date_positions_and_net_asset_value_in_its_currency(store: Store) -> None:
    """14,000 of NVDA less an overdraft of 1,000 is 13,000; in two currencies there is no sum."""
    mixed = book(LATER)
    mixed = replace(
        mixed, currency=None, holdings=(mixed.holdings[0], replace(mixed.holdings[1], value_currency="EUR"))
    )
    first, second = (one.snapshot_id for one in store.import_snapshots("A", [book(), mixed]))
    assert store.portfolios()[0].snapshots == (
        SnapshotEntry(first, DAY, 1, 13_000.0, "USD"),
        SnapshotEntry(second, LATER, 1, None, None),
    )


def test_the_latest_snapshot_counts_and_an_older_one_is_had_by_its_date(store: Store) -> None:
    store.import_snapshots("A", [book(LATER), book(DAY)])
    assert store.snapshot("A").as_of == LATER
    assert store.snapshot("A", DAY).as_of == DAY
    corrected = replace(book(LATER, "c" * 64), title="corrected")
    store.import_snapshot("A", corrected)
    assert store.snapshot("A") == corrected  # of two of one date, the last imported


def test_an_unknown_portfolio_date_or_id_is_answered_with_those_that_are_known(store: Store) -> None:
    with pytest.raises(InputError, match="none is stored yet"):
        store.snapshot("A")
    store.import_snapshot("Ærø & Søn", book())
    with pytest.raises(InputError, match="no portfolio is called “B”; known are “Ærø & Søn”"):
        store.snapshot("B")
    with pytest.raises(InputError, match="no snapshot of 2024-12-31; it has those of 2025-01-24"):
        store.snapshot("Ærø & Søn", date(2024, 12, 31))
    with pytest.raises(InputError, match="no snapshot has the id 4711"):
        store.snapshot_by_id(4711)


def test_a_name_is_found_however_its_letters_and_spaces_are_written(store: Store) -> None:
    store.import_snapshot("  Cafe\u0301   fund ", book())
    assert store.snapshot("Caf\u00e9 fund") == book()
    with pytest.raises(InputError, match="needs a name"):
        store.import_snapshot(" \t", book())


def test_two_writers_of_one_file_end_with_one_snapshot(store: Store) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: store.import_snapshot("A", book(lines=50)), range(8)))
    assert sum(one.duplicate_of is None for one in done) == 1
    assert len(store.portfolio("A").snapshots) == 1


def _fails(store: Store, whole: list[Snapshot]) -> bool:
    try:
        store.import_snapshots("New", whole)
    except (RuntimeError, StoreError):
        return True
    return False


def _counts(store: Store) -> dict[type[Base], int]:
    with store.read() as connection:
        tables = (mapper.class_ for mapper in Base.registry.mappers)
        return {table: connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables}
