"""What has moved so far: the paste, the segments, the last day of prices, and the scenario that they make."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from exposure.chain.scheme import name_of
from exposure.format import day, percent
from exposure.scenarios.pasted import Pasted, read_pasted
from exposure.types import Scenario
from pages.shared import cache, scenario_draft, scenario_editor, show, state
from pages.shared.prices import made_up
from pages.shared.scenario_draft import Refusal
from pages.shared.show import Column
from pages.shared.texts import plain, segment_label

EXAMPLE = "NVDA -17%\nSMH -9.8%\nSPY -1.4%"
TEXT, DAY = "prediction_text", "prediction_as_of"


def asked(portfolio: str) -> tuple[Pasted, str]:
    """Draw the fields and give what was pasted, and the last day of prices (ISO, empty where there is none)."""
    draft = st.session_state.get(state.PASTED) or {}
    status = cache.store().price_status(portfolio)
    st.session_state.setdefault(TEXT, draft.get("text", ""))
    st.text_area(
        "Names and moves, one a line", key=TEXT, height=180, placeholder=EXAMPLE, max_chars=20_000,
        help="Tickers or segments, straight from a spreadsheet too: NVDA -17%, NVDA;-0,17, SMH and a tab and -9.8%",
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        segment = st.selectbox(
            "Segment", scenario_editor.SEGMENTS, format_func=segment_label, key="prediction_segment", width=240
        )
        move = st.number_input("Move, %", value=-5.0, step=0.5, format="%.2f", key="prediction_move", width=150)
        st.button("Add this line", key="prediction_add", on_click=_add, args=(segment, move))
        st.button("Example", key="prediction_example", on_click=_example, type="tertiary")
    last = status.end.isoformat() if status.end else ""
    if DAY not in st.session_state:
        said = draft.get("as_of") or last
        st.session_state[DAY] = date.fromisoformat(said) if said else None
    chosen = st.date_input(
        "By prices up to", key=DAY, min_value=date(1990, 1, 1), max_value=date(2100, 12, 31), width=180,
        help="Nothing later is looked at: the last close before the day whose moves are given",
    )  # fmt: skip
    if status.tickers:
        sort = "made-up prices of the demo" if made_up(portfolio) else "stored prices"
        st.caption(plain(f"How the names moved together before is learnt from the {sort}, up to {day(status.end)}."))
    as_of = chosen.isoformat() if chosen else ""
    said = {"text": st.session_state[TEXT], "as_of": as_of if as_of != last else ""}
    st.session_state[state.PASTED] = said if said["text"].strip() else {}  # a visit alone drafts nothing
    return read_pasted(st.session_state[TEXT]), as_of


def _add(segment: str, move: float) -> None:
    text = st.session_state.get(TEXT, "").rstrip()
    st.session_state[TEXT] = f"{text}\n{segment} {move:g}%".lstrip()


def _example() -> None:
    st.session_state[TEXT] = EXAMPLE


def told(pasted: Pasted) -> None:
    """Say what was understood and what was refused, line by line."""
    for each in pasted.refused[:20]:
        st.error(plain(f"Line {each.number}, {each.raw[:60]}: {each.reason}."), icon=":material/error:")
    if len(pasted.refused) > 20:
        st.error(plain(f"{len(pasted.refused) - 20} more lines were not understood."))
    if pasted.heading:
        st.caption(plain(f"Read as a heading: {pasted.heading}"))
    if pasted.lines:
        said = ", ".join(f"{_called(line.name)} {percent(line.move, signed=True)}" for line in pasted.lines[:12])
        more = f" and {len(pasted.lines) - 12} more" if len(pasted.lines) > 12 else ""
        st.caption(plain(f"Understood: {said}{more}."))


def _called(name: str) -> str:
    return name_of(name) if name in scenario_editor.SEGMENTS else name


def scenario(pasted: Pasted, as_of: str, title: str) -> Scenario | Refusal:
    """Make the prediction of what was pasted; its id follows from its title."""
    given = [[line.name, line.move] for line in pasted.lines]
    draft = scenario_draft.empty("predictive", id=scenario_draft.slug(title) or "so-far", title=title, as_of=as_of)
    return scenario_draft.read(draft | {"given": given})


def lines(rows: list[dict[str, Any]], file: str) -> None:
    """Show every line with its move, its band where one is known, and where it came from."""
    show.table(
        rows,
        (
            Column("name", "Name", width="medium"),
            Column("ticker", "Ticker", width="small"),
            Column("weight", "Weight", "share"),
            Column("total_move", "Expected move", "share"),
            Column("low", "Band from", "share", "90 %, where something tells the error of this line"),
            Column("high", "Band to", "share"),
            Column("contribution", "Contribution", "share", "To the total return"),
            Column("mark", "Move from", width="small"),
            Column("source", "Source", width="small"),
            Column("segment", "Segments", width="medium"),
        ),
        file=file,
        key="prediction_lines",
    )
