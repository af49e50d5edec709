"""The whole story in one screen: a file becomes a snapshot, a book, its exposure, its shock and its drawdown.

Nouns in, nouns out: no database, no cache, no clock. Loading and storing belong to the caller (a page, the command
line).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from exposure.chain import Exposures, measure, to_book
from exposure.prices import PAIR_ENDING, Rates
from exposure.reading import read_holdings
from exposure.scenarios import load_scenario
from exposure.shock import ShockResult, apply
from exposure.types import Book, Override, Scenario, Snapshot

if TYPE_CHECKING:
    from exposure.history import DrawdownResult
    from exposure.prices import Market


def book_of(
    source: str | Path | Snapshot,
    *,
    as_of: date | None = None,
    base_currency: str | None = None,
    overrides: Iterable[Override] = (),
    inside: Mapping[str, Snapshot] | None = None,
    market: Market | None = None,
    answers: Mapping[str, str] | None = None,
) -> Book:
    """Read a holdings file (or take a snapshot), value it in one currency and place it along the chain."""
    snapshot = source if isinstance(source, Snapshot) else read_holdings(source, as_of=as_of)
    closes = market.closes_on(snapshot.as_of) if market is not None and snapshot.as_of else {}
    closes = {symbol: close for symbol, close in closes.items() if not symbol.endswith(PAIR_ENDING)}
    book = to_book(
        snapshot,
        base_currency=base_currency,
        overrides=overrides,
        inside=inside,
        closes=closes,
        rates=Rates.of(market),
        answers=answers,
    )
    if market is None:
        return book
    from exposure.history import of_valuation, of_values, once

    doubtful = of_values(book, market)
    return replace(book, issues=once((*book.issues, *of_valuation(book, market), *doubtful), market))


def exposure_of(book: Book) -> Exposures:
    """Measure where the book sits along the chain."""
    return measure(book)


def shock(book: Book, scenario: str | Path | Scenario, *, horizon: int = 1) -> ShockResult:
    """Apply a scenario: what this news costs, and who carries it."""
    return apply(book, scenario if isinstance(scenario, Scenario) else load_scenario(scenario, horizon=horizon))


def drawdown(
    book: Book,
    market: Market,
    *,
    start: date | None = None,
    end: date | None = None,
    hold: str = "weights",
    closes: str = "local",
    proxies: Mapping[str, str] | None = None,
) -> DrawdownResult:
    """Measure how deep today's holdings fell in the past, foreign prices by the rates that stand beside them."""
    from exposure.history import drawdown as measure_drawdown  # NumPy: only where a history is asked for
    from exposure.history import once

    result = measure_drawdown(
        book,
        market,
        start=start,
        end=end,
        hold="quantities" if hold == "quantities" else "weights",
        closes="common" if closes == "common" else "local",
        proxies=proxies,
    )
    # What makes the book doubtful makes its history so.
    known = {(issue.code, issue.params) for issue in result.issues}
    own = (issue for issue in book.issues if (issue.code, issue.params) not in known)
    issues = (*own, *result.issues)
    return replace(result, issues=once(issues, market))


def history(
    books: Sequence[Book],
    market: Market,
    *,
    start: date | None = None,
    end: date | None = None,
    closes: str = "local",
    proxies: Mapping[str, str] | None = None,
) -> DrawdownResult:
    """Measure how deep the portfolio fell as it was: each snapshot in its time, flows apart."""
    from exposure.history import history as measure_history

    cut: Literal["local", "common"] = "common" if closes == "common" else "local"
    return measure_history(books, market, start=start, end=end, closes=cut, proxies=proxies)
