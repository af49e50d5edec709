"""Daily prices: the noun that price files and the store become, checked and read-only.

A series stands as delivered: its unit (`GBX`, `ZAc`) is kept, nothing is filled, and a price that cannot be right is
held back by name instead of repaired.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

import numpy as np

from exposure.prices._bank import Published
from exposure.prices._levels import Days as Days
from exposure.prices._levels import Floats as Floats
from exposure.prices._levels import free_of_splits, jumps
from exposure.types import Acceptance, Issue, Rejected

ROWS_AT_ONCE = 65_536
WEEK = np.timedelta64(7, "D")


@dataclass(frozen=True, slots=True)
class SeriesNotes:
    """What was wrong with the rows of one ticker, whether or not a series came of the rest."""

    issues: tuple[Issue, ...] = ()
    """Also in the market's own."""
    rejected: tuple[Rejected, ...] = ()
    held_back: tuple[date, ...] = ()
    """Days that the source has a row of and the series no price, ascending."""
    moves: tuple[tuple[date, Issue], ...] = ()
    """Moves beyond the bound that stand, by their day, with the issue among `issues` that tells of each."""


@dataclass(frozen=True, slots=True, eq=False)
class PriceSeries:
    """The daily closes of one listing; the arrays are read-only, of one length, in ascending order of date."""

    ticker: str
    dates: Days
    """Session dates, `datetime64[D]`, each once."""
    close: Floats
    """In `currency` as delivered, pence included."""
    adj_close: Floats | None = None
    """Adjusted for splits and dividends; NaN where a date has none, None where no date has one."""
    volume: Floats | None = None
    """Shares; NaN where unknown."""
    currency: str | None = None
    basis: str | None = None
    """`raw` where `close` is free of dividend adjustment, `adj` where not; None where not stated or mixed."""
    source: str = ""
    splits: tuple[tuple[date, float], ...] = ()
    """Splits known, ascending: first session at the new count, and new shares for each old one (10.0 for ten to one).
    Stated by the source, or told from `close` where it jumps and `adj_close` does not."""

    @property
    def returns_price(self) -> Floats:
        """Return the prices that returns are taken from: `adj_close` where there is one, else `close`.

        Prices that jump at a known split, adjusted ones that nobody adjusted for it as well, are free of that jump.
        """
        close, adjusted = free_of_splits(self.dates, self.close, self.adj_close, self.splits)
        return close if adjusted is None else adjusted

    def at(self, day: date) -> int | None:
        """Find the last price of a day or of the week before it; None where there is none."""
        last = np.datetime64(day, "D")
        at = int(np.searchsorted(self.dates, last, side="right")) - 1
        return at if at >= 0 and last - self.dates[at] < WEEK else None

    def split_factor(self, after: date, upto: date) -> float:
        """Give how many shares one of a day had become by a later one, by the splits known; below 1 if turned back."""
        forward, factor = after <= upto, 1.0
        for day, ratio in self.splits:
            if min(after, upto) < day <= max(after, upto):
                factor *= ratio if forward else 1.0 / ratio
        return factor

    def unadjusted(self, at: int) -> float:
        """Give the close of one date as it was traded: free of the splits after it that are known.

        NVIDIA closed at 1,208.88 dollars on 7 June 2024 and split ten to one on the 10th: a series adjusted since says
        120.888, and a quantity of that day times it would be a tenth of the value.
        """
        price, held = float(self.close[at]), self.dates[at]
        for day, ratio in self.splits:
            # Where no price follows the split, those before it are as they were traded.
            if np.datetime64(day, "D") > held and jumps(self.dates, self.close, day, ratio) is False:
                price *= ratio
        return price


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """Every price series known, by ticker, and what was found wrong on the way; read-only."""

    series: Mapping[str, PriceSeries]
    issues: tuple[Issue, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    source: str = ""
    accepted: tuple[Acceptance, ...] = ()
    """What persons said is right in these series, as the store keeps it; a file of prices holds none."""
    notes: Mapping[str, SeriesNotes] = field(default_factory=dict)
    """What of `issues` and `rejected` concerns which ticker."""
    published: Published = field(default_factory=lambda: MappingProxyType({}))
    """The bank's exchange rates that came with the prices, beside those that ship; see `exposure.prices.rates`."""

    def __repr__(self) -> str:
        days = [series.dates for series in self.series.values() if len(series.dates)]
        span = f", {min(d[0] for d in days)} to {max(d[-1] for d in days)}" if days else ""
        return f"Market({len(self.series)} series{span}, {len(self.rejected)} rejected)"

    @property
    def rows(self) -> int:
        """Count the prices kept, over all series."""
        return sum(len(s.dates) for s in self.series.values())

    @property
    def start(self) -> date | None:
        """Return the first date with a price, None without any."""
        firsts: list[date] = [s.dates[0].item() for s in self.series.values()]
        return min(firsts, default=None)

    @property
    def end(self) -> date | None:
        """Return the last date with a price, None without any."""
        lasts: list[date] = [s.dates[-1].item() for s in self.series.values()]
        return max(lasts, default=None)

    def closes_on(self, day: date) -> dict[str, tuple[float, str | None]]:
        """Give ticker → (close of that day or of the last session in the week before it, its currency or quote unit).

        For valuing quantities of that day: free of the later splits that are known, an older close brought to the
        count of the day by those between, and a series whose close is
        adjusted for dividends (`adj`) is left out. A later split that nothing states cannot be told from an adjusted
        close: `exposure.flow.book_of` says which lines rest on a series without any statement of splits, and which on
        a close that is older than the day.
        """
        out = {}
        for ticker, series in self.series.items():
            if series.basis != "adj" and (at := series.at(day)) is not None:
                # An older close counts shares as they were on its own day: the book's are those after the splits since.
                since = series.split_factor(series.dates[at].item(), day)
                out[ticker] = series.unadjusted(at) / since, series.currency
        return out
