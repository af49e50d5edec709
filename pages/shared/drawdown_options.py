"""What the Drawdown page is asked: period, what is held, which closes; then which reading, stretch and view."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import streamlit as st

from exposure.format import day
from exposure.history import DrawdownResult
from pages.shared import drawdown_rows, state
from pages.shared.histories import How

STRETCHES = {"1y": "1 year", "3y": "3 years", "5y": "5 years", "all": "All"}
READINGS = {"today": "Today’s holdings", "actual": "As it was"}
VIEWS = {
    "episodes": "Episodes",
    "carried": "What carried it",
    "statistics": "Statistics, side by side",
    "rolling": "Rolling windows",
    "calendar": "Calendar",
    "event": "Through an event",
    "shock": "The shock in this history",
    "flows": "Flows and trades",
    "gaps": "Without prices",
}
"""Only the one chosen is worked out."""


def pick(first: date | None, last: date | None) -> How:
    """Draw what a history depends on: its period, what is held constant, which closes."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        start, end = (
            st.date_input(
                label,
                None,
                min_value=first,
                max_value=last,
                key=key,
                bind="query-params",
                persist_state="session",
                width=150,
            )
            for label, key in zip(("Measured from", "to"), state.PERIOD, strict=True)
        )
        hold = _segments(
            "Today’s holdings by",
            state.HOLD,
            drawdown_rows.HOLD,
            "weights",
            help="\n\n".join(drawdown_rows.HOLD_SAID.values()),
        )
        closes = _segments(
            "Closes", state.CLOSES, drawdown_rows.CLOSES, "local", help="\n\n".join(drawdown_rows.CLOSES_SAID.values())
        )
    return start, end, hold, closes


def reading(both: bool) -> str:
    """Draw which of the two readings the chart and the tables are of, where there are two."""
    if not both:
        return "today"
    return _segments("Chart and tables of", state.READING, READINGS, "today")


def stretch(result: DrawdownResult) -> tuple[date, date] | None:
    """Draw which stretch of the history is on show; None for all of it. One that was dragged is kept as it was."""
    said = str(state.draft(state.RANGE, st.query_params.get(state.RANGE, "all")))
    shown = dict(STRETCHES)
    if (dates := _dates(said)) is not None:
        shown[said] = f"{day(dates[0])} to {day(dates[1])}"
    one = _segments("Show", state.RANGE, shown, "all", help="Or drag over the chart; it stays until you choose again")
    if one in STRETCHES:
        years = {"1y": 1, "3y": 3, "5y": 5}.get(one)
        return None if years is None else (max(result.start, result.end - timedelta(round(365.25 * years))), result.end)
    return _dates(one)


def dragged(key: str) -> None:
    """Take the stretch that was dragged over the chart of that key; it is on show from the next run on."""
    boxes: list[Any] = st.session_state[key]["selection"]["box"]
    if boxes:
        first, last = sorted(str(x)[:10] for x in boxes[0]["x"])
        if _dates(f"{first}..{last}"):
            st.session_state[state.RANGE] = f"{first}..{last}"


def view(both: bool) -> str:
    """Draw what is looked into below the chart."""
    shown = {key: label for key, label in VIEWS.items() if both or key != "flows"}
    return _segments("Look into", state.VIEW, shown, "episodes", hidden=True)


def _dates(said: str) -> tuple[date, date] | None:
    try:
        first, last = (date.fromisoformat(each) for each in said.split(".."))
    except ValueError:
        return None
    return (first, last) if first < last else None


def _segments(
    label: str, key: str, options: dict[str, str], default: str, *, help: str | None = None, hidden: bool = False
) -> str:
    """Draw a choice that outlives a change of page and, in the URL, a reload."""
    state.settle(key, list(options), default)
    st.segmented_control(
        label,
        list(options),
        format_func=options.__getitem__,
        key=key,
        required=True,
        persist_state="session",
        help=help,
        label_visibility="collapsed" if hidden else "visible",
    )
    state.publish(key)
    return str(st.session_state[key])
