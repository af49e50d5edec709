"""Many rows at once, by the fastest way each database has: tuples straight to SQLite's driver, COPY to PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from sqlalchemy import Connection

from db.models import Base

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
