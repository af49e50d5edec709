"""The schema's history, and the way from any of its states to the newest: applied at start, configured in code."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from exposure.errors import StoreError

HEAD = "0009"
"""Newest revision; `versions/` holds a file for each."""
FOLDER = Path(__file__).resolve().parent


def stored_revision(connection: Connection) -> str | None:
    """Read the revision the store stands at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(connection: Connection, name: str) -> None:
    """Bring the store to `HEAD` within the caller's transaction, which holds the writer's lock.

    Two processes that start at once both come here; the second waits for the lock and then finds nothing left to do.

    Raises
    ------
    StoreError
        Where the store was written by a newer version, or holds tables of something else.
    """
    stored = stored_revision(connection)
    if stored == HEAD:
        return
    if stored is None and inspect(connection).has_table("portfolios"):
        raise StoreError("store.foreign-tables", store=name)

    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if stored is not None and stored not in known:
        raise StoreError("store.newer", store=name, stored=stored, known=HEAD)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
