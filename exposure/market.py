"""Daily prices: the noun that price files and the store become, checked and read-only.

A series stands as delivered: its unit (`GBX`, `ZAc`) is kept, nothing is filled, and a price that cannot be right is
held back by name instead of repaired.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

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

    @property
    def returns_price(self) -> Floats:
        """Return the prices that returns are taken from: `adj_close` where there is one, else `close`."""
        return self.close if self.adj_close is None else self.adj_close


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """Every price series known, by ticker, and what was found wrong on the way; read-only."""

    series: Mapping[str, PriceSeries]
    issues: tuple[Issue, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    source: str = ""

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

        For valuing quantities of that day: a series whose close is adjusted for dividends (`adj`) is left out.
        """
        last, out = np.datetime64(day, "D"), {}
        for ticker, series in self.series.items():
            at = int(np.searchsorted(series.dates, last, side="right")) - 1
            if at >= 0 and last - series.dates[at] < np.timedelta64(7, "D") and series.basis != "adj":
                out[ticker] = float(series.close[at]), series.currency
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

    Dates are `date`s or ISO text, unknowns None; the rows pass the checks of a file's, and are numbered from 1.
    """
    from exposure.assembly import Assembly

    assembly, remaining, first = Assembly(source), iter(rows), 1
    while chunk := list(islice(remaining, CHUNK)):
        assembly.raw = lambda row, chunk=chunk, first=first: repr(tuple(chunk[row - first]))  # type: ignore[misc]
        assembly.add(range(first, first + len(chunk)), *zip(*chunk, strict=True))
        first += len(chunk)
    return assembly.market()
