"""The bank's exchange rates: what it has published since those that ship, and what it has corrected.

The rates that ship with the program are not stored again: a row is here where they lack it or say otherwise.

The summary of each price series, kept with every write in its transaction: reach, last answer, what was noticed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import isclose
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from db.columns import insert_rows
from db.engine import Database
from db.models import BankRate, Portfolio, Price, PriceEvent, StoredSeries
from db.repositories.names import now, portfolio_id
from exposure.types import Issue

if TYPE_CHECKING:
    from exposure.prices.bank import Published


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


BANK = "ECB"
"""What the bank is called in the log of prices and among what was fetched."""
SAME = 1e-9
"""Relative difference up to which two rates are the same: the bank writes them in six digits or fewer."""


@dataclass(frozen=True, slots=True)
class RatesStored:
    """What became of the rates that arrived, by currency and day."""

    new: int
    changed: int
    unchanged: int
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class RateReach:
    """How far the rate of a currency, or a pair among the prices, reaches."""

    rate: str
    """Currency code, of the bank's; the symbol, of a pair."""
    end: date
    source: str
    """`ECB`, `ECB, shipped` where the last one came with the program, or `prices`."""


@dataclass(frozen=True, slots=True)
class RateStatus:
    """How far the exchange rates reach."""

    each: tuple[RateReach, ...]
    shipped_until: date
    """Last day of the rates that come with the program."""
    end: date
    """Last day of the bank's rates at hand."""
    updated_at: datetime | None
    """When a rate of the bank last came that was not there."""


class BankRates(Database):
    """The part of the store that holds the bank's rates."""

    def store_bank_rates(self, arrived: Published, source: str, *, today: date | None = None) -> RatesStored:
        """Add rates of the bank, compared with those at hand; all of them or none.

        A rate that differs replaces the one before, is reported and logged. A day that has not come yet is left out:
        no rate of it can have been published.
        """
        from exposure.prices.bank import Bank

        last = (today or datetime.now(UTC).date()) + timedelta(days=1)  # it is tomorrow somewhere
        ahead = sorted(day for day in arrived if day > last)
        with self.write() as connection:
            have = Bank(published(connection))
            rows: list[tuple[date, str, float]] = []
            changed: dict[str, list[tuple[date, float]]] = {}
            unchanged = 0
            for day, rates in arrived.items():
                before = have.row(day) if day <= last else rates
                for currency, per_euro in rates.items() if day <= last else ():
                    old = before.get(currency)
                    if old is not None and isclose(old, per_euro, rel_tol=SAME):
                        unchanged += 1
                        continue
                    rows.append((day, currency, per_euro))
                    if old is not None:
                        changed.setdefault(currency, []).append((day, per_euro / old))
            _write(connection, rows, source)
            issues = {currency: [_changed(currency, each)] for currency, each in sorted(changed.items())}
            note_issues(connection, MARKET, source, {f"EUR{currency}": each for currency, each in issues.items()})
        told = [issue for each in issues.values() for issue in each]
        if ahead:
            what = f"{len(ahead)} days after today are left out, the last {ahead[-1]}: no rate of them can be known"
            told.append(Issue.text("warning", what, remedy="check the file"))
        count = sum(map(len, changed.values()))
        return RatesStored(len(rows) - count, count, unchanged, tuple(told))

    def bank_rates(self) -> Published:
        """Load the bank's rates that are stored, those that ship excepted: day → currency → units for one euro."""
        with self.read() as connection:
            return published(connection)

    def rate_status(self, portfolio: str | int | None = None) -> RateStatus:
        """Tell how far each exchange rate reaches: the bank's, and the pairs among the prices."""
        from exposure.prices.bank import Bank, shipped_until
        from exposure.prices.rates import became_euro

        with self.read() as connection:
            bank, shipped = Bank(published(connection)), shipped_until()
            found = known(connection, price_set_of(connection, portfolio))
            updated = connection.execute(select(func.max(BankRate.fetched_at))).scalar()
        each = [
            RateReach(code, end, BANK if end in bank.later and code in bank.later[end] else f"{BANK}, shipped")
            for code, end in bank.ends().items()
            if became_euro(code) is None
        ]
        each += [RateReach(k.ticker, k.last, "prices") for k in found if k.rows and k.ticker.endswith("=X")]
        return RateStatus(tuple(each), shipped, bank.end or shipped, updated)


def published(connection: Connection) -> Published:
    """Read the stored rates of the bank."""
    out: dict[date, dict[str, float]] = {}
    query = select(BankRate.date, BankRate.currency, BankRate.per_euro).order_by(BankRate.date, BankRate.currency)
    for day, currency, per_euro in connection.execute(query):
        out.setdefault(day, {})[currency] = per_euro
    return out


def _write(connection: Connection, rows: list[tuple[date, str, float]], source: str) -> None:
    moment = now()
    by_day: dict[date, list[str]] = {}
    for day, currency, _ in rows:
        by_day.setdefault(day, []).append(currency)
    for day, codes in by_day.items():
        connection.execute(delete(BankRate).where(BankRate.date == day, BankRate.currency.in_(codes)))
    if rows:
        fields = ("date", "currency", "per_euro")
        common = {"source": source, "fetched_at": moment}
        connection.execute(insert(BankRate), [{**dict(zip(fields, row, strict=True)), **common} for row in rows])


def _changed(currency: str, each: list[tuple[date, float]]) -> Issue:
    day, ratio = max(each, key=lambda pair: abs(pair[1] - 1.0))
    count = f"{len(each)} rates" if len(each) > 1 else "1 rate"
    what = f"{count} of the ECB for {currency} changed, most on {day} (× {ratio:.6g}); the new ones count"
    return Issue.text("warning", what, remedy="compare with www.ecb.europa.eu where it seems wrong")
