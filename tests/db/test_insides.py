"""The insides of funds: dated, for every portfolio, and in no list of portfolios."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from db import Store
from exposure.errors import InputError
from tests.db.books import DAY, book

LATER = date(2025, 6, 30)


def test_the_inside_of_a_day_is_the_last_not_after_it(store: Store) -> None:
    first = store.store_inside("spy", book(DAY)).snapshot_id
    second = store.store_inside("SPY", book(LATER, sha256="b" * 64)).snapshot_id
    assert {f: i.snapshot_id for f, i in store.insides().items()} == {"SPY": second}
    assert store.insides(date(2025, 3, 1))["SPY"].snapshot_id == first
    assert store.insides(LATER)["SPY"].snapshot_id == second
    assert store.insides(date(2020, 1, 1))["SPY"].as_of == DAY, "else the first after it"
    assert store.snapshot_by_id(first) == book(DAY)


def test_an_inside_is_in_no_list_of_portfolios_and_takes_nobodys_name(store: Store) -> None:
    store.store_inside("SPY", book())
    assert store.portfolios() == ()
    store.import_snapshot("SPY", book())
    assert [p.name for p in store.portfolios()] == ["SPY"]
    store.delete_portfolio(store.portfolio("SPY").portfolio_id)
    assert list(store.insides()) == ["SPY"]
    with pytest.raises(InputError, match="none is stored yet"):
        store.portfolio("inside of SPY")
    assert store.symbols() == ()


def test_the_same_file_of_a_fund_is_stored_once_and_a_delete_can_be_undone(store: Store) -> None:
    first = store.store_inside("SPY", book())
    again = store.store_inside("SPY", book())
    assert again.duplicate_of == first.snapshot_id
    store.delete_snapshot(first.snapshot_id)
    assert store.insides() == {}
    assert [(d.portfolio, d.fund) for d in store.deleted()] == [("SPY", True)]
    store.restore_snapshot(first.snapshot_id)
    assert list(store.insides()) == ["SPY"]
    store.purge(snapshots=[first.snapshot_id])
    assert list(store.insides()) == ["SPY"], "what was brought back is not purged"


def test_an_inside_needs_a_date_and_a_fund(store: Store) -> None:
    with pytest.raises(InputError, match="no date"):
        store.store_inside("SPY", replace(book(), as_of=None))
    with pytest.raises(InputError, match="a fund needs a name"):
        store.store_inside(" ", book())
