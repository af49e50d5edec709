"""What is known of each price series as a whole: its reach, the feed's last answer, what was noticed.

The summary is kept with each write, in its transaction, so that a status never counts millions of prices.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from db.columns import insert_rows
from db.engine import Database
from db.models import CorporateAction, Portfolio, Price, PriceEvent, StoredSeries
from db.repositories.names import now, portfolio_id
from db.repositories.snapshots import symbols_of
from exposure.delivered import Severity
from exposure.errors import MissingPrice
from exposure.types import Issue

MARKET = "market"
"""The set of real prices; those of the demo are made up and in another."""
STALE_AFTER = timedelta(days=7)
USER = "user"
"""Source of a price set by hand: no feed and no file replaces it."""


@dataclass(frozen=True, slots=True)
class SeriesStatus:
    """How far the prices of one ticker reach, and what the feed said of it last."""

    ticker: str
    rows: int
    start: date
    end: date
    asked_from: date | None = None
    """First day that a feed was asked for."""
    fetched_at: datetime | None = None
    """When a feed last answered."""
    outcome: Issue | None = None
    """Why the last fetch brought nothing, None where it brought prices."""


@dataclass(frozen=True, slots=True)
class PriceStatus:
    """What the price store holds of a set, or of a portfolio's listings, and what it lacks."""

    tickers: int
    rows: int
    start: date | None
    end: date | None
    missing: tuple[str, ...]
    """Listings held in portfolios without any stored price."""
    stale: tuple[str, ...]
    """Tickers whose last price is more than a week old."""
    series: tuple[SeriesStatus, ...]
    failed: tuple[tuple[str, Issue], ...] = ()
    """Ticker and why, where the last fetch of it brought nothing."""
    updated_at: datetime | None = None
    """When a feed last answered."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was noticed while prices were stored."""

    ticker: str
    noticed_at: datetime
    source: str
    issue: Issue


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a series reaches after a write, and whether that write changed it."""

    rows: int
    first: date
    last: date
    changed: bool = True


class Series(Database):
    """How the series of prices stand as wholes."""

    def price_status(self, portfolio: str | int | None = None, *, today: date | None = None) -> PriceStatus:
        """Tell what is stored, missing and stale, of all prices or of the listings of one portfolio."""
        with self.read() as connection:
            price_set = price_set_of(connection, portfolio)
            held = symbols_of(connection, None if portfolio is None else portfolio_id(connection, portfolio))
            found = known(connection, price_set, None if portfolio is None else held)
        series = tuple(
            SeriesStatus(k.ticker, k.rows, k.first, k.last, k.asked_from, k.fetched_at, _failure(k))
            for k in found
            if k.rows
        )
        end = max((one.end for one in series), default=None)
        # Made-up prices end where they were made to; against the clock all of them would be stale.
        newest = end if price_set != MARKET else (today or datetime.now(UTC).date())
        priced = {one.ticker for one in series}
        return PriceStatus(
            tickers=len(series),
            rows=sum(one.rows for one in series),
            start=min((one.start for one in series), default=None),
            end=end,
            missing=tuple(symbol for symbol in held if symbol not in priced),
            stale=tuple(one.ticker for one in series if newest is not None and newest - one.end > STALE_AFTER),
            series=series,
            failed=tuple((k.ticker, why) for k in found if (why := _failure(k)) is not None),
            updated_at=max((k.fetched_at for k in found if k.fetched_at is not None), default=None),
        )

    def drop_series(self, ticker: str) -> int:
        """Remove the prices of a ticker, those set by hand excepted, with its splits and dividends; give how many."""
        with self.write() as connection:
            mine = (Price.price_set == MARKET, Price.ticker == ticker)
            gone = connection.execute(delete(Price).where(*mine, Price.source != USER)).rowcount
            if not gone:
                raise MissingPrice("store.no-prices", ticker=ticker)
            for table in (CorporateAction, StoredSeries):
                connection.execute(delete(table).where(table.price_set == MARKET, table.ticker == ticker))
            recount(connection, MARKET, ticker)
        return int(gone)

    def note_outcomes(self, failed: Iterable[tuple[str, Issue]]) -> None:
        """Keep why tickers brought nothing when they were last fetched."""
        reasons = dict(failed)
        with self.write() as connection:
            there = {k.ticker for k in known(connection, MARKET, list(reasons))}
            for ticker, reason in reasons.items():
                same = (StoredSeries.price_set == MARKET, StoredSeries.ticker == ticker)
                if ticker in there:
                    connection.execute(update(StoredSeries).where(*same).values(failed=_plain(reason)))
                else:
                    empty = {"price_set": MARKET, "ticker": ticker, "rows": 0, "changed_at": now()}
                    connection.execute(insert(StoredSeries).values(**empty, failed=_plain(reason)))

    def price_log(self, limit: int = 200) -> tuple[Event, ...]:
        """List what was noticed while prices were stored, the latest first."""
        log = PriceEvent
        query = select(log.ticker, log.noticed_at, log.source, log.severity, log.code, log.params)
        with self.read() as connection:
            rows = connection.execute(query.where(log.price_set == MARKET).order_by(log.id.desc()).limit(limit))
            return tuple(Event(row.ticker, row.noticed_at, row.source, _issue(*row[3:])) for row in rows)


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
            stamp(connection, moment if fetched else old and old.fetched_at),
            stamp(connection, moment if changed or old is None else old.changed_at),
            same,
            None if fetched or old is None or old.failed is None else json.dumps(old.failed),
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
        {**common, "ticker": ticker, "severity": issue.severity, "code": issue.code, "params": issue.params}
        for ticker, found in issues.items()
        for issue in found
    ]
    if rows:
        connection.execute(insert(PriceEvent), rows)


def _plain(reason: Issue) -> list[Any]:
    """Write why a ticker brought nothing as JSON holds it."""
    return [reason.code, reason.params]


def _failure(series: Row[Any]) -> Issue | None:
    return None if series.failed is None else _issue("warning", *series.failed)


def _issue(severity: Severity, code: str, params: list[Any]) -> Issue:
    return Issue.stored({"severity": severity, "code": code, "params": params})


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
