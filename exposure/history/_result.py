"""The answer to a question of drawdown, as a noun: with its coverage and all that a reader has to know of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from exposure.history._align import Closes
from exposure.history._statistics import YEAR, rolling_max_drawdown
from exposure.messages import words
from exposure.prices import Days, Floats
from exposure.types import Book, Issue

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Episode:
    """A fall from a peak: dates, depth (negative fraction) and lengths in sessions; open ones have no end."""

    peak: date
    trough: date
    recovered: date | None
    depth: float
    days_down: int
    """Sessions from the peak to the trough."""
    days_to_recover: int | None
    """Sessions from the trough to the recovery."""


@dataclass(frozen=True, slots=True)
class SegmentFall:
    """A segment's own deepest drawdown (None where none of its lines is priced) and its part in the book's."""

    segment: str
    max_drawdown: float | None
    contribution: float


@dataclass(frozen=True, slots=True)
class HoldingFall:
    """A line's part in the book's deepest drawdown."""

    line_id: str
    name: str
    segment: str
    """The top segment with the largest share of it."""
    contribution: float


@dataclass(frozen=True, slots=True)
class Flow:
    """Money that came in (positive) or went out with a snapshot, in the book's currency; never part of a return."""

    date: date
    value: float
    added: int
    """Lines of which more was held than before."""
    reduced: int

    @property
    def what(self) -> str:
        """What it was, in words."""
        code = "flow.paid-in" if self.value > 0 else "flow.paid-out"
        return words(code, {"added": self.added, "reduced": self.reduced})


@dataclass(frozen=True, slots=True)
class Trade:
    """A change of one line between two snapshots, valued at the later one's prices; positive where it was bought."""

    date: date
    line_id: str
    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Unrated:
    """A pair of currencies without a rate on dates with prices: the lines concerned are not valued there."""

    currency: str
    base: str
    start: date
    end: date
    """First and last such date."""
    dates: int
    weight: float | None
    """Share of gross exposure of the lines concerned; None where no rate values them on the book's own day either."""
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class DrawdownResult:
    """How holdings fell or would have fallen; days are sessions, and the base date is one of them."""

    book: Book
    """The one measured; of several snapshots the latest."""
    hold: Literal["weights", "quantities", "snapshots"]
    """What is held: today's weights or quantities, in hindsight, or each snapshot's quantities in its time."""
    start: date
    """`from` of the interface: the session before the first return."""
    end: date
    days: int
    max_drawdown: float
    peak: date | None
    """None, as `trough`, where the path never fell."""
    trough: date | None
    recovered: date | None
    current_drawdown: float
    underwater_share: float
    ulcer_index: float
    """Positive."""
    pain_index: float
    cdar_95: float
    covered_weight: Mapping[str, float]
    """`start` and `end`: the share of the whole book's gross weight in the first and the last return."""
    coverage: Mapping[str, float]
    episodes: tuple[Episode, ...]
    """The ten deepest, deepest first."""
    by_segment: tuple[SegmentFall, ...]
    missing_prices: tuple[str, ...]
    issues: tuple[Issue, ...]
    dates: Days
    wealth: Floats
    underwater: Floats
    closes: Closes = "local"
    capital_basis: Literal["nav", "gross"] = "nav"
    """What each return is a share of, on every session of the path."""
    expected_drawdown: float | None = None
    """Mean of the deepest drawdowns over all windows of a year; None where no year fits."""
    calmar: float | None = None
    """None where the path never falls."""
    by_holding: tuple[HoldingFall, ...] = ()
    """Every line, the largest part of the loss first; the parts add up to `max_drawdown`."""
    flows: tuple[Flow, ...] = ()
    trades: tuple[Trade, ...] = ()
    missing_rates: tuple[Unrated, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Give the fields of the interface, ready for JSON."""
        return {
            "basis": self.book.basis,
            "capital_basis": self.capital_basis,
            "currency": self.book.currency,
            "as_of": _iso(self.book.as_of),
            "hold": self.hold,
            "from": _iso(self.start),
            "to": _iso(self.end),
            "days": self.days,
            "max_drawdown": self.max_drawdown,
            "peak": _iso(self.peak),
            "trough": _iso(self.trough),
            "recovered": _iso(self.recovered),
            "current_drawdown": self.current_drawdown,
            "underwater_share": self.underwater_share,
            "ulcer_index": self.ulcer_index,
            "pain_index": self.pain_index,
            "cdar_95": self.cdar_95,
            "covered_weight": dict(self.covered_weight),
            "coverage": dict(self.coverage),
            "episodes": [
                {
                    "peak": _iso(e.peak),
                    "trough": _iso(e.trough),
                    "recovered": _iso(e.recovered),
                    "depth": e.depth,
                    "days_down": e.days_down,
                    "days_to_recover": e.days_to_recover,
                }
                for e in self.episodes
            ],
            "by_segment": [
                {"segment": s.segment, "max_drawdown": s.max_drawdown, "contribution": s.contribution}
                for s in self.by_segment
            ],
            "missing_prices": list(self.missing_prices),
            "missing_rates": [
                {
                    "currency": u.currency,
                    "base": u.base,
                    "from": _iso(u.start),
                    "to": _iso(u.end),
                    "dates": u.dates,
                    "weight": u.weight,
                    "lines": list(u.lines),
                }
                for u in self.missing_rates
            ],
            "closes": self.closes,
            "expected_drawdown": self.expected_drawdown,
            "calmar": self.calmar,
            "by_holding": [
                {"line_id": h.line_id, "name": h.name, "segment": h.segment, "contribution": h.contribution}
                for h in self.by_holding
            ],
            "flows": [{"date": _iso(f.date), "value": f.value, "what": f.what} for f in self.flows],
            "issues": [issue.to_dict() for issue in self.issues],
        }

    def frame(self) -> pd.DataFrame:
        """Return one row for each session (index `date`): `wealth`, 1 at the base, and `underwater`, a fraction ≤ 0."""
        import pandas as pd

        index = pd.DatetimeIndex(self.dates, name="date")
        return pd.DataFrame({"wealth": self.wealth, "underwater": self.underwater}, index=index)

    def rolling(self, window: int = YEAR) -> tuple[Days, Floats]:
        """Give the deepest drawdown within the `window` sessions up to each date, from the first full window on."""
        each = rolling_max_drawdown(self.wealth, window)
        return self.dates[len(self.dates) - len(each) :], each


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
