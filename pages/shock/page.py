"""Shock: what a scenario costs this book, who carries it, how far the figure is observed, and what an edit changes."""

import streamlit as st

from exposure.chain import TOP_SEGMENTS, top_segment
from exposure.format import percent
from exposure.view import scorecard, sentences, shock
from exposure.view.looks import Column
from pages.shock import edits
from pages.ui import charts, doubts, guard, keeping, scenarios, select, shocks, show, stamp, state

guard.enter(__file__)
st.title("Shock", anchor=False)
chosen = select.pick()
book = select.book(chosen)
scenarios.undo()
with st.container(horizontal=True, vertical_alignment="bottom"):
    picked = scenarios.pick(chosen.portfolio)
    fine = st.segmented_control(
        "Bars",
        [False, True],
        format_func={False: "Segments", True: "Sub-segments"}.__getitem__,
        key="shock_fine",
        default=False,
        required=True,
        persist_state="session",
    )
result = shocks.shock_of(*chosen.key, picked.scenario)
stamp.keep(stamp.of_result(chosen.portfolio, result))
about = f"{chosen.portfolio}, {shock.about(picked.scenario)}"

show.figure_line(shock.headline(result))
doubts.warn(result.issues, beside=(shock.not_shocked(result),))
windows = shock.windows(result)
cuts = {one: shocks.shock(*chosen.key, one, horizon=picked.scenario.horizon) for one in scenarios.cuts(picked.id)}
st.caption(sentences.plain(shock.footing(result, windows), 900))

bars = result.by_sub_segment if fine else result.by_segment
steps = shock.steps(result, bars)
show.chart(
    charts.horizontal_waterfall(steps, show.dark()),
    key="waterfall",
    title=shock.finding(result, bars),
    alt=shock.alt_text(steps),
    source=about,
    as_of=picked.scenario.end or book.as_of,
    currency=book.currency,
)
st.caption("Contributions to the total return. A line in several segments is split by its weights: a convention.")
if cuts:
    st.caption(shock.cuts_said(picked.id, cuts))
known = shocks.names_left_out(picked.scenario)
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    if known is not None:
        st.caption(sentences.plain(scorecard.in_short(known)), width="content")
    where = "Scorecard" if known is not None else "How far to trust modelled moves: the scorecard"
    st.page_link(guard.page("scorecard"), label=where, icon=":material/fact_check:", width="content")
keeping.button(chosen, result, "keep_result")

st.subheader("Line by line", anchor=False)
rows = shock.positions(result)
present = sorted({s for row in rows for s in row["segments"]}, key=lambda s: (TOP_SEGMENTS.index(top_segment(s)), s))
state.settle(state.FILTER, ["", *present], "")
with st.container(horizontal=True, vertical_alignment="bottom"):
    segment = st.selectbox(
        "Segment",
        ["", *present],
        format_func=shock.segment_or_all,
        key=state.FILTER,
        persist_state="session",
        width=300,
    )
    provenances = st.pills(
        "Move from",
        list(shock.MARKS),
        selection_mode="multi",
        format_func=shock.MARKED.__getitem__,
        key="shock_marks",
        wrap=True,
        persist_state="session",
    )
    wanted = st.text_input("Search name, ticker, ISIN", key="shock_search", persist_state="session", width=240)
state.publish(state.FILTER)
kept = shock.filtered(rows, segment, provenances, wanted)
moved = (Column("effective", "Effective weight", "share", sentences.EFFECTIVE),) * book.geared
money = (Column("pnl", f"P&L, {book.currency or 'as in the file'}", "money"),) * (book.basis == "values")
show.table(
    kept,
    (
        Column("name", "Name", width="medium"),
        Column("ticker", "Ticker", width="small"),
        Column("weight", "Weight", "share"),
        *moved,
        Column("shock", "Local move", "share"),
        Column("fx", "Currency move", "share", "Empty: no rate is known, the local move stands alone"),
        Column("total_move", "Total move", "share"),
        Column("contribution", "Contribution", "share", "To the total return"),
        *money,
        Column("mark", "Move from", width="small"),
        Column("via", "By", width="small"),
        Column("source", "Source", width="small", help="Symbol, segments or number that the move came from"),
        Column("start", "Window from", "date"),
        Column("end", "Window to", "date"),
        Column("segment", "Segments", width="medium"),
        Column("inside", "Inside fund", width="small"),
    ),
    file=f"{chosen.portfolio} {picked.id}",
    key="positions",
)
st.caption(sentences.plain(f"{len(kept)} of {sentences.count(len(rows), 'line')}. {shock.LEGEND}"))

st.subheader("Cut by", anchor=False)
CUTS = {
    "Segment": result.by_segment,
    "Sub-segment": result.by_sub_segment,
    "Country": result.by_country,
    "Currency": result.by_currency,
}
by = st.segmented_control(
    "Cut by", list(CUTS), key="shock_cut", default="Country", required=True, persist_state="session",
    label_visibility="collapsed",
)  # fmt: skip
show.table(
    shock.slices(CUTS[by], result, names="egment" in by),
    (
        Column("key", by, width="medium"),
        Column("market_value", f"Value, {book.currency or 'as in the file'}", "money"),
        Column("weight", "Weight", "share"),
        *moved[: "egment" in by],
        Column("move", "Move", "share", "Profit and loss over value; empty where a forward or an option moved by more"),
        *money,
        Column("contribution", "Contribution", "share"),
    ),
    file=f"{chosen.portfolio} {picked.id} by {by}",
    key="cut",
)
st.caption(
    sentences.plain(f"The contributions add up to the total return, {percent(result.total_return, signed=True)}.")
)

if windows:
    with st.expander("Windows by exchange", icon=":material/schedule:"):
        show.table(
            windows,
            (
                Column("start", "From", "date"),
                Column("end", "To", "date"),
                Column("lines", "Lines of this book", "row"),
                Column("exchanges", "Exchanges", width="large"),
            ),
            file=f"{picked.id} windows",
            key="windows",
        )

st.subheader("What changes when a number is edited", anchor=False)
edits.variation(chosen, result)
scenarios.files(picked, book)
doubts.issues(result.issues, "shock_issues")
