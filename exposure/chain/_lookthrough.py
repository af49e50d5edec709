"""Replace a fund by what it holds.

Constituents are scaled to the fund's value, the rest is a line of its own, funds in funds are followed, and a circle
is refused.

The funds of a book: which are held, which are looked through, and the holdings of which known funds reach it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from math import fsum

from exposure.chain._issuers import issuer_table
from exposure.chain._listing import Answers, identifiers_of
from exposure.chain._overrides import Overrides
from exposure.chain._place import to_line
from exposure.errors import InputError, MissingRate
from exposure.prices import QUIET_DAYS, Rates
from exposure.types import Assignment, Book, Holding, Issue, Line, Part, Snapshot
from exposure.units import currency_of, in_currency

DEPTH = 5


def look_through(
    lines: list[Line], fund_holdings: Mapping[str, Snapshot], overrides: Overrides, answers: Answers, rates: Rates
) -> tuple[list[Line], tuple[Line, ...], list[Issue]]:
    """Replace each line named in `fund_holdings` by its constituents, to any depth up to five.

    Returns
    -------
    tuple
        The lines (values still add up to what they did), the funds that were replaced, and notices. A fund that is
        given and that the book does not hold is a notice; so is a leveraged one, which stays: what it holds would move
        once.

    Raises
    ------
    InputError
        Funds hold each other in a circle, or deeper than five.
    """
    wanted = {name.upper(): snapshot for name, snapshot in fund_holdings.items()}
    used: set[str] = set()
    funds: list[Line] = []
    issues: list[Issue] = []

    def constituents(fund: Line, key: str) -> list[Line]:
        whole, pairs = fund.market_value or 0.0, zip(wanted[key].holdings, shares(key), strict=True)
        worth = ((replace(h, weight=None), None if share is None else whole * share) for h, share in pairs)
        return _within(fund, [to_line(holding, value, overrides, issues, answers) for holding, value in worth])

    @cache
    def shares(key: str) -> list[float | None]:
        return _shares(wanted[key], rates, issues)

    def expand(line: Line, path: tuple[str, ...]) -> list[Line]:
        key = next((k for k in _names(line) if k in wanted), None)
        if key is None or line.market_value is None:
            return [line]
        if line.factor is not None:
            used.add(key)
            issues.append(Issue.of("notice", "fund.multiple", row=line.holding.row, fund=key))
            return [line]
        if key in path:
            raise InputError("fund.circle", funds=" → ".join((*path, key)))
        if len(path) >= DEPTH:
            raise InputError("fund.deep", depth=DEPTH, funds=" → ".join((*path, key)))
        used.add(key)
        funds.append(line)
        return [each for part in constituents(line, key) for each in expand(part, (*path, key))]

    out = [each for line in lines for each in expand(line, ())]
    for missing in sorted(set(wanted) - used):
        issues.append(Issue.of("notice", "fund.not-held", fund=missing))
    return out, tuple(funds), issues


def _names(line: Line) -> list[str]:
    own = line.holding
    called = [own.isin, own.ticker, line.listing, own.cusip, own.sedol, own.name, line.line_id]
    if own.kind == "fund":
        called.append(line.issuer)
    return [n.upper() for n in called if n]


def _within(fund: Line, lines: Iterable[Line]) -> list[Line]:
    """Name the lines that a fund holds as held through it, and add what its file leaves open as one more."""
    value, called = fund.market_value or 0.0, fund.holding.ticker or fund.line_id
    parts = [replace(line, line_id=f"{fund.line_id}/{line.line_id}", inside=called) for line in lines]
    rest = value - fsum(p.market_value for p in parts if p.market_value is not None)
    if abs(rest) > 1e-12 * abs(value):
        name = f"cash and not disclosed in {called}"
        holding = Holding(row=fund.holding.row, kind="other", name=name, derived=("market_value",))
        unknown = Assignment((Part("unassigned", 1.0),), "what the fund's file leaves open", "look_through")
        parts.append(Line(f"{fund.line_id}/rest", holding, rest, 0.0, unknown, inside=called))
    return parts


def _shares(snapshot: Snapshot, rates: Rates, issues: list[Issue]) -> list[float | None]:
    """Give each constituent's share of the fund: the stated weights where there are any, else value over total."""
    if any(h.weight is not None for h in snapshot.holdings):
        return [h.weight for h in snapshot.holdings]
    values = [h.market_value for h in snapshot.holdings]
    if snapshot.total_market_value is None:
        values = _in_one_currency(snapshot, rates, issues)
    total = fsum(value for value in values if value is not None)
    if not total:
        raise InputError("fund.no-shares", file=snapshot.file)
    return [None if value is None else value / total for value in values]


def _in_one_currency(snapshot: Snapshot, rates: Rates, issues: list[Issue]) -> list[float | None]:
    """Convert a fund's values to the commonest of their currencies by the rates of its date; none where one lacks.

    Raises
    ------
    MissingRate
        A value has no rate: the shares of all others would be wrong without it.
    """
    units = [h.value_currency for h in snapshot.holdings if h.market_value is not None]
    known = Counter(currency_of(unit) for unit in units if unit)
    day = snapshot.as_of
    if len(known) < 1 or day is None or None in units:
        return []
    base = known.most_common(1)[0][0] or ""
    out: list[float | None] = []
    oldest = day
    for h in snapshot.holdings:
        if h.market_value is None:
            out.append(None)
            continue
        try:
            rate = rates.find(currency_of(h.value_currency) or "", base, day)
        except MissingRate as error:
            error.file, error.row = snapshot.file, h.row
            raise
        oldest = min(oldest, rate.on)
        out.append(in_currency(h.market_value, h.value_currency) * rate.value)
    if (day - oldest).days > QUIET_DAYS:
        on, age = oldest.isoformat(), (day - oldest).days
        issues.append(Issue.of("warning", "fund.old-rate", file=snapshot.file, day=day.isoformat(), on=on, n=age))
    return out


@dataclass(frozen=True, slots=True)
class HeldFund:
    """A fund that a book holds, its lines put together; `weight` is a share of the book's capital."""

    key: str
    """What its holdings are kept under, wherever it is held: the table's symbol, else ISIN, ticker or name."""
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
    """Name a fund as its holdings are kept: the table's symbol for it, else ISIN, ticker or name, in capitals."""
    own = line.holding
    return (line.issuer or own.isin or own.ticker or own.name or line.line_id).upper()


def is_fund(line: Line) -> bool:
    """Tell a fund that can be looked through: no option on one, and none that moves by a multiple of its index."""
    known = issuer_table().of(line.listing)
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


def reachable(fund_holdings: Mapping[str, Snapshot], holdings: Iterable[Holding]) -> dict[str, Snapshot]:
    """Keep the holdings of funds that these holdings name, or that such funds hold."""
    called, reached = names_in(holdings), dict[str, Snapshot]()
    while more := {f: held for f, held in fund_holdings.items() if f not in reached and f.upper() in called}:
        reached |= more
        for held in more.values():
            called |= names_in(held.holdings)
    return reached


def refuse_circles(fund_holdings: Mapping[str, Snapshot]) -> None:
    """Refuse funds of which one holds itself, directly or through others.

    Raises
    ------
    InputError
        Naming the funds of the circle in their order.
    """
    holds = {fund.upper(): names_in(held.holdings) for fund, held in fund_holdings.items()}
    visited: set[str] = set()

    def visit(fund: str, path: tuple[str, ...]) -> None:
        if fund in path:
            circle = " → ".join((*path[path.index(fund) :], fund))
            raise InputError("fund.circle", funds=circle)
        if fund not in visited:
            for each in sorted(holds[fund] & holds.keys()):
                visit(each, (*path, fund))
            visited.add(fund)

    for fund in sorted(holds):
        visit(fund, ())


def names_in(holdings: Iterable[Holding]) -> set[str]:
    """Gather what holdings are called, in capitals, and the symbols of those that may be funds of the table."""
    called: set[str] = set()
    for own in holdings:
        called.update(each.upper() for each in identifiers_of(own))
        if own.kind == "fund" or not own.ticker:
            match = issuer_table().find(own)
            called.update(each.upper() for each in (match.symbol, match.issuer.key if match.issuer else None) if each)
    return called
