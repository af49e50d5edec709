"""The store: what is kept between two visits, in SQLite or PostgreSQL; its door is `open_store`."""

from __future__ import annotations

from db.engine import address, engine_for, name_of
from db.migrations import HEAD, stored_revision
from db.repositories import Store


def open_store(url: str | None = None) -> Store:
    """Open the store and bring its schema up to date.

    Parameters
    ----------
    url : str, optional
        An SQLAlchemy URL of SQLite or PostgreSQL; without it `DATABASE_URL`, else the file `db/exposure.sqlite` of the
        project, wherever the command runs.

    Raises
    ------
    StoreError
        Where the store is read-only, full, locked, unreachable or written by a newer version.
    """
    store = Store(engine_for(address(url)))
    try:
        with store.read() as connection:
            revision = stored_revision(connection)
        if revision != HEAD:
            # Alembic is imported here alone: a store that is up to date opens without it.
            from db.migrations import upgrade

            with store.write() as connection:
                upgrade(connection, name_of(store.engine.url))
    except BaseException:
        store.close()
        raise
    return store


__all__ = ["Store", "open_store"]
