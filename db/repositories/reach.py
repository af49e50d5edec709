"""The summary of each price series, kept with every write in its transaction: reach, last answer, what was noticed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from db.bulk import insert_rows
from db.models import Portfolio, Price, PriceEvent, StoredSeries
from db.repositories.names import now, portfolio_id
from exposure.types import Issue

MARKET = "market"
"""The set of real prices; those of the demo are made up and in another."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a series reaches after a write, and whether that write changed it."""

    rows: int
    first: date
    last: date
    changed: bool = True


def note_reach(
    connection: Connection,
    price_set: str,
    reached: Mapping[str, Reach],
    *,
    fetched: bool = False,
    asked_from: date | None = None,
) -> None:
    """Bring the summary of series that were written up to date, in the writer's transaction."""
    before = {k.ticker: k for k in known(connection, price_set, list(reached))}
    moment, rows = now(), []
    for ticker, reach in reached.items():
        old = before.get(ticker)
        changed = reach.changed or old is None
        asked = [day for day in (asked_from, old and old.asked_from) if day is not None]
        same = None if changed or old is None or old.found is None else json.dumps(old.found)
        rows.append((
            price_set, ticker, reach.rows, reach.first.isoformat(), reach.last.isoformat(),
            min(asked).isoformat() if asked else None,
            None if fetched else old and old.outcome,
            stamp(connection, moment if fetched else old and old.fetched_at),
            stamp(connection, moment if changed or old is None else old.changed_at),
            same,
        ))  # fmt: skip
    if before:
        mark = "?" if connection.dialect.name == "sqlite" else "%s"
        gone = f"DELETE FROM price_series WHERE price_set = {mark} AND ticker = {mark}"
        connection.exec_driver_sql(gone, [(price_set, ticker) for ticker in before])
    insert_rows(connection, StoredSeries, [c.key for c in StoredSeries.__table__.columns], rows)


def recount(connection: Connection, price_set: str, ticker: str) -> None:
    """Bring the summary of a ticker of which prices were removed up to date; without any left it goes."""
    mine = (Price.price_set == price_set, Price.ticker == ticker)
    rows, first, last = connection.execute(
        select(func.count(), func.min(Price.date), func.max(Price.date)).where(*mine)
    ).one()
    if rows:
        note_reach(connection, price_set, {ticker: Reach(rows, first, last)})
    else:
        same = (StoredSeries.price_set == price_set, StoredSeries.ticker == ticker)
        connection.execute(delete(StoredSeries).where(*same))


def note_issues(connection: Connection, price_set: str, source: str, issues: Mapping[str, Sequence[Issue]]) -> None:
    """Log what was noticed of each ticker, in the writer's transaction."""
    common = {"price_set": price_set, "source": source, "noticed_at": now()}
    rows = [
        {**common, "ticker": ticker, "severity": issue.severity, "what": issue.what, "remedy": issue.remedy}
        for ticker, found in issues.items()
        for issue in found
    ]
    if rows:
        connection.execute(insert(PriceEvent), rows)


def stamp(connection: Connection, moment: datetime | None) -> str | None:
    """Write a moment as the database keeps it, for rows that no type of SQLAlchemy sees."""
    if moment is None:
        return None
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    # Without its offset the text is what SQLite stores; PostgreSQL is told that it is UTC.
    return text if connection.dialect.name == "sqlite" else text + "+00"


def price_set_of(connection: Connection, portfolio: str | int | None) -> str:
    """Give the price set that a portfolio is measured with; the real one without a portfolio."""
    if portfolio is None:
        return MARKET
    key = portfolio_id(connection, portfolio)
    return connection.execute(select(Portfolio.price_set).where(Portfolio.id == key)).scalar_one()


def known(connection: Connection, price_set: str, tickers: Sequence[str] | None = None) -> list[Row[Any]]:
    """Read the summaries of a set, or of some tickers of it, by ticker."""
    query = select(StoredSeries.__table__).where(StoredSeries.price_set == price_set).order_by(StoredSeries.ticker)
    if tickers is None:
        return list(connection.execute(query))
    asked = set(tickers)
    if len(asked) <= 1000:  # beyond that a look at all is cheaper than so long a question
        query = query.where(StoredSeries.ticker.in_(sorted(asked)))
    return [row for row in connection.execute(query) if row.ticker in asked]
