"""Drawdown of today's holdings: the answer as a noun, with its coverage and all that a reader has to know of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from exposure.history import drawdown as measures
from exposure.history import notices
from exposure.history.path import Hold, Path, trace
from exposure.history.quotes import Rates, State, gross_of, named
from exposure.market import Days, Floats, Market
from exposure.types import Book, Issue

if TYPE_CHECKING:
    import pandas as pd

DEEPEST = 10
STATES: tuple[State, ...] = ("priced", "proxy", "none", "cash")


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


@dataclass(frozen=True, slots=True, eq=False)
class DrawdownResult:
    """How today's holdings would have fallen; days are sessions, and the base date is one of them."""

    book: Book
    hold: Hold
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

    def to_dict(self) -> dict[str, Any]:
        """Give the fields of the interface, ready for JSON."""
        return {
            "basis": self.book.basis,
            "capital_basis": self.book.capital_basis,
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
            "issues": [
                {"severity": i.severity, "what": i.what, "row": i.row, "weight": i.weight, "remedy": i.remedy}
                for i in self.issues
            ],
        }

    def frame(self) -> pd.DataFrame:
        """Return one row for each session (index `date`): `wealth`, 1 at the base, and `underwater`, a fraction ≤ 0."""
        import pandas as pd

        index = pd.DatetimeIndex(self.dates, name="date")
        return pd.DataFrame({"wealth": self.wealth, "underwater": self.underwater}, index=index)


def drawdown(
    book: Book,
    market: Market,
    *,
    start: date | None = None,
    end: date | None = None,
    hold: Hold = "weights",
    rates: Rates | None = None,
) -> DrawdownResult:
    """Measure how today's holdings fell over past sessions.

    Parameters
    ----------
    book : its weights are held, or with `hold="quantities"` its quantities, their value followed along the prices
    market : daily prices; returns are taken from `adj_close` where there is one
    start, end : first and last session to look at
    rates : `(currency, base, date) → rate`, for prices in another currency than the book's; the market's own `EURUSD=X`
        and the like serve where it knows nothing. Without either, returns stay local and an Issue says so.

    Raises
    ------
    MissingPrice
        No line has a price, or the period holds fewer than two sessions.

    Notes
    -----
    The history starts on the first session on which 80 % of the weight that has any price is priced, cash counting as
    priced. A session's return uses the lines priced on it and on the session before, their weights rescaled to 1 (to
    their gross where their net is under 5 % of it); a missing price is never a zero. So a line whose market is
    shut on a session is in neither of the two returns that meet there, and its move across the holiday is lost; an
    Issue gives the share. A date on which less than half of the weight then listed trades is no session of the
    book: the next return spans it, and what is shut on it loses nothing. Cash earns nothing but the move of its
    currency.

    A segment's contribution links its part of each return by the level before it, over the level at the peak:
    `Σ W(t−1)·c(t) / W(peak)` from peak to trough; over the segments they sum to the drawdown.
    """
    path = trace(book, market, start=start, end=end, hold=hold, rates=rates)
    falls = measures.spells(path.wealth)
    deepest = sorted(falls, key=lambda f: f.depth)
    dates: list[date] = path.dates.tolist()
    episodes = tuple(_episode(f, dates) for f in deepest[:DEEPEST])
    worst = episodes[0] if episodes else None
    below = measures.underwater(path.wealth)
    missing = [line for line, q in zip(book.lines, path.quotes, strict=True) if q.state == "none"]
    return DrawdownResult(
        book=book,
        hold=hold,
        start=dates[0],
        end=dates[-1],
        days=len(dates),
        max_drawdown=float(below.min()),
        peak=worst.peak if worst else None,
        trough=worst.trough if worst else None,
        recovered=worst.recovered if worst else None,
        current_drawdown=float(below[-1]),
        underwater_share=float(measures.underwater_share(path.wealth)),
        ulcer_index=float(measures.ulcer_index(path.wealth)),
        pain_index=float(measures.pain_index(path.wealth)),
        cdar_95=float(measures.cdar(path.wealth, 0.95)),
        covered_weight={"start": float(path.covered[0]), "end": float(path.covered[-1])},
        coverage=_coverage(book, path),
        episodes=episodes,
        by_segment=_by_segment(path, deepest[0] if deepest else None),
        missing_prices=tuple(dict.fromkeys(named(line) for line in missing)),
        issues=(*notices.of_path(book, path), *notices.of_market(market)),
        dates=path.dates,
        wealth=path.wealth,
        underwater=below,
    )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _episode(fall: measures.Spell, dates: list[date]) -> Episode:
    back = fall.recovered
    return Episode(
        peak=dates[fall.peak],
        trough=dates[fall.trough],
        recovered=None if back is None else dates[back],
        depth=fall.depth,
        days_down=fall.trough - fall.peak,
        days_to_recover=None if back is None else back - fall.trough,
    )


def _coverage(book: Book, path: Path) -> dict[str, float]:
    whole = gross_of(book)
    shares = dict.fromkeys(map(str, STATES), 0.0)
    for line, q in zip(book.lines, path.quotes, strict=True):
        shares[q.state] += abs(line.weight) / whole if whole else 0.0
    return shares


def _by_segment(path: Path, fall: measures.Spell | None) -> tuple[SegmentFall, ...]:
    own = measures.max_drawdown(path.segment_wealth)
    between = slice(fall.peak, fall.trough) if fall else slice(0, 0)
    level = path.wealth[between] / path.wealth[fall.peak if fall else 0]
    linked = path.parts[:, between] @ level
    return tuple(
        SegmentFall(s, float(own[k]) if path.measured[k] else None, float(linked[k]))
        for k, s in enumerate(path.segments)
    )
