"""Two kinds of column: text that survives whatever a file holds, and moments in UTC on both databases.

What every table is built on: names of constraints, kinds of column, and ids as wide as they are drawn.

Ids that are given once: drawn at random, so none returns after a purge, from a backup, or in another store.

Many rows at once, by the fastest way each database has: tuples straight to SQLite's driver, COPY to PostgreSQL.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any

from sqlalchemy import JSON, BigInteger, Connection, DateTime, Dialect, Double, Integer, MetaData, Text
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

# NUL cannot be stored by PostgreSQL, a lone surrogate (a byte that no encoding explains) by neither.
_UNSTORABLE = re.compile("[\\\\\x00\ud800-\udfff]")
_ESCAPED = re.compile(r"\\u([0-9a-f]{4})")


class Verbatim(TypeDecorator[str]):
    r"""Text that comes back as it went in: a backslash, NUL and lone surrogates are stored as `\u005c` and so on."""

    impl = Text
    cache_ok = True

    @staticmethod
    def escape(value: str | None) -> str | None:
        """Give the stored form."""
        if value is None or not _UNSTORABLE.search(value):
            return value
        return _UNSTORABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", value)

    @staticmethod
    def touches(values: Iterable[str | None]) -> bool:
        """Tell whether any of many texts needs escaping, at the price of one search."""
        return _UNSTORABLE.search(" ".join(filter(None, values))) is not None

    @staticmethod
    def restore(value: str | None) -> str | None:
        """Undo `escape`."""
        if value is None or "\\" not in value:
            return value
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Escape on the way in."""
        return self.escape(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Restore on the way out."""
        return self.restore(value)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, aware on both sides; SQLite keeps no time zone, so none is handed to it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn into UTC on the way in."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give an aware moment on the way out."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Id = BigInteger().with_variant(Integer(), "sqlite")
"""Of 64 bits on both databases; SQLite's INTEGER is that wide."""


class Base(DeclarativeBase):
    """Names every constraint, so that a migration can speak of it on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {float: Double, datetime: Moment, dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012


LOWEST, HIGHEST = 2**32, 2**53
"""Above what the first versions counted up to, below what JSON's readers hold exactly."""


def new_id() -> int:
    """Draw the id of a portfolio, a snapshot or a kept result.

    Ids that count up return: SQLite gives the number of a purged last row again, and a store put back from its backup
    counts on from there. Of a million drawn, two are the same with a probability of one in ten thousand; the key of
    the table refuses that write, whole.
    """
    return LOWEST + secrets.randbelow(HIGHEST - LOWEST)


Row = tuple[Any, ...]
VARIABLES = 999
"""Values of one statement that every build of SQLite takes."""
_STATEMENTS = 256
"""Handed to the driver at a time, so that a million rows are not copied before the first is written."""


def insert_rows(
    connection: Connection,
    table: type[Base],
    columns: Sequence[str],
    rows: Iterable[Row],
    constants: Mapping[str, Any] | None = None,
) -> None:
    """Insert rows in the caller's transaction.

    Parameters
    ----------
    columns : sequence of str
        Names in the order of each row's values.
    rows : iterable of tuple
        Plain values as the database keeps them, since no type of SQLAlchemy sees them: dates and moments as ISO text,
        JSON as text, text of a file escaped by `Verbatim.escape`.
    constants : mapping, optional
        Columns that hold the same in every row → that value.
    """
    constants = constants or {}
    fixed = tuple(constants.values())
    quote = connection.dialect.identifier_preparer.quote
    target = f"{quote(table.__tablename__)} ({', '.join(map(quote, (*constants, *columns)))})"
    if connection.dialect.name == "postgresql":
        cursor: Any = connection.connection.cursor()
        with cursor, cursor.copy(f"COPY {target} FROM STDIN") as copy:
            for row in rows:
                copy.write_row((*fixed, *row))
        return
    # Many rows to a statement: a third of the time goes into starting and ending one. What all rows share is bound
    # once to each statement and named by its number: every value bound costs, and half of a row may be such.
    width = len(columns)
    most = max(1, (VARIABLES - len(fixed)) // width)
    statements = _statements(chain.from_iterable(rows), most * width, fixed)
    while several := list(islice(statements, _STATEMENTS)):
        last = several.pop() if len(several[-1]) < len(fixed) + most * width else None
        if several:
            connection.exec_driver_sql(f"INSERT INTO {target} VALUES {_marks(len(fixed), width, most)}", several)
        if last:
            count = (len(last) - len(fixed)) // width
            connection.exec_driver_sql(f"INSERT INTO {target} VALUES {_marks(len(fixed), width, count)}", last)


def _statements(values: Iterator[Any], size: int, fixed: Row) -> Iterator[Row]:
    """Cut values into those of one statement each, what is fixed before them."""
    while block := tuple(islice(values, size)):
        yield fixed + block


def _marks(fixed: int, width: int, count: int) -> str:
    """Write the marks of `count` rows: the numbers of what is fixed again in each, then those of its own values.

    >>> _marks(1, 2, 2)
    '(?1, ?2, ?3), (?1, ?4, ?5)'
    """
    shared = [f"?{n + 1}" for n in range(fixed)]
    own = [f"?{fixed + n + 1}" for n in range(width * count)]
    return ", ".join(f"({', '.join(shared + own[at : at + width])})" for at in range(0, width * count, width))
