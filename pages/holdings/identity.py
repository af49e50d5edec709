"""Which security is meant: what a file leaves open is asked here, once, and the answer is kept with the portfolio."""

from __future__ import annotations

import hashlib

import streamlit as st

from exposure.chain import NONE_OFFERED, Question, security_option
from exposure.types import Holding
from exposure.view import sentences
from exposure.view.looks import Column
from pages.ui import actions, cache, show
from pages.ui.select import Selection

OPEN = ""
QUESTIONS_SHOWN = 12
"""Questions on the page at once, those of the largest lines first; the next ones follow as these are answered."""


def ask(chosen: Selection) -> None:
    """Show what is left open of a snapshot's lines, and the answers that were given."""
    owner = cache.standing(chosen.portfolio, chosen.snapshot_id)
    asked = _open(chosen.portfolio, chosen.snapshot_id)
    if asked:
        with st.container(border=True):
            st.markdown(
                f"**Which security is meant?** {sentences.count(len(asked), 'line')} can be told in several ways."
            )
            with st.container(horizontal=True):
                for question in asked[:QUESTIONS_SHOWN]:
                    _ask(owner, question)
            more = f" {len(asked) - QUESTIONS_SHOWN} more follow." if len(asked) > QUESTIONS_SHOWN else ""
            st.caption(f"The answer is kept for this portfolio, and used on the command line too.{more}")
    answers = cache.store().answers(owner)
    if answers:
        _given(chosen.portfolio, owner, answers)


def _ask(portfolio: int, question: Question) -> None:
    labels = {o.symbol: f"{o.symbol} · {sentences.one_line(o.name, 40)} ({o.currency})" for o in question.options}
    labels |= {OPEN: "Choose", NONE_OFFERED: "None of these"}
    key = f"answer_{hashlib.sha256(f'{portfolio} {question.identifier}'.encode()).hexdigest()[:12]}"
    st.selectbox(
        sentences.plain(f"{question.label} (row {question.row})", 80),
        [OPEN, *(o.symbol for o in question.options), NONE_OFFERED],
        format_func=labels.__getitem__,
        key=key,
        help=sentences.plain(question.doubt),
        on_change=_answer,
        args=(portfolio, question.identifier, key),
        width=340,
    )


def _given(portfolio: str, owner: int, answers: dict[str, str]) -> None:
    named = {one: security_option(symbol) for one, symbol in answers.items()}
    with st.expander(sentences.count(len(answers), "answer"), icon=":material/how_to_reg:"):
        show.table(
            [
                {
                    "identifier": one,
                    "symbol": None if symbol == NONE_OFFERED else symbol,
                    "name": "none of those on offer" if symbol == NONE_OFFERED else (known.name if known else None),
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
            st.button("Take it back", key="answer_back", on_click=_take_back, args=(owner, which))


def _open(portfolio: str, snapshot_id: int) -> tuple[Question, ...]:
    """List what a stored snapshot leaves open of which security is meant, the largest lines first."""
    owner = cache.standing(portfolio, snapshot_id)
    return _questions(cache.url(), snapshot_id, tuple(sorted(cache.store().answers(owner).items())))


@cache.until("deletion")
@st.cache_resource(show_spinner="Telling the securities apart", max_entries=cache.KEEP)
def _questions(url: str, snapshot_id: int, answers: tuple[tuple[str, str], ...]) -> tuple[Question, ...]:
    from exposure.chain import questions

    def size(holding: Holding) -> float:
        return -abs(holding.market_value or holding.weight or holding.quantity or 0.0)

    return questions(sorted(cache.snapshot_of(url, snapshot_id).holdings, key=size), dict(answers))


def _answer(portfolio: int, identifier: str, key: str) -> None:
    """Keep which security an identifier of a portfolio's files means: the symbol chosen in the field of that key."""
    symbol = str(st.session_state.get(key) or "")

    def change() -> str:
        cache.store().save_answer(identifier, symbol, portfolio)
        means = "none of those on offer" if symbol == NONE_OFFERED else symbol
        return f"Kept for this portfolio: {identifier} is {means}."

    if symbol:
        actions.act(change)


def _take_back(portfolio: int, identifier: str) -> None:
    """Forget an answer, that of the portfolio or that of all, so that it is asked again."""

    def change() -> str:
        store = cache.store()
        store.save_answer(identifier, "", portfolio)
        if identifier in store.answers(portfolio):
            store.save_answer(identifier, "")
        return f"Taken back: what {identifier} means is asked again where it is not clear."

    actions.act(change)
