"""Lines without prices, and the series that a person lets stand in for them: offered, marked, taken out again."""

from __future__ import annotations

import streamlit as st

from exposure.format import percent
from exposure.history.quotes import named
from exposure.view import drawdown, sentences
from exposure.view.looks import Column
from pages.drawdown.first import Looked
from pages.ui import actions, answers, cache, show

LISTED = 30
"""Proxies with a button of their own."""


def gaps(looked: Looked) -> None:
    """List the lines without prices with their weight, and what stands or could stand in for them."""
    portfolio, rows = looked.chosen.portfolio, drawdown.missing(looked.result)
    share = looked.result.coverage["none"]
    if rows:
        st.markdown(sentences.plain(f"No history: {percent(share, 1)} of gross exposure. The figures are of the rest."))
        show.table(
            rows,
            (
                Column("name", "Name", width="medium"),
                Column("ticker", "Ticker", width="small"),
                Column("listing", "Price symbol", width="small", help="Empty: the exchange is not known"),
                Column("kind", "Kind", width="small"),
                Column("weight", "Weight", "share"),
            ),
            file=f"{portfolio} without prices",
            key="missing",
            height=show.tall(len(rows)),
        )
    else:
        st.caption("Every line has a price in this period, its own or one that stands in.")
    _in_use(looked)
    _on_offer(looked)


def _in_use(looked: Looked) -> None:
    owner = cache.standing(looked.chosen.portfolio, looked.chosen.snapshot_id)
    chosen = answers.chosen_proxies(owner)
    if not chosen:
        return
    names = {line.line_id: named(line) for line in looked.book.lines}
    st.markdown("**Standing in by your choice**")
    for line, symbol in list(chosen.items())[:LISTED]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(sentences.plain(f"{names.get(line, line)}: priced by {symbol}"), width="stretch")
            st.button(
                "Take out", key=f"proxy_out_{line}", on_click=actions.choose_proxies, args=(owner, {line: None}, chosen)
            )
    if len(chosen) > 1:
        gone = dict.fromkeys(chosen)
        st.button("Take all out", key="proxy_none", on_click=actions.choose_proxies, args=(owner, gone, chosen))


def _on_offer(looked: Looked) -> None:
    portfolio, owner = looked.chosen.portfolio, cache.standing(looked.chosen.portfolio, looked.chosen.snapshot_id)
    chosen = answers.chosen_proxies(owner)
    offered = {p.line: p for p in answers.offers(*looked.chosen.key) if p.line not in chosen}
    bare = {
        line.line_id: line
        for line in looked.book.lines
        if named(line) in looked.result.missing_prices and line.line_id not in chosen
    }
    if not bare and not offered:
        return
    st.markdown("**What could stand in**")
    st.caption(
        "Nothing stands in unless you choose it here; what does is marked in every figure and can be taken out. A fund "
        "or a mean of names is not the line: its own ups and downs are missing."
    )
    if offered:
        show.table(
            [{"name": p.name, "proxy": p.proxy, "why": p.why, "weight": p.weight} for p in offered.values()],
            (
                Column("name", "Line", width="small"),
                Column("proxy", "Could stand in", width="small"),
                Column("why", "Why", width="large"),
                Column("weight", "Share of gross", "share"),
            ),
            file=f"{portfolio} proxies on offer",
            key="proxy_offers",
            height=show.tall(len(offered)),
        )
        wanted = st.multiselect(
            "Lines to be priced as offered",
            list(offered),
            format_func={one: f"{p.name} by {p.proxy}" for one, p in offered.items()}.__getitem__,
            key="proxy_wanted",
        )
        st.button(
            "Let these stand in",
            key="proxy_use",
            disabled=not wanted,
            on_click=actions.choose_proxies,
            args=(owner, {one: offered[one].proxy for one in wanted}, chosen),
        )
    if bare:
        _by_hand(portfolio, owner, {key: named(line) for key, line in bare.items()}, chosen)


def _by_hand(portfolio: str, owner: int, bare: dict[str, str], chosen: dict[str, str]) -> None:
    """Let any stored series stand in for a line."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        line = st.selectbox(
            "Another choice: the line", list(bare), format_func=bare.__getitem__, key="proxy_line", width=260
        )
        symbol = st.selectbox(
            "is priced by", sorted(answers.market(portfolio).series), index=None, key="proxy_symbol", width=200
        )
        ready = line is not None and symbol is not None
        st.button(
            "Let it stand in", key="proxy_hand", disabled=not ready, on_click=actions.choose_proxies,
            args=(owner, {line: symbol}, chosen),
        )  # fmt: skip
