"""What could stand for a line without prices: a fund of its segment or sector, or a mean of its segment; only offered.

Nothing here is applied: the caller passes what a person chose to `drawdown(proxies=...)`, and the answer marks it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from exposure.chain.issuers import table
from exposure.errors import MissingPrice
from exposure.history.quotes import gross_of, named, quote
from exposure.market import Market, PriceSeries
from exposure.types import UNSUPPORTED, Book, Line, Part

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
    why: str
    weight: float
    """Share of the book's gross weight."""


def proxies_for(book: Book, market: Market) -> tuple[Proxy, ...]:
    """Suggest a proxy for each line that has no price, the largest first; nothing is applied.

    For a line along the chain the unleveraged fund of the table that shares most of its segments, if at least half;
    else the mean of the names in its main sub-segment; for any other the fund of its sector, else the broad market.
    What no price move applies to, and what the market holds nothing like, is left without.
    """
    entries = {symbol: entry for symbol in market.series if (entry := table().of(symbol)) is not None}
    funds = {s: e.parts for s, e in entries.items() if e.fund and e.factor is None and s not in SECTOR_FUNDS.values()}
    names, whole, found = members(market), gross_of(book), list[Proxy]()
    for line in book.lines:
        if line.holding.kind in UNSUPPORTED or line.factor is not None or quote(line, market).state != "none":
            continue
        chosen = _along_the_chain(line, funds, names) or _outside(line, market)
        if chosen is not None:
            found.append(Proxy(line.line_id, named(line), *chosen, abs(line.weight) / whole if whole else 0.0))
    return tuple(sorted(found, key=lambda p: -p.weight))


def _along_the_chain(
    line: Line, funds: Mapping[str, tuple[Part, ...]], names: Mapping[str, list[str]]
) -> tuple[str, str] | None:
    parts = line.assignment.weights
    main = max(parts, key=parts.__getitem__, default="unassigned")
    if "." not in main:
        return None
    best = max(funds, key=lambda s: (_shared(parts, funds[s], True), _shared(parts, funds[s], False)), default=None)
    if best is not None and (share := _shared(parts, funds[best], True)) >= ALIKE:
        return best, f"a fund that shares {share:.2f} of its segments"
    if len(names.get(main, ())) >= FEWEST:
        return MEAN + main, f"the mean of {len(names[main])} names of {main}"
    return None


def _shared(own: Mapping[str, float], fund: tuple[Part, ...], top: bool) -> float:
    """Give the weight that two mixes of segments have in common, by top segment or by sub-segment."""
    mixes = ({}, {})  # type: tuple[dict[str, float], dict[str, float]]
    for mix, each in zip(mixes, (own.items(), ((p.segment, p.weight) for p in fund)), strict=True):
        for segment, weight in each:
            key = segment.split(".")[0] if top else segment
            mix[key] = mix.get(key, 0.0) + weight
    return sum(min(weight, mixes[1].get(segment, 0.0)) for segment, weight in mixes[0].items())


def _outside(line: Line, market: Market) -> tuple[str, str] | None:
    fund = SECTOR_FUNDS.get(line.sector or "")
    if fund is not None and fund in market.series:
        return fund, f"the fund of its sector, {line.sector}"
    broad = next((s for s in MARKET_FUNDS if s in market.series), None)
    return (broad, "the broad market, for want of anything nearer") if broad else None


def members(market: Market) -> dict[str, list[str]]:
    """List, for each sub-segment, the market's names that lie mainly in it, one line for each issuer."""
    out: dict[str, dict[str, str]] = {}
    for symbol in market.series:
        entry = table().of(symbol)
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
    names = members(market)
    made = {}
    for symbol in wanted:
        if not names.get(symbol.removeprefix(MEAN)):
            raise MissingPrice(f"no name of {symbol.removeprefix(MEAN)} is priced", remedy="choose another proxy")
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
