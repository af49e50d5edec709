"""Every figure of one path at once, to be set beside another’s: depth, length, pain, and what was paid for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from exposure.history import statistics as measures
from exposure.history.statistics import YEAR
from exposure.market import Days, Floats


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a path; fractions, losses negative, lengths in sessions; None where there is nothing to tell."""

    start: date
    end: date
    days: int
    total_return: float
    yearly_return: float | None
    """Compound, by years of 252 sessions; None where the path is shorter than one, for it would be a forecast."""
    volatility: float | None
    """Yearly, from simple returns of sessions."""
    max_drawdown: float
    peak: date | None
    trough: date | None
    recovered: date | None
    days_down: int | None
    days_to_recover: int | None
    current_drawdown: float
    underwater_share: float
    longest_underwater: int
    """Sessions of the longest stretch below one peak, an open one counted to the end."""
    ulcer_index: float
    pain_index: float
    cdar_95: float
    expected_drawdown: float | None
    calmar: float | None


class Month(NamedTuple):
    """One month of a path: its return, and how far below the highest level so far its lowest session stood."""

    year: int
    month: int
    total_return: float
    lowest: float
    days: int
    """Sessions, the base not among them."""


def figures_of(dates: Days, path: Floats) -> Figures:
    """Take every figure of a path.

    Parameters
    ----------
    dates : T session dates, the base among them
    path : T levels, the base first; positive
    """
    days: list[date] = dates.tolist()
    falls, below = measures.spells(path), measures.underwater(path)
    worst = min(falls, key=lambda fall: fall.depth, default=None)
    back = worst.recovered if worst else None
    returns, years = path[1:] / path[:-1] - 1.0, (len(path) - 1) / YEAR
    grown = float(path[-1] / path[0])
    return Figures(
        start=days[0],
        end=days[-1],
        days=len(days),
        total_return=grown - 1.0,
        yearly_return=grown ** (1.0 / years) - 1.0 if years >= 1.0 and grown >= 0 else None,
        volatility=float(returns.std(ddof=1) * np.sqrt(YEAR)) if len(returns) > 1 else None,
        max_drawdown=float(below.min()),
        peak=days[worst.peak] if worst else None,
        trough=days[worst.trough] if worst else None,
        recovered=None if back is None else days[back],
        days_down=worst.trough - worst.peak if worst else None,
        days_to_recover=back - worst.trough if worst and back is not None else None,
        current_drawdown=float(below[-1]),
        underwater_share=float((below < 0).mean()),
        longest_underwater=max((_length(fall, len(path)) for fall in falls), default=0),
        ulcer_index=float(measures.ulcer_index(path)),
        pain_index=float(measures.pain_index(path)),
        cdar_95=float(measures.cdar(path, 0.95)),
        expected_drawdown=_known(measures.expected_drawdown(path)),
        calmar=_known(measures.calmar(path)),
    )


def _length(fall: measures.Spell, sessions: int) -> int:
    return (sessions - 1 if fall.recovered is None else fall.recovered) - fall.peak


def _known(value: float) -> float | None:
    return float(value) if value == value else None


def months_of(dates: Days, path: Floats) -> tuple[Month, ...]:
    """Cut a path by calendar months, in order; the first and the last may be parts of one.

    A month's return is its last level over the last one before it (in the first month over the base), so the months
    compound to the whole.
    """
    if len(path) < 2:
        return ()
    below, month = measures.underwater(path), dates[1:].astype("datetime64[M]")
    begins = np.concatenate([[0], np.flatnonzero(month[1:] != month[:-1]) + 1, [len(month)]])
    out = []
    for first, last in zip(begins[:-1].tolist(), begins[1:].tolist(), strict=True):
        year, of_year = divmod(int(month[first].astype(int)), 12)
        move = float(path[last] / path[first] - 1.0)
        out.append(Month(1970 + year, of_year + 1, move, float(below[first + 1 : last + 1].min()), last - first))
    return tuple(out)
