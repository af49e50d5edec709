"""What moves under the finger: figures, flow and table as HTML that the script beside this file redraws.

A lever's answer by way of the server takes some hundred milliseconds, most of them spent by Streamlit on widgets that
stand still and by Plotly on axes. So the engine's answers at each step of the levers in sight are sent ahead, and the
script draws the one under the finger; the server then answers as ever, and what it says is drawn over it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from exposure.levers.book import LeverCut
from exposure.scenarios.lever_arrays import LeverMisses
from exposure.view import beliefs, looks
from exposure.view.beliefs import Figure, Row
from pages.beliefs import levers as beliefs_levers
from pages.beliefs.levers import Asked
from pages.ui import cache, scenarios
from pages.ui import show as export
from pages.ui.show import below

Steps = dict[str, Any]
SCALE = 1e8
"""Answers are sent as whole numbers of this fraction: the last digit is far below what is shown."""
_SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
_STYLE = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")


def head(items: Sequence[Figure], dark: bool) -> str:
    """Give the line of figures; those that move carry the name under which the script finds them."""
    return f'<div class="live-head"{_colours(dark)}>{"".join(map(_item, items))}</div>'


def _item(item: Figure) -> str:
    label, value, told, key = map(escape, item)
    mark = f'<span class="live-mark" tabindex="0" role="note" aria-label="{told}" title="{told}">?</span>'
    named = f' data-live="{key}"' if key else ""
    return f"<div><p>{label} {mark if told else ''}</p><p{named}>{value}</p></div>"


def show(asked: Asked, replay: float, dark: bool) -> None:
    """Show the flow under its finding, with its source and its downloads."""
    with export.frame("flow"):
        st.html(flow(asked, replay, dark), unsafe_allow_javascript=True)
    finding = beliefs.finding(asked.chain)
    below("flow", title=finding, source=asked.about, as_of=asked.end, currency=asked.book.currency)


def send_ahead(asked: Asked, in_sight: Sequence[str]) -> None:
    """Send the answers at the steps of the levers in sight: last, when all that is seen stands."""
    levers, rows = asked.levers, tuple(row["id"] for row in asked.chain)
    by_lever = {}
    for lever in in_sight:
        others = tuple(sorted((each, value) for each, value in levers.items() if each != lever))
        values = beliefs_levers.near(lever, levers[lever])
        by_lever[lever] = cache.steps(asked.ids, scenarios.DEFAULT, others, lever, values, rows, _answer=_steps)
    st.html(ahead(levers, by_lever))


def flow(asked: Asked, replay: float, dark: bool) -> str:
    """Give the finding and the place of the picture, with what the script needs to know to draw both."""
    rows = asked.chain
    finding, words = escape(beliefs.finding(rows)), escape(beliefs.in_words(rows))
    return (
        f'<h3 data-live="finding">{finding}</h3><div class="live-flow" role="img" aria-label="{words}"></div>'
        f'<div class="live-facts" hidden>{escape(json.dumps(_facts(asked, replay, dark)), quote=False)}</div>'
        f"<style>{_STYLE}</style><script>{_SCRIPT}</script>"
    )


def _facts(asked: Asked, replay: float, dark: bool) -> dict[str, Any]:
    """Tell what no lever changes, and where everything stands."""
    book = asked.book
    fixed = ("label", "segment", "whole", "on", "names", "observed", "observed_log")
    return {
        "rows": [{key: row[key] for key in fixed} | {"colour": _colour(row, dark)} for row in asked.chain],
        "capital": book.capital,
        "currency": (book.currency or "") if book.basis == "values" else None,
        "replay": replay,
        "at": asked.levers,
        "now": {
            "total": asked.cut.total_return,
            "moves": [row["modelled_log"] for row in asked.chain],
            "costs": [row["contribution"] for row in asked.chain],
        },
        "ink": looks.INK[dark],
        "quiet": looks.QUIET[dark],
        "grid": looks.GRID[dark],
    }


def _colour(row: Row, dark: bool) -> str:
    return looks.colour(row["id"], dark) if row["whole"] else looks.tint(row["id"], 0.6, dark)


def misses(rows: Sequence[Row], dark: bool) -> str:
    """Give the table of the flow's rows: the replay, these beliefs, how far they are apart, and what they cost."""
    heads = ("Segment or sub-segment", "Replay", "These beliefs", "Beliefs less replay, log", "Names", "To this book")
    titles = "".join(f'<th scope="col">{each}</th>' for each in heads)
    body = "".join(map(_line, beliefs.written_chain(rows)))
    table = f"<table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"
    named = 'class="live-table" tabindex="0" role="region" aria-label="Replay and model"'
    worst = f'<p class="live-said"{_colours(dark)} data-live="worst">{escape(beliefs.worst_miss(rows))}</p>'
    return f"<div {named}{_colours(dark)}>{table}</div>{worst}"


def _line(row: Mapping[str, Any]) -> str:
    whole = ' class="live-whole"' if row["whole"] else ""
    cells = "".join(f'<td data-live="{key}">{row[key]}</td>' for key in ("modelled", "miss"))
    return (
        f'<tr{whole}><th scope="row">{escape(row["segment"])}</th><td>{row["observed"]}</td>{cells}'
        f'<td>{row["names"]}</td><td data-live="contribution">{row["contribution"]}</td></tr>'
    )


def ahead(at: Mapping[str, float], by_lever: Mapping[str, Steps]) -> str:
    """Give the answers at the steps of the levers in sight, as the script takes them up."""
    sent = {"at": dict(at), "scale": SCALE, "levers": dict(by_lever)}
    return f'<div class="live-steps" hidden>{json.dumps(sent, separators=(",", ":"))}</div>'


def _steps(ready: tuple[LeverCut, LeverMisses], others: Mapping[str, float], *more: Any) -> Steps:
    return steps(*ready, others, *more)


def steps(
    cut: LeverCut,
    misses: LeverMisses,
    levers: Mapping[str, float],
    lever: str,
    values: Sequence[float],
    rows: Sequence[str],
) -> Steps:
    """Answer each of the values of one lever, the others standing: totals, and moves and costs of the flow's rows.

    Parameters
    ----------
    levers : a value for each lever.
    rows : segments and sub-segments in the order of the flow.
    """
    import numpy as np

    along = np.array(values)
    total, parts = cut.along(levers, lever, along)
    moves = dict(zip(misses.groups, misses.along(levers, lever, along).T, strict=True))
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


def _colours(dark: bool) -> str:
    named = {"ink": looks.INK, "quiet": looks.QUIET, "grid": looks.GRID, "ground": looks.GROUND}
    return ' style="' + ";".join(f"--live-{name}:{each[dark]}" for name, each in named.items()) + '"'
