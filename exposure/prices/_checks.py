"""What looks wrong in a price series: sessions without a price, moves beyond a bound, splits that nobody adjusted for.

Nothing is mended here and nothing is left out: a finding is a question to whoever knows the series. What can spoil a
figure is a `Doubt`, and goes with every figure that the series is used for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from exposure.delivered import Doubt, settled
from exposure.prices._market import Days, Floats, Market, PriceSeries
from exposure.prices._rates import PAIR_ENDING

JUMP = 0.5
"""A session's move beyond +50 %, or beyond what takes that back (1 / 1.5 − 1 = −33.3 %), is asked about."""
THREE_FOR_TWO = 1.02
"""Downwards the bound is let down by this factor: a 3-for-2 split is a fall by just a third."""
RATIOS = (2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0)
"""New shares for each old one of the splits that are common; a consolidation is one of them turned round. Three to two
is left out: a fall by a third after bad results looks the same, and is asked about as a jump."""
UNITS = (100.0, 1000.0)
"""What prices are multiplied or divided by where their unit changes: pence for pounds, fils for dinars."""
NEAR = 0.05
"""How far the day's own move may take a split from its ratio."""
SMALL = 3.0
"""Shares fall to a half or a third after bad results as well: up to this ratio the day's own move has to be a usual one
of the series, at most twice its robust deviation."""
USUAL, KNOWN = 250, 20
"""Moves before and after a day that tell what is usual, and how many of them are needed to."""
HOLE = 10
"""Sessions in a row without a price beyond which a series has a hole; as old may a last price be."""
LONG_REST = 14
"""Days between two prices that hold more than `HOLE` sessions at the least; fewer are not looked at."""
STORE = "store"
"""Source of a market that the store gave: there a doubt can be accepted."""
OTHER = 3.0
"""Robust deviations, grown with the root of time, beyond which the price after a hole is another one."""

Sessions = Callable[[date, date], Days | None]
"""(first day, last day) → the sessions of the exchange from one to the other, None where its calendar is not known."""


@dataclass(frozen=True, slots=True)
class SeriesCheck:
    """What was found in one series."""

    ticker: str
    gaps: tuple[date, ...] = ()
    """Sessions of the exchange between the first and the last price that have none."""
    doubts: tuple[Doubt, ...] = ()
    """By day."""

    @property
    def clean(self) -> bool:
        """Tell that nothing was found."""
        return not (self.gaps or self.doubts)

    @property
    def jumps(self) -> tuple[tuple[date, float], ...]:
        """Give date and return of each move beyond the bound."""
        return tuple((d.day, d.size) for d in self.doubts if d.sort == "jump")

    @property
    def unadjusted(self) -> tuple[tuple[date, float], ...]:
        """Give date and likely ratio (new shares for each old one) of each split that the returns still fall by."""
        return tuple((d.day, d.size) for d in self.doubts if d.sort == "unadjusted")


def check_series(series: PriceSeries, sessions: Days | None = None, *, bound: float = JUMP) -> SeriesCheck:
    """Look through a whole series.

    Parameters
    ----------
    series : the prices; returns are taken from adjusted closes where there are some, as everywhere.
    sessions : the exchange's session dates, ascending `datetime64[D]`, covering the series; None where its calendar is
        not known: no gap is looked for then, and a hole is told by weekdays.
    bound : the largest upward move, a fraction, that is not asked about; downwards the one that takes it back.

    Notes
    -----
    A close that falls to a tenth, its adjusted close with it, is a split of ten to one that nobody adjusted for: the
    returns hold a loss of 90 % that no holder had. NVIDIA's own fall of 17 % on 27 January 2025 is neither.
    """

    def between(first: date, last: date) -> Days | None:
        if sessions is None:
            return None
        within: Days = sessions[(sessions >= np.datetime64(first, "D")) & (sessions <= np.datetime64(last, "D"))]
        return within

    return SeriesCheck(series.ticker, _gaps(series.dates, sessions), doubts_in(series, sessions=between, bound=bound))


def doubts_in(
    series: PriceSeries,
    start: date | None = None,
    end: date | None = None,
    *,
    sessions: Sessions | None = None,
    bound: float = JUMP,
) -> tuple[Doubt, ...]:
    """List what may spoil a figure that rests on a series from one day to another, by day.

    Parameters
    ----------
    start, end : first and last day of the figure; the last price on or before the first one is part of it. A series
        that ends more than ten sessions before `end` is stale; without an end nothing is.
    sessions : the exchange's calendar, asked only where prices lie far apart; weekdays count where it gives none.
    """
    dates, price = series.dates, series.returns_price
    first, last = _between(dates, start, end)
    if _quiet(dates[first:last], price[first:last], bound):
        found = list[Doubt]()
    else:
        known = price > 0  # what is not known is NaN, and no price is below zero
        dates, price = dates[known], price[known]
        first, last = _between(dates, start, end)
        found = list(_moves(series.ticker, dates, price, span=(first, last), sessions=sessions, bound=bound))
    if last <= first:
        return ()
    days = dates[first:last]
    if end is not None and (end - days[-1].item()).days > LONG_REST:
        day: date = days[-1].item()
        missed = missing_between(day, end, sessions) + 1
        if missed > HOLE:
            close = float(series.close[np.searchsorted(series.dates, days[-1])])
            found.append(Doubt("stale", series.ticker, day, float(missed), end, close))
    return tuple(found)


def doubts_of(
    market: Market, ticker: str, start: date | None = None, end: date | None = None, sessions: Sessions | None = None
) -> tuple[Doubt, ...]:
    """List the doubts about a series of a market as `doubts_in` does, each with a person's word that it is right."""
    found = doubts_in(market.series[ticker], start, end, sessions=sessions)
    if found and market.source == STORE:
        found = tuple(replace(doubt, stored=True) for doubt in found)
    return settled(found, market.accepted) if found else ()


def _between(dates: Days, start: date | None, end: date | None) -> tuple[int, int]:
    """Give the places of the first price that a period uses, that before its first day, and after its last one."""
    first = 0 if start is None else max(int(np.searchsorted(dates, np.datetime64(start, "D"), side="right")) - 1, 0)
    return first, len(dates) if end is None else int(np.searchsorted(dates, np.datetime64(end, "D"), side="right"))


def _quiet(days: Days, part: Floats, bound: float) -> bool:
    """Tell that a stretch has neither a large move nor a long rest nor a date without a price, as most have not."""
    if len(days) < 2:
        return not np.isnan(part).any()
    ratio = part[1:] / part[:-1]
    small = ratio.min() >= THREE_FOR_TWO / (1.0 + bound) and ratio.max() <= 1.0 + bound  # neither with a NaN
    return bool(small) and int(np.diff(days.view(np.int64)).max()) <= LONG_REST


def _moves(
    ticker: str, dates: Days, price: Floats, *, span: tuple[int, int], sessions: Sessions | None, bound: float
) -> Iterator[Doubt]:
    first, last = span
    days, part = dates[first:last], price[first:last]
    ratio = part[1:] / part[:-1]
    large = (ratio > 1.0 + bound) | (ratio < THREE_FOR_TWO / (1.0 + bound))
    apart = np.diff(days) > np.timedelta64(LONG_REST, "D")
    for i in np.flatnonzero(large | apart).tolist():
        before, day, change = days[i].item(), days[i + 1].item(), float(ratio[i])
        missed = missing_between(before, day, sessions) if apart[i] else 0
        usual = _usual(price, first + i)
        near = _split(1.0 / change, NEAR) if large[i] else None
        if missed > HOLE:
            # Over a hole a price wanders: it is another company's only where it has gone farther than it could.
            far = max(float(np.log1p(bound)), OTHER * (usual or 0.0) * float(np.sqrt(missed + 1)))
            if abs(float(np.log(change))) > far:
                yield Doubt("reused", ticker, day, change, before, change, near, missed)
            else:
                yield Doubt("hole", ticker, day, float(missed), before, change)
        elif large[i]:
            yield _named(ticker, (before, day), change, usual=usual, near=near)


def _named(ticker: str, days: tuple[date, date], change: float, *, usual: float | None, near: float | None) -> Doubt:
    """Tell a split or a change of unit from a mere jump."""
    before, day = days
    if ticker.endswith(PAIR_ENDING):  # a rate has no splits
        return Doubt("jump", ticker, day, change - 1.0, before, change)
    if any(abs(max(change, 1.0 / change) / unit - 1.0) <= NEAR for unit in UNITS):
        return Doubt("unit", ticker, day, change, before, change)
    if near is not None:
        size = max(near, 1.0 / near)
        width = NEAR if size > SMALL or usual is None else min(NEAR, max(2.0 * usual, 0.01))
        if _split(1.0 / change, width) is not None:
            return Doubt("unadjusted", ticker, day, near, before, change)
    elif abs(change * 1.5 - 1.0) <= 0.01:
        near = 1.5
    return Doubt("jump", ticker, day, change - 1.0, before, change, near)


def _usual(price: Floats, at: int) -> float | None:
    """Give the robust deviation of the log moves around a move, itself left out; None where too few are known."""
    around = price[max(at - USUAL, 0) : at + USUAL + 2]
    if len(around) < KNOWN + 2:
        return None
    return 1.4826 * float(np.median(np.abs(np.diff(np.log(around)))))


def _split(ratio: float, width: float) -> float | None:
    """Give the common split that a fall of the price to one `ratio`-th looks like, below 1 for a consolidation."""
    turned = ratio < 1.0
    size = 1.0 / ratio if turned else ratio
    near = min(RATIOS, key=lambda common: abs(size / common - 1.0))
    if abs(size / near - 1.0) > width:
        return None
    return 1.0 / near if turned else near


def missing_between(before: date, day: date, sessions: Sessions | None) -> int:
    """Count the sessions between two days, neither of them counted: by the calendar, else the weekdays."""
    found = None if sessions is None else sessions(before, day)
    if found is None:
        return max(int(np.busday_count(before, day)) - (before.weekday() < 5), 0)
    return int(((found > np.datetime64(before, "D")) & (found < np.datetime64(day, "D"))).sum())


def _gaps(dates: Days, sessions: Days | None) -> tuple[date, ...]:
    if sessions is None or not len(dates):
        return ()
    within: NDArray[np.datetime64] = sessions[(sessions >= dates[0]) & (sessions <= dates[-1])]
    missing: list[date] = np.setdiff1d(within, dates, assume_unique=True).tolist()
    return tuple(missing)
