"""Beliefs: what the news costs this book if one believes this or that of it, answered as a lever moves."""

import streamlit as st

from pages.shared import (
    beliefs_answers,
    beliefs_asked,
    beliefs_figures,
    beliefs_keep,
    beliefs_levers,
    beliefs_rows,
    cache,
    guard,
    keeping,
    scenarios,
    select,
    show,
)
from pages.shared.texts import plain

guard.enter(__file__)
st.title("Beliefs", anchor=False)
chosen = select.pick()
book = select.book(chosen)
beliefs_levers.restore()


@st.fragment
def beliefs(portfolio, ids, book, replay) -> None:  # type: ignore[no-untyped-def]
    """Answer the levers, without the rest of the page and without a word to the store."""
    base, ready = cache.scenario(cache.BELIEFS), cache.levered(ids)
    changed = beliefs_levers.pick(base)
    cut = ready.at(changed)
    chain = beliefs_rows.chain(cache.lever_misses(scenarios.DEFAULT).at({**base.levers, **changed}), cut)
    asked = beliefs_asked.Asked(portfolio, ids, book, ready, base, changed, cut, chain)
    show.figure_line(beliefs_rows.headline(cut, book, replay))
    st.caption(plain(beliefs_rows.footing(ready.coverage, replay)))
    levers, flow = st.columns([2, 3], gap="large")
    with levers:
        beliefs_levers.sliders(base, changed)
    with flow:
        asked.chart(
            beliefs_figures.flow(chain, show.dark()), "flow", beliefs_rows.finding(chain), beliefs_rows.in_words(chain)
        )
    beliefs_answers.views(asked)
    beliefs_keep.keep(asked)
    beliefs_levers.publish(changed)


with guard.sentences():
    ids = cache.ids(*chosen.key)
    replay = cache.shock(*chosen.key, scenarios.DEFAULT)
    beliefs(chosen.portfolio, ids, book, replay)
    keeping.button(chosen, beliefs_asked.held(), "keep_beliefs", "Keep the result of these beliefs")
    cache.settle(ids)
