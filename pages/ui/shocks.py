"""Scenarios applied to stored books: completed with the stored prices where they wait for some; keyed as in `cache`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from exposure import flow
from exposure.errors import ExposureError
from exposure.scenarios import complete, library
from exposure.trades import Trade
from exposure.types import Prediction, Scenario
from pages.ui import cache

if TYPE_CHECKING:
    from exposure.shock import ShockResult
    from exposure.spread import Day, LeftOut
    from exposure.trades import WhatIf


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
    if not scenario.needs_prices:
        return scenario
    return _ready(cache.url(), portfolio, cache.prices_version(portfolio), scenario.hash, scenario)


@st.cache_resource(show_spinner="Reading the prices of those days", max_entries=cache.KEEP)
def _ready(url: str, portfolio: str, version: str, scenario_hash: str, _waiting: Scenario) -> Scenario:
    if isinstance(_waiting, Prediction):
        from exposure.scenarios import predict

        known = _known(url, portfolio, version, _waiting)
        return predict(_waiting, _prices(url, portfolio, version, *_span(_waiting)), known)
    return complete(_waiting, _prices(url, portfolio, version, *_span(_waiting)))


def plausible(portfolio: str, snapshot_id: int, currency: str | None, waiting: Scenario) -> dict[str, Any]:
    """Say how unusual the given moves of a prediction are, and what the worst day as unusual costs the book."""
    from exposure.scenarios import plausibility

    whole, url, version = ready(portfolio, waiting), cache.url(), cache.prices_version(portfolio)
    assert isinstance(waiting, Prediction) and isinstance(whole, Prediction)
    known, book = _known(url, portfolio, version, waiting), cache.book(portfolio, snapshot_id, currency)
    market = _prices(url, portfolio, version, *_span(waiting))
    return plausibility(whole, market, book, known)


def banded(result: ShockResult, portfolio: str, snapshot_id: int, currency: str | None) -> ShockResult:
    """Give the result of a prediction with the band of the book's return, where the prices that tell it are stored."""
    from exposure.shock import predicted_band

    try:
        found = plausible(portfolio, snapshot_id, currency, result.scenario)
    except ExposureError:
        return result
    return replace(result, band=predicted_band(result.total_return, found))


def _known(url: str, portfolio: str, version: str, waiting: Prediction) -> Any:
    from exposure.scenarios import references

    return _learnt(url, portfolio, version, waiting.as_of, references(waiting))


@st.cache_resource(show_spinner="Learning how the names move together", max_entries=4)
def _learnt(url: str, portfolio: str, version: str, as_of: date, references: tuple[str, ...]) -> Any:
    from exposure.scenarios import learn_covariance

    return learn_covariance(_prices(url, portfolio, version, as_of - HISTORY, as_of), as_of, references)


def _span(waiting: Scenario) -> tuple[date, date]:
    if isinstance(waiting, Prediction):
        return waiting.as_of - HISTORY, waiting.as_of
    assert waiting.start is not None and waiting.end is not None
    days = [waiting.start, waiting.end, *(d for w in waiting.windows.values() for d in (w.start, w.end))]
    return min(days) - BEFORE, max(days) + AFTER


@st.cache_resource(show_spinner="Loading prices", max_entries=3, ttl="10m")
def _prices(url: str, portfolio: str, version: str, start: date, end: date) -> Any:
    return cache.store().market(start=start, end=end, portfolio=portfolio)


def shock(portfolio: str, snapshot_id: int, currency: str | None, scenario_id: str, *, horizon: int = 1) -> ShockResult:
    """Apply a scenario of the library to a stored snapshot."""
    return shock_of(portfolio, snapshot_id, currency, cache.scenario(scenario_id, horizon))


def shock_of(portfolio: str, snapshot_id: int, currency: str | None, scenario: Scenario) -> ShockResult:
    """Apply any scenario to a stored snapshot; its hash tells it from every other."""
    scenario = ready(portfolio, scenario)
    return _shock(cache.ids(portfolio, snapshot_id, currency), scenario.hash, scenario)


@cache.until("prices", "deletion")
@st.cache_resource(show_spinner="Applying the scenario", max_entries=cache.KEEP)
def _shock(ids: cache.Ids, scenario_hash: str, _scenario: Scenario) -> ShockResult:  # the hash is in the key
    result = flow.shock(cache.book_of(ids), _scenario)
    return banded(result, *ids[1:4]) if _scenario.predicted else result


def tried(ids: cache.Ids, trades: Sequence[Trade], scenario: Scenario) -> WhatIf:
    """Give what trades do to a stored book on a scenario."""
    return _tried(ids, tuple(trades), scenario.hash, scenario)


@cache.until("deletion")
@st.cache_resource(show_spinner="Trying the trades", max_entries=cache.KEEP, hash_funcs={Trade: repr})
def _tried(ids: cache.Ids, trades: tuple[Trade, ...], scenario_hash: str, _scenario: Scenario) -> WhatIf:
    from exposure.trades import what_if

    return what_if(cache.book_of(ids), _scenario, trades)


@st.cache_resource(show_spinner=False, max_entries=32)
def day_of(episode: str) -> Day:
    """Give the observed moves of an episode."""
    from exposure.spread import Day

    return Day(cache.scenario(episode))


def names_left_out(scenario: Scenario) -> LeftOut | None:
    """Give the shipped predictions of a replay of the library as it stands there; None where nothing is shipped."""
    ours = scenario.id in _replays() and cache.scenario(scenario.id).hash == scenario.hash
    return _shipped(scenario.id) if ours else None


@st.cache_resource(show_spinner=False, max_entries=32)
def _shipped(episode: str) -> LeftOut | None:
    from exposure.spread import shipped_left_out

    return shipped_left_out(day_of(episode).names)


@st.cache_resource(show_spinner=False, max_entries=1)
def _replays() -> frozenset[str]:
    return frozenset(e.id for e in library() if e.kind == "replay")
