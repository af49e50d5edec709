"""A change to what somebody else changed since it was shown: both texts side by side, and the person chooses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from exposure.errors import StaleWrite
from pages.shared import cache, state
from pages.shared.texts import plain

Change = Callable[[Any], str]
"""Makes a change to what was seen, and tells it in a sentence."""


def keep(refused: StaleWrite, change: Change, done: Callable[[], None] | None = None) -> None:
    """Keep a refused change with what is stored instead, to be chosen from; `done` follows once one is chosen."""
    st.session_state[state.CONFLICT] = [refused.what, refused.mine, refused.theirs]
    cache.desk()["refused"] = (change, refused.found, done)


def run(change: Change, seen: Any) -> str:
    """Make a change to what was seen, and tell it; where somebody came first, begin the page anew with both texts."""
    try:
        return change(seen)
    except StaleWrite as refused:
        keep(refused, change)
        st.rerun()


def show() -> None:
    """Show both texts of the change that was refused last, with a button for each."""
    if state.CONFLICT not in st.session_state:
        return
    what, mine, theirs = st.session_state[state.CONFLICT]
    with st.container(border=True, key="conflict"):
        st.warning(plain(f"{what[:1].upper()}{what[1:]} has been changed since it was shown here. Nothing was changed; "
                         "choose which of the two is to stand."), icon=":material/call_split:")  # fmt: skip
        for column, (title, text, key, label, go) in zip(
            st.columns(2),
            (
                ("Yours", mine, "conflict_mine", "Use mine", _use_mine),
                ("Stored now", theirs, "conflict_theirs", "Keep what is stored", _keep_theirs),
            ),
            strict=True,
        ):
            with column:
                st.markdown(f"**{title}**")
                st.code(text or "(nothing)", language=None, wrap_lines=True)
                ready = key == "conflict_theirs" or "refused" in cache.desk()
                st.button(label, key=key, on_click=go, disabled=not ready)


def _use_mine() -> None:
    from pages.shared import actions  # it asks this module in turn

    change, found, done = cache.desk().pop("refused")
    st.session_state.pop(state.CONFLICT, None)
    actions.act_on(change, found)
    if done is not None and state.CONFLICT not in st.session_state:
        done()


def _keep_theirs() -> None:
    _, _, done = cache.desk().pop("refused", (None, None, None))
    st.session_state.pop(state.CONFLICT, None)
    if done is not None:
        done()
