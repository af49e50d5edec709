"""Lines that wait as columns are, for everyone who asks, the holdings that they would have been from the start."""

from __future__ import annotations

import copy
import gc
import pickle
from dataclasses import FrozenInstanceError, asdict, fields, replace
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.delivered import FIELDS, made, uncollected
from exposure.types import Holding, Snapshot
from tests.db.books import holdings, snapshots

HELD = (Holding(2, ticker="AMD", quantity=3.0), Holding(5, "cash", name="Cash", market_value=-0.0, derived=("x",)))


def waiting(snapshot: Snapshot) -> Snapshot:
    """Give the same snapshot with its lines still columns, those that hold nothing left out."""
    blank = Holding(0)
    columns = {name: [getattr(h, name) for h in snapshot.holdings] for name in FIELDS}
    kept = {n: c for n, c in columns.items() if n == "row" or any(value != getattr(blank, n) for value in c)}
    return snapshot.of_lines(kept)


@given(st.lists(holdings, max_size=5))
def test_holdings_made_of_columns_are_those_of_the_constructor(held: list[Holding]) -> None:
    columns = {name: [getattr(h, name) for h in held] for name in FIELDS}
    assert made(columns) == held
    assert list(map(repr, made(columns))) == list(map(repr, held))


@given(snapshots)
def test_a_snapshot_of_columns_is_the_snapshot_of_holdings(snapshot: Snapshot) -> None:
    """Each look is the first: what it makes of the columns must not hang on what was asked before."""
    for ask in (
        lambda s: s,
        lambda s: repr(s),
        lambda s: (s.positions, s.cash, s.unsupported, s.total_market_value),
        lambda s: s.holdings,
        lambda s: [s.column(f.name) for f in fields(Holding)],
        lambda s: asdict(s),
        lambda s: replace(s, title="other"),
        lambda s: copy.copy(s),
        lambda s: copy.deepcopy(s),
        lambda s: pickle.loads(pickle.dumps(s)),
    ):
        assert ask(waiting(snapshot)) == ask(snapshot)
        assert ask(snapshot) == ask(waiting(snapshot))


def test_its_holdings_are_a_plain_tuple_made_once_and_frozen() -> None:
    snapshot = waiting(Snapshot("f.csv", "csv", None, (), "USD", HELD))
    assert snapshot.column("quantity") == [3.0, None]
    assert type(snapshot.holdings) is tuple
    assert snapshot.holdings is snapshot.holdings
    assert (snapshot.holdings, hash(snapshot.holdings)) == (HELD, hash(HELD))
    assert snapshot.column("quantity") == [3.0, None]
    with pytest.raises(FrozenInstanceError):
        snapshot.holdings = ()  # type: ignore[misc]
    with pytest.raises(AttributeError, match="nothing"):
        snapshot.nothing  # type: ignore[attr-defined]  # noqa: B018


def test_threads_that_ask_at_once_all_get_the_holdings() -> None:
    snapshot = waiting(Snapshot("f.csv", "csv", None, (), "USD", HELD * 2_000))
    got: list[tuple[Holding, ...]] = []
    threads = [Thread(target=lambda: got.append(snapshot.holdings)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(held) for held in got] == [4_000] * 8


def test_the_collector_runs_again_after_an_error_and_stays_off_where_it_was() -> None:
    with pytest.raises(ZeroDivisionError), uncollected():
        assert not gc.isenabled()
        1 / 0  # noqa: B018
    assert gc.isenabled()
    gc.disable()
    try:
        made({"row": [1]})
        assert not gc.isenabled()
    finally:
        gc.enable()
