"""Daily prices: the noun that price files and the store become, checked and read-only.

A series stands as delivered: its unit (`GBX`, `ZAc`) is kept, nothing is filled, and a price that cannot be right is
held back by name instead of repaired.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exposure.bank_rates import Published
from exposure.types import Issue, Rejected

Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]

CHUNK = 65_536


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

        A `close` that jumps at a known split is taken free of that jump.
        """
        if self.adj_close is not None:
            return self.adj_close
        price = self.close
        for day, ratio in self.splits:
            if self.jumps(day, ratio):
                price = np.where(self.dates < np.datetime64(day, "D"), price / ratio, price)
        return price

    def jumps(self, day: date, ratio: float) -> bool:
        """Tell whether `close` itself falls by a split, as traded; if not, its past is already adjusted for it."""
        at = int(np.searchsorted(self.dates, np.datetime64(day, "D")))
        if not 0 < at < len(self.dates):
            return False
        move = float(np.log(self.close[at] / self.close[at - 1]))
        return abs(move + float(np.log(ratio))) < abs(move)

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
            if np.datetime64(day, "D") > held and not self.jumps(day, ratio):
                price *= ratio
        return price


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """Every price series known, by ticker, and what was found wrong on the way; read-only."""

    series: Mapping[str, PriceSeries]
    issues: tuple[Issue, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    source: str = ""
    published: Published = field(default_factory=lambda: MappingProxyType({}))
    """The bank's exchange rates that came with the prices, beside those that ship; see `exposure.rates`."""

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

        For valuing quantities of that day: free of the later splits that are known, and a series whose close is
        adjusted for dividends (`adj`) is left out. A later split that nothing states cannot be told from an adjusted
        close: `exposure.flow.book_of` says which lines rest on a series without any statement of splits.
        """
        last, out = np.datetime64(day, "D"), {}
        for ticker, series in self.series.items():
            at = int(np.searchsorted(series.dates, last, side="right")) - 1
            if at >= 0 and last - series.dates[at] < np.timedelta64(7, "D") and series.basis != "adj":
                out[ticker] = series.unadjusted(at), series.currency
        return out


def read_prices(source: str | Path | bytes, *, name: str | None = None) -> Market:
    """Read a price file: long, wide, or as yfinance's `download(...).to_csv()` writes it; gzipped or not.

    Parameters
    ----------
    source : path of the file, or its bytes
    name : what messages call it; the path's last part where not given

    Raises
    ------
    InputError
        The file cannot be opened or unpacked, is of none of the three shapes, or holds no usable price. Single bad rows
        do not raise: they are in `.rejected`, with the line as an editor shows it.
    """
    from exposure.price_file import read

    return read(source, name)


def from_rows(rows: Iterable[Sequence[Any]], *, source: str = "store") -> Market:
    """Build a market from stored rows `(ticker, date, close, adj_close, volume, currency, close_basis)`, in any order.

    An eighth cell, where rows have one, is the split of that date: new shares for each old one, 0 or None without.
    Dates are `date`s or ISO text, unknowns None; the rows pass the checks of a file's, and are numbered from 1.
    """
    from exposure.assembly import Assembly

    assembly, remaining, first = Assembly(source), iter(rows), 1
    while chunk := list(islice(remaining, CHUNK)):
        assembly.raw = lambda row, chunk=chunk, first=first: repr(tuple(chunk[row - first]))  # type: ignore[misc]
        assembly.add(range(first, first + len(chunk)), *zip(*chunk, strict=True))
        first += len(chunk)
    return assembly.market()
