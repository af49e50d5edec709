"""What a reader gives: holdings as delivered, the snapshot they make, and what a reader of them should know.

Part of the nouns of `exposure.types`, which is where to import them from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from math import fsum
from operator import attrgetter
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["equity", "fund", "cash", "option", "future", "bond", "fx", "crypto", "other"]
KINDS: tuple[Kind, ...] = ("equity", "fund", "cash", "option", "future", "bond", "fx", "crypto", "other")
UNSUPPORTED: frozenset[str] = frozenset({"option", "future", "bond", "fx"})
"""Kinds that a price move cannot be applied to: counted, kept, never approximated in silence."""


@dataclass(frozen=True, slots=True)
class Issue:
    """Something a reader of the figures should know: what, on which row, how much of the book, and its remedy."""

    severity: Literal["error", "warning", "notice"]
    what: str
    row: int | None = None
    weight: float | None = None
    """Share of gross exposure concerned, where known."""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that could not be used: its 1-based number as an editor shows it, why, and its text."""

    row: int
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class Holding:
    """One line of a portfolio as delivered: read, or derived by arithmetic (`derived`), never looked up."""

    row: int
    kind: Kind = "equity"
    ticker: str | None = None
    """As the file writes it, surrounding space removed; options and futures with their whole symbol."""
    isin: str | None = None
    cusip: str | None = None
    sedol: str | None = None
    figi: str | None = None
    name: str | None = None
    exchange: str | None = None
    country: str | None = None
    sector: str | None = None
    currency: str | None = None
    """Currency the security trades in, whose exchange-rate move it bears (pence appear as GBP here)."""
    quantity: float | None = None
    price: float | None = None
    """As quoted, in `price_currency`."""
    price_currency: str | None = None
    """Currency or quote unit of `price`: `GBX` where the file quotes pence."""
    market_value: float | None = None
    """In `value_currency`; negative for a short."""
    value_currency: str | None = None
    weight: float | None = None
    """Fraction stated by the file, never computed."""
    notional_value: float | None = None
    account: str | None = None
    as_of: date | None = None
    underlying: str | None = None
    strike: float | None = None
    expiry: date | None = None
    right: Literal["call", "put"] | None = None
    derived: tuple[str, ...] = ()
    """Names of the fields that were computed from others, such as `market_value` from quantity × price."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The dated lines of one portfolio, in file order, cash rows included."""

    file: str
    format: str
    """`csv`, `xlsx`, `xls` or `zip`."""
    as_of: date | None
    dates: tuple[date, ...]
    """Every date the file holds, ascending; `as_of` is the one these holdings are of."""
    currency: str | None
    """Currency of the values, where all are in one; also that of a fund whose file states it."""
    holdings: tuple[Holding, ...]
    rejected: tuple[Rejected, ...] = ()
    issues: tuple[Issue, ...] = ()
    stated_total: float | None = None
    """The total that the file itself states, unchanged."""
    title: str | None = None
    """Name of the fund or portfolio where the file states one."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """What was understood: field of `Holding` → heading in the file."""
    dialect: Mapping[str, str] = field(default_factory=dict)
    """How it was read: `encoding`, `delimiter`, `decimal`, `dates`, `header_row`, `sheet`."""
    sha256: str = ""
    """Of the file's bytes: the same file imported twice is recognised by it."""

    @property
    def positions(self) -> int:
        """Count every security row, those that a price move cannot be applied to included, cash excluded."""
        return len(self.holdings) - self.cash

    @property
    def cash(self) -> int:
        """Count the rows of currency balances, money-market sweeps, collateral and margin."""
        return self._kinds.count("cash")

    @property
    def unsupported(self) -> int:
        """Count options, futures, bonds and FX forwards."""
        kinds = self._kinds
        return sum(kinds.count(kind) for kind in UNSUPPORTED)

    @property
    def _kinds(self) -> list[str]:
        return list(map(attrgetter("kind"), self.holdings))  # a long snapshot is counted at each import

    @property
    def total_market_value(self) -> float | None:
        """Sum positions and cash where all values are in one currency, else None."""
        values = list(map(attrgetter("market_value"), self.holdings))
        currencies = {h.value_currency for h in self.holdings if h.market_value is not None}
        return fsum(v for v in values if v is not None) if len(currencies) == 1 else None

    def frame(self) -> pd.DataFrame:
        """Return one row per holding, a column per field of `Holding`, indexed from 0 in file order."""
        import pandas as pd

        names = list(Holding.__dataclass_fields__)
        return pd.DataFrame([[getattr(h, n) for n in names] for h in self.holdings], columns=names)
