"""What can be looked into of one history: its episodes, what carried it, its windows, its months, its flows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from exposure.format import number
from exposure.history import months_of
from exposure.history.statistics import rolling_max_drawdown, rolling_return, rolling_volatility
from exposure.view import drawdown, sentences
from exposure.view.looks import Column, Step
from pages.drawdown import beside, charts, gaps
from pages.drawdown.first import Looked
from pages.ui import charts as shock_figures
from pages.ui import show, state

WINDOWS = (63, 252)


def episodes(looked: Looked) -> None:
    """List the deepest episodes."""
    show.table(
        drawdown.episodes(looked.result),
        (
            Column("rank", "No.", "row", "As in the chart, which shades the first three", width="small"),
            Column("depth", "Depth", "share"),
            Column("peak", "Peak", "date"),
            Column("trough", "Trough", "date"),
            Column("recovered", "Recovered", "date", "Empty: not yet"),
            Column("days_down", "Sessions down", "row", "From peak to trough"),
            Column("days_to_recover", "Sessions back", "row", "From trough to recovery"),
            Column("state", "State", width="small"),
        ),
        file=f"{looked.chosen.portfolio} episodes",
        key="episodes",
    )


def carried(looked: Looked) -> None:
    """Split the deepest fall by segment and by holding."""
    result = looked.result
    _fall(looked, "fall", drawdown.carried(result), drawdown.steps(result))
    show.table(
        drawdown.segments(result),
        (
            Column("segment", "Segment", width="medium"),
            Column("contribution", "Part of the deepest fall", "share", "They add up to it"),
            Column("max_drawdown", "Its own deepest fall", "share", "By itself, over all sessions; empty: no price"),
        ),
        file=f"{looked.chosen.portfolio} fall by segment",
        key="fall_table",
    )
    steps = drawdown.holding_steps(result)
    _fall(looked, "fall_holdings", drawdown.carried_by_holding(result), steps)
    rows = drawdown.holdings(result)
    show.table(
        rows,
        (
            Column("name", "Name", width="medium"),
            Column("segment", "Segment", width="medium"),
            Column("contribution", "Part of the deepest fall", "share", "They add up to it"),
        ),
        file=f"{looked.chosen.portfolio} fall by holding",
        key="fall_holdings_table",
        height=show.tall(len(rows), 300),
    )


def _fall(looked: Looked, key: str, title: str, steps: list[Step]) -> None:
    show.chart(
        shock_figures.horizontal_waterfall(steps, show.dark()),
        key=key,
        title=title,
        alt=drawdown.in_words(steps),
        source=f"{looked.about}, peak to trough of the deepest episode",
        as_of=looked.result.trough,
        currency=looked.book.currency,
    )


def rolling(looked: Looked) -> None:
    """Show depth, volatility and return of every window of a quarter or a year."""
    state.settle(state.WINDOW, WINDOWS, 63)
    window = st.segmented_control(
        "Sessions of a window", WINDOWS, format_func=number, key=state.WINDOW, required=True, persist_state="session"
    )
    state.publish(state.WINDOW)
    result = looked.result
    each = [f(result.wealth, window) for f in (rolling_max_drawdown, rolling_volatility, rolling_return)]
    if not len(each[0]):
        st.info(f"The history has {sentences.count(result.days, 'session')}: too few for a window of {number(window)}.")
        return
    dates, title = result.dates[window:], drawdown.rolled(each[0], window)
    show.chart(
        charts.rolling(dates, each, window, show.dark(), looked.shown),
        key="rolling",
        title=title,
        alt=f"{title}. Three panels by the last day of each window: deepest fall, volatility, return.",
        source=f"{looked.about}, windows by their last day, peaks before a window forgotten",
        as_of=result.end,
        currency=looked.book.currency,
    )
    fields = ("max_drawdown", "volatility", "total_return")
    rows = [dict(zip(fields, values, strict=True)) for values in zip(*(e.tolist() for e in each), strict=True)]
    rows = [{"date": end} | row for end, row in zip(dates.tolist(), rows, strict=True)][::-1]
    show.table(
        rows,
        (
            Column("date", "Window to", "date"),
            Column("max_drawdown", "Deepest fall within", "share"),
            Column("volatility", "Volatility, yearly", "share"),
            Column("total_return", "Return over it", "share"),
        ),
        file=f"{looked.chosen.portfolio} rolling {window}",
        key="rolling_table",
        height=show.tall(len(rows), 300),
    )


def calendar(looked: Looked) -> None:
    """Show the months of each year."""
    options = {"return": "Return of the month", "lowest": "Deepest under water in it"}
    state.settle(state.MONTHS, list(options), "return")
    what = st.segmented_control(
        "Each month’s",
        list(options),
        format_func=options.__getitem__,
        key=state.MONTHS,
        required=True,
        persist_state="session",
    )
    state.publish(state.MONTHS)
    found, lowest = months_of(looked.result.dates, looked.result.wealth), what == "lowest"
    title = drawdown.worst_month(found, lowest)
    show.chart(
        charts.calendar(found, lowest, show.dark()),
        key="calendar",
        title=title,
        alt=f"Months by years. {title}.",
        source=f"{looked.about}; the first and the last month may be parts of one",
        as_of=looked.result.end,
        currency=looked.book.currency,
    )
    show.table(
        drawdown.months(found),
        (
            Column("month", "Month", width="small"),
            Column("total_return", "Return", "share"),
            Column("lowest", "Lowest below the peak", "share"),
            Column("days", "Sessions", "row"),
        ),
        file=f"{looked.chosen.portfolio} months",
        key="months_table",
        height=show.tall(len(found), 300),
    )


def flows(looked: Looked) -> None:
    """List what came in, went out and was traded between the snapshots; none of it is a return."""
    if looked.actual is None:
        return
    unit = looked.book.currency or "as in the file"
    rows, trades = drawdown.flows(looked.actual), drawdown.trades(looked.actual)
    st.caption("Told apart from returns: what was traded between two snapshots counts as done on the later one’s date.")
    if not rows:
        st.caption("No money came in or went out between the snapshots.")
    else:
        show.table(
            rows,
            (Column("date", "Date", "date"), Column("value", f"Flow, {unit}", "money"), Column("what", "What")),
            file=f"{looked.chosen.portfolio} flows",
            key="flows",
        )
    if trades:
        show.table(
            trades,
            (
                Column("date", "Date", "date"),
                Column("name", "Name", width="medium"),
                Column("value", f"Bought (+) or sold (−), {unit}", "money", "At the later snapshot’s prices"),
            ),
            file=f"{looked.chosen.portfolio} trades",
            key="trades",
            height=show.tall(len(trades), 300),
        )


SHOWN: Mapping[str, Callable[[Looked], None]] = {
    "episodes": episodes,
    "carried": carried,
    "statistics": beside.statistics,
    "rolling": rolling,
    "calendar": calendar,
    "event": beside.event,
    "shock": beside.shock,
    "flows": flows,
    "gaps": gaps.gaps,
}
"""By the keys of `drawdown_options.VIEWS`."""
