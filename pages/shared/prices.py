"""Prices of a portfolio: what is stored, a file to load, and a fetch that can be stopped and harms nothing."""

from __future__ import annotations

from datetime import date

import streamlit as st

from exposure.errors import FeedError
from exposure.format import day
from pages.shared import cache, guard, show, texts
from pages.shared.show import Column
from pages.shared.texts import plain

AT_ONCE = 8
"""Tickers of one request: what has come is stored before the next, so a stop loses at most these."""
SINCE = date(2015, 1, 1)


def made_up(portfolio: str) -> bool:
    """Tell whether a portfolio is the demo, which is measured with made-up prices alone."""
    from db.demo import NAME

    return portfolio == NAME


def section(portfolio: str, expanded: bool) -> None:
    """Show what is stored, and ways to have more; the demo's prices are fixed."""
    with st.expander("Prices", icon=":material/database:", expanded=expanded):
        if made_up(portfolio):
            st.caption(
                "The demo’s prices are made up and kept apart from real ones: no file and no fetch changes them. "
                "Upload a portfolio of your own to measure it with real prices."
            )
            return
        status = cache.store().price_status(portfolio)
        _listed("Without any price", status.missing)
        _listed("Last price more than a week old", status.stale)
        load, fetch = st.columns(2, gap="large")
        with load:
            _load()
        with fetch:
            _fetch(portfolio, (*status.missing, *status.stale) or tuple(s.ticker for s in status.series))


def _listed(what: str, tickers: tuple[str, ...]) -> None:
    if tickers:
        more = f" and {len(tickers) - 20} more" if len(tickers) > 20 else ""
        st.caption(plain(f"{what}: {', '.join(tickers[:20])}{more}."))


def _load() -> None:
    st.markdown("**From a file**")
    st.caption(
        "CSV, also gzipped, in one of three shapes: date, ticker, close (and adj\\_close, volume, currency); a date "
        "and one column for each ticker; or what yfinance writes with to\\_csv."
    )
    given = st.file_uploader("Price file", ["csv", "gz", "txt"], key="price_file", label_visibility="collapsed")
    if given is None:
        return
    with guard.sentences():
        market = cache.read_prices(given.file_id, given.name, given)
        reach = f"{day(market.start)} to {day(market.end)}"
        counts = f"{texts.count(len(market.series), 'ticker')}, {texts.count(market.rows, 'row')}"
        st.caption(plain(f"{given.name}: {counts}, {reach}; {texts.count(len(market.rejected), 'row')} not usable."))
        _rejected(market)
        if st.button("Store these prices", type="primary", key="price_store"):
            with st.spinner("Storing the prices"):
                done = cache.store().store_prices(market, given.name)
            cache.forget_prices()
            _say(f"Stored: {done.new} new, {done.changed} changed, {done.unchanged} as they were.", done.issues)
            st.rerun()


def _rejected(market) -> None:
    if market.rejected:
        show.table(
            [{"row": r.row, "reason": r.reason, "raw": r.raw} for r in market.rejected[:1000]],
            (
                Column("row", "Row", "row"),
                Column("reason", "Why", width="medium"),
                Column("raw", "Text", width="large"),
            ),
            file="rejected prices",
            key="price_rejected",
            height=200,
        )


def _fetch(portfolio: str, symbols: tuple[str, ...]) -> None:
    st.markdown("**From Yahoo**")
    start = st.date_input("From", SINCE, key="fetch_from", persist_state="session", width=200)
    st.caption(f"Asks for {texts.count(len(symbols), 'ticker')}: those without a price or with an old one, else all.")
    if not st.button("Fetch prices", key="fetch", icon=":material/download:", disabled=not symbols):
        return
    # A click on it runs the page again, and so ends this run at the next sign of progress.
    st.button("Stop", key="fetch_stop", icon=":material/stop_circle:")
    _fetch_all(symbols, start)


def _fetch_all(symbols: tuple[str, ...], start: date) -> None:
    """Fetch a few tickers at a time and store what came; the first answer that nobody gives ends it."""
    from db.feed import fetch

    bar = st.progress(0.0, "Asking Yahoo")
    failed: list[tuple[str, str]] = []
    stored = 0
    for first in range(0, len(symbols), AT_ONCE):
        some = symbols[first : first + AT_ONCE]

        def progress(done: int, of: int, symbol: str, first: int = first) -> None:
            bar.progress((first + done) / len(symbols), plain(f"{first + done} of {len(symbols)}: {symbol}"))

        try:
            got = fetch(some, start, progress=progress)
        except FeedError as error:
            if "no prices for any" in str(error):  # these few are unknown there; others may not be
                failed += [(symbol, "no data (delisted or unknown)") for symbol in some]
                continue
            bar.empty()
            st.error(plain(str(error)), icon=":material/cloud_off:")
            break
        stored += cache.store().store_prices(got.market, "yfinance").new
        failed += got.failed
    else:
        bar.empty()
    if stored:
        cache.forget_prices()
    _say(f"Fetched: {stored} new prices.", ())
    for symbol, reason in failed[:20]:
        st.caption(plain(f"{symbol}: {reason}"))
    if stored:
        st.button("Measure with them", type="primary", key="fetch_done")


def _say(sentence: str, issues: tuple) -> None:
    st.toast(plain(sentence), icon=":material/database:")
    for issue in issues[:20]:
        st.caption(plain(issue.what))
