"""Measure how a book stands along the chain: by segment and sub-segment, foundation models told apart by tie."""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum

from exposure.chain._scheme import FINEST, TOP_SEGMENTS, top_segment
from exposure.types import Book, Line

COVERAGE = ("table", "rule", "user", "look_through", "none", "cash")


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a book holds in one segment: value in the book's currency, share of its capital, and that share by tie.

    `effective` is the share that moves with the segment: leveraged and inverse funds times their daily factor, options
    with a delta as what they are on.
    """

    segment: str
    market_value: float
    weight: float
    direct: float
    stake: float
    customer: float
    effective: float


@dataclass(frozen=True, slots=True)
class Exposures:
    """A book along the chain, in the order of the scheme, with who assigned what share of gross exposure."""

    by_segment: tuple[Exposure, ...]
    by_sub_segment: tuple[Exposure, ...]
    coverage: dict[str, float]


def measure(book: Book) -> Exposures:
    """Measure a book along the chain.

    Weights are shares of the book's capital, so over all segments they add up to net asset value over capital (1 for a
    long book). The shares of `coverage` are of gross exposure and add up to 1.
    """
    sums: dict[str, dict[str, list[float]]] = {}
    moved: dict[str, list[float]] = {}
    for line in book.lines:
        value = line.market_value or 0.0
        # A factor that is not known multiplies nothing here: an issue of the book says so.
        effective = value if line.effective_value is None else line.effective_value
        for part in line.assignment.parts:
            sums.setdefault(part.segment, {}).setdefault(part.tie, []).append(part.weight * value)
            moved.setdefault(part.segment, []).append(part.weight * effective)
    extra = [s for s in sums if s not in FINEST]
    fine = tuple(_exposure(s, [s], sums, moved, book.capital) for s in (*FINEST, *sorted(extra)) if s in sums)
    coarse = tuple(
        _exposure(t, [s for s in sums if top_segment(s) == t], sums, moved, book.capital) for t in TOP_SEGMENTS
    )
    return Exposures(coarse, fine, _coverage(book))


def _exposure(
    segment: str,
    cells: list[str],
    sums: dict[str, dict[str, list[float]]],
    moved: dict[str, list[float]],
    capital: float,
) -> Exposure:
    names = ("direct", "stake", "customer")
    ties = {tie: fsum(v for cell in cells for v in sums[cell].get(tie, ())) for tie in names}
    value, effective = fsum(ties.values()), fsum(v for cell in cells for v in moved[cell])
    direct, stake, customer = (ties[n] / capital for n in names)
    return Exposure(segment, value, value / capital, direct, stake, customer, effective / capital)


def effective_weight(line: Line, capital: float) -> float | None:
    """Give what a line is exposed to as a share of capital; None for a fund whose factor is not known."""
    if line.factor is None and (line.delta is None or line.notional is None):
        return line.weight
    return None if line.effective_value is None else line.effective_value / capital


def _coverage(book: Book) -> dict[str, float]:
    sums = dict.fromkeys(COVERAGE, 0.0)
    for line in book.lines:
        origin = line.assignment.origin
        # A line placed through a fund counts as looked through only where something did place it.
        key = (
            "none"
            if line.unrated is not None
            else "cash"
            if line.holding.kind == "cash"
            else "look_through"
            if line.inside and origin in ("table", "rule")
            else "none"
            if origin == "look_through"  # what the fund's file leaves open: nobody placed it
            else origin
        )
        sums[key] += line.size
    gross = fsum(sums.values())
    return {key: value / gross if gross else 0.0 for key, value in sums.items()}


def price_keys(book: Book) -> frozenset[str]:
    """List the Yahoo symbols whose prices can measure a book: its lines, their siblings, and its exchange rates."""
    symbols = {s for line in book.lines for s in (line.listing, line.holding.ticker, *line.siblings) if s}
    currencies = {line.currency for line in book.lines if line.currency} | {book.currency or "USD"}
    pairs = {
        f"{one}{other}=X" for one in currencies for other in (book.currency, "USD", "EUR") if other and one != other
    }
    return frozenset(symbols | pairs | {f"{p[3:6]}{p[:3]}=X" for p in pairs})
