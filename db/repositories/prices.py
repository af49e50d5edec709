"""Prices: stored once, compared with what is there at each arrival, hand-set ones left alone.

A *price set* keeps made-up prices apart: real ones are in `market`, those of the demo in `demo`, and a portfolio is
measured with the set it was made with. No query reads two sets.

Comparing prices that arrive with those stored: what is new, what changed, what stands because it was set by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import chain
from math import isclose, log
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from sqlalchemy import Connection, Text, delete, insert, select, type_coerce

from db.columns import insert_rows
from db.engine import Database
from db.models import AcceptedDoubt, CorporateAction, Price, StoredSeries
from db.repositories.names import now, portfolio_id
from db.repositories.rates import published
from db.repositories.series import MARKET, USER, Reach, note_issues, note_reach, price_set_of, recount, stamp
from db.repositories.snapshots import rates_of, symbols_of
from exposure.delivered import Severity
from exposure.errors import InputError, MissingPrice
from exposure.types import Acceptance, Issue
from exposure.units import factor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from exposure.prices import Market, PriceSeries


PriceRow = tuple[str, date, float, float | None, float | None, str | None, str | None]
"""`(ticker, date, close, adj_close, volume, currency, close_basis)`, as `exposure.prices.from_rows` takes it."""
PRICE_FIELDS = ("ticker", "date", "close", "adj_close", "volume", "currency", "close_basis")
PRICE_COLUMNS = [getattr(Price, field) for field in PRICE_FIELDS]
# A date as the driver gives it, text or date: `from_rows` takes both, and making dates costs as much as reading them.
RAW_COLUMNS = [type_coerce(column, Text) if column.key == "date" else column for column in PRICE_COLUMNS]
SAME = 1e-6
"""Relative difference up to which two prices are the same: feeds round to single precision."""


@dataclass(slots=True)
class Compared:
    """The rows of one ticker, sorted by what is to be done with them."""

    new: list[PriceRow] = field(default_factory=list)
    changed: list[PriceRow] = field(default_factory=list)
    unchanged: int = 0
    locked: int = 0
    revised: bool = False
    """A close, adjusted or not, differs from the stored one of its day."""
    issues: list[Issue] = field(default_factory=list)


def stored_rows(
    connection: Connection, price_set: str, ticker: str, *, start: date | None = None
) -> dict[date, tuple[PriceRow, str]]:
    """Load what is stored of a ticker, all or from a day on: date → its row and source."""
    query = select(*PRICE_COLUMNS, Price.source).where(Price.price_set == price_set, Price.ticker == ticker)
    if start is not None:
        query = query.where(Price.date >= start)
    return {row[1]: (tuple(row[:-1]), row[-1]) for row in connection.execute(query)}


def compare(series: PriceSeries, stored: dict[date, tuple[PriceRow, str]], *, locked: str | None) -> Compared:
    """Sort the rows of a series by what is stored; rows of source `locked` stand."""
    out = Compared()
    closes: list[tuple[date, float]] = []  # stored close → new close, where they differ, as logarithm of their ratio
    adjusted: list[date] = []
    for row in rows_of(series):
        before = stored.get(row[1])
        if before is None:
            out.new.append(row)
        elif before[1] == locked:
            out.locked += 1
        elif _same(before[0], row):
            out.unchanged += 1
        else:
            out.changed.append(row)
            # The same price in pence and in pounds, in kuna and in euro, is no change of the price.
            times = factor(before[0][5], row[5]) or 1.0
            if not _near(before[0][2] * times, row[2]):
                closes.append((row[1], log(row[2] / (before[0][2] * times))))
            if not _near(_times(before[0][3], times), row[3]):
                adjusted.append(row[1])
    out.revised = bool(closes or adjusted)
    _report(out, series, closes, adjusted, min(stored, default=None))
    return out


def _report(
    out: Compared, series: PriceSeries, closes: list[tuple[date, float]], adjusted: list[date], first: date | None
) -> None:
    start = series.dates[0].item()

    def note(severity: Severity, code: str, **params: Any) -> None:
        out.issues.append(Issue.of(severity, code, ticker=series.ticker, **params))

    if closes:
        day, ratio = max(closes, key=lambda pair: abs(pair[1]))
        most = float(f"{np.exp(ratio):.6g}")
        note("warning", "store.closes-changed", n=len(closes), day=day.isoformat(), ratio=most)
    elif adjusted:
        note("notice", "store.adjusted-closes-changed", n=len(adjusted), since=adjusted[0].isoformat())
    elif out.changed:
        note("notice", "store.details-changed", n=len(out.changed))
    if (closes or adjusted) and first is not None and first < start:
        note("warning", "store.older-adjustment", start=start.isoformat(), first=first.isoformat())
    if out.locked:
        note("notice", "store.hand-prices-kept", n=out.locked)


def write_rows(
    connection: Connection, price_set: str, source: str, new: list[PriceRow], changed: list[PriceRow]
) -> None:
    """Insert new rows and put changed ones in the place of the stored."""
    if changed:
        mark = "?" if connection.dialect.name == "sqlite" else "%s"
        gone = f"DELETE FROM prices WHERE price_set = {mark} AND ticker = {mark} AND date = {mark}"
        connection.exec_driver_sql(gone, [(price_set, row[0], row[1].isoformat()) for row in changed])
    moment = stamp(connection, now())
    rows = [(price_set, row[0], row[1].isoformat(), *row[2:], source, moment) for row in (*new, *changed)]
    insert_rows(connection, Price, ("price_set", *PRICE_FIELDS, "source", "fetched_at"), rows)


def rows_of(series: PriceSeries) -> list[PriceRow]:
    """Give the rows of a series, unknowns None."""
    count = len(series.dates)
    days, closes = series.dates.tolist(), series.close.tolist()
    columns = (days, closes, _known(series.adj_close, count), _known(series.volume, count))
    return [(series.ticker, *values, series.currency, series.basis) for values in zip(*columns, strict=True)]


def _known(values: NDArray[np.float64] | None, count: int) -> list[float | None]:
    if values is None:
        return [None] * count
    return [None if value != value else value for value in values.tolist()]


def _near(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return isclose(a, b, rel_tol=SAME)


def _times(a: float | None, times: float) -> float | None:
    return None if a is None else a * times


def _same(a: PriceRow, b: PriceRow) -> bool:
    unit = a[5] == b[5] or factor(a[5], b[5]) == 1.0  # two spellings of pence are one
    return _near(a[2], b[2]) and _near(a[3], b[3]) and _near(a[4], b[4]) and unit and a[6] == b[6]


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


class Prices(Database):
    """The stored prices, and the splits and dividends beside them."""

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
        from exposure.prices import from_rows

        market = from_rows([(ticker, day, close, None, None, currency, "raw")], source=USER)
        if market.rejected:
            why: dict[str, Any] = dict(market.rejected[0].params)
            raise InputError(market.rejected[0].code, **why)
        self.store_prices(market, USER)

    def clear_price(self, ticker: str, day: date) -> None:
        """Remove a price that was set by hand."""
        mine = (Price.price_set == MARKET, Price.ticker == ticker, Price.date == day, Price.source == USER)
        with self.write() as connection:
            if not connection.execute(delete(Price).where(*mine)).rowcount:
                raise MissingPrice("store.no-hand-price", ticker=ticker, day=day.isoformat())
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
            found = load_market(connection, price_set_of(connection, portfolio), tickers, start, end)
            return replace(found, published=published(connection))

    def exchange_rates(self, portfolio: str | None = None) -> Market:
        """Load what values are converted by and nothing else: the bank's rates, and the pairs among the prices."""
        return self.market(self.pairs(portfolio), portfolio=portfolio)

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


def load_market(
    connection: Connection,
    price_set: str,
    tickers: Iterable[str] | None,
    start: date | None = None,
    end: date | None = None,
) -> Market:
    from exposure.prices import ROWS_AT_ONCE, from_rows

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
    market = from_rows(chain.from_iterable(found.partitions(ROWS_AT_ONCE)), source="store", splits=stated)
    return replace(market, accepted=accepted_of(connection, price_set, market.series))


def accepted_of(connection: Connection, price_set: str, tickers: Iterable[str] | None = None) -> tuple[Acceptance, ...]:
    """Read what persons said is right in a set of prices, or in some series of it."""
    table, wanted = AcceptedDoubt, None if tickers is None else set(tickers)
    fields = (table.ticker, table.sort, table.date, table.rests_on, table.author, table.accepted_on, table.note)
    query = select(*fields).where(table.price_set == price_set).order_by(table.ticker, table.date, table.sort)
    return tuple(Acceptance(*row) for row in connection.execute(query) if wanted is None or row[0] in wanted)


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
