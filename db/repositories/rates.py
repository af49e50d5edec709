"""The bank's exchange rates: what it has published since those that ship, and what it has corrected.

The rates that ship with the program are not stored again: a row is here where they lack it or say otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import isclose
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, func, insert, select

from db.engine import Database
from db.models import BankRate
from db.repositories.names import now
from db.repositories.series import MARKET, known, note_issues, price_set_of
from exposure.types import Issue

if TYPE_CHECKING:
    from exposure.prices import Published


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
    """The bank's rates."""

    def store_bank_rates(self, arrived: Published, source: str, *, today: date | None = None) -> RatesStored:
        """Add rates of the bank, compared with those at hand; all of them or none.

        A rate that differs replaces the one before, is reported and logged. A day that has not come yet is left out:
        no rate of it can have been published.
        """
        from exposure.prices import Bank

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
            told.append(Issue.of("warning", "store.rates-ahead", n=len(ahead), day=ahead[-1].isoformat()))
        count = sum(map(len, changed.values()))
        return RatesStored(len(rows) - count, count, unchanged, tuple(told))

    def bank_rates(self) -> Published:
        """Load the bank's rates that are stored, those that ship excepted: day → currency → units for one euro."""
        with self.read() as connection:
            return published(connection)

    def rate_status(self, portfolio: str | int | None = None) -> RateStatus:
        """Tell how far each exchange rate reaches: the bank's, and the pairs among the prices."""
        from exposure.prices import Bank, became_euro, shipped_until

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
    most, code = float(f"{ratio:.6g}"), "store.rates-changed"
    return Issue.of("warning", code, currency=currency, n=len(each), day=day.isoformat(), ratio=most)
