"""Which Yahoo symbols the stored portfolios hold: what a feed is asked for, and what may lack a price."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from db.models import HoldingLine, Listing, Portfolio, SnapshotHead
from exposure.types import Holding

_READ = ("kind", "ticker", "isin", "cusip", "sedol", "name", "exchange", "country", "currency", "price_currency")


def symbols_of(connection: Connection, portfolio: int | None) -> tuple[str, ...]:
    """List the symbols of the latest snapshots, of one portfolio or of every one that real prices measure."""
    from exposure.chain.issuers import table

    latest = (
        select(SnapshotHead.portfolio_id, func.max(SnapshotHead.as_of).label("as_of"))
        .where(SnapshotHead.deleted_at.is_(None))
        .group_by(SnapshotHead.portfolio_id)
        .subquery()
    )
    which = Portfolio.price_set == "market" if portfolio is None else Portfolio.id == portfolio
    query = (
        select(*(getattr(HoldingLine, name) for name in _READ))
        .join(SnapshotHead, SnapshotHead.id == HoldingLine.snapshot_id)
        .join(latest, (latest.c.portfolio_id == SnapshotHead.portfolio_id) & (latest.c.as_of == SnapshotHead.as_of))
        .join(Portfolio, Portfolio.id == SnapshotHead.portfolio_id)
        .where(which, Portfolio.deleted_at.is_(None), SnapshotHead.deleted_at.is_(None))
        .where(HoldingLine.kind.in_(("equity", "fund")))
        .distinct()
    )
    answers = {one: symbol for one, symbol in connection.execute(select(Listing.identifier, Listing.symbol))}
    found: set[str] = set()
    for row in connection.execute(query):
        holding = Holding(0, **dict(zip(_READ, row, strict=True)))
        match = table().find(holding)
        symbol = answers.get(holding.isin or "") or answers.get(holding.ticker or "") or match.symbol
        found.update(one for one in (symbol, match.issuer.underlying if match.issuer else None) if one)
    return tuple(sorted(found))
