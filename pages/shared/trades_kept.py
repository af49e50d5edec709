"""Trades as they are kept: with the scenario and the portfolio that they were tried on, each by itself in the store."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import asdict
from typing import Any

import streamlit as st

from exposure.shock.effects import WhatIf
from exposure.shock.whatif import Trade
from exposure.types import Scenario
from pages.shared import actions, cache, state

PREFIX = "trade:"
Plain = tuple[tuple[str, str, float, str, str], ...]
"""Trades as plain values: kind, target, amount, unit, side."""


def listed(portfolio: str, scenario_id: str) -> dict[str, Trade]:
    """Give the trades kept for a portfolio and a scenario, by key in the order in which they were written."""
    found = cache.store().settings(_prefix(portfolio, scenario_id))
    said = ("kind", "target", "amount", "unit")
    return {key: Trade(*(v[name] for name in said), v.get("side", "net")) for key, v in found.items()}


def keep(portfolio: str, scenario_id: str, trade: Trade) -> None:
    """Keep a trade after those that are there."""
    prefix = _prefix(portfolio, scenario_id)
    last = max((int(key.split(":")[2]) for key in cache.store().settings(prefix)), default=0)
    # The random end keeps two that are written at the same moment apart.
    key = f"{prefix}{last + 1:06d}:{secrets.token_hex(4)}"
    cache.store().save_setting(key, {**asdict(trade), "portfolio": portfolio, "scenario": scenario_id})


def remove(keys: list[str], label: str) -> None:
    """Take trades away, in a way that can be undone."""

    def change() -> str:
        store = cache.store()
        gone: list[tuple[str, Any]] = []
        for key in keys:
            gone += store.settings(key).items()
            store.remove_settings(key)
        st.session_state[state.UNDO] = ["trades", [list(each) for each in gone], label]
        return f"Taken away: {label}."

    actions.act(change)


def remove_chosen(field: str, labels: dict[str, str]) -> None:
    """Take the trade away that a field names at the moment of the click."""
    key = st.session_state.get(field)
    if key in labels:
        remove([key], labels[key])


def _prefix(portfolio: str, scenario_id: str) -> str:
    """Name a portfolio and a scenario by a hash: the key of a choice holds plain characters only."""
    digest = hashlib.sha256(f"{portfolio}\0{scenario_id}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"{PREFIX}{digest[:24]}:"


def tried(ids: cache.Ids, trades: list[Trade], scenario: Scenario) -> WhatIf:
    """Give what trades do to a stored book on a scenario."""
    plain = tuple((t.kind, t.target, t.amount, t.unit, t.side) for t in trades)
    return _tried(ids, plain, scenario.hash, scenario)


@st.cache_resource(show_spinner="Trying the trades", max_entries=cache.KEEP)
def _tried(ids: cache.Ids, trades: Plain, scenario_hash: str, _scenario: Scenario) -> WhatIf:
    from exposure.shock.effects import what_if

    book = cache.book(*ids[1:4])
    return what_if(book, _scenario, [Trade(*each) for each in trades])  # type: ignore[arg-type]


def volumes(portfolio: str, symbols: tuple[str, ...], day: Any) -> Any:
    """Give the closes and volumes of some listings over the weeks before a day."""
    return _volumes(cache.url(), portfolio, cache.prices_version(portfolio), symbols, day)


@st.cache_resource(show_spinner=False, max_entries=cache.KEEP, ttl="10m")
def _volumes(url: str, portfolio: str, version: str, symbols: tuple[str, ...], day: Any) -> Any:
    from datetime import timedelta

    return cache.store().market(symbols, day - timedelta(days=60), day, portfolio=portfolio)
