"""A fetch that runs beside the pages: it holds nothing of a session, can be watched by any and stopped by any.

It lives in a thread of its own, so that a change of page does not end it; what it has stored stays whenever it ends.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from threading import Event, Thread
from typing import Any

import streamlit as st

from exposure.errors import ExposureError
from pages.shared import cache, show, texts
from pages.shared.show import Column
from pages.shared.texts import plain

LOOK = 0.2
"""Seconds between two looks at a running fetch."""
STOPPED = "stopped"


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
    args = (job, cache.store(), tuple(symbols), since, anew, rates)
    work = Thread(target=_work, args=args, daemon=True, name="fetch")
    work.start()


def _work(job: Fetching, store: Any, symbols: Sequence[str], since: date, anew: bool, rates: bool) -> None:
    from db.update import fetch_missing, fetch_rates

    def progress(done: int, of: int, symbol: str) -> None:
        job.done, job.total, job.symbol = done, of, symbol

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


@st.fragment
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
    if job.error or (done and done.stopped and done.stopped != STOPPED):
        st.error(plain(job.error or done.stopped), icon=":material/cloud_off:")
    if done is None or (done.stopped and len(done.failed) == done.asked > 0):
        return
    st.success(plain(_sentence(done, job.ended)), icon=":material/database:")
    if done.failed:
        show.table(
            [{"ticker": ticker, "reason": reason} for ticker, reason in done.failed.items()],
            (Column("ticker", "Ticker", width="small"), Column("reason", "Why nothing came", width="large")),
            file="not fetched",
            key="fetch_failed",
            height=show.tall(len(done.failed)),
        )


def _tell_rates(rates: Any) -> None:
    for issue in rates.issues:
        st.warning(plain(f"{issue.what}. {issue.remedy}"), icon=":material/currency_exchange:")
    if rates.new or rates.changed:
        changed = f", {texts.count(rates.changed, 'changed rate')}" if rates.changed else ""
        brought = f"{texts.count(rates.new, 'new exchange rate')}{changed} from the European Central Bank."
        st.success(plain(brought), icon=":material/currency_exchange:")


def _sentence(done: Any, ended: str) -> str:
    if not done.asked and not done.stopped and not done.current:
        return f"No price is wanted ({ended})."
    if not done.asked and not done.stopped:
        return f"Nothing was missing ({ended}): all {texts.count(done.current, 'ticker')} reach to the last session."
    said = [f"Fetched ({ended}): {texts.count(done.new, 'new price')}, {texts.count(done.changed, 'changed price')}"]
    said += [f"{texts.count(done.current, 'ticker')} lacked nothing"] * bool(done.current)
    said += [f"{texts.count(len(done.failed), 'ticker')} brought nothing"] * bool(done.failed)
    said += ["stopped before the end, and the next fetch goes on from here"] * (done.stopped == STOPPED)
    return "; ".join(said) + "."
