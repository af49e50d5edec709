"""What a shock returns: the move of each line and what it costs, cut by segment, country and currency.

Bands of modelled moves: how wrong it may be to spread a day's moves to names without a price.

A band's half-width is a conformal quantile of the errors that other names made, left out (`spread.fit`), times
a scale of the name's sub-segments and volatility; outside the chain, of the errors of the names outside. It holds 90 %
of new names of that day, whatever the errors' distribution, as far as these names are like those observed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import exp, fsum, sqrt
from typing import TYPE_CHECKING, Any

from exposure.chain import on_chain, top_segment
from exposure.spread import BAND_LEVEL
from exposure.types import Book, Issue, Line, Provenance, Scenario

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Move:
    """The move one line gets, and why: local `shock`, exchange rate `fx` (None: unknown), both `total`."""

    shock: float
    fx: float | None
    total: float
    provenance: Provenance
    via: str
    start: date | None = None
    end: date | None = None
    source: str = ""
    """Symbol, segment or number that the move came from."""


def moved_value(line: Line, move: Move) -> float:
    """Give what a move is a move of, in the book's currency: a line's value, or what a derivative is on."""
    if move.via == "rates":
        return line.notional or 0.0
    if move.via == "delta":
        return line.effective_value or 0.0
    return line.market_value or 0.0


def beyond_value(positions: Iterable[ShockedLine]) -> frozenset[str | None]:
    """List the segments, countries and currencies in which a line moved by more than its value.

    Profit and loss over the value of a forward, or of an option, is no move of anything, so none is told of them.
    """
    keys: set[str | None] = set()
    for position in positions:
        if position.move.via in ("rates", "delta"):
            line = position.line
            fine = [part.segment for part in line.assignment.parts]
            keys |= {*fine, *map(top_segment, fine), line.country, line.currency, *(leg.currency for leg in line.legs)}
    return frozenset(keys)


@dataclass(frozen=True, slots=True)
class ShockedLine:
    """A line with its move, what it costs in the book's currency, and that cost as a share of the book's capital."""

    line: Line
    move: Move
    pnl: float
    contribution: float
    low: float | None = None
    """Bounds of a modelled line's `move.total` at 90 %; None where it was not modelled, or nothing tells its error."""
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """A cut of a result: what stands under `key`, its value, profit and loss, and contribution to the total return."""

    key: str | None
    market_value: float
    pnl: float
    contribution: float


@dataclass(frozen=True, slots=True)
class Band:
    """Where the total return lies with probability `level`, as far as `meaning` says."""

    level: float
    low: float
    high: float
    meaning: str
    unknown: float = 0.0
    """Share of capital in modelled lines whose error nothing tells: it is not in the band."""


@dataclass(frozen=True, slots=True)
class ShockResult:
    """What a scenario does to a book. Contributions of `positions`, and of each cut, add up to `total_return`."""

    book: Book
    scenario: Scenario
    positions: tuple[ShockedLine, ...]
    nav_before: float
    nav_after: float
    pnl: float
    total_return: float
    coverage: Mapping[str, float]
    by_segment: tuple[Slice, ...]
    by_sub_segment: tuple[Slice, ...]
    by_country: tuple[Slice, ...]
    by_currency: tuple[Slice, ...]
    issues: tuple[Issue, ...] = ()
    band: Band | None = None
    """None for a scenario that was not observed."""

    def frame(self) -> pd.DataFrame:
        """Return one row per line: value in the book's currency, moves and contribution as fractions."""
        import pandas as pd

        return pd.DataFrame(
            {
                "line_id": [p.line.line_id for p in self.positions],
                "name": [p.line.holding.name or p.line.holding.ticker for p in self.positions],
                "kind": [p.line.holding.kind for p in self.positions],
                "market_value": [p.line.market_value for p in self.positions],
                "weight": [p.line.weight for p in self.positions],
                "shock": [p.move.shock for p in self.positions],
                "fx": [p.move.fx for p in self.positions],
                "total_move": [p.move.total for p in self.positions],
                "low": [p.low for p in self.positions],
                "high": [p.high for p in self.positions],
                "pnl": [p.pnl for p in self.positions],
                "contribution": [p.contribution for p in self.positions],
                "provenance": [p.move.provenance for p in self.positions],
                "via": [p.move.via for p in self.positions],
            }
        )


MEANING = "the error of spreading this day's moves to names without a price, not the risk of the next event"


FORETOLD = "how far predictions of this book from the same names missed on the 125 sessions before, scaled to the day"


def predicted_band(total_return: float, plausible: Mapping[str, Any]) -> Band | None:
    """Give the band of a predicted return, from what `plausibility` says of the book; None where nothing tells."""
    half = plausible["half"]
    if half is None:
        return None
    return Band(BAND_LEVEL, total_return - half, total_return + half, FORETOLD, plausible["unknown"])


def bounds(shock: float, fx: float | None, half: float) -> tuple[float, float]:
    """Give the bounds of a line's total move, its local log move being off by as much as `half`.

    Examples
    --------
    >>> low, high = bounds(-0.10, 0.0, 0.05)
    >>> round(low, 4), round(high, 4)
    (-0.1439, -0.0539)
    """
    grown = (1 + shock) * (1 + (fx or 0.0))
    return grown * exp(-half) - 1, grown * exp(half) - 1


def total_band(
    positions: Iterable[ShockedLine], total_return: float, capital: float, observed: Mapping[str, float]
) -> Band:
    """Put the errors of the lines together: the band of the total.

    Errors of two names of one sub-segment share that of its mean: with n names observed their correlation is
    1/(n + 1); across sub-segments they are taken as independent, within an issuer as one. A line whose error cannot be
    told is left out, and `Band.unknown` is its share of capital.

    Parameters
    ----------
    observed : sub-segment → names observed in it, each counted by its weight.
    """
    down: dict[str, dict[str, float]] = {}
    up: dict[str, dict[str, float]] = {}
    unknown = []
    for position in positions:
        line, value = position.line, position.line.market_value or 0.0
        if position.low is None or position.high is None:
            if position.move.provenance == "modelled":
                unknown.append(abs(value))
            continue
        key = max(line.assignment.parts, key=lambda p: p.weight).segment
        issuer = line.issuer or line.line_id
        ends = value * (position.low - position.move.total), value * (position.high - position.move.total)
        for side, end in ((down, ends[value < 0]), (up, ends[value >= 0])):
            names = side.setdefault(key, {})
            # the sign is kept as that of the position, so that a short hedges a long of the same sub-segment
            names[issuer] = names.get(issuer, 0.0) + (abs(end) if value >= 0 else -abs(end))
    low, high = (_joined(side, observed) / capital for side in (down, up))
    return Band(BAND_LEVEL, total_return - low, total_return + high, MEANING, fsum(unknown) / capital)


def _joined(sides: Mapping[str, Mapping[str, float]], observed: Mapping[str, float]) -> float:
    """Add errors that share, in each sub-segment, the error of its mean."""
    squares = []
    for segment, errors in sides.items():
        together = 1 / (observed.get(segment, 0.0) + 1) if on_chain(segment) or segment in observed else 1.0
        squares.append((1 - together) * fsum(e * e for e in errors.values()) + together * fsum(errors.values()) ** 2)
    return sqrt(fsum(squares))
