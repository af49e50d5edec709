"""Histories beside one another and beside a shock: common sessions, an event's path, the rank of a fall."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from exposure.errors import MissingPrice
from exposure.history import _statistics as measures
from exposure.history._align import Closes, standing, traded
from exposure.history._path import Hold, value_path
from exposure.history._quotes import Rates, with_means
from exposure.history._result import DrawdownResult
from exposure.history._statistics import Figures, figures_of
from exposure.prices import Days, Floats, Market
from exposure.types import Book

BEFORE, AFTER = 5, 60
RECOVERY_SESSIONS = (1, 5, 20, 60)
"""Sessions after an event's day at which the share recovered is told."""
ENOUGH = 0.95
"""Share of the sessions for which a benchmark has to have a close, to be compared and shorten nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """One history among several, over the sessions that all of them have; its level there starts at 1."""

    name: str
    wealth: Floats
    underwater: Floats
    max_drawdown: float
    peak: date | None
    trough: date | None
    recovered: date | None
    current_drawdown: float
    total_return: float
    figures: Figures
    """Every figure of it over the common sessions."""


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Several histories over their common sessions; `missing` names benchmarks without prices there."""

    dates: Days
    each: tuple[Compared, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class EventPath:
    """A book around a day: T sessions, the level 1 at the close before the day; positions count from the day, 0."""

    day: date
    """The first session on or after the day asked for."""
    dates: Days
    position: tuple[int, ...]
    """Sessions from the day: −5 … 60, fewer where prices end; the base is at −1."""
    wealth: Floats
    fall: float
    """The day's own return."""
    recovered: Mapping[int, float | None]
    """Sessions after the day → share of the day's fall that was made up by then: 1 all, below 0 where it went on
    falling; None beyond the prices, or where the day was no fall."""
    covered: float | None = None
    """Share of the book's gross weight in the day's return; None where the path alone is known."""


@dataclass(frozen=True, slots=True)
class Rank:
    """Where a loss stands in a history. `of` counts its falls, `rank` 1 means that none was as deep."""

    loss: float
    rank: int
    of: int
    as_deep: date | None
    """Trough (or day) of the shallowest one that was as deep, None where none was."""
    share_of_days: float
    """Share of sessions on which the drawdown (or the return) was as deep as that or deeper."""
    drawdown_after: float
    """The drawdown at which the loss, added today, would leave the book: from its highest level so far."""


def compare(
    results: Mapping[str, DrawdownResult], market: Market | None = None, benchmarks: tuple[str, ...] = ()
) -> Comparison:
    """Lay histories, and series of the market as benchmarks, over the sessions that all of them have.

    A benchmark's level is its `adj_close`, in its own currency, at its last close up to each session, as for a line of
    a book: a day on which its exchange rests moves nothing, and its move is in the next one. Between two common
    sessions each goes its own way: only the levels on them are compared.

    Raises
    ------
    MissingPrice
        Fewer than two sessions are common to the histories.
    """
    levels = {name: (r.dates, r.wealth) for name, r in results.items()}
    common = _common([dates for dates, _ in levels.values()])
    missing = []
    for symbol in benchmarks:
        series = market.series.get(symbol) if market is not None else None
        own = None if series is None else traded(series, {})
        shared = common[:0] if own is None else common[standing(own.days, common)]
        # One that lacks a session or two narrows the comparison; one that lacks the start would shorten it.
        if own is None or len(shared) < 2 or len(shared) < ENOUGH * len(common):
            missing.append(symbol)
        else:
            levels[symbol], common = (own.days, own.price), shared
    if len(common) < 2:
        raise MissingPrice("history.nothing-common")
    return Comparison(common, tuple(_compared(n, common, *pair) for n, pair in levels.items()), tuple(missing))


def _common(each: list[Days]) -> Days:
    common = each[0] if each else np.array([], "datetime64[D]")
    for dates in each[1:]:
        common = np.intersect1d(common, dates, assume_unique=True)
    return common


def _compared(name: str, common: Days, dates: Days, level: Floats) -> Compared:
    path = level[np.searchsorted(dates, common, side="right") - 1]
    path = path / path[0]
    own = figures_of(common, path)
    return Compared(
        name=name,
        wealth=path,
        underwater=measures.underwater(path),
        max_drawdown=own.max_drawdown,
        peak=own.peak,
        trough=own.trough,
        recovered=own.recovered,
        current_drawdown=own.current_drawdown,
        total_return=own.total_return,
        figures=own,
    )


def event_path(
    book: Book,
    market: Market,
    day: date,
    *,
    before: int = BEFORE,
    after: int = AFTER,
    hold: Hold = "quantities",
    rates: Rates | None = None,
    closes: Closes = "local",
    proxies: Mapping[str, str] | None = None,
) -> EventPath:
    """Follow a book through an event, by default from five sessions before its day to sixty after.

    Quantities are held by default: after a fall nobody rebalances to the weights of the day before. The share recovered
    after k sessions is `(W(k) − W(0)) / (W(−1) − W(0))`: 0 at the day's close, 1 where the fall is made up.

    Raises
    ------
    MissingPrice
        No session follows the day, or none lies before it.
    """
    market = with_means(market, (proxies or {}).values())
    path = value_path(book, market, hold=hold, rates=rates, closes=closes, proxies=proxies)
    return _around(day, path.dates, path.wealth, before=before, after=after, covered=path.covered)


def event_of(result: DrawdownResult, day: date, *, before: int = BEFORE, after: int = AFTER) -> EventPath:
    """Cut a history that is measured already around a day; for the rest as `event_path`."""
    return _around(day, result.dates, result.wealth, before=before, after=after)


def _around(
    day: date, dates: Days, wealth: Floats, *, before: int, after: int, covered: Floats | None = None
) -> EventPath:
    at = int(np.searchsorted(dates, np.datetime64(day, "D")))
    if not 0 < at < len(dates):
        raise MissingPrice("history.day-outside", day=day.isoformat(), start=str(dates[0]), end=str(dates[-1]))
    first, last = max(at - before, 0), min(at + after, len(dates) - 1)
    level = wealth[first : last + 1] / wealth[at - 1]
    day_level = float(wealth[at] / wealth[at - 1])
    back: dict[int, float | None] = {}
    for k in RECOVERY_SESSIONS:
        known = day_level < 1.0 and at + k < len(wealth)
        back[k] = float((wealth[at + k] / wealth[at - 1] - day_level) / (1.0 - day_level)) if known else None
    return EventPath(
        day=dates[at].item(),
        dates=dates[first : last + 1],
        position=tuple(range(first - at, last - at + 1)),
        wealth=level,
        fall=day_level - 1.0,
        recovered=back,
        covered=None if covered is None else float(covered[at - 1]),
    )


def rank_of(result: DrawdownResult, loss: float) -> Rank:
    """Rank a total return among all past falls from a peak: how deep would this shock put us in our own history.

    A rank of 3 of 40 says that two of forty falls were as deep or deeper.
    """
    falls = measures.spells(result.wealth)
    bound = loss + measures.ROUNDING
    deeper = [f for f in falls if f.depth <= bound]
    least = max(deeper, key=lambda f: f.depth, default=None)
    return Rank(
        loss=loss,
        rank=len(deeper) + 1,
        of=len(falls),
        as_deep=result.dates[least.trough].item() if least else None,
        share_of_days=float((result.underwater <= bound).mean()),
        drawdown_after=_after(result, loss),
    )


def rank_of_day(result: DrawdownResult, loss: float) -> Rank:
    """Rank a total return among all past sessions that fell: the one-day reading of the same question."""
    moves = result.wealth[1:] / result.wealth[:-1] - 1.0
    bound = loss + measures.ROUNDING
    deeper = np.flatnonzero(moves <= bound)
    least = deeper[np.argmax(moves[deeper])] if len(deeper) else None
    return Rank(
        loss=loss,
        rank=len(deeper) + 1,
        of=int((moves < 0).sum()),
        as_deep=result.dates[least + 1].item() if least is not None else None,
        share_of_days=float((moves <= bound).mean()),
        drawdown_after=_after(result, loss),
    )


def _after(result: DrawdownResult, loss: float) -> float:
    return (1.0 + result.current_drawdown) * (1.0 + loss) - 1.0
