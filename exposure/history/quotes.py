"""Which price series stands for each line of a book, and in which currency: own listing, ticker, or a named proxy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from exposure.errors import MissingPrice
from exposure.market import Days, Market, PriceSeries
from exposure.rates import Rates as Rates
from exposure.types import UNSUPPORTED, Book, Line
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


def quote(line: Line, market: Market, proxies: Mapping[str, str] | None = None) -> Quote:
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
    raise MissingPrice(f"no prices of {symbol}, proxy of {named(line)}", remedy="choose another proxy, or load them")


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


def named(line: Line) -> str:
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
