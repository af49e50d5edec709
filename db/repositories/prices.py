"""Prices: stored once, compared with what is there at each arrival, hand-set ones left alone.

A *price set* keeps made-up prices apart: real ones are in `market`, those of the demo in `demo`, and a portfolio is
measured with the set it was made with. No query reads two sets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Connection, delete, insert, select

from db.models import CorporateAction, Price, StoredSeries
from db.repositories.append import RAW_COLUMNS, Compared, PriceRow, compare, stored_rows, write_rows
from db.repositories.doubts import accepted_of
from db.repositories.names import now, portfolio_id
from db.repositories.rates import published
from db.repositories.reach import MARKET, Reach, note_issues, note_reach, price_set_of, recount
from db.repositories.series import USER, Series
from db.repositories.symbols import rates_of, symbols_of
from exposure.errors import InputError, MissingPrice
from exposure.types import Issue

if TYPE_CHECKING:
    from exposure.market import Market

AHEAD = timedelta(days=31)


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
class Action:
    """A split (`value`: new shares for each old one) or a dividend (in the prices' unit), by its first session."""

    ticker: str
    date: date
    kind: Literal["split", "dividend"]
    value: float
    source: str = ""


class Prices(Series):
    """The part of the store that holds prices."""

    def store_prices(
        self,
        market: Market,
        source: str,
        *,
        price_set: str = MARKET,
        actions: Iterable[Action] = (),
        asked_from: date | None = None,
    ) -> PricesStored:
        """Add prices, each ticker compared with what is stored of it; all of them or none.

        A price that differs replaces the stored one, is reported and logged; a price set by hand (`source="user"`)
        stands. Where adjusted closes changed but older ones were not delivered again, an issue says so: a return over
        that seam would be wrong. The splits that the series know are kept beside `actions`; `asked_from` is the first
        day that a feed was asked for.
        """
        found: dict[str, Compared] = {}
        with self.write() as connection:
            reached: dict[str, Reach] = {}
            for series in market.series.values():
                stored = stored_rows(connection, price_set, series.ticker)
                one = found[series.ticker] = compare(series, stored, locked=None if source == USER else USER)
                write_rows(connection, price_set, source, one.new, one.changed)
                days = (series.dates[0].item(), series.dates[-1].item(), *stored)
                changed = bool(one.new or one.changed)
                reached[series.ticker] = Reach(len(stored) + len(one.new), min(days), max(days), changed)
            _store_actions(connection, price_set, source, (*_splits(market), *actions))
            note_reach(connection, price_set, reached, fetched=asked_from is not None, asked_from=asked_from)
            held_back = {t: [i for i in one.issues if i.severity != "notice"] for t, one in market.notes.items()}
            noticed = {ticker: [*held_back.get(ticker, ()), *one.issues] for ticker, one in found.items()}
            note_issues(connection, price_set, source, noticed)
        return PricesStored(
            tickers=len(found),
            rows=market.rows,
            new=sum(len(one.new) for one in found.values()),
            changed=sum(len(one.changed) for one in found.values()),
            unchanged=sum(one.unchanged for one in found.values()),
            locked=sum(one.locked for one in found.values()),
            issues=tuple(issue for one in found.values() for issue in one.issues),
        )

    @staticmethod
    def last_possible_day() -> date:
        """Give the day after which no price can be true: a month ahead, however wrong this machine's clock may be."""
        return now().date() + AHEAD

    def revised(self, market: Market) -> tuple[str, ...]:
        """List the tickers of which a delivered close, adjusted or not, differs from the stored one of that day.

        Such a series is to be had whole again before any of it is stored.
        """
        out: list[str] = []
        with self.read() as connection:
            for series in market.series.values():
                first = series.dates[0].item()
                stored = stored_rows(connection, MARKET, series.ticker, start=first)
                if compare(series, stored, locked=USER).revised:
                    out.append(series.ticker)
        return tuple(out)

    def set_price(self, ticker: str, day: date, close: float, currency: str | None = None) -> None:
        """Set one close by hand; it stands against every feed until `clear_price`."""
        from exposure.market import from_rows

        market = from_rows([(ticker, day, close, None, None, currency, "raw")], source=USER)
        if market.rejected:
            raise InputError(market.rejected[0].reason, remedy="give a positive price")
        self.store_prices(market, USER)

    def clear_price(self, ticker: str, day: date) -> None:
        """Remove a price that was set by hand."""
        mine = (Price.price_set == MARKET, Price.ticker == ticker, Price.date == day, Price.source == USER)
        with self.write() as connection:
            if not connection.execute(delete(Price).where(*mine)).rowcount:
                raise MissingPrice(f"no price of {ticker} was set by hand on {day.isoformat()}")
            recount(connection, MARKET, ticker)

    def hand_set(self) -> tuple[tuple[str, date, float, str | None], ...]:
        """List the prices set by hand: ticker, date, close and its unit."""
        query = select(Price.ticker, Price.date, Price.close, Price.currency).order_by(Price.ticker, Price.date)
        with self.read() as connection:
            found = connection.execute(query.where(Price.price_set == MARKET, Price.source == USER))
            return tuple((row[0], row[1], row[2], row[3]) for row in found)

    def market(
        self,
        tickers: Iterable[str] | None = None,
        start: date | None = None,
        end: date | None = None,
        *,
        portfolio: str | int | None = None,
    ) -> Market:
        """Load prices, of some tickers and dates or of all, with the bank's exchange rates beside those that ship.

        `portfolio` chooses the price set that book is measured with: the real one, or the made-up one of the demo.
        """
        with self.read() as connection:
            found = _load(connection, price_set_of(connection, portfolio), tickers, start, end)
            return replace(found, published=published(connection))

    def exchange_rates(self, portfolio: str | None = None) -> Market:
        """Load what values are converted by and nothing else: the bank's rates, and the pairs among the prices."""
        return self.market(self.pairs(portfolio), portfolio=portfolio)

    def market_of(self, tickers: Iterable[str], price_set: str) -> Market:
        """Load the prices of some tickers of a set."""
        with self.read() as connection:
            return _load(connection, price_set, tickers)

    def actions(self, tickers: Iterable[str] | None = None) -> tuple[Action, ...]:
        """List the splits and dividends stored, by ticker and date."""
        fields = [getattr(CorporateAction, name) for name in Action.__dataclass_fields__]
        query = select(*fields).where(CorporateAction.price_set == MARKET).order_by(*fields[:3])
        if tickers is not None:
            query = query.where(CorporateAction.ticker.in_(sorted(set(tickers))))
        with self.read() as connection:
            return tuple(Action(*row) for row in connection.execute(query))

    def symbols(self, portfolio: str | int | None = None) -> tuple[str, ...]:
        """List the Yahoo symbols of what is held now: in one portfolio, or in every one that real prices measure."""
        with self.read() as connection:
            return symbols_of(connection, None if portfolio is None else portfolio_id(connection, portfolio))

    def pairs(self, portfolio: str | int | None = None) -> tuple[str, ...]:
        """List the stored series that are pairs of currencies."""
        same = StoredSeries.rows > 0, StoredSeries.ticker.like("%=X")
        with self.read() as connection:
            query = select(StoredSeries.ticker).where(StoredSeries.price_set == price_set_of(connection, portfolio))
            return tuple(connection.execute(query.where(*same).order_by(StoredSeries.ticker)).scalars())

    def rate_symbols(self, portfolio: str | int | None = None) -> tuple[str, ...]:
        """List Yahoo's symbols of the currencies held now, each against the US dollar: `TWDUSD=X`."""
        with self.read() as connection:
            return rates_of(connection, None if portfolio is None else portfolio_id(connection, portfolio))


def _load(
    connection: Connection,
    price_set: str,
    tickers: Iterable[str] | None,
    start: date | None = None,
    end: date | None = None,
) -> Market:
    from exposure.market import CHUNK, from_rows

    query = select(*RAW_COLUMNS).where(Price.price_set == price_set)
    splits = select(CorporateAction.ticker, CorporateAction.date, CorporateAction.value)
    splits = splits.where(CorporateAction.price_set == price_set, CorporateAction.kind == "split")
    if tickers is not None:
        wanted = sorted(set(tickers))
        query, splits = query.where(Price.ticker.in_(wanted)), splits.where(CorporateAction.ticker.in_(wanted))
    if start is not None:
        query = query.where(Price.date >= start)
    if end is not None:
        query = query.where(Price.date <= end)
    stated = [(row[0], row[1], row[2]) for row in connection.execute(splits)]
    # In the order of the primary key, which both databases then read along.
    found = connection.execute(query.order_by(Price.ticker, Price.date))
    # Many rows at a time: handed out one by one they take the database longer than reading them does. The splits go
    # along: what is stated is known before anyone asks whether a jump is a fault.
    market = from_rows(chain.from_iterable(found.partitions(CHUNK)), source="store", splits=stated)
    return replace(market, accepted=accepted_of(connection, price_set, market.series))


def _splits(market: Market) -> Iterator[Action]:
    for ticker, series in market.series.items():
        for day, ratio in series.splits:
            yield Action(ticker, day, "split", ratio)


def _store_actions(connection: Connection, price_set: str, source: str, actions: Iterable[Action]) -> None:
    rows = {(one.ticker, one.date, one.kind): one.value for one in actions}
    moment = now()
    for (ticker, day, kind), value in rows.items():
        key = {"price_set": price_set, "ticker": ticker, "date": day, "kind": kind}
        connection.execute(delete(CorporateAction).filter_by(**key))
        connection.execute(insert(CorporateAction).values(**key, value=value, source=source, fetched_at=moment))


__all__ = ["Action", "PriceRow", "Prices", "PricesStored"]
