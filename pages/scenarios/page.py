"""Scenarios: write one, see at once what it does to the portfolio, save it and share it as a file."""

import streamlit as st

from exposure.view.sentences import plain
from pages.scenarios import editor, library
from pages.ui import cache, drafts, guard, scenario_draft, scenarios, select, state

guard.enter(__file__)
st.title("Scenarios", anchor=False)
chosen = select.pick()
book = select.book(chosen)
scenarios.undo(go=False)
said = cache.desk().pop("said", None)
if said:
    st.success(plain(said))
library.begin(chosen, book)


@guard.fragment
def write() -> None:
    """Draw the draft and answer what is typed, without the rest of the page."""
    draft = st.session_state[state.EDITOR]
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(f"{library.KINDS[draft['kind']]} scenario", anchor=False)
        places = editor.edit(draft)
    with right:
        found = scenario_draft.read(draft, library.horizon(draft))
        library.preview(chosen, found, book)
    with left:
        library.file(draft, found)
    if isinstance(found, scenario_draft.Refusal):
        editor.refuse(places, found)
    drafts.keep(":scenario")


if st.session_state.get(state.EDITOR):
    with guard.sentences():
        write()
else:
    st.info("Nothing is being written. Choose what to start from above.")
library.saved()
