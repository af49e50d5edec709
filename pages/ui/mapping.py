"""Columns said by hand: each column of the file beside what it was taken for, and a preview that follows the choice.

Which security is meant: what a file leaves open is asked here, once, and the answer is kept with the portfolio.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import streamlit as st

from exposure.chain.assign import Question, option
from exposure.chain.listing import UNKNOWN
from exposure.errors import ExposureError
from exposure.reading.mapping import FIELDS, Header, first_fields, mapping_of
from exposure.view import holdings, sentences
from exposure.view.looks import Column
from pages.ui import actions, answers, cache, guard, show, state
from pages.ui import answers as readings
from pages.ui.select import Selection

MEANS = "Understood as"
SHOWN = 3
"""Rows of the file beside each heading."""
HEIGHT = 420


def in_use(name: str, sha256: str) -> dict[str, str]:
    """Give the mapping that an upload is read by: as said in this session, else as kept for headings like these."""
    own = st.session_state.get(state.MAPPING)
    if own and own[0] == sha256:
        return dict(own[1])
    found = header(name, sha256, {})
    kept = cache.store().columns_for(found.shape) if found else None
    return dict(kept or {})


def header(name: str, sha256: str, mapping: dict[str, str], line: int | None = None) -> Header | None:
    """Give the headings and first rows of the upload, None where it has none."""
    try:
        return answers.header(sha256, name, tuple(mapping.items()), line)
    except ExposureError:
        return None


def to_remember(name: str, sha256: str) -> tuple[str, dict[str, str]] | None:
    """Give shape and mapping to keep once the upload is confirmed; None where nothing was said by hand, now or before.

    One that was kept before is given too: it then goes with the last portfolio that it was used for.
    """
    own = st.session_state.get(state.MAPPING)
    said = dict(own[1]) if own and own[0] == sha256 else None
    used = in_use(name, sha256) if said is None else said
    found = header(name, sha256, {}) if said is not None or used else None
    return (found.shape, used) if found else None


@st.fragment
def mend(name: str, sha256: str, dates: str | None, decimal: str | None, refused: bool = False) -> None:
    """Let every column be said to mean something, and show what that reads before it is used."""
    mapping = in_use(name, sha256)
    line = None
    if refused:
        guess = header(name, sha256, mapping)
        if guess is None:
            return
        st.markdown("**Say which column means what**")
        line = st.number_input("Line of the headings", 1, None, guess.line, key=f"line_{sha256[:12]}", width=200)
        line = None if line == guess.line else line
    found = header(name, sha256, mapping, line)
    if found is None:
        st.caption("No line of that number can be one of headings.")
        return
    if mapping:
        st.caption("Columns as they were said by hand for files with these headings.")
    chosen = _editor(found, f"columns_{sha256[:12]}_{found.line}_{st.session_state.get(state.ROUND, 0)}")
    with guard.sentences():
        said = mapping_of(found, chosen)
        same = chosen == first_fields(found)
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("Use these columns", type="primary", key="use_columns", disabled=same):
                _use(sha256, said)
            if mapping and st.button("Back to what is recognised", key="forget_columns"):
                _use(sha256, {})
            st.download_button(
                "Download this mapping",
                json.dumps(said, ensure_ascii=False, indent=1),
                file_name="columns.json",
                mime="application/json",
                key="mapping_file",
                help="For the command line: --columns FILE",
                icon=":material/download:",
                type="tertiary",
                on_click="ignore",
            )
        if not refused or not same:
            _preview(found, name, sha256, dates, decimal, mapping if same else said)


def _editor(found: Header, key: str) -> list[str | None]:
    """Show a row for each column of the file: heading, meaning to choose, and what stands in its first rows."""
    import pandas as pd

    shown = found.rows[:SHOWN]
    cells: dict[str, list[Any]] = {"Heading": [sentences.one_line(h, 60) for h in found.headings]}
    cells[MEANS] = first_fields(found)
    for line, row in shown:
        cells[f"Row {line}"] = [
            sentences.one_line(row[i], 60) if i < len(row) else "" for i in range(len(found.headings))
        ]
    answer = st.data_editor(
        pd.DataFrame(cells, dtype=object),
        key=key,
        hide_index=True,
        height=min(HEIGHT, 38 + 35 * len(found.headings)),
        disabled=["Heading", *(f"Row {line}" for line, _ in shown)],
        column_config={
            MEANS: st.column_config.SelectboxColumn(options=list(FIELDS), format_func=_label, width="medium"),
            "Heading": st.column_config.TextColumn(width="medium"),
        },
    )
    return [field if isinstance(field, str) and field in FIELDS else None for field in answer[MEANS]]


def _label(field: Any) -> str:
    return FIELDS.get(field, "")


def _preview(
    found: Header, name: str, sha256: str, dates: str | None, decimal: str | None, mapping: dict[str, str]
) -> None:
    """Show the same rows of the file as they would be read."""
    read = answers.read_upload(sha256, name, dates, decimal, tuple(mapping.items()), answers.units_said())[-1]
    lines = {line for line, _ in found.rows}
    seen = [row for row in holdings.holdings(read) if row["row"] in lines] or holdings.holdings(read)[: len(lines)]
    counted = f"{sentences.count(read.positions, 'position')}, {sentences.count(read.cash, 'cash row')}"
    st.caption(
        sentences.plain(
            f"Read so: {counted}, {sentences.count(len(read.rejected), 'rejected row')}. Below, the first rows "
            "of the file."
        )
    )
    show.table(seen, PREVIEW, file=f"{name} preview", key="check_preview")


def _use(sha256: str, mapping: dict[str, str]) -> None:
    st.session_state[state.MAPPING] = [sha256, mapping]
    st.session_state[state.ROUND] = st.session_state.get(state.ROUND, 0) + 1
    st.rerun()


PREVIEW = (
    Column("row", "Row", "row"),
    Column("kind", "Kind", width="small"),
    Column("name", "Name", width="medium"),
    Column("ticker", "Ticker", width="small"),
    Column("isin", "ISIN", width=130),
    Column("quantity", "Quantity", "number"),
    Column("price", "Price", "number"),
    Column("price_currency", "Price in", width="small"),
    Column("market_value", "Value", "money"),
    Column("value_currency", "Value in", width="small"),
    Column("weight", "Weight stated", "share"),
    Column("currency", "Trades in", width="small"),
    Column("derived", "Computed", width="small"),
)


OPEN = ""
QUESTIONS_SHOWN = 12
"""Questions on the page at once, those of the largest lines first; the next ones follow as these are answered."""


def ask(chosen: Selection) -> None:
    """Show what is left open of a snapshot's lines, and the answers that were given."""
    owner = cache.standing(chosen.portfolio, chosen.snapshot_id)
    asked = readings.questions(chosen.portfolio, chosen.snapshot_id)
    if asked:
        with st.container(border=True):
            st.markdown(
                f"**Which security is meant?** {sentences.count(len(asked), 'line')} can be told in several ways."
            )
            with st.container(horizontal=True):
                for question in asked[:QUESTIONS_SHOWN]:
                    _ask(owner, question)
            more = f" {len(asked) - QUESTIONS_SHOWN} more follow." if len(asked) > QUESTIONS_SHOWN else ""
            st.caption(f"The answer is kept for this portfolio, and used on the command line too.{more}")
    answers = cache.store().answers(owner)
    if answers:
        _given(chosen.portfolio, owner, answers)


def _ask(portfolio: int, question: Question) -> None:
    labels = {o.symbol: f"{o.symbol} · {sentences.one_line(o.name, 40)} ({o.currency})" for o in question.options}
    labels |= {OPEN: "Choose", UNKNOWN: "None of these"}
    key = f"answer_{hashlib.sha256(f'{portfolio} {question.identifier}'.encode()).hexdigest()[:12]}"
    st.selectbox(
        sentences.plain(f"{question.label} (row {question.row})", 80),
        [OPEN, *(o.symbol for o in question.options), UNKNOWN],
        format_func=labels.__getitem__,
        key=key,
        help=sentences.plain(question.doubt),
        on_change=actions.answer,
        args=(portfolio, question.identifier, key),
        width=340,
    )


def _given(portfolio: str, owner: int, answers: dict[str, str]) -> None:
    named = {one: option(symbol) for one, symbol in answers.items()}
    with st.expander(sentences.count(len(answers), "answer"), icon=":material/how_to_reg:"):
        show.table(
            [
                {
                    "identifier": one,
                    "symbol": None if symbol == UNKNOWN else symbol,
                    "name": "none of those on offer" if symbol == UNKNOWN else (known.name if known else None),
                }
                for one, symbol in answers.items()
                for known in [named[one]]
            ],
            (
                Column("identifier", "In the file", width="small"),
                Column("symbol", "Means", width="small"),
                Column("name", "Name", width="medium"),
            ),
            file=f"{portfolio} answers",
            key="answers",
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            which = st.selectbox("Answer", list(answers), key="answer_which", width=240)
            st.button("Take it back", key="answer_back", on_click=actions.take_back, args=(owner, which))
