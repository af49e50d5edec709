"""What looks wrong in a price series: sessions without a price, moves beyond a bound, splits that nobody adjusted for.

Nothing is mended here and nothing is left out: a finding is a question to whoever knows the series, and each has one
way to mend it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from exposure.market import Days, Floats, PriceSeries

JUMP = 0.5
"""A session's move beyond +50 %, or beyond what takes that back (1 / 1.5 − 1 = −33.3 %), is asked about."""
RATIOS = (2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0)
"""New shares for each old one of the splits that are common; a consolidation is one of them turned round. Three to two
is left out: a fall by a third after bad results looks the same, and is asked about as a jump."""
NEAR = 0.05
"""How far the day's own move may take a split from its ratio."""


@dataclass(frozen=True, slots=True)
class SeriesCheck:
    """What was found in one series; a move that looks like a split is `unadjusted` and not also a jump."""

    ticker: str
    gaps: tuple[date, ...] = ()
    """Sessions of the exchange between the first and the last price that have none."""
    jumps: tuple[tuple[date, float], ...] = ()
    """Date and return of each move beyond the bound."""
    unadjusted: tuple[tuple[date, float], ...] = ()
    """Date and likely ratio (new shares for each old one) of each split that the returns still fall by."""

    @property
    def clean(self) -> bool:
        """Tell that nothing was found."""
        return not (self.gaps or self.jumps or self.unadjusted)


def check(series: PriceSeries, sessions: Days | None = None, *, bound: float = JUMP) -> SeriesCheck:
    """Look through a series.

    Parameters
    ----------
    series : the prices; returns are taken from adjusted closes where there are some, as everywhere.
    sessions : the exchange's session dates, ascending `datetime64[D]`, covering the series; None where its calendar is
        not known, and then no gap is looked for.
    bound : the largest upward move, a fraction, that is not asked about; downwards the one that takes it back.

    Notes
    -----
    A close that falls to a tenth, its adjusted close with it, is a split of ten to one that nobody adjusted for: the
    returns hold a loss of 90 % that no holder had. NVIDIA's own fall of 17 % on 27 January 2025 is neither.
    """
    jumps: list[tuple[date, float]] = []
    splits: list[tuple[date, float]] = []
    for day, ratio in _large(series, float(np.log1p(bound))):
        like = _split(1.0 / ratio)
        if like is None:
            jumps.append((day, ratio - 1.0))
        else:
            splits.append((day, like))
    return SeriesCheck(series.ticker, _gaps(series.dates, sessions), tuple(jumps), tuple(splits))


def _large(series: PriceSeries, bound: float) -> Iterator[tuple[date, float]]:
    """Yield date and price relative of the moves beyond a logarithm; dates without a price are passed over."""
    price: Floats = series.returns_price
    known = np.flatnonzero(np.isfinite(price) & (price > 0))
    move = np.diff(np.log(price[known]))
    for i in np.flatnonzero(np.abs(move) > bound).tolist():
        yield series.dates[known[i + 1]].item(), float(np.exp(move[i]))


def _split(ratio: float) -> float | None:
    """Give the common split that a fall of the price to one `ratio`-th looks like, below 1 for a consolidation."""
    turned = ratio < 1.0
    size = 1.0 / ratio if turned else ratio
    near = min(RATIOS, key=lambda common: abs(size / common - 1.0))
    if abs(size / near - 1.0) > NEAR:
        return None
    return 1.0 / near if turned else near


def _gaps(dates: Days, sessions: Days | None) -> tuple[date, ...]:
    if sessions is None or not len(dates):
        return ()
    within = sessions[(sessions >= dates[0]) & (sessions <= dates[-1])]
    missing: list[date] = np.setdiff1d(within, dates, assume_unique=True).tolist()
    return tuple(missing)
