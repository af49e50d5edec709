"""What changed between two snapshots beside their prices: trades line by line, and the money that came or went."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import fsum

import numpy as np

from exposure.errors import MissingRate
from exposure.history.quotes import named, quote
from exposure.history.result import Flow, Trade
from exposure.market import Market
from exposure.rates import Rates
from exposure.types import Book, Issue, Line

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
        what = f"weights alone tell no money: flows at {after.as_of} are unknown"
        return [], [], [Issue("notice", what, remedy="import the snapshots with values")]
    trades, issues = list[Trade](), list[Issue]()
    earlier, later = ({line.line_id: line for line in book.lines} for book in (before, after))
    for key in dict.fromkeys((*later, *earlier)):
        old, new = earlier.get(key), later.get(key)
        line = new or old
        assert line is not None
        value, said = _change(old, new, before.as_of, after.as_of, market, after.currency, rates)
        issues += [Issue("notice", f"{named(line)}: {text}", weight=abs(line.weight)) for text in said]
        if value is not None and abs(value) > DUST * abs(after.nav):
            trades.append(Trade(after.as_of, key, named(line), value))
    flow = fsum(t.value for t in trades)
    if abs(flow) <= DUST * abs(after.nav):
        return [], trades, issues
    bought, sold = (sum(1 for t in trades if sign * t.value > 0) for sign in (1, -1))
    what = f"{'paid in' if flow > 0 else 'paid out'}; lines added to: {bought}, reduced: {sold}"
    return [Flow(after.as_of, flow, what)], trades, issues


def _change(
    old: Line | None, new: Line | None, begun: date, on: date, market: Market, base: str | None, rates: Rates | None
) -> tuple[float | None, list[str]]:
    """Value what was bought (positive) or sold of one line on a date; None, with the reason, where nothing tells."""
    line = new or old
    assert line is not None
    if old is None or old.market_value is None:
        return (new.market_value if new else None), [] if old is None else ["it had no value before; all of it is new"]
    try:
        factor = growth(line, begun, on, market, base, rates)
    except MissingRate as error:
        return None, [f"{error.what}: what was traded is in no flow"]
    if line.holding.kind == "cash":
        return (new.market_value or 0.0 if new else 0.0) - old.market_value * (1.0 if factor is None else factor), []
    if new is not None and new.market_value is not None and old.holding.quantity and new.holding.quantity:
        series = quote(line, market).series
        known = series.split_factor(begun, on) if series is not None else 1.0
        had, has, price = old.holding.quantity * known, new.holding.quantity, new.market_value / new.holding.quantity
        if has == had:
            return 0.0, []
        ratio = split_seen(has / had, new.market_value, None if factor is None else old.market_value * factor)
        if ratio is not None:
            return 0.0, [f"its quantity went ×{ratio:g} as its price went ÷{ratio:g}: taken as a split, no trade"]
        return (has - had) * price, []
    if factor is None:
        return None, [f"no price between {begun} and {on} tells what was traded; it is in no flow"]
    return (new.market_value or 0.0 if new else 0.0) - old.market_value * factor, []


def split_seen(ratio: float, value: float, carried: float | None) -> float | None:
    """Give the split that a change of quantity is, None where it is none: a round ratio at an unchanged value."""
    if carried is None or not carried or abs(value / carried - 1.0) > SAME or ratio <= 0 or 2 / 3 < ratio < 1.5:
        return None
    simple = float(Fraction(max(ratio, 1 / ratio)).limit_denominator(4))
    return (simple if ratio > 1 else 1 / simple) if abs(max(ratio, 1 / ratio) / simple - 1) < 1e-6 else None


def growth(
    line: Line, begun: date, on: date, market: Market, base: str | None, rates: Rates | None = None
) -> float | None:
    """Give what one unit of value in a line became between two days by its price and its currency.

    Raises
    ------
    MissingRate
        It has prices, and no rate on one of the two days.
    """
    days = np.array([begun, on], "datetime64[D]")
    found = quote(line, market)
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
        known = rates or Rates.of(market)
        first, last = (known.find(found.currency, base, day).value for day in (begun, on))
        moved *= last / first
    return moved if moved == moved else None
