"""Pickers: which snapshot, in which currency. The choice outlives a change of page and, in the URL, a reload."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

import streamlit as st

from exposure.errors import ExposureError
from exposure.format import day
from exposure.types import Book
from exposure.view.sentences import one_line, plain
from exposure.view.texts import without_rate
from pages.ui import address, cache, guard, stamp, state
from pages.ui.address import Stored

CURRENCIES = (
    "",
    "USD",
    "EUR",
    "GBP",
    "CHF",
    "JPY",
    "CAD",
    "AUD",
    "SEK",
    "NOK",
    "DKK",
    "HKD",
    "CNY",
    "KRW",
    "INR",
    "SGD",
    "ZAR",
)
"""Base currencies on offer, all with a published reference rate; empty for the file's own."""

CHOICE = "snapshot_anew"
"""Key of the picker where what was asked for is gone: it stands at nothing."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What the page shows: a stored snapshot and the currency to value it in (None: the file's)."""

    portfolio: str
    snapshot_id: int
    as_of: date
    currency: str | None

    @property
    def key(self) -> tuple[str, int, str | None]:
        """Arguments of `cache.book` and its kin."""
        return self.portfolio, self.snapshot_id, self.currency


def pick(currency: bool = True) -> Selection:
    """Draw the pickers, that of the currency where it matters, and give the choice.

    With nothing stored, say what to do and end the page there.
    """
    with guard.sentences():
        return _pick(stored(), currency)
    st.stop()


def say_missing() -> None:
    """On a page of no one book: say where the address asks for one that is gone, or that goes by another name."""
    with guard.sentences():
        found = address.stored()
        if not address.held():
            return
        if address.settle(found) is None:
            _gone(found)
        _renamed()


def on_show() -> str:
    """Name the book that the other pages show; nothing where none was chosen, or what was is gone."""
    with guard.sentences():
        found = address.stored()
        chosen = address.settle(found) if found and address.held() else None
        return plain(labelled(found)[chosen]) if chosen is not None else ""
    return ""


def stored() -> Stored:
    """List the stored snapshots, the latest of a portfolio first; with none, say what to do and end the page there."""
    found = address.stored()
    if not found:
        if address.held():
            _gone(found)
        nothing_stored()
        st.stop()
    return found


def _gone(found: Stored) -> None:
    st.warning(plain(address.gone(found), 900), icon=":material/warning:")


def _renamed() -> None:
    if said := address.renamed():
        st.info(plain(said))


def labelled(found: Stored) -> dict[int, str]:
    """Name each snapshot by portfolio and date, by its number too where two would read alike."""
    labels = {one: f"{one_line(name, 60)}, {day(as_of)}" for one, (name, as_of) in found.items()}
    repeated = Counter(labels.values())
    return {one: text if repeated[text] == 1 else f"{text} (no. {one})" for one, text in labels.items()}


def _pick(found: Stored, ask: bool) -> Selection:
    labels = labelled(found)
    chosen = address.settle(found)
    if chosen is None:
        _gone(found)
        st.selectbox("Portfolio and date", list(found), None, on_change=_chosen, args=(CHOICE,), key=CHOICE,
                     format_func=labels.__getitem__, placeholder="Choose what to open", width=420)  # fmt: skip
        st.stop()
    _renamed()
    st.session_state[state.SNAPSHOT] = chosen
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Portfolio and date", list(found), on_change=_chosen, args=(state.SNAPSHOT,), key=state.SNAPSHOT,
                     format_func=labels.__getitem__, width=420)  # fmt: skip
        unit = units(ask)
    name, as_of = found[chosen]
    return Selection(name, chosen, as_of, unit)


def _chosen(picker: str) -> None:
    if (chosen := st.session_state[picker]) is not None:
        address.choose(chosen)


def units(ask: bool = True) -> str | None:
    """Draw the pickers of how books are valued, in which currency and with funds looked through or not, if asked.

    Gives the currency, None for that of the file.
    """
    state.settle(state.CURRENCY, CURRENCIES, "")
    if ask:
        st.selectbox(
            "Currency", CURRENCIES, format_func=_currency_label, key=state.CURRENCY, persist_state="session", width=170
        )
    if ask and cache.store().insides():
        state.settle(state.FUNDS, [True, False], True)
        st.toggle(
            "Look through funds",
            key=state.FUNDS,
            persist_state="session",
            help="Off: each fund is one line, placed as the table or a rule places it",
        )
    if state.looks_through():
        state.carry(state.FUNDS, "")
        st.query_params.pop(state.FUNDS, None)
    else:
        state.carry(state.FUNDS, "False")
        st.query_params[state.FUNDS] = "False"
    state.publish(state.CURRENCY)
    return st.session_state[state.CURRENCY] or None


def _currency_label(code: str) -> str:
    return code or "As in the file"


def book(chosen: Selection) -> Book:
    """Give the book of a choice; where it cannot be valued, say why and end the page there."""
    try:
        found = cache.book(*chosen.key)
        stamp.keep(stamp.of_book(chosen.portfolio, found, cache.exposures(*chosen.key).coverage))
    except ExposureError:
        with guard.sentences():
            raise
        st.stop()
    if said := without_rate(found):
        st.warning(plain(f"{said}."), icon=":material/currency_exchange:")
    return found


def nothing_stored() -> None:
    """Say what to do with an empty store."""
    st.info("Nothing is stored yet. Upload a holdings file, or open the demo portfolio, which is made up.")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(guard.page("holdings"), label="Upload a holdings file", icon=":material/upload_file:")
        demo_button()


def demo_button(kind: str = "secondary") -> None:
    """Offer the made-up portfolio, one click away, and go to its segments."""
    if st.button("Open the demo portfolio", type=kind, icon=":material/science:", key="demo"):  # type: ignore[arg-type]
        with guard.sentences():
            address.choose(cache.install_demo())
            st.switch_page(guard.page("segments"))
