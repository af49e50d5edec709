"""What was deleted and can still be had back, and its removal for good, which asks first."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.shared import actions, cache, guard, show, stamp, texts
from pages.shared.show import Column

KINDS = {"snapshot": "Snapshot", "portfolio": "Portfolio", "result": "Kept result"}


def section() -> None:
    """List what lies in the bin, with a way back for each and one to empty it; nothing where it is empty."""
    with guard.sentences():
        rows = _rows()
        if not rows:
            return
        seen = datetime.now(UTC)  # what is deleted after this is not removed with what is listed here
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
                    "Bring it back", key="bin_back", icon=":material/undo:", on_click=actions.bring_back,
                    args=(row["kind"], row["key"], labels[chosen or 0]),
                )  # fmt: skip
                with st.popover("Delete for good", icon=":material/delete_forever:"):
                    st.markdown(f"**Remove {texts.count(len(rows), 'deleted item')} from the store?** Nothing brings "
                                "them back. A portfolio takes its snapshots and kept results with it.")  # fmt: skip
                    st.button(
                        "Yes, delete for good", type="primary", key="bin_purge", on_click=actions.purge, args=(seen,)
                    )


def _rows() -> list[dict]:
    """List portfolios, snapshots and kept results that are deleted; what goes with a portfolio is not listed apart."""
    store, rows = cache.store(), []
    whole: set[str] = set()
    for each in store.deleted():
        if each.whole and each.portfolio in whole:
            continue
        kind = "portfolio" if each.whole else "snapshot"
        whole |= {each.portfolio} if each.whole else set()
        name = each.portfolio if each.whole else f"{each.portfolio}, {each.file}"
        rows.append(_row(kind, each.portfolio if each.whole else each.snapshot_id, name, each.as_of, each.deleted_at))
    for entry, when in store.deleted_results():
        name = f"{entry.portfolio}, no. {entry.kept_id}: {entry.scenario_title}"
        rows.append(_row("result", entry.kept_id, name, entry.as_of, when))
    return rows


def _row(kind: str, key: object, name: str, as_of: object, when: datetime) -> dict:
    return {"kind": kind, "key": key, "sort": KINDS[kind], "name": name,
            "as_of": None if kind == "portfolio" else as_of, "when": f"{when:%Y-%m-%d %H:%M} UTC"}  # fmt: skip
