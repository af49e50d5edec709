"""Prices and exchange rates: stored once, compared with what is there at each arrival, hand-set ones left alone.

A *price set* keeps made-up prices apart: real ones are in `market`, those of the demo in `demo`, and a portfolio is
measured with the set it was made with. No query reads two sets.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, func, insert, select

from db.engine import Database
from db.models import ExchangeRate, Portfolio, Price
from db.repositories.append import RAW_COLUMNS, PriceRow, compare, stored_rows, write_rows
from db.repositories.names import now, portfolio_id
from db.repositories.symbols import symbols_of
from exposure.errors import InputError, MissingPrice
from exposure.types import Issue

if TYPE_CHECKING:
    from exposure.market import Market, PriceSeries

STALE_AFTER = timedelta(days=7)
USER = "user"
"""Source of a price set by hand: no feed and no file replaces it."""


@dataclass(frozen=True, slots=True)
class PricesStored:
    """What became of the rows that arrived; `new + changed + unchanged + locked` is `rows`."""

    tickers: int
    rows: int
    new: int
    changed: int
    unchanged: int
    locked: int
    """Rows left out because a price set by hand stands there."""
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class SeriesStatus:
    """How far the prices of one ticker reach."""

    ticker: str
    rows: int
    start: date
    end: date


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


class Prices(Database):
    """The part of the store that holds prices and rates."""

    def store_prices(self, market: Market, source: str, *, price_set: str = "market") -> PricesStored:
        """Add prices, each ticker compared with what is stored of it; all of them or none.

        A price that differs replaces the stored one and is reported; a price set by hand (`source="user"`) stands.
        Where adjusted closes changed but older ones were not delivered again, an issue says so: a return over that seam
        would be wrong.
        """
        with self.write() as connection:
            stored = [_store_series(connection, one, source, price_set) for one in market.series.values()]
        new, changed, unchanged, locked = (sum(counts[i] for counts, _ in stored) for i in range(4))
        issues = tuple(issue for _, found in stored for issue in found)
        return PricesStored(len(stored), market.rows, new, changed, unchanged, locked, issues)

    def set_price(self, ticker: str, day: date, close: float, currency: str | None = None) -> None:
        """Set one close by hand; it stands against every feed until `clear_price`."""
        from exposure.market import from_rows

        market = from_rows([(ticker, day, close, None, None, currency, "raw")], source=USER)
        if market.rejected:
            raise InputError(market.rejected[0].reason, remedy="give a positive price")
        self.store_prices(market, USER)

    def clear_price(self, ticker: str, day: date) -> None:
        """Remove a price that was set by hand."""
        mine = (Price.price_set == "market", Price.ticker == ticker, Price.date == day, Price.source == USER)
        with self.write() as connection:
            if not connection.execute(delete(Price).where(*mine)).rowcount:
                raise MissingPrice(f"no price of {ticker} was set by hand on {day.isoformat()}")

    def market(
        self,
        tickers: Iterable[str] | None = None,
        start: date | None = None,
        end: date | None = None,
        *,
        portfolio: str | None = None,
    ) -> Market:
        """Load prices, of some tickers and dates or of all.

        `portfolio` chooses the price set that book is measured with: the real one, or the made-up one of the demo.
        """
        from exposure.market import from_rows

        with self.read() as connection:
            query = select(*RAW_COLUMNS).where(Price.price_set == _price_set(connection, portfolio))
            if tickers is not None:
                query = query.where(Price.ticker.in_(sorted(set(tickers))))
            if start is not None:
                query = query.where(Price.date >= start)
            if end is not None:
                query = query.where(Price.date <= end)
            # In the order of the primary key, which both databases then read along.
            return from_rows(connection.execute(query.order_by(Price.ticker, Price.date)), source="store")

    def symbols(self, portfolio: str | None = None) -> tuple[str, ...]:
        """List the Yahoo symbols of what is held now: in one portfolio, or in every one that real prices measure."""
        with self.read() as connection:
            return symbols_of(connection, None if portfolio is None else portfolio_id(connection, portfolio))

    def price_status(self, portfolio: str | None = None, *, today: date | None = None) -> PriceStatus:
        """Tell what is stored, missing and stale, of all prices or of the listings of one portfolio."""
        count, first, last = func.count(), func.min(Price.date), func.max(Price.date)
        with self.read() as connection:
            price_set = _price_set(connection, portfolio)
            held = symbols_of(connection, None if portfolio is None else portfolio_id(connection, portfolio))
            query = select(Price.ticker, count, first, last).where(Price.price_set == price_set)
            if portfolio is not None:
                query = query.where(Price.ticker.in_(held))
            rows = connection.execute(query.group_by(Price.ticker).order_by(Price.ticker))
            series = tuple(SeriesStatus(*row) for row in rows)
        end = max((one.end for one in series), default=None)
        # Made-up prices end where they were made to; against the clock all of them would be stale.
        newest = end if price_set != "market" else (today or datetime.now(UTC).date())
        priced = {one.ticker for one in series}
        return PriceStatus(
            tickers=len(series),
            rows=sum(one.rows for one in series),
            start=min((one.start for one in series), default=None),
            end=end,
            missing=tuple(symbol for symbol in held if symbol not in priced),
            stale=tuple(one.ticker for one in series if newest is not None and newest - one.end > STALE_AFTER),
            series=series,
        )

    def store_rates(self, rates: Iterable[tuple[str, date, float]], source: str) -> int:
        """Store US dollars for one unit of a currency, by currency and date; a later answer replaces an earlier one."""
        rows = {(currency, day): usd for currency, day, usd in rates}
        for (currency, day), usd in rows.items():
            if not 0 < usd < float("inf"):
                raise InputError(
                    f"the rate of {currency} on {day.isoformat()} is {usd}", remedy="give a positive number"
                )
        with self.write() as connection:
            moment = now()
            for (currency, day), usd in rows.items():
                same = (ExchangeRate.currency == currency, ExchangeRate.date == day)
                connection.execute(delete(ExchangeRate).where(*same))
                values = {"currency": currency, "date": day, "usd": usd, "source": source, "fetched_at": moment}
                connection.execute(insert(ExchangeRate).values(**values))
        return len(rows)

    def rates(
        self, currencies: Sequence[str] | None = None, start: date | None = None, end: date | None = None
    ) -> dict[str, dict[date, float]]:
        """Load exchange rates: currency → date → US dollars for one unit, dates ascending."""
        query = select(ExchangeRate.currency, ExchangeRate.date, ExchangeRate.usd)
        if currencies is not None:
            query = query.where(ExchangeRate.currency.in_(list(currencies)))
        if start is not None:
            query = query.where(ExchangeRate.date >= start)
        if end is not None:
            query = query.where(ExchangeRate.date <= end)
        out: dict[str, dict[date, float]] = {}
        with self.read() as connection:
            for currency, day, usd in connection.execute(query.order_by(ExchangeRate.currency, ExchangeRate.date)):
                out.setdefault(currency, {})[day] = usd
        return out


def _price_set(connection: Connection, portfolio: str | None) -> str:
    if portfolio is None:
        return "market"
    key = portfolio_id(connection, portfolio)
    return connection.execute(select(Portfolio.price_set).where(Portfolio.id == key)).scalar_one()


def _store_series(
    connection: Connection, series: PriceSeries, source: str, price_set: str
) -> tuple[tuple[int, int, int, int], list[Issue]]:
    stored = stored_rows(connection, price_set, series.ticker)
    found = compare(series, stored, locked=None if source == USER else USER)
    write_rows(connection, price_set, source, found.new, found.changed)
    counts = (len(found.new), len(found.changed), found.unchanged, found.locked)
    return counts, found.issues


__all__ = ["PriceRow", "PriceStatus", "Prices", "PricesStored", "SeriesStatus"]
