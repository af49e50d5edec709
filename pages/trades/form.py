"""The form of a trade: what is tried, on what, and how much of it.

Trades as they are kept: under the portfolio’s id and the scenario that they were tried on, each by itself.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import streamlit as st

from exposure.chain import TOP_SEGMENTS, issuer_table, on_chain, top_segment
from exposure.format import from_points, points
from exposure.trades import Side, Trade, execute, exposure_to, sellable, whole_funds
from exposure.types import Book, Line, Scenario
from exposure.view import trades
from exposure.view.sentences import one_line, segment_label
from pages.ui import actions, cache, state
from pages.ui.scenarios import Picked
from pages.ui.select import Selection


def listed(portfolio: str | int, scenario_id: str) -> dict[int, Trade]:
    """Give the trades kept for a portfolio of an id and a scenario, by their ids in the order of writing."""
    found = cache.store().trades(portfolio, scenario_id)
    return {key: Trade(**fields) for key, fields in found.items()}


def keep(portfolio: str | int, scenario_id: str, trade: Trade) -> None:
    """Keep a trade after those that are there."""
    cache.store().try_trade(portfolio, scenario_id, asdict(trade))


def remove(keys: list[int], label: str) -> None:
    """Take trades away, in a way that can be undone."""

    def change() -> str:
        st.session_state[state.UNDO] = ["trades", cache.store().take_trades(keys), label]
        return f"Taken away: {label}."

    actions.act(change)


def remove_chosen(field: str, labels: dict[int, str]) -> None:
    """Take the trade away that a field names at the moment of the click."""
    key = st.session_state.get(field)
    if key in labels:
        remove([key], labels[key])


def volumes(portfolio: str, symbols: tuple[str, ...], day: Any) -> Any:
    """Give the closes and volumes of some listings over the weeks before a day."""
    return _volumes(cache.url(), portfolio, cache.prices_version(portfolio), symbols, day)


@st.cache_resource(show_spinner=False, max_entries=cache.KEEP, ttl="10m")
def _volumes(url: str, portfolio: str, version: str, symbols: tuple[str, ...], day: Any) -> Any:
    from datetime import timedelta

    return cache.store().market(symbols, day - timedelta(days=60), day, portfolio=portfolio)


KINDS = {
    "cut": "Cut to a limit",
    "short": "Short a fund or share",
    "trade": "Sell or buy a line",
    "cash": "Add or withdraw cash",
}
SIDES = {"net": "Net", "gross": "Gross", "long": "Long", "short": "Short", "effective": "Effective"}
WAYS = {"trade": {"Sell": -1.0, "Buy": 1.0}, "cash": {"Add": 1.0, "Withdraw": -1.0}}
SHARE = {"cut": 0.20, "short": 0.05, "trade": 0.05, "cash": 0.05}
MONEY = 100_000.0
"""Amounts that stand in the form at first."""
CHAIN = frozenset(f"segment:{s}" for s in TOP_SEGMENTS if on_chain(s))
USUAL = ("SMH", "SOXX", "XSD", "QQQ", "XLK", "IGV", "SPY")
"""Funds on offer to short; any other symbol of the table can be written."""


def form(chosen: Selection, book: Book, picked: Picked) -> None:
    """Draw the form; what is tried is kept with the scenario."""
    state.settle(state.TRADE, list(KINDS), "cut")
    kind = (
        st.segmented_control(
            "What is tried",
            list(KINDS),
            format_func=KINDS.__getitem__,
            key=state.TRADE,
            required=True,
            persist_state="session",
        )
        or "cut"
    )  # a browser that redraws may send nothing for a moment
    with st.container(horizontal=True, vertical_alignment="bottom"):
        target = _target(kind, book, picked.scenario)
        if kind == "cut" and (shorts(book) or book.geared):
            st.segmented_control(
                "Counted", list(SIDES), format_func=SIDES.__getitem__, key="trade_side", default="net", required=True,
                persist_state="session",
                help="The book is short of some lines. Net: longs less shorts. Gross: both by their size, cut alike. "
                "Long, short: one of the two alone. A line counts by the sign of its own value. "
                "Effective: net, leveraged and inverse funds times their daily factor, options by their delta",
            )  # fmt: skip
        if kind in WAYS:
            ways = list(WAYS[kind])
            st.segmented_control(
                "Which way", ways, key=f"way_{kind}", default=ways[0], required=True, persist_state="session"
            )
        _amount(kind, _unit(kind, book))
        st.button(
            "Try it",
            type="primary",
            key="try",
            disabled=not target and kind != "cash",
            on_click=_try,
            args=(chosen, picked.id),
        )


def _try(chosen: Selection, scenario_id: str) -> None:
    """Keep what is written in the form at the moment of the click, not what it said when it was drawn.

    What cannot be done to the book is refused in a sentence and not kept.
    """

    def change() -> str:
        book = cache.book(*chosen.key)
        trade = _written(book)
        execute(book, trade)
        keep(cache.standing(chosen.portfolio, chosen.snapshot_id), scenario_id, trade)
        return f"Tried: {trades.label(trade, book)}."

    actions.act(change)


def _written(book: Book) -> Trade:
    said = st.session_state
    kind = said[state.TRADE]
    target = said.get("trade_short" if kind == "short" else f"trade_{kind}_target") if kind != "cash" else None
    money = kind != "cut" and book.basis == "values" and said.get("trade_unit") == "money"
    amount = float(said.get("amount_money", MONEY)) if money else from_points(said.get(f"amount_{kind}", SHARE[kind]))
    sign = WAYS[kind][said[f"way_{kind}"]] if kind in WAYS else 1.0
    sided = kind == "cut" and (shorts(book) or book.geared)
    side: Side = said.get("trade_side") or "net" if sided else "net"
    return Trade(kind, (target or "").strip(), sign * (amount or 0.0), "money" if money else "share", side)


def shorts(book: Book) -> bool:
    """Tell whether a book is short of anything."""
    return any((x.market_value or 0.0) < 0 and x.holding.kind != "cash" for x in book.lines)


def _unit(kind: str, book: Book) -> str | None:
    """Ask whether an amount is a share of capital or money; a limit and a book of weights know shares alone."""
    if kind == "cut" or book.basis == "weights":
        return "share"
    units = {"share": "% of capital", "money": book.currency or "money"}
    return st.segmented_control(
        "In", list(units), format_func=units.__getitem__, key="trade_unit", default="share", required=True,
        persist_state="session",
    )  # fmt: skip


def _amount(kind: str, unit: str | None) -> None:
    name = "Limit" if kind == "cut" else "Amount"
    if unit == "money":
        st.number_input(name, 0.0, value=MONEY, key="amount_money", persist_state="session", width=170)
        return
    st.number_input(
        f"{name}, % of capital", 0.0, 1_000.0, points(SHARE[kind]), 1.0, key=f"amount_{kind}",
        persist_state="session", width=170,
    )  # fmt: skip


def _target(kind: str, book: Book, scenario: Scenario) -> str | None:
    if kind == "cash":
        return None
    if kind == "short":
        funds = [
            s for s in scenario.observed if (entry := issuer_table().of(s)) and entry.fund and entry.factor is None
        ]
        options = list(dict.fromkeys([s for s in USUAL if s in funds or not funds] + funds))
        return st.selectbox(
            "Listing",
            options,
            key="trade_short",
            accept_new_options=True,
            persist_state="session",
            width=220,
            help="Yahoo symbol. On offer are funds whose own price was observed; any symbol of the table can be typed",
        )
    labels = targets(book) if kind == "cut" else lines(book)
    key = f"trade_{kind}_target"
    if not labels:
        st.caption("The book holds nothing that could be sold.")
        return None
    if st.session_state.get(key) not in labels:
        largest = max((t for t in labels if t in CHAIN), key=lambda t: abs(exposure_to(book, t)), default=None)
        st.session_state[key] = largest or next(iter(labels))
    return st.selectbox(
        "Cut" if kind == "cut" else "Line",
        list(labels),
        format_func=labels.__getitem__,
        key=key,
        persist_state="session",
        width=340,
    )


def targets(book: Book) -> dict[str, str]:
    """List what can be cut: segments and sub-segments held, then issuers, the largest first."""
    held = {
        p.segment
        for x in book.lines
        for p in x.assignment.parts
        if top_segment(p.segment) not in ("cash", "unassigned")
    }
    held |= {top_segment(s) for s in held}
    ordered = sorted(held, key=lambda s: (TOP_SEGMENTS.index(top_segment(s)), s))
    issuers: dict[str, Line] = {}
    for line in sorted(book.lines, key=lambda x: -abs(x.weight)):
        if line.issuer and sellable(line):
            issuers.setdefault(line.issuer, line)
    names = {f"issuer:{key}": f"Issuer: {trades.name(line)}" for key, line in issuers.items()}
    return {**{f"segment:{s}": segment_label(s) for s in ordered}, **names}


def lines(book: Book) -> dict[str, str]:
    """List the lines that can be traded, the largest first; a fund that is looked through is one."""
    own = [x for x in (*book.lines, *whole_funds(book)) if sellable(x) and not x.inside]
    return {
        x.line_id: f"{trades.name(x)} ({one_line(x.holding.ticker, 20)})" if x.holding.ticker else trades.name(x)
        for x in sorted(own, key=lambda x: -abs(x.weight))
    }
