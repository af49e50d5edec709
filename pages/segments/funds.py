"""The funds of a book: which are looked through, of which day, and a file of holdings for those that are not."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import streamlit as st

from exposure.chain import HeldFund, held_funds, refuse_circles
from exposure.format import day, percent
from exposure.types import Book, Snapshot
from exposure.view import sentences
from exposure.view.looks import Column
from pages.ui import actions, cache, guard, show, state
from pages.ui.select import Selection


def section(chosen: Selection, book: Book) -> None:
    """List the funds that are held, and take a file of what one of them holds."""
    funds = held_funds(book)
    known = cache.store().insides(book.as_of)
    if not funds and not known:
        return
    st.subheader("Look through funds", anchor=False)
    st.caption("A fund’s own file becomes its inside wherever the fund is held. What the file leaves open is a line.")
    if not funds:
        st.caption("This portfolio holds no fund.")
        return
    show.table(
        [
            {
                "name": f.name,
                "key": f.key,
                "weight": f.weight,
                "inside": f.inside,
                "known": _said(f, known.get(f.key)),
                "dated": known[f.key].as_of if f.key in known else None,
                "positions": known[f.key].positions if f.key in known else None,
            }
            for f in funds
        ],
        (
            Column("name", "Fund", width="medium"),
            Column("key", "Kept as", width="small"),
            Column("weight", "Weight in book", "share"),
            Column("inside", "Held through", width="small"),
            Column("known", "Shown", width="medium"),
            Column("dated", "Its holdings of", "date"),
            Column("positions", "Positions", "number"),
        ),
        file=f"{chosen.portfolio} funds",
        key="funds",
    )
    _upload(funds)
    mine = {f.key: known[f.key] for f in funds if f.key in known}
    if mine:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            which = st.selectbox("Known holdings", list(mine), key="inside_which", width=240)
            label = f"the holdings of {which} of {day(mine[which].as_of)}"
            st.button("Remove", key="inside_remove", on_click=_remove, args=(mine[which].snapshot_id, label))


def _said(fund: HeldFund, inside: object) -> str:
    if fund.through:
        return "by what it holds"
    return "as one line (switched off)" if inside else "as one line: its holdings are not known"


@guard.fragment
def _upload(funds: tuple[HeldFund, ...]) -> None:
    labels = {f.key: sentences.one_line(f"{f.name} ({percent(f.weight, 1)})", 80) for f in reversed(funds)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        fund = st.selectbox(
            "Fund", list(reversed(labels)), format_func=labels.__getitem__, key="inside_fund", width=340
        )
        file = st.file_uploader(
            "File of its holdings, as the fund house publishes it",
            type=list(cache.TYPES),
            key=f"inside_{st.session_state.get(state.UPLOADER, 0)}",
            max_upload_size=cache.LIMIT,
        )
    if file is None:
        return
    with guard.sentences():
        held = cache.read_fund(hashlib.sha256(file.getvalue()).hexdigest(), file.name, file)
        held.refuse_open_units()
        _confirm(fund, held)


def _confirm(fund: str, held: Snapshot) -> None:
    st.caption(sentences.plain(sentences.read_from(held)))
    show.figure_line(sentences.snapshot_figures(held))
    if held.as_of is None:
        when = st.date_input("As of (the file names no date)", None, key="inside_day", width=240)
        held = replace(held, as_of=when)
    if st.button("Use as what the fund holds", type="primary", key="inside_use", disabled=held.as_of is None):
        _store(fund, held)
        st.rerun()


def _store(fund: str, held: Snapshot) -> None:
    """Keep what a fund holds, for every portfolio, unless funds would then hold each other in a circle."""

    def change() -> str:
        store = cache.store()
        known = {one: cache.snapshot(each.snapshot_id) for one, each in store.insides(held.as_of).items()}
        refuse_circles({**known, fund.upper(): held})
        done = store.store_inside(fund, held)
        st.session_state[state.UPLOADER] = st.session_state.get(state.UPLOADER, 0) + 1
        if done.duplicate_of is not None:
            return f"The holdings of {done.portfolio} of {done.as_of} were stored before."
        return f"{done.portfolio} is looked through by its {done.positions} positions of {done.as_of}."

    actions.act(change)


def _remove(snapshot_id: int, label: str) -> None:
    """Forget what a fund holds as of one date."""

    def change() -> str:
        cache.store().delete_snapshot(snapshot_id)
        st.session_state[state.UNDO] = ["inside", snapshot_id, label]
        return f"Removed {label}."

    actions.act(change)
