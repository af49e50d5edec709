"""Finding a portfolio by its name or id, with an answer that helps where there is none.

What a person saw when they changed it: a change to what has changed since is refused, both texts told.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, TypeAlias, TypeVar

from sqlalchemy import Connection, func, insert, select

from db.models import Portfolio
from exposure.errors import InputError, StaleWrite
from exposure.messages import Param

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
        raise InputError("store.portfolio-unnamed")
    return tidy


def alike(name: str) -> str:
    """Give what two names share that a reader takes for one: without case, width and what is not seen."""
    seen = "".join(sign for sign in name if unicodedata.category(sign) != "Cf")
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold())
    return " ".join(folded.split())


def refuse_alike(connection: Connection, name: str, but: int | None = None) -> None:
    """Refuse a name that is, or could be taken for, that of another portfolio that is not deleted.

    Raises
    ------
    InputError
        Naming that portfolio.
    """
    live = (Portfolio.deleted_at.is_(None), Portfolio.price_set != INSIDE)
    wanted = alike(name)
    for key, other in connection.execute(select(Portfolio.id, Portfolio.name).where(*live)):
        if key != but and alike(other) == wanted:
            raise InputError("store.portfolio-alike", portfolio=other)


def find_portfolio(connection: Connection, portfolio: str | int) -> int | None:
    """Look up the id of a portfolio that is not deleted, by its name or, to be sure, by its id."""
    same = Portfolio.id == portfolio if isinstance(portfolio, int) else Portfolio.name == tidy_name(portfolio)
    return connection.execute(select(Portfolio.id).where(same, Portfolio.deleted_at.is_(None))).scalar()


def name_of(connection: Connection, key: int) -> str:
    """Give the name of a portfolio that is known to be there."""
    found: str = connection.execute(select(Portfolio.name).where(Portfolio.id == key)).scalar_one()
    return found


def portfolio_id(connection: Connection, name: str | int) -> int:
    """Look up a portfolio that must be there, by its name or its id.

    Raises
    ------
    InputError
        Naming the portfolios that are.
    """
    found = find_portfolio(connection, name)
    if found is not None:
        return found
    if isinstance(name, int):
        raise InputError("store.portfolio-gone")
    live = Portfolio.deleted_at.is_(None) & (Portfolio.price_set != INSIDE)
    known = (
        connection.execute(select(Portfolio.name).where(live).order_by(Portfolio.name).limit(_SHOWN)).scalars().all()
    )
    more = (connection.execute(select(func.count()).select_from(Portfolio).where(live)).scalar() or 0) - len(known)
    asked, listed = tidy_name(name), ", ".join(f"“{one}”" for one in known)
    if not known:
        raise InputError("store.portfolio-unknown.none", portfolio=asked)
    if more <= 0:
        raise InputError("store.portfolio-unknown", portfolio=asked, known=listed)
    raise InputError("store.portfolio-unknown.more", portfolio=asked, known=listed, more=more)


def portfolio_for_import(connection: Connection, name: str | int, price_set: str) -> int:
    """Look up a portfolio, or make it where a name is given that no other could be taken for."""
    found = portfolio_id(connection, name) if isinstance(name, int) else find_portfolio(connection, name)
    if found is not None:
        return found
    assert isinstance(name, str)
    refuse_alike(connection, tidy_name(name))
    row = insert(Portfolio).values(name=tidy_name(name), price_set=price_set, created_at=now())
    made: int = connection.execute(row.returning(Portfolio.id)).scalar_one()
    return made


T = TypeVar("T")


class Anything:
    """What was seen where nobody looked."""


ANYTHING: Final = Anything()
"""The default of what was seen, as in a program: the last word counts."""
Seen: TypeAlias = T | Anything


def refuse_stale(
    code: str, seen: Seen[T], found: T, mine: str, write: Callable[[T], str] = str, **params: Param
) -> None:
    """Refuse a change where what is stored (`found`) is no longer what the person saw.

    What was seen is its own version: no number can go astray, and what was changed and changed back is as it was seen.

    Parameters
    ----------
    code : str
        Of the message that says what is changed, with its `params`: `store.stale.note`, `number=3`.
    mine : str
        The text of the change that is refused.
    write : callable
        Writes what is stored as a text.

    Raises
    ------
    StaleWrite
        With both texts, and `found` to change it knowingly.
    """
    if not isinstance(seen, Anything) and seen != found:
        raise StaleWrite(code, mine=mine, theirs=write(found), found=found, **params)
