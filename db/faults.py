"""What a database driver complains of, as one sentence for the person at the screen: what is wrong and what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, quote_plus

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from exposure.errors import StoreError

# Words of the driver's message (SQLite's, then PostgreSQL's) -> what to say; the first that is found speaks.
_SENTENCES: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("readonly database", "read-only transaction", "permission denied"),
        "is read-only; give write access to it, or point DATABASE_URL to a place that can be written",
    ),
    (("is full", "no space left"), "has no space left; free some on its disk and repeat, nothing was changed"),
    (
        ("is locked", "table is locked", "lock timeout", "could not obtain lock"),
        "is being written by another program; wait for it to finish and repeat, nothing was changed",
    ),
    (("unable to open",), "cannot be opened; see that its folder exists and can be written, or set DATABASE_URL"),
    (
        ("not a database", "malformed"),
        "is damaged or no SQLite database; put a backup in its place, or point DATABASE_URL to another file",
    ),
    (("password authentication", "no password supplied"),
        "refuses the sign-in; correct user and password in DATABASE_URL"),
    (
        ("connection refused", "could not translate", "connection timeout", "failed to resolve", "connection failed",
         "server closed", "terminating connection", "connection is lost", "connection is closed"),
        "cannot be reached; see that the server runs and that DATABASE_URL names it",
    ),
)  # fmt: skip


def name_of(url: URL) -> str:
    """Name the store for a message: the SQLite file, or the server's address without its password."""
    if url.get_backend_name() == "sqlite":
        return f"store {url.database or ':memory:'}"
    # What stands behind the ? is left out: libpq takes passwords there too.
    shown = URL.create(url.drivername, url.username, None, url.host, url.port, url.database)
    return f"store {shown.render_as_string()}"


def is_secret(key: str) -> bool:
    """Tell whether a setting of libpq, as it may stand behind the ? of a URL, is a password or a key's own text."""
    return any(word in key.lower() for word in ("password", "passwd", "secret", "scram_"))


def _hidden(text: str, url: URL) -> str:
    """Take the URL's password out of a driver's words, as it is and as the URL writes it."""
    password = str(url.password or "")
    for secret in filter(None, (password, quote(password, safe=""), quote_plus(password))):
        text = text.replace(secret, "***")
    return text


def sentence(error: BaseException, url: URL) -> str:
    """Say on one line what a driver's error means for the store at `url`."""
    original = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    lines = str(original).strip().splitlines()
    for words, text in _SENTENCES:
        if any(word in str(original).lower() for word in words):
            return f"{name_of(url)} {text}"
    detail = _hidden(lines[0].strip(), url) if lines else type(original).__name__
    return f"{name_of(url)} answers “{detail}”; nothing was changed"


@contextmanager
def as_store_errors(url: URL) -> Iterator[None]:
    """Raise whatever the database complains of within as `StoreError`, the driver's error kept as its cause."""
    driver_errors: tuple[type[BaseException], ...] = (SQLAlchemyError, sqlite3.Error, *_postgres_errors(url))
    try:
        yield
    except driver_errors as error:
        raise StoreError(sentence(error, url)) from error


def _postgres_errors(url: URL) -> tuple[type[BaseException], ...]:
    if url.get_backend_name() != "postgresql":
        return ()
    import psycopg

    return (psycopg.Error,)
