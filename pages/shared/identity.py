"""Which security is meant: what a file leaves open is asked here, once, and the answer is kept with the portfolio."""

from __future__ import annotations

import hashlib

import streamlit as st

from exposure.chain.identity import UNKNOWN
from exposure.chain.questions import Question, option
from pages.shared import actions, cache, readings, show, texts
from pages.shared.select import Selection
from pages.shared.show import Column

OPEN = ""
SHOWN = 12
"""Questions on the page at once, those of the largest lines first; the next ones follow as these are answered."""


def ask(chosen: Selection) -> None:
    """Show what is left open of a snapshot's lines, and the answers that were given."""
    owner = cache.standing(chosen.portfolio, chosen.snapshot_id)
    asked = readings.questions(chosen.portfolio, chosen.snapshot_id)
    if asked:
        with st.container(border=True):
            st.markdown(f"**Which security is meant?** {texts.count(len(asked), 'line')} can be told in several ways.")
            with st.container(horizontal=True):
                for question in asked[:SHOWN]:
                    _ask(owner, question)
            more = f" {len(asked) - SHOWN} more follow." if len(asked) > SHOWN else ""
            st.caption(f"The answer is kept for this portfolio, and used on the command line too.{more}")
    answers = cache.store().answers(owner)
    if answers:
        _given(chosen.portfolio, owner, answers)


def _ask(portfolio: int, question: Question) -> None:
    labels = {o.symbol: f"{o.symbol} · {texts.one_line(o.name, 40)} ({o.currency})" for o in question.options}
    labels |= {OPEN: "Choose", UNKNOWN: "None of these"}
    key = f"answer_{hashlib.sha256(f'{portfolio} {question.identifier}'.encode()).hexdigest()[:12]}"
    st.selectbox(
        texts.plain(f"{question.label} (row {question.row})", 80),
        [OPEN, *(o.symbol for o in question.options), UNKNOWN],
        format_func=labels.__getitem__,
        key=key,
        help=texts.plain(question.doubt),
        on_change=actions.answer,
        args=(portfolio, question.identifier, key),
        width=340,
    )


def _given(portfolio: str, owner: int, answers: dict[str, str]) -> None:
    named = {one: option(symbol) for one, symbol in answers.items()}
    with st.expander(texts.count(len(answers), "answer"), icon=":material/how_to_reg:"):
        show.table(
            [
                {
                    "identifier": one,
                    "symbol": None if symbol == UNKNOWN else symbol,
                    "name": "none of those on offer" if symbol == UNKNOWN else (known.name if known else None),
                }
                for one, symbol in answers.items()
                for known in [named[one]]
            ],
            (
                Column("identifier", "In the file", width="small"),
                Column("symbol", "Means", width="small"),
                Column("name", "Name", width="medium"),
            ),
            file=f"{portfolio} answers",
            key="answers",
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            which = st.selectbox("Answer", list(answers), key="answer_which", width=240)
            st.button("Take it back", key="answer_back", on_click=actions.take_back, args=(owner, which))
