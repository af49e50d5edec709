"""Segments: how much of the book stands where along the AI value chain, line by line, and the user's own say."""

import streamlit as st

from exposure.chain import TOP_SEGMENTS, on_chain, top_segment
from exposure.format import percent
from exposure.view import holdings, sentences
from exposure.view.looks import Column
from pages.segments import funds, overrides_form
from pages.ui import actions, cache, charts, doubts, guard, select, show, state

guard.enter(__file__)
st.title("Segments", anchor=False)
chosen = select.pick()
book = select.book(chosen)
measured = cache.exposures(*chosen.key)
geared = book.geared
about = f"{chosen.portfolio}, the project’s table of issuers and the sources it names"

show.figure_line(sentences.segment_figures(book, measured))
doubts.warn(book.issues)
show.coverage(measured.coverage)
if said := sentences.looked_through_share(book):
    st.caption(sentences.plain(said))
show.chart(
    charts.treemap(charts.tree(book), show.dark()),
    key="treemap",
    title=sentences.finding(measured),
    alt=sentences.alternative(measured.by_segment),
    source=about,
    as_of=book.as_of,
    currency=book.currency,
)
st.caption(sentences.plain(f"{sentences.about(book)} {sentences.AREAS}"))
if geared:
    st.caption(sentences.plain(sentences.effective_said(book, measured)))

EXPOSURE = (
    Column("segment", "Segment", width="medium"),
    Column("market_value", f"Value, {book.currency or 'as in the file'}", "money"),
    Column("weight", "Weight", "share"),
    *([Column("effective", "Effective weight", "share", sentences.EFFECTIVE)] if geared else []),
    Column("direct", "Direct", "share", "The company itself does this"),
    Column("stake", "By stake", "share", "It holds a stake in a company that does"),
    Column("customer", "By customer", "share", "It lives from customers who do"),
)

st.subheader("By segment", anchor=False)
show.table(holdings.exposures(measured.by_segment), EXPOSURE, file=f"{chosen.portfolio} segments", key="by_segment")
st.subheader("By sub-segment", anchor=False)
show.table(
    holdings.exposures(measured.by_sub_segment), EXPOSURE, file=f"{chosen.portfolio} sub-segments", key="by_fine"
)

st.subheader("Holdings of a segment", anchor=False)
present = [e.segment for e in (*measured.by_segment, *measured.by_sub_segment) if e.market_value]
ordered = sorted(dict.fromkeys(present), key=lambda s: (TOP_SEGMENTS.index(top_segment(s)), s))
state.settle(state.SEGMENT, ordered, next((s for s in ordered if on_chain(s)), ordered[0]))
segment = st.selectbox(
    "Segment or sub-segment",
    ordered,
    format_func=sentences.segment_label,
    key=state.SEGMENT,
    persist_state="session",
    width=420,
)
state.publish(state.SEGMENT)
lines = holdings.lines_in(book, segment)
show.table(
    lines,
    (
        Column("name", "Name", width="medium"),
        Column("ticker", "Ticker", width="small"),
        Column("weight", "Weight in book", "share"),
        *([Column("effective", "Effective weight", "share", sentences.EFFECTIVE)] if geared else []),
        Column("part", "Part in segment", "share", "How much of the line stands in this segment"),
        Column("tie", "Tie", width="small", help="direct, by stake, or by customer"),
        Column("origin", "Placed by", width="small", help="table, rule, user (an override), look-through, none"),
        Column("reason", "Reason", width="large"),
        Column("reference", "Source", width="medium"),
        Column("dated", "Date", "date"),
    ),
    file=f"{chosen.portfolio} {segment}",
    key="lines",
)
held = measured.by_segment + measured.by_sub_segment
shown = next(e for e in held if e.segment == segment)
also = f", {percent(shown.effective)} effective" if geared else ""
st.caption(
    sentences.plain(f"{sentences.count(len(lines), 'line')}, together {percent(shown.weight)} of the book{also}.")
)

actions.notice()
funds.section(chosen, book)
overrides_form.overrides(chosen, book)
overrides_form.stakes(book)
doubts.issues(book.issues, "book_issues")
