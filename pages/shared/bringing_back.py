"""What becomes of what was deleted: brought back by its id, or removed for good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from pages.shared import actions, address, cache, forgetting, state
from pages.shared.texts import count


def undo() -> None:
    """Bring back what was deleted last in this session."""
    kind, which, label = st.session_state.pop(state.UNDO)
    removed, owner, holds = cache.desk().pop("removed", (None,) * 3) if kind == "override" else (None,) * 3

    def change(seen: Any) -> str:
        store = cache.store()
        if kind in ("snapshot", "inside", "result", "portfolio"):
            said = _brought_back(kind, which, label)
            if kind == "snapshot":
                address.choose(which)
            elif kind == "result":
                st.session_state[state.RESULT] = which
            return said
        if kind == "version":
            for before, after in which:
                store.restore_snapshot(before, instead_of=after)
            address.choose(which[-1][0])
        elif kind == "trades":
            store.put_trades(which)
        elif kind == "series":
            store.store_prices(cache.desk().pop("dropped"), "restored")
            cache.forget_prices()
        else:
            store.set_override(removed, owner, seen=seen)
        return f"Brought back {label}."

    actions.act_on(change, holds)


def bring_back(kind: str, which: int, label: str) -> None:
    """Bring back a deleted snapshot, portfolio or kept result by its id."""

    def change() -> str:
        st.session_state.pop(state.UNDO, None)
        return _brought_back(kind, which, label)

    actions.act(change)


def _brought_back(kind: str, which: int, label: str) -> str:
    store = cache.store()
    if kind == "portfolio":
        return f"Brought back {label}, called “{store.restore_portfolio(which)}”."
    (store.restore_kept if kind == "result" else store.restore_snapshot)(which)
    return f"Brought back {label}."


def purge(listed: Mapping[str, Sequence[int]]) -> None:
    """Remove for good what was listed in the bin, and what is remembered of it; nothing brings it back."""

    def change() -> str:
        done = cache.store().purge(**listed)
        st.session_state.pop(state.UNDO, None)
        forgetting.forget_books()
        left = count(sum(map(len, listed.values())) - done.asked, "item")
        said = f"Removed for good: {count(done.snapshots, 'snapshot')} and {count(done.results, 'kept result')}."
        if not left.startswith("0 "):
            said += f" {left} had been brought back or removed meanwhile."
        return said if done.erased else f"{said} Another program reads the store: the file is cleaned at the next time."

    actions.act(change)
