"""What was deleted and can still be had back, and its removal for good, which asks first."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from pages.shared import bringing_back, cache, guard, show, stamp, texts
from pages.shared.show import Column

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
                    file="deleted", key="bin_table", height=show.tall(len(rows)),
                )  # fmt: skip
            labels = {n: f"{row['sort']}: {texts.one_line(row['name'], 80)}" for n, row in enumerate(rows)}
            with st.container(horizontal=True, vertical_alignment="bottom"):
                chosen = st.selectbox("Bring back", list(labels), format_func=labels.__getitem__, key="bin_chosen")
                row = rows[chosen or 0]
                st.button(
                    "Bring it back", key="bin_back", icon=":material/undo:", on_click=bringing_back.bring_back,
                    args=(row["kind"], row["key"], labels[chosen or 0]),
                )  # fmt: skip
                with st.popover("Delete for good", icon=":material/delete_forever:"):
                    st.markdown(f"**Remove {texts.count(len(rows), 'deleted item')} from the store?** Nothing brings "
                                "them back. A portfolio takes all with it: snapshots, overrides, answers, trades, "
                                "what stands in for its lines, kept results, and drafts made on it. A kept result of "
                                "a snapshot holds its book and stays until it is deleted itself.")  # fmt: skip
                    st.button(
                        "Yes, delete for good",
                        type="primary",
                        key="bin_purge",
                        on_click=bringing_back.purge,
                        args=(_listed(rows),),
                    )


def _rows() -> list[dict]:
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


def _row(kind: str, key: int, name: str, as_of: object, when: datetime) -> dict:
    return {"kind": kind, "key": key, "sort": KINDS[kind], "name": name, "as_of": as_of,
            "when": f"{when:%Y-%m-%d %H:%M:%S} UTC"}  # fmt: skip


def _listed(rows: list[dict]) -> dict[str, list[int]]:
    """Give the ids of what is listed, by where they belong: these are removed, and nothing deleted since."""
    sorts = {"portfolio": "portfolios", "snapshot": "snapshots", "fund": "snapshots", "result": "results"}
    listed: dict[str, list[int]] = {sort: [] for sort in sorts.values()}
    for row in rows:
        listed[sorts[row["kind"]]].append(row["key"])
    return listed
