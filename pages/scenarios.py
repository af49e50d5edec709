"""Scenarios: write one, see at once what it does to the portfolio, save it and share it as a file."""

import streamlit as st

from pages.shared import (
    cache,
    drafts,
    guard,
    scenario_draft,
    scenario_editor,
    scenario_preview,
    scenario_shelf,
    scenarios,
    select,
    state,
)
from pages.shared.texts import plain

guard.enter(__file__)
st.title("Scenarios", anchor=False)
chosen = select.pick()
book = select.book(chosen)
scenarios.undo(go=False)
said = cache.desk().pop("said", None)
if said:
    st.success(plain(said))
scenario_shelf.begin(chosen, book)


@st.fragment
def write() -> None:
    """Draw the draft and answer what is typed, without the rest of the page."""
    draft = st.session_state[state.EDITOR]
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(f"{scenario_shelf.KINDS[draft['kind']]} scenario", anchor=False)
        places = scenario_editor.edit(draft)
    with right:
        found = scenario_draft.read(draft, scenario_preview.horizon(draft))
        scenario_preview.preview(chosen, found, book)
    with left:
        scenario_preview.file(draft, found)
    if isinstance(found, scenario_draft.Refusal):
        scenario_editor.refuse(places, found)
    drafts.keep(":scenario")


if st.session_state.get(state.EDITOR):
    with guard.sentences():
        write()
else:
    st.info("Nothing is being written. Choose what to start from above.")
scenario_shelf.saved()
