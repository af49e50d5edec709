"""Holdings: upload, check, confirm; what is stored, and undoing a deletion."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from exposure.view import holdings, sentences
from exposure.view.looks import Column
from pages.holdings import identity, upload
from pages.ui import actions, address, cache, deleted, doubts, guard, select, show, stamp, state


def delete_snapshot(snapshot_id: int, label: str) -> None:
    """Take a snapshot out of the lists."""

    def change() -> str:
        cache.store().delete_snapshot(snapshot_id)
        address.let_go(snapshot_id)
        st.session_state[state.UNDO] = ["snapshot", snapshot_id, label]
        return f"Deleted {label}."

    actions.act(change)


def delete_portfolio(key: int, name: str, seen: Sequence[int]) -> None:
    """Take a portfolio of an id out of the lists, with all its snapshots, `seen` being the ids of those shown."""

    def change(seen: Any) -> str:
        cache.store().delete_portfolio(key, seen=seen)
        st.session_state[state.UNDO] = ["portfolio", key, name]
        return f"Deleted the portfolio “{name}” with all its snapshots."

    actions.act_on(change, frozenset(seen))


def rename_portfolio(key: int, field: str, seen: str) -> None:
    """Give a portfolio the name that stands in a field."""

    def change(seen: Any) -> str:
        name = cache.store().rename_portfolio(key, st.session_state.get(field, ""), seen=seen)
        return f"“{seen}” is called “{name}” now."

    actions.act_on(change, seen)


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
    identity.ask(chosen)
    show.table(holdings.holdings(held), upload.HOLDINGS, file=f"{chosen.portfolio} {chosen.as_of}", key="holdings")
    if held.rejected:
        show.table(holdings.rejected(held), upload.REJECTED, file=f"{chosen.portfolio} rejected", key="stored_rejected")
    doubts.issues(held.issues, "stored_issues")

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
            on_click=delete_snapshot,
            args=(chosen.snapshot_id, label),
        )
        st.button(
            "Delete the portfolio",
            icon=":material/delete:",
            key="delete_portfolio",
            on_click=delete_portfolio,
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
            on_click=rename_portfolio,
            args=(own.portfolio_id, field, own.name),
        )
