"""What changes when a number is edited: two tables of moves to write in, and what each edit is worth."""

from __future__ import annotations

import re
from typing import Any, cast

import streamlit as st

from exposure.chain import segment_name, top_segment
from exposure.format import from_points, percent, points, short_money
from exposure.shock import Edit, ShockResult, Target, as_numbers, edit_of, segment_moves, vary
from exposure.view.looks import Column
from exposure.view.sentences import plain, segment_label
from pages.ui import cache, drafts, guard, keeping, scenarios, shocks, show, stamp, state
from pages.ui.select import Selection

YOURS = "Your move, %"
SAME = 1e-9
"""Total returns this close differ by rounding only."""
REACH = {True: "All names of an edited segment", False: "Only names without a price of their own"}


@guard.fragment
def variation(chosen: Selection, result: ShockResult) -> None:
    """Let numbers be edited and answer at once, without the rest of the page, as long as the book is there."""
    with guard.sentences():
        cache.standing(chosen.portfolio, chosen.snapshot_id)
        _vary(chosen, result)


def _vary(chosen: Selection, result: ShockResult) -> None:
    scenario = result.scenario
    draft = st.session_state.setdefault(state.EDITS, {}).setdefault(scenario.hash, {})
    draft_key = f"{scenario.hash[:12]}_{st.session_state.get(state.ROUND, 0)}"
    by_segment, by_name = st.columns(2, gap="large")
    with by_segment:
        st.markdown("**By segment or sub-segment**")
        _editor(_segments(result), draft, f"edit_segments_{draft_key}")
    with by_name:
        st.markdown("**By name**")
        _editor(_names(result), draft, f"edit_names_{draft_key}")
    whole = st.segmented_control(
        "An edited segment moves",
        [True, False],
        format_func=REACH.__getitem__,
        key="edit_reach",
        default=True,
        required=True,
        persist_state="session",
    )
    st.caption(
        "An edited segment moves its sub-segments too, unless one has an edit of its own. A name stands in it from one "
        "half of its weight on; its own price is then put aside and the line counts as modelled. Edits by name count "
        "as user."
    )
    with guard.sentences():
        drafts.keep_edits()
    edits = [_edit(key, move) for key, move in draft.items()]
    if not edits:
        st.info("Write a move into the last column of either table to see what it changes.")
        return
    with guard.sentences():
        _answer(chosen, result, edits, bool(whole))


def _edit(drafted: str, move: float) -> Edit:
    target, _, key = drafted.partition(":")
    return Edit(cast(Target, target), key, move)


def _segments(result: ShockResult) -> list[dict[str, Any]]:
    held = {p.segment for line in result.book.lines for p in line.assignment.parts}
    held |= {top_segment(s) for s in held}
    return [
        {
            "key": f"segments:{m.segment}",
            "label": segment_name(m.segment) if m.segment == top_segment(m.segment) else f"– {segment_name(m.segment)}",
            "move": m.move,
            "source": m.source,
            "low": -99.99,
        }
        for m in segment_moves(result.scenario)
        if m.segment in held
    ]


def _names(result: ShockResult) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for p in sorted(result.positions, key=lambda p: p.contribution):
        edit = edit_of(p.line, p.move.shock) if p.line.holding.kind != "cash" else None
        if edit is not None and p.move.via != "fund_residual":
            own = p.line.holding
            label = f"{own.ticker or edit.key} · {own.name}" if own.name else own.ticker or edit.key
            source = f"{p.move.provenance}: {p.move.source}"
            key = f"{edit.target}:{edit.key}"
            rows.setdefault(key, {"key": key, "label": label, "move": edit.move, "source": source, "low": -100.0})
    return list(rows.values())


def _editor(rows: list[dict[str, Any]], draft: dict[str, float], key: str) -> None:
    """Show moves beside a column to write in: what is written becomes the draft, a cleared cell leaves it."""
    import pandas as pd

    st.data_editor(
        pd.DataFrame(
            {
                "What": [row["label"] for row in rows],
                "Move, %": [points(row["move"]) for row in rows],
                "From": [row["source"] for row in rows],
                YOURS: pd.Series([points(draft.get(row["key"])) for row in rows], dtype="float64"),
            }
        ),
        hide_index=True,
        key=key,
        disabled=["What", "Move, %", "From"],
        placeholder="",
        column_config={
            "What": st.column_config.TextColumn(width="medium"),
            "Move, %": st.column_config.NumberColumn(format="%.2f", width="small"),
            "From": st.column_config.TextColumn(width="small"),
            YOURS: st.column_config.NumberColumn(
                format="%.2f", min_value=rows[0]["low"] if rows else None, max_value=100_000.0, width="small"
            ),
        },
    )
    for place, cells in st.session_state[key]["edited_rows"].items():
        if YOURS in cells:
            move, row = from_points(cells[YOURS]), rows[int(place)]
            if move is None or move == row["move"]:
                draft.pop(row["key"], None)
            else:
                draft[row["key"]] = move


def _answer(chosen: Selection, result: ShockResult, edits: list[Edit], whole: bool) -> None:
    """Show the total before and after, with each edit alone and with all, and offer to keep the variation."""
    varied = vary(result.scenario, edits, whole=whole)
    after = shocks.shock_of(*chosen.key, varied)
    show.figure_line(
        [
            ("Total return before", percent(result.total_return, signed=True)),
            ("After all edits", percent(after.total_return, signed=True)),
            ("Change", percent(after.total_return - result.total_return, signed=True)),
        ]
        + (
            [("Profit and loss after", short_money(after.pnl, result.book.currency, signed=True))]
            if result.book.basis == "values"
            else []
        )
    )
    rows = []
    was = {m.segment: m.move for m in segment_moves(result.scenario)} | {
        e.key: e.move for p in result.positions if (e := edit_of(p.line, p.move.shock)) is not None
    }
    names = {row["key"]: row["label"] for row in _names(result)}
    for edit in edits:
        alone = shocks.shock_of(*chosen.key, vary(result.scenario, [edit], whole=whole)).total_return
        label = (
            segment_label(edit.key) if edit.target == "segments" else names.get(f"{edit.target}:{edit.key}", edit.key)
        )
        rows.append(_effect(label, was.get(edit.key), edit.move, result.total_return, alone))
    rows.append(_effect("All edits together", None, None, result.total_return, after.total_return))
    with stamp.instead(stamp.of_result(chosen.portfolio, after)):
        show.table(
            rows,
            (
                Column("what", "Edit", width="medium"),
                Column("was", "Move before", "share"),
                Column("now", "Move now", "share"),
                Column("before", "Total return before", "share"),
                Column("after", "After, this alone", "share"),
                Column("change", "Change", "share"),
            ),
            file=f"{chosen.portfolio} edits",
            key="edit_effects",
        )
    _keep(chosen, result, after)


def _effect(what: str, was: float | None, now: float | None, before: float, after: float) -> dict[str, Any]:
    return {"what": what, "was": was, "now": now, "before": before, "after": after, "change": after - before}


def _keep(chosen: Selection, result: ShockResult, after: ShockResult) -> None:
    varied = after.scenario
    keeping.button(chosen, after, "keep_variation", "Keep the edited result")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.text_input("Name of the variation", key="edit_title", max_chars=80, persist_state="session")
        one = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
        settled = as_numbers(varied, result.book, id=one or "variation", title=title.strip() or varied.title)
        save = scenarios.save_buttons(settled, "edit_save", named=bool(one))
        st.download_button(
            "Download TOML",
            settled.to_toml(),
            file_name=f"{one or 'variation'}.toml",
            mime="application/toml",
            key="edit_toml",
            icon=":material/download:",
            on_click="ignore",
        )
        if st.button("Clear all edits", key="edit_clear"):
            st.session_state[state.EDITS].pop(result.scenario.hash, None)
            st.session_state[state.ROUND] = st.session_state.get(state.ROUND, 0) + 1
            st.rerun()
    if one and (said := scenarios.in_the_way(settled)):
        st.warning(plain(said))
    again = shocks.shock_of(*chosen.key, settled).total_return
    gap = again - after.total_return
    st.caption(
        plain(
            "Saved, the variation is a custom scenario: each line of this book by name (so they count as user), the "
            "segments at their means for other books, one exchange-rate move for each currency; a replay itself lives "
            f"in several files and cannot be written as one. On this book the file gives {percent(again, signed=True)}"
            + (
                ", the same."
                if abs(gap) < SAME
                else f", {percent(gap, signed=True)} off: a line lacks a code, or a currency has two windows."
            )
        )
        if result.scenario.observed
        else "Saved under another name; the scenario that you started from stays as it is."
    )
    if save:
        scenarios.keep(settled, save == "replace")
        st.rerun()
