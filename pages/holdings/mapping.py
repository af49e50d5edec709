"""Columns said by hand: each column of the file beside what it was taken for, and a preview that follows the choice."""

from __future__ import annotations

import json
from typing import Any, Literal

import streamlit as st

from exposure.errors import ExposureError
from exposure.reading import FIELDS, Header, first_fields, mapping_of
from exposure.types import Snapshot
from exposure.view import holdings, sentences
from exposure.view.looks import Column
from pages.ui import cache, guard, show, state

DateOrder = Literal["mdy", "dmy"]
DecimalMark = Literal[".", ","]
Said = tuple[tuple[str, str], ...]
"""A mapping as pairs: of columns field and heading, of answers identifier and symbol, of units what they stand in."""


@cache.until("deletion")
@st.cache_resource(show_spinner="Reading the file", max_entries=4, scope="session")
def read_upload(
    sha256: str,
    name: str,
    *,
    dates: DateOrder | None = None,
    decimal: DecimalMark | None = None,
    columns: Said = (),
    units: Said = (),
) -> tuple[Snapshot, ...]:
    """Read the upload of a hash, one snapshot for each date that it holds; the name may tell the date."""
    from exposure.reading import read_all

    data = cache.desk()["upload"][sha256]
    return read_all(data, name=name, dates=dates, decimal=decimal, columns=dict(columns), units=dict(units))


UNIT = "unit_"
"""Before the quote unit: the key of what was said of figures in it."""


def units_said() -> Said:
    """Give what was said of figures of the upload that stand in a currency or in its hundredth."""
    said = {str(key): str(value) for key, value in st.session_state.items() if value}
    return tuple(sorted((key.removeprefix(UNIT), unit) for key, unit in said.items() if key.startswith(UNIT)))


@cache.until("deletion")
@st.cache_resource(show_spinner=False, max_entries=8, scope="session")
def _header(sha256: str, name: str, columns: Said = (), line: int | None = None) -> Header:
    """Find the headings of the upload of a hash and its first rows."""
    from exposure.reading import header_of

    return header_of(cache.desk()["upload"][sha256], name, dict(columns), line)


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
        return _header(sha256, name, tuple(mapping.items()), line)
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


@guard.fragment
def choose(name: str, sha256: str, dates: DateOrder | None, decimal: DecimalMark | None, refused: bool = False) -> None:
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
            columns = tuple((mapping if same else said).items())
            read = read_upload(sha256, name, dates=dates, decimal=decimal, columns=columns, units=units_said())
            _preview(found, read[-1], name)


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


def _preview(found: Header, read: Snapshot, name: str) -> None:
    """Show the same rows of the file as they would be read."""
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
