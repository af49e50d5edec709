"""What changed between two snapshots of a portfolio: added, sold, more, less, line by line and by segment.

The change of a line's value is told apart: what was traded, at the later snapshot's price, and what its price and its
currency did. Both add up to the change of the value, and over all lines to that of net asset value.

What changed between two snapshots beside their prices: trades line by line, and the money that came or went.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import fsum
from typing import Any, Literal

import numpy as np

from exposure.chain import TOP_SEGMENTS, top_segment
from exposure.errors import MissingRate
from exposure.history._quotes import line_name, quote_of
from exposure.history._result import Flow, Trade
from exposure.prices import Market, Rates
from exposure.types import UNSUPPORTED, Book, Issue, Line

SAME = 0.05
"""How far a value may lie from the one carried by its price while a changed quantity is still read as a split."""
DUST = 1e-6
"""A change below this share of the later total is rounding."""


def flows_between(
    before: Book, after: Book, market: Market, rates: Rates | None = None
) -> tuple[list[Flow], list[Trade], list[Issue]]:
    """Tell what was traded between two snapshots, at the later one's prices, and the money that came in or went out.

    A change of quantity, times the later snapshot's price, is a trade. The earlier quantity is first carried by the
    splits in between: those that the market knows, and one that shows by itself, where the quantity went up by a ratio
    of whole numbers as the price went down by it. Without quantities the earlier value is carried by its price instead.
    The trades of all lines, cash among them, sum to the flow: a purchase paid from the portfolio's own cash is none.
    """
    if after.as_of is None or before.as_of is None or "weights" in (before.basis, after.basis):
        return [], [], [Issue.of("notice", "history.flows-unknown", day=str(after.as_of))]
    trades, issues = list[Trade](), list[Issue]()
    earlier, later = ({line.line_id: line for line in book.lines} for book in (before, after))
    for key in dict.fromkeys((*later, *earlier)):
        old, new = earlier.get(key), later.get(key)
        line = new or old
        assert line is not None
        value, said = _flow_change(old, new, Between(before.as_of, after.as_of, market, after.currency, rates))
        if said is not None:
            code, params = said
            issues.append(Issue.of("notice", code, weight=abs(line.weight), line=line_name(line), **params))
        if value is not None and abs(value) > DUST * abs(after.nav):
            trades.append(Trade(after.as_of, key, line_name(line), value))
    flow = fsum(t.value for t in trades)
    if abs(flow) <= DUST * abs(after.nav):
        return [], trades, issues
    added, reduced = (sum(1 for t in trades if sign * t.value > 0) for sign in (1, -1))
    return [Flow(after.as_of, flow, added, reduced)], trades, issues


@dataclass(frozen=True, slots=True)
class Between:
    """Two days, and what tells what a value became from one to the other."""

    start: date
    end: date
    market: Market
    currency: str | None
    """That the value is in; None: each line's own."""
    rates: Rates | None = None
    """Those of the market where not given."""


Said = tuple[str, dict[str, Any]]
"""A message about one line: its code and its parameters."""


def _flow_change(old: Line | None, new: Line | None, between: Between) -> tuple[float | None, Said | None]:
    """Value what was bought (positive) or sold of one line on a date; None, with the reason, where nothing tells."""
    line = new or old
    assert line is not None
    if old is None or old.market_value is None:
        return (new.market_value if new else None), None if old is None else ("history.all-new", {})
    try:
        factor = growth(line, between)
    except MissingRate as error:
        return None, ("history.trade-unrated", {"why": error.code, **error.params})
    if line.holding.kind == "cash":
        return (new.market_value or 0.0 if new else 0.0) - old.market_value * (1.0 if factor is None else factor), None
    if new is not None and new.market_value is not None and old.holding.quantity and new.holding.quantity:
        series = quote_of(line, between.market).series
        known = series.split_factor(between.start, between.end) if series is not None else 1.0
        had, has, price = old.holding.quantity * known, new.holding.quantity, new.market_value / new.holding.quantity
        if has == had:
            return 0.0, None
        ratio = split_seen(has / had, new.market_value, None if factor is None else old.market_value * factor)
        if ratio is not None:
            return 0.0, ("history.split-seen", {"ratio": ratio})
        return (has - had) * price, None
    if factor is None:
        return None, ("history.trade-unpriced", {"start": str(between.start), "end": str(between.end)})
    return (new.market_value or 0.0 if new else 0.0) - old.market_value * factor, None


def split_seen(ratio: float, value: float, carried: float | None) -> float | None:
    """Give the split that a change of quantity is, None where it is none: a round ratio at an unchanged value."""
    if carried is None or not carried or abs(value / carried - 1.0) > SAME or ratio <= 0 or 2 / 3 < ratio < 1.5:
        return None
    simple = float(Fraction(max(ratio, 1 / ratio)).limit_denominator(4))
    return (simple if ratio > 1 else 1 / simple) if abs(max(ratio, 1 / ratio) / simple - 1) < 1e-6 else None


def growth(line: Line, between: Between) -> float | None:
    """Give what one unit of value in a line became between two days by its price and its currency.

    Raises
    ------
    MissingRate
        It has prices, and no rate on one of the two days.
    """
    days = np.array([between.start, between.end], "datetime64[D]")
    found, base = quote_of(line, between.market), between.currency
    moved = 1.0
    if found.series is not None:
        series, price = found.series, found.series.returns_price
        at = np.searchsorted(series.dates, days, side="right") - 1
        if at[0] < 0 or (days - series.dates[at] > np.timedelta64(21, "D")).any():
            return None
        moved = float(price[at[1]] / price[at[0]])
    elif found.state != "cash":
        return None
    if base and found.currency and found.currency != base:
        known = between.rates or Rates.of(between.market)
        first, last = (known.find(found.currency, base, day).value for day in (between.start, between.end))
        moved *= last / first
    return moved if moved == moved else None


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
    earlier, later = _securities(before), _securities(after)
    between = None
    if market is not None and before.as_of and after.as_of:
        between = Between(before.as_of, after.as_of, market, after.currency)
    lines = [
        _change(earlier.get(key), later.get(key), between, money=money) for key in dict.fromkeys((*later, *earlier))
    ]
    lines.sort(key=lambda c: -abs(c.weight_change))
    told = [c.traded for c in lines if c.traded is not None]
    return Changes(
        tuple(lines),
        _segments(before, after),
        (before.nav, after.nav) if money else None,
        fsum(told) if told else None,
    )


def _securities(book: Book) -> dict[tuple[str, str], list[Line]]:
    out: dict[tuple[str, str], list[Line]] = {}
    for line in (*book.lines, *book.funds):
        if line.inside is None:
            out.setdefault(_key(line), []).append(line)
    return out


def _key(line: Line) -> tuple[str, str]:
    own = line.holding
    if own.kind == "cash":
        return "cash", own.currency or line.currency or ""
    if own.kind in UNSUPPORTED:
        return own.kind, line.line_id
    return "security", line.listing or own.isin or line.line_id


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


def _change(old: list[Line] | None, new: list[Line] | None, between: Between | None, *, money: bool) -> Change:
    line = (new or old or [])[0]
    before, after = (None if lines is None else _sum(lines) for lines in (old, new))
    split = _split(line, before, after, between)
    what, traded = _told(before, after, split)
    if what == "sold" and traded and between is not None:
        try:
            traded *= growth(line, between) or 1.0
        except MissingRate:  # what it was sold for is not known in this currency
            traded = None
    own = line.holding
    return Change(
        own.name or line_name(line), own.ticker, own.isin, what, before, after, split, traded if money else None
    )


def _split(line: Line, before: Held | None, after: Held | None, between: Between | None) -> float:
    if before is None or after is None or line.holding.kind == "cash":
        return 1.0
    if between is not None and (series := quote_of(line, between.market).series) is not None:
        known = series.split_factor(between.start, between.end)
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
                sums.setdefault(top_segment(part.segment), []).append(line.weight * part.weight)
    return tuple(SegmentChange(s, *(fsum(sums.get(s, ())) for sums in weights)) for s in TOP_SEGMENTS)
