"""What looks wrong in stored prices, and what persons said is right all the same.

A series is looked through (`exposure.prices.checks`) when somebody asks and it has changed since; what is found is kept
with its summary. An acceptance is kept with name, date and the price it rests on, and holds no longer than that.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update

from db.engine import Database
from db.models import AcceptedDoubt, BankRate, StoredSeries
from db.repositories.names import now, portfolio_id
from db.repositories.prices import accepted_of, load_market
from db.repositories.series import MARKET, known, price_set_of
from db.repositories.snapshots import symbols_of
from exposure.delivered import GAP
from exposure.errors import InputError, MissingPrice, StoreError
from exposure.types import Acceptance, Doubt

if TYPE_CHECKING:
    from exposure.prices import Market, PriceSeries, SeriesCheck


AT_ONCE = 200
"""Series looked through in one go: so many are held in memory, and so many are kept where the rest is interrupted."""
Mark = tuple[str, date]
"""What is accepted of a series: its sort (one of `exposure.delivered.SORTS`, or `gap`) and its day."""


class Doubts(Database):
    """What is doubtful about the stored prices, and what persons said of it."""

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
        from exposure.prices import check_series
        from exposure.scenarios import sessions_of

        with self.read() as connection:
            market = load_market(connection, price_set, tickers)
        out: dict[str, SeriesCheck] = {}
        for ticker, series in market.series.items():
            calendar = sessions_of(ticker) if price_set == MARKET else None
            sessions = calendar and calendar(series.dates[0].item(), series.dates[-1].item())
            out[ticker] = check_series(series, sessions)
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
        from exposure.prices import doubts_of
        from exposure.scenarios import sessions_of

        with self.read() as connection:
            market = load_market(connection, MARKET, [ticker])
            newest = select(func.max(StoredSeries.last)).where(StoredSeries.price_set == MARKET)
            end = connection.execute(newest).scalar()
        if ticker not in market.series:
            raise MissingPrice("store.no-prices", ticker=ticker)
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
            raise InputError("store.word-nameless")
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
            raise InputError("store.no-word", ticker=ticker, day=day.isoformat())
        return int(gone)

    def accepted(self) -> tuple[tuple[Acceptance, bool], ...]:
        """List what persons said is right, by ticker and day, each with whether it still holds.

        It holds no longer where the price that it rests on has changed since.
        """
        with self.read() as connection:
            kept = accepted_of(connection, MARKET)
            market = load_market(connection, MARKET, {one.ticker for one in kept}) if kept else None
        return tuple((one, market is not None and _stands(one, market)) for one in kept)


def _stands(one: Acceptance, market: Market) -> bool:
    from exposure.prices import doubts_in
    from exposure.scenarios import sessions_of

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
    return InputError("store.no-doubt", ticker=ticker, day=day.isoformat())


def _as_json(found: SeriesCheck) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(asdict(found), default=date.isoformat))
    return plain


def _as_check(ticker: str, found: Mapping[str, Any]) -> SeriesCheck:
    from exposure.prices import SeriesCheck

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
