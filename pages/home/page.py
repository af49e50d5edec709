"""Home: what this is for, what to do first, and what is stored."""

import streamlit as st

from exposure.view.looks import Column
from pages.ui import cache, guard, select, show

guard.enter(__file__)
st.title("Exposure along the AI value chain", anchor=False)
select.say_missing()
st.markdown(
    "Load a portfolio, see how much of it stands on chips, equipment, models and software, and what a shock "
    "such as that of 27 January 2025 costs it."
)
with st.container(horizontal=True, vertical_alignment="center"):
    st.page_link(guard.page("holdings"), label="Upload a holdings file", icon=":material/upload_file:", width="content")
    select.demo_button("primary")
st.caption("The demo portfolio is made up: its holdings and its price history are nobody’s.")

with guard.sentences():
    stored = cache.store().portfolios()
    st.subheader("Stored portfolios", anchor=False)
    if on_show := select.on_show():
        st.caption(f"Chosen: {on_show}. The pages of the menu show it.")
    if not stored:
        st.info("None yet. What you upload and confirm on the Holdings page is listed here.")
    else:
        latest = [(each, each.snapshots[-1] if each.snapshots else None) for each in stored]
        show.table(
            [
                {
                    "name": each.name,
                    "as_of": last and last.as_of,
                    "positions": last and last.positions,
                    "nav": last and last.nav,
                    "currency": last and last.currency,
                    "snapshots": len(each.snapshots),
                }
                for each, last in latest
            ],
            (
                Column("name", "Portfolio", width="medium"),
                Column("as_of", "Last snapshot", "date"),
                Column("positions", "Positions", "number"),
                Column("nav", "Total market value", "money", "Positions and cash, where all are in one currency"),
                Column("currency", "Currency", width="small"),
                Column("snapshots", "Snapshots", "number"),
            ),
            file="portfolios",
            key="portfolios",
        )
        st.page_link(
            guard.page("segments"), label="See where they stand along the chain", icon=":material/account_tree:"
        )
