"""Prices of a portfolio: what is stored, a file to load, and a fetch that can be stopped and harms nothing."""

from __future__ import annotations

from datetime import date

import streamlit as st

from exposure.format import day
from pages.shared import cache, fetching, guard, show, texts
from pages.shared.show import Column
from pages.shared.texts import plain

TYPES = ("csv", "gz", "txt", "xlsx", "xls", "zip", "xml")
SINCE = date(2015, 1, 1)


def made_up(portfolio: str) -> bool:
    """Tell whether a portfolio is the demo, which is measured with made-up prices alone."""
    from db.demo import NAME

    return portfolio == NAME


def section(portfolio: str, expanded: bool) -> None:
    """Show what is stored, and ways to have more; the demo's prices are fixed."""
    with st.expander("Prices", icon=":material/database:", expanded=expanded):
        if made_up(portfolio):
            fixed()
            return
        status = cache.store().price_status(portfolio)
        _listed("Without any price", status.missing)
        _listed("Last price more than a week old", status.stale)
        fetching.watch()
        ways(portfolio)


def fixed() -> None:
    """Say that the demo's prices are not to be mended."""
    st.caption(
        "The demo’s prices are made up and kept apart from real ones: no file and no fetch changes them. "
        "Upload a portfolio of your own to measure it with real prices."
    )


def ways(portfolio: str) -> None:
    """Offer a file and a fetch, side by side."""
    load, fetch = st.columns(2, gap="large")
    with load:
        _load()
    with fetch:
        _fetch(portfolio)


def symbols(portfolio: str) -> tuple[str, ...]:
    """List what a fetch for a portfolio asks for: its listings, and the pairs of its currencies."""
    store = cache.store()
    return (*store.symbols(portfolio), *store.rate_symbols(portfolio))


def _listed(what: str, tickers: tuple[str, ...]) -> None:
    if tickers:
        more = f" and {len(tickers) - 20} more" if len(tickers) > 20 else ""
        st.caption(plain(f"{what}: {', '.join(tickers[:20])}{more}."))


def _load() -> None:
    st.markdown("**From a file**")
    st.caption(
        "CSV, also gzipped, or XLSX, in one of three shapes: date, ticker, close (and adj\\_close, volume, currency); "
        "a date and one column for each ticker; or what yfinance writes with to\\_csv. Also the European Central "
        "Bank’s own file of exchange rates, eurofxref-hist.zip, for a machine without a network."
    )
    given = st.file_uploader("Price file", list(TYPES), key="price_file", label_visibility="collapsed")
    if given is None:
        return
    with guard.sentences():
        market = cache.read_prices(given.file_id, given.name, given)
        if market.published:
            days = f"{texts.count(len(market.published), 'day')} to {day(max(market.published))}"
            st.caption(plain(f"{given.name}: exchange rates of the European Central Bank, {days}."))
        if market.series:
            reach = f"{day(market.start)} to {day(market.end)}"
            counts = f"{texts.count(len(market.series), 'ticker')}, {texts.count(market.rows, 'row')}"
            rejected = texts.count(len(market.rejected), "row")
            st.caption(plain(f"{given.name}: {counts}, {reach}; {rejected} not usable."))
            _understood(market)
        _rejected(market)
        for issue in market.issues[:20]:
            st.caption(plain(issue.what))
        what = "prices" if market.series else "exchange rates"
        if st.button(f"Store these {what}", type="primary", key="price_store"):
            with st.spinner(f"Storing the {what}"):
                store = cache.store()
                done = store.store_prices(market, given.name) if market.series else None
                rates = store.store_bank_rates(market.published, given.name) if market.published else None
            cache.forget_prices()
            for each in filter(None, (done, rates)):
                _say(f"Stored: {each.new} new, {each.changed} changed, {each.unchanged} as they were.", each.issues)
            st.rerun()


def _understood(market) -> None:
    show.table(
        [
            {
                "ticker": series.ticker,
                "rows": len(series.dates),
                "start": series.dates[0].item(),
                "end": series.dates[-1].item(),
                "close": float(series.close[-1]),
                "currency": series.currency,
                "adjusted": "yes" if series.adj_close is not None else "no",
            }
            for series in market.series.values()
        ],
        (
            Column("ticker", "Ticker", width="small"),
            Column("rows", "Rows", "number"),
            Column("start", "From", "date"),
            Column("end", "To", "date"),
            Column("close", "Last close", "number"),
            Column("currency", "Unit", width="small", help="As delivered: pence stay pence until they are converted"),
            Column("adjusted", "Adjusted too", width="small", help="Whether closes adjusted for dividends came too"),
        ),
        file="prices understood",
        key="price_understood",
        height=show.tall(len(market.series)),
    )


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
            height=show.tall(len(market.rejected)),
        )


def _fetch(portfolio: str) -> None:
    st.markdown("**From Yahoo and the European Central Bank**")
    since = st.date_input("From", SINCE, key="fetch_from", persist_state="session", width=200)
    wanted = symbols(portfolio)
    st.caption(
        f"Asks the bank for its exchange rates, and Yahoo for what is missing of {texts.count(len(wanted), 'ticker')}, "
        "pairs of currencies included. It can be "
        "stopped at any time: what has come is kept, and the next fetch goes on from there."
    )
    job = fetching.current()
    busy = job is not None and job.running
    if st.button("Fetch prices", key="fetch", icon=":material/download:", disabled=busy):
        fetching.start(wanted, since, rates=True)
        st.rerun()


def _say(sentence: str, issues: tuple) -> None:
    st.toast(plain(sentence), icon=":material/database:")
    for issue in issues[:20]:
        st.caption(plain(issue.what))
