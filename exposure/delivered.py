"""What a reader gives: holdings as delivered, the snapshot they make, and what a reader of them should know.

Part of the nouns of `exposure.types`, which is where to import them from.

A doubt about a price series: something in it that may spoil each figure that rests on it, until a person settles it.

Part of the nouns of `exposure.types`, which is where to import them from.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import repeat
from math import fsum, isclose
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal

from exposure.errors import InputError, UnitError, legible
from exposure.messages import TEXT, Param, remedy_of, words

if TYPE_CHECKING:
    import pandas as pd


Sort = Literal["unadjusted", "unit", "reused", "jump", "hole", "stale"]
SORTS: tuple[Sort, ...] = ("unadjusted", "unit", "reused", "jump", "hole", "stale")
"""A split that nobody adjusted for, another unit, a ticker that seems to have passed to another company, a move too
large for a session, more than ten sessions without a price, a series that ends long before the others."""
GAP = "gap"
"""A single session without a price: found and accepted on the Data page, too little to doubt a figure for."""
SAME = 1e-6
"""Relative difference up to which a number is the one that was accepted: feeds round to single precision."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A person's word that something in a series is right. It holds as long as the prices are what they were then."""

    ticker: str
    sort: str
    """One of `SORTS`, or `GAP`."""
    day: date
    rests_on: float | None
    """`Doubt.rests_on` when it was accepted; None: accepted before that was kept, and holds whatever it is."""
    author: str
    on: date
    note: str = ""

    def holds(self, doubt: Doubt) -> bool:
        """Tell whether it settles a doubt: the same thing on the same day, by the same prices."""
        same = (self.ticker, self.sort, self.day) == (doubt.ticker, doubt.sort, doubt.day)
        return same and (self.rests_on is None or isclose(self.rests_on, doubt.rests_on, rel_tol=SAME))


@dataclass(frozen=True, slots=True)
class Doubt:
    """What looks wrong in a series: its sort, the ticker, the day from which it shows, and how large it is."""

    sort: Sort
    ticker: str
    day: date
    """First price after the move or the hole; of a series that ends early its last one."""
    size: float
    """`unadjusted`: likely new shares for each old one; `unit`, `reused`, `jump`: price over the one before, less 1 for
    a jump; `hole`: sessions without a price; `stale`: sessions from the last price to the end asked for."""
    before: date
    """The last price before it; of a series that ends early the end asked for."""
    rests_on: float
    """What a person's word about it rests on: the price over the one before it, of a series that ends early its last
    close."""
    looks_like: float | None = None
    """A jump or a reused ticker: the common split that it is near as well, new shares for each old one."""
    missed: int = 0
    """`reused`: sessions without a price before it."""
    stored: bool = False
    """Whether the prices are the store's, where a person can say that they are right."""
    accepted: Acceptance | None = None

    @property
    def key(self) -> tuple[str, str, date]:
        """Tell it from every other."""
        return self.ticker, self.sort, self.day


def settled(doubts: Iterable[Doubt], accepted: Iterable[Acceptance]) -> tuple[Doubt, ...]:
    """Give each doubt the acceptance that holds for it."""
    by_key: Mapping[tuple[str, str, date], Acceptance] = {(a.ticker, a.sort, a.day): a for a in accepted}
    if not by_key:
        return tuple(doubts)
    pairs = ((doubt, by_key.get(doubt.key)) for doubt in doubts)
    return tuple(replace(d, accepted=a) if a is not None and a.holds(d) else d for d, a in pairs)


Kind = Literal["equity", "fund", "cash", "option", "future", "bond", "fx", "crypto", "other"]
KINDS: tuple[Kind, ...] = ("equity", "fund", "cash", "option", "future", "bond", "fx", "crypto", "other")
UNSUPPORTED: frozenset[str] = frozenset({"option", "future", "bond", "fx"})
"""Kinds that a price move cannot be applied to: counted, kept, never approximated in silence."""
LARGEST = 1e60
"""What no figure of a holding exceeds: up to here the sums and squares of whole books are numbers."""


Severity = Literal["error", "warning", "notice"]
Params = tuple[tuple[str, Param], ...]
"""What a message carries, by name: hashable, as its noun is."""


@dataclass(frozen=True, slots=True)
class Issue:
    """Something a reader of the figures should know: by its code, on which row, and how much of the book.

    `exposure.messages` has the words; `what` and `remedy` are those of the reader's language and edge.
    """

    severity: Severity
    code: str
    params: Params = ()
    row: int | None = None
    weight: float | None = None
    """Share of gross exposure concerned, where known."""
    doubt: Doubt | None = None
    """The doubt about a price series that this tells of, for whoever would settle it."""
    about: str = ""
    """Which of several books or snapshots it is about, where an answer has several."""

    @classmethod
    def of(
        cls,
        severity: Severity,
        code: str,
        /,
        *,
        row: int | None = None,
        weight: float | None = None,
        doubt: Doubt | None = None,
        **params: Param,
    ) -> Issue:
        """Make one; what is left are the parameters of its message."""
        return cls(severity, code, _legible(params), row, weight, doubt)

    @classmethod
    def text(
        cls,
        severity: Severity,
        what: str,
        row: int | None = None,
        weight: float | None = None,
        remedy: str = "",
        *,
        doubt: Doubt | None = None,
    ) -> Issue:
        """Make one of words that came as they are."""
        return cls(severity, TEXT, _legible({"what": what, "remedy": remedy}), row, weight, doubt)

    @classmethod
    def stored(cls, fields: Mapping[str, Any]) -> Issue:
        """Read one from plain values as a store or a kept result holds them, those of older versions too."""
        found = dict(fields)
        if "what" in found:
            return cls.text(**found)
        return cls(**found | {"params": tuple((name, value) for name, value in found.get("params", ()))})

    @property
    def what(self) -> str:
        """What there is to know, in words."""
        said = words(self.code, dict(self.params))
        return f"{self.about}: {said}" if self.about else said

    @property
    def remedy(self) -> str:
        """What can be done about it, in words; empty where nothing can."""
        return remedy_of(self.code, dict(self.params))

    def to_dict(self) -> dict[str, Any]:
        """Give the fields of the interface, ready for JSON."""
        return {
            "code": self.code,
            "severity": self.severity,
            "what": self.what,
            "row": self.row,
            "weight": self.weight,
            "remedy": self.remedy,
        }


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that could not be used: its 1-based number as an editor shows it, why, and its text."""

    row: int
    code: str
    raw: str
    params: Params = ()

    @classmethod
    def of(cls, row: int, raw: str, code: str, /, **params: Param) -> Rejected:
        """Make one; what is left are the parameters of its message."""
        return cls(row, code, legible(raw), _legible(params))

    @classmethod
    def text(cls, row: int, reason: str, raw: str) -> Rejected:
        """Make one of words that came as they are."""
        return cls(row, TEXT, legible(raw), _legible({"what": reason}))

    @property
    def reason(self) -> str:
        """Why it could not be used, in words."""
        return words(self.code, dict(self.params))


def _legible(params: Mapping[str, Param]) -> Params:
    """Clean what quotes a file, here where it is first said: every terminal and page shows it from here."""
    return tuple((name, legible(value) if isinstance(value, str) else value) for name, value in params.items())


@dataclass(frozen=True, slots=True)
class OpenUnit:
    """A figure that stands in a currency or in its hundredth, and nothing tells which: left out until it is said."""

    row: int
    field: str
    """`market_value` or `price`."""
    figure: float
    """As the file writes it."""
    unit: str
    """`GBX`, where the other possibility is its `currency`."""
    currency: str

    @property
    def code(self) -> str:
        """Name the message that tells of it."""
        return "read.price-unit-open" if self.field == "price" else "read.value-unit-open"

    @property
    def params(self) -> dict[str, Any]:
        """Give what that message carries."""
        return {"figure": self.figure, "unit": self.unit, "currency": self.currency}


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


def refuse_beyond(figures: Mapping[str, Sequence[float | None]], rows: Sequence[int], file: str) -> None:
    """Refuse a figure that is larger than any holding's, with its row: sums over it would not be numbers."""
    for name, column in figures.items():
        known = list(filter(None, column))
        if known and not (min(known) >= -LARGEST and max(known) <= LARGEST):
            at = next(i for i, figure in enumerate(column) if figure and not -LARGEST <= figure <= LARGEST)
            what: dict[str, Param] = {"field": name.replace("_", " "), "figure": f"{column[at]:g}"}
            raise InputError("read.figure-too-large", file=file, row=rows[at], column=name, **what)


Lines = Mapping[str, Sequence[Any]]
"""Field of `Holding` → its values, line by line. `row` is always there; what no line has is left out."""
FIELDS = tuple(Holding.__dataclass_fields__)
_DEFAULTS = {name: each.default for name, each in Holding.__dataclass_fields__.items()}
_BLOCK = 512
"""Few enough holdings at a time to stay in the processor's cache."""


def values_of(lines: Lines, name: str) -> Sequence[Any]:
    """Give the values of one field, its default where no line has it."""
    return lines[name] if name in lines else [_DEFAULTS[name]] * len(lines["row"])


@contextmanager
def uncollected() -> Iterator[None]:
    """Pause the collector while a million objects and no cycle are made: it took a quarter of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def made(lines: Lines) -> list[Holding]:
    """Make holdings of their columns: a slot is set for many at once, which takes a third of the constructor's time."""
    out: list[Holding] = []
    with uncollected():
        for start in range(0, len(lines["row"]), _BLOCK):
            size = len(lines["row"][start : start + _BLOCK])
            block: list[Holding] = list(map(object.__new__, repeat(Holding, size)))
            for name in FIELDS:
                values = lines[name][start : start + _BLOCK] if name in lines else repeat(_DEFAULTS[name])
                deque(map(getattr(Holding, name).__set__, block, values), maxlen=0)
            out += block
    return out


class _Waiting:
    """Where a snapshot's lines wait as columns until its `holdings` are first asked for.

    A file that is read, checked and stored needs no object for each line, and they are a quarter of the time and half
    of the memory. The slot `holdings` is left open until then, and Python asks `__getattr__` for an open slot alone.
    """

    __slots__ = ("_lines",)
    _lines: Lines | None

    if not TYPE_CHECKING:  # a checker would take every name for an attribute

        def __getattr__(self, name: str) -> Any:
            if name == "_lines":  # never set: the snapshot was made with its holdings
                return None
            if name == "holdings" and (lines := self._lines) is not None:
                object.__setattr__(self, "holdings", tuple(made(lines)))
                object.__setattr__(self, "_lines", None)
            return object.__getattribute__(self, name)


@dataclass(frozen=True, slots=True)
class Snapshot(_Waiting):
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
    open_units: tuple[OpenUnit, ...] = ()
    """Figures left out because nothing tells their unit: no book is made of the snapshot until it is said."""

    def __repr__(self) -> str:
        dated = f", {self.as_of}" if self.as_of else ""
        return (
            f"Snapshot({self.file}{dated}, {self.positions} positions, {self.cash} cash, {len(self.rejected)} rejected)"
        )

    def of(self, day: date) -> Snapshot:
        """Give the same holdings the date that their file does not name."""
        lines, out = self._lines, replace(self, holdings=(), as_of=day)
        return out.of_lines(lines) if lines is not None else replace(out, holdings=self.holdings)

    def of_lines(self, lines: Lines) -> Snapshot:
        """Give the snapshot the lines of these columns; they become `holdings` when those are first asked for."""
        out = replace(self, holdings=())
        object.__delattr__(out, "holdings")
        object.__setattr__(out, "_lines", lines)
        return out

    def refuse_open_units(self) -> None:
        """Raise `UnitError` for the first figure whose unit is open, with what settles it."""
        if self.open_units:
            first, figures = self.open_units[0], len(self.open_units)
            code = first.code if figures == 1 else "read.units-open"
            what = first.params | {"figures": figures}
            raise UnitError(code, file=self.file, row=first.row, column=first.field, **what)

    def column(self, name: str) -> Sequence[Any]:
        """Give one field of every holding, in file order, at less than the price of the holdings."""
        lines = self._lines
        return list(map(attrgetter(name), self.holdings)) if lines is None else values_of(lines, name)

    @property
    def positions(self) -> int:
        """Count every security row, those that a price move cannot be applied to included, cash excluded."""
        return len(self.column("row")) - self.cash

    @property
    def cash(self) -> int:
        """Count the rows of currency balances, money-market sweeps, collateral and margin."""
        return self.column("kind").count("cash")

    @property
    def unsupported(self) -> int:
        """Count options, futures, bonds and FX forwards."""
        kinds = self.column("kind")
        return sum(kinds.count(kind) for kind in UNSUPPORTED)

    @property
    def total_market_value(self) -> float | None:
        """Sum positions and cash where all values are in one currency and no unit is open, else None."""
        if self.open_units:
            return None
        values, units = self.column("market_value"), self.column("value_currency")
        currencies = {unit for value, unit in zip(values, units, strict=True) if value is not None}
        return fsum(v for v in values if v is not None) if len(currencies) == 1 else None

    def frame(self) -> pd.DataFrame:
        """Return one row per holding, a column per field of `Holding`, indexed from 0 in file order."""
        import pandas as pd

        return pd.DataFrame([[getattr(h, n) for n in FIELDS] for h in self.holdings], columns=list(FIELDS))
