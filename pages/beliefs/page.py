"""Beliefs: what the news costs this book if one believes this or that of it, answered as a lever moves."""

import streamlit as st

from exposure.shock.result import ShockResult
from exposure.types import Book
from exposure.view import beliefs as beliefs_rows
from exposure.view.sentences import plain
from pages.beliefs import answers, keep, live
from pages.beliefs import levers as beliefs_asked
from pages.beliefs import levers as beliefs_levers
from pages.ui import cache, doubts, guard, keeping, scenarios, select, shocks, show, stamp

guard.enter(__file__)
st.title("Beliefs", anchor=False)
chosen = select.pick()
book = select.book(chosen)
beliefs_levers.restore()


@guard.fragment
def beliefs(portfolio: str, ids: cache.Ids, book: Book, replay: ShockResult) -> None:
    """Answer the levers, without the rest of the page; of the store it asks only whether the book is there."""
    with guard.sentences():
        cache.standing(portfolio, ids[2])
        answer(portfolio, ids, book, replay)


def answer(portfolio: str, ids: cache.Ids, book: Book, replay: ShockResult) -> None:
    base, ready, dark = cache.scenario(cache.BELIEFS), cache.levered(ids), show.dark()
    changed = beliefs_levers.pick(base)
    cut = ready.at(changed)
    chain = beliefs_rows.chain(cache.lever_misses(scenarios.DEFAULT).at({**base.levers, **changed}), cut)
    asked = beliefs_asked.Asked(portfolio, ids, book, ready, base, changed, cut, chain)
    stamp.keep(asked.stamp)
    st.html(live.head(beliefs_rows.headline(cut, book, replay), dark))
    st.caption(plain(beliefs_rows.footing(ready.coverage, replay)))
    levers, flow = st.columns([2, 3], gap="large")
    with levers:
        in_sight = beliefs_levers.sliders(base, changed)
    with flow:
        live.show(asked, replay.total_return, dark)
    answers.views(asked)
    keep.keep(asked)
    beliefs_levers.publish(changed)
    live.send_ahead(asked, in_sight)


with guard.sentences():
    ids = cache.ids(*chosen.key)
    replay = shocks.shock(*chosen.key, scenarios.DEFAULT)
    doubts.warn(book.issues)
    beliefs(chosen.portfolio, ids, book, replay)
    keeping.button(chosen, beliefs_asked.held(), "keep_beliefs", "Keep the result of these beliefs")
    doubts.issues(doubts.open_of(book.issues), "beliefs_issues")
    cache.settle(ids)
