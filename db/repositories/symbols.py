"""Which Yahoo symbols the stored portfolios hold: what a feed is asked for, and what may lack a price."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, Select, func, select

from db.models import HoldingLine, Portfolio, SnapshotHead
from db.repositories.settings import answers_of
from exposure.types import Holding
from exposure.units import currency_of

_CODE = re.compile("[A-Z]{3}")
_READ = (
    "kind",
    "ticker",
    "isin",
    "cusip",
    "sedol",
    "figi",
    "name",
    "exchange",
    "country",
    "currency",
    "price_currency",
)


def symbols_of(connection: Connection, portfolio: int | None) -> tuple[str, ...]:
    """List the symbols of the latest snapshots, of one portfolio or of every one that real prices measure."""
    from exposure.chain.issuers import table

    query = _held(portfolio, *_READ).add_columns(Portfolio.id).where(HoldingLine.kind.in_(("equity", "fund")))
    answers: dict[int, dict[str, str]] = {}
    found: set[str] = set()
    for *row, owner in connection.execute(query).all():
        if owner not in answers:
            answers[owner] = answers_of(connection, owner)
        holding = Holding(0, **dict(zip(_READ, row, strict=True)))
        match = table().find(holding, answers[owner])
        symbol = answers[owner].get(match.symbol or "", match.symbol)
        found.update(one for one in (symbol, match.issuer.underlying if match.issuer else None) if one)
    return tuple(sorted(found))


def rates_of(connection: Connection, portfolio: int | None) -> tuple[str, ...]:
    """List the currencies of the latest snapshots as Yahoo's pairs with the US dollar, pence as pounds.

    Those that the listings held are quoted in are among them, whatever the file values them in.
    """
    from exposure.chain.listing import CURRENCY_OF, split_symbol

    stated = connection.execute(_held(portfolio, "currency", "price_currency", "value_currency"))
    quoted = {CURRENCY_OF.get(split_symbol(symbol)[1]) for symbol in symbols_of(connection, portfolio)}
    codes = {currency_of(code) for code in (*(code for row in stated for code in row), *quoted) if code}
    return tuple(sorted(f"{code}USD=X" for code in codes if code and _CODE.fullmatch(code) and code != "USD"))


def _held(portfolio: int | None, *fields: str) -> Select[Any]:
    """Ask for the distinct lines of the latest snapshots."""
    latest = (
        select(SnapshotHead.portfolio_id, func.max(SnapshotHead.as_of).label("as_of"))
        .where(SnapshotHead.deleted_at.is_(None))
        .group_by(SnapshotHead.portfolio_id)
        .subquery()
    )
    which = Portfolio.price_set == "market" if portfolio is None else Portfolio.id == portfolio
    return (
        select(*(getattr(HoldingLine, name) for name in fields))
        .join(SnapshotHead, SnapshotHead.id == HoldingLine.snapshot_id)
        .join(latest, (latest.c.portfolio_id == SnapshotHead.portfolio_id) & (latest.c.as_of == SnapshotHead.as_of))
        .join(Portfolio, Portfolio.id == SnapshotHead.portfolio_id)
        .where(which, Portfolio.deleted_at.is_(None), SnapshotHead.deleted_at.is_(None))
        .distinct()
    )
