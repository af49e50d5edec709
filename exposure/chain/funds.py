"""The funds of a book: which are held, which are looked through, and which known insides reach it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import fsum

from exposure.chain.identity import identifiers_of
from exposure.chain.issuers import table
from exposure.errors import InputError
from exposure.types import Book, Holding, Line, Snapshot


@dataclass(frozen=True, slots=True)
class HeldFund:
    """A fund that a book holds, its lines put together; `weight` is a share of the book's capital."""

    key: str
    """What its inside is kept under, wherever it is held: the table's symbol, else ISIN, ticker or name."""
    name: str
    ticker: str | None
    weight: float
    market_value: float
    through: bool
    """Whether it was replaced by what it holds."""
    inside: str | None
    """The fund through which it is held, where it is one inside another."""


@dataclass(frozen=True, slots=True)
class LookedThrough:
    """How far a book's funds were looked through, as shares of gross exposure."""

    funds: float
    """In funds, looked through or not."""
    through: float
    """In funds that were replaced by what they hold."""
    undisclosed: float
    """Of that, what their files leave open."""


def fund_key(line: Line) -> str:
    """Name a fund as its inside is kept: the table's symbol for it, else ISIN, ticker or name, in capitals."""
    own = line.holding
    return (line.issuer or own.isin or own.ticker or own.name or line.line_id).upper()


def is_fund(line: Line) -> bool:
    """Tell a fund that can be looked through: no option on one, and none that moves by a multiple of its index."""
    known = table().of(line.listing)
    return line.factor is None and (line.holding.kind == "fund" or bool(known and known.fund))


def held_funds(book: Book) -> tuple[HeldFund, ...]:
    """List the funds of a book, the largest first; those inside others after them."""
    found: dict[tuple[str, str | None], HeldFund] = {}
    for line, through in [*((f, True) for f in book.funds), *((x, False) for x in book.lines if is_fund(x))]:
        key = (fund_key(line), line.inside)
        old = found.get(key)
        found[key] = HeldFund(
            key=key[0],
            name=line.holding.name or line.holding.ticker or line.line_id,
            ticker=line.holding.ticker,
            weight=line.weight + (old.weight if old else 0.0),
            market_value=(line.market_value or 0.0) + (old.market_value if old else 0.0),
            through=through,
            inside=line.inside,
        )
    return tuple(sorted(found.values(), key=lambda f: (f.inside is not None, -abs(f.weight))))


def looked_through(book: Book) -> LookedThrough:
    """Measure how much of a book is held in funds, and how much of that is seen by its constituents."""
    gross = book.gross or 1.0
    outer = [f for f in book.funds if f.inside is None]
    through = fsum(abs(f.market_value or 0.0) for f in outer) / gross
    whole = fsum(abs(x.market_value or 0.0) for x in book.lines if x.inside is None and is_fund(x)) / gross
    rest = [x for x in book.lines if x.assignment.origin == "look_through" and x.holding.kind == "other"]
    return LookedThrough(through + whole, through, fsum(abs(x.market_value or 0.0) for x in rest) / gross)


def reachable(inside: Mapping[str, Snapshot], holdings: Iterable[Holding]) -> dict[str, Snapshot]:
    """Keep the insides of funds that these holdings name, or that such funds hold."""
    called, kept = names_in(holdings), dict[str, Snapshot]()
    while more := {fund: held for fund, held in inside.items() if fund not in kept and fund.upper() in called}:
        kept |= more
        for held in more.values():
            called |= names_in(held.holdings)
    return kept


def refuse_circles(inside: Mapping[str, Snapshot]) -> None:
    """Refuse funds of which one holds itself, directly or through others.

    Raises
    ------
    InputError
        Naming the funds of the circle in their order.
    """
    holds = {fund.upper(): names_in(held.holdings) for fund, held in inside.items()}
    done: set[str] = set()

    def visit(fund: str, path: tuple[str, ...]) -> None:
        if fund in path:
            circle = " → ".join((*path[path.index(fund) :], fund))
            raise InputError(f"funds hold each other in a circle: {circle}", remedy="leave one of them as one line")
        if fund not in done:
            for each in sorted(holds[fund] & holds.keys()):
                visit(each, (*path, fund))
            done.add(fund)

    for fund in sorted(holds):
        visit(fund, ())


def names_in(holdings: Iterable[Holding]) -> set[str]:
    """Gather what holdings are called, in capitals, and the symbols of those that may be funds of the table."""
    called: set[str] = set()
    for own in holdings:
        called.update(each.upper() for each in identifiers_of(own))
        if own.kind == "fund" or not own.ticker:
            match = table().find(own)
            called.update(each.upper() for each in (match.symbol, match.issuer.key if match.issuer else None) if each)
    return called
