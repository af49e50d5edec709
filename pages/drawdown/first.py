"""The first screen of the Drawdown page: both readings side by side, and the chart of the one that was chosen.

What the Drawdown page is asked: period, what is held, which closes; then which reading, stretch and view.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

import streamlit as st

from exposure.errors import ExposureError
from exposure.format import day
from exposure.history import DrawdownResult
from exposure.types import Book
from exposure.view import drawdown, sentences
from pages.drawdown import answers, charts
from pages.drawdown.answers import How
from pages.drawdown.charts import Stretch
from pages.ui import guard, show, stamp, state
from pages.ui.select import Selection

STRETCHES = {"1y": "1 year", "3y": "3 years", "5y": "5 years", "all": "All"}
Key = TypeVar("Key", bound=str)
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
            drawdown.HOLD,
            "weights",
            help="\n\n".join(drawdown.HOLD_SAID.values()),
        )
        closes = _segments(
            "Closes", state.CLOSES, drawdown.CLOSES, "local", help="\n\n".join(drawdown.CLOSES_SAID.values())
        )
    return start, end, hold, closes


def choose_reading(both: bool) -> str:
    """Draw which of the two readings the chart and the tables are of, where there are two."""
    if not both:
        return "today"
    return _segments("Chart and tables of", state.READING, READINGS, "today")


def stretch(result: DrawdownResult) -> tuple[date, date] | None:
    """Draw which stretch of the history is on show; None for all of it. One that was dragged is kept as it was."""
    said = str(st.session_state.get(state.RANGE, st.query_params.get(state.RANGE, "all")))
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
    label: str, key: str, options: Mapping[Key, str], default: Key, *, help: str | None = None, hidden: bool = False
) -> Key:
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
    chosen: Key = st.session_state[key]
    return chosen


@dataclass(frozen=True, slots=True)
class Looked:
    """What is on the page: the choice, how it is measured, both readings, and which of them the tables are of."""

    chosen: Selection
    book: Book
    how: How
    today: DrawdownResult
    actual: DrawdownResult | None
    reading: str
    shown: Stretch
    source: str

    @property
    def result(self) -> DrawdownResult:
        """The reading that chart and tables are of."""
        return self.actual if self.reading == "actual" and self.actual is not None else self.today

    @property
    def about(self) -> str:
        """Say what a chart rests on."""
        held = "snapshots as stored" if self.result.hold == "snapshots" else drawdown.HOLD[self.result.hold]
        closes = drawdown.CLOSES[self.result.closes]
        return f"{self.chosen.portfolio}, {self.source}, {held.lower()}, {closes.lower()}"


def show_first(chosen: Selection, book: Book, how: How, today: DrawdownResult, source: str) -> Looked:
    """Draw both readings and the chart."""
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Today’s holdings, held through the past (hindsight)**")
        show.figure_line(drawdown.headline(today))
        st.caption(sentences.plain(drawdown.period(today)))
    with right:
        st.markdown("**The portfolio as it really was**")
        actual = _actual(chosen, how)
    _standing_in(chosen.portfolio, today)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        reading = choose_reading(actual is not None)
        looked = Looked(chosen, book, how, today, actual, reading, None, source)
        shown = stretch(looked.result)
    looked = Looked(chosen, book, how, today, actual, reading, shown, source)
    other = actual if looked.result is today else today
    stamp.keep(stamp.of_history(chosen.portfolio, looked.result))
    show.chart(
        charts.history(looked.result, show.dark(), shown=shown, other=other),
        key="history",
        title=drawdown.finding(looked.result),
        alt=drawdown.alternative(looked.result),
        source=looked.about,
        as_of=looked.result.end,
        currency=book.currency,
        on_select=lambda: dragged("history"),
        selection_mode="box",
    )
    said = drawdown.ACTUAL
    if looked.result is today:
        said = f"{drawdown.HINDSIGHT} {drawdown.HOLD_SAID[how[2]]}"
    thin = f" The thin line is {charts.named(other)}." if other is not None else ""
    st.caption(sentences.plain(f"{said}{thin} {drawdown.CLOSES_SAID[how[3]]} Days are sessions.", 900))
    return looked


def _actual(chosen: Selection, how: How) -> DrawdownResult | None:
    """Show the reading from stored snapshots, or say what it needs."""
    stored = answers.snapshots(chosen.portfolio)
    if len(stored) < 2:
        only = f"only that of {day(stored[0].as_of)} is stored" if stored else "none is stored"
        st.caption(
            sentences.plain(
                f"Needs at least two dated snapshots of this portfolio; {only}. With an earlier or later one, each is "
                "held from its date to the next, and what came in or went out is told apart from what was lost."
            )
        )
        st.page_link(guard.page("holdings"), label="Import another snapshot", icon=":material/upload_file:")
        return None
    try:
        result = answers.actual(chosen.portfolio, chosen.currency, how)
    except ExposureError as error:
        st.warning(sentences.plain(f"{error.what}. {error.remedy}"), icon=":material/warning:")
        return None
    show.figure_line(drawdown.headline(result))
    flows = f" {sentences.count(len(stored), 'snapshot')}; {sentences.count(len(result.flows), 'flow')} told apart."
    st.caption(sentences.plain(drawdown.period(result) + flows))
    return result


def _standing_in(portfolio: str, result: DrawdownResult) -> None:
    """Say which series stand in by choice; never in silence."""
    used, gone = answers.usable_proxies(portfolio)
    held = {line.line_id for line in result.book.lines}
    if here := {line: symbol for line, symbol in used if line in held}:
        st.info(sentences.plain(drawdown.proxies(here, result), 900), icon=":material/swap_horiz:")
    if gone:
        pairs = ", ".join(f"{symbol} for {line}" for line, symbol in gone)
        what = f"Not used any more, since no price of it is stored: {pairs}. Take it out under “Without prices”."
        st.warning(sentences.plain(what), icon=":material/warning:")
