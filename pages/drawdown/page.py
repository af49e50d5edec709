"""Drawdown: how deep the portfolio fell before, when, how long it took to come back, and what carried it."""

import streamlit as st

from exposure.errors import ExposureError, MissingPrice
from exposure.view import drawdown, sentences
from pages.drawdown import answers, first, views
from pages.ui import cache, doubts, guard, prices, select, stamp

guard.enter(__file__)
st.title("Drawdown", anchor=False)
chosen = select.pick()
book = select.book(chosen)
made_up = prices.made_up(chosen.portfolio)
status = cache.store().price_status(chosen.portfolio)
how = first.pick(status.start, status.end)

try:
    today = answers.today(*chosen.key, how)
except MissingPrice as error:
    if status.tickers:
        st.error(
            sentences.plain(f"{error.what}. Choose other days, or load more prices below."), icon=":material/error:"
        )
    else:
        st.info("No line of this book has a stored price yet. Load a price file or fetch prices, below.")
    st.caption(sentences.plain(drawdown.status(status, made_up)))
    prices.section(chosen.portfolio, expanded=True)
    st.stop()
except ExposureError:
    with guard.sentences():
        raise
    st.stop()

stamp.keep(stamp.of_history(chosen.portfolio, today))
source = "made-up prices of the demo" if made_up else "stored prices"
doubts.warn(today.issues, beside=(drawdown.thin(today), drawdown.unrated(today)))
looked = first.show_first(chosen, book, how, today, source)
views.SHOWN[first.view(looked.actual is not None)](looked)
said = (drawdown.coverage(looked.result), drawdown.status(status, made_up))
st.caption("  \n".join(map(sentences.plain, said)))
prices.section(chosen.portfolio, expanded=False)
doubts.issues(looked.result.issues, "drawdown_issues")
