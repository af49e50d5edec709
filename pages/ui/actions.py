"""A change to the store: run, told in one sentence afterwards and, where something went, with an undo.

A change to what somebody else changed since it was shown: both texts side by side, and the person chooses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from exposure.errors import ExposureError, StaleWrite
from exposure.view.sentences import plain
from pages.ui import address, cache, state

Change = Callable[[Any], str]
"""Makes a change to what was seen, and tells it in a sentence."""


def keep(refused: StaleWrite, change: Change) -> None:
    """Keep a refused change with what is stored instead, to be chosen from."""
    st.session_state[state.CONFLICT] = [refused.subject, refused.mine, refused.theirs]
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
    change, found = cache.desk().pop("refused", (None, None))
    st.session_state.pop(state.CONFLICT, None)
    if mine and change is not None:
        act_on(change, found)
    st.rerun()


def act(change: Callable[[], str]) -> None:
    """Run a change of the store and keep its sentence, or the error's, for `notice`; a slow one is seen to run."""
    act_on(lambda _: change(), None)


def act_on(change: Change, seen: Any) -> None:
    """Run a change to what was seen; where the store holds something else by now, both are shown to choose from."""
    state.speak()
    try:
        with st.spinner("Writing to the store"):
            st.session_state[state.NOTICE] = ["done", change(seen)]
    except StaleWrite as error:
        keep(error, change)
    except ExposureError as error:
        st.session_state[state.NOTICE] = ["error", str(error)]


def notice() -> None:
    """Show once what the last action did, and offer to undo a deletion."""
    kind, sentence = st.session_state.pop(state.NOTICE, ("", ""))
    if kind:
        (st.success if kind == "done" else st.error)(plain(sentence))
    if st.session_state.get(state.UNDO):
        what = st.session_state[state.UNDO][-1]
        st.button(f"Undo: bring back {plain(what, 80)}", icon=":material/undo:", key="undo", on_click=undo)


def undo() -> None:
    """Bring back what was deleted last in this session."""
    kind, which, label = st.session_state.pop(state.UNDO)
    removed, owner, holds = cache.desk().pop("removed", (None,) * 3) if kind == "override" else (None,) * 3

    def change(seen: Any) -> str:
        store = cache.store()
        if kind in ("snapshot", "inside", "result", "portfolio"):
            said = brought_back(kind, which, label)
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
        elif removed is not None:
            store.set_override(removed, owner, seen=seen)
        return f"Brought back {label}."

    act_on(change, holds)


def brought_back(kind: str, which: int, label: str) -> str:
    store = cache.store()
    if kind == "portfolio":
        return f"Brought back {label}, called “{store.restore_portfolio(which)}”."
    (store.restore_kept if kind == "result" else store.restore_snapshot)(which)
    return f"Brought back {label}."
