"""What was deleted and can still be had back, and its removal for good, which asks first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from exposure.view import sentences
from exposure.view.looks import Column
from exposure.view.sentences import count
from pages.ui import actions, cache, guard, show, stamp, state


def bring_back(kind: str, which: int, label: str) -> None:
    """Bring back a deleted snapshot, portfolio or kept result by its id."""

    def change() -> str:
        st.session_state.pop(state.UNDO, None)
        return actions.brought_back(kind, which, label)

    actions.act(change)


def purge(listed: Mapping[str, Sequence[int]]) -> None:
    """Remove for good what was listed in the bin, and what is remembered of it; nothing brings it back."""

    def change() -> str:
        done = cache.store().purge(**listed)
        st.session_state.pop(state.UNDO, None)
        cache.forget_books()
        left = sum(map(len, listed.values())) - done.asked
        said = f"Removed for good: {count(done.snapshots, 'snapshot')} and {count(done.results, 'kept result')}."
        if left:
            said += f" {count(left, 'item')} had been brought back or removed meanwhile."
        return said if done.erased else f"{said} Another program reads the store: the file is cleaned at the next time."

    actions.act(change)


KINDS = {"snapshot": "Snapshot", "portfolio": "Portfolio", "result": "Kept result", "fund": "Holdings of a fund"}


def section() -> None:
    """List what lies in the bin, with a way back for each and one to empty it; nothing where it is empty."""
    with guard.sentences():
        rows = _rows()
        if not rows:
            return
        label = f"Deleted, and can be had back: {len(rows)}"
        with st.expander(label, icon=":material/delete:", key="bin", on_change="rerun") as opened:
            if not opened.open:
                return
            with stamp.instead(()):
                show.table(
                    rows,
                    (
                        Column("sort", "What", width="small"),
                        Column("name", "Name", width="large"),
                        Column("as_of", "As of", "date"),
                        Column("when", "Deleted", width="small"),
                    ),
                    file="deleted", key="bin_table", height=show.table_height(len(rows)),
                )  # fmt: skip
            labels = {n: f"{row['sort']}: {sentences.one_line(row['name'], 80)}" for n, row in enumerate(rows)}
            with st.container(horizontal=True, vertical_alignment="bottom"):
                chosen = st.selectbox("Bring back", list(labels), format_func=labels.__getitem__, key="bin_chosen")
                row = rows[chosen or 0]
                st.button(
                    "Bring it back", key="bin_back", icon=":material/undo:", on_click=bring_back,
                    args=(row["kind"], row["key"], labels[chosen or 0]),
                )  # fmt: skip
                with st.popover("Delete for good", icon=":material/delete_forever:"):
                    st.markdown(
                        f"**Remove {sentences.count(len(rows), 'deleted item')} from the store?** Nothing brings them "
                        "back. A portfolio takes all with it: snapshots, overrides, answers, trades, what stands in "
                        "for its lines, kept results, and drafts made on it. A kept result of a snapshot holds its "
                        "book and stays until it is deleted itself."
                    )
                    st.button(
                        "Yes, delete for good",
                        type="primary",
                        key="bin_purge",
                        on_click=purge,
                        args=(_listed(rows),),
                    )


def _rows() -> list[dict[str, Any]]:
    """List portfolios, snapshots, what funds hold and kept results that are deleted, each once and by its id."""
    store = cache.store()
    rows = [_row("portfolio", p.portfolio_id, p.name, None, p.deleted_at) for p in store.deleted_portfolios()]
    for each in store.deleted():
        kind = "fund" if each.fund else "snapshot"
        rows.append(_row(kind, each.snapshot_id, f"{each.portfolio}, {each.file}", each.as_of, each.deleted_at))
    for entry, when in store.deleted_results():
        name = f"{entry.portfolio}, no. {entry.number}: {entry.scenario_title}"
        rows.append(_row("result", entry.kept_id, name, entry.as_of, when))
    return rows


def _row(kind: str, key: int, name: str, as_of: object, when: datetime) -> dict[str, Any]:
    return {"kind": kind, "key": key, "sort": KINDS[kind], "name": name, "as_of": as_of,
            "when": f"{when:%Y-%m-%d %H:%M:%S} UTC"}  # fmt: skip


def _listed(rows: list[dict[str, Any]]) -> dict[str, list[int]]:
    """Give the ids of what is listed, by where they belong: these are removed, and nothing deleted since."""
    sorts = {"portfolio": "portfolios", "snapshot": "snapshots", "fund": "snapshots", "result": "results"}
    listed: dict[str, list[int]] = {sort: [] for sort in sorts.values()}
    for row in rows:
        listed[sorts[row["kind"]]].append(row["key"])
    return listed
