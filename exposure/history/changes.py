"""What changed between two snapshots of a portfolio: added, sold, more, less, line by line and by segment.

The change of a line's value is told apart: what was traded, at the later snapshot's price, and what its price and its
currency did. Both add up to the change of the value, and over all lines to that of net asset value.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import fsum
from typing import Literal

from exposure.chain.scheme import TOP, top
from exposure.errors import MissingRate
from exposure.history.flows import growth, split_seen
from exposure.history.quotes import named, quote
from exposure.market import Market
from exposure.types import UNSUPPORTED, Book, Line

What = Literal["added", "sold", "more", "less", "unchanged", "unknown"]
SAME_QUANTITY = 1e-9
"""Quantities that differ by less than this share are the same: files round."""


@dataclass(frozen=True, slots=True)
class Held:
    """A security in one snapshot, its rows and accounts together; None is unknown."""

    quantity: float | None
    market_value: float | None
    weight: float


@dataclass(frozen=True, slots=True)
class Change:
    """A security in both snapshots. Values in the books' currency, weights shares of each book's capital."""

    name: str
    ticker: str | None
    isin: str | None
    what: What
    before: Held | None
    after: Held | None
    split: float
    """New shares for each old one between the two days; 1 without a split. `before` is as the file has it."""
    traded: float | None
    """Bought (positive) or sold, at the later snapshot's price; None where no quantity tells."""

    @property
    def value_change(self) -> float | None:
        """Give the later value less the earlier one, None where either is unknown."""
        values = [0.0 if held is None else held.market_value for held in (self.before, self.after)]
        return None if values[0] is None or values[1] is None else values[1] - values[0]

    @property
    def price_effect(self) -> float | None:
        """Give what price and currency did to the value: the change less what was traded."""
        change = self.value_change
        return None if change is None or self.traded is None else change - self.traded

    @property
    def weight_change(self) -> float:
        """Give the later weight less the earlier one."""
        return (self.after.weight if self.after else 0.0) - (self.before.weight if self.before else 0.0)


@dataclass(frozen=True, slots=True)
class SegmentChange:
    """A segment's share of capital before and after."""

    segment: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Changes:
    """Two snapshots side by side: every security of either, and the segments."""

    lines: tuple[Change, ...]
    by_segment: tuple[SegmentChange, ...]
    nav: tuple[float, float] | None
    """Net asset value before and after; None for books of weights or of two currencies."""
    traded: float | None
    """All trades that are told, cash among them: money that came in (positive) or went out; None without any."""


def changes(before: Book, after: Book, market: Market | None = None) -> Changes:
    """Compare two snapshots of one portfolio, the earlier first.

    A security is the same where its listing, else its ISIN, else its line is; cash goes by its currency, options,
    futures and bonds by their line. Rows of one security, in several accounts say, are put together. Funds that are
    looked through count as the fund: `by_segment` alone sees into them.

    Parameters
    ----------
    before, after : Book
        Valued in one currency; of other books neither values nor trades are told.
    market : Market, optional
        For splits between the two days, and for the later price of what was sold. Without it a split is seen where a
        quantity changed by a ratio of small whole numbers at a value within 5 % of the earlier one.

    Notes
    -----
    A security with quantities on both days is `more` or `less` by them. Where one is missing its weight decides, and
    `traded` is None, unless its value did not change at all: a weight moves with prices as well. A security without
    value or quantity on either day is `unknown`.
    """
    money = before.basis == after.basis == "values" and before.currency == after.currency
    earlier, later = _held(before), _held(after)
    lines = [
        _change(earlier.get(key), later.get(key), market, before, after, money)
        for key in dict.fromkeys((*later, *earlier))
    ]
    lines.sort(key=lambda c: -abs(c.weight_change))
    told = [c.traded for c in lines if c.traded is not None]
    return Changes(
        tuple(lines),
        _segments(before, after),
        (before.nav, after.nav) if money else None,
        fsum(told) if told else None,
    )


def _held(book: Book) -> dict[tuple[str, str], list[Line]]:
    out: dict[tuple[str, str], list[Line]] = {}
    for line in (*book.lines, *book.funds):
        if line.inside is None:
            out.setdefault(_key(line), []).append(line)
    return out


def _key(line: Line) -> tuple[str, str]:
    held = line.holding
    if held.kind == "cash":
        return "cash", held.currency or line.currency or ""
    if held.kind in UNSUPPORTED:
        return held.kind, line.line_id
    return "security", line.listing or held.isin or line.line_id


def _sum(lines: Iterable[Line]) -> Held:
    """Put rows together; a quantity or value that one row lacks is unknown for all of them."""
    rows = list(lines)
    quantities = [line.holding.quantity for line in rows]
    values = [line.market_value for line in rows]
    return Held(
        None if None in quantities else fsum(q for q in quantities if q is not None),
        None if None in values else fsum(v for v in values if v is not None),
        fsum(line.weight for line in rows),
    )


def _change(
    old: list[Line] | None, new: list[Line] | None, market: Market | None, begun: Book, ended: Book, money: bool
) -> Change:
    line = (new or old or [])[0]
    before, after = (None if lines is None else _sum(lines) for lines in (old, new))
    split = _split(line, before, after, market, begun, ended)
    what, traded = _told(before, after, split)
    if what == "sold" and traded and market is not None and begun.as_of and ended.as_of:
        try:
            traded *= growth(line, begun.as_of, ended.as_of, market, ended.currency) or 1.0
        except MissingRate:  # what it was sold for is not known in this currency
            traded = None
    held = line.holding
    return Change(
        held.name or named(line), held.ticker, held.isin, what, before, after, split, traded if money else None
    )


def _split(
    line: Line, before: Held | None, after: Held | None, market: Market | None, begun: Book, ended: Book
) -> float:
    if before is None or after is None or line.holding.kind == "cash":
        return 1.0
    if market is not None and begun.as_of and ended.as_of and (series := quote(line, market).series) is not None:
        known = series.split_factor(begun.as_of, ended.as_of)
        if known != 1.0:
            return known
    if not before.quantity or not after.quantity or not before.market_value or after.market_value is None:
        return 1.0
    return split_seen(after.quantity / before.quantity, after.market_value, before.market_value) or 1.0


def _told(before: Held | None, after: Held | None, split: float) -> tuple[What, float | None]:
    """Say what happened to a security, and what was traded of it at the later price."""
    if before is None:
        return "added", after.market_value if after else None
    if after is None:
        # At which price no file says: the caller carries the earlier value by its price where one is known.
        return "sold", None if before.market_value is None else -before.market_value
    if before.quantity is not None and after.quantity is not None:
        had, has = before.quantity * split, after.quantity
        if abs(has - had) <= SAME_QUANTITY * max(abs(has), abs(had)):
            return "unchanged", 0.0
        what: What = "more" if abs(has) > abs(had) else "less"
        if after.market_value is None or not has:
            return what, None
        return what, (has - had) * after.market_value / has
    if before.market_value is None or after.market_value is None:
        return "unknown", None
    if before.market_value == after.market_value:
        return "unchanged", 0.0  # a value carried over, as of an unlisted holding
    moved = abs(after.weight) - abs(before.weight)
    return "more" if moved > 0 else "less" if moved < 0 else "unchanged", None


def _segments(before: Book, after: Book) -> tuple[SegmentChange, ...]:
    weights: list[dict[str, list[float]]] = [{}, {}]
    for book, sums in zip((before, after), weights, strict=True):
        for line in book.lines:
            for part in line.assignment.parts:
                sums.setdefault(top(part.segment), []).append(line.weight * part.weight)
    return tuple(SegmentChange(s, *(fsum(sums.get(s, ())) for sums in weights)) for s in TOP)
