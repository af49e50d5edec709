"""Keep a set of beliefs: every lever as a table and a file, or saved as a scenario under a name."""

from __future__ import annotations

import re

import streamlit as st

from exposure.view.looks import Column
from exposure.view.sentences import plain
from pages.beliefs import levers
from pages.beliefs.levers import View
from pages.ui import guard, scenarios, show


def keep(view: View) -> None:
    """Offer the table of all levers and the file of these beliefs, once opened."""
    opened = st.expander(
        "Every lever, and these beliefs as a scenario", icon=":material/description:", key="belief_keep",
        on_change="rerun",
    )  # fmt: skip
    if not opened.open:
        return
    with opened:
        show.table(
            levers.rows(view.base, view.changed),
            (
                Column("name", "Lever", width="medium"),
                Column("group", "Of"),
                Column("shown", "Value"),
                Column("library_shown", "Library"),
                Column("state", "State"),
                Column("range", "Range"),
                Column("meaning", "Meaning", width="large"),
                Column("evidence", "Evidence", width="large"),
                Column("source", "Source", width="large"),
            ),
            file=f"{view.portfolio} levers",
            key="levers",
        )
        st.caption(levers.LEGEND)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            title = st.text_input("Name of these beliefs", key="belief_title", max_chars=80, persist_state="session")
            id = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
            named = levers.named_scenario(view, id or "beliefs", title.strip() or "Beliefs")
            save = scenarios.save_buttons(named, "belief_save", named=bool(id))
            st.download_button(
                "Download TOML",
                named.to_toml(),
                file_name=f"{id or 'beliefs'}.toml",
                mime="application/toml",
                key="belief_toml",
                icon=":material/download:",
                on_click="ignore",
            )
        if id and not save and (taken := scenarios.in_the_way(named)):
            st.warning(plain(taken))
        if save:
            with guard.sentences():
                scenarios.keep(named, save == "replace")
                st.success(plain(f"Saved as {id}: the Shock page offers it among the scenarios."))
        st.caption("The file runs on the command line: python -m exposure shock FILE --scenario THIS.toml.")
