"""The building blocks of trades: a book with some lines scaled, others added, and its cash the counterpart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import fsum

from exposure.chain.book import capital_of
from exposure.errors import InputError
from exposure.types import Assignment, Book, Holding, Line, Part


def whole_funds(book: Book) -> list[Line]:
    """List the funds that are looked through and held directly, not within another fund."""
    return [x for x in book.funds if not any(within(x, other) for other in book.funds)]


def within(line: Line, fund: Line) -> bool:
    """Tell whether a line is held through a fund."""
    return line.line_id.startswith(f"{fund.line_id}/")


def belongs(line: Line, line_id: str) -> bool:
    """Tell whether a line is the one of an id, or held through the fund of that id."""
    return line.line_id == line_id or (line.inside is not None and line.line_id.startswith(f"{line_id}/"))


def sellable(line: Line) -> bool:
    """Tell whether a line can be traded: it has a value, and is neither cash nor a remainder that nothing names."""
    own = line.holding
    return bool(line.market_value) and own.kind != "cash" and not (own.kind == "other" and own.derived)


def scaled(book: Book, factors: Mapping[str, float]) -> Book:
    """Scale lines, and funds with what they hold, by a factor for each; the difference goes to cash."""

    def factor_of(line: Line) -> float:
        own = factors.get(line.line_id)
        if own is None and line.inside:
            own = next((f for one, f in factors.items() if belongs(line, one)), None)
        return 1.0 if own is None else own

    def each(lines: Iterable[Line]) -> list[Line]:
        found = ((line, factor_of(line)) for line in lines)
        return [line if factor == 1.0 else times(line, factor) for line, factor in found if factor]

    kept = each(book.lines)
    proceeds = fsum(x.market_value or 0.0 for x in book.lines) - fsum(x.market_value or 0.0 for x in kept)
    return rebuilt(book, banked(kept, book, proceeds), tuple(each(book.funds)))


def times(line: Line, factor: float) -> Line:
    """Give a line of so many times the size, what its file says of it included."""

    def by(value: float | None) -> float | None:
        return None if value is None else value * factor

    own = line.holding
    holding = replace(
        own,
        quantity=by(own.quantity),
        market_value=by(own.market_value),
        weight=by(own.weight),
        notional_value=by(own.notional_value),
    )
    legs = tuple(replace(leg, value=leg.value * factor) for leg in line.legs)
    value, notional = by(line.market_value), by(line.notional)
    return replace(line, market_value=value, notional=notional, legs=legs, holding=holding)


def till_of(book: Book) -> Line | None:
    """Give the cash that trades are paid from and into: the first balance in the book's currency."""
    cash = (x for x in book.lines if x.holding.kind == "cash" and not x.inside and x.currency == book.currency)
    return next((x for x in cash if x.market_value is not None), None)


def banked(lines: Iterable[Line], book: Book, amount: float) -> list[Line]:
    """Put an amount into the book's cash, a line of its own where there is none."""
    till = till_of(book)
    if till is None:
        holding = Holding(0, "cash", name="Cash from trades", currency=book.currency, derived=("market_value",))
        place = Assignment((Part("cash", 1.0),), "what trades leave or cost", "rule")
        return [*lines, Line("cash from trades", holding, amount, 0.0, place, currency=book.currency)]
    # Only its value is written anew: what the file says of the balance stays as delivered.
    return [replace(x, market_value=till.market_value + amount) if x.line_id == till.line_id else x for x in lines]  # type: ignore[operator]


def rebuilt(book: Book, lines: Sequence[Line], funds: Sequence[Line]) -> Book:
    """Give the book of other lines; `book.nav` is what they are worth, which a funded trade keeps to the last digit."""
    nav = 1.0 if book.basis == "weights" else book.nav
    gross = fsum(abs(x.market_value or 0.0) for x in lines)
    capital, basis = capital_of(nav, gross, book.basis)
    if capital == 0:
        raise InputError("nothing would be left in the book", remedy="trade less")
    weighed = (tuple(replace(x, weight=(x.market_value or 0.0) / capital) for x in some) for some in (lines, funds))
    held, through = weighed
    return replace(book, lines=held, funds=through, capital=capital, capital_basis=basis, nav=nav, gross=gross)
