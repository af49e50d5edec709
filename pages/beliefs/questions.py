"""What can be asked of a book and its beliefs beyond the total: each answer takes a moment, and is cached by ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from exposure.levers.book import LeverBook
from exposure.scenarios import set_levers
from exposure.types import Scenario
from pages.ui import cache


@cache.until("deletion")
@st.cache_resource(show_spinner="Working it out", max_entries=cache.KEEP)
def answer(question: str, ids: cache.Ids, levers: cache.Levers, *more: Any) -> Any:
    """Answer one of `QUESTIONS` for a stored book at changed levers."""
    beliefs = set_levers(cache.scenario(cache.BELIEFS), dict(levers))
    return QUESTIONS[question](cache.levered(ids, "many"), beliefs, *more)


def _levers(book: LeverBook, scenario: Scenario) -> Any:
    from exposure.levers.book import by_lever

    return by_lever(book, scenario)


def _swings(book: LeverBook, scenario: Scenario, held: tuple[str, ...]) -> Any:
    from exposure.levers.draws import tornado

    return tornado(LeverBook.of(book, scenario), held)


def _indices(book: LeverBook, scenario: Scenario, held: tuple[str, ...], seed: int) -> Any:
    from exposure.levers.draws import sobol

    return sobol(LeverBook.of(book, scenario), seed, held)


def _reverse(book: LeverBook, scenario: Scenario, loss: float) -> Any:
    from exposure.levers.draws import reverse

    return reverse(book, scenario, loss)


def _break_even(book: LeverBook, scenario: Scenario) -> Any:
    from exposure.levers.draws import break_even

    return break_even(book, scenario)


def _surface(book: LeverBook, scenario: Scenario, lever_x: str, lever_y: str) -> Any:
    from exposure.levers.draws import surface

    return surface(LeverBook.of(book, scenario), lever_x, lever_y, POINTS)


def _ridge(book: LeverBook, scenario: Scenario, replay: str) -> Any:
    from exposure.scenarios import load_scenario
    from exposure.scenarios.calibrate import moves_of, ridge

    return ridge(scenario, moves_of(load_scenario(replay)))


def _spread(book: LeverBook, scenario: Scenario, held: tuple[str, ...], seed: int) -> Any:
    from exposure.levers.draws import spread

    return spread(book, scenario, seed=seed, held=held)


POINTS = 31
"""Points of the map along each lever."""
QUESTIONS: Mapping[str, Callable[..., Any]] = {
    "levers": _levers,
    "swings": _swings,
    "indices": _indices,
    "reverse": _reverse,
    "break_even": _break_even,
    "surface": _surface,
    "ridge": _ridge,
    "spread": _spread,
}
