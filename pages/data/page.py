"""Data: what prices are stored, how far they reach, what looks wrong in them, and one button to mend each.

What looks wrong in stored prices, each with a button that mends it and one that settles it, and a series' tools.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import streamlit as st

from exposure.types import Acceptance
from exposure.view import prices as data_rows
from exposure.view import sentences
from exposure.view.looks import Column
from exposure.view.prices import Finding
from exposure.view.sentences import plain
from pages.ui import actions, cache, doubts, guard, prices, select, show, state

SHOWN = 10
"""Findings of one kind that have their button on the page; the rest follows as these are mended."""
LABELS = {"fetch": "Fetch", "anew": "Fetch anew", "rename": "Use the new symbol"}


def findings(found: Sequence[Finding]) -> None:
    """Show the findings by kind."""
    if not found:
        st.caption("Nothing looks wrong.")
        return
    st.caption(
        "Each has two ways out: mend the prices, or say that they are right. That is kept with your name and the date, "
        "and holds until the price changes."
    )
    doubts.author_fields()
    for kind, title in data_rows.KINDS.items():
        some = [each for each in found if each.kind == kind]
        if not some:
            continue
        with st.expander(plain(f"{title} ({len(some)})"), expanded=kind != "gap" and len(some) <= SHOWN):
            for each in some[:SHOWN]:
                _line(each)
            if len(some) > SHOWN:
                st.caption(f"And {len(some) - SHOWN} more, in the table below.")
    show.table(
        data_rows.as_rows(found),
        (Column("ticker", "Ticker", width="small"), Column("kind", "What"), Column("what", "In detail", width="large")),
        file="price findings",
        key="findings",
        height=show.table_height(len(found)),
    )


def _line(each: Finding) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(plain(f"{each.ticker}: {each.what}"), width="stretch")
        first = f"_{each.days[0]}" if each.days else ""
        name = f"{each.kind}_{each.ticker}{first}"
        st.button(LABELS[each.mend], key=f"mend_{name}", on_click=_mend, args=(each,))
        if each.days:
            marks = [(each.kind, day) for day in each.days]
            st.button("It is right", key=f"right_{name}", on_click=doubts.settle, args=(each.ticker, marks))


def _mend(each: Finding) -> None:
    since = st.session_state.get("fetch_from", prices.SINCE)
    if each.mend == "fetch":
        prices.start([each.ticker], since)
    elif each.mend == "anew":
        prices.start([each.ticker], since, anew=True)
    else:
        actions.act(lambda: _rename(each.ticker, each.symbol))


def _rename(old: str, new: str) -> str:
    cache.store().save_answer(old, new)
    prices.start([new], prices.SINCE)
    return f"{new} is fetched in the place of {old} from now on."


def repair_words(said: Sequence[tuple[Acceptance, bool]]) -> None:
    """List what persons said is right, each to be taken back."""
    if not said:
        return
    st.subheader("Said to be right", anchor=False)
    show.table(
        data_rows.words(said),
        (
            Column("ticker", "Ticker", width="small"),
            Column("kind", "What"),
            Column("day", "Of", "date"),
            Column("author", "By", width="small"),
            Column("on", "On", "date"),
            Column("note", "Why", width="medium"),
            Column("holds", "Holds", width="medium"),
        ),
        file="said to be right",
        key="words",
        height=show.table_height(len(said)),
    )
    each = {f"{one.ticker} {one.day} {one.sort}": one for one, _ in said}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        which = st.selectbox("Take back", list(each), key="word_back", width=300)
        one = each[which]
        st.button("Ask about it again", key="reopen", on_click=doubts.reopen, args=(one.ticker, one.day, one.sort))


def one_series(tickers: Sequence[str], found: Sequence[Finding]) -> None:
    """Offer what can be done with a single series."""
    st.subheader("One series", anchor=False)
    ticker = st.selectbox("Ticker", tickers, key="series", persist_state="session", width=240)
    marks = [(f.kind, day) for f in found if f.ticker == ticker for day in f.days]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        since = st.date_input("From", prices.SINCE, key="anew_from", persist_state="session", width=160)
        st.button(
            "Fetch anew",
            key="anew",
            icon=":material/refresh:",
            on_click=prices.start,
            args=([ticker], since),
            kwargs={"anew": True},
        )
        st.button(
            "All found is right",
            key="accept_all",
            icon=":material/done_all:",
            disabled=not marks,
            on_click=doubts.settle,
            args=(ticker, marks),
        )
        st.button("Drop this series", key="drop", icon=":material/delete:", on_click=_drop, args=(ticker,))
    with st.form("hand_set", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.date_input("Day", date.today(), key="hand_day", width=160)
        st.number_input("Close, in its unit", 0.0, key="hand_close", width=160, format="%.6f")
        st.form_submit_button("Set and lock this price", icon=":material/lock:", on_click=_set, args=(ticker,))
    _locked()


def _locked() -> None:
    locked = cache.store().hand_set()
    if locked:
        st.caption("Set by hand, and kept whatever a feed or a file says:")
    for ticker, day, close, unit in locked[:20]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(plain(f"{ticker}: {close:g} {unit or ''} on {day.isoformat()}"), width="stretch")
            st.button("Unlock", key=f"unlock_{ticker}_{day}", on_click=_unlock, args=(ticker, day))


def _set(ticker: str) -> None:
    day, close = st.session_state["hand_day"], st.session_state["hand_close"]

    def change() -> str:
        held = cache.store().market([ticker]).series.get(ticker)
        cache.store().set_price(ticker, day, close, held.currency if held else None)
        cache.forget_prices()
        return f"Locked: {ticker} closed at {close:g} on {day}."

    actions.act(change)


def _unlock(ticker: str, day: date) -> None:
    def change() -> str:
        cache.store().clear_price(ticker, day)
        cache.forget_prices()
        return f"Unlocked and removed: the price of {ticker} on {day}. Fetch it anew to have the feed’s."

    actions.act(change)


def _drop(ticker: str) -> None:
    def change() -> str:
        cache.desk()["dropped"] = cache.store().market([ticker])
        gone = cache.store().drop_series(ticker)
        cache.forget_prices()
        st.session_state[state.UNDO] = ["series", ticker, f"the prices of {ticker}"]
        return f"Dropped {sentences.count(gone, 'price')} of {ticker}."

    actions.act(change)


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
        prices.watch()
        with st.expander("Have more prices", icon=":material/download:", expanded=not status.tickers):
            prices.ways(chosen.portfolio)
        st.subheader("What looks wrong", anchor=False)
        with st.spinner("Looking through the prices"):
            checks = cache.store().check_prices(chosen.portfolio)
        words = cache.store().accepted()
        found = data_rows.findings(status, checks, words)
        findings(found)
        repair_words(words)
    if status.tickers:
        if not made_up:
            one_series([one.ticker for one in status.series], found)
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
            height=show.table_height(status.tickers, 300),
        )
        st.caption(sentences.plain(data_rows.CLOSES, 600))
    st.subheader("Exchange rates", anchor=False)
    reached = cache.rate_status(chosen.portfolio)
    st.caption(sentences.plain(data_rows.rates_end(reached, datetime.now(UTC).date()), 600))
    show.table(
        data_rows.rates(reached),
        (
            Column("rate", "Rate", width="small", help="A currency for one euro; a pair by its symbol"),
            Column("end", "Last day", "date"),
            Column("source", "From", width="medium"),
        ),
        file="exchange rates",
        key="exchange_rates",
        height=show.table_height(len(reached.each), 300),
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
            height=show.table_height(len(log)),
        )
