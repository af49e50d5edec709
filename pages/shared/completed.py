"""Scenarios that wait for prices, completed with the stored ones; keyed by ids, as in `cache`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from exposure.errors import ExposureError
from exposure.scenarios import complete, waits
from exposure.types import Scenario
from pages.shared import cache

if TYPE_CHECKING:
    from exposure.shock.result import ShockResult

BEFORE, AFTER = timedelta(days=45), timedelta(days=62)
"""What is read around two dates: the last exchange rate that can stand, a shut market's close, twenty sessions."""
HISTORY = timedelta(days=800)
"""What is read before a prediction: 500 sessions."""


def ready(portfolio: str, scenario: Scenario) -> Scenario:
    """Give a scenario that can be applied to a portfolio: by its prices where it waits for some.

    Raises
    ------
    MissingPrice : the stored prices do not reach the days that the scenario needs.
    """
    if not waits(scenario):
        return scenario
    return _ready(cache.url(), portfolio, cache.prices_version(portfolio), scenario.hash, scenario)


@st.cache_resource(show_spinner="Reading the prices of those days", max_entries=cache.KEEP)
def _ready(url: str, portfolio: str, version: str, scenario_hash: str, _waiting: Scenario) -> Scenario:
    if _waiting.kind == "predictive":
        from exposure.scenarios.foretell import foretell

        known = _known(url, portfolio, version, _waiting)
        return foretell(_waiting, _prices(url, portfolio, version, *_span(_waiting)), known)
    return complete(_waiting, _prices(url, portfolio, version, *_span(_waiting)))


def plausible(portfolio: str, snapshot_id: int, currency: str | None, waiting: Scenario) -> dict[str, Any]:
    """Say how unusual the given moves of a prediction are, and what the worst day as unusual costs the book."""
    from exposure.scenarios.foretell import plausibility

    url, version = cache.url(), cache.prices_version(portfolio)
    known, book = _known(url, portfolio, version, waiting), cache.book(portfolio, snapshot_id, currency)
    market = _prices(url, portfolio, version, *_span(waiting))
    return plausibility(ready(portfolio, waiting), market, book, known)


def banded(result: ShockResult, portfolio: str, snapshot_id: int, currency: str | None) -> ShockResult:
    """Give the result of a prediction with the band of the book's return, where the prices that tell it are stored."""
    from exposure.shock.bands import foretold_band

    try:
        found = plausible(portfolio, snapshot_id, currency, result.scenario)
    except ExposureError:
        return result
    return replace(result, band=foretold_band(result.total_return, found))


def _known(url: str, portfolio: str, version: str, waiting: Scenario) -> Any:
    from exposure.scenarios.foretell import references

    assert waiting.as_of is not None
    return _learnt(url, portfolio, version, waiting.as_of, references(waiting))


@st.cache_resource(show_spinner="Learning how the names move together", max_entries=4)
def _learnt(url: str, portfolio: str, version: str, as_of: date, references: tuple[str, ...]) -> Any:
    from exposure.scenarios.prediction_errors import learn

    return learn(_prices(url, portfolio, version, as_of - HISTORY, as_of), as_of, references)


def _span(waiting: Scenario) -> tuple[date, date]:
    if waiting.kind == "predictive":
        assert waiting.as_of is not None
        return waiting.as_of - HISTORY, waiting.as_of
    assert waiting.start is not None and waiting.end is not None
    days = [waiting.start, waiting.end, *(d for w in waiting.windows.values() for d in (w.start, w.end))]
    return min(days) - BEFORE, max(days) + AFTER


@st.cache_resource(show_spinner="Loading prices", max_entries=3, ttl="10m")
def _prices(url: str, portfolio: str, version: str, start: date, end: date) -> Any:
    return cache.store().market(start=start, end=end, portfolio=portfolio)
