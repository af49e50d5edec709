"""Lines side by side: one column for each series and currency, their prices on common sessions, their weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from exposure.errors import MissingPrice, MissingRate
from exposure.history._quotes import Conversion, Quote, quote_of, top_parts
from exposure.prices import (
    QUIET_DAYS,
    Days,
    Floats,
    Market,
    PriceSeries,
    RatePath,
    Rates,
    common_cuts,
    exchange_of,
    missing_rate,
    open_on,
)
from exposure.types import Book

Closes = Literal["local", "common"]
"""`local`: each exchange's own closes; a session is a date on which lines of half of the priced weight trade.
`common`: one cut for all, the closes of the exchange that carries most weight. Each line takes its last close before
the session ends, so that none of its moves is lost between calendars."""

HALF = 0.5
"""Share of the weight then priced that has to trade on a date for it to be a session of the book."""
STALE_SESSIONS = 10
"""A close older than this many sessions of the book no longer stands for its line."""
REST = np.timedelta64(21, "D")
"""No exchange of the calendars rests longer than this: a close so old stands for nothing, and is not waited for."""
SELDOM = 4
"""Gaps between closes that tell how often a series is quoted: one of a fund by the month does not rest meanwhile."""


@dataclass(frozen=True, slots=True, eq=False)
class Aligned:
    """Lines put together by the series and currency that price them: J columns over T sessions, S segments, L lines."""

    quotes: tuple[Quote, ...]
    """One for each line of the book."""
    of_line: NDArray[np.int64]
    """L: the column of each line, −1 where it has none."""
    dates: Days
    """T: sessions of the book."""
    price: Floats
    """(J, T): the last close up to each session, in the book's currency; NaN where there is none or it is stale. Cash
    is 1 in its own currency."""
    known: NDArray[np.bool_]
    """(J, T): whether there is one."""
    stale: NDArray[np.bool_]
    """(J, T): whether the last close is older than `STALE_SESSIONS`."""
    cash: NDArray[np.bool_]
    net: Floats
    """(J, S): weight by segment, signed."""
    gross: Floats
    """(J, S): the same, each line by its size."""
    segments: tuple[str, ...]
    last: Days
    """J: the last date with a close, not-a-time for cash."""
    ends: NDArray[np.bool_]
    """J: whether its exchange was open after that date and up to the last session (where no calendar is known: whether
    there was any session), so that its prices end early."""
    shut: Mapping[int, Days]
    """Column → the dates of its rows that were left out, its exchange being shut."""


@dataclass(frozen=True, slots=True, eq=False)
class Traded:
    """The closes of a series on days on which its exchange was open."""

    exchange: str
    days: Days
    price: Floats
    shut: Days


Opened = dict[tuple[str, bytes], tuple[Days, NDArray[np.bool_] | None]]
"""(exchange, dates) → the dates on which it was open, and which of all those are, None for each: series of an exchange
mostly have one set of dates."""


def traded(series: PriceSeries, asked: Opened) -> Traded:
    """Take the closes of a series, rows on days on which its exchange was shut left out; `asked` remembers its days."""
    exchange, days, price = exchange_of(series.ticker, series.currency), series.dates, series.returns_price
    key = exchange, days.tobytes()
    if key not in asked:
        opened = open_on(exchange, days)
        every = opened is None or opened.all() or not opened.any()
        asked[key] = (days, None) if every else (days[opened], opened)
    own, opened = asked[key]
    return (
        Traded(exchange, own, price, days[:0])
        if opened is None
        else Traded(exchange, own, price[opened], days[~opened])
    )


def align(
    book: Book,
    market: Market,
    *,
    rates: Rates | None = None,
    closes: Closes = "local",
    proxies: Mapping[str, str] | None = None,
    period: tuple[date | None, date | None] = (None, None),
    also: Sequence[date] = (),
) -> Aligned:
    """Put the lines of one series together and align the last close of each to the sessions of the book.

    `period` leaves out what lies before its first and after its last day, to save the work; `also` are sessions
    whatever trades on them.

    Raises
    ------
    MissingPrice
        No line of the book has a price, or a proxy names a series that is not there.
    """
    quotes = tuple(quote_of(line, market, proxies) for line in book.lines)
    keys = {(q.series.ticker if q.series else "", q.currency): q for q in quotes if q.state != "none"}
    number = {key: j for j, key in enumerate(keys)}
    if not any(q.series for q in keys.values()):
        raise MissingPrice("history.nothing-priced")
    of_line = np.array(
        [number[q.series.ticker if q.series else "", q.currency] if q.state != "none" else -1 for q in quotes]
    )
    net, gross, segments = _weights(book, of_line, len(keys))
    asked: Opened = {}
    each = [traded(q.series, asked) if q.series else None for q in keys.values()]
    size, cash = gross.sum(axis=1), np.array([one is None for one in each])
    alike: dict[tuple[str, int], list[int]] = {}
    for j, one in enumerate(each):
        if one is not None:
            alike.setdefault((one.exchange, id(one.days)), []).append(j)
    groups = [(each[members[0]] or _NONE, members) for members in alike.values()]
    days = _union([one.days for one, _ in groups], period)
    upto: Mapping[str, Days] = {}
    if closes == "common":
        sizes: dict[str, float] = {}
        for one, members in groups:
            sizes[one.exchange] = sizes.get(one.exchange, 0.0) + float(size[members].sum())
        dates, upto = common_cuts(days, sizes, sizes)
    else:
        dates = _sessions(days, [(one, float(size[members].sum())) for one, members in groups])
        dates = np.union1d(dates, np.array(also, "datetime64[D]"))
    price = np.full((len(each), len(dates)), np.nan)
    price[cash] = 1.0
    stale, ends = np.zeros(price.shape, bool), np.zeros(len(each), bool)
    for one, members in groups:
        moments = upto.get(one.exchange, dates)
        at, old = _last_closes(one.days, moments, dates)
        for j in members:
            own = each[j] or _NONE
            price[j] = np.where((at < 0) | old, np.nan, own.price[at])
            _begin(price[j], own, moments)
        stale[members], ends[members] = old, _opened_since(one, dates)
    conversions = _convert(book, list(keys.values()), dates, price, rates or Rates.of(market))
    quotes = tuple(
        replace(q, conversion=conversions[j]) if j >= 0 else q for q, j in zip(quotes, of_line.tolist(), strict=True)
    )
    last = np.array([np.datetime64("NaT", "D") if one is None else one.days[-1] for one in each])
    shut = {j: one.shut for j, one in enumerate(each) if one is not None and len(one.shut)}
    return Aligned(
        quotes, of_line, dates, price, np.isfinite(price), stale, cash, net, gross, segments, last, ends, shut
    )


def _opened_since(own: Traded, dates: Days) -> bool:
    """Tell whether an exchange was open on a session after its last close; any session counts without a calendar."""
    later = dates[dates > own.days[-1]]
    opened = open_on(own.exchange, later)
    return bool(len(later) if opened is None else opened.any())


_NONE = Traded("?", np.array([], "datetime64[D]"), np.array([]), np.array([], "datetime64[D]"))


def _union(each: Sequence[Days], period: tuple[date | None, date | None]) -> Days:
    """Give every date of the period on which any series has a close, ascending."""
    first, last = (None if day is None else np.datetime64(day, "D") for day in period)
    days = np.unique(np.concatenate(each))
    begin = 0 if first is None else int(np.searchsorted(days, first))
    days = days[begin : len(days) if last is None else max(int(np.searchsorted(days, last, side="right")), begin)]
    if not len(days):
        raise MissingPrice("history.nothing-priced-in-period")
    return days


def _sessions(days: Days, groups: Sequence[tuple[Traded, float]]) -> Days:
    """Keep the dates on which lines of at least half of the weight then priced trade.

    A line is priced from its first close to its last, and not where it has had none for longer than any market rests
    and than twice what is usual for it: else one that pauses for a year would leave the others without a session.
    """
    trading, priced = np.zeros(len(days)), np.zeros(len(days))
    for one, size in groups:
        at = np.searchsorted(one.days, days, side="right") - 1
        close = one.days[np.maximum(at, 0)]
        trading += size * ((at >= 0) & (close == days))
        priced += size * ((at >= 0) & (days <= one.days[-1]) & (days - close <= _rest(one.days)))
    return days[(trading > 0) & (trading >= HALF * priced - 1e-12)]


def _last_closes(own: Days, moments: Days, dates: Days) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Give the place of the last close up to each session (−1 before the first), and whether it is stale there."""
    at = np.searchsorted(own, moments, side="right") - 1
    close = own[np.maximum(at, 0)]
    since = np.searchsorted(dates, close, side="right") - 1
    age = np.arange(len(dates)) - since
    if len(dates) and len(close) and close[0] < dates[0]:
        # Before the first session laid its own days are not known: weekdays are counted.
        early = since < 0
        age[early] += np.busday_count(close[early], dates[0]) - 1
    return at, (at >= 0) & ((age > STALE_SESSIONS) | (dates - close > _rest(own)))


def _rest(own: Days) -> np.timedelta64:
    """Give how long the last close of a series can stand: `REST`, or twice its usual gap if it is quoted seldom."""
    if len(own) <= SELDOM:
        return REST
    usual = np.timedelta64(int(2 * np.median(np.diff(own).astype(int))), "D")
    return max(REST, usual)


def standing(own: Days, dates: Days) -> NDArray[np.bool_]:
    """Tell on which sessions the last close of a series up to them stands: there is one, and it is not stale."""
    at, old = _last_closes(own, dates, dates)
    return (at >= 0) & ~old


def _begin(price: Floats, own: Traded, moments: Days) -> None:
    """Let a line that begins between two sessions stand on the earlier one, in place: its move to the later counts."""
    known = np.isfinite(price)
    for k in (np.flatnonzero(known[1:] & ~known[:-1]) + 1).tolist():
        first = int(np.searchsorted(own.days, moments[k - 1], side="right"))
        if own.days[first] < moments[k]:
            price[k - 1] = own.price[first]


def _convert(book: Book, quotes: Sequence[Quote], dates: Days, price: Floats, rates: Rates) -> list[Conversion | None]:
    """Bring prices to the book's currency in place, NaN where no rate is known; say where one is missing or old.

    Raises
    ------
    MissingRate
        There are prices, and not one of them has a rate.
    """
    said: list[Conversion | None] = [None] * len(quotes)
    paths, before = dict[str, RatePath](), False
    for j, q in enumerate(quotes):
        before |= q.series is not None and bool(np.isfinite(price[j]).any())
        if not book.currency or not q.currency or q.currency == book.currency:
            continue
        if q.currency not in paths:
            paths[q.currency] = rates.path(q.currency, book.currency, dates)
        path, priced = paths[q.currency], np.isfinite(price[j])
        price[j] *= path.value
        unrated, aged = priced & np.isnan(path.value), priced & (dates - path.on > np.timedelta64(QUIET_DAYS, "D"))
        if unrated.any() or aged.any() or path.by:
            said[j] = Conversion(q.currency, book.currency, dates[unrated], dates[aged], path.on[aged], path.by)
    if before and not any(q.series is not None and np.isfinite(price[j]).any() for j, q in enumerate(quotes)):
        raise _unrated([each for each in said if each is not None], rates)
    return said


def _unrated(said: Sequence[Conversion], rates: Rates) -> MissingRate:
    worst = max(said, key=lambda each: len(each.unrated))
    days = worst.unrated[[0, -1]].tolist()
    return rates.missing(worst.currency, worst.base, *days)


def refuse_unrated(quotes: Sequence[Quote], start: date | None, end: date | None) -> None:
    """Raise where prices of a period have no exchange rate: it is not a price that is missing then."""
    first, last = (np.datetime64(day or other, "D") for day, other in ((start, date.min), (end, date.max)))
    for q in quotes:
        if q.conversion and len(days := q.conversion.within(first, last).unrated):
            raise missing_rate(q.conversion.currency, q.conversion.base, *days[[0, -1]].tolist())


def _weights(book: Book, of_line: NDArray[np.int64], columns: int) -> tuple[Floats, Floats, tuple[str, ...]]:
    tops = [top_parts(line) for line in book.lines]
    segments = tuple(dict.fromkeys(segment for top in tops for segment in top))
    place = {segment: s for s, segment in enumerate(segments)}
    net, gross = np.zeros((columns, len(segments))), np.zeros((columns, len(segments)))
    for line, top, j in zip(book.lines, tops, of_line.tolist(), strict=True):
        for segment, part in top.items() if j >= 0 else ():
            net[j, place[segment]] += line.weight * part
            gross[j, place[segment]] += abs(line.weight) * part
    return net, gross, segments


def anchors(aligned: Aligned, as_of: date | None) -> Floats:
    """Give (J, 1) prices on the book's date: the last one up to it, or the first where all are later."""
    known = aligned.known
    upto = aligned.dates <= (aligned.dates[-1] if as_of is None else np.datetime64(as_of, "D"))
    before = known & upto
    last = len(aligned.dates) - 1 - before[:, ::-1].argmax(axis=1)
    at = np.where(before.any(axis=1), last, known.argmax(axis=1))
    found: Floats = aligned.price[np.arange(len(at)), at][:, None]
    return found
