"""Which price series stands for each line of a book, and in which currency: own listing, ticker, or a named proxy.

What a reader of a book has to know of the prices that value it: rows held back, older closes, splits unstated.

What could stand for a line without prices: a fund of its segment or sector, or a mean of its segment; only offered.

Nothing here is applied: the caller passes what a person chose to `drawdown(proxies=...)`, and the answer marks it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import zip_longest
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from exposure.chain import issuer_table
from exposure.errors import MissingPrice
from exposure.messages import Param, words
from exposure.prices import Days, Market, PriceSeries
from exposure.prices import Rates as Rates
from exposure.types import UNSUPPORTED, Book, Issue, Line, Part
from exposure.units import currency_of

State = Literal["priced", "proxy", "none", "cash"]


@dataclass(frozen=True, slots=True, eq=False)
class Conversion:
    """How the prices of a line came to the book's currency: where a rate is missing, and where an old one stands."""

    currency: str
    base: str
    unrated: Days
    """Dates with a price and without a rate, the last known one being too old; the line has no value there."""
    aged: Days
    """Dates with a price for which a rate stands that is old enough to be named."""
    aged_on: Days
    """The day that the rate of each of `aged` is of."""
    pairs: frozenset[str] = frozenset()
    """Symbols of the pairs among the prices that gave some of its rates."""

    def within(self, first: np.datetime64, last: np.datetime64) -> Conversion:
        """Keep the dates of a period."""
        old = (self.aged >= first) & (self.aged <= last)
        unrated = self.unrated[(self.unrated >= first) & (self.unrated <= last)]
        return replace(self, unrated=unrated, aged=self.aged[old], aged_on=self.aged_on[old])


@dataclass(frozen=True, slots=True)
class Quote:
    """What a line is priced by: a series (None for cash and where there is none), and how well that is its own."""

    state: State
    series: PriceSeries | None = None
    currency: str | None = None
    """Currency of the prices, pence as pounds; of a cash line its own."""
    conversion: Conversion | None = None
    """None where no date with a price lacks a rate, none has an old one, and the bank gave every one."""
    unrated: bool = False
    """Whether it has prices, and is of state `none` for want of an exchange rate alone."""


def quote_of(line: Line, market: Market, proxies: Mapping[str, str] | None = None) -> Quote:
    """Find the series of a line: its listing, else the ticker of the file, else another line of the issuer as a proxy.

    The file's ticker is no proof where the listing is known or the currency differs (`SU` of Paris is not `SU` of New
    York): in another currency than a known listing's it is not used, and otherwise it counts as a proxy. Options,
    futures, bonds and forwards have no price move of the issuer's and stay without. A line that would stay without
    takes the series that `proxies` names for its `line_id`; it never replaces a price of its own.

    Raises
    ------
    MissingPrice
        `proxies` names a series that the market does not hold.
    """
    found = _own(line, market)
    symbol = (proxies or {}).get(line.line_id)
    if found.state != "none" or symbol is None:
        return found
    if symbol in market.series:
        return _quoted("proxy", line, market.series[symbol])
    raise MissingPrice("history.proxy-unpriced", proxy=symbol, line=line_name(line))


def _own(line: Line, market: Market) -> Quote:
    if line.holding.kind == "cash":
        return Quote("cash", None, currency_of(line.currency or line.holding.currency))
    if line.holding.kind in UNSUPPORTED:
        return Quote("none")
    if line.listing is not None and line.listing in market.series:
        return _quoted("priced", line, market.series[line.listing])
    ticker = line.holding.ticker
    if ticker is not None and ticker in market.series and ticker not in line.siblings:
        series = market.series[ticker]
        known = line.currency is not None and series.currency is not None
        same = known and currency_of(series.currency) == currency_of(line.currency)
        if same or (line.listing is None and not known):
            return _quoted("priced", line, series)
        if line.listing is None or not known:
            return _quoted("proxy", line, series)
    if line.listing is None and ticker is not None and ticker in market.series:
        return _quoted("priced", line, market.series[ticker])
    proxy = next((market.series[s] for s in line.siblings if s in market.series), None)
    return _quoted("proxy", line, proxy) if proxy is not None else Quote("none")


def _quoted(state: State, line: Line, series: PriceSeries) -> Quote:
    return Quote(state, series, currency_of(series.currency or line.currency))


def pairs_of(found: Quote) -> frozenset[str]:
    """Give the pairs among the prices that bring a line's prices to the book's currency."""
    return found.conversion.pairs if found.conversion else frozenset()


def out_of(found: Quote, first: np.datetime64, last: np.datetime64) -> Quote:
    """Give the quote of a line that is in no return of a period, and whether the want of a rate alone is why."""
    said = found.conversion
    return Quote("none", conversion=said, unrated=said is not None and len(said.within(first, last).unrated) > 0)


def line_name(line: Line) -> str:
    """Name a line as its reader knows it: ticker, else listing, ISIN, name."""
    own = line.holding
    return own.ticker or line.listing or own.isin or own.name or line.line_id


def top_parts(line: Line) -> dict[str, float]:
    """Give the share of a line in each top segment; the shares sum to 1, what nothing placed is `unassigned`."""
    shares: dict[str, float] = {}
    for segment, share in line.assignment.weights.items():
        top = segment.split(".")[0]
        shares[top] = shares.get(top, 0.0) + share
    whole = sum(shares.values())
    return {s: share / whole for s, share in shares.items()} if whole > 0 else {"unassigned": 1.0}


def gross_of(book: Book, lines: Iterable[Line] | None = None) -> float:
    """Sum the sizes of the weights of a book or of some of its lines: short ones, and rough ones for want of a rate."""
    each = book.lines if lines is None else lines
    return sum(abs(line.weight) + (line.unrated or 0.0) / book.capital for line in each)


def of_valuation(book: Book, market: Market) -> Iterator[Issue]:
    """Say of the lines that a quantity and a close value what that close is, and hand on what the prices say of all."""
    by_close = list(_by_close(book, market)) if book.basis == "values" and book.as_of else []
    yield from _older(book, market, by_close)
    doubtful = [line for line, series in by_close if not series.splits and series.dates[-1].item() > book.as_of]
    if doubtful:
        weight = share(book, doubtful)
        yield Issue.of("notice", "history.splits-unstated", weight=weight, **listed(map(line_name, doubtful)))
    yield from of_market(market, shares_of(book))


def shares_of(book: Book, quotes: Sequence[Quote] = ()) -> dict[str, float]:
    """Give symbol → its share of gross exposure: of listings and tickers, and of the series and pairs that are used."""
    lines: dict[str, list[Line]] = defaultdict(list)
    for line, q in zip_longest(book.lines, quotes):
        used = set() if q is None else {q.series.ticker if q.series else None, *pairs_of(q)}
        for symbol in filter(None, {line.listing, (line.holding.ticker or "").upper(), *used}):
            lines[symbol].append(line)
    whole = gross_of(book)
    return {symbol: gross_of(book, each) / whole if whole else 0.0 for symbol, each in lines.items()}


def of_market(market: Market, shares: Mapping[str, float] | None = None) -> Iterator[Issue]:
    """Hand on what was wrong with the prices themselves.

    Parameters
    ----------
    shares : ticker → its share of gross exposure; what concerns other tickers alone is left out. None: all is told.
    """
    of_others = set() if shares is None else {t for t in market.notes if t not in shares}
    silent = {id(issue) for ticker in of_others for issue in market.notes[ticker].issues}
    weight = {id(i): w for t, w in (shares or {}).items() if t in market.notes for i in market.notes[t].issues}
    yield from (replace(i, weight=weight.get(id(i), i.weight)) for i in market.issues if id(i) not in silent)
    unused = {id(row) for ticker in of_others for row in market.notes[ticker].rejected}
    rejected = [row for row in market.rejected if id(row) not in unused]
    if rejected:
        first = rejected[0]
        concerned = [w for t, w in (shares or {}).items() if t in market.notes and market.notes[t].rejected]
        why: dict[str, Any] = dict(first.params)
        yield Issue.of(
            "warning",
            "history.rows-unused",
            weight=sum(concerned) or None,
            n=len(rejected),
            source=market.source,
            at=first.row,
            why=first.code,
            **why,
        )


def once(issues: Iterable[Issue], market: Market) -> tuple[Issue, ...]:
    """Leave out what the prices say of a move that a doubt among the issues tells of as well, with its ways out."""
    each = tuple(issues)
    doubted = {(i.doubt.ticker, i.doubt.day) for i in each if i.doubt is not None}
    moves = (move for t, notes in market.notes.items() for day, move in notes.moves if (t, day) in doubted)
    twice = {(move.code, move.params) for move in moves}
    return tuple(i for i in each if (i.code, i.params) not in twice)


def _by_close(book: Book, market: Market) -> Iterator[tuple[Line, PriceSeries]]:
    for line in book.lines:
        series = market.series.get(line.listing or "")
        if line.holding.market_value is None and line.holding.quantity and line.market_value is not None and series:
            yield line, series


def _older(book: Book, market: Market, by_close: Sequence[tuple[Line, PriceSeries]]) -> Iterator[Issue]:
    """Name the lines whose close is older than the book, those whose newer row is held back first."""
    as_of, older = book.as_of, defaultdict[date, list[Line]](list)
    if as_of is None:
        return
    for line, series in by_close:
        at = series.at(as_of)
        if at is None or (day := series.dates[at].item()) == as_of:
            continue
        notes = market.notes.get(series.ticker)
        missed = [d for d in notes.held_back if day < d <= as_of] if notes else []
        if missed:
            yield Issue.of(
                "warning",
                "history.price-held-back",
                weight=share(book, [line]),
                line=line_name(line),
                missed=missed[-1].isoformat(),
                day=day.isoformat(),
                n=(as_of - day).days,
            )
        elif np.busday_count(series.dates[at] + 1, np.datetime64(as_of, "D") + 1):
            older[day].append(line)
    for day, lines in sorted(older.items()):
        yield Issue.of(
            "notice",
            "history.older-close",
            weight=share(book, lines),
            day=day.isoformat(),
            as_of=str(as_of),
            n=(as_of - day).days,
            **listed(map(line_name, lines)),
        )


def share(book: Book, lines: Sequence[Line]) -> float:
    """Give the share of gross exposure of some lines."""
    whole = gross_of(book)
    return gross_of(book, lines) / whole if whole else 0.0


def listed(names: Iterable[str], most: int = 8) -> dict[str, Any]:
    """Give the parameters of a message that lists names: the first of them, and how many more there are."""
    each = list(dict.fromkeys(names))
    return {"names": ", ".join(each[:most]), "more": max(len(each) - most, 0)}


MARKET_FUNDS = ("SPY", "VTI")
SECTOR_FUNDS: Mapping[str, str] = {
    "energy": "XLE", "financials": "XLF", "industrials": "XLI", "health care": "XLV", "consumer staples": "XLP",
    "materials": "XLB", "consumer discretionary": "XLY", "real estate": "XLRE", "communication services": "XLC",
    "utilities": "XLU", "information technology": "XLK",
}  # fmt: skip
ALIKE = 0.5
"""Share of a line and a fund that has to lie in the same top segments for the fund to be offered."""
FEWEST = 3
"""Names that a mean needs to be offered."""
MEAN = "mean:"
"""Before the sub-segment, in the symbol of a mean: `mean:chips.memory`."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A suggestion: the line without prices, the series that could stand for it, why, and the weight it would price."""

    line: str
    """Its `line_id`."""
    name: str
    proxy: str
    """A symbol of the market, or a mean such as `mean:chips.memory`."""
    code: str
    """Of the message that says why, with its parameters."""
    params: Mapping[str, Param]
    weight: float
    """Share of the book's gross weight."""

    @property
    def why(self) -> str:
        """Why it could stand, in words."""
        return words(self.code, self.params)


Chosen = tuple[str, str, dict[str, Param]]
"""A symbol, and why it: the code and the parameters of the message."""


def proxies_for(book: Book, market: Market) -> tuple[Proxy, ...]:
    """Suggest a proxy for each line that has no price, the largest first; nothing is applied.

    For a line along the chain the unleveraged fund of the table that shares most of its segments, if at least half;
    else the mean of the names in its main sub-segment; for any other the fund of its sector, else the broad market.
    What no price move applies to, and what the market holds nothing like, is left without.
    """
    entries = {symbol: entry for symbol in market.series if (entry := issuer_table().of(symbol)) is not None}
    funds = {s: e.parts for s, e in entries.items() if e.fund and e.factor is None and s not in SECTOR_FUNDS.values()}
    names, whole, found = names_by_sub_segment(market), gross_of(book), list[Proxy]()
    for line in book.lines:
        if line.holding.kind in UNSUPPORTED or line.factor is not None or quote_of(line, market).state != "none":
            continue
        chosen = _along_the_chain(line, funds, names) or _outside(line, market)
        if chosen is not None:
            weight = abs(line.weight) / whole if whole else 0.0
            found.append(Proxy(line.line_id, line_name(line), *chosen, weight))
    return tuple(sorted(found, key=lambda p: -p.weight))


def _along_the_chain(
    line: Line, funds: Mapping[str, tuple[Part, ...]], names: Mapping[str, list[str]]
) -> Chosen | None:
    parts = line.assignment.weights
    main = max(parts, key=parts.__getitem__, default="unassigned")
    if "." not in main:
        return None
    best = max(funds, key=lambda s: (_shared(parts, funds[s], True), _shared(parts, funds[s], False)), default=None)
    if best is not None and (share := _shared(parts, funds[best], True)) >= ALIKE:
        return best, "proxy.fund-alike", {"share": share}
    if len(names.get(main, ())) >= FEWEST:
        return MEAN + main, "proxy.mean", {"n": len(names[main]), "segment": main}
    return None


def _shared(own: Mapping[str, float], fund: tuple[Part, ...], top: bool) -> float:
    """Give the weight that two mixes of segments have in common, by top segment or by sub-segment."""
    mixes = ({}, {})  # type: tuple[dict[str, float], dict[str, float]]
    for mix, each in zip(mixes, (own.items(), ((p.segment, p.weight) for p in fund)), strict=True):
        for segment, weight in each:
            key = segment.split(".")[0] if top else segment
            mix[key] = mix.get(key, 0.0) + weight
    return sum(min(weight, mixes[1].get(segment, 0.0)) for segment, weight in mixes[0].items())


def _outside(line: Line, market: Market) -> Chosen | None:
    fund = SECTOR_FUNDS.get(line.sector or "")
    if fund is not None and fund in market.series:
        return fund, "proxy.sector-fund", {"sector": line.sector or ""}
    broad = next((s for s in MARKET_FUNDS if s in market.series), None)
    return (broad, "proxy.broad-market", {}) if broad else None


def names_by_sub_segment(market: Market) -> dict[str, list[str]]:
    """List, for each sub-segment, the market's names that lie mainly in it, one line for each issuer."""
    out: dict[str, dict[str, str]] = {}
    for symbol in market.series:
        entry = issuer_table().of(symbol)
        if entry is None or entry.fund:
            continue
        main = max(entry.parts, key=lambda p: p.weight)
        if main.weight >= ALIKE and "." in main.segment:
            out.setdefault(main.segment, {}).setdefault(entry.key, symbol)
    return {segment: list(by_issuer.values()) for segment, by_issuer in out.items()}


def with_means(market: Market, symbols: Iterable[str]) -> Market:
    """Add the means that are named among the symbols: an index of the equal-weighted local returns of their names.

    Raises
    ------
    MissingPrice
        The market holds no name of such a sub-segment.
    """
    wanted = sorted({s for s in symbols if s.startswith(MEAN) and s not in market.series})
    if not wanted:
        return market
    names = names_by_sub_segment(market)
    made = {}
    for symbol in wanted:
        if not names.get(symbol.removeprefix(MEAN)):
            raise MissingPrice("history.mean-unpriced", segment=symbol.removeprefix(MEAN))
        made[symbol] = _mean(symbol, [market.series[s] for s in names[symbol.removeprefix(MEAN)]])
    return replace(market, series=MappingProxyType({**market.series, **made}))


def _mean(symbol: str, each: Sequence[PriceSeries]) -> PriceSeries:
    """Compound the mean of the returns of names, each at its last close of a date, from its first to its last."""
    dates = np.unique(np.concatenate([s.dates for s in each]))
    price = np.full((len(each), len(dates)), np.nan)
    for row, series in zip(price, each, strict=True):
        at = np.searchsorted(series.dates, dates, side="right") - 1
        listed = (at >= 0) & (dates <= series.dates[-1])
        row[listed] = series.returns_price[at[listed]]
    moves = price[:, 1:] / price[:, :-1] - 1.0
    known = np.isfinite(moves)
    mean = np.where(known, moves, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    level = 100.0 * np.concatenate([[1.0], np.cumprod(1.0 + mean)])
    for array in (dates, level):
        array.setflags(write=False)
    return PriceSeries(symbol, dates, level, source=f"mean of {len(each)} names")
