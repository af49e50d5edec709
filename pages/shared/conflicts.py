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


def keep(refused: StaleWrite, change: Change) -> None:
    """Keep a refused change with what is stored instead, to be chosen from."""
    st.session_state[state.CONFLICT] = [refused.what, refused.mine, refused.theirs]
    cache.desk()["refused"] = (change, refused.found)


def run(change: Change, seen: Any) -> str:
    """Make a change to what was seen, and tell it; where somebody came first, begin the page anew with both texts."""
    try:
        return change(seen)
    except StaleWrite as refused:
        keep(refused, change)
        st.rerun()


def show() -> None:
    """Show both texts of the change that was refused last over the page, wherever it is scrolled to."""
    if state.CONFLICT in st.session_state:
        _ask()


@st.dialog("Changed since it was shown here", width="large", dismissible=False)
def _ask() -> None:
    what, mine, theirs = st.session_state[state.CONFLICT]
    with st.container(key="conflict"):
        said = (
            f"{what[:1].upper()}{what[1:]} has been changed since it was shown here. Nothing was changed; choose which "
        )
        st.markdown(plain(f"{said}of the two is to stand."))
        left, right = st.columns(2)
        with left:
            _text("Yours", mine)
            # The change itself is lost with the session that wrote it: then what is stored stands.
            if st.button("Use mine", key="conflict_mine", disabled="refused" not in cache.desk()):
                _choose(mine=True)
        with right:
            _text("Stored now", theirs)
            if st.button("Keep what is stored", key="conflict_theirs"):
                _choose(mine=False)


def _text(title: str, text: str) -> None:
    st.markdown(f"**{title}**")
    tall = text.count("\n") > 12
    st.code(text or "(nothing)", language=None, wrap_lines=True, height=300 if tall else "content")


def _choose(mine: bool) -> None:
    from pages.shared import actions  # it asks this module in turn

    change, found = cache.desk().pop("refused", (None, None))
    st.session_state.pop(state.CONFLICT, None)
    if mine and change is not None:
        actions.act_on(change, found)
    st.rerun()
