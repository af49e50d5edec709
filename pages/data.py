"""Data: what prices are stored, how far they reach, what looks wrong in them, and one button to mend each."""

from datetime import UTC, datetime

import streamlit as st

from pages.shared import actions, cache, data_rows, fetching, guard, mend, prices, select, show, texts
from pages.shared.show import Column

guard.enter(__file__)
st.title("Data", anchor=False)
chosen = select.pick(currency=False)
book = select.book(chosen)
actions.notice()
with guard.sentences():
    status = cache.store().price_status(chosen.portfolio)
    show.figure_line(data_rows.figures(status, data_rows.unpriced(book, cache.market(chosen.portfolio))))
    made_up = prices.made_up(chosen.portfolio)
    if made_up:
        prices.fixed()
    else:
        fetching.watch()
        with st.expander("Have more prices", icon=":material/download:", expanded=not status.tickers):
            prices.ways(chosen.portfolio)
        st.subheader("What looks wrong", anchor=False)
        with st.spinner("Looking through the prices"):
            checks = cache.store().check_prices(chosen.portfolio)
        words = cache.store().accepted()
        found = data_rows.findings(status, checks, words)
        mend.findings(found)
        mend.words(words)
    if status.tickers:
        if not made_up:
            mend.one_series([one.ticker for one in status.series], found)
        st.subheader("All series", anchor=False)
        show.table(
            data_rows.series(status),
            (
                Column("ticker", "Ticker", width="small"),
                Column("rows", "Prices", "number"),
                Column("start", "From", "date"),
                Column("end", "To", "date"),
                Column("fetched", "Last asked for", "date"),
                Column("outcome", "Last answer", width="medium", help="Empty where it brought prices"),
            ),
            file=f"{chosen.portfolio} series",
            key="all_series",
            height=show.tall(status.tickers, 300),
        )
        st.caption(texts.plain(data_rows.CLOSES, 600))
    st.subheader("Exchange rates", anchor=False)
    reached = cache.rate_status(chosen.portfolio)
    st.caption(texts.plain(data_rows.rates_end(reached, datetime.now(UTC).date()), 600))
    show.table(
        data_rows.rates(reached),
        (
            Column("rate", "Rate", width="small", help="A currency for one euro; a pair by its symbol"),
            Column("end", "Last day", "date"),
            Column("source", "From", width="medium"),
        ),
        file="exchange rates",
        key="exchange_rates",
        height=show.tall(len(reached.each), 300),
    )
    log = [] if made_up else cache.store().price_log()
    if log:
        st.subheader("Changed history", anchor=False)
        st.caption("What differed from the stored prices when new ones came; the new ones count.")
        show.table(
            data_rows.events(log),
            (
                Column("day", "Noticed", "date"),
                Column("what", "What", width="large"),
                Column("remedy", "What to do", width="medium"),
                Column("source", "Source", width="small"),
                Column("severity", "Severity", width="small"),
            ),
            file="changed history",
            key="price_log",
            height=show.tall(len(log)),
        )
