"""Drawdown: how deep today's holdings fell before, how long it took, and which segment carried it."""

import streamlit as st

from exposure.errors import ExposureError, MissingPrice
from pages.shared import (
    cache,
    drawdown_figures,
    drawdown_rows,
    guard,
    prices,
    select,
    shock_figures,
    show,
    state,
    texts,
)
from pages.shared.show import Column

guard.enter(__file__)
st.title("Drawdown", anchor=False)
chosen = select.pick()
book = select.book(chosen)
made_up = prices.made_up(chosen.portfolio)
status = cache.store().price_status(chosen.portfolio)
with st.container(horizontal=True, vertical_alignment="bottom"):
    start, end = (
        st.date_input(
            label,
            None,
            min_value=status.start,
            max_value=status.end,
            key=key,
            bind="query-params",
            persist_state="session",
            width=160,
        )
        for label, key in zip(("From", "To"), state.PERIOD, strict=True)
    )
    state.settle(state.HOLD, list(drawdown_rows.HOLD), "weights")
    hold = st.segmented_control(
        "Hold constant",
        list(drawdown_rows.HOLD),
        format_func=drawdown_rows.HOLD.__getitem__,
        key=state.HOLD,
        required=True,
        persist_state="session",
    )
    state.publish(state.HOLD)

try:
    result = cache.drawdown(*chosen.key, start, end, hold)
except MissingPrice as error:
    if status.tickers:
        st.error(texts.plain(f"{error.what}. Choose other days, or load more prices below."), icon=":material/error:")
    else:
        st.info("No line of this book has a stored price yet. Load a price file or fetch prices, below.")
    st.caption(texts.plain(drawdown_rows.status(status, made_up)))
    prices.section(chosen.portfolio, expanded=True)
    st.stop()
except ExposureError:
    with guard.sentences():
        raise
    st.stop()

thin = drawdown_rows.thin(result)
if thin:
    st.warning(texts.plain(thin), icon=":material/warning:")
show.figure_line(drawdown_rows.headline(result))
said = (drawdown_rows.coverage(result), drawdown_rows.status(status, made_up))
st.caption("  \n".join(map(texts.plain, said)))
source = "made-up prices of the demo" if made_up else "stored prices"
show.chart(
    drawdown_figures.history(result, source, show.dark()),
    key="history",
    title=drawdown_rows.finding(result),
    alt=drawdown_rows.alternative(result),
    source=f"{chosen.portfolio}, {source}, {drawdown_rows.HOLD[hold].lower()}",
    as_of=result.end,
    currency=book.currency,
)
st.caption(texts.plain(f"{drawdown_rows.HINDSIGHT} {drawdown_rows.HOLD_SAID[hold]} Days are sessions."))

st.subheader("Deepest episodes", anchor=False)
show.table(
    drawdown_rows.episodes(result),
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
    file=f"{chosen.portfolio} episodes",
    key="episodes",
)

steps = drawdown_rows.steps(result)
show.chart(
    shock_figures.waterfall(steps, show.dark()),
    key="fall",
    title=drawdown_rows.carried(result),
    alt="Parts of the deepest fall: " + ", ".join(f"{s.label} {s.figure}" for s in steps) + ".",
    source=f"{chosen.portfolio}, {source}, peak to trough of the deepest episode",
    as_of=result.trough,
    currency=book.currency,
)
show.table(
    drawdown_rows.segments(result),
    (
        Column("segment", "Segment", width="medium"),
        Column("contribution", "Part of the deepest fall", "share", "They add up to it"),
        Column("max_drawdown", "Its own deepest fall", "share", "By itself, over the whole period; empty: no price"),
    ),
    file=f"{chosen.portfolio} fall by segment",
    key="fall_table",
)

missing = drawdown_rows.missing(result)
if missing:
    st.subheader("Without prices", anchor=False)
    show.table(
        missing,
        (
            Column("name", "Name", width="medium"),
            Column("ticker", "Ticker", width="small"),
            Column("listing", "Price symbol", width="small", help="Empty: the exchange is not known"),
            Column("kind", "Kind", width="small"),
            Column("weight", "Weight", "share"),
        ),
        file=f"{chosen.portfolio} without prices",
        key="missing",
    )
prices.section(chosen.portfolio, expanded=False)
show.issues([drawdown_rows.for_page(i) for i in result.issues], "drawdown_issues")
