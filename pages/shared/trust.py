"""One line on how far to trust a modelled move, from the scorecard's own computation where it is at hand."""

from __future__ import annotations

import streamlit as st

from exposure.types import Scenario
from pages.shared import guard, score_rows, scored
from pages.shared.texts import plain


def line(scenario: Scenario) -> None:
    """Say how well names left out of this very day were told, where that is shipped; else point to the scorecard."""
    known = scored.at_hand(scenario.id, scenario.hash)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if known is not None:
            st.caption(plain(score_rows.in_short(known)), width="content")
        where = "Scorecard" if known is not None else "How far to trust modelled moves: the scorecard"
        st.page_link(guard.page("scorecard"), label=where, icon=":material/fact_check:", width="content")
