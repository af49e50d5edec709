"""What funds hold: dated snapshots that serve every portfolio in which the fund stands.

They are stored as the snapshots of a hidden portfolio for each fund. Its name begins with a blank, which no user's
name does, and its price set is `inside`, so it is in no list and no feed is asked for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, insert, select

from db.engine import Database
from db.models import Portfolio, SnapshotHead
from db.repositories.names import INSIDE, now
from db.repositories.portfolios import Imported, import_into
from db.repositories.snapshots import check
from exposure.errors import InputError
from exposure.types import Snapshot


@dataclass(frozen=True, slots=True)
class Inside:
    """What is known of a fund's inside: its snapshot's id, its date, its file, how many positions."""

    fund: str
    snapshot_id: int
    as_of: date
    file: str
    positions: int


class Insides(Database):
    """The part of the store that holds the insides of funds."""

    def store_inside(self, fund: str, snapshot: Snapshot) -> Imported:
        """Keep what a fund (its key as `exposure.chain.lookthrough` gives it) holds as of the snapshot's date."""
        check(snapshot)
        if not fund.strip():
            raise InputError("a fund needs a name", remedy="choose the fund that the file is of")
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
