"""The doubts about prices that bear on a book: over a history, between two days, and in the value of its lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from exposure.doubt_words import issues_of
from exposure.history.path import Path
from exposure.history.quotes import Quote, gross_of, quote
from exposure.market import Market, PriceSeries
from exposure.scenarios.doubtful import doubts_over
from exposure.types import Book, Doubt, Issue, Line

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
    return issues_of(found)


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
    return sum(abs(line.weight) for line in lines) / whole if whole else 0.0
