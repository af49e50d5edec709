"""Which price series stands for each line of a book, and in which currency: own listing, ticker, or a named proxy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from exposure.errors import MissingPrice
from exposure.market import Days, Floats, Market, PriceSeries
from exposure.types import UNSUPPORTED, Book, Line
from exposure.units import currency_of

Rates = Callable[[str, str, Days], Floats]
"""(currency, base currency, dates) → units of the base for one of the currency, NaN where unknown: `rates_on`."""
State = Literal["priced", "proxy", "none", "cash"]

STALE = np.timedelta64(7, "D")
"""A rate may be this old: the last one known on or before the date, never a later one."""


@dataclass(frozen=True, slots=True)
class Quote:
    """What a line is priced by: a series (None for cash and where there is none), and how well that is its own."""

    state: State
    series: PriceSeries | None = None
    currency: str | None = None
    """Currency of the prices, pence as pounds; of a cash line its own."""


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


def rate_path(currency: str, base: str, dates: Days, market: Market, rates: Rates | None) -> Floats | None:
    """Give units of `base` for one of `currency` on each date, NaN where none is known, None where none ever is.

    The caller's `rates` come first, then the market's own series: `EURUSD=X`, its inverse, or both against the dollar.
    """
    if rates is not None:
        path = rates(currency, base, dates)
        if np.isfinite(path).any():
            return path
    straight = _pair(currency, base, dates, market.series)
    if straight is None and "USD" not in (currency, base):
        legs = [_pair(c, "USD", dates, market.series) for c in (currency, base)]
        straight = legs[0] / legs[1] if legs[0] is not None and legs[1] is not None else None
    return straight if straight is not None and np.isfinite(straight).any() else None


def _pair(currency: str, base: str, dates: Days, series: Mapping[str, PriceSeries]) -> Floats | None:
    """Read one pair of the market by Yahoo's symbols: `EURUSD=X`, and `JPY=X` for yen a dollar."""
    forward = [f"{currency}{base}=X", *([f"{base}=X"] if currency == "USD" else [])]
    backward = [f"{base}{currency}=X", *([f"{currency}=X"] if base == "USD" else [])]
    for symbol in (*forward, *backward):
        if symbol in series:
            pair = series[symbol]
            at = np.searchsorted(pair.dates, dates, side="right") - 1
            known = (at >= 0) & (dates - pair.dates[at] <= STALE)
            level: Floats = np.where(known, pair.close[at], np.nan)
            return level if symbol in forward else 1.0 / level
    return None


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


def gross_of(book: Book) -> float:
    """Sum the sizes of the weights, short ones included."""
    return sum(abs(line.weight) for line in book.lines)
