"""The first screen of the Drawdown page: both readings side by side, and the chart of the one that was chosen."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from exposure.errors import ExposureError
from exposure.format import day
from exposure.history import DrawdownResult
from exposure.types import Book
from pages.shared import (
    drawdown_figures,
    drawdown_options,
    drawdown_rows,
    drawdown_words,
    guard,
    histories,
    show,
    stamp,
    texts,
)
from pages.shared.drawdown_figures import Stretch
from pages.shared.histories import How
from pages.shared.select import Selection


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
        held = "snapshots as stored" if self.result.hold == "snapshots" else drawdown_rows.HOLD[self.result.hold]
        closes = drawdown_rows.CLOSES[self.result.closes]
        return f"{self.chosen.portfolio}, {self.source}, {held.lower()}, {closes.lower()}"


def show_first(chosen: Selection, book: Book, how: How, today: DrawdownResult, source: str) -> Looked:
    """Draw both readings and the chart."""
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Today’s holdings, held through the past (hindsight)**")
        show.figure_line(drawdown_rows.headline(today))
        st.caption(texts.plain(drawdown_rows.period(today)))
    with right:
        st.markdown("**The portfolio as it really was**")
        actual = _actual(chosen, how)
    _standing_in(chosen.portfolio, today)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        reading = drawdown_options.reading(actual is not None)
        looked = Looked(chosen, book, how, today, actual, reading, None, source)
        shown = drawdown_options.stretch(looked.result)
    looked = Looked(chosen, book, how, today, actual, reading, shown, source)
    other = actual if looked.result is today else today
    stamp.keep(stamp.of_history(chosen.portfolio, looked.result))
    show.chart(
        drawdown_figures.history(looked.result, show.dark(), shown=shown, other=other),
        key="history",
        title=drawdown_rows.finding(looked.result),
        alt=drawdown_rows.alternative(looked.result),
        source=looked.about,
        as_of=looked.result.end,
        currency=book.currency,
        on_select=lambda: drawdown_options.dragged("history"),
        selection_mode="box",
    )
    said = drawdown_rows.ACTUAL
    if looked.result is today:
        said = f"{drawdown_rows.HINDSIGHT} {drawdown_rows.HOLD_SAID[how[2]]}"
    thin = f" The thin line is {drawdown_figures.named(other)}." if other is not None else ""
    st.caption(texts.plain(f"{said}{thin} {drawdown_rows.CLOSES_SAID[how[3]]} Days are sessions.", 900))
    return looked


def _actual(chosen: Selection, how: How) -> DrawdownResult | None:
    """Show the reading from stored snapshots, or say what it needs."""
    stored = histories.snapshots(chosen.portfolio)
    if len(stored) < 2:
        only = f"only that of {day(stored[0].as_of)} is stored" if stored else "none is stored"
        st.caption(
            texts.plain(
                f"Needs at least two dated snapshots of this portfolio; {only}. With an earlier or later one, each is "
                "held from its date to the next, and what came in or went out is told apart from what was lost."
            )
        )
        st.page_link(guard.page("holdings"), label="Import another snapshot", icon=":material/upload_file:")
        return None
    try:
        result = histories.actual(chosen.portfolio, chosen.currency, how)
    except ExposureError as error:
        remedy = drawdown_rows.remedy(error.remedy)
        st.warning(texts.plain(f"{error.what}. {remedy}"), icon=":material/warning:")
        return None
    show.figure_line(drawdown_rows.headline(result))
    flows = f" {texts.count(len(stored), 'snapshot')}; {texts.count(len(result.flows), 'flow')} told apart."
    st.caption(texts.plain(drawdown_rows.period(result) + flows))
    return result


def _standing_in(portfolio: str, result: DrawdownResult) -> None:
    """Say which series stand in by choice; never in silence."""
    used, gone = histories.usable_proxies(portfolio)
    held = {line.line_id for line in result.book.lines}
    if here := {line: symbol for line, symbol in used if line in held}:
        st.info(texts.plain(drawdown_words.proxies(here, result), 900), icon=":material/swap_horiz:")
    if gone:
        pairs = ", ".join(f"{symbol} for {line}" for line, symbol in gone)
        what = f"Not used any more, since no price of it is stored: {pairs}. Take it out under “Without prices”."
        st.warning(texts.plain(what), icon=":material/warning:")
