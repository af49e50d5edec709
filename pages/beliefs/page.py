"""Beliefs: what the news costs this book if one believes this or that of it, answered as a lever moves."""

import streamlit as st

from exposure.shock import ShockResult
from exposure.types import Book
from exposure.view import beliefs as beliefs_view
from exposure.view.sentences import plain
from pages.beliefs import answers, keep, levers, live
from pages.ui import cache, doubts, guard, keeping, scenarios, select, shocks, stamp

guard.enter(__file__)
st.title("Beliefs", anchor=False)
chosen = select.pick()
book = select.book(chosen)
levers.restore()


@guard.fragment
def beliefs(portfolio: str, ids: cache.Ids, book: Book, replay: ShockResult) -> None:
    """Answer the levers, without the rest of the page; of the store it asks only whether the book is there."""
    with guard.sentences():
        cache.standing(portfolio, ids[2])
        answer(portfolio, ids, book, replay)


def answer(portfolio: str, ids: cache.Ids, book: Book, replay: ShockResult) -> None:
    base, ready = cache.beliefs(), cache.levered(ids)
    changed = levers.pick(base)
    cut = ready.at(changed)
    chain = beliefs_view.chain(cache.lever_misses(scenarios.DEFAULT).at({**base.levers, **changed}), cut)
    view = levers.View(portfolio, ids, book, ready=ready, base=base, changed=changed, cut=cut, chain=chain)
    stamp.keep(view.stamp)
    live.figures(view)
    st.caption(plain(beliefs_view.footing(ready.coverage, replay)))
    left, right = st.columns([2, 3], gap="large")
    with left:
        in_sight = levers.group()
        live.sliders(view, in_sight, replay.total_return)
        levers.evidence(in_sight)
    with right:
        live.flow(view)
    answers.views(view)
    keep.keep(view)
    levers.publish(changed)
    live.send_ahead(view, in_sight)


with guard.sentences():
    ids = cache.ids(*chosen.key)
    replay = shocks.shock(*chosen.key, scenarios.DEFAULT)
    doubts.warn(book.issues)
    beliefs(chosen.portfolio, ids, book, replay)
    keeping.button(chosen, levers.current_scenario(), "keep_beliefs", "Keep the result of these beliefs")
    doubts.issues(doubts.open_of(book.issues), "beliefs_issues")
    cache.settle(ids)
