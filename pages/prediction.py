"""Prediction: what has moved so far today, what the book is then expected to do, and how unusual that is."""

import streamlit as st

from exposure.errors import ExposureError, MissingPrice
from pages.shared import (
    cache,
    completed,
    doubts,
    drafts,
    guard,
    keeping,
    prediction_answer,
    prediction_asked,
    select,
    shock_figures,
    shock_rows,
    show,
    stamp,
)
from pages.shared.scenario_draft import Refusal
from pages.shared.texts import plain

guard.enter(__file__)
st.title("What has moved so far today", anchor=False)
chosen = select.pick()
book = select.book(chosen)
left, right = st.columns([2, 3], gap="large")
with left:
    pasted, as_of = prediction_asked.asked(chosen.portfolio)
    prediction_asked.told(pasted)
with guard.sentences():
    drafts.keep(":moves")
if pasted.refused or not pasted.lines:
    right.info("Paste what has moved, or add segments: the book’s expected day shows here. Every line must be clear.")
    st.stop()

if not as_of:
    with right:
        what = "no last day of prices is chosen, and no price is stored to take it from"
        prediction_answer.missing(chosen.portfolio, MissingPrice(what, remedy="load prices, or choose the day"))
    st.stop()
found = prediction_asked.scenario(pasted, as_of, "So far today")
if isinstance(found, Refusal):
    right.error(plain(found.sentence), icon=":material/error:")
    st.stop()
with right:
    try:
        ready = completed.ready(chosen.portfolio, found)
        plausible = completed.plausible(*chosen.key, found)
        result = cache.shock_of(*chosen.key, ready)
    except MissingPrice as error:
        prediction_answer.missing(chosen.portfolio, error)
        st.stop()
    except ExposureError as error:
        st.error(plain(str(error)), icon=":material/error:")
        st.stop()
    stamp.keep(stamp.of_result(chosen.portfolio, result))
    show.figure_line(prediction_answer.headline(result, plausible))
    doubts.warn(result.issues)
    st.caption(plain(shock_rows.coverage(result)))
    steps = shock_rows.steps(result, result.by_segment)
    show.chart(
        shock_figures.waterfall(steps, show.dark()),
        key="prediction_waterfall",
        title=shock_rows.finding(result, result.by_segment),
        alt=shock_rows.in_words(steps),
        source=f"{chosen.portfolio}, {shock_rows.about(ready)}",
        as_of=ready.as_of,
        currency=book.currency,
    )
    keeping.button(chosen, result, "keep_prediction")
    st.caption(prediction_answer.CAVEAT)
st.subheader("Line by line", anchor=False)
prediction_asked.lines(prediction_answer.rows(result), f"{chosen.portfolio} so far today")
st.caption(plain(shock_rows.LEGEND))
st.subheader("Save it as a scenario", anchor=False)
prediction_answer.keep(found)
show.issues(result.issues, "prediction_issues")
