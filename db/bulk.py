"""Many rows at once, by the fastest way each database has: tuples straight to SQLite's driver, COPY to PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Connection

from db.models import Base

Row = tuple[Any, ...]
VARIABLES = 999
"""Values of one statement that every build of SQLite takes."""


def insert_rows(connection: Connection, table: type[Base], columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows in the caller's transaction.

    Parameters
    ----------
    columns : sequence of str
        Names in the order of each row's values.
    rows : sequence of tuple
        Plain values as the database keeps them, since no type of SQLAlchemy sees them: dates and moments as ISO text,
        JSON as text, text of a file escaped by `Verbatim.escape`.
    """
    if not rows:
        return
    quote = connection.dialect.identifier_preparer.quote
    target = f"{quote(table.__tablename__)} ({', '.join(map(quote, columns))})"
    if connection.dialect.name == "postgresql":
        cursor: Any = connection.connection.cursor()
        with cursor, cursor.copy(f"COPY {target} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    # Many rows to a statement: a third of the time goes into starting and ending one.
    marks = f"({', '.join('?' * len(columns))})"
    most = max(1, VARIABLES // len(columns))
    whole = len(rows) - len(rows) % most
    if whole:
        many = f"INSERT INTO {target} VALUES {', '.join([marks] * most)}"
        batches = [tuple(chain.from_iterable(rows[at : at + most])) for at in range(0, whole, most)]
        connection.exec_driver_sql(many, batches)
    if rest := list(rows[whole:]):
        connection.exec_driver_sql(f"INSERT INTO {target} VALUES {marks}", rest)
