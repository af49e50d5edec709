"""Prices of a portfolio: what is stored, a file to load, and a fetch that can be stopped and harms nothing.

A fetch that runs beside the pages: it holds nothing of a session, can be watched by any and stopped by any.

It lives in a thread of its own, so that a change of page does not end it; what it has stored stays whenever it ends.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from threading import Event, Thread
from typing import Any

import streamlit as st

from exposure.errors import ExposureError
from exposure.format import day
from exposure.prices import Market
from exposure.types import Issue
from exposure.view import sentences
from exposure.view.looks import Column
from exposure.view.sentences import plain
from pages.ui import cache, guard, show, state

LOOK = 0.2
"""Seconds between two looks at a running fetch."""
STOPPED = "feed.stopped"


@dataclass(slots=True)
class Fetching:
    """One fetch: what it is asked for, how far it is, and what became of it."""

    total: int
    done: int = 0
    symbol: str = ""
    outcome: Any = None
    rates: Any = None
    """What asking the bank for its exchange rates brought; None where it was not asked."""
    error: str = ""
    running: bool = True
    ended: str = ""
    """When it ended, in UTC."""
    seen: bool = False
    stop: Event = field(default_factory=Event)


def start(symbols: Sequence[str], since: date, *, anew: bool = False, rates: bool = False) -> None:
    """Begin to fetch what the store lacks of some tickers, and of the bank's `rates`, unless a fetch is running."""
    before = current()
    if before is not None and before.running:
        return
    job = cache.fetchings()[cache.url()] = Fetching(len(symbols))
    args, how = (job, cache.store(), tuple(symbols), since), {"anew": anew, "rates": rates}
    work = Thread(target=_work, args=args, kwargs=how, daemon=True, name="fetch")
    work.start()


def _work(job: Fetching, store: Any, symbols: Sequence[str], since: date, *, anew: bool, rates: bool) -> None:
    from db.update import fetch_missing, fetch_rates

    def progress(done: int, of: int, symbol: str) -> None:
        job.done, job.total, job.symbol = done, of, symbol

    state.speak()
    try:
        if rates:
            job.symbol = "exchange rates"
            job.rates = fetch_rates(store)
        job.outcome = fetch_missing(store, symbols, since, progress=progress, cancelled=job.stop.is_set, anew=anew)
    except ExposureError as error:
        job.error = str(error)
    except Exception:
        job.error = "The fetch failed; what had come by then is stored. Fetch again"
        raise
    finally:
        job.ended = f"{datetime.now(UTC):%H:%M} UTC"
        job.running = False


def current() -> Fetching | None:
    """Give the fetch that is running, or the last that ran since the server started."""
    return cache.fetchings().get(cache.url())


@guard.fragment
def watch() -> None:
    """Show a running fetch with a button to stop it, or what became of the last one."""
    job = current()
    if job is None:
        return
    if job.running:
        st.button("Stop the fetch", key="fetch_stop", icon=":material/stop_circle:", on_click=job.stop.set)
        bar = st.progress(0.0, "Asking")
        while job.running:
            share = job.done / job.total if job.total else 0.0
            said = (
                "Stopping; what has come is kept" if job.stop.is_set() else f"{job.done} of {job.total}: {job.symbol}"
            )
            bar.progress(min(share, 1.0), plain(said))
            time.sleep(LOOK)
        bar.empty()
    if not job.seen:
        job.seen = True
        cache.forget_prices()
        st.rerun()
    _tell(job)


def _tell(job: Fetching) -> None:
    done = job.outcome
    if job.rates is not None:
        _tell_rates(job.rates)
    if job.error or (done and done.stopped and done.stopped.code != STOPPED):
        said = job.error or f"{done.stopped.what}; {done.stopped.remedy}"
        st.error(plain(said), icon=":material/cloud_off:")
    if done is None or (done.stopped and len(done.failed) == done.asked > 0):
        return
    st.success(plain(_sentence(done, job.ended)), icon=":material/database:")
    if done.failed:
        show.table(
            [{"ticker": ticker, "reason": reason.what} for ticker, reason in done.failed.items()],
            (Column("ticker", "Ticker", width="small"), Column("reason", "Why nothing came", width="large")),
            file="not fetched",
            key="fetch_failed",
            height=show.table_height(len(done.failed)),
        )


def _tell_rates(rates: Any) -> None:
    for issue in rates.issues:
        st.warning(plain(f"{issue.what}. {issue.remedy}"), icon=":material/currency_exchange:")
    if rates.new or rates.changed:
        changed = f", {sentences.count(rates.changed, 'changed rate')}" if rates.changed else ""
        brought = f"{sentences.count(rates.new, 'new exchange rate')}{changed} from the European Central Bank."
        st.success(plain(brought), icon=":material/currency_exchange:")


def _sentence(done: Any, ended: str) -> str:
    if not done.asked and not done.stopped and not done.current:
        return f"No price is wanted ({ended})."
    if not done.asked and not done.stopped:
        return (
            f"Nothing was missing ({ended}): all {sentences.count(done.current, 'ticker')} reach to the last session."
        )
    said = [
        f"Fetched ({ended}): {sentences.count(done.new, 'new price')}, {sentences.count(done.changed, 'changed price')}"
    ]
    said += [f"{sentences.count(done.current, 'ticker')} lacked nothing"] * bool(done.current)
    said += [f"{sentences.count(len(done.failed), 'ticker')} brought nothing"] * bool(done.failed)
    if done.stopped and done.stopped.code == STOPPED:
        said.append("stopped before the end, and the next fetch goes on from here")
    return "; ".join(said) + "."


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
        watch()
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
            days = f"{sentences.count(len(market.published), 'day')} to {day(max(market.published))}"
            st.caption(plain(f"{given.name}: exchange rates of the European Central Bank, {days}."))
        if market.series:
            reach = f"{day(market.start)} to {day(market.end)}"
            counts = f"{sentences.count(len(market.series), 'ticker')}, {sentences.count(market.rows, 'row')}"
            rejected = sentences.count(len(market.rejected), "row")
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
            for each in (done, rates):
                if each is not None:
                    said = f"Stored: {each.new} new, {each.changed} changed, {each.unchanged} as they were."
                    _say(said, each.issues)
            st.rerun()


def _understood(market: Market) -> None:
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
        height=show.table_height(len(market.series)),
    )


def _rejected(market: Market) -> None:
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
            height=show.table_height(len(market.rejected)),
        )


def _fetch(portfolio: str) -> None:
    st.markdown("**From Yahoo and the European Central Bank**")
    since = st.date_input("From", SINCE, key="fetch_from", persist_state="session", width=200)
    wanted = symbols(portfolio)
    st.caption(
        f"Asks the bank for its exchange rates, and Yahoo for what is missing of "
        f"{sentences.count(len(wanted), 'ticker')}, pairs of currencies included. It can be stopped at any time: what "
        "has come is kept, and the next fetch goes on from there."
    )
    job = current()
    busy = job is not None and job.running
    if st.button("Fetch prices", key="fetch", icon=":material/download:", disabled=busy):
        start(wanted, since, rates=True)
        st.rerun()


def _say(sentence: str, issues: Iterable[Issue]) -> None:
    st.toast(plain(sentence), icon=":material/database:")
    for issue in list(issues)[:20]:
        st.caption(plain(issue.what))
