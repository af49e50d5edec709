"""Changes: what was added, sold, more or less between two snapshots, and where the portfolio stood over time."""

from collections.abc import Mapping, Sequence
from datetime import date

import plotly.graph_objects as go
import streamlit as st

from exposure.chain import TOP_SEGMENTS, Exposures
from exposure.format import TICKS, day, percent
from exposure.history import SegmentChange, changes, doubts_between
from exposure.view import changes as changes_rows
from exposure.view import looks, sentences
from exposure.view.looks import Column
from exposure.view.sentences import segment_label
from pages.ui import cache, charts, doubts, guard, select, show, stamp, state


def by_segment(segments: Sequence[SegmentChange], dark: bool = False) -> go.Figure:
    """Draw how many points of the book each segment gained or lost, those that both snapshots lack left out."""
    held = [s for s in segments if s.before or s.after]
    moved = [s.after - s.before for s in held]
    return charts.bars(
        [segment_label(s.segment) for s in held],
        moved,
        [percent(m, 1, signed=True) for m in moved],
        colours=[looks.colour(s.segment, dark) for s in held],
        hover=[f"{segment_label(s.segment)}: {percent(s.before)} before, {percent(s.after)} after" for s in held],
    )


def over_time(history: Mapping[date, Exposures], dark: bool = False) -> go.Figure:
    """Draw each snapshot as a bar of its segments; what is short lies below zero."""
    labels = [day(when) for when in history]
    figure = go.Figure(layout={"height": 320, "barmode": "relative", "yaxis": {"tickformat": TICKS}})
    for segment in TOP_SEGMENTS:
        shares = [changes_rows.share_of(measured, segment) for measured in history.values()]
        if any(shares):
            name = segment_label(segment)
            said = [f"{name}, {label}: {percent(s)}" for label, s in zip(labels, shares, strict=True)]
            figure.add_bar(
                x=labels,
                y=shares,
                name=name,
                width=0.6,
                marker={"color": looks.colour(segment, dark)},
                customdata=[[text] for text in said],
                hovertemplate="%{customdata[0]}<extra></extra>",
            )
    figure.update_layout(showlegend=True, legend={"orientation": "h", "y": -0.12}, xaxis={"type": "category"})
    return figure


guard.enter(__file__)
st.title("Changes", anchor=False)
chosen = select.pick()
own = next(p for p in cache.store().portfolios() if p.name == chosen.portfolio)
days = {s.snapshot_id: s.as_of for s in own.snapshots}
others = {s.snapshot_id: day(s.as_of) for s in reversed(own.snapshots) if s.snapshot_id != chosen.snapshot_id}
if not others:
    st.info(
        "This portfolio has one snapshot. Upload its holdings of another day under the same name: here stands what "
        "changed between the two."
    )
    st.page_link(guard.page("holdings"), label="Upload a holdings file", icon=":material/upload_file:")
    st.stop()
earlier = [each for each in others if days[each] <= chosen.as_of]
if state.missing(state.AGAINST, list(select.stored())):
    st.warning("The snapshot it was compared with is gone: choose another if not this one.", icon=":material/warning:")
state.settle(state.AGAINST, list(others), (earlier or list(others))[0])
against = st.selectbox(
    "Compared with", list(others), format_func=others.__getitem__, key=state.AGAINST,
    persist_state="session", width=240,
)  # fmt: skip
state.publish(state.AGAINST)

one, two = sorted((against, chosen.snapshot_id), key=lambda each: (days[each], each))
with guard.sentences():
    before, after = (cache.book(chosen.portfolio, each, chosen.currency) for each in (one, two))
    found = changes(before, after, cache.market(chosen.portfolio))
    placed = [cache.exposures(chosen.portfolio, each, chosen.currency).coverage for each in (one, two)]
    both = zip((before, after), placed, strict=True)
    stamp.keep([line for each, shares in both for line in stamp.of_book(chosen.portfolio, each, shares)])
    about = f"{chosen.portfolio}, {day(before.as_of)} and {day(after.as_of)}"
    doubtful = [*after.issues, *doubts_between(after, cache.market(chosen.portfolio), before.as_of, after.as_of)]
    show.figure_line(changes_rows.headline(found, after.currency))
    doubts.warn(doubtful)
    period = f"From {day(before.as_of)} to {day(after.as_of)}."
    st.caption(sentences.plain(" ".join((period, sentences.about(after), changes_rows.untold(found))).strip()))
    if found.nav is None:
        st.info("The two are in different currencies, or weights alone: shares are compared, money is not.")
    show.chart(
        by_segment(found.by_segment, show.dark()),
        key="segment_changes",
        title=changes_rows.finding(found.by_segment),
        alt=changes_rows.alt_text(found.by_segment),
        source=about,
        as_of=after.as_of,
        currency=after.currency,
    )
    show.table(
        changes_rows.segment_rows(found.by_segment),
        (
            Column("segment", "Segment", width="medium"),
            Column("before", "Share before", "share"),
            Column("after", "Share after", "share"),
            Column("change", "Change", "share"),
        ),
        file=f"{chosen.portfolio} segments before and after",
        key="segment_changes_table",
    )

    st.subheader("Line by line", anchor=False)
    listed = changes_rows.rows(found)
    kinds = st.pills(
        "Show", list(changes_rows.WHAT.values()), selection_mode="multi", key="change_kinds", persist_state="session",
        wrap=True,
    )  # fmt: skip
    kept = [row for row in listed if not kinds or row["what"] in kinds]
    unit = after.currency or "as in the file"
    show.table(
        kept,
        (
            Column("name", "Name", width="medium"),
            Column("ticker", "Ticker", width="small"),
            Column("what", "What", width="small"),
            Column("weight_before", "Weight before", "share"),
            Column("weight_after", "Weight after", "share"),
            Column("weight_change", "Change", "share"),
            Column("quantity_before", "Quantity before", "number"),
            Column("quantity_after", "Quantity after", "number"),
            Column("split", "Split", "number", "New shares for each old one between the two days"),
            Column("value_before", f"Value before, {unit}", "money"),
            Column("value_after", f"Value after, {unit}", "money"),
            Column("traded", f"Traded, {unit}", "money", "Bought (plus) or sold, at the later snapshot’s price"),
            Column("price_effect", f"Price and currency, {unit}", "money"),
            Column("isin", "ISIN", width=130),
        ),
        file=f"{chosen.portfolio} changes",
        key="changes",
    )
    st.caption(sentences.plain(f"{len(kept)} of {sentences.count(len(listed), 'line')}. {changes_rows.LEGEND}"))

    history = {
        s.as_of: cache.exposures(chosen.portfolio, s.snapshot_id, chosen.currency)
        for s in own.snapshots[-changes_rows.MOST :]
    }
    show.chart(
        over_time(history, show.dark()),
        key="over_time",
        title=changes_rows.on_the_chain(history),
        alt=changes_rows.on_the_chain(history) + ".",
        source=f"{chosen.portfolio}, its stored snapshots",
        as_of=own.snapshots[-1].as_of,
        currency=after.currency,
    )
    show.table(
        changes_rows.over_time_rows(history),
        (Column("as_of", "As of", "date"), *(Column(s, segment_label(s), "share") for s in TOP_SEGMENTS)),
        file=f"{chosen.portfolio} segments over time",
        key="over_time_table",
    )
    doubts.issues(doubts.open_of(doubtful), "changes_issues")
