"""The editor of a scenario: its heads and tables, each with the refusal that concerns it, and the draft they make."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import streamlit as st

from exposure.format import from_points, points
from exposure.view import sentences
from exposure.view.sentences import plain, segment_label
from pages.ui import cache, scenario_draft, state
from pages.ui.scenario_draft import HEAD, NUMBERS, SEGMENTS, TABLES, Draft, Refusal

MOVE = "Move, %"
REST = {"move": "A move", "outside": "As those outside", "market": "By beta"}
REST_SAID = {
    "move": "What nothing in this scenario reaches makes this move.",
    "outside": "What nothing reaches moves with its sector’s fund, else as the stocks outside the chain; in a custom "
    "scenario that is the move of the segment outside.",
    "market": "What nothing reaches moves with the market, each name by its beta.",
}
REACTIONS = {
    "open": "To the first close after New York opens",
    "close": "To the first close not before New York’s",
    "common": "The same two dates everywhere",
}
HEADINGS = {
    "segments": ("Segments and sub-segments", "A sub-segment overrides its segment."),
    "tickers": ("Names by ticker", "They override the segments. Without a suffix a ticker means the issuer, with one "
                "(2330.TW) that listing alone."),
    "isins": ("Names by ISIN", "They override the tickers."),
    "fx": ("Currencies", "Against the US dollar. One that is left out does not move, or in a replay as it did."),
    "given": ("Given moves", "Tickers or segments; everything else follows from how it moved with them."),
    "windows": ("Exchanges with other days", "Yahoo’s suffix, such as .T for Tokyo; several separated by spaces; the "
                "first and last close to compare."),
    "levers": ("Levers", "The value decides the figures; mean, sd, low and high are its prior, for draws."),
}  # fmt: skip
KEYS = {"tickers": "Ticker", "isins": "ISIN", "fx": "Currency", "given": "Ticker or segment", "segments": "Segment"}


def start(draft: Draft) -> None:
    """Put a draft on the table in place of the one that lies there, which can be had back."""
    if st.session_state.get(state.EDITOR):
        cache.desk()["draft"] = st.session_state[state.EDITOR]
    st.session_state[state.EDITOR] = draft
    st.session_state[state.ROUND] = st.session_state.get(state.ROUND, 0) + 1


def edit(draft: Draft) -> dict[str, Any]:
    """Draw the editor of a draft, write what is typed into it, and give for each place where a refusal is said."""
    _heads(draft)
    places: dict[str, Any] = {HEAD: st.empty()}
    for name in TABLES[draft["kind"]]:
        heading, meaning = HEADINGS[name]
        few = name in ("isins", "windows") or (name == "tickers" and draft["kind"] != "custom")
        few = few or (name in ("fx", "segments") and draft["kind"] not in ("custom",))
        with st.expander(heading, expanded=bool(draft[name]) or not few):
            st.caption(meaning)
            {"windows": _windows, "levers": _levers}.get(name, _moves)(draft, name)
            places[name] = st.empty()
    return places


def refuse(places: dict[str, Any], refusal: Refusal) -> None:
    """Say what speaks against the draft at the place that it concerns."""
    places.get(refusal.place, places[HEAD]).error(plain(refusal.sentence), icon=":material/error:")


def _heads(draft: Draft) -> None:
    one, other = st.columns([3, 2])
    with one:
        draft["title"] = st.text_input("Title", max_chars=80, key=_field(draft, "title"))
    with other:
        made = scenario_draft.slug(draft["title"]) or "from the title"
        draft["id"] = st.text_input("Id", max_chars=60, placeholder=made, key=_field(draft, "id"))
    if draft["kind"] == "replay":
        with one:
            draft["from"] = _iso(st.date_input("From the close of", **_date(draft, "from")))
        with other:
            draft["to"] = _iso(st.date_input("To the close of", **_date(draft, "to")))
        draft["reaction"] = st.selectbox(
            "Each exchange", list(REACTIONS), format_func=REACTIONS.__getitem__, key=_field(draft, "reaction")
        )
        draft["local_only"] = st.toggle(
            "Leave currencies out", help="Every line then moves as it did at home", key=_field(draft, "local_only")
        )
    elif draft["kind"] == "predictive":
        with one:
            draft["as_of"] = _iso(st.date_input("By prices up to", **_date(draft, "as_of")))
    if draft["kind"] in ("custom", "replay"):
        _rest(draft)


def _rest(draft: Draft) -> None:
    key = _key("rest")
    st.session_state.setdefault(key, draft["rest"] if isinstance(draft["rest"], str) else "move")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        was = draft["rest"] if isinstance(draft["rest"], str) else "move"
        picked = st.segmented_control(
            "Everything else", list(REST), format_func=REST.__getitem__, required=True, key=key
        )
        rest = picked or was  # a browser that redraws may send nothing for a moment
        if rest == "move":
            size = draft["rest"] if not isinstance(draft["rest"], str) else 0.0
            draft["rest"] = _percent("Move of the rest, %", "rest_move", size)
        else:
            draft["rest"] = rest
        if rest == "market":
            draft["market"] = _percent("Market’s move, %", "market_move", draft["market"] or 0.0)
        else:
            draft["market"] = None
    st.caption(REST_SAID[rest])


def _percent(label: str, name: str, was: float) -> float:
    key = _key(name)
    st.session_state.setdefault(key, points(was))
    typed = st.number_input(label, format="%.2f", step=0.5, width=170, key=key)
    return was if typed == points(was) else float(from_points(typed) or 0.0)


def _moves(draft: Draft, name: str) -> None:
    make, heading = st.column_config, KEYS[name]
    column: Any = make.TextColumn(heading, width="medium", max_chars=40)
    if name == "segments":
        known = list(dict.fromkeys([*SEGMENTS, *(key for key, _ in _base(draft, name))]))
        column = make.SelectboxColumn(heading, width="medium", options=known, format_func=_segment)
    _table(draft, name, (heading, MOVE), {heading: column, MOVE: make.NumberColumn(MOVE, format="%.2f", width="small")})


def _windows(draft: Draft, name: str) -> None:
    make = st.column_config
    columns = ("Exchanges", "From", "To")
    config = {
        "Exchanges": make.TextColumn(width="medium"),
        "From": make.DateColumn(width="small"),
        "To": make.DateColumn(width="small"),
    }
    _table(draft, name, columns, config)


def _levers(draft: Draft, name: str) -> None:
    import pandas as pd

    base = _base(draft, name)
    heads = ["Value", "Mean", "Sd", "Low", "High"]
    frame = pd.DataFrame([numbers for numbers in base.values()], columns=heads, dtype="float64")
    frame.insert(0, "Lever", [sentences.lever_name(lever) for lever in base])
    st.data_editor(frame, hide_index=True, key=_key(name), disabled=["Lever"], height=300)
    done = {lever: list(numbers) for lever, numbers in base.items()}
    for place, cells in st.session_state[_key(name)]["edited_rows"].items():
        for head, value in cells.items():
            done[list(done)[int(place)]][heads.index(head)] = value
    draft[name] = done
    assert len(heads) == len(NUMBERS)


def _table(draft: Draft, name: str, columns: tuple[str, ...], config: Mapping[str, Any]) -> None:
    """Draw a table whose rows can be added, edited and taken out; what is done to it becomes the draft's."""
    import pandas as pd

    base, key = _base(draft, name), _key(name)
    shown = [[_shown(cell, head) for cell, head in zip(row, columns, strict=True)] for row in base]
    frame = pd.DataFrame(shown, columns=list(columns))
    if MOVE in columns:
        frame[MOVE] = frame[MOVE].astype("float64")
    for head in ("From", "To"):
        if head in columns:
            frame[head] = pd.to_datetime(frame[head])
    st.data_editor(frame, hide_index=True, key=key, num_rows="dynamic", column_config=dict(config), placeholder="")
    changes = {
        kind: [_typed(cells) for cells in found]
        if kind == "added_rows"
        else {row: _typed(cells) for row, cells in found.items()}
        if kind == "edited_rows"
        else found
        for kind, found in st.session_state[key].items()
    }
    rows = scenario_draft.changed(base, changes, columns)
    draft[name] = [[row[0].strip() if isinstance(row[0], str) else "", *row[1:]] for row in rows]


def _typed(cells: Mapping[str, Any]) -> dict[str, Any]:
    """Give cells as the draft holds them: moves as fractions, days as ISO text."""
    kept: dict[str, Any] = {}
    for head, value in cells.items():
        if head == MOVE:
            kept[head] = from_points(value)
        elif head in ("From", "To"):
            kept[head] = str(value)[:10] if value else ""
        else:
            kept[head] = value
    return kept


def _base(draft: Draft, name: str) -> Any:
    """Give what a table is drawn from: as the draft was when the table appeared, for its changes count from there."""
    bases, key = cache.desk().setdefault("bases", {}), _key(name)
    if key not in st.session_state or key not in bases:
        bases[key] = (
            {k: list(v) for k, v in draft[name].items()} if name == "levers" else [list(r) for r in draft[name]]
        )
    return bases[key]


def _shown(cell: Any, head: str) -> Any:
    if head == MOVE:
        return points(cell)
    return (cell or None) if head in ("From", "To") else cell


def _segment(segment: str | float) -> str:
    return segment_label(segment) if isinstance(segment, str) and segment in SEGMENTS else str(segment)


def _key(name: str) -> str:
    return f"scenario_{name}_{st.session_state.get(state.ROUND, 0)}"


def _field(draft: Draft, name: str) -> str:
    """Give the key of a field, with what the draft says in it where the field appears anew."""
    key = _key(name)
    st.session_state.setdefault(key, draft[name])
    return key


def _date(draft: Draft, name: str) -> dict[str, Any]:
    key = _key(name)
    st.session_state.setdefault(key, date.fromisoformat(draft[name]) if draft[name] else None)
    return {"key": key, "min_value": date(1990, 1, 1), "max_value": date(2100, 12, 31)}


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
