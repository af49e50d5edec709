"""Kept results: each text stored once under its hash, nothing kept twice, deletions undone."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update

from db.engine import Database
from db.models import KeptResult, KeptText, Portfolio
from db.repositories.names import now, portfolio_id
from exposure.errors import InputError
from exposure.kept import Record

TEXTS = ("book", "scenario", "inputs", "answer")
_HEADS = (
    "snapshot_id",
    "as_of",
    "currency",
    "scenario_id",
    "scenario_title",
    "scenario_hash",
    "engine",
    "total_return",
    "pnl",
)


@dataclass(frozen=True, slots=True)
class KeptEntry:
    """A kept result in a list: when (UTC), of which portfolio, and its figures; the rest by `kept_result`."""

    kept_id: int
    portfolio: str
    kept_at: datetime
    snapshot_id: int | None
    as_of: Any
    currency: str | None
    scenario_id: str
    scenario_title: str
    scenario_hash: str
    engine: str
    total_return: float
    pnl: float
    note: str


class Kept(Database):
    """The part of the store that holds kept results."""

    def keep_result(self, portfolio: str, record: Record) -> tuple[int, bool]:
        """Keep a result of a portfolio; give its id, and whether the very same was there before and stands."""
        with self.write() as connection:
            owner = portfolio_id(connection, portfolio)
            hashes = {name: _store_text(connection, getattr(record, name)) for name in TEXTS}
            same = [getattr(KeptResult, name) == value for name, value in hashes.items()]
            same += [KeptResult.portfolio_id == owner, KeptResult.engine == record.engine]
            found = connection.execute(select(KeptResult.id).where(*same, KeptResult.deleted_at.is_(None))).scalar()
            if found is not None:
                return found, True
            heads = {name: getattr(record, name) for name in _HEADS}
            row = insert(KeptResult).values(portfolio_id=owner, **heads, **hashes, note=record.note, kept_at=now())
            made: int = connection.execute(row.returning(KeptResult.id)).scalar_one()
            return made, False

    def kept_results(self, portfolio: str | None = None) -> tuple[KeptEntry, ...]:
        """List kept results, of one portfolio or of all, the last kept first."""
        query = (
            select(KeptResult.id, Portfolio.name, KeptResult.kept_at, *(getattr(KeptResult, n) for n in _HEADS),
                   KeptResult.note)
            .join(Portfolio, Portfolio.id == KeptResult.portfolio_id)
            .where(KeptResult.deleted_at.is_(None), Portfolio.deleted_at.is_(None))
            .order_by(KeptResult.kept_at.desc(), KeptResult.id.desc())
        )  # fmt: skip
        with self.read() as connection:
            if portfolio is not None:
                query = query.where(KeptResult.portfolio_id == portfolio_id(connection, portfolio))
            return tuple(KeptEntry(*row) for row in connection.execute(query))

    def deleted_results(self) -> tuple[tuple[KeptEntry, datetime], ...]:
        """List deleted results of portfolios that are there, with the moment (UTC), the last deleted first."""
        query = (
            select(KeptResult.id, Portfolio.name, KeptResult.kept_at, *(getattr(KeptResult, n) for n in _HEADS),
                   KeptResult.note, KeptResult.deleted_at)
            .join(Portfolio, Portfolio.id == KeptResult.portfolio_id)
            .where(KeptResult.deleted_at.is_not(None), Portfolio.deleted_at.is_(None))
            .order_by(KeptResult.deleted_at.desc(), KeptResult.id.desc())
        )  # fmt: skip
        with self.read() as connection:
            return tuple((KeptEntry(*row[:-1]), row[-1]) for row in connection.execute(query))

    def kept_result(self, kept_id: int) -> Record:
        """Load a kept result with its texts."""
        with self.read() as connection:
            row = connection.execute(
                select(KeptResult.__table__).where(KeptResult.id == kept_id, KeptResult.deleted_at.is_(None))
            ).one_or_none()
            if row is None:
                raise InputError(f"no kept result has the id {kept_id}", remedy="it may have been deleted")
            texts: dict[str, Any] = {name: _load_text(connection, getattr(row, name)) for name in TEXTS}
        return Record(**{name: getattr(row, name) for name in _HEADS}, **texts, note=row.note)

    def note_kept(self, kept_id: int, note: str) -> None:
        """Write a note on a kept result, in place of the one before."""
        with self.write() as connection:
            connection.execute(update(KeptResult).where(KeptResult.id == kept_id).values(note=note))

    def delete_kept(self, kept_id: int) -> None:
        """Take a kept result out of the list; `restore_kept` undoes it."""
        with self.write() as connection:
            gone = update(KeptResult).where(KeptResult.id == kept_id, KeptResult.deleted_at.is_(None))
            if not connection.execute(gone.values(deleted_at=now())).rowcount:
                raise InputError(f"no kept result has the id {kept_id}", remedy="it may have been deleted")

    def restore_kept(self, kept_id: int) -> None:
        """Undo `delete_kept`."""
        with self.write() as connection:
            connection.execute(update(KeptResult).where(KeptResult.id == kept_id).values(deleted_at=None))

    def purge_kept(self, older_than: datetime) -> int:
        """Remove for good what was deleted before a moment, with texts that nothing names any more; give how many."""
        with self.write() as connection:
            count = connection.execute(delete(KeptResult).where(KeptResult.deleted_at < older_than)).rowcount
            named = [select(getattr(KeptResult, n)).where(getattr(KeptResult, n) == KeptText.sha256) for n in TEXTS]
            connection.execute(delete(KeptText).where(~or_(*(one.exists() for one in named))))
            return count


def _store_text(connection: Connection, text: str) -> str:
    data = text.encode()
    key = hashlib.sha256(data).hexdigest()
    if connection.execute(select(KeptText.sha256).where(KeptText.sha256 == key)).scalar() is None:
        connection.execute(insert(KeptText).values(sha256=key, packed=zlib.compress(data)))
    return key


def _load_text(connection: Connection, key: str) -> str:
    packed = connection.execute(select(KeptText.packed).where(KeptText.sha256 == key)).scalar_one()
    return zlib.decompress(packed).decode()
