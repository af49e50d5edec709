"""Kept results: each text stored once under its hash, nothing kept twice, no note written over unseen."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from db.engine import Database
from db.models import KeptResult, KeptText, Portfolio, Setting
from db.repositories.names import ANYTHING, Anything, Seen, now, portfolio_id, refuse_stale
from exposure.errors import InputError
from exposure.messages import words
from exposure.results import Record

NUMBER = "number of the last kept result"
"""Key among the settings."""
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
    number: int
    """What people call it by; `kept_id` is what never returns."""


class Kept(Database):
    """Kept results."""

    def keep_result(self, portfolio: str | int, record: Record) -> tuple[int, bool]:
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
            own = {"number": _next_number(connection), "note": record.note, "kept_at": now()}
            row = insert(KeptResult).values(portfolio_id=owner, **heads, **hashes, **own)
            made: int = connection.execute(row.returning(KeptResult.id)).scalar_one()
            return made, False

    def kept_results(self, portfolio: str | int | None = None) -> tuple[KeptEntry, ...]:
        """List kept results, of one portfolio or of all, the last kept first."""
        query = (
            select(KeptResult.id, Portfolio.name, KeptResult.kept_at, *(getattr(KeptResult, n) for n in _HEADS),
                   KeptResult.note, KeptResult.number)
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
                   KeptResult.note, KeptResult.number, KeptResult.deleted_at)
            .join(Portfolio, Portfolio.id == KeptResult.portfolio_id)
            .where(KeptResult.deleted_at.is_not(None), Portfolio.deleted_at.is_(None))
            .order_by(KeptResult.deleted_at.desc(), KeptResult.id.desc())
        )  # fmt: skip
        with self.read() as connection:
            return tuple((KeptEntry(*row[:-1]), row[-1]) for row in connection.execute(query))

    def kept_result(self, kept_id: int) -> Record:
        """Load a kept result with its texts."""
        with self.read() as connection:
            row = _live(connection, kept_id)
            texts: dict[str, Any] = {name: _load_text(connection, getattr(row, name)) for name in TEXTS}
        return Record(**{name: getattr(row, name) for name in _HEADS}, **texts, note=row.note)

    def note_kept(self, kept_id: int, note: str, *, seen: Seen[str] = ANYTHING) -> None:
        """Write a note on a kept result in place of the one before, which was shown as `seen`.

        Raises
        ------
        StaleWrite
            Where another note stands there now.
        """
        with self.write() as connection:
            row = _live(connection, kept_id)
            if row.note != note:
                refuse_stale("store.stale.note", seen, row.note, note, number=row.number)
                connection.execute(update(KeptResult).where(KeptResult.id == kept_id).values(note=note))

    def delete_kept(self, kept_id: int, *, seen: Seen[str] = ANYTHING) -> None:
        """Take a kept result out of the list, its note having been shown as `seen`; `restore_kept` undoes it.

        Raises
        ------
        StaleWrite
            Where another note stands there now.
        """
        with self.write() as connection:
            row = _live(connection, kept_id)
            mine = words("store.stale.delete-with-note", {"note": "" if isinstance(seen, Anything) else seen})
            theirs = words("store.stale.has-note", {"note": row.note})
            refuse_stale("store.stale.result", seen, row.note, mine, lambda _: theirs, number=row.number)
            connection.execute(update(KeptResult).where(KeptResult.id == kept_id).values(deleted_at=now()))

    def restore_kept(self, kept_id: int) -> None:
        """Undo `delete_kept`."""
        with self.write() as connection:
            back = update(KeptResult).where(KeptResult.id == kept_id).values(deleted_at=None)
            if not connection.execute(back).rowcount:
                raise InputError("store.result-purged")


def _live(connection: Connection, kept_id: int) -> Row[Any]:
    same = (KeptResult.id == kept_id, KeptResult.deleted_at.is_(None), Portfolio.deleted_at.is_(None))
    query = select(KeptResult.__table__).join(Portfolio, Portfolio.id == KeptResult.portfolio_id)
    row = connection.execute(query.where(*same)).one_or_none()
    if row is None:
        raise InputError("store.no-result", id=kept_id)
    return row


def _next_number(connection: Connection) -> int:
    """Count one further; the last number given outlives the purge of its result, so that none is said of two."""
    same = Setting.key == NUMBER
    last: int = (connection.execute(select(Setting.value).where(same)).scalar() or {"value": 0})["value"]
    connection.execute(delete(Setting).where(same))
    connection.execute(insert(Setting).values(key=NUMBER, value={"value": last + 1}, saved_at=now()))
    return last + 1


def _store_text(connection: Connection, text: str) -> str:
    data = text.encode()
    key = hashlib.sha256(data).hexdigest()
    if connection.execute(select(KeptText.sha256).where(KeptText.sha256 == key)).scalar() is None:
        connection.execute(insert(KeptText).values(sha256=key, packed=zlib.compress(data)))
    return key


def _load_text(connection: Connection, key: str) -> str:
    packed = connection.execute(select(KeptText.packed).where(KeptText.sha256 == key)).scalar_one()
    return zlib.decompress(packed).decode()
