"""Portfolios, their dated snapshots and what funds hold: stored whole or not at all, deleted so that it can be undone.

What a fund holds serves every portfolio in which the fund stands. It is stored as the snapshots of a hidden portfolio,
whose name begins with a blank, as no user's does, and whose price set is `inside`: it is in no list, and no feed is
asked for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, func, insert, select, update

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
from db.repositories.snapshots import (
    LAST_FIRST,
    check,
    hide,
    insert_snapshot,
    load_snapshot,
    require_snapshot,
    twin_of,
)
from exposure.errors import InputError
from exposure.types import Snapshot

LARGEST = 2**63
"""No id is so large: neither database could be asked for it."""


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


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a snapshot is: `stored`, `deleted` (in the bin, alone or with its portfolio) or `gone`; names as of now."""

    state: Literal["stored", "deleted", "gone"]
    portfolio_id: int | None = None
    portfolio: str | None = None
    snapshot_id: int | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Inside:
    """What is known of a fund's inside: its snapshot's id, its date, its file, how many positions."""

    fund: str
    snapshot_id: int
    as_of: date
    file: str
    positions: int


class Portfolios(Database):
    """Portfolios, their snapshots, and where a book is."""

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
            raise InputError("store.nothing-to-import")
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
            refuse_stale("store.stale.name", seen, was, tidy)
            refuse_alike(connection, tidy, but=key)
            connection.execute(update(Portfolio).where(Portfolio.id == key).values(name=tidy))
            return tidy

    def whereabouts(self, snapshot_id: int) -> Whereabouts:
        """Tell where the snapshot of an id is; an id is given once, so what it names is never another book."""
        if not 0 <= snapshot_id < LARGEST:
            return Whereabouts("gone")
        with self.read() as connection:
            row = connection.execute(_heads().where(SnapshotHead.id == snapshot_id)).one_or_none()
        return Whereabouts("gone") if row is None else _whereabouts(row)

    def whereabouts_named(self, name: str, as_of: date | None = None) -> Whereabouts:
        """Tell where the snapshot of a portfolio of a name and of a date is, without a date the latest one.

        What is stored comes before what lies in the bin. A portfolio that is there without that snapshot gives `gone`
        and its id.
        """
        if not name.strip():
            return Whereabouts("gone")
        tidy = tidy_name(name)
        query = _heads().where(Portfolio.name == tidy)
        if as_of is not None:
            query = query.where(SnapshotHead.as_of == as_of)
        gone = func.coalesce(Portfolio.deleted_at, SnapshotHead.deleted_at)
        with self.read() as connection:
            # A live portfolio first, then the one deleted last: what lies under an old name may be another client's.
            here = select(Portfolio.id).where(Portfolio.name == tidy, Portfolio.price_set != INSIDE)
            key = connection.execute(
                here.order_by(Portfolio.deleted_at.is_not(None), Portfolio.deleted_at.desc(), Portfolio.id).limit(1)
            ).scalar()
            if key is None:
                return Whereabouts("gone")
            own = query.where(Portfolio.id == key).order_by(gone.is_not(None), *LAST_FIRST).limit(1)
            row = connection.execute(own).one_or_none()
        return Whereabouts("gone", key, tidy) if row is None else _whereabouts(row)

    def standing(self, portfolio: str, snapshot_id: int) -> int:
        """Give the id of the portfolio that a stored snapshot belongs to, shown under a name.

        Raises
        ------
        InputError
            Where the snapshot is deleted or gone, or its portfolio goes by another name now.
        """
        found = self.whereabouts(snapshot_id)
        if found.state == "deleted":
            raise InputError("store.book-deleted", portfolio=found.portfolio or portfolio)
        if found.portfolio_id is None:
            raise InputError("store.book-gone")
        if found.portfolio != portfolio:
            raise InputError("store.book-renamed", shown=portfolio, portfolio=found.portfolio or "")
        return found.portfolio_id

    def require_snapshot(self, snapshot_id: int) -> None:
        """Refuse the id of a snapshot that is deleted, gone or was never given, be it of a portfolio or of a fund."""
        with self.read() as connection:
            require_snapshot(connection, snapshot_id)


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
    name = name_of(connection, key)
    if as_of is None or not days:
        raise InputError("store.portfolio-empty", portfolio=name)
    raise InputError("store.no-snapshot-of", portfolio=name, day=as_of.isoformat(), days=", ".join(days[-12:]))


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


def _heads() -> Select[Any]:
    gone = func.coalesce(Portfolio.deleted_at, SnapshotHead.deleted_at).label("gone")
    columns: tuple[Any, ...] = (Portfolio.id, Portfolio.name, SnapshotHead.id, SnapshotHead.as_of, gone)
    query: Select[Any] = select(*columns).join(SnapshotHead, Portfolio.id == SnapshotHead.portfolio_id)
    return query.where(Portfolio.price_set != INSIDE)


def _whereabouts(row: Row[Any]) -> Whereabouts:
    return Whereabouts("stored" if row.gone is None else "deleted", *row[:4])


class Insides(Database):
    """What funds hold."""

    def store_inside(self, fund: str, snapshot: Snapshot) -> Imported:
        """Keep what a fund (its key as `exposure.chain.lookthrough` gives it) holds as of the snapshot's date."""
        check(snapshot)
        if not fund.strip():
            raise InputError("store.fund-unnamed")
        with self.write() as connection:
            return import_into(connection, _home(connection, fund), fund.strip().upper(), snapshot)

    def insides(self, as_of: date | None = None) -> dict[str, Inside]:
        """Give fund → its inside of a day: the last not after it, else the first after; without a day the last."""
        head = SnapshotHead
        query = (
            select(Portfolio.name, head.id, head.as_of, head.file, head.positions)
            .join(head, head.portfolio_id == Portfolio.id)
            .where(Portfolio.price_set == INSIDE, Portfolio.deleted_at.is_(None), head.deleted_at.is_(None))
            .order_by(Portfolio.name, head.as_of, head.imported_at, head.id)
        )
        found: dict[str, Inside] = {}
        with self.read() as connection:
            for name, snapshot_id, day, file, positions in connection.execute(query):
                own = Inside(name.strip(), snapshot_id, day, file, positions)
                if own.fund not in found or as_of is None or own.as_of <= as_of:
                    found[own.fund] = own
        return found


def _home(connection: Connection, fund: str) -> int:
    name = f" {fund.strip().upper()}"
    same = (Portfolio.name == name, Portfolio.price_set == INSIDE, Portfolio.deleted_at.is_(None))
    known = connection.execute(select(Portfolio.id).where(*same)).scalar()
    if known is not None:
        return known
    row = insert(Portfolio).values(name=name, price_set=INSIDE, created_at=now())
    made: int = connection.execute(row.returning(Portfolio.id)).scalar_one()
    return made
