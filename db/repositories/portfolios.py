"""Portfolios and their dated snapshots: stored whole or not at all, deleted so that it can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Select, delete, func, select, update

from db.engine import Database
from db.models import Portfolio, SnapshotHead
from db.repositories.names import INSIDE, find_portfolio, now, portfolio_for_import, portfolio_id, tidy_name
from db.repositories.snapshots import check, insert_snapshot, load_snapshot
from exposure.errors import InputError
from exposure.types import Snapshot


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


@dataclass(frozen=True, slots=True)
class DeletedSnapshot:
    """A snapshot that can be restored, alone or (`whole`) with its deleted portfolio."""

    snapshot_id: int
    portfolio: str
    as_of: date
    file: str
    deleted_at: datetime
    whole: bool


class Portfolios(Database):
    """The part of the store that holds portfolios."""

    def import_snapshot(self, portfolio: str, snapshot: Snapshot, *, price_set: str = "market") -> Imported:
        """Store one snapshot; see `import_snapshots`."""
        return self.import_snapshots(portfolio, [snapshot], price_set=price_set)[0]

    def import_snapshots(
        self, portfolio: str, snapshots: Sequence[Snapshot], *, price_set: str = "market"
    ) -> tuple[Imported, ...]:
        """Store the snapshots of a file in one transaction: all of them or none.

        The same file of the same date is stored once. Where it now reads otherwise (columns said by hand, say), the
        new reading takes the place of the old one, which `restore_snapshot` brings back.

        Parameters
        ----------
        portfolio : str
            Its name; made where it is new.
        snapshots : sequence of Snapshot
            One for each date of the file.
        price_set : str
            Of a new portfolio: the prices it is measured with; `demo` for the made-up book alone.

        Raises
        ------
        InputError
            For a snapshot without a date or with a number that is not finite.
        StoreError
            Where the store cannot be written; it is as it was.
        """
        if not snapshots:
            raise InputError("there is no snapshot to import", remedy="give a file with holdings")
        for snapshot in snapshots:
            check(snapshot)
        with self.write() as connection:
            key = portfolio_for_import(connection, portfolio, price_set)
            return tuple(import_into(connection, key, tidy_name(portfolio), snapshot) for snapshot in snapshots)

    def portfolios(self) -> tuple[PortfolioEntry, ...]:
        """List every portfolio by name, with its snapshots by date."""
        with self.read() as connection:
            return _entries(connection, None)

    def portfolio(self, name: str) -> PortfolioEntry:
        """List the snapshots of one portfolio."""
        with self.read() as connection:
            return _entries(connection, portfolio_id(connection, name))[0]

    def snapshot(self, portfolio: str, as_of: date | None = None) -> Snapshot:
        """Load the latest snapshot of a portfolio, or the one of a date; of several of one date, the last imported."""
        with self.read() as connection:
            return load_snapshot(connection, _latest(connection, portfolio, as_of))

    def snapshot_id(self, portfolio: str, as_of: date | None = None) -> int:
        """Find the id of the snapshot that `snapshot` loads, without its rows."""
        with self.read() as connection:
            return _latest(connection, portfolio, as_of)

    def twin(self, portfolio: str, snapshot: Snapshot) -> int | None:
        """Find the stored snapshot of the same file and date in a portfolio; None where there is none."""
        with self.read() as connection:
            key = find_portfolio(connection, portfolio)
            if key is None or snapshot.as_of is None:
                return None
            return _twin(connection, key, snapshot.sha256, snapshot.as_of)

    def snapshot_by_id(self, snapshot_id: int) -> Snapshot:
        """Load a snapshot, equal to what was imported."""
        with self.read() as connection:
            _require(connection, snapshot_id)
            return load_snapshot(connection, snapshot_id)

    def delete_snapshot(self, snapshot_id: int) -> None:
        """Take a snapshot out of every list; `restore_snapshot` undoes it."""
        with self.write() as connection:
            _require(connection, snapshot_id)
            _hide(connection, snapshot_id)

    def restore_snapshot(self, snapshot_id: int, *, instead_of: int | None = None) -> None:
        """Undo `delete_snapshot`; or bring back what an import replaced, `instead_of` the one that took its place."""
        with self.write() as connection:
            if instead_of is not None:
                _require(connection, instead_of)
                _hide(connection, instead_of)
            row = connection.execute(select(SnapshotHead.__table__).where(SnapshotHead.id == snapshot_id)).one_or_none()
            if row is None:
                raise InputError(
                    f"no snapshot has the id {snapshot_id}", remedy="it may have been purged; import its file again"
                )
            twin = _twin(connection, row.portfolio_id, row.sha256, row.as_of)
            if twin not in (None, snapshot_id):
                raise InputError(
                    f"the file of snapshot {snapshot_id} was imported again as {twin}", remedy="delete that one first"
                )
            connection.execute(update(SnapshotHead).where(SnapshotHead.id == snapshot_id).values(deleted_at=None))

    def delete_portfolio(self, name: str) -> None:
        """Take a portfolio with all its snapshots out of every list; `restore_portfolio` undoes it."""
        with self.write() as connection:
            key = portfolio_id(connection, name)
            connection.execute(update(Portfolio).where(Portfolio.id == key).values(deleted_at=now()))

    def restore_portfolio(self, name: str) -> None:
        """Undo the last `delete_portfolio` of that name."""
        with self.write() as connection:
            if find_portfolio(connection, name) is not None:
                raise InputError(
                    f"a portfolio called “{tidy_name(name)}” is there again", remedy="delete that one first"
                )
            gone = (
                select(Portfolio.id)
                .where(Portfolio.name == tidy_name(name), Portfolio.deleted_at.is_not(None))
                .order_by(Portfolio.deleted_at.desc(), Portfolio.id.desc())
                .limit(1)
            )
            key = connection.execute(gone).scalar()
            if key is None:
                raise InputError(f"no deleted portfolio is called “{tidy_name(name)}”", remedy="import its file again")
            connection.execute(update(Portfolio).where(Portfolio.id == key).values(deleted_at=None))

    def deleted(self) -> tuple[DeletedSnapshot, ...]:
        """List what can still be restored, the last deleted first."""
        when = func.coalesce(SnapshotHead.deleted_at, Portfolio.deleted_at)
        query = (
            select(SnapshotHead.id, Portfolio.name, SnapshotHead.as_of, SnapshotHead.file, when, Portfolio.deleted_at)
            .join(Portfolio, Portfolio.id == SnapshotHead.portfolio_id)
            .where(when.is_not(None), Portfolio.price_set != INSIDE)
            .order_by(when.desc(), SnapshotHead.id.desc())
        )
        with self.read() as connection:
            return tuple(DeletedSnapshot(*row[:5], row[5] is not None) for row in connection.execute(query))

    def purge_deleted(self, older_than: datetime) -> int:
        """Remove for good what was deleted before a moment; give the number of snapshots that went."""
        with self.write() as connection:
            old = select(Portfolio.id).where(Portfolio.deleted_at < older_than)
            inside = delete(SnapshotHead).where(SnapshotHead.portfolio_id.in_(old))
            alone = delete(SnapshotHead).where(SnapshotHead.deleted_at < older_than)
            count = connection.execute(inside).rowcount + connection.execute(alone).rowcount
            connection.execute(delete(Portfolio).where(Portfolio.deleted_at < older_than))
            return count


def import_into(connection: Connection, key: int, name: str, snapshot: Snapshot) -> Imported:
    """Write a checked snapshot into a portfolio of an id, once, in the caller's transaction."""
    assert snapshot.as_of is not None  # `check` has seen to it
    twin = _twin(connection, key, snapshot.sha256, snapshot.as_of)
    counts = (snapshot.positions, snapshot.cash, snapshot.unsupported, len(snapshot.rejected))
    if twin is not None and load_snapshot(connection, twin).holdings == snapshot.holdings:
        return Imported(twin, twin, name, snapshot.as_of, *counts)
    if twin is not None:
        _hide(connection, twin)
    made = insert_snapshot(connection, key, snapshot)
    return Imported(made, None, name, snapshot.as_of, *counts, replaces=twin)


def _hide(connection: Connection, snapshot_id: int) -> None:
    connection.execute(update(SnapshotHead).where(SnapshotHead.id == snapshot_id).values(deleted_at=now()))


def _twin(connection: Connection, key: int, sha256: str, as_of: date) -> int | None:
    if not sha256:  # made by a program, not read from a file: nothing to recognise it by
        return None
    same = (SnapshotHead.portfolio_id == key, SnapshotHead.sha256 == sha256, SnapshotHead.as_of == as_of)
    return connection.execute(select(SnapshotHead.id).where(*same, SnapshotHead.deleted_at.is_(None))).scalar()


def _require(connection: Connection, snapshot_id: int) -> None:
    live = (SnapshotHead.deleted_at.is_(None), Portfolio.deleted_at.is_(None))
    query = select(SnapshotHead.id).join(Portfolio, Portfolio.id == SnapshotHead.portfolio_id)
    if connection.execute(query.where(SnapshotHead.id == snapshot_id, *live)).scalar() is None:
        raise InputError(
            f"no snapshot has the id {snapshot_id}",
            remedy="it may have been deleted; `portfolios` lists what is stored",
        )


def _latest(connection: Connection, portfolio: str, as_of: date | None) -> int:
    key = portfolio_id(connection, portfolio)
    query: Select[int] = select(SnapshotHead.id).where(
        SnapshotHead.portfolio_id == key, SnapshotHead.deleted_at.is_(None)
    )
    asked = query if as_of is None else query.where(SnapshotHead.as_of == as_of)
    found = connection.execute(asked.order_by(SnapshotHead.as_of.desc(), SnapshotHead.id.desc()).limit(1)).scalar()
    if found is not None:
        return found
    days = [entry.as_of.isoformat() for entry in _entries(connection, key)[0].snapshots]
    what = f"portfolio “{tidy_name(portfolio)}” has no snapshot" + (f" of {as_of.isoformat()}" if as_of else "")
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
        .order_by(Portfolio.name, Portfolio.id, head.as_of, head.id)
    )
    names: dict[int, str] = {}
    lists: dict[int, list[SnapshotEntry]] = {}
    for key, name, snapshot_id, as_of, positions, nav, currency in connection.execute(query):
        names[key] = name
        own = lists.setdefault(key, [])
        if snapshot_id is not None:
            own.append(SnapshotEntry(snapshot_id, as_of, positions, nav, currency))
    return tuple(PortfolioEntry(names[key], tuple(own)) for key, own in lists.items())
