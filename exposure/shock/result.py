"""What a shock returns: the move of each line and what it costs, cut by segment, country and currency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from exposure.chain.scheme import top
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
            keys |= {*fine, *map(top, fine), line.country, line.currency, *(leg.currency for leg in line.legs)}
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
