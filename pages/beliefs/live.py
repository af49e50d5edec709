"""What moves under the finger: levers, figures, flow and table, drawn in the browser by the script beside this file.

A lever's answer by way of the server takes some hundred milliseconds, most of them spent by Streamlit on widgets that
stand still and by Plotly on axes. So the engine's answers at each step of the levers in sight are sent ahead, and the
script draws the one under the finger; the server then answers as ever, and what it says is drawn over it. One component
stands in several places of the page. The words it fills in and the formats of numbers are sent along.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from exposure.chain import top_segment
from exposure.errors import ScenarioError
from exposure.format import MINUS, THIN, UNITS, money, percent
from exposure.levers import LeverCut
from exposure.messages import template, words
from exposure.scenarios import RANGES, LeverMisses, checked_levers, lever_texts
from exposure.view import beliefs, looks
from exposure.view.beliefs import Row
from exposure.view.sentences import SHARES, lever_name, lever_value
from pages.beliefs import levers
from pages.beliefs.levers import View
from pages.ui import cache, scenarios, show, state

Steps = dict[str, Any]
SCALE = 1e8
"""Answers are sent as whole numbers of this fraction: the last digit is far below what is shown."""
KEY = "levers_live"
WORDS = ("finding", "nothing-moves", "flow", "flow-link", "flow-name", "flow-row", "furthest-off")
"""Messages `beliefs.…` that the script fills in as levers move."""
FORMATS = {"minus": MINUS, "thousands": THIN, "decimal": ".", "percent": f"{THIN}%", "units": UNITS}
FIGURES = {"total": "{total:signed}", "pnl": "{pnl}", "replay": "{replay:signed}", "gap": "{gap:signed}"}
HUES = list(looks.LIGHT)
"""Segments in the order of the theme's colours for charts."""

_HERE = Path(__file__)
_component = st.components.v2.component(
    "levers",
    html='<div class="live"></div>',
    css=_HERE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_HERE.with_suffix(".js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def figures(view: View) -> None:
    """Show the line of figures."""
    _component(key="levers_figures", data={"place": "figures", "figures": figure_data(view)})


def figure_data(view: View) -> list[dict[str, str]]:
    """Give label and note of each figure, and how its value is written."""
    book = view.book
    base = "gross exposure" if book.capital_basis == "gross" else "net asset value"
    known = {"base": base, "capital": money(book.capital, book.currency)}
    shown = {key: how for key, how in FIGURES.items() if key != "pnl" or book.basis == "values"}
    return [
        {"label": words(f"beliefs.figure.{key}", {}), "note": words(f"beliefs.figure.{key}-note", known), "shown": how}
        for key, how in shown.items()
    ]


def sliders(view: View, in_sight: Sequence[str], replay: float) -> None:
    """Show the sliders of some levers, and say where all stand; what is moved changes the levers of this session."""
    seen = (st.session_state.get(KEY, {}).get("moved") or {}).get("serial", 0)
    data = {"place": "levers", "levers": [slider(view, lever) for lever in in_sight], **standing(view, replay)}
    _component(key=KEY, data=data | {"seen": seen}, on_moved_change=_moved)


def _moved() -> None:
    take(st.session_state[KEY]["moved"])


def take(moved: Mapping[str, Any]) -> None:
    """Take over the values that a browser sends, lever → value; one that cannot be is left out."""
    library = cache.beliefs().levers
    changed = dict(st.session_state[state.LEVERS])
    for lever, value in moved["levers"].items():
        with suppress(ScenarioError):
            changed |= checked_levers({lever: value})
    st.session_state[state.LEVERS] = {
        lever: value for lever, value in changed.items() if abs(value - library[lever]) >= levers.SAME
    }


def slider(view: View, lever: str) -> dict[str, Any]:
    """Give what a slider says of its lever."""
    text, value, library = lever_texts()[lever], view.levers[lever], view.base.levers[lever]
    (low, high), own = RANGES[lever], abs(value - library) >= levers.SAME
    mark = "assumed" if own else text.state
    notes = [
        text.meaning,
        words("beliefs.lever.range", {"low": lever_value(lever, low), "high": lever_value(lever, high)}),
    ]
    if own:
        notes.append(words("beliefs.lever.changed", {"value": lever_value(lever, library)}))
    return {
        "id": lever,
        "label": f"{lever_name(lever)}, {text.unit} · {levers.MARKS[mark]} {mark}",
        "note": " ".join(notes),
        "low": low,
        "high": high,
        "step": levers.step(lever),
        "shown": written(lever),
    }


def written(lever: str) -> str:
    """Give how a lever's value is written, as a template of the messages."""
    unit = lever_texts()[lever].unit
    if unit in SHARES:
        return "{value:signed.1}" if unit == "move" else "{value:percent.1}"
    return "{value:number.1} ×" if unit == "factor" else "{value:number.2}"


def standing(view: View, replay: float) -> dict[str, Any]:
    """Tell where all levers stand and what the engine says there, with what no lever changes."""
    fixed = ("label", "segment", "whole", "on", "names", "observed", "observed_log")
    book = view.book
    return {
        "rows": [{key: row[key] for key in fixed} | {"hue": HUES.index(top_segment(row["id"]))} for row in view.chain],
        "at": view.levers,
        "now": {
            "total": view.cut.total_return,
            "moves": [row["modelled_log"] for row in view.chain],
            "costs": [row["contribution"] for row in view.chain],
        },
        "replay": replay,
        "capital": book.capital,
        "currency": (book.currency or "") if book.basis == "values" else None,
        "words": {word: template(f"beliefs.{word}") for word in WORDS},
        "formats": FORMATS,
    }


def flow(view: View) -> None:
    """Show the flow under its finding, with its source and its downloads."""
    with show.frame("flow"):
        _component(key="levers_flow", data={"place": "flow"})
        finding = beliefs.finding(view.chain)
        show.below("flow", title=finding, source=view.source, as_of=view.end, currency=view.book.currency)


COLUMNS = ("segment", "observed", "modelled", "miss", "names", "contribution")
"""What a row of the flow holds, as its table and a file have it."""


def table(view: View) -> None:
    """Show the flow's rows: the replay, these beliefs, how far they are apart, and what they cost."""
    heads = [words(f"beliefs.table.{column}", {}) for column in COLUMNS]
    lines = [_line(row) for row in view.chain]
    data = {"place": "table", "label": words("beliefs.table", {}), "heads": heads, "lines": lines}
    _component(key="levers_table", data=data)


def _line(row: Row) -> dict[str, Any]:
    return {key: row[key] for key in ("segment", "whole", "names")} | {
        "observed": percent(row["observed"], signed=True)
    }


def send_ahead(view: View, in_sight: Sequence[str]) -> None:
    """Send the answers at the steps of the levers in sight: last, when all that is seen stands."""
    at, rows = view.levers, tuple(row["id"] for row in view.chain)
    by_lever = {}
    for lever in in_sight:
        others = tuple(sorted((each, value) for each, value in at.items() if each != lever))
        key = (lever, levers.near(lever, at[lever]), rows)
        by_lever[lever] = cache.steps(view.ids, scenarios.DEFAULT, others, *key, _answer=steps)
    _component(key="levers_ahead", data={"place": "ahead", "at": at, "scale": SCALE, "levers": by_lever})


def steps(
    ready: tuple[LeverCut, LeverMisses],
    others: Mapping[str, float],
    lever: str,
    values: Sequence[float],
    rows: Sequence[str],
) -> Steps:
    """Answer each of the values of one lever, the others standing: totals, and moves and costs of the flow's rows.

    Parameters
    ----------
    ready : the book and the replay's moves, ready for any levers.
    others : a value for each other lever.
    rows : segments and sub-segments in the order of the flow.
    """
    cut, misses = ready
    along, at = np.array(values), {**others, lever: values[0]}
    total, parts = cut.along(at, lever, along)
    moves = dict(zip(misses.groups, misses.along(at, lever, along).T, strict=True))
    nothing = np.zeros(len(along))
    costs = [sum((v for s, v in parts.items() if s == row or s.startswith(f"{row}.")), nothing) for row in rows]

    def whole(columns: Any) -> Any:
        return np.rint(SCALE * np.asarray(columns)).astype(np.int64).T.tolist()

    return {
        "values": list(values),
        "total": whole(total),
        "moves": whole([moves[row] for row in rows]),
        "costs": whole(costs),
    }
