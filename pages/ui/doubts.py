"""Doubts about prices beside the figures that they may spoil: fetch the series anew, or say that it is right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from exposure.format import day, percent
from exposure.prices import doubt_text
from exposure.types import Doubt, Issue
from exposure.view.sentences import count, plain
from pages.ui import actions, cache, guard, prices, show, state

SHOWN = 8
"""Doubts that have their buttons on a page; the Data page has them all."""
NAMED = 3
"""Series that are named above the figures where several are doubtful; the others are counted."""
AUTHOR, NOTE = "doubt_author", "doubt_note"


def open_of(found: Sequence[Issue]) -> list[Issue]:
    """Give what tells of a doubt that nobody has settled, each doubt once, with the largest share it has of a book."""
    each: dict[tuple[str, str, date], Issue] = {}
    for one in found:
        if one.doubt is not None and one.doubt.accepted is None:
            known = each.get(one.doubt.key)
            if known is None or (one.weight or 0.0) > (known.weight or 0.0):
                each[one.doubt.key] = one
    return list(each.values())


def warn(
    found: Sequence[Issue],
    then: str = "The ways out stand at the end of the page.",
    *,
    beside: Sequence[str | None] = (),
    books: int = 1,
) -> None:
    """Say above the figures, in one banner, what weakens them.

    Parameters
    ----------
    then : what follows on the doubts
    beside : what else there is to say, before the doubts
    books : how many books are on the page; a series may weigh otherwise in each
    """
    said = [*filter(None, beside), *filter(None, [headline(open_of(found), then, books)])]
    if said:
        lines = [plain(one, 700) for one in said]
        st.warning(lines[0] if len(lines) == 1 else "\n".join(f"- {one}" for one in lines), icon=":material/warning:")


def headline(doubts: Sequence[Issue], then: str, books: int = 1) -> str:
    """Say a doubt whole where it is the only one, else which series they concern, how many, and with what weight."""
    of = "gross exposure" if books == 1 else "the gross exposure of the book that holds most of it"
    if len(doubts) == 1:
        (one,) = doubts
        what = one.what if one.doubt is None else doubt_text(one.doubt, day)
        share = "" if one.weight is None else f" ({percent(one.weight, 1)} of {of})"
        return f"Doubtful prices: {what}{share}. {then}"
    weights: dict[str, float] = {}
    for one in doubts:
        if one.doubt is not None:
            weights[one.doubt.ticker] = max(one.weight or 0.0, weights.get(one.doubt.ticker, 0.0))
    if not weights:
        return ""
    heaviest = sorted(weights, key=weights.__getitem__, reverse=True)
    named = [f"{ticker} {percent(weights[ticker], 1)}" if weights[ticker] else ticker for ticker in heaviest[:NAMED]]
    more = f" and {len(heaviest) - NAMED} more" if len(heaviest) > NAMED else ""
    whole = sum(weights.values())
    together = f", together {percent(whole, 1)} of {of}" if whole and books == 1 else ""
    return f"Doubtful prices, {len(doubts)} doubts: {', '.join(named)}{more}{together}. {then}"


def issues(found: Sequence[Issue], key: str) -> None:
    """List what a reader of the figures should know, doubts about prices with their ways out; notices folded."""
    _ways(found, key)
    if not found:
        return
    ranked = sorted(found, key=lambda i: ("error", "warning", "notice").index(i.severity))
    loud = ranked[0].severity != "notice"
    with st.expander(count(len(found), "remark"), expanded=loud and len(found) <= 3, icon=":material/info:"):
        show.issue_table(ranked, key)


def _ways(found: Sequence[Issue], key: str) -> None:
    """Offer the two ways out of each doubt about stored prices."""
    doubts = [i.doubt for i in open_of(found) if i.doubt is not None and i.doubt.stored]
    _notice()
    if not doubts:
        return
    st.subheader("Doubts about prices", anchor=False)
    st.caption(
        "Each may spoil the figures above. Mend the prices, or say that they are right: that is kept with your name "
        "and the date, and holds until the price changes."
    )
    author_fields()
    for number, doubt in enumerate(doubts[:SHOWN]):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(plain(doubt_text(doubt, day)), width="stretch")
            if st.button("Fetch anew", key=f"{key}_anew_{number}", icon=":material/refresh:"):
                repair(doubt)
            st.button(
                "It is right", key=f"{key}_right_{number}", icon=":material/done:", on_click=settle,
                args=(doubt.ticker, [(doubt.sort, doubt.day)]),
            )  # fmt: skip
    more = f"The Data page has the other {len(doubts) - SHOWN} too" if len(doubts) > SHOWN else "More tools on Data"
    st.page_link(guard.page("data"), label=more, icon=":material/database:")


def author_fields() -> None:
    """Ask whose word it is, and why."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Your name", key=AUTHOR, max_chars=80, width=240, persist_state="session")
        st.text_input("Why it is right (optional)", key=NOTE, max_chars=200, width=360)


def repair(doubt: Doubt) -> None:
    """Fetch the whole series anew, watched on the Data page, where the other tools for it are."""
    st.session_state["series"] = doubt.ticker
    prices.start([doubt.ticker], st.session_state.get("fetch_from", prices.SINCE), anew=True)
    st.switch_page(guard.page("data"))


def settle(ticker: str, marks: Sequence[tuple[str, date]]) -> None:
    """Keep the word of whoever gave a name that findings in a series are right."""
    author, note = (str(st.session_state.get(key) or "") for key in (AUTHOR, NOTE))

    def change() -> str:
        many = cache.store().accept_doubts(ticker, marks, author, note)
        cache.forget_prices()
        st.session_state[NOTE] = ""
        return f"Kept as right, by {author.strip()}: {'1 finding' if many == 1 else f'{many} findings'} in {ticker}."

    actions.act(change)


def reopen(ticker: str, on: date, sort: str) -> None:
    """Take a person's word back."""

    def change() -> str:
        cache.store().reopen_doubts(ticker, on, sort)
        cache.forget_prices()
        return f"Taken back: {ticker} on {day(on)} is asked about again."

    actions.act(change)


def _notice() -> None:
    """Show what the last action did where the page has not shown it by now."""
    if state.NOTICE in st.session_state:
        kind, sentence = st.session_state.pop(state.NOTICE)
        (st.success if kind == "done" else st.error)(plain(sentence))
