"""What looks wrong in stored prices, and what persons said is right all the same.

A series is looked through (`exposure.prices.checks`) when somebody asks and it has changed since; what is found is kept
with its summary. An acceptance is kept with name, date and the price it rests on, and holds no longer than that.

Which Yahoo symbols the stored portfolios hold: what a feed is asked for, and what may lack a price.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from db.engine import Database
from db.models import AcceptedDoubt, BankRate, HoldingLine, Portfolio, SnapshotHead, StoredSeries
from db.repositories.names import now, portfolio_id
from db.repositories.rates import MARKET, known, price_set_of
from db.repositories.settings import answers_of
from exposure.delivered import GAP
from exposure.errors import InputError, MissingPrice, StoreError
from exposure.types import Acceptance, Doubt, Holding
from exposure.units import currency_of

if TYPE_CHECKING:
    from exposure.prices.checks import SeriesCheck
    from exposure.prices.market import Market, PriceSeries


_CODE = re.compile("[A-Z]{3}")
_READ = (
    "kind",
    "ticker",
    "isin",
    "cusip",
    "sedol",
    "figi",
    "name",
    "exchange",
    "country",
    "currency",
    "price_currency",
)


def symbols_of(connection: Connection, portfolio: int | None) -> tuple[str, ...]:
    """List the symbols of the latest snapshots, of one portfolio or of every one that real prices measure."""
    from exposure.chain.issuers import table

    query = _held(portfolio, *_READ).add_columns(Portfolio.id).where(HoldingLine.kind.in_(("equity", "fund")))
    answers: dict[int, dict[str, str]] = {}
    found: set[str] = set()
    for *row, owner in connection.execute(query).all():
        if owner not in answers:
            answers[owner] = answers_of(connection, owner)
        holding = Holding(0, **dict(zip(_READ, row, strict=True)))
        match = table().find(holding, answers[owner])
        symbol = answers[owner].get(match.symbol or "", match.symbol)
        found.update(one for one in (symbol, match.issuer.underlying if match.issuer else None) if one)
    return tuple(sorted(found))


def rates_of(connection: Connection, portfolio: int | None) -> tuple[str, ...]:
    """List the currencies of the latest snapshots as Yahoo's pairs with the US dollar, pence as pounds.

    Those that the listings held are quoted in are among them, whatever the file values them in.
    """
    from exposure.chain.listing import CURRENCY_OF, split_symbol

    stated = connection.execute(_held(portfolio, "currency", "price_currency", "value_currency"))
    quoted = {CURRENCY_OF.get(split_symbol(symbol)[1]) for symbol in symbols_of(connection, portfolio)}
    codes = {currency_of(code) for code in (*(code for row in stated for code in row), *quoted) if code}
    return tuple(sorted(f"{code}USD=X" for code in codes if code and _CODE.fullmatch(code) and code != "USD"))


def _held(portfolio: int | None, *fields: str) -> Select[Any]:
    """Ask for the distinct lines of the latest snapshots."""
    latest = (
        select(SnapshotHead.portfolio_id, func.max(SnapshotHead.as_of).label("as_of"))
        .where(SnapshotHead.deleted_at.is_(None))
        .group_by(SnapshotHead.portfolio_id)
        .subquery()
    )
    which = Portfolio.price_set == "market" if portfolio is None else Portfolio.id == portfolio
    return (
        select(*(getattr(HoldingLine, name) for name in fields))
        .join(SnapshotHead, SnapshotHead.id == HoldingLine.snapshot_id)
        .join(latest, (latest.c.portfolio_id == SnapshotHead.portfolio_id) & (latest.c.as_of == SnapshotHead.as_of))
        .join(Portfolio, Portfolio.id == SnapshotHead.portfolio_id)
        .where(which, Portfolio.deleted_at.is_(None), SnapshotHead.deleted_at.is_(None))
        .distinct()
    )


AT_ONCE = 200
"""Series looked through in one go: so many are held in memory, and so many are kept where the rest is interrupted."""
Mark = tuple[str, date]
"""What is accepted of a series: its sort (one of `exposure.delivered.SORTS`, or `gap`) and its day."""


class Doubts(Database):
    """The part of the store that tells what is doubtful about its prices."""

    if TYPE_CHECKING:  # given by the part of the store that holds prices

        def market_of(self, tickers: Sequence[str], price_set: str) -> Market:
            """Load the prices of some tickers of a set."""

    def prices_version(self, portfolio: str | int | None = None) -> str:
        """Tell one state of the stored prices, rates and what was said of them from every other; no price is read."""
        with self.read() as connection:
            price_set = price_set_of(connection, portfolio)
            query = select(func.count(), func.sum(StoredSeries.rows), func.max(StoredSeries.changed_at))
            row = connection.execute(query.where(StoredSeries.price_set == price_set)).one()
            word = select(func.count(), func.max(AcceptedDoubt.accepted_at))
            said = connection.execute(word.where(AcceptedDoubt.price_set == price_set)).one()
            rates = connection.execute(select(func.count(), func.max(BankRate.fetched_at))).one()
        return ":".join(map(str, (price_set, *row, *said, *rates)))

    def check_prices(self, portfolio: str | int | None = None) -> tuple[SeriesCheck, ...]:
        """Look through the series that changed since they were last looked at, and give all that was found.

        What a person accepted is left out as long as that holds; so are series without a finding. A store that cannot
        be written is looked through again each time.
        """
        with self.read() as connection:
            price_set = price_set_of(connection, portfolio)
            held = None if portfolio is None else symbols_of(connection, portfolio_id(connection, portfolio))
            rows = {k.ticker: k for k in known(connection, price_set, held) if k.rows}
            accepted = accepted_of(connection, price_set)
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
        still = (_without(found[ticker], accepted) for ticker in rows if ticker in found)
        return tuple(each for each in still if not each.clean)

    def _look_through(self, tickers: Sequence[str], price_set: str) -> dict[str, SeriesCheck]:
        from exposure.prices.checks import check
        from exposure.scenarios.doubtful import sessions_of

        out: dict[str, SeriesCheck] = {}
        for ticker, series in self.market_of(tickers, price_set).series.items():
            calendar = sessions_of(ticker) if price_set == MARKET else None
            sessions = calendar and calendar(series.dates[0].item(), series.dates[-1].item())
            out[ticker] = check(series, sessions)
        return out

    def doubts(self, ticker: str) -> tuple[Doubt, ...]:
        """List what is doubtful about a stored series, measured against the end of all; accepted or not.

        Raises
        ------
        MissingPrice
            No price of it is stored.
        """
        return self._series_and_doubts(ticker)[1]

    def _series_and_doubts(self, ticker: str) -> tuple[PriceSeries, tuple[Doubt, ...]]:
        from exposure.prices.checks import doubts_of
        from exposure.scenarios.doubtful import sessions_of

        market = self.market_of([ticker], MARKET)
        if ticker not in market.series:
            raise MissingPrice(f"no prices of {ticker} are stored", remedy="`prices status` tells what is stored")
        with self.read() as connection:
            newest = select(func.max(StoredSeries.last)).where(StoredSeries.price_set == MARKET)
            end = connection.execute(newest).scalar()
        return market.series[ticker], doubts_of(market, ticker, None, end, sessions_of(ticker))

    def accept_doubts(self, ticker: str, marks: Iterable[Mark], author: str, note: str = "") -> int:
        """Keep a person's word that findings in a series are right; give how many there were.

        Raises
        ------
        InputError
            No name is given, or nothing of that sort is found on that day.
        MissingPrice
            No price of the ticker is stored.
        """
        if not author.strip():
            raise InputError("whose word it is has to be kept with it", remedy="give your name")
        series, found = self._series_and_doubts(ticker)
        # A last price a week old is asked about on the Data page already, before it spoils any figure.
        there: dict[Mark, float | None] = {("stale", series.dates[-1].item()): float(series.close[-1])}
        there |= {(doubt.sort, doubt.day): doubt.rests_on for doubt in found}
        wanted = sorted(set(marks))
        if unknown := [mark for mark in wanted if mark[0] != GAP and mark not in there]:
            raise _nothing(ticker, unknown[0][1])
        moment = now()
        word = {"author": author.strip(), "note": note.strip(), "accepted_on": moment.date(), "accepted_at": moment}
        with self.write() as connection:
            for sort, day in wanted:
                key = {"price_set": MARKET, "ticker": ticker, "sort": sort, "date": day}
                connection.execute(delete(AcceptedDoubt).filter_by(**key))
                rests_on = there.get((sort, day))
                connection.execute(insert(AcceptedDoubt).values(**key, **word, rests_on=rests_on))
        return len(wanted)

    def accept_day(self, ticker: str, day: date, author: str, note: str = "") -> tuple[Doubt, ...]:
        """Keep a person's word that all that is doubtful about a series on one day is right; give what that was."""
        found = tuple(doubt for doubt in self.doubts(ticker) if doubt.day == day)
        if not found:
            raise _nothing(ticker, day)
        self.accept_doubts(ticker, [(doubt.sort, doubt.day) for doubt in found], author, note)
        return found

    def reopen_doubts(self, ticker: str, day: date, sort: str | None = None) -> int:
        """Take back what was said of a day of a series, all of it or of one sort; it is asked about again."""
        same = [AcceptedDoubt.price_set == MARKET, AcceptedDoubt.ticker == ticker, AcceptedDoubt.date == day]
        if sort is not None:
            same.append(AcceptedDoubt.sort == sort)
        with self.write() as connection:
            gone = connection.execute(delete(AcceptedDoubt).where(*same)).rowcount
        if not gone:
            what = f"nothing of {ticker} on {day} was said to be right"
            raise InputError(what, remedy="`prices status` lists what was")
        return int(gone)

    def accepted(self) -> tuple[tuple[Acceptance, bool], ...]:
        """List what persons said is right, by ticker and day, each with whether it still holds.

        It holds no longer where the price that it rests on has changed since.
        """
        with self.read() as connection:
            kept = accepted_of(connection, MARKET)
        market = self.market_of(sorted({one.ticker for one in kept}), MARKET) if kept else None
        return tuple((one, market is not None and _stands(one, market)) for one in kept)


def accepted_of(connection: Connection, price_set: str, tickers: Iterable[str] | None = None) -> tuple[Acceptance, ...]:
    """Read what persons said is right in a set of prices, or in some series of it."""
    table, wanted = AcceptedDoubt, None if tickers is None else set(tickers)
    fields = (table.ticker, table.sort, table.date, table.rests_on, table.author, table.accepted_on, table.note)
    query = select(*fields).where(table.price_set == price_set).order_by(table.ticker, table.date, table.sort)
    return tuple(Acceptance(*row) for row in connection.execute(query) if wanted is None or row[0] in wanted)


def _stands(one: Acceptance, market: Market) -> bool:
    from exposure.prices.checks import doubts_in
    from exposure.scenarios.doubtful import sessions_of

    series = market.series.get(one.ticker)
    if series is None:
        return False
    if one.sort == GAP:
        return one.day not in set(series.dates.tolist())
    if one.sort == "stale":
        last = (series.dates[-1].item(), float(series.close[-1]))
        return one.holds(Doubt("stale", one.ticker, last[0], 0.0, last[0], last[1]))
    return any(one.holds(doubt) for doubt in doubts_in(series, sessions=sessions_of(one.ticker)))


def _nothing(ticker: str, day: date) -> InputError:
    what = f"nothing is doubtful about {ticker} on {day}"
    return InputError(what, remedy="`prices status` lists what is, with its date")


def _as_json(found: SeriesCheck) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(asdict(found), default=date.isoformat))
    return plain


def _as_check(ticker: str, found: Mapping[str, Any]) -> SeriesCheck:
    from exposure.prices.checks import SeriesCheck

    days = ("day", "before")
    doubts = ({**each, **{name: date.fromisoformat(each[name]) for name in days}} for each in found["doubts"])
    return SeriesCheck(ticker, tuple(map(date.fromisoformat, found["gaps"])), tuple(Doubt(**each) for each in doubts))


def _without(found: SeriesCheck, accepted: Sequence[Acceptance]) -> SeriesCheck:
    mine = [one for one in accepted if one.ticker == found.ticker]
    if not mine:
        return found
    shut = {one.day for one in mine if one.sort == GAP}
    return replace(
        found,
        gaps=tuple(day for day in found.gaps if day not in shut),
        doubts=tuple(doubt for doubt in found.doubts if not any(one.holds(doubt) for one in mine)),
    )
