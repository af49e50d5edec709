"""Trades: cuts, hedges, sales and cash tried on the same scenario, before and after. Analysis only."""

import streamlit as st

from exposure.view import shock
from exposure.view import trades as rows
from exposure.view.looks import Column
from exposure.view.sentences import plain
from pages.trades import form
from pages.ui import actions, cache, charts, doubts, guard, keeping, scenarios, select, shocks, show, stamp, state

guard.enter(__file__)
st.title("Trades", anchor=False)
chosen = select.pick()
book = select.book(chosen)
with st.container(horizontal=True, vertical_alignment="bottom"):
    picked = scenarios.pick(chosen.portfolio)
st.caption(plain(rows.ANALYSIS))
actions.notice()
with guard.sentences():
    form.form(chosen, book, picked)
    trades = form.listed(cache.standing(chosen.portfolio, chosen.snapshot_id), picked.id)
    names = [rows.label(trade, book) for trade in trades.values()]
    found = shocks.tried(cache.ids(*chosen.key), list(trades.values()), picked.scenario)
    tried = f"Trades tried first: {'; '.join(names) or 'none'}."
    stamp.keep(stamp.of_result(chosen.portfolio, found.after, tried))
    show.figure_line(rows.headline(found))
    doubts.warn(found.after.issues)
    for title, result in {"Before": found.before, "After": found.after}.items():
        st.caption(plain(f"{title}: {shock.coverage(result)}"))
    bars = rows.steps(found, names, show.dark())
    show.chart(
        charts.horizontal_waterfall(bars, show.dark()),
        key="trades",
        title=rows.finding(found),
        alt=rows.alt_text(bars),
        source=f"{chosen.portfolio}, {shock.about(picked.scenario)}",
        as_of=picked.scenario.end or book.as_of,
        currency=book.currency,
    )
    st.caption(plain(rows.capital_said(found)))
    if passed := rows.broken(found, names):
        st.warning(plain(f"{passed}. Later trades count too: try the cut last."), icon=":material/warning:")
    if made := rows.made(found, names):
        keeping.button(chosen, found.after, "keep_trades", "Keep the result after these trades", made)
    if not trades:
        st.info("No trade is tried yet: choose one above. It is kept with this portfolio and scenario.")
        doubts.issues(found.after.issues, "trades_issues")
        st.stop()
    st.subheader("What each trade adds", anchor=False)
    state.settle(state.PARTICIPATION, list(rows.PARTICIPATION), rows.USUAL)
    share = st.segmented_control(
        "One’s own share of the usual turnover",
        list(rows.PARTICIPATION),
        format_func=rows.PARTICIPATION.__getitem__,
        key=state.PARTICIPATION,
        required=True,
        persist_state="session",
    )
    state.publish(state.PARTICIPATION)
    market = form.volumes(chosen.portfolio, rows.listings(found), book.as_of) if book.as_of else None
    deals = rows.deals(found, market, share or rows.USUAL)
    show.table(rows.effects(found, names, deals), rows.EFFECTS, file=f"{chosen.portfolio} trades", key="effects")
    st.caption(plain(f"{rows.ORDER} {rows.days_said(deals)}"))
    kept_names = dict(zip(trades, names, strict=True))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Take away", list(trades), format_func=kept_names.__getitem__, key="trade_gone", width=420)
        st.button("Take it away", key="remove", on_click=form.remove_chosen, args=("trade_gone", kept_names))
        st.button("Take all away", key="remove_all", on_click=form.remove, args=(list(trades), "all trades"))
    st.subheader("By segment, before and after", anchor=False)
    show.table(rows.segments(found), rows.SEGMENTS, file=f"{chosen.portfolio} segments after trades", key="segments")
    if sides := rows.sides(found):
        st.caption("Long and short apart, shares of capital: net is longs less shorts, gross both by their size.")
        show.table(sides, rows.SIDES, file=f"{chosen.portfolio} long and short", key="sides")
    st.subheader("What is bought and sold", anchor=False)
    unit = Column("amount", f"Amount, {book.currency or 'as in the file'}", "money")
    show.table(deals, (*rows.DEALS[:2], unit, *rows.DEALS[2:]), file=f"{chosen.portfolio} deals", key="deals")
    doubts.issues(found.after.issues, "trades_issues")
