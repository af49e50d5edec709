"""What trades do on a scenario: the result before, after each, and after all, and how long they would take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exposure.errors import InputError, MissingRate
from exposure.shock import ShockResult, apply
from exposure.trades._whatif import Fill, Trade, TradeOutcome, execute
from exposure.types import Book, Issue, Scenario
from exposure.units import currency_of, in_currency

if TYPE_CHECKING:
    from exposure.prices import Market


SESSIONS, ENOUGH = 20, 5
"""Sessions that the volume is the mean of, and how many of them must have one."""
OLD = 30
"""Days before the book's date after which the last known volume tells nothing."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a trade does under a scenario: the result after it, and what it adds to return and P&L, in this order."""

    done: TradeOutcome
    result: ShockResult
    change: float
    pnl: float
    alone: float | None
    """Change of the return by this trade alone; None where it needs another before it."""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A scenario before any trade, after each, and after all. The changes add up to after less before."""

    before: ShockResult
    effects: tuple[Effect, ...]

    @property
    def after(self) -> ShockResult:
        """Give the result after all trades."""
        return self.effects[-1].result if self.effects else self.before

    @property
    def change(self) -> float:
        """Give the total return after all trades less that before."""
        return self.after.total_return - self.before.total_return


def what_if(book: Book, scenario: Scenario, trades: Sequence[Trade]) -> WhatIf:
    """Try trades one after the other on the same scenario.

    A trade that cannot be made (its line is gone, its target unknown) changes nothing, is marked `refused` and says
    why; the others are still tried. What a trade adds depends on the order where trades meet in one line or move the
    capital; `alone` is free of that, and does not add up then.
    """
    before = now = apply(book, scenario)
    effects = []
    for trade in trades:
        done = _tried(now.book, trade)
        result = now if done.book is now.book else apply(done.book, scenario)
        change, pnl = result.total_return - now.total_return, result.pnl - now.pnl
        own = done if now.book is book else _tried(book, trade)
        single = result if own is done else None if own.refused else apply(own.book, scenario)
        alone = None if single is None else single.total_return - before.total_return
        effects.append(Effect(done, result, change, pnl, 0.0 if done.refused else alone))
        now = result
    return WhatIf(before, tuple(effects))


def _tried(book: Book, trade: Trade) -> TradeOutcome:
    try:
        return execute(book, trade)
    except InputError as error:
        why = Issue("error", error.code, tuple(error.params.items()))
        return TradeOutcome(trade, book, issues=(why,), refused=True)


def days_to_trade(dealt: Fill, book: Book, market: Market, participation: float) -> float | None:
    """Give how many sessions a deal takes at a share of the usual turnover of its listing.

    Parameters
    ----------
    market : closes and volumes; the mean of the last 20 sessions up to the book's date counts. Volume times close is
        money, and so free of splits that were adjusted for since.
    participation : share of the turnover that one's own deals may be, a fraction above 0.

    Returns
    -------
    float or None
        Sessions, a fraction below one day; None where volume, date, currency or rate is not known.
    """
    import numpy as np

    from exposure.prices import Rates

    series = market.series.get(dealt.line.listing or "")
    day, base = book.as_of, book.currency
    if series is None or series.volume is None or day is None or base is None or book.basis == "weights":
        return None
    at = int(np.searchsorted(series.dates, np.datetime64(day, "D"), side="right"))
    if not at or (day - series.dates[at - 1].item()).days > OLD:
        return None
    recent = slice(max(0, at - SESSIONS), at)
    turnover = (series.close * series.volume)[recent]
    known = turnover[np.isfinite(turnover)]
    currency = currency_of(series.currency)
    if len(known) < ENOUGH or not known.mean() > 0 or currency is None:
        return None
    try:
        exchange = 1.0 if currency == base else Rates.of(market).find(currency, base, day).value
    except MissingRate:
        return None
    a_day = in_currency(float(known.mean()), series.currency) * exchange
    return abs(dealt.amount) / (participation * a_day)
