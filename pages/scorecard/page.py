"""Scorecard: how far the model can be trusted, measured on names and days left out, with the data present."""

import streamlit as st

from exposure.view import scorecard
from exposure.view.looks import Column
from exposure.view.sentences import plain
from pages.scorecard import charts
from pages.ui import cache, guard, select, show

guard.enter(__file__)
st.title("Scorecard", anchor=False)
select.say_missing()
st.caption(
    "How far to trust a modelled move. Every figure is worked out from the library and the stored prices, on names or "
    "days that the estimate has not seen; figures on what it was fitted to stand apart and are no score."
)
with guard.sentences():
    card = charts.card()
    titles = {row["episode"]: cache.scenario(row["episode"]).title for row in card["episodes"]}
    show.figure_line(scorecard.headline(card))
    if card["missing"]:
        st.info(plain(f"Some of this is not measurable yet. {scorecard.REMEDY}"), icon=":material/info:")
        st.page_link(guard.page("data"), label="Load or fetch prices", icon=":material/database:")

    with st.container(horizontal=True, vertical_alignment="bottom"):
        one = st.selectbox(
            "Episode", list(titles), format_func=titles.__getitem__, index=list(titles).index(card["main"]),
            key="score_episode", persist_state="session", width=420,
        )  # fmt: skip
        fresh = st.button(
            "Work it out again", key="score_fresh", icon=":material/refresh:",
            help="Fits the day once for each name. Else the predictions shipped for these very names are shown",
        )  # fmt: skip
    left = charts.names_of(one)
    if fresh:
        with st.spinner(f"Fitting {titles[one]} without each of {len(left.names)} names in turn"):
            again = charts.names_of(one, fresh=True)
        gap = max(abs(a - b) for a, b in zip(left.predicted, again.predicted, strict=True))
        st.success(plain(f"Worked out again: no prediction differs by more than {gap:.1e}."))
    names = scorecard.names(left)
    means = next(r["r2_sub_segment_means"] for r in card["episodes"] if r["episode"] == one)
    source = f"replay {one}, hash {cache.scenario(one).hash[:12]}"
    day = cache.scenario(one).end
    show.chart(
        charts.names(names, show.dark()),
        key="score_names", title=scorecard.finding(left, means, titles[one]), alt=scorecard.names_said(names),
        source=source, as_of=day, currency="",
    )  # fmt: skip
    show.table(
        names,
        (
            Column("name", "Name", width="small"),
            Column("sub_segment", "Sub-segment", width="medium"),
            Column("observed", "Observed", "share"),
            Column("predicted", "Predicted by the others", "share"),
            Column("miss", "Miss", "share"),
            Column("low", "Band from", "share"),
            Column("high", "Band to", "share"),
            Column("inside", "Band", width="small"),
        ),
        file=f"{one} names left out", key="score_names_table", height=show.table_height(len(names)),
    )  # fmt: skip

    st.subheader("Against plain ways, 27 January 2025", anchor=False)
    known = card["cross_section"]["with_betas"]["names"]
    show.table(
        scorecard.ways(card["cross_section"]),
        (
            Column("way", "Way to tell a name’s move", width="large"),
            Column("held_out", "R², names left out", "number", "The score"),
            Column("with_betas", "R², betas known", "number", f"On the {known} names whose betas are known alone"),
            Column("fitted", "R², names fitted to", "number", "How far it can bend: no score"),
            Column("note", "Remark", width="medium"),
        ),
        file="ways compared", key="score_ways",
    )  # fmt: skip

    bands = scorecard.bands(card["band"], titles)
    level = card["band"]["level"]
    show.chart(
        charts.coverage(bands, level, show.dark()),
        key="score_bands", title=scorecard.covered(bands, level), alt=scorecard.covered_said(bands),
        source="replays of the library, each name left out", as_of=None, currency="",
    )  # fmt: skip
    show.table(
        bands,
        (
            Column("title", "Episode", width="large"),
            Column("names", "Names", "row"),
            Column("held", "Inside", "row"),
            Column("coverage", "Coverage", "share"),
            Column("low", "95 % from", "share", "Exact interval of Clopper and Pearson"),
            Column("high", "95 % to", "share"),
            Column("p_value", "p", "number", "Exact binomial test against the level promised"),
        ),
        file="coverage of bands", key="score_bands_table",
    )  # fmt: skip

    st.subheader(plain(scorecard.predicted(card["prediction"])), anchor=False)
    if not card["prediction"]:
        st.info(plain(scorecard.REMEDY))
    show.table(
        card["prediction"],
        (
            Column("date", "Day", width="small"),
            Column("names", "Names", "row"),
            Column("r2", "R²", "number", "From prices to the evening before; 0 is no better than the mean"),
            Column("r2_baseline", "R² of the baseline", "number", "Ledoit–Wolf covariance of 250 sessions"),
            Column("r2_regression", "R² of a regression", "number", "On the three funds, betas drawn to sub-segments"),
            Column("coverage", "In their band of 90\u202f%", "share", "Share of the names"),
            Column("distance", "How unusual the day", "number", "Mahalanobis distance of the given moves"),
        ),
        file="predictions", key="score_predictions",
    )  # fmt: skip

    charts.undo()
    charts.section(list(titles))

    st.subheader(plain(scorecard.came_back(card["dislocation"])), anchor=False)
    show.table(
        [{**row, "title": titles[row["episode"]]} for row in card["dislocation"]],
        (
            Column("title", "Episode", width="large"),
            Column("corr_5", "Correlation, 5 sessions", "number", "Negative: what fell too far came back"),
            Column("corr_20", "Correlation, 20 sessions", "number"),
        ),
        file="unexplained and after", key="score_dislocation",
    )  # fmt: skip
    if card["missing"]:
        with st.expander("What is missing, one by one", icon=":material/help:"):
            for what in card["missing"]:
                st.caption(plain(what))
