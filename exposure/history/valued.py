"""What a reader of a book has to know of the prices that value it: rows held back, older closes, splits unstated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import zip_longest

import numpy as np

from exposure.history.quotes import Quote, gross_of, named, pairs_of
from exposure.market import Market, PriceSeries
from exposure.types import Book, Issue, Line


def of_valuation(book: Book, market: Market) -> Iterator[Issue]:
    """Say of the lines that a quantity and a close value what that close is, and hand on what the prices say of all."""
    by_close = list(_by_close(book, market)) if book.basis == "values" and book.as_of else []
    yield from _older(book, market, by_close)
    doubtful = [line for line, series in by_close if not series.splits and series.dates[-1].item() > book.as_of]
    if doubtful:
        what = f"valued by closes that state no splits: {some(map(named, doubtful))}; a later split would be missed"
        yield Issue("notice", what, weight=share(book, doubtful), remedy="give a column stock_splits, or values")
    yield from of_market(market, held(book))


def held(book: Book, quotes: Sequence[Quote] = ()) -> dict[str, float]:
    """Give symbol → its share of gross exposure: of listings and tickers, and of the series and pairs that are used."""
    lines: dict[str, list[Line]] = defaultdict(list)
    for line, q in zip_longest(book.lines, quotes):
        used = set() if q is None else {q.series.ticker if q.series else None, *pairs_of(q)}
        for symbol in filter(None, {line.listing, (line.holding.ticker or "").upper(), *used}):
            lines[symbol].append(line)
    whole = gross_of(book)
    return {symbol: gross_of(book, each) / whole if whole else 0.0 for symbol, each in lines.items()}


def of_market(market: Market, held: Mapping[str, float] | None = None, beside: Iterable[Issue] = ()) -> Iterator[Issue]:
    """Hand on what was wrong with the prices themselves.

    Parameters
    ----------
    held : ticker → its share of gross exposure; what concerns other tickers alone is left out. None: all is told.
    """
    of_others = set() if held is None else {t for t in market.notes if t not in held}
    silent = {id(issue) for ticker in of_others for issue in market.notes[ticker].issues}
    weight = {id(i): w for t, w in (held or {}).items() if t in market.notes for i in market.notes[t].issues}
    yield from (replace(i, weight=weight.get(id(i), i.weight)) for i in market.issues if id(i) not in silent)
    unused = {id(row) for ticker in of_others for row in market.notes[ticker].rejected}
    rejected = [row for row in market.rejected if id(row) not in unused]
    if rejected:
        first = rejected[0]
        what = f"{len(rejected)} rows of {market.source} are not used, first row {first.row}: {first.reason}"
        concerned = [w for t, w in (held or {}).items() if t in market.notes and market.notes[t].rejected]
        yield Issue("warning", what, weight=sum(concerned) or None, remedy="correct them in the file")


def once(issues: Iterable[Issue], market: Market) -> tuple[Issue, ...]:
    """Leave out what the prices say of a move that a doubt among the issues tells of as well, with its ways out."""
    each = tuple(issues)
    doubted = {(i.doubt.ticker, i.doubt.day) for i in each if i.doubt is not None}
    twice = {move.what for t, notes in market.notes.items() for day, move in notes.moves if (t, day) in doubted}
    return tuple(i for i in each if i.what not in twice)


def _by_close(book: Book, market: Market) -> Iterator[tuple[Line, PriceSeries]]:
    for line in book.lines:
        series = market.series.get(line.listing or "")
        if line.holding.market_value is None and line.holding.quantity and line.market_value is not None and series:
            yield line, series


def _older(book: Book, market: Market, by_close: Sequence[tuple[Line, PriceSeries]]) -> Iterator[Issue]:
    """Name the lines whose close is older than the book, those whose newer row is held back first."""
    older: dict[date, list[Line]] = defaultdict(list)
    for line, series in by_close:
        at = None if book.as_of is None else series.at(book.as_of)
        if at is None or book.as_of is None or (day := series.dates[at].item()) == book.as_of:
            continue
        notes = market.notes.get(series.ticker)
        missed = [d for d in notes.held_back if day < d <= book.as_of] if notes else []
        if missed:
            age = _days((book.as_of - day).days)
            what = f"{named(line)}: its price of {missed[-1]} is held back; valued by the close of {day}, {age} older"
            yield Issue("warning", what, weight=share(book, [line]), remedy="mend that row, or give the line's value")
        elif np.busday_count(series.dates[at] + 1, np.datetime64(book.as_of, "D") + 1):
            older[day].append(line)
    for day, lines in sorted(older.items()):
        age = _days((book.as_of - day).days) if book.as_of else ""
        what = f"valued by the close of {day}, {age} before the book: {some(map(named, lines))}"
        yield Issue("notice", what, weight=share(book, lines), remedy=f"give prices of {book.as_of}")


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def share(book: Book, lines: Sequence[Line]) -> float:
    """Give the share of gross exposure of some lines."""
    whole = gross_of(book)
    return gross_of(book, lines) / whole if whole else 0.0


def some(names: Iterable[str], most: int = 8) -> str:
    """List the first names, and how many more there are."""
    each = list(dict.fromkeys(names))
    return ", ".join(each[:most]) + (f" and {len(each) - most} more" if len(each) > most else "")
