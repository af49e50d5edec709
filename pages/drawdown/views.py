"""What can be looked into of one history: its episodes, what carried it, its windows, its months, its flows, its gaps.

A gap is a line without prices, for which a person lets another series stand in: offered, marked, taken out again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from exposure.format import number, percent
from exposure.history import line_name, months_of, rolling_max_drawdown, rolling_return, rolling_volatility
from exposure.view import drawdown, sentences
from exposure.view.looks import Column, Step
from pages.drawdown import answers, beside, charts
from pages.drawdown.first import Looked
from pages.ui import actions, cache, show, state
from pages.ui import charts as shock_figures

WINDOWS = (63, 252)
LISTED = 30
"""Proxies with a button of their own."""


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
        height=show.table_height(len(rows), 300),
    )


def _fall(looked: Looked, key: str, title: str, steps: list[Step]) -> None:
    show.chart(
        shock_figures.horizontal_waterfall(steps, show.dark()),
        key=key,
        title=title,
        alt=drawdown.alt_text(steps),
        source=f"{looked.about}, peak to trough of the deepest episode",
        as_of=looked.result.trough,
        currency=looked.book.currency,
    )


def rolling(looked: Looked) -> None:
    """Show depth, volatility and return of every window of a quarter or a year."""
    state.settle(state.WINDOW, WINDOWS, 63)
    st.segmented_control(
        "Sessions of a window", WINDOWS, format_func=number, key=state.WINDOW, required=True, persist_state="session"
    )
    state.publish(state.WINDOW)
    window: int = st.session_state[state.WINDOW]
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
        height=show.table_height(len(rows), 300),
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
        height=show.table_height(len(found), 300),
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
            height=show.table_height(len(trades), 300),
        )


def gaps(looked: Looked) -> None:
    """List the lines without prices with their weight, and what stands or could stand in for them."""
    portfolio, rows = looked.chosen.portfolio, drawdown.missing(looked.result)
    share = looked.result.coverage["none"]
    if rows:
        st.markdown(sentences.plain(f"No history: {percent(share, 1)} of gross exposure. The figures are of the rest."))
        show.table(
            rows,
            (
                Column("name", "Name", width="medium"),
                Column("ticker", "Ticker", width="small"),
                Column("listing", "Price symbol", width="small", help="Empty: the exchange is not known"),
                Column("kind", "Kind", width="small"),
                Column("weight", "Weight", "share"),
            ),
            file=f"{portfolio} without prices",
            key="missing",
            height=show.table_height(len(rows)),
        )
    else:
        st.caption("Every line has a price in this period, its own or one that stands in.")
    _in_use(looked)
    _on_offer(looked)


def _in_use(looked: Looked) -> None:
    owner = cache.standing(looked.chosen.portfolio, looked.chosen.snapshot_id)
    chosen = answers.chosen_proxies(owner)
    if not chosen:
        return
    names = {line.line_id: line_name(line) for line in looked.book.lines}
    st.markdown("**Standing in by your choice**")
    for line, symbol in list(chosen.items())[:LISTED]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(sentences.plain(f"{names.get(line, line)}: priced by {symbol}"), width="stretch")
            st.button("Take out", key=f"proxy_out_{line}", on_click=_choose_proxies, args=(owner, {line: None}, chosen))
    if len(chosen) > 1:
        gone = dict.fromkeys(chosen)
        st.button("Take all out", key="proxy_none", on_click=_choose_proxies, args=(owner, gone, chosen))


def _on_offer(looked: Looked) -> None:
    portfolio, owner = looked.chosen.portfolio, cache.standing(looked.chosen.portfolio, looked.chosen.snapshot_id)
    chosen = answers.chosen_proxies(owner)
    offered = {p.line: p for p in answers.offers(*looked.chosen.key) if p.line not in chosen}
    bare = {
        line.line_id: line
        for line in looked.book.lines
        if line_name(line) in looked.result.missing_prices and line.line_id not in chosen
    }
    if not bare and not offered:
        return
    st.markdown("**What could stand in**")
    st.caption(
        "Nothing stands in unless you choose it here; what does is marked in every figure and can be taken out. A fund "
        "or a mean of names is not the line: its own ups and downs are missing."
    )
    if offered:
        show.table(
            [{"name": p.name, "proxy": p.proxy, "why": p.why, "weight": p.weight} for p in offered.values()],
            (
                Column("name", "Line", width="small"),
                Column("proxy", "Could stand in", width="small"),
                Column("why", "Why", width="large"),
                Column("weight", "Share of gross", "share"),
            ),
            file=f"{portfolio} proxies on offer",
            key="proxy_offers",
            height=show.table_height(len(offered)),
        )
        wanted = st.multiselect(
            "Lines to be priced as offered",
            list(offered),
            format_func={one: f"{p.name} by {p.proxy}" for one, p in offered.items()}.__getitem__,
            key="proxy_wanted",
        )
        st.button(
            "Let these stand in",
            key="proxy_use",
            disabled=not wanted,
            on_click=_choose_proxies,
            args=(owner, {one: offered[one].proxy for one in wanted}, chosen),
        )
    if bare:
        _by_hand(portfolio, owner, {key: line_name(line) for key, line in bare.items()}, chosen)


def _by_hand(portfolio: str, owner: int, bare: dict[str, str], chosen: dict[str, str]) -> None:
    """Let any stored series stand in for a line."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        line = st.selectbox(
            "Another choice: the line", list(bare), format_func=bare.__getitem__, key="proxy_line", width=260
        )
        symbol = st.selectbox(
            "is priced by", sorted(cache.market(portfolio).series), index=None, key="proxy_symbol", width=200
        )
        ready = line is not None and symbol is not None
        st.button(
            "Let it stand in", key="proxy_hand", disabled=not ready, on_click=_choose_proxies,
            args=(owner, {line: symbol}, chosen),
        )  # fmt: skip


def _choose_proxies(portfolio: int, chosen: Mapping[str, str | None], seen: Mapping[str, str]) -> None:
    """Let series stand in for lines, or (None) no more, `seen` being what was shown to stand in."""

    def change(seen: Any) -> str:
        cache.store().choose_proxies(portfolio, chosen, seen=seen)
        placed = sum(symbol is not None for symbol in chosen.values())
        stands = f"Standing in from now on for {sentences.count(placed, 'line')}."
        return stands if placed else f"Taken out: {sentences.count(len(chosen), 'line')} without a price again."

    actions.act_on(change, seen)


SHOWN: Mapping[str, Callable[[Looked], None]] = {
    "episodes": episodes,
    "carried": carried,
    "statistics": beside.statistics,
    "rolling": rolling,
    "calendar": calendar,
    "event": beside.event,
    "shock": beside.shock,
    "flows": flows,
    "gaps": gaps,
}
"""By the keys of `drawdown_options.VIEWS`."""
