"""The nouns of the project, all frozen: what a reader gives, what the chain makes of it, what a shock returns.

Units throughout: moves, weights and returns are fractions (−0.17 is minus 17 %); a value is money in the currency named
beside it; a loss, a short and a liability are negative; dates are session dates without time zone. `None` means
unknown, never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

from exposure.delivered import KINDS as KINDS
from exposure.delivered import UNSUPPORTED as UNSUPPORTED
from exposure.delivered import Acceptance as Acceptance
from exposure.delivered import Doubt as Doubt
from exposure.delivered import Holding as Holding
from exposure.delivered import Issue as Issue
from exposure.delivered import Kind as Kind
from exposure.delivered import Rejected as Rejected
from exposure.delivered import Snapshot as Snapshot

Provenance = Literal["observed", "proxy", "modelled", "user", "none"]
Tie = Literal["direct", "stake", "customer"]


@dataclass(frozen=True, slots=True)
class Part:
    """A share of a line in one segment: finest `segment` id, `weight` (fraction), and how it is tied to it."""

    segment: str
    weight: float
    tie: Tie = "direct"


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where a line stands along the chain: parts whose weights sum to 1, why, from whom, and as of when."""

    parts: tuple[Part, ...]
    reason: str
    origin: Literal["table", "rule", "user", "look_through", "none"]
    """Interface field `source`: who assigned it."""
    reference: str = ""
    """The published source behind the reason, or the author of an override."""
    dated: date | None = None

    @property
    def weights(self) -> dict[str, float]:
        """Sum the parts by segment id, ties put together."""
        out: dict[str, float] = {}
        for part in self.parts:
            out[part.segment] = out.get(part.segment, 0.0) + part.weight
        return out


@dataclass(frozen=True, slots=True)
class Override:
    """A user's own assignment: it beats the table and is kept. Keyed by ISIN where known, else by ticker."""

    isin: str | None
    ticker: str | None
    parts: tuple[Part, ...]
    reason: str
    author: str
    date: date
    delta: float | None = None
    """Of an option: its move for a move of 1 of what it is on. Of a leveraged fund: its daily factor."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One currency of a forward: what is bought of it (positive) or sold, in the book's currency."""

    currency: str
    value: float


@dataclass(frozen=True, slots=True)
class Line:
    """A holding valued in the book's currency and placed along the chain."""

    line_id: str
    """Stable within the snapshot: ISIN, else ticker or name, with a counter where it repeats."""
    holding: Holding
    market_value: float | None
    """In the book's currency; for a book of weights the weight itself; None where it cannot be valued."""
    weight: float
    """`market_value` over the book's capital; 0 where it cannot be valued, and then an Issue says so."""
    assignment: Assignment
    issuer: str | None = None
    """Key of the issuer in the project's table."""
    listing: str | None = None
    """Yahoo symbol of the very line held, where it could be told: the key of observed moves and of prices."""
    siblings: tuple[str, ...] = ()
    """Yahoo symbols of every known line of the issuer, the primary one first."""
    currency: str | None = None
    sector: str | None = None
    """One of the eleven GICS sectors, lower case, where known."""
    country: str | None = None
    factor: float | None = None
    """Daily factor of a leveraged or inverse fund (3.0, −1.0; NaN where it has one that is not known), else None."""
    underlying: str | None = None
    """Yahoo symbol of the fund or index proxy that the factor applies to, where known."""
    inside: str | None = None
    """Fund through which the line is held, where it was looked through."""
    holds: str | None = None
    """Currency of what a fund of one country holds, where that is not hedged and not the currency it trades in."""
    geared_by: Literal["table", "name", "user"] | None = None
    """Who says `factor`."""
    notional: float | None = None
    """Of an option, future or forward: the worth of what it is on, in the book's currency, negative where that is sold;
    None where nothing states it."""
    delta: float | None = None
    """Of an option, as the user gave it: the line moves as `delta · notional` of what it is on."""
    legs: tuple[Leg, ...] = ()
    """Of a forward whose notional is stated: the currencies that it is exchanged in."""

    unrated: float | None = None
    """Where it has a value that no exchange rate brings to the book's currency: its rough size there by the weight that
    the file states, else by the last rate known at all, 0 where neither is. It counts in the coverage alone."""

    @property
    def effective_value(self) -> float | None:
        """Give what the line is exposed to: value times daily factor, an option's notional times its delta.

        None where a value or a factor is not known.
        """
        if self.delta is not None and self.notional is not None:
            return self.delta * self.notional
        if self.market_value is None or self.factor is None:
            return self.market_value
        return self.market_value * self.factor if self.factor == self.factor else None

    @property
    def size(self) -> float:
        """Give the gross exposure that the line counts with in the coverage, in the book's currency."""
        return abs(self.market_value or 0.0) + (self.unrated or 0.0)


@dataclass(frozen=True, slots=True)
class Book:
    """A snapshot valued in one currency and split by segment, with its coverage: the one thing analytics read."""

    lines: tuple[Line, ...]
    capital: float
    """What weights, contributions and returns are shares of; in `currency`, 1 for a book of weights."""
    capital_basis: Literal["nav", "gross"]
    basis: Literal["values", "weights"]
    currency: str | None
    as_of: date | None
    nav: float
    gross: float
    issues: tuple[Issue, ...] = ()
    title: str | None = None
    sha256: str = ""
    funds: tuple[Line, ...] = ()
    """Funds that were looked through, as the lines they were; their constituents name them in `inside`."""

    @property
    def geared(self) -> bool:
        """Tell whether it holds what moves by another amount than its value: then weights are told both ways."""
        return any(line.factor is not None or line.delta is not None for line in self.lines)


@dataclass(frozen=True, slots=True)
class Window:
    """First and last close of one market's reaction, and the exchange-rate moves over it."""

    start: date
    end: date
    fx: Mapping[str, float] = field(default_factory=dict)
    """Currency → move against the US dollar (fraction; positive: the currency rose). USD is 0 and not listed."""


@dataclass(frozen=True, slots=True)
class Observed:
    """An observed move of one listing: local currency, close to close over its window."""

    symbol: str
    currency: str
    start: date
    end: date
    move: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """Moves by name and by segment, what the rest does, exchange rates and windows: plain data, whatever made it."""

    id: str
    title: str
    kind: Literal["replay", "transmission", "custom", "predictive"]
    start: date | None = None
    end: date | None = None
    rest: float | Literal["outside", "market"] | None = None
    """The move of names that nothing else reaches. `outside` (every replay): sector ETF, else mean of the observed
    stocks outside the chain. None only until `load_scenario` has settled it."""
    market: float | None = None
    segments: Mapping[str, float] = field(default_factory=dict)
    isins: Mapping[str, float] = field(default_factory=dict)
    tickers: Mapping[str, float] = field(default_factory=dict)
    fx: Mapping[str, float] = field(default_factory=dict)
    """Moves against the US dollar that hold where no window says otherwise."""
    fx_known: frozenset[str] | None = None
    """Replays: currencies with a published rate, another's `fx` is null. None: what is left out rests."""
    observed: Mapping[str, Observed] = field(default_factory=dict)
    """Replays: Yahoo symbol → its move."""
    windows: Mapping[str, Window] = field(default_factory=dict)
    """Replays: exchange suffix (`.T`, `.KS`; `` for New York) → its window."""
    prefer_adr: bool = False
    """`-common`: where the home market was shut, the ADR stands for the home line."""
    reaction: Literal["open", "close", "common"] = "common"
    """Replays between two dates: where a window that the file does not give ends; see `sessions.reached`."""
    local_only: bool = False
    """Replays between two dates: currencies are left out, every line moves as it did at home."""
    horizon: int = 1
    source: str = ""
    issues: tuple[Issue, ...] = ()
    hash: str = ""
    """SHA-256 of the canonical JSON of everything above but title, issues and source."""
    levers: Mapping[str, float] = field(default_factory=dict)
    priors: Mapping[str, Prior] = field(default_factory=dict)
    """Transmission: lever → value, and → what is likely before the day, for draws and distances. Both are hashed."""
    as_of: date | None = None
    """Predictive: the last date whose prices may be used."""
    given: Mapping[str, float] = field(default_factory=dict)
    """Predictive: segment → the move given for it; names that are given stand in `tickers`."""
    foretold: Mapping[str, float] = field(default_factory=dict)
    """Predictive, once prices are known: symbol or segment → the move that follows from those given."""
    errors: Mapping[str, float] = field(default_factory=dict)
    """Predictive, once prices are known: symbol or segment → half the 90 % band of what follows, in log moves."""
    distance: float | None = None
    """Predictive: Mahalanobis distance of the given moves from a day without any, in daily standard deviations."""
    days: float | None = None
    """Predictive: sessions between days at least as unusual, were returns normal."""
    doubts: Mapping[str, tuple[Doubt, ...]] | None = None
    """Once prices completed it: symbol → what is doubtful in those prices; each stands beside the figures of the lines
    that it bears on. Not hashed: it tells of the moves, and is none of them."""


class Prior(NamedTuple):
    """A truncated normal: `mean` and `sd` of the normal before it is cut at `low` and `high`; sd 0 holds the mean."""

    mean: float
    sd: float
    low: float
    high: float
