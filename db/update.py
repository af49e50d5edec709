"""Bringing stored prices up to date: only what is missing is asked for, and what has come is kept whatever follows.

A batch is stored in one transaction, so a fetch that is stopped, refused or cut off half way leaves every series either
as it was or whole, and the next one asks for the rest alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from db import feed, sources
from db.repositories import SeriesStatus, Store
from db.sources import EMPTY, NO_DATA, STOPPED, Fetched, PriceSource
from exposure.types import Issue

SOURCE: PriceSource = feed.Yahoo()
"""Where prices come from unless another source is asked for."""

OVERLAP = timedelta(days=10)
"""So far before the last stored price a fetch begins: closes that differ there say that history was revised."""
BATCH = 8
"""Tickers stored together: a stop loses at most these."""


@dataclass(slots=True)
class RatesUpdated:
    """What asking the bank for its exchange rates brought."""

    new: int = 0
    changed: int = 0
    reason: Issue | None = None
    """Why nothing came, None where the bank answered or lacked nothing; what is stored stands then."""
    issues: list[Issue] = field(default_factory=list)


def fetch_rates(
    store: Store, *, anew: bool = False, timeout: float = feed.TIMEOUT, moment: datetime | None = None
) -> RatesUpdated:
    """Fetch and store the bank's exchange rates, where some have been published that are not at hand.

    Returns
    -------
    RatesUpdated
        It never raises for what the bank does: the reason is in it, and named in an issue.
    """
    end = store.rate_status().end
    if not anew and end >= last_published(moment or datetime.now(UTC)):
        return RatesUpdated()
    published, reason = feed.ask_bank(timeout=timeout)
    if reason:
        return RatesUpdated(reason=reason, issues=[_because("feed.no-rates", reason, end=end.isoformat())])
    stored = store.store_bank_rates(published, feed.BANK)
    return RatesUpdated(stored.new, stored.changed, issues=list(stored.issues))


def last_published(moment: datetime) -> date:
    """Give the last working day for which the bank has published: at 16:00 in Frankfurt, 15:00 UTC at the latest."""
    day = (moment.astimezone(UTC) - timedelta(hours=15)).date()
    return day - timedelta(days=max(day.weekday() - 4, 0))


@dataclass(slots=True)
class Updated:
    """What a fetch brought, what it did not, and why it ended where it ended early."""

    asked: int = 0
    current: int = 0
    """Tickers that lacked nothing and were not asked for."""
    new: int = 0
    changed: int = 0
    failed: dict[str, Issue] = field(default_factory=dict)
    """Ticker → why it brought nothing."""
    issues: list[Issue] = field(default_factory=list)
    stopped: Issue | None = None
    """Why the rest was not asked for, None where all were."""


def fetch_missing(
    store: Store,
    symbols: Iterable[str],
    start: date,
    end: date | None = None,
    *,
    source: PriceSource | None = None,
    progress: Callable[[int, int, str], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    anew: bool = False,
    moment: datetime | None = None,
) -> Updated:
    """Fetch and store what the store lacks of some symbols.

    Parameters
    ----------
    start, end : date
        The history that is wanted; without `end` up to the last session that has closed at `moment` (now).
    source : PriceSource, optional
        Another one than `SOURCE`.
    progress : callable, optional
        Called after each ticker with how many are done, of how many, and which.
    cancelled : callable, optional
        Once it says yes, nothing more is asked for; what came is stored.
    anew : bool
        Ask from `start` on whatever is stored.

    Returns
    -------
    Updated
        It never raises for what the source does: the reasons are in it.
    """
    wanted = dict.fromkeys(symbol.strip() for symbol in symbols if symbol.strip())
    known = {one.ticker: one for one in store.price_status().series}
    begin = missing(wanted, known, start, end, moment, anew=anew)
    out = Updated(current=len(wanted) - len(begin))
    ask = _Ask(source or SOURCE, start, end, cancelled)
    todo = list(begin)
    for at in range(0, len(todo), BATCH):
        if cancelled():
            out.stopped = STOPPED
            break
        some = todo[at : at + BATCH]

        def step(done: int, of: int, symbol: str, at: int = at) -> None:
            if progress is not None:
                progress(at + done, len(todo), symbol)

        got = ask(some, begin, progress=step)
        got = _whole(store, got, begin, known, ask)
        out.asked += len(got.market.series) + len(got.failed)
        _keep(store, got, ask, known, out)
        if got.stopped:
            out.stopped = got.stopped
            break
    return out


@dataclass(frozen=True, slots=True)
class _Ask:
    """A source, with all that stays the same from batch to batch."""

    source: PriceSource
    start: date
    end: date | None
    cancelled: Callable[[], bool]

    def __call__(
        self,
        symbols: Iterable[str],
        begin: Mapping[str, date],
        progress: Callable[[int, int, str], None] | None = None,
    ) -> Fetched:
        return sources.ask(self.source, symbols, begin, self.end, progress=progress, cancelled=self.cancelled)


def missing(
    symbols: Iterable[str],
    known: Mapping[str, SeriesStatus],
    start: date,
    end: date | None = None,
    moment: datetime | None = None,
    *,
    anew: bool = False,
) -> dict[str, date]:
    """Give the day from which to ask of each symbol that lacks prices: `start`, or a little before its last price."""
    now, out = moment or datetime.now(UTC), dict[str, date]()
    for symbol in symbols:
        have = known.get(symbol)
        if anew or have is None or start < min(have.start, have.asked_from or have.start):
            out[symbol] = start
        elif have.end < (last := last_session(symbol, now)) and (end is None or have.end < min(end, last)):
            out[symbol] = max(start, have.end - OVERLAP)
    return out


def last_session(symbol: str, moment: datetime) -> date:
    """Give the last session of a symbol's exchange that has closed; without a calendar, the day itself."""
    import numpy as np

    from exposure.prices import EXCHANGES, exchange_of, sessions

    exchange = exchange_of(symbol)
    found = sessions(exchange, moment.year - 1, moment.year) if exchange in EXCHANGES else None
    if found is None:
        return moment.date()
    days, closes = found
    at = int(np.searchsorted(closes, np.datetime64(moment.astimezone(UTC).replace(tzinfo=None)), side="right")) - 1
    day: date = days[max(at, 0)].item()
    return day


def _whole(
    store: Store, got: Fetched, begin: Mapping[str, date], known: Mapping[str, SeriesStatus], ask: _Ask
) -> Fetched:
    """Put whole series in the place of those that were revised: a piece beside older ones would make a false return."""
    since = {symbol: known[symbol].start for symbol in store.revised(got.market) if symbol in known}
    torn = {symbol: min(first, ask.start) for symbol, first in since.items() if first < begin[symbol]}
    if not torn:
        return got
    anew = ask(torn, torn)
    came = {symbol: series for symbol, series in got.market.series.items() if symbol not in torn}
    failed = [*got.failed, *((symbol, _because("feed.not-whole", reason)) for symbol, reason in anew.failed)]
    return replace(
        got,
        market=replace(got.market, series={**came, **anew.market.series}),
        failed=tuple(failed),
        actions=(*(one for one in got.actions if one.ticker not in torn), *anew.actions),
        # a series that nobody answered for again says nothing of the others
        stopped=got.stopped or (STOPPED if anew.stopped == STOPPED else None),
    )


def _keep(store: Store, got: Fetched, ask: _Ask, known: Mapping[str, SeriesStatus], out: Updated) -> None:
    """Store a batch and note the reasons of those that did not come."""
    failed = {symbol: _told(reason, known.get(symbol)) for symbol, reason in got.failed}
    if got.market.series:
        stored = store.store_prices(got.market, ask.source.name, actions=got.actions, asked_from=ask.start)
        out.new, out.changed = out.new + stored.new, out.changed + stored.changed
        out.issues += stored.issues
        out.issues += [issue for issue in got.market.issues if issue.severity != "notice"]  # what was held back
    # what may pass says nothing of the ticker
    if lasting := [pair for pair in failed.items() if pair[1] not in sources.ATTEMPTS]:
        store.note_outcomes(lasting)
    out.failed |= failed


def _because(code: str, reason: Issue, **params: Any) -> Issue:
    """Say what a failure means, its reason within: each has a message of its own, by the last part of its code."""
    return Issue.of("warning", f"{code}.{reason.code.partition('.')[2]}", **params | dict(reason.params))


def _told(reason: Issue, have: SeriesStatus | None) -> Issue:
    """Say of a ticker that had prices once that it has none any more."""
    if have is not None and reason in (NO_DATA, EMPTY):
        return Issue.of("warning", "feed.no-longer", day=have.end.isoformat())
    return reason
