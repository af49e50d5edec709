"""Cached answers about files: what an upload reads as, its headings, and what a stored one leaves open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from exposure.types import Holding, Snapshot
from pages.shared import cache

if TYPE_CHECKING:
    from exposure.chain.questions import Question
    from exposure.reading.mapping import Header

Said = tuple[tuple[str, str], ...]
"""A mapping as pairs: of columns field and heading, of answers identifier and symbol, of units what they stand in."""


@st.cache_resource(show_spinner="Reading the file", max_entries=4, scope="session")
def read_upload(
    sha256: str, name: str, dates: str | None, decimal: str | None, columns: Said = (), units: Said = ()
) -> tuple[Snapshot, ...]:
    """Read the upload of a hash, one snapshot for each date that it holds; the name may tell the date."""
    from exposure.reading import read_all

    data = cache.desk()["upload"][sha256]
    return read_all(  # type: ignore[arg-type]
        data, name=name, dates=dates, decimal=decimal, columns=dict(columns), units=dict(units)
    )


UNIT = "unit_"
"""Before the quote unit: the key of what was said of figures in it."""


def units_said() -> Said:
    """Give what was said of figures of the upload that stand in a currency or in its hundredth."""
    said = {str(key): str(value) for key, value in st.session_state.items() if value}
    return tuple(sorted((key.removeprefix(UNIT), unit) for key, unit in said.items() if key.startswith(UNIT)))


@st.cache_resource(show_spinner=False, max_entries=8, scope="session")
def header(sha256: str, name: str, columns: Said = (), line: int | None = None) -> Header:
    """Find the headings of the upload of a hash and its first rows."""
    from exposure.reading.mapping import header_of

    return header_of(cache.desk()["upload"][sha256], name, dict(columns), line)


def questions(portfolio: str, snapshot_id: int) -> tuple[Question, ...]:
    """List what a stored snapshot leaves open of which security is meant, the largest lines first."""
    owner = cache.standing(portfolio, snapshot_id)
    return _questions(cache.url(), snapshot_id, tuple(sorted(cache.store().answers(owner).items())))


@st.cache_resource(show_spinner="Telling the securities apart", max_entries=cache.KEEP)
def _questions(url: str, snapshot_id: int, answers: Said) -> tuple[Question, ...]:
    from exposure.chain.questions import questions

    def size(holding: Holding) -> float:
        return -abs(holding.market_value or holding.weight or holding.quantity or 0.0)

    return questions(sorted(cache._snapshot(url, snapshot_id).holdings, key=size), dict(answers))


@st.cache_resource(show_spinner="Reading the file", max_entries=2, scope="session")
def read_inside(sha256: str, name: str, _file: Any) -> Snapshot:
    """Read an uploaded file of what a fund holds."""
    from exposure.reading import read_holdings

    return read_holdings(_file.getvalue(), name=name)


Insides = tuple[tuple[str, int], ...]
"""Fund and the id of the snapshot of what it holds."""


def insides(snapshot_id: int) -> Insides:
    """List the known insides that reach a stored snapshot, of the day nearest to it."""
    known = cache.store().insides(cache.snapshot(snapshot_id).as_of)
    pairs = tuple((fund, each.snapshot_id) for fund, each in known.items())
    return _reaching(cache.url(), snapshot_id, pairs) if pairs else ()


@st.cache_resource(show_spinner=False, max_entries=cache.KEEP)
def _reaching(url: str, snapshot_id: int, known: Insides) -> Insides:
    from exposure.chain.funds import reachable

    held = {fund: cache._snapshot(url, one) for fund, one in known}
    reached = reachable(held, cache._snapshot(url, snapshot_id).holdings)
    return tuple((fund, one) for fund, one in known if fund in reached)
