"""What moved the figure between two kept results of one portfolio: scenario, classification, prices, holdings, engine.

One thing is changed at a time, in this order, and each step is worked out with the engine of today; what is left to the
two figures as they were kept is the engine's. So the causes add up to the difference, line by line. Another order would
give each cause another share of what two of them do together.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum

from exposure.results._codec import from_text
from exposure.results._record import Record, book_of, scenario_of
from exposure.shock import ShockedLine, ShockResult, apply, moved_value
from exposure.types import Book

CAUSES = ("scenario", "classification", "prices", "holdings", "engine")
UNPRICED = {"fund_residual", "rates", "delta"}
"""What moves a line by more than its own value: a price of now says nothing of it."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause and what it did to the total return (fraction)."""

    cause: str
    effect: float


@dataclass(frozen=True, slots=True)
class LineCauses:
    """A line's contribution then and now, and its difference by cause; the causes add up to it."""

    line_id: str
    name: str
    before: float
    after: float
    effects: tuple[float, ...]
    """In the order of `CAUSES`."""


def causes(one: Record, other: Record) -> tuple[tuple[Cause, ...], tuple[LineCauses, ...]]:
    """Explain the difference of two total returns, the second less the first.

    Returns
    -------
    The causes over the whole book, and line by line, the largest difference first. Prices are told from holdings where
    both books know a line's quantity; else all of it is put down to holdings.
    """
    book_a, book_b = book_of(one), book_of(other)
    scenario_b = scenario_of(other)
    at_first = apply(book_a, scenario_of(one))
    restated = apply(book_a, scenario_b)
    at_last = apply(book_b, scenario_b)
    lines = _lines(_contributions(one), at_first, restated, at_last, _contributions(other))
    totals = tuple(Cause(c, fsum(line.effects[n] for line in lines)) for n, c in enumerate(CAUSES))
    return totals, tuple(sorted(lines, key=lambda x: -abs(x.after - x.before)))


def _contributions(record: Record) -> dict[str, float]:
    """Read each line's contribution as it was answered then."""
    rows: dict[str, object] = from_text(record.answer, dict)
    return {row["line_id"]: float(row["contribution"]) for row in rows["positions"]}  # type: ignore[attr-defined]


def _lines(
    then: dict[str, float], first: ShockResult, restated: ShockResult, last: ShockResult, now: dict[str, float]
) -> list[LineCauses]:
    a, b, c = ({p.line.line_id: p for p in r.positions} for r in (first, restated, last))
    between = _at_new_prices(first.book, last.book)
    capital = _capital(first.book, between)
    out = []
    for one in dict.fromkeys((*then, *a, *c, *now)):
        before, after = then.get(one, 0.0), now.get(one, 0.0)
        start, moved, end = (p.contribution if p else 0.0 for p in (a.get(one), b.get(one), c.get(one)))
        placed = _placed(b.get(one), c.get(one), restated.book.capital)
        priced = _priced(b.get(one), c.get(one), value=between.get(one), capital=capital, placed=placed)
        engine = (start - before) + (after - end)
        effects = (moved - start, placed - moved, priced - placed, end - priced, engine)
        out.append(LineCauses(one, _name(c.get(one) or a.get(one), one), before, after, effects))
    return out


def _placed(old: ShockedLine | None, new: ShockedLine | None, capital: float) -> float:
    """Give the contribution of the old line by the new line's move: what placing it otherwise does."""
    if old is None:
        return 0.0
    value = old.line.market_value
    if new is None or not value or "fund_residual" in (old.move.via, new.move.via):
        return old.contribution
    return moved_value(old.line, new.move) * new.move.total / capital


def _priced(
    old: ShockedLine | None,
    new: ShockedLine | None,
    *,
    value: float | None,
    capital: float,
    placed: float,
) -> float:
    """Give the contribution of the quantity held then at the prices of now."""
    mover = new or old
    if old is None or mover is None or value is None or not capital or {old.move.via, mover.move.via} & UNPRICED:
        return placed
    return value * mover.move.total / capital


def _at_new_prices(old: Book, new: Book) -> dict[str, float]:
    """Value each line held then at the price of now, where both quantities are known; else as it was."""
    later = {line.line_id: line for line in new.lines}
    values = {}
    for line in old.lines:
        value, now = line.market_value or 0.0, later.get(line.line_id)
        quantities = (line.holding.quantity, now.holding.quantity if now else None)
        if now is not None and now.market_value is not None and all(quantities) and old.currency == new.currency:
            value = quantities[0] * now.market_value / quantities[1]  # type: ignore[operator]
        values[line.line_id] = value
    return values


def _capital(book: Book, between: dict[str, float]) -> float:
    """Give what the capital would be at the prices of now."""
    gross = book.capital_basis == "gross"
    size = abs if gross else float
    shift = fsum(size(between[x.line_id]) - size(x.market_value or 0.0) for x in book.lines)
    return book.capital + shift


def _name(line: ShockedLine | None, one: str) -> str:
    own = line.line.holding if line else None
    return (own.name or own.ticker or one) if own else one
