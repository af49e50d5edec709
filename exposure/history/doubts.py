"""The doubts about prices that bear on a book: over a history, between two days, and in the value of its lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import numpy as np

from exposure.doubt_words import issues_of
from exposure.history.path import Path
from exposure.history.quotes import Quote, gross_of, pairs_of, quote
from exposure.market import Market, PriceSeries
from exposure.rates import Rates
from exposure.scenarios.doubtful import doubts_over
from exposure.types import Book, Doubt, Issue, Line
from exposure.units import currency_of

AROUND = timedelta(days=14)
"""How far from the day of a valuation a mere jump or a hole still bears on it: a wrong price soon goes back."""
LASTING = ("unadjusted", "unit", "reused")
"""What changes the level of a series for good bears on a value wherever it lies."""


def of_path(book: Book, path: Path, market: Market, *, anchored: bool) -> list[Issue]:
    """Say what is doubtful about the series that a history follows, each with the share of the book that it prices.

    `anchored`: the quantities are valued on the book's own day, which counts then as well.
    """
    return issues_of(_of_quotes(book, path.quotes, market, *_period(book, path, anchored)))


def of_paths(pieces: Sequence[tuple[Book, Path]], market: Market) -> list[Issue]:
    """Say the same of several snapshots: each doubt once, with the largest share it had in one of them."""
    worst: dict[tuple[str, str, date], tuple[Doubt, float]] = {}
    for book, path in pieces:
        for doubt, weight in _of_quotes(book, path.quotes, market, *_period(book, path, True)):
            if doubt.key not in worst or weight > worst[doubt.key][1]:
                worst[doubt.key] = doubt, weight
    return issues_of(worst.values())


def between(book: Book, market: Market, start: date | None, end: date | None) -> list[Issue]:
    """Say what is doubtful about the series of a book's lines from one day to another."""
    return issues_of(_of_quotes(book, [quote(line, market) for line in book.lines], market, start, end))


def of_values(book: Book, market: Market) -> list[Issue]:
    """Say what is doubtful about the closes by which lines without a value of their own were valued."""
    day = book.as_of
    if day is None or book.basis == "weights":
        return []
    lines = [x for x in book.lines if x.holding.market_value is None and x.holding.quantity and _series(x, market)]
    found: list[tuple[Doubt, float | None]] = []
    for symbol, rest in _by_symbol((_series(x, market), x) for x in lines):
        weight = _share(book, rest)
        for doubt in doubts_over(market, symbol, None, None):
            if doubt.sort in LASTING or doubt.before - AROUND <= day <= doubt.day + AROUND:
                found.append((doubt, weight))
        if all(x.market_value is None for x in rest):  # too old to value it by: that is why it has no value
            found += [(d, None) for d in doubts_over(market, symbol, day, day) if d.sort == "stale"]
    rated = [(symbol, x) for x in book.lines for symbol in _pairs_on(day, x, book, market)]
    found += _of_pairs(book, rated, market, day - AROUND, day + AROUND)
    return issues_of(found)


def _pairs_on(day: date, line: Line, book: Book, market: Market) -> frozenset[str]:
    """Give the pairs among the prices that brought a line's value to the book's currency."""
    currency = currency_of(line.currency or line.holding.currency)
    if line.market_value is None or not book.currency or not currency or currency == book.currency:
        return frozenset()
    return Rates.of(market).path(currency, book.currency, np.array([day], "datetime64[D]")).by


def _period(book: Book, path: Path, anchored: bool) -> tuple[date, date]:
    days = [path.dates[0].item(), path.dates[-1].item(), *([book.as_of] if anchored and book.as_of else [])]
    return min(days), max(days)


def _of_quotes(
    book: Book, quotes: Sequence[Quote], market: Market, start: date | None, end: date | None
) -> list[tuple[Doubt, float]]:
    pairs = ((q.series, line) for q, line in zip(quotes, book.lines, strict=True) if q.series is not None)
    found: list[tuple[Doubt, float]] = []
    for symbol, lines in _by_symbol(pairs):
        if seen := doubts_over(market, symbol, start, end):
            weight = _share(book, lines)
            found += [(doubt, weight) for doubt in seen]
    rated = ((symbol, line) for q, line in zip(quotes, book.lines, strict=True) for symbol in pairs_of(q))
    return found + _of_pairs(book, rated, market, start, end)


def _of_pairs(
    book: Book, rated: Iterable[tuple[str, Line]], market: Market, start: date | None, end: date | None
) -> list[tuple[Doubt, float]]:
    """Doubt the pairs that gave exchange rates by their moves; how old a rate may be is a rule of its own."""
    held: dict[str, list[Line]] = defaultdict(list)
    for symbol, line in rated:
        held[symbol].append(line)
    found: list[tuple[Doubt, float]] = []
    for symbol, lines in sorted(held.items()):
        weight = _share(book, lines)
        found += [(d, weight) for d in doubts_over(market, symbol, start, end) if d.sort not in ("hole", "stale")]
    return found


def _by_symbol(pairs: Iterable[tuple[PriceSeries | None, Line]]) -> Iterable[tuple[str, list[Line]]]:
    found: dict[str, list[Line]] = {}
    for series, line in pairs:
        if series is not None:
            found.setdefault(series.ticker, []).append(line)
    return found.items()


def _series(line: Line, market: Market) -> PriceSeries | None:
    return market.series.get(line.listing or "")


def _share(book: Book, lines: Iterable[Line]) -> float:
    whole = gross_of(book)
    return gross_of(book, lines) / whole if whole else 0.0
