"""Prediction: what has moved so far today, what the book is then expected to do, and how unusual that is."""

from datetime import date

import streamlit as st

from exposure.errors import ExposureError, MissingPrice
from exposure.view import shock
from exposure.view.sentences import plain
from pages.prediction import answer
from pages.ui import charts, doubts, drafts, guard, keeping, select, shocks, show, stamp
from pages.ui.scenario_draft import Refusal

guard.enter(__file__)
st.title("What has moved so far today", anchor=False)
chosen = select.pick()
book = select.book(chosen)
left, right = st.columns([2, 3], gap="large")
with left:
    pasted, as_of = answer.entered(chosen.portfolio)
    answer.understood(pasted)
with guard.sentences():
    drafts.keep(":moves")
if pasted.refused or not pasted.lines:
    right.info("Paste what has moved, or add segments: the book’s expected day shows here. Every line must be clear.")
    st.stop()

if not as_of:
    with right:
        what = "no last day of prices is chosen, and no price is stored to take it from"
        answer.missing(chosen.portfolio, MissingPrice(what, remedy="load prices, or choose the day"))
    st.stop()
found = answer.scenario(pasted, as_of, "So far today")
if isinstance(found, Refusal):
    right.error(plain(found.sentence), icon=":material/error:")
    st.stop()
with right:
    try:
        ready = shocks.ready(chosen.portfolio, found)
        plausible = shocks.plausible(*chosen.key, found)
        result = shocks.shock_of(*chosen.key, ready)
    except MissingPrice as error:
        answer.missing(chosen.portfolio, error)
        st.stop()
    except ExposureError as error:
        st.error(plain(str(error)), icon=":material/error:")
        st.stop()
    stamp.keep(stamp.of_result(chosen.portfolio, result))
    show.figure_line(answer.headline(result, plausible))
    doubts.warn(result.issues)
    st.caption(plain(shock.coverage(result)))
    steps = shock.steps(result, result.by_segment)
    show.chart(
        charts.horizontal_waterfall(steps, show.dark()),
        key="prediction_waterfall",
        title=shock.finding(result, result.by_segment),
        alt=shock.alt_text(steps),
        source=f"{chosen.portfolio}, {shock.about(ready)}",
        as_of=date.fromisoformat(as_of),
        currency=book.currency,
    )
    keeping.button(chosen, result, "keep_prediction")
    st.caption(answer.CAVEAT)
st.subheader("Line by line", anchor=False)
answer.lines(answer.rows(result), f"{chosen.portfolio} so far today")
st.caption(plain(shock.LEGEND))
st.subheader("Save it as a scenario", anchor=False)
answer.keep(found)
doubts.issues(result.issues, "prediction_issues")
