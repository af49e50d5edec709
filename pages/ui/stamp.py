"""What a figure carries when it leaves a page: book and date, scenario and hash, coverage, overrides, doubts.

A page says it once, as soon as it knows; every chart and table drawn from then on takes it along when it is downloaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

import streamlit as st

from exposure.format import number
from exposure.types import Book, Issue, Scenario, Snapshot
from exposure.view import drawdown, sentences, shock
from pages.ui import state

if TYPE_CHECKING:
    from exposure.history import DrawdownResult
    from exposure.shock import ShockResult


Lines = tuple[str, ...]
_RUN = re.compile(r"([,;\t]\s*)(?=[=+\-@])")


def keep(lines: Sequence[str]) -> None:
    """Let what is drawn from now on carry these lines."""
    st.session_state[state.STAMP] = list(lines)


@contextmanager
def instead(lines: Sequence[str]) -> Iterator[None]:
    """Let what is drawn within carry other lines."""
    before = kept()
    keep(lines)
    yield
    keep(before)


def kept() -> Lines:
    """Give the lines of what is drawn now; none on a page of no book."""
    return tuple(st.session_state.get(state.STAMP, ()))


def of_snapshot(portfolio: str, held: Snapshot) -> Lines:
    """Say of which rows a table of holdings is."""
    rows = f"Rows read: {number(len(held.holdings))}; rejected: {number(len(held.rejected))}."
    return _about(portfolio, held.as_of, held.currency or ""), rows, _doubts(held.issues)


def of_book(portfolio: str, book: Book, coverage: Mapping[str, float]) -> Lines:
    """Say of which book figures along the chain are, and who placed it."""
    return _book(portfolio, book), sentences.coverage(coverage, "gross exposure"), _care(book, book.issues)


def of_result(portfolio: str, result: ShockResult, *more: str) -> Lines:
    """Say of which book and which scenario figures are, and what its moves rest on."""
    return of_scenario(portfolio, result.book, result.scenario, result.coverage, result.issues, *more)


def of_scenario(
    portfolio: str, book: Book, scenario: Scenario, coverage: Mapping[str, float], issues: Iterable[Issue], *more: str
) -> Lines:
    """Say the same of an answer that is not a whole result."""
    return _book(portfolio, book), _scenario(scenario), shock.covered(coverage), *more, _care(book, issues)


def of_results(results: Iterable[tuple[str, ShockResult]]) -> Lines:
    """Say of which books and scenarios a comparison is, and what each pair of them rests on."""
    pairs = list(results)
    books = dict.fromkeys(_book(portfolio, result.book) for portfolio, result in pairs)
    under = dict.fromkeys(_scenario(result.scenario) for _, result in pairs)
    rests = (
        f"{sentences.one_line(portfolio, 120)} under {sentences.one_line(result.scenario.id, 80)}: "
        f"{shock.coverage(result)} {_care(result.book, result.issues)}"
        for portfolio, result in pairs
    )
    return *books, *under, *rests


def of_history(portfolio: str, result: DrawdownResult) -> Lines:
    """Say of which book a history is, over which days, and what it rests on."""
    over = f"History: {result.start.isoformat()} to {result.end.isoformat()}, {number(result.days)} sessions."
    return _book(portfolio, result.book), over, drawdown.coverage(result), _care(result.book, result.issues)


def comments(lines: Iterable[str]) -> list[str]:
    """Write lines as comments of a table: a spreadsheet that splits one finds no formula, a reader no open quote."""
    return [f"# {_RUN.sub(_APOSTROPHE, sentences.one_line(line, 2000).replace(_QUOTE, _TICK))}" for line in lines]


_APOSTROPHE, _QUOTE, _TICK = r"\1'", '"', "'"


def _book(portfolio: str, book: Book) -> str:
    return _about(portfolio, book.as_of, book.currency or "no currency (weights)")


def _about(portfolio: str, as_of: date | None, unit: str) -> str:
    dated = f"as of {as_of.isoformat()}" if as_of else "no date"
    return f"Book: {sentences.one_line(portfolio, 120)}; {'; '.join(filter(None, (dated, unit)))}."


def _scenario(scenario: Scenario) -> str:
    span = f"; {scenario.horizon} sessions" if scenario.horizon > 1 else ""
    days = f"; {scenario.start.isoformat()} to {scenario.end.isoformat()}" if scenario.start and scenario.end else ""
    title = sentences.one_line(scenario.title, 120)
    return f"Scenario: {title}; {sentences.one_line(scenario.id, 80)}{span}{days}; hash {scenario.hash}."


def _care(book: Book, issues: Iterable[Issue]) -> str:
    own = sum(x.assignment.origin == "user" or x.geared_by == "user" or x.delta is not None for x in book.lines)
    return f"Overrides: {number(own)}. {_doubts(issues)}"


def _doubts(issues: Iterable[Issue]) -> str:
    open_ = sum(issue.severity != "notice" for issue in issues)
    return f"Doubts (warnings and errors): {number(open_)}."
