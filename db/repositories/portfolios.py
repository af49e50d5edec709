"""Portfolios and their dated snapshots: stored whole or not at all, deleted so that it can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Select, select, update

from db.engine import Database
from db.models import Portfolio, SnapshotHead
from db.repositories.names import (
    ANYTHING,
    INSIDE,
    Seen,
    find_portfolio,
    name_of,
    now,
    portfolio_for_import,
    portfolio_id,
    refuse_alike,
    refuse_stale,
    tidy_name,
)
from db.repositories.snapshots import check, insert_snapshot, load_snapshot
from exposure.errors import InputError
from exposure.types import Snapshot

LAST_FIRST = (SnapshotHead.as_of.desc(), SnapshotHead.imported_at.desc(), SnapshotHead.id.desc())
"""Order of snapshots, the latest first; of several of one date, the last imported: ids tell no order."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: the snapshot's id, and whether the same file of the same date was there before."""

    snapshot_id: int
    duplicate_of: int | None
    """The id of the snapshot that stands; nothing was stored. None: stored now."""
    portfolio: str
    as_of: date
    positions: int
    cash: int
    unsupported: int
    rejected: int
    replaces: int | None = None
    """The id of the snapshot whose place this one took: the same file of the same date, read otherwise."""


@dataclass(frozen=True, slots=True)
class SnapshotEntry:
    """A snapshot in a list; `nav` is its total market value in `currency`, None where values are mixed or absent."""

    snapshot_id: int
    as_of: date
    positions: int
    nav: float | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class PortfolioEntry:
    """A portfolio in a list, its snapshots from the oldest to the latest."""

    name: str
    snapshots: tuple[SnapshotEntry, ...]
    portfolio_id: int = 0


class Portfolios(Database):
    """The part of the store that holds portfolios."""

    def import_snapshot(self, portfolio: str | int, snapshot: Snapshot, *, price_set: str = "market") -> Imported:
        """Store one snapshot; see `import_snapshots`."""
        return self.import_snapshots(portfolio, [snapshot], price_set=price_set)[0]

    def import_snapshots(
        self, portfolio: str | int, snapshots: Sequence[Snapshot], *, price_set: str = "market"
    ) -> tuple[Imported, ...]:
        """Store the snapshots of a file in one transaction: all of them or none.

        The same file of the same date is stored once. Where it now reads otherwise (columns said by hand, say), the
        new reading takes the place of the old one, which `restore_snapshot` brings back.

        Parameters
        ----------
        portfolio : str or int
            Its name, made where it is new; or the id of one that is there.
        snapshots : sequence of Snapshot
            One for each date of the file.
        price_set : str
            Of a new portfolio: the prices it is measured with; `demo` for the made-up book alone.

        Raises
        ------
        InputError
            For a snapshot without a date or with a number that is not finite, and for a new name that could be taken
            for another portfolio's.
        StoreError
            Where the store cannot be written; it is as it was.
        """
        if not snapshots:
            raise InputError("there is no snapshot to import", remedy="give a file with holdings")
        for snapshot in snapshots:
            check(snapshot)
        with self.write() as connection:
            key = portfolio_for_import(connection, portfolio, price_set)
            name = name_of(connection, key)
            return tuple(import_into(connection, key, name, snapshot) for snapshot in snapshots)

    def portfolios(self) -> tuple[PortfolioEntry, ...]:
        """List every portfolio by name, with its snapshots by date."""
        with self.read() as connection:
            return _entries(connection, None)

    def portfolio(self, name: str | int) -> PortfolioEntry:
        """List the snapshots of one portfolio."""
        with self.read() as connection:
            return _entries(connection, portfolio_id(connection, name))[0]

    def snapshot(self, portfolio: str | int, as_of: date | None = None) -> Snapshot:
        """Load the latest snapshot of a portfolio, or the one of a date; of several of one date, the last imported."""
        with self.read() as connection:
            return load_snapshot(connection, _latest(connection, portfolio, as_of))

    def snapshot_id(self, portfolio: str | int, as_of: date | None = None) -> int:
        """Find the id of the snapshot that `snapshot` loads, without its rows."""
        with self.read() as connection:
            return _latest(connection, portfolio, as_of)

    def twin(self, portfolio: str | int, snapshot: Snapshot) -> int | None:
        """Find the stored snapshot of the same file and date in a portfolio; None where there is none."""
        with self.read() as connection:
            key = find_portfolio(connection, portfolio)
            if key is None or snapshot.as_of is None:
                return None
            return twin_of(connection, key, snapshot.sha256, snapshot.as_of)

    def snapshot_by_id(self, snapshot_id: int) -> Snapshot:
        """Load a snapshot, equal to what was imported."""
        with self.read() as connection:
            require_snapshot(connection, snapshot_id)
            return load_snapshot(connection, snapshot_id)

    def rename_portfolio(self, key: int, name: str, *, seen: Seen[str] = ANYTHING) -> str:
        """Give a portfolio another name, `seen` being the one that it was shown under; give the name as it is kept.

        Raises
        ------
        InputError
            Where another portfolio has the name, or one that could be taken for it.
        StaleWrite
            Where it goes by another name than `seen` now.
        """
        tidy = tidy_name(name)
        with self.write() as connection:
            was = name_of(connection, portfolio_id(connection, key))
            refuse_stale("the name of a portfolio", seen, was, tidy)
            refuse_alike(connection, tidy, but=key)
            connection.execute(update(Portfolio).where(Portfolio.id == key).values(name=tidy))
            return tidy


def import_into(connection: Connection, key: int, name: str, snapshot: Snapshot) -> Imported:
    """Write a checked snapshot into a portfolio of an id, once, in the caller's transaction."""
    assert snapshot.as_of is not None  # `check` has seen to it
    twin = twin_of(connection, key, snapshot.sha256, snapshot.as_of)
    counts = (snapshot.positions, snapshot.cash, snapshot.unsupported, len(snapshot.rejected))
    if twin is not None and load_snapshot(connection, twin).holdings == snapshot.holdings:
        return Imported(twin, twin, name, snapshot.as_of, *counts)
    if twin is not None:
        hide(connection, twin)
    made = insert_snapshot(connection, key, snapshot)
    return Imported(made, None, name, snapshot.as_of, *counts, replaces=twin)


def hide(connection: Connection, snapshot_id: int) -> None:
    """Put a snapshot into the bin, in the caller's transaction."""
    connection.execute(update(SnapshotHead).where(SnapshotHead.id == snapshot_id).values(deleted_at=now()))


def twin_of(connection: Connection, key: int, sha256: str, as_of: date) -> int | None:
    """Find the snapshot of the same file and date in a portfolio of an id."""
    if not sha256:  # made by a program, not read from a file: nothing to recognise it by
        return None
    same = (SnapshotHead.portfolio_id == key, SnapshotHead.sha256 == sha256, SnapshotHead.as_of == as_of)
    return connection.execute(select(SnapshotHead.id).where(*same, SnapshotHead.deleted_at.is_(None))).scalar()


def require_snapshot(connection: Connection, snapshot_id: int) -> None:
    """Refuse the id of a snapshot that is not there, be it deleted or purged or never given."""
    live = (SnapshotHead.deleted_at.is_(None), Portfolio.deleted_at.is_(None))
    query = select(SnapshotHead.id).join(Portfolio, Portfolio.id == SnapshotHead.portfolio_id)
    if connection.execute(query.where(SnapshotHead.id == snapshot_id, *live)).scalar() is None:
        raise InputError(
            f"no snapshot has the id {snapshot_id}",
            remedy="it may have been deleted; `portfolios` lists what is stored",
        )


def _latest(connection: Connection, portfolio: str | int, as_of: date | None) -> int:
    key = portfolio_id(connection, portfolio)
    query: Select[int] = select(SnapshotHead.id).where(
        SnapshotHead.portfolio_id == key, SnapshotHead.deleted_at.is_(None)
    )
    asked = query if as_of is None else query.where(SnapshotHead.as_of == as_of)
    found = connection.execute(asked.order_by(*LAST_FIRST).limit(1)).scalar()
    if found is not None:
        return found
    days = [entry.as_of.isoformat() for entry in _entries(connection, key)[0].snapshots]
    what = f"portfolio “{name_of(connection, key)}” has no snapshot" + (f" of {as_of.isoformat()}" if as_of else "")
    raise InputError(
        what, remedy=f"it has those of {', '.join(days[-12:])}" if days else "import a holdings file first"
    )


def _entries(connection: Connection, only: int | None) -> tuple[PortfolioEntry, ...]:
    head = SnapshotHead
    query = (
        select(Portfolio.id, Portfolio.name, head.id, head.as_of, head.positions, head.nav, head.nav_currency)
        .outerjoin(head, (head.portfolio_id == Portfolio.id) & head.deleted_at.is_(None))
        .where(
            Portfolio.deleted_at.is_(None),
            Portfolio.price_set != INSIDE,
            *([] if only is None else [Portfolio.id == only]),
        )
        .order_by(Portfolio.name, Portfolio.id, head.as_of, head.imported_at, head.id)
    )
    names: dict[int, str] = {}
    lists: dict[int, list[SnapshotEntry]] = {}
    for key, name, snapshot_id, as_of, positions, nav, currency in connection.execute(query):
        names[key] = name
        own = lists.setdefault(key, [])
        if snapshot_id is not None:
            own.append(SnapshotEntry(snapshot_id, as_of, positions, nav, currency))
    return tuple(PortfolioEntry(names[key], tuple(own), key) for key, own in lists.items())
