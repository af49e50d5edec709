"""Lines laid side by side: one column for each series and currency, their prices on common dates, their weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from exposure.errors import MissingPrice, MissingRate
from exposure.history.calendars import ALWAYS, cut, exchange_of
from exposure.history.quotes import Conversion, Quote, quote, top_parts
from exposure.market import Days, Floats, Market
from exposure.rates import QUIET_DAYS, RatePath, Rates, missing
from exposure.types import Book

Closes = Literal["local", "common"]
"""`local`: each exchange's own closes, every date on which a line is priced a session. `common`: one cut for all, the
closes of the exchange that carries most weight; each line takes its last close before it."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Lines put together by the series and currency that price them: J columns over D dates, S segments, L lines."""

    quotes: tuple[Quote, ...]
    """One for each line of the book."""
    of_line: NDArray[np.int64]
    """L: the column of each line, −1 where it has none."""
    dates: Days
    price: Floats
    """(J, D): in the book's currency, NaN where there is none; cash is 1 in its own currency."""
    known: NDArray[np.bool_]
    """(J, D): whether there is one."""
    cash: NDArray[np.bool_]
    net: Floats
    """(J, S): weight by segment, signed."""
    gross: Floats
    """(J, S): the same, each line by its size."""
    segments: tuple[str, ...]
    sessions: NDArray[np.bool_]
    """D: whether an exchange's own line trades; what trades on every day (coins, rates) makes no session."""


def lay(
    book: Book,
    market: Market,
    *,
    rates: Rates | None = None,
    closes: Closes = "local",
    proxies: Mapping[str, str] | None = None,
    period: tuple[date | None, date | None] = (None, None),
) -> Columns:
    """Put the lines of one series together and lay all series on the dates on which any of them has a price.

    `period` leaves out what lies before its first and after its last day, to save the work.

    Raises
    ------
    MissingPrice
        No line of the book has a price, or a proxy names a series that is not there.
    """
    quotes = tuple(quote(line, market, proxies) for line in book.lines)
    keys = {(q.series.ticker if q.series else "", q.currency): q for q in quotes if q.state != "none"}
    number = {key: j for j, key in enumerate(keys)}
    if not any(q.series for q in keys.values()):
        raise MissingPrice("no line of the book has a price", remedy="give a file of prices with --prices FILE")
    of_line = np.array(
        [number[q.series.ticker if q.series else "", q.currency] if q.state != "none" else -1 for q in quotes]
    )
    net, gross, segments = _weights(book, of_line, len(keys))
    parts = [_slice(q.series.dates, period) if q.series else slice(0, 0) for q in keys.values()]
    each = [q.series.dates[part] if q.series else None for q, part in zip(keys.values(), parts, strict=True)]
    dates, places = _union(each)
    price = np.full((len(keys), len(dates)), np.nan)
    cash = np.array([q.series is None for q in keys.values()])
    for j, (q, part, place) in enumerate(zip(keys.values(), parts, places, strict=True)):
        if q.series is None:
            price[j] = 1.0
        elif place is not None:
            price[j, place] = q.series.returns_price[part]
    exchanges = [exchange_of(q.series.ticker) if q.series else None for q in keys.values()]
    if closes == "common":
        sizes = dict.fromkeys(exchanges, 0.0)
        for exchange, size in zip(exchanges, gross.sum(axis=1).tolist(), strict=True):
            sizes[exchange] += size
        dates, price = cut(dates, price, exchanges, sizes)
        price[cash] = 1.0
    conversions = _convert(book, list(keys.values()), dates, price, rates or Rates.of(market))
    quotes = tuple(
        replace(q, conversion=conversions[j]) if j >= 0 else q for q, j in zip(quotes, of_line.tolist(), strict=True)
    )
    trading = np.array([x not in ALWAYS for x in exchanges]) & ~cash
    makes = trading if trading.any() else ~cash
    known = np.isfinite(price)
    sessions = known[makes].any(axis=0)
    return Columns(quotes, of_line, dates, price, known, cash, net, gross, segments, sessions)


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
        if unrated.any() or aged.any():
            said[j] = Conversion(q.currency, book.currency, dates[unrated], dates[aged], path.on[aged])
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
            raise missing(q.conversion.currency, q.conversion.base, *days[[0, -1]].tolist())


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


def _slice(dates: Days, period: tuple[date | None, date | None]) -> slice:
    first, last = (None if day is None else np.datetime64(day, "D") for day in period)
    begin = 0 if first is None else int(np.searchsorted(dates, first))
    return slice(begin, len(dates) if last is None else max(int(np.searchsorted(dates, last, side="right")), begin))


Place = NDArray[np.int64] | slice
"""Where the dates of a series stand among all: a slice where none lies between them."""


def _union(each: Sequence[Days | None]) -> tuple[Days, list[Place | None]]:
    """Give every date that occurs, ascending, and where those of each series stand there; None where it has none.

    Most series of a book share their dates with another one, and those are laid once.
    """
    alike: dict[tuple[int, bytes], Days] = {}
    keys = [(len(days), days.tobytes()) if days is not None and len(days) else None for days in each]
    for key, days in zip(keys, each, strict=True):
        if key is not None and days is not None:
            alike.setdefault(key, days)
    if not alike:
        raise MissingPrice("no line of the book has a price in the period", remedy="give a longer period, or prices")
    first, last = min(d[0] for d in alike.values()), max(d[-1] for d in alike.values())
    numbers = {key: (days - first).astype(int) for key, days in alike.items()}
    occurs = np.zeros((last - first).astype(int) + 1, bool)
    for number in numbers.values():
        occurs[number] = True
    position = np.cumsum(occurs) - 1
    laid = {key: _run(position[number]) for key, number in numbers.items()}
    dates = first + np.flatnonzero(occurs).astype("timedelta64[D]")
    return dates, [None if key is None else laid[key] for key in keys]


def _run(places: NDArray[np.int64]) -> Place:
    first, last = int(places[0]), int(places[-1])
    return slice(first, last + 1) if last - first + 1 == len(places) else places


def between_first_and_last(priced: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark, for each row, the dates from its first price to its last."""
    count, day = priced.shape[1], np.arange(priced.shape[1])
    first, last = priced.argmax(axis=1), count - 1 - priced[:, ::-1].argmax(axis=1)
    ever = priced[np.arange(len(priced)), first] if count else np.zeros(len(priced), bool)
    listed: NDArray[np.bool_] = (day >= first[:, None]) & (day <= last[:, None]) & ever[:, None]
    return listed


def anchors(columns: Columns, as_of: date | None) -> Floats:
    """Give (J, 1) prices on the book's date: the last one up to it, or the first where all are later."""
    known = columns.known
    upto = columns.dates <= (columns.dates[-1] if as_of is None else np.datetime64(as_of, "D"))
    before = known & upto
    last = len(columns.dates) - 1 - before[:, ::-1].argmax(axis=1)
    at = np.where(before.any(axis=1), last, known.argmax(axis=1))
    found: Floats = columns.price[np.arange(len(at)), at][:, None]
    return found
