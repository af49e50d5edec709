"""What is known of each price series as a whole: its reach, the feed's last answer, what changed.

The summary is kept with each write, in its transaction, so that a status never counts millions of prices.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import delete, insert, select, update

from db.models import CorporateAction, Price, PriceEvent, StoredSeries
from db.repositories.doubts import Doubts, symbols_of
from db.repositories.names import now, portfolio_id
from db.repositories.rates import MARKET, known, price_set_of, recount
from exposure.errors import MissingPrice

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
    outcome: str | None = None
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
    failed: tuple[tuple[str, str], ...] = ()
    """Ticker and reason, where the last fetch of it brought nothing."""
    updated_at: datetime | None = None
    """When a feed last answered."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was noticed while prices were stored."""

    ticker: str
    noticed_at: datetime
    source: str
    severity: str
    what: str
    remedy: str


class Series(Doubts):
    """The part of the store that tells how its prices are."""

    def price_status(self, portfolio: str | int | None = None, *, today: date | None = None) -> PriceStatus:
        """Tell what is stored, missing and stale, of all prices or of the listings of one portfolio."""
        with self.read() as connection:
            price_set = price_set_of(connection, portfolio)
            held = symbols_of(connection, None if portfolio is None else portfolio_id(connection, portfolio))
            found = known(connection, price_set, None if portfolio is None else held)
        series = tuple(
            SeriesStatus(k.ticker, k.rows, k.first, k.last, k.asked_from, k.fetched_at, k.outcome)
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
            failed=tuple((k.ticker, k.outcome) for k in found if k.outcome is not None),
            updated_at=max((k.fetched_at for k in found if k.fetched_at is not None), default=None),
        )

    def drop_series(self, ticker: str) -> int:
        """Remove the prices of a ticker, those set by hand excepted, with its splits and dividends; give how many."""
        with self.write() as connection:
            mine = (Price.price_set == MARKET, Price.ticker == ticker)
            gone = connection.execute(delete(Price).where(*mine, Price.source != USER)).rowcount
            if not gone:
                raise MissingPrice(f"no prices of {ticker} are stored")
            for table in (CorporateAction, StoredSeries):
                connection.execute(delete(table).where(table.price_set == MARKET, table.ticker == ticker))
            recount(connection, MARKET, ticker)
        return int(gone)

    def note_outcomes(self, failed: Iterable[tuple[str, str]]) -> None:
        """Keep why tickers brought nothing when they were last fetched."""
        reasons = dict(failed)
        with self.write() as connection:
            there = {k.ticker for k in known(connection, MARKET, list(reasons))}
            for ticker, reason in reasons.items():
                same = (StoredSeries.price_set == MARKET, StoredSeries.ticker == ticker)
                if ticker in there:
                    connection.execute(update(StoredSeries).where(*same).values(outcome=reason))
                else:
                    empty = {"price_set": MARKET, "ticker": ticker, "rows": 0, "changed_at": now()}
                    connection.execute(insert(StoredSeries).values(**empty, outcome=reason))

    def price_log(self, limit: int = 200) -> tuple[Event, ...]:
        """List what was noticed while prices were stored, the latest first."""
        fields = [getattr(PriceEvent, name) for name in Event.__dataclass_fields__]
        query = select(*fields).where(PriceEvent.price_set == MARKET).order_by(PriceEvent.id.desc()).limit(limit)
        with self.read() as connection:
            return tuple(Event(*row) for row in connection.execute(query))
