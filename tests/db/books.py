"""Snapshots to import: a plain one, and whatever Hypothesis can think of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import event

from db.repositories import Store
from exposure import load_scenario, to_book
from exposure.results import keep
from exposure.shock import apply
from exposure.types import KINDS, Holding, Issue, Override, Part, Rejected, Snapshot

DAY = date(2025, 1, 24)

# Every character there is, NUL and lone surrogates too: a file may hold any byte.
texts = st.text(st.characters(codec=None), max_size=12)
maybe_text = st.none() | texts
maybe_number = st.none() | st.floats(allow_nan=False, allow_infinity=False)
days = st.dates()
rows = st.integers(1, 2**31 - 1)

holdings = st.builds(
    Holding,
    row=rows,
    kind=st.sampled_from(KINDS),
    **dict.fromkeys(("ticker", "isin", "cusip", "sedol", "figi", "name", "exchange", "country", "sector"), maybe_text),
    **dict.fromkeys(("currency", "price_currency", "value_currency", "account", "underlying"), maybe_text),
    **dict.fromkeys(("quantity", "price", "market_value", "weight", "notional_value", "strike"), maybe_number),
    **dict.fromkeys(("as_of", "expiry"), st.none() | days),
    right=st.sampled_from((None, "call", "put")),
    derived=st.lists(texts, max_size=2).map(tuple),
)
issues = st.builds(
    Issue.text,
    severity=st.sampled_from(("error", "warning", "notice")),
    what=texts,
    row=st.none() | rows,
    weight=maybe_number,
    remedy=texts,
)
snapshots = st.builds(
    Snapshot,
    file=texts,
    format=st.sampled_from(("csv", "xlsx", "xls", "zip")),
    as_of=days,
    dates=st.lists(days, max_size=3).map(tuple),
    currency=maybe_text,
    holdings=st.lists(holdings, max_size=4).map(tuple),
    rejected=st.lists(st.builds(Rejected.text, row=rows, reason=texts, raw=texts), max_size=2).map(tuple),
    issues=st.lists(issues, max_size=2).map(tuple),
    stated_total=maybe_number,
    title=maybe_text,
    columns=st.dictionaries(texts, texts, max_size=2),
    dialect=st.dictionaries(texts, texts, max_size=2),
    sha256=st.text("0123456789abcdef", min_size=64, max_size=64),
)

NVDA = Holding(
    2, ticker="NVDA", isin="US67066G1040", name="NVIDIA Corp", quantity=100.0, price=140.0, market_value=14_000.0
)
CASH = Holding(3, kind="cash", name="Cash", market_value=-1_000.0)


def book(as_of: date | None = DAY, sha256: str = "a" * 64, lines: int = 2) -> Snapshot:
    """A book in dollars of NVDA and an overdraft, worth 13,000; or of `lines` lines of NVDA worth 14,000 each."""
    held = (NVDA, CASH) if lines == 2 else tuple(replace(NVDA, row=row) for row in range(2, lines + 2))
    held = tuple(replace(h, value_currency="USD", price_currency="USD" if h.price else None) for h in held)
    rejected = (Rejected.text(9, "no number in “quantity”", "NVDA;many;\x00"),)
    return Snapshot("book.csv", "csv", as_of, (as_of,) if as_of else (), "USD", held, rejected, sha256=sha256)


def override(reason: str) -> Override:
    """NVIDIA put outside the chain, for a reason."""
    return Override("US67066G1040", None, (Part("outside", 1.0),), reason, "me", DAY)


def result() -> Any:
    """A result to keep."""
    return keep(apply(to_book(book()), load_scenario("deepseek-2025-01-27")), {"overrides": {}})


@contextmanager
def fault_at(store: Store, broken: int) -> Iterator[list[str]]:
    """Fail at a statement of the store, counted from 1; give the statements that failed."""
    seen, reached = 0, list[str]()

    def before(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == broken:
            reached.append(statement)
            raise RuntimeError(f"fault at statement {broken}: {statement}")

    event.listen(store.engine, "before_cursor_execute", before)
    try:
        yield reached
    finally:
        event.remove(store.engine, "before_cursor_execute", before)
