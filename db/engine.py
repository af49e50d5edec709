"""From a URL to an engine whose transactions hold.

Every write takes the store's one writer lock first and every read sees one moment: `BEGIN IMMEDIATE` and WAL on SQLite,
an advisory lock and `REPEATABLE READ` on PostgreSQL. What a transaction checks is therefore still true when it commits.

What a database driver complains of becomes one message for the person at the screen: what is wrong and what to do.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from exposure.errors import StoreError

# Words of the driver's message (SQLite's, then PostgreSQL's) by the code of what they mean; the first found speaks.
_MEANINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("store.read-only", ("readonly database", "read-only transaction", "permission denied")),
    ("store.full", ("is full", "no space left")),
    ("store.locked", ("is locked", "table is locked", "lock timeout", "could not obtain lock")),
    ("store.not-opened", ("unable to open",)),
    ("store.damaged", ("not a database", "malformed")),
    ("store.sign-in-refused", ("password authentication", "no password supplied")),
    (
        "store.unreachable",
        ("connection refused", "could not translate", "connection timeout", "failed to resolve", "connection failed",
         "server closed", "terminating connection", "connection is lost", "connection is closed"),
    ),
)  # fmt: skip


def name_of(url: URL) -> str:
    """Name the store for a message: the SQLite file, or the server's address without its password."""
    if url.get_backend_name() == "sqlite":
        return url.database or ":memory:"
    # What stands behind the ? is left out: libpq takes passwords there too.
    shown = URL.create(url.drivername, url.username, None, url.host, url.port, url.database)
    return shown.render_as_string()


def is_secret(key: str) -> bool:
    """Tell whether a setting of libpq, as it may stand behind the ? of a URL, is a password or a key's own text."""
    return any(word in key.lower() for word in ("password", "passwd", "secret", "scram_"))


def _hidden(text: str, url: URL) -> str:
    """Take the URL's password out of a driver's words, as it is and as the URL writes it."""
    password = str(url.password or "")
    for secret in filter(None, (password, quote(password, safe=""), quote_plus(password))):
        text = text.replace(secret, "***")
    return text


def store_error(error: BaseException, url: URL) -> StoreError:
    """Tell what a driver's error means for the store at `url`."""
    original = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    lines = str(original).strip().splitlines()
    for code, words in _MEANINGS:
        if any(word in str(original).lower() for word in words):
            return StoreError(code, store=name_of(url))
    detail = _hidden(lines[0].strip(), url) if lines else type(original).__name__
    return StoreError("store.answers", store=name_of(url), answer=detail)


@contextmanager
def as_store_errors(url: URL) -> Iterator[None]:
    """Raise whatever the database complains of within as `StoreError`, the driver's error kept as its cause."""
    driver_errors: tuple[type[BaseException], ...] = (SQLAlchemyError, sqlite3.Error, *_postgres_errors(url))
    try:
        yield
    except driver_errors as error:
        raise store_error(error, url) from error


def _postgres_errors(url: URL) -> tuple[type[BaseException], ...]:
    if url.get_backend_name() != "postgresql":
        return ()
    import psycopg

    return (psycopg.Error,)


DEFAULT_FILE = Path(__file__).resolve().parent / "exposure.sqlite"
WAIT_SECONDS = 10
"""How long a write waits for another one, and a connection for its server."""
WRITER_LOCK = 0x6578706F  # "expo": any number, the same in every process


def address(url: str | None = None) -> URL:
    """Settle the store's URL; PostgreSQL is always spoken to through psycopg."""
    given = url or os.environ.get("DATABASE_URL") or URL.create("sqlite", database=str(DEFAULT_FILE))
    try:
        parsed = make_url(given)
    except (ArgumentError, ValueError):  # its words repeat parts of the URL, where a password may stand
        raise StoreError("store.url-none") from None
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise StoreError("store.url-unsupported", driver=parsed.drivername)
    if parsed.get_backend_name() == "sqlite":
        if parsed.username or parsed.password or parsed.host or parsed.port:
            raise StoreError("store.url-server-of-file")
    elif isinstance(given, str) and given.count("@") > 1:
        # All after the first one is taken for host and name, which errors repeat: half a password would be among it.
        raise StoreError("store.url-several-at")
    return parsed


def engine_for(url: URL) -> Engine:
    """Make the engine of a settled URL; nothing is connected yet, and the engine's own URL tells no secret."""
    secrets = {key: value for key, value in url.query.items() if is_secret(key)}
    shown = url.difference_update_query(secrets)
    try:
        if url.get_backend_name() == "postgresql":
            options = {"connect_timeout": WAIT_SECONDS, **secrets}
            return create_engine(shown, pool_pre_ping=True, connect_args=options)
        engine = create_engine(url, connect_args={"timeout": WAIT_SECONDS})
    except (ArgumentError, TypeError, ValueError):  # its words repeat the URL
        raise StoreError("store.url-options", store=name_of(url)) from None
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # Python's sqlite3 begins transactions by itself, late and not for DDL; without its help, `_begin_sqlite` decides.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    # A read-only file keeps the mode it has, and one of two processes starting at once is enough to set it.
    with suppress(Exception):
        connection.execute("PRAGMA journal_mode = WAL")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _tables() -> list[str]:
    """Name the tables that hold what is anybody's own: all but those of prices and rates, which are never purged."""
    from db.models import Base

    shared = {"prices", "price_series", "price_log", "corporate_actions", "bank_rates"}
    return sorted(set(Base.metadata.tables) - shared)


def file_mark(url: str | None = None) -> str | None:
    """Tell one SQLite file from another that was put in its place; empty for a server, None where there is no file."""
    found = address(url)
    if found.get_backend_name() != "sqlite" or not found.database or found.database.startswith((":memory:", "file:")):
        return ""
    try:
        known = os.stat(found.database)
    except OSError:
        return None
    return f"{known.st_dev}:{known.st_ino}"


class Database:
    """An engine and its two kinds of transaction; the repositories build on it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one moment of the store throughout."""
        with as_store_errors(self.engine.url), self.engine.connect() as connection:
            if self.engine.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give the one writing connection; it commits at the end, and after any error the store is as it was."""
        with as_store_errors(self.engine.url), self.engine.connect() as connection:
            connection = connection.execution_options(writes=True)
            with connection.begin():
                if self.engine.dialect.name == "postgresql":
                    connection.execute(text(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'"))
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})"))
                yield connection

    def rewrite(self) -> bool:
        """Write the database's files anew without what was deleted; tell whether no deleted byte is left in them.

        A database marks deleted rows as free and leaves their bytes where they were, in its file and in its log.
        """
        try:
            if self.engine.dialect.name == "postgresql":
                with self.engine.connect() as connection:
                    connection = connection.execution_options(isolation_level="AUTOCOMMIT")
                    connection.exec_driver_sql(f"SET lock_timeout = '{WAIT_SECONDS}s'")
                    try:
                        connection.exec_driver_sql(f"VACUUM (FULL) {', '.join(_tables())}")
                    finally:
                        connection.exec_driver_sql("RESET lock_timeout")
                return True
            with closing(self.engine.raw_connection()) as raw:
                own: Any = raw.driver_connection
                own.execute("VACUUM")
                busy = own.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
                return not busy
        except (DBAPIError, sqlite3.Error):
            return False

    def close(self) -> None:
        """Close every connection; the store can be opened again."""
        with suppress(DBAPIError):
            self.engine.dispose()
