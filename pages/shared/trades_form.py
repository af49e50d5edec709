"""The form of a trade: what is tried, on what, and how much of it."""

from __future__ import annotations

import streamlit as st

from exposure.chain.issuers import table
from exposure.chain.scheme import TOP, on_chain, top
from exposure.format import from_points
from exposure.shock.rebook import sellable, whole_funds
from exposure.shock.whatif import Trade, exposure_to
from exposure.types import Book, Line, Scenario
from pages.shared import guard, state, trades_kept, trades_rows
from pages.shared.select import Selection
from pages.shared.texts import one_line, segment_label

KINDS = {
    "cut": "Cut to a limit",
    "short": "Short a fund or share",
    "trade": "Sell or buy a line",
    "cash": "Add or withdraw cash",
}
CHAIN = frozenset(f"segment:{s}" for s in TOP if on_chain(s))
USUAL = ("SMH", "SOXX", "XSD", "QQQ", "XLK", "IGV", "SPY")
"""Funds on offer to short; any other symbol of the table can be written."""


def form(chosen: Selection, book: Book, scenario: Scenario) -> None:
    """Draw the form; what is tried is kept with the scenario."""
    state.settle(state.TRADE, list(KINDS), "cut")
    kind = st.segmented_control(
        "What is tried",
        list(KINDS),
        format_func=KINDS.__getitem__,
        key=state.TRADE,
        required=True,
        persist_state="session",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        target = _target(kind, book, scenario)
        sells = False
        if kind in ("trade", "cash"):
            words = {"trade": ["Sell", "Buy"], "cash": ["Add", "Withdraw"]}[kind]
            side = st.segmented_control(
                "Which way", words, key=f"way_{kind}", default=words[0], required=True, persist_state="session"
            )
            sells = side in ("Sell", "Withdraw")
        unit = _unit(kind, book)
        amount = _amount(kind, unit)
        trade = Trade(kind, target or "", -amount if sells else amount, unit)
        with guard.sentences():
            st.button(
                "Try it",
                type="primary",
                key="try",
                disabled=not target and kind != "cash",
                on_click=trades_kept.keep,
                args=(chosen.portfolio, scenario.id, trade, trades_rows.label(trade, book)),
            )


def _unit(kind: str, book: Book) -> str:
    """Ask whether an amount is a share of capital or money; a limit and a book of weights know shares alone."""
    if kind == "cut" or book.basis == "weights":
        return "share"
    units = {"share": "% of capital", "money": book.currency or "money"}
    return st.segmented_control(
        "In", list(units), format_func=units.__getitem__, key="trade_unit", default="share", required=True,
        persist_state="session",
    )  # fmt: skip


def _amount(kind: str, unit: str) -> float:
    name = "Limit" if kind == "cut" else "Amount"
    if unit == "money":
        return float(
            st.number_input(name, 0.0, value=100_000.0, key="amount_money", persist_state="session", width=170)
        )
    typed = st.number_input(
        f"{name}, % of capital", 0.0, 1_000.0, 20.0 if kind == "cut" else 5.0, 1.0, key=f"amount_{kind}",
        persist_state="session", width=170,
    )  # fmt: skip
    return from_points(typed) or 0.0


def _target(kind: str, book: Book, scenario: Scenario) -> str | None:
    if kind == "cash":
        return None
    if kind == "short":
        funds = [s for s in scenario.observed if (entry := table().of(s)) and entry.fund and entry.factor is None]
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
    held = {p.segment for x in book.lines for p in x.assignment.parts if top(p.segment) not in ("cash", "unassigned")}
    held |= {top(s) for s in held}
    ordered = sorted(held, key=lambda s: (TOP.index(top(s)), s))
    issuers: dict[str, Line] = {}
    for line in sorted(book.lines, key=lambda x: -abs(x.weight)):
        if line.issuer and sellable(line):
            issuers.setdefault(line.issuer, line)
    names = {f"issuer:{key}": f"Issuer: {trades_rows.name(line)}" for key, line in issuers.items()}
    return {**{f"segment:{s}": segment_label(s) for s in ordered}, **names}


def lines(book: Book) -> dict[str, str]:
    """List the lines that can be traded, the largest first; a fund that is looked through is one."""
    own = [x for x in (*book.lines, *whole_funds(book)) if sellable(x) and not x.inside]
    return {
        x.line_id: f"{trades_rows.name(x)} ({one_line(x.holding.ticker, 20)})"
        if x.holding.ticker
        else trades_rows.name(x)
        for x in sorted(own, key=lambda x: -abs(x.weight))
    }
