"""What a reader of a history has to know beside its figures: what is missing, stands in, ends early, was held back.

The doubts about prices that bear on a book: over a history, between two days, and in the value of its lines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from exposure.chain import rate_pair
from exposure.history._align import STALE_SESSIONS
from exposure.history._path import BEGIN, Path
from exposure.history._quotes import Conversion, Quote, gross_of, line_name, listed, pairs_of, quote_of, share
from exposure.history._quotes import of_market as of_market
from exposure.history._result import Unrated
from exposure.prices import Market, PriceSeries, Rates, doubt_issues, rate_remedy
from exposure.scenarios import doubts_over
from exposure.types import UNSUPPORTED, Book, Doubt, Issue, Line
from exposure.units import currency_of

THIN = 0.5
"""Covered weight below which the figures describe a part of the book that is not its larger one."""


def of_path(book: Book, path: Path) -> Iterable[Issue]:
    """Say how the history falls short of the book, each time with the share of gross weight concerned."""
    yield from of_lines(book, path)
    yield from of_capital(book, path)
    if not path.full:
        yield Issue.of("warning", "history.thin-start", share=BEGIN)


def of_pieces(pieces: Sequence[tuple[Book, Path]], joined: Path) -> Iterable[Issue]:
    """Say what several snapshots fall short of: each thing once, with the largest share it had in one of them."""
    worst: dict[object, Issue] = {}
    for book, path in pieces:
        for issue in of_lines(book, path):
            key = issue.code, issue.params
            if key not in worst or (issue.weight or 0.0) > (worst[key].weight or 0.0):
                worst[key] = issue
    yield from worst.values()
    yield from of_capital(pieces[-1][0], joined)


def of_lines(book: Book, path: Path) -> Iterable[Issue]:
    """Say which lines of a book have no price, another's, an early end or no rate."""
    lines = list(zip(book.lines, path.quotes, strict=True))
    covered = float(min(path.covered[0], path.covered[-1]))
    if covered < THIN:
        way = "history.half-unpriced-for-rates" if any(q.unrated for _, q in lines) else "history.half-unpriced"
        yield Issue.of("warning", "history.half-unpriced", weight=covered, way=way)
    if path.wealth[-1] <= 0:
        yield Issue.of("error", "history.ruined", day=str(path.dates[-1]))
    bare = [x for x, q in lines if q.state == "none" and not q.unrated and x.holding.kind not in UNSUPPORTED]
    if bare:
        yield Issue.of("warning", "history.unpriced", weight=share(book, bare), **listed(map(line_name, bare)))
    still = [line for line, q in lines if q.state == "none" and line.holding.kind in UNSUPPORTED]
    if still:
        yield Issue.of("warning", "history.unmoved", weight=share(book, still), **listed(map(line_name, still)))
    stood_in = [(line, q.series) for line, q in lines if q.state == "proxy" and q.series]
    if stood_in:
        pairs = [f"{x.listing or line_name(x)} ← {s.ticker} ({s.currency or '?'})" for x, s in stood_in]
        weight = share(book, [line for line, _ in stood_in])
        yield Issue.of("notice", "history.proxies", weight=weight, **listed(pairs))
    yield from _of_currency(book, path)
    gone = {i for i, (_, back) in path.absent.items() if back is None}  # told below, with the day it left
    ended = [book.lines[i] for i in path.ended if i not in gone and not _unrated_at_end(path, i)]
    if ended:
        yield Issue.of(
            "notice",
            "history.ended",
            weight=share(book, ended),
            day=str(path.dates[-1]),
            **listed(map(line_name, ended)),
        )
    if path.absent:
        out = [
            f"{line_name(book.lines[i])} {first} – {back or ''}".rstrip() for i, (first, back) in path.absent.items()
        ]
        weight = share(book, [book.lines[i] for i in path.absent])
        yield Issue.of("notice", "history.left-out", weight=weight, sessions=STALE_SESSIONS, **listed(out))
    if path.shut:
        rows = [f"{line_name(book.lines[i])} {days[0]} ({len(days)})" for i, days in path.shut.items()]
        weight = share(book, [book.lines[i] for i in path.shut])
        yield Issue.of("notice", "history.shut", weight=weight, **listed(rows))


def of_capital(book: Book, path: Path) -> Iterable[Issue]:
    """Say that returns are shares of gross exposure although the book's own weights are shares of net asset value."""
    if path.capital != book.capital_basis:
        yield Issue.of("warning", "history.on-gross")


def _unrated_at_end(path: Path, line: int) -> bool:
    """Tell whether a line ends early for want of a rate: its prices go on."""
    said = path.quotes[line].conversion
    return said is not None and len(said.unrated) > 0 and bool(said.unrated[-1] >= path.dates[-1])


def unrated(book: Book, path: Path) -> tuple[Unrated, ...]:
    """List the pairs without a rate on dates with prices, within the path; the heaviest first."""
    held: dict[tuple[str, str], list[tuple[Line, Conversion]]] = {}
    for line, said in _conversions(book, path):
        if len(said.unrated):
            held.setdefault((said.currency, said.base), []).append((line, said))
    out = []
    for (currency, base), each in held.items():
        days = np.unique(np.concatenate([said.unrated for _, said in each])).tolist()
        lines = [line for line, _ in each]
        names = tuple(dict.fromkeys(map(line_name, lines)))
        valued = any(line.market_value is not None for line in lines)
        weight = share(book, lines) if valued or book.basis == "weights" else None
        out.append(Unrated(currency, base, days[0], days[-1], len(days), weight, names))
    return tuple(sorted(out, key=lambda each: -(each.weight or 0.0)))


def _conversions(book: Book, path: Path) -> Iterator[tuple[Line, Conversion]]:
    for line, q in zip(book.lines, path.quotes, strict=True):
        if q.conversion is not None:
            yield line, q.conversion.within(path.dates[0], path.dates[-1])


def _of_currency(book: Book, path: Path) -> Iterable[Issue]:
    for each in unrated(book, path):
        yield Issue.of(
            "warning",
            "history.unrated",
            weight=each.weight,
            n=each.dates,
            currency=each.currency,
            base=each.base,
            start=str(each.start),
            end=str(each.end),
            **listed(each.lines),
            **rate_remedy(each.currency, each.base),
        )
    old: dict[tuple[str, str], list[tuple[Line, Conversion]]] = {}
    for line, said in _conversions(book, path):
        if len(said.aged):
            old.setdefault((said.currency, said.base), []).append((line, said))
    for (currency, base), pairs in old.items():
        dates, on = (np.concatenate([getattr(said, name) for _, said in pairs]) for name in ("aged", "aged_on"))
        worst = int(np.argmax(dates - on))
        weight = share(book, [x for x, _ in pairs])
        start, end, used = str(dates.min()), str(dates.max()), str(on[worst])
        age = int((dates[worst] - on[worst]).astype(int))
        if start == end:  # as the book's own message of its day, so that it is said once
            params: dict[str, Any] = {"currency": currency, "base": base, "day": start, "on": used}
            yield Issue.of("warning", "rate.old", weight=weight, n=age, pair=rate_pair(currency, base), **params)
            continue
        dated = {"start": start, "end": end, "on": used, "age": age}
        told = {"currency": currency, "base": base, **dated, **rate_remedy(currency, base)}
        yield Issue.of("warning", "history.old-rates", weight=weight, **told)
    if book.currency is None and len({q.currency for q in path.quotes if q.series}) > 1:
        yield Issue.of("notice", "history.no-currency")


AROUND = timedelta(days=14)
"""How far from the day of a valuation a mere jump or a hole still bears on it: a wrong price soon goes back."""
LASTING = ("unadjusted", "unit", "reused")
"""What changes the level of a series for good bears on a value wherever it lies."""


def doubts_of_path(book: Book, path: Path, market: Market, *, anchored: bool) -> list[Issue]:
    """Say what is doubtful about the series that a history follows, each with the share of the book that it prices.

    `anchored`: the quantities are valued on the book's own day, which counts then as well.
    """
    return doubt_issues(_of_quotes(book, path.quotes, market, *_period(book, path, anchored)))


def of_paths(pieces: Sequence[tuple[Book, Path]], market: Market) -> list[Issue]:
    """Say the same of several snapshots: each doubt once, with the largest share it had in one of them."""
    worst: dict[tuple[str, str, date], tuple[Doubt, float]] = {}
    for book, path in pieces:
        for doubt, weight in _of_quotes(book, path.quotes, market, *_period(book, path, True)):
            if doubt.key not in worst or weight > worst[doubt.key][1]:
                worst[doubt.key] = doubt, weight
    return doubt_issues(worst.values())


def doubts_between(book: Book, market: Market, start: date | None, end: date | None) -> list[Issue]:
    """Say what is doubtful about the series of a book's lines from one day to another."""
    return doubt_issues(_of_quotes(book, [quote_of(line, market) for line in book.lines], market, start, end))


def of_values(book: Book, market: Market) -> list[Issue]:
    """Say what is doubtful about the closes by which lines without a value of their own were valued."""
    day = book.as_of
    if day is None or book.basis == "weights":
        return []
    lines = [x for x in book.lines if x.holding.market_value is None and x.holding.quantity and _series(x, market)]
    found: list[tuple[Doubt, float | None]] = []
    for symbol, rest in _by_symbol((_series(x, market), x) for x in lines):
        weight = _doubted_share(book, rest)
        for doubt in doubts_over(market, symbol, None, None):
            if doubt.sort in LASTING or doubt.before - AROUND <= day <= doubt.day + AROUND:
                found.append((doubt, weight))
        if all(x.market_value is None for x in rest):  # too old to value it by: that is why it has no value
            found += [(d, None) for d in doubts_over(market, symbol, day, day) if d.sort == "stale"]
    rated = [(symbol, x) for x in book.lines for symbol in _pairs_on(day, x, book, market)]
    found += _of_pairs(book, rated, market, day - AROUND, day + AROUND)
    return doubt_issues(found)


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
            weight = _doubted_share(book, lines)
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
        weight = _doubted_share(book, lines)
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


def _doubted_share(book: Book, lines: Iterable[Line]) -> float:
    whole = gross_of(book)
    return gross_of(book, lines) / whole if whole else 0.0
