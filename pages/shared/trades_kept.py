"""Trades as they are kept: under the portfolio’s id and the scenario that they were tried on, each by itself."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import streamlit as st

from exposure.shock.effects import WhatIf
from exposure.shock.whatif import Trade
from exposure.types import Scenario
from pages.shared import actions, cache, state

Plain = tuple[tuple[str, str, float, str, str], ...]
"""Trades as plain values: kind, target, amount, unit, side."""


def listed(portfolio: str | int, scenario_id: str) -> dict[int, Trade]:
    """Give the trades kept for a portfolio of an id and a scenario, by their ids in the order of writing."""
    found = cache.store().trades(portfolio, scenario_id)
    said = ("kind", "target", "amount", "unit")
    return {key: Trade(*(v[name] for name in said), v.get("side", "net")) for key, v in found.items()}


def keep(portfolio: str | int, scenario_id: str, trade: Trade) -> None:
    """Keep a trade after those that are there."""
    cache.store().try_trade(portfolio, scenario_id, asdict(trade))


def remove(keys: list[int], label: str) -> None:
    """Take trades away, in a way that can be undone."""

    def change() -> str:
        st.session_state[state.UNDO] = ["trades", cache.store().take_trades(keys), label]
        return f"Taken away: {label}."

    actions.act(change)


def remove_chosen(field: str, labels: dict[int, str]) -> None:
    """Take the trade away that a field names at the moment of the click."""
    key = st.session_state.get(field)
    if key in labels:
        remove([key], labels[key])


def tried(ids: cache.Ids, trades: list[Trade], scenario: Scenario) -> WhatIf:
    """Give what trades do to a stored book on a scenario."""
    plain = tuple((t.kind, t.target, t.amount, t.unit, t.side) for t in trades)
    return _tried(ids, plain, scenario.hash, scenario)


@st.cache_resource(show_spinner="Trying the trades", max_entries=cache.KEEP)
def _tried(ids: cache.Ids, trades: Plain, scenario_hash: str, _scenario: Scenario) -> WhatIf:
    from exposure.shock.effects import what_if

    book = cache._book(*ids)
    return what_if(book, _scenario, [Trade(*each) for each in trades])  # type: ignore[arg-type]


def volumes(portfolio: str, symbols: tuple[str, ...], day: Any) -> Any:
    """Give the closes and volumes of some listings over the weeks before a day."""
    return _volumes(cache.url(), portfolio, cache.prices_version(portfolio), symbols, day)


@st.cache_resource(show_spinner=False, max_entries=cache.KEEP, ttl="10m")
def _volumes(url: str, portfolio: str, version: str, symbols: tuple[str, ...], day: Any) -> Any:
    from datetime import timedelta

    return cache.store().market(symbols, day - timedelta(days=60), day, portfolio=portfolio)
