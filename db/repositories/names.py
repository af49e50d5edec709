"""Finding a portfolio by its name, with an answer that helps where there is none."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

from sqlalchemy import Connection, func, insert, select

from db.models import Portfolio
from exposure.errors import InputError

_SHOWN = 12
INSIDE = "inside"
"""Price set of the hidden portfolios that hold the insides of funds: they are in no list."""


def now() -> datetime:
    """Give the moment of a write, in UTC."""
    return datetime.now(UTC)


def tidy_name(name: str) -> str:
    """Bring a portfolio's name to the one form it is stored and found by."""
    tidy = unicodedata.normalize("NFC", " ".join(name.split()))
    if not tidy:
        raise InputError("a portfolio needs a name", remedy="give one that is not blank")
    return tidy


def find_portfolio(connection: Connection, name: str) -> int | None:
    """Look up the id of a portfolio that is not deleted."""
    query = select(Portfolio.id).where(Portfolio.name == tidy_name(name), Portfolio.deleted_at.is_(None))
    return connection.execute(query).scalar()


def portfolio_id(connection: Connection, name: str) -> int:
    """Look up a portfolio that must be there.

    Raises
    ------
    InputError
        Naming the portfolios that are.
    """
    found = find_portfolio(connection, name)
    if found is not None:
        return found
    live = Portfolio.deleted_at.is_(None) & (Portfolio.price_set != INSIDE)
    known = (
        connection.execute(select(Portfolio.name).where(live).order_by(Portfolio.name).limit(_SHOWN)).scalars().all()
    )
    more = (connection.execute(select(func.count()).select_from(Portfolio).where(live)).scalar() or 0) - len(known)
    listed = ", ".join(f"“{one}”" for one in known) + (f" and {more} more" if more > 0 else "")
    remedy = f"known are {listed}" if known else "none is stored yet, import a holdings file first"
    raise InputError(f"no portfolio is called “{tidy_name(name)}”", remedy=remedy)


def portfolio_for_import(connection: Connection, name: str, price_set: str) -> int:
    """Look up a portfolio, or make it."""
    found = find_portfolio(connection, name)
    if found is not None:
        return found
    row = insert(Portfolio).values(name=tidy_name(name), price_set=price_set, created_at=now())
    made: int = connection.execute(row.returning(Portfolio.id)).scalar_one()
    return made
