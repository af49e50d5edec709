"""What is doubtful about prices over a window: each exchange by its own calendar, as far as one is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from exposure.prices import EXCHANGES, calendar, suffix
from exposure.types import Doubt

if TYPE_CHECKING:
    from exposure.prices import Days, Market, Sessions

NO_EXCHANGE = ("=X", "-USD", "-EUR", "-GBP")
"""Endings of pairs of currencies and of coins, which no exchange's calendar tells of."""


def sessions_of(symbol: str) -> Sessions | None:
    """Give the calendar of a symbol's exchange, None where none is known."""
    code = None if symbol.endswith(NO_EXCHANGE) else EXCHANGES.get(suffix(symbol))
    if code is None:
        return None

    def between(first: date, last: date) -> Days | None:
        try:
            found = calendar(code, f"{first.year}-01-01", f"{last.year}-12-31").sessions
        except ValueError:  # some calendars begin late (Riyadh in 2021) or are published a few years ahead only
            return None
        days: Days = found.to_numpy().astype("datetime64[D]")
        return days

    return between


def doubts_over(market: Market, symbol: str, start: date | None, end: date | None) -> tuple[Doubt, ...]:
    """List the doubts about a series of a market that bear on a figure from one day to another."""
    from exposure.prices import doubts_of

    return doubts_of(market, symbol, start, end, sessions_of(symbol))


def doubtful(market: Market, windows: Iterable[tuple[str, date, date]]) -> Mapping[str, tuple[Doubt, ...]] | None:
    """Give the doubts about each symbol over its window; symbols without any are left out, None where none has one."""
    found = {symbol: seen for symbol, *window in windows if (seen := doubts_over(market, symbol, *window))}
    return found or None
