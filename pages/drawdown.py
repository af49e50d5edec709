"""Drawdown: how deep the portfolio fell before, when, how long it took to come back, and what carried it."""

import streamlit as st

from exposure.errors import ExposureError, MissingPrice
from pages.shared import (
    cache,
    doubts,
    drawdown_first,
    drawdown_options,
    drawdown_rows,
    drawdown_views,
    guard,
    histories,
    prices,
    select,
    show,
    stamp,
    texts,
)

guard.enter(__file__)
st.title("Drawdown", anchor=False)
chosen = select.pick()
book = select.book(chosen)
made_up = prices.made_up(chosen.portfolio)
status = cache.store().price_status(chosen.portfolio)
how = drawdown_options.pick(status.start, status.end)

try:
    today = histories.today(*chosen.key, how)
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

stamp.keep(stamp.of_history(chosen.portfolio, today))
source = "made-up prices of the demo" if made_up else "stored prices"
doubts.warn(today.issues, beside=(drawdown_rows.thin(today), drawdown_rows.unrated(today)))
looked = drawdown_first.show_first(chosen, book, how, today, source)
drawdown_views.SHOWN[drawdown_options.view(looked.actual is not None)](looked)
said = (drawdown_rows.coverage(looked.result), drawdown_rows.status(status, made_up))
st.caption("  \n".join(map(texts.plain, said)))
prices.section(chosen.portfolio, expanded=False)
show.issues([drawdown_rows.for_page(i) for i in looked.result.issues], "drawdown_issues")
