"""Keeping a result: what its book was made of, the button, and what a kept one gives today (cached by its id)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from time import monotonic
from types import MappingProxyType
from typing import Any

import streamlit as st

from exposure.errors import ExposureError
from exposure.format import percent
from exposure.results import Record, causes, keep, recompute
from exposure.shock import ShockResult
from exposure.trades import Trade
from exposure.types import Scenario
from exposure.view import results as kept_rows
from exposure.view.sentences import one_line, plain
from pages.ui import actions, cache, guard, scenarios, shocks, state
from pages.ui.select import Selection

PATIENCE = 2.0
"""Seconds that the list of kept results waits for verdicts."""
VARIED = "-varied"
"""Ending of the id of a scenario that was edited on the Shock page."""
TRADES = "trades"
"""What a kept result's inputs call the trades that were tried: kind, target, amount, unit, side of each."""


def button(
    chosen: Selection,
    what: ShockResult | Scenario,
    key: str,
    label: str = "Keep this result",
    trades: Mapping[str, Trade] = MappingProxyType({}),
) -> None:
    """Keep a result with all it was made of, once, and say under which number.

    Parameters
    ----------
    what : the result, or the scenario whose result is worked out once the button is pressed.
    trades : by their names, those that were tried on the stored book before the scenario met it.
    """
    said = st.session_state.get(state.NOTICE_KEPT, {})
    scenario = what if isinstance(what, Scenario) else what.scenario
    asked_now = f"{chosen.key} {scenario.hash} {_plain(trades.values())}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        pressed = st.button(label, key=key, icon=":material/bookmark_add:")
        if pressed:
            with guard.sentences():
                result = shocks.shock_of(*chosen.key, what) if isinstance(what, Scenario) else what
                made_of = inputs(*chosen.key) | ({TRADES: _plain(trades.values())} if trades else {})
                note = one_line("; ".join(trades), 190)
                record = keep(result, made_of, snapshot_id=chosen.snapshot_id, note=note)
                owner = cache.standing(chosen.portfolio, chosen.snapshot_id)
                made, there = cache.store().keep_result(owner, record)
                number = next(e.number for e in cache.store().kept_results(owner) if e.kept_id == made)
                figure = percent(result.total_return, signed=True)
                st.session_state[state.NOTICE_KEPT] = said = {key: [asked_now, number, there, figure]}
        asked_then, number, there, figure = said.get(key, ["", 0, False, ""])
        if asked_then == asked_now:
            how = f"Kept before as no. {number}: nothing changed" if there else f"Kept as no. {number}"
            st.caption(plain(f"{how}, {figure}."))
            st.page_link(guard.page("results"), label="Results", icon=":material/history:", width="content")


def inputs(portfolio: str, snapshot_id: int, currency: str | None) -> dict[str, Any]:
    """Say what the book of a snapshot is made of now, as plain values."""
    held = cache.snapshot(snapshot_id)
    unvalued = any(h.market_value is None and h.weight is None for h in held.holdings)
    placed = {o.isin or o.ticker or "": [asdict(p) for p in o.parts] for o in cache.overrides(portfolio)}
    return {
        "holdings file": held.sha256,
        "base currency": currency or "as in the file",
        "overrides": placed,
        "answers on identifiers": cache.store().answers(portfolio),
        "holdings of funds": dict(cache.insides(snapshot_id)) if state.looks_through() else {},
        "stored prices": cache.prices_version(portfolio) if unvalued else "not needed",
    }


def _plain(trades: Iterable[Trade]) -> list[list[Any]]:
    return [[t.kind, t.target, t.amount, t.unit, t.side] for t in trades]


def trades_of(record: Record) -> tuple[Trade, ...]:
    """Give the trades that were tried on the book before a kept result, none for most."""
    return tuple(Trade(*each) for each in json.loads(record.inputs).get(TRADES, ()))


def currency_of(record: Record) -> str | None:
    """Give the base currency that a kept result was asked in; None for that of the file."""
    currency = json.loads(record.inputs).get("base currency", "")
    return currency if currency.isupper() else None


def inputs_now(portfolio: str, record: Record) -> dict[str, Any] | None:
    """Say what the book of a kept result would be made of now; None where its snapshot is gone."""
    if not _stored(record):
        return None
    tried = _plain(trades_of(record))  # they are part of the question, not of what is stored
    return inputs(portfolio, record.snapshot_id or 0, currency_of(record)) | ({TRADES: tried} if tried else {})


def _stored(record: Record) -> bool:
    stored = cache.store().portfolios()
    return any(s.snapshot_id == record.snapshot_id for each in stored for s in each.snapshots)


def scenario_now(portfolio: str, record: Record, kept: Scenario) -> Scenario | None:
    """Give what goes by a kept scenario's id now, at the levers kept; itself where it was edited by hand.

    A prediction that was not saved is asked again from the moves that were given, with the prices of now.
    """
    from exposure.scenarios import set_levers

    if kept.id.endswith(VARIED):
        return kept
    try:
        saved = cache.saved_scenarios()
        if kept.kind == "predictive" and kept.id not in saved:
            return shocks.ready(portfolio, cache.parsed(kept.to_toml(), f"{kept.id}.toml"))
        found = scenarios.load(kept.id, saved, kept.horizon).scenario
        found = shocks.ready(portfolio, found)
        return set_levers(found, kept.levers) if kept.levers and found.levers else found
    except (ExposureError, KeyError):
        return None


def today(portfolio: str, record: Record, scenario: Scenario | None) -> ShockResult | None:
    """Give the answer of today to the same question; None where its snapshot or its scenario is gone."""
    if scenario is None or not _stored(record):
        return None
    try:
        key = portfolio, record.snapshot_id or 0, currency_of(record)
        if tried := trades_of(record):
            return shocks.tried(cache.ids(*key), list(tried), scenario).after
        return shocks.shock_of(*key, scenario)
    except ExposureError:
        return None


def record(kept_id: int) -> Record:
    """Give a kept result that is listed; it never changes but for its note, which the list tells."""
    return _record(cache.url(), kept_id)


@st.cache_resource(show_spinner="Opening the kept result", max_entries=32)
def _record(url: str, kept_id: int) -> Record:
    return cache.store_at(url).kept_result(kept_id)


def worked_out(kept_id: int) -> ShockResult:
    """Work a kept result out again from what was kept."""
    return _worked_out(cache.url(), kept_id)


@st.cache_resource(show_spinner="Working the kept result out again", max_entries=32)
def _worked_out(url: str, kept_id: int) -> ShockResult:
    return recompute(_record(url, kept_id))


def verdicts(kept_ids: Iterable[int], seconds: float = PATIENCE) -> dict[int, str]:
    """Say of each kept result whether it reproduces; those that would take longer than a time are left out."""
    known, until = _verdicts(cache.url()), monotonic() + seconds
    for one in kept_ids:
        if one not in known and monotonic() < until:
            known[one] = _verdict(one)
    return known


@st.cache_resource(show_spinner=False, max_entries=8)
def _verdicts(url: str) -> dict[int, str]:
    """Keep what was found out: neither a kept result nor the engine of this process changes."""
    return {}


def _verdict(kept_id: int) -> str:
    try:
        found = cache.store().kept_result(kept_id)
        return kept_rows.reproduces(found, recompute(found))
    except (ExposureError, ValueError, KeyError, TypeError) as error:  # kept by another version, or damaged
        return f"cannot: {one_line(str(error), 120)}"


def explained(one: int, other: int) -> Any:
    """Explain the difference of two kept results."""
    return _explained(cache.url(), one, other)


@st.cache_resource(show_spinner="Comparing the two", max_entries=32)
def _explained(url: str, one: int, other: int) -> Any:
    return causes(_record(url, one), _record(url, other))


def note(kept_id: int, field: str, seen: str) -> None:
    """Write the note that stands in a field on a kept result, `seen` being the note that it was written over."""
    note = st.session_state[field]

    def change(seen: Any) -> str:
        cache.store().note_kept(kept_id, note, seen=seen)
        return "The note is kept."

    actions.act_on(change, seen)


def delete(kept_id: int, label: str, seen: str) -> None:
    """Take a kept result out of the list, `seen` being the note that was shown on it."""

    def change(seen: Any) -> str:
        cache.store().delete_kept(kept_id, seen=seen)
        st.session_state[state.UNDO] = ["result", kept_id, label]
        return f"Deleted {label}."

    actions.act_on(change, seen)
