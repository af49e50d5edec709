"""What is known of each price series as a whole: its reach, the feed's last answer, what looks wrong, what changed.

The summary is kept with each write, in its transaction, so that a status never counts millions of prices. A series is
looked through (`exposure.price_check`) when somebody asks and it has changed since.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update

from db.engine import Database
from db.models import CorporateAction, Price, PriceEvent, StoredSeries
from db.repositories.names import now, portfolio_id
from db.repositories.reach import MARKET, known, price_set_of, recount
from db.repositories.symbols import symbols_of
from exposure.errors import MissingPrice, StoreError

if TYPE_CHECKING:
    from exposure.market import Market
    from exposure.price_check import SeriesCheck

STALE_AFTER = timedelta(days=7)
USER = "user"
"""Source of a price set by hand: no feed and no file replaces it."""
AT_ONCE = 200
"""Series looked through in one go: so many are held in memory, and so many are kept where the rest is interrupted."""


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


class Series(Database):
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

    def prices_version(self, portfolio: str | int | None = None) -> str:
        """Tell one state of the stored prices from every other, at the cost of a look at the summary."""
        with self.read() as connection:
            price_set = price_set_of(connection, portfolio)
            query = select(func.count(), func.sum(StoredSeries.rows), func.max(StoredSeries.changed_at))
            row = connection.execute(query.where(StoredSeries.price_set == price_set)).one()
        return ":".join(map(str, (price_set, *row)))

    def check_prices(self, portfolio: str | int | None = None) -> tuple[SeriesCheck, ...]:
        """Look through the series that changed since they were last looked at, and give all that was found.

        What a user marked as right is left out; so are series without a finding. A store that cannot be written is
        looked through again each time.
        """
        with self.read() as connection:
            price_set = price_set_of(connection, portfolio)
            held = None if portfolio is None else symbols_of(connection, portfolio_id(connection, portfolio))
            rows = {k.ticker: k for k in known(connection, price_set, held) if k.rows}
        found = {ticker: _as_check(ticker, k.found) for ticker, k in rows.items() if k.found is not None}
        todo = [ticker for ticker in rows if ticker not in found]
        for at in range(0, len(todo), AT_ONCE):
            checks = self._look_through(todo[at : at + AT_ONCE], price_set)
            found |= checks
            try:
                with self.write() as connection:
                    for ticker, each in checks.items():
                        same = (StoredSeries.price_set == price_set, StoredSeries.ticker == ticker)
                        unchanged = StoredSeries.changed_at == rows[ticker].changed_at
                        connection.execute(update(StoredSeries).where(*same, unchanged).values(found=_as_json(each)))
            except StoreError:
                continue
        still = (_without(found[ticker], k.accepted) for ticker, k in rows.items() if ticker in found)
        return tuple(each for each in still if not each.clean)

    def _look_through(self, tickers: Sequence[str], price_set: str) -> dict[str, SeriesCheck]:
        from exposure.history.calendars import exchange_of, sessions
        from exposure.price_check import check
        from exposure.scenarios.sessions import EXCHANGES

        out: dict[str, SeriesCheck] = {}
        for ticker, series in self.market_of(tickers, price_set).series.items():
            exchange, years = exchange_of(ticker), (series.dates[0].item().year, series.dates[-1].item().year)
            calendar = sessions(exchange, *years) if exchange in EXCHANGES and price_set == MARKET else None
            out[ticker] = check(series, None if calendar is None else calendar[0])
        return out

    def market_of(self, tickers: Sequence[str], price_set: str) -> Market:
        """Load the prices of some tickers of a set."""
        raise NotImplementedError  # the part of the store that holds prices gives it

    def accept_finding(self, ticker: str, kind: str, day: date) -> None:
        """Mark what was found in a series on a day as right: `gap`, `jump` or `unadjusted`; it is not told again."""
        self.accept_findings(ticker, [(kind, day)])

    def accept_findings(self, ticker: str, findings: Iterable[tuple[str, date]]) -> None:
        """Mark several findings of a series as right, each its kind and day."""
        same = (StoredSeries.price_set == MARKET, StoredSeries.ticker == ticker)
        with self.write() as connection:
            before = connection.execute(select(StoredSeries.accepted).where(*same)).scalar()
            if before is None:
                raise MissingPrice(f"no prices of {ticker} are stored")
            marks = sorted({*before, *(f"{kind}:{day.isoformat()}" for kind, day in findings)})
            connection.execute(update(StoredSeries).where(*same).values(accepted=marks))

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
                    empty = {"price_set": MARKET, "ticker": ticker, "rows": 0, "changed_at": now(), "accepted": []}
                    connection.execute(insert(StoredSeries).values(**empty, outcome=reason))

    def price_log(self, limit: int = 200) -> tuple[Event, ...]:
        """List what was noticed while prices were stored, the latest first."""
        fields = [getattr(PriceEvent, name) for name in Event.__dataclass_fields__]
        query = select(*fields).where(PriceEvent.price_set == MARKET).order_by(PriceEvent.id.desc()).limit(limit)
        with self.read() as connection:
            return tuple(Event(*row) for row in connection.execute(query))


def _as_json(found: SeriesCheck) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(asdict(found), default=date.isoformat))
    return plain


def _as_check(ticker: str, found: Mapping[str, Any]) -> SeriesCheck:
    from exposure.price_check import SeriesCheck

    dated = {name: tuple((date.fromisoformat(d), v) for d, v in found[name]) for name in ("jumps", "unadjusted")}
    return SeriesCheck(ticker, tuple(map(date.fromisoformat, found["gaps"])), **dated)


def _without(found: SeriesCheck, accepted: Sequence[str]) -> SeriesCheck:
    from exposure.price_check import SeriesCheck

    if not accepted:
        return found
    marks = set(accepted)
    return SeriesCheck(
        found.ticker,
        tuple(day for day in found.gaps if f"gap:{day}" not in marks),
        tuple(pair for pair in found.jumps if f"jump:{pair[0]}" not in marks),
        tuple(pair for pair in found.unadjusted if f"unadjusted:{pair[0]}" not in marks),
    )
