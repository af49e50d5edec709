"""Where a book is that an address or an open session asks for: stored, in the bin, or gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import Row, Select, func, select

from db.engine import Database
from db.models import Portfolio, SnapshotHead
from db.repositories.names import INSIDE, tidy_name
from db.repositories.portfolios import LAST_FIRST, require_snapshot
from exposure.errors import InputError

LARGEST = 2**63
"""No id is so large: neither database could be asked for it."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a snapshot is: `stored`, `deleted` (in the bin, alone or with its portfolio) or `gone`; names as of now."""

    state: Literal["stored", "deleted", "gone"]
    portfolio_id: int | None = None
    portfolio: str | None = None
    snapshot_id: int | None = None
    as_of: date | None = None


class Whereabout(Database):
    """The part of the store that tells where a book is."""

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
            raise InputError(
                f"this book of “{found.portfolio}” was deleted", remedy="the Holdings page brings it back from the bin"
            )
        if found.portfolio_id is None:
            raise InputError("this book is no longer stored", remedy="choose another one, or import its file again")
        if found.portfolio != portfolio:
            raise InputError(
                f"the portfolio shown as “{portfolio}” is called “{found.portfolio}” now", remedy="choose it anew"
            )
        return found.portfolio_id

    def require_snapshot(self, snapshot_id: int) -> None:
        """Refuse the id of a snapshot that is deleted, gone or was never given, be it of a portfolio or of a fund."""
        with self.read() as connection:
            require_snapshot(connection, snapshot_id)


def _heads() -> Select[Any]:
    gone = func.coalesce(Portfolio.deleted_at, SnapshotHead.deleted_at).label("gone")
    columns: tuple[Any, ...] = (Portfolio.id, Portfolio.name, SnapshotHead.id, SnapshotHead.as_of, gone)
    query: Select[Any] = select(*columns).join(SnapshotHead, Portfolio.id == SnapshotHead.portfolio_id)
    return query.where(Portfolio.price_set != INSIDE)


def _whereabouts(row: Row[Any]) -> Whereabouts:
    return Whereabouts("stored" if row.gone is None else "deleted", *row[:4])
