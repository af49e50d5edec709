"""Holdings: upload, check, confirm; what is stored, and undoing a deletion."""

import streamlit as st

from exposure.view import holdings, sentences
from exposure.view.looks import Column
from pages.ui import actions, cache, deleted, guard, mapping, select, show, stamp, upload

guard.enter(__file__)
st.title("Holdings", anchor=False)
st.caption("Upload a file of holdings, check what was understood, then confirm. Nothing is stored before that.")
actions.notice()
upload.section()
deleted.section()

st.subheader("Stored snapshots", anchor=False)
chosen = select.pick(currency=False)
with guard.sentences():
    held = cache.snapshot(chosen.snapshot_id)
    stamp.keep(stamp.of_snapshot(chosen.portfolio, held))
    show.figure_line(sentences.snapshot_figures(held))
    st.caption(sentences.plain(sentences.read_from(held)))
    mapping.ask(chosen)
    show.table(holdings.holdings(held), upload.HOLDINGS, file=f"{chosen.portfolio} {chosen.as_of}", key="holdings")
    if held.rejected:
        show.table(holdings.rejected(held), upload.REJECTED, file=f"{chosen.portfolio} rejected", key="stored_rejected")
    show.issues(held.issues, "stored_issues")

    st.subheader("All snapshots of this portfolio", anchor=False)
    own = next(p for p in cache.store().portfolios() if p.name == chosen.portfolio)
    show.table(
        holdings.snapshots(own),
        (
            Column("as_of", "As of", "date"),
            Column("positions", "Positions", "number"),
            Column("nav", "Total market value", "money"),
            Column("currency", "Currency", width="small"),
            Column("snapshot_id", "Id", "row"),
        ),
        file=f"{chosen.portfolio} snapshots",
        key="snapshots",
    )
    with st.container(horizontal=True):
        label = f"{chosen.portfolio}, {chosen.as_of}"
        st.button(
            "Delete this snapshot",
            icon=":material/delete:",
            key="delete_snapshot",
            on_click=actions.delete_snapshot,
            args=(chosen.snapshot_id, label),
        )
        st.button(
            "Delete the portfolio",
            icon=":material/delete:",
            key="delete_portfolio",
            on_click=actions.delete_portfolio,
            args=(own.portfolio_id, own.name, [s.snapshot_id for s in own.snapshots]),
        )
    st.caption("Both can be undone.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        field = f"rename_{own.portfolio_id}"
        new = st.text_input("Another name for the portfolio", own.name, key=field, max_chars=120, width=320)
        st.button(
            "Rename",
            key="rename_portfolio",
            disabled=not new.strip() or new == own.name,
            on_click=actions.rename_portfolio,
            args=(own.portfolio_id, field, own.name),
        )
