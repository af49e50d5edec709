"""The bin: what was deleted by its id, brought back whole, and removed for good with all that hangs on it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select, update

from db.engine import Database
from db.models import ColumnMapping, KeptResult, KeptText, MappingUse, Portfolio, Setting, SettingUse, SnapshotHead
from db.repositories.kept import TEXTS
from db.repositories.names import ANYTHING, INSIDE, Anything, Seen, alike, name_of, now, portfolio_id, refuse_stale
from db.repositories.snapshots import hide, require_snapshot, twin_of
from exposure.errors import InputError
from exposure.messages import words

DRAFTS = "draft:"
"""What the keys of drafts begin with; a file that waits to be confirmed is one."""


@dataclass(frozen=True, slots=True)
class DeletedSnapshot:
    """A snapshot that can be restored by itself; `fund`: it is what a fund holds, the fund named in `portfolio`."""

    snapshot_id: int
    portfolio: str
    as_of: date
    file: str
    deleted_at: datetime
    fund: bool = False


@dataclass(frozen=True, slots=True)
class DeletedPortfolio:
    """A portfolio that can be restored with all it had when it was deleted."""

    portfolio_id: int
    name: str
    deleted_at: datetime
    snapshots: int


@dataclass(frozen=True, slots=True)
class Purged:
    """What was removed for good, and whether its bytes left the database's files too."""

    portfolios: int
    snapshots: int
    results: int
    erased: bool
    asked: int = 0
    """How many of those asked for were still in the bin."""


class Bin(Database):
    """What is deleted: put into the bin, brought back, purged."""

    def delete_snapshot(self, snapshot_id: int) -> None:
        """Take a snapshot out of every list; `restore_snapshot` undoes it."""
        with self.write() as connection:
            require_snapshot(connection, snapshot_id)
            hide(connection, snapshot_id)

    def restore_snapshot(self, snapshot_id: int, *, instead_of: int | None = None) -> None:
        """Undo `delete_snapshot`; or bring back what an import replaced, `instead_of` the one that took its place."""
        with self.write() as connection:
            row = connection.execute(
                select(SnapshotHead.__table__, Portfolio.name, Portfolio.deleted_at.label("gone"))
                .join(Portfolio, Portfolio.id == SnapshotHead.portfolio_id)
                .where(SnapshotHead.id == snapshot_id)
            ).one_or_none()
            if row is None:
                raise InputError("store.snapshot-purged", id=snapshot_id)
            if row.gone is not None:
                raise InputError("store.snapshot-of-deleted", portfolio=row.name)
            if instead_of is not None:
                require_snapshot(connection, instead_of)
                hide(connection, instead_of)
            if twin_of(connection, row.portfolio_id, row.sha256, row.as_of) not in (None, snapshot_id):
                again = {"name": row.file, "day": row.as_of.isoformat(), "portfolio": row.name}
                raise InputError("store.snapshot-imported-again", **again)
            connection.execute(update(SnapshotHead).where(SnapshotHead.id == snapshot_id).values(deleted_at=None))

    def delete_portfolio(self, key: int, *, seen: Seen[Collection[int]] = ANYTHING) -> None:
        """Take a portfolio with all it has out of every list; `restore_portfolio` undoes it.

        Parameters
        ----------
        key : int
            Its id: a name may have passed to another.
        seen : collection of int, optional
            Ids of the snapshots that were shown when it was asked.

        Raises
        ------
        StaleWrite
            Where the portfolio has other snapshots than `seen` now.
        """
        with self.write() as connection:
            portfolio_id(connection, key)
            if not isinstance(seen, Anything):
                days = _days(connection, key)
                had = [days.get(one, words("store.stale.gone", {})) for one in seen]
                refuse_stale(
                    "store.stale.portfolio",
                    frozenset(seen),
                    frozenset(days),
                    words("store.stale.delete-with", {"days": ", ".join(sorted(had))}),
                    lambda _: words("store.stale.holds", {"days": ", ".join(sorted(days.values()))}),
                    portfolio=name_of(connection, key),
                )
            connection.execute(update(Portfolio).where(Portfolio.id == key).values(deleted_at=now()))

    def restore_portfolio(self, key: int) -> str:
        """Undo `delete_portfolio` and give the name it has now.

        Where another portfolio took its name meanwhile, it comes back beside it as “NAME (2)”: the two are never mixed.
        """
        with self.write() as connection:
            name = connection.execute(select(Portfolio.name).where(Portfolio.id == key)).scalar()
            if name is None:
                raise InputError("store.portfolio-purged")
            live = Portfolio.deleted_at.is_(None) & (Portfolio.price_set != INSIDE) & (Portfolio.id != key)
            taken = {alike(one) for one in connection.execute(select(Portfolio.name).where(live)).scalars()}
            free, count = name, 1
            while alike(free) in taken:
                count += 1
                free = f"{name} ({count})"
            connection.execute(update(Portfolio).where(Portfolio.id == key).values(deleted_at=None, name=free))
            return free

    def deleted(self) -> tuple[DeletedSnapshot, ...]:
        """List the snapshots in the bin, without those that lie there with their portfolio, the last deleted first."""
        head = SnapshotHead
        query = (
            select(head.id, Portfolio.name, head.as_of, head.file, head.deleted_at, Portfolio.price_set == INSIDE)
            .join(Portfolio, Portfolio.id == head.portfolio_id)
            .where(head.deleted_at.is_not(None), Portfolio.deleted_at.is_(None))
            .order_by(head.deleted_at.desc(), head.imported_at.desc(), head.id)
        )
        with self.read() as connection:
            rows: list[Any] = [*connection.execute(query)]
        return tuple(DeletedSnapshot(row[0], row[1].strip(), *row[2:]) for row in rows)

    def deleted_portfolios(self) -> tuple[DeletedPortfolio, ...]:
        """List the portfolios in the bin, the last deleted first; each is another, be it of the same name."""
        own = SnapshotHead.deleted_at.is_(None) & (SnapshotHead.portfolio_id == Portfolio.id)
        query = (
            select(Portfolio.id, Portfolio.name, Portfolio.deleted_at, func.count(SnapshotHead.id))
            .outerjoin(SnapshotHead, own)
            .where(Portfolio.deleted_at.is_not(None), Portfolio.price_set != INSIDE)
            .group_by(Portfolio.id, Portfolio.name, Portfolio.deleted_at)
            .order_by(Portfolio.deleted_at.desc(), Portfolio.id)
        )
        with self.read() as connection:
            rows: list[Any] = [*connection.execute(query)]
        return tuple(DeletedPortfolio(*row) for row in rows)

    def purge(
        self, *, portfolios: Sequence[int] = (), snapshots: Sequence[int] = (), results: Sequence[int] = ()
    ) -> Purged:
        """Remove for good, in one transaction, what lies in the bin under these ids, with all that hangs on it.

        A portfolio takes its snapshots, overrides, answers, proxies, trades and kept results with it, the drafts that
        were made on it and the mapping of columns that no other portfolio uses; a snapshot the file that somebody
        still has at hand unconfirmed. What was brought back meanwhile stays. Then the database's own files are
        rewritten, so that no deleted byte is left in them; `erased` is false where another program held them open.
        """
        with self.write() as connection:
            gone = _in_bin(connection, Portfolio, portfolios)
            own = SnapshotHead.portfolio_id.in_(gone)
            singly = _in_bin(connection, SnapshotHead, snapshots)
            alone = SnapshotHead.id.in_(singly)
            files = connection.execute(select(SnapshotHead.sha256).where(or_(own, alone))).scalars().all()
            _forget_drafts(connection, gone)
            went = connection.execute(delete(SnapshotHead).where(or_(own, alone))).rowcount
            noted = _in_bin(connection, KeptResult, results)
            kept = or_(KeptResult.id.in_(noted), KeptResult.portfolio_id.in_(gone))
            unkept = connection.execute(delete(KeptResult).where(kept)).rowcount
            connection.execute(delete(Portfolio).where(Portfolio.id.in_(gone)))
            _forget_files(connection, files)
            _forget_orphans(connection)
        asked = len(gone) + len(singly) + len(noted)
        return Purged(len(gone), went, unkept, self.rewrite() if asked else True, asked)


def _in_bin(
    connection: Connection, table: type[Portfolio] | type[SnapshotHead] | type[KeptResult], keys: Sequence[int]
) -> list[int]:
    found = select(table.id).where(table.id.in_(keys), table.deleted_at.is_not(None))
    return list(connection.execute(found).scalars())


def _days(connection: Connection, key: int) -> dict[int, str]:
    live = (SnapshotHead.portfolio_id == key, SnapshotHead.deleted_at.is_(None))
    rows = connection.execute(select(SnapshotHead.id, SnapshotHead.as_of).where(*live))
    return {one: day.isoformat() for one, day in rows}


def _forget_drafts(connection: Connection, portfolios: Sequence[int]) -> None:
    made_on = select(SettingUse.key).where(SettingUse.portfolio_id.in_(portfolios))
    connection.execute(delete(Setting).where(Setting.key.in_(made_on)))


def _forget_files(connection: Connection, files: Sequence[str]) -> None:
    """Take away the unconfirmed uploads of files that no snapshot is left of."""
    kept = set(connection.execute(select(SnapshotHead.sha256).where(SnapshotHead.sha256.in_(files))).scalars())
    lost = {one for one in files if one and one not in kept}
    if not lost:
        return
    drafts = select(Setting.key, Setting.value).where(Setting.key.startswith(DRAFTS, autoescape=True))
    keys = [key for key, value in connection.execute(drafts) if _hash(value) in lost]
    connection.execute(delete(Setting).where(Setting.key.in_(keys)))


def _hash(held: dict[str, object]) -> object:
    content = held.get("value")
    return content.get("sha256") if isinstance(content, dict) else None


def _forget_orphans(connection: Connection) -> None:
    """Take away the mappings that no portfolio uses any more, and the texts that no kept result names."""
    used = select(MappingUse.shape).where(MappingUse.shape == ColumnMapping.shape)
    connection.execute(delete(ColumnMapping).where(~used.exists()))
    named = [select(getattr(KeptResult, n)).where(getattr(KeptResult, n) == KeptText.sha256) for n in TEXTS]
    connection.execute(delete(KeptText).where(~or_(*(one.exists() for one in named))))
