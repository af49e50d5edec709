"""The nouns of the project, all frozen: what a reader gives, what the chain makes of it, what a shock returns.

Units throughout: moves, weights and returns are fractions (−0.17 is minus 17 %); a value is money in the currency named
beside it; a loss, a short and a liability are negative; dates are session dates without time zone. `None` means
unknown, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from exposure.delivered import KINDS as KINDS
from exposure.delivered import UNSUPPORTED as UNSUPPORTED
from exposure.delivered import Acceptance as Acceptance
from exposure.delivered import Doubt as Doubt
from exposure.delivered import Holding as Holding
from exposure.delivered import Issue as Issue
from exposure.delivered import Kind as Kind
from exposure.delivered import Rejected as Rejected
from exposure.delivered import Snapshot as Snapshot
from exposure.scenario import Custom as Custom
from exposure.scenario import Observed as Observed
from exposure.scenario import Prediction as Prediction
from exposure.scenario import Prior as Prior
from exposure.scenario import Replay as Replay
from exposure.scenario import Scenario as Scenario
from exposure.scenario import Transmission as Transmission
from exposure.scenario import Window as Window

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

    def __repr__(self) -> str:
        dated = f", {self.as_of}" if self.as_of else ""
        worth = f"{self.nav:,.0f} {self.currency or ''}".rstrip() if self.basis == "values" else "weights"
        return f"Book({(self.title or 'untitled')[:24]}{dated}, {len(self.lines)} lines, {worth})"

    @property
    def geared(self) -> bool:
        """Tell whether it holds what moves by another amount than its value: then weights are told both ways."""
        return any(line.factor is not None or line.delta is not None for line in self.lines)
