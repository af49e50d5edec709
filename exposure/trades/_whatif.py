"""Trades tried on a book: each gives a new book, funded from and to its cash. Analysis only: nothing here is an order.

A funded trade (a cut, a sale or purchase, a short) keeps the net asset value; only cash added or withdrawn moves it.
Amounts are in the book's currency, in a book of weights shares of its net asset value. A fund that is looked through is
traded whole: nobody sells what a fund holds.

The building blocks of trades: a book with some lines scaled, others added, and its cash the counterpart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import copysign, fsum, inf
from typing import Any, Literal

from exposure.chain import (
    CURRENCY_OF,
    SUB_SEGMENTS,
    TOP_SEGMENTS,
    Overrides,
    capital_of,
    issuer_table,
    segment_ids,
    split_symbol,
    to_line,
    top_segment,
)
from exposure.delivered import LARGEST
from exposure.errors import InputError
from exposure.types import Assignment, Book, Holding, Issue, Line, Part


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
    return rebuilt(book, with_cash(kept, book, proceeds), tuple(each(book.funds)))


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


def cash_line(book: Book) -> Line | None:
    """Give the cash that trades are paid from and into: the first balance in the book's currency."""
    cash = (x for x in book.lines if x.holding.kind == "cash" and not x.inside and x.currency == book.currency)
    return next((x for x in cash if x.market_value is not None), None)


def with_cash(lines: Iterable[Line], book: Book, amount: float) -> list[Line]:
    """Put an amount into the book's cash, a line of its own where there is none."""
    till = cash_line(book)
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
        raise InputError("trade.nothing-left")
    weighed = (tuple(replace(x, weight=(x.market_value or 0.0) / capital) for x in some) for some in (lines, funds))
    held, through = weighed
    return replace(book, lines=held, funds=through, capital=capital, capital_basis=basis, nav=nav, gross=gross)


Kind = Literal["cut", "short", "trade", "cash"]
Side = Literal["net", "gross", "long", "short", "effective"]
"""What an exposure counts: longs less shorts, both by their size, one of the two (a short is negative), or net with
leveraged and inverse funds times their daily factor and options by their delta."""
WITHIN = 1e-12
"""A share this close to a limit is at it."""


@dataclass(frozen=True, slots=True)
class Trade:
    """What is tried: `cut` a target to a limit, `short` a listing, `trade` a line, or add `cash`."""

    kind: Kind
    target: str = ""
    """Cut: `segment:chips.memory`, `issuer:NVDA`, `country:TW`. Short: Yahoo symbol. Trade: `line_id`."""
    amount: float = 0.0
    """Cut: the limit, a share of capital. Short: its size, positive. Trade, cash: positive buys or adds."""
    unit: Literal["share", "money"] = "share"
    """Whether `amount` is a share of the capital before the trade, or money in the book's currency."""
    side: Side = "net"
    """Cut: what the limit is on. Gross sells longs and buys back shorts alike, `long` and `short` one of the two."""


@dataclass(frozen=True, slots=True)
class Fill:
    """A line, or a whole fund, that a trade buys (positive) or sells, in the book's currency."""

    line: Line
    amount: float


@dataclass(frozen=True, slots=True)
class TradeOutcome:
    """A trade that was tried: the new book, what was dealt in, and what to know; `refused` changes nothing."""

    trade: Trade
    book: Book
    dealt: tuple[Fill, ...] = ()
    issues: tuple[Issue, ...] = ()
    refused: bool = False

    @property
    def said(self) -> tuple[str, ...]:
        """What to know, in words."""
        return tuple(f"{each.what}; {each.remedy}" if each.remedy else each.what for each in self.issues)


def execute(book: Book, trade: Trade) -> TradeOutcome:
    """Try one trade on a book, which stays as it is.

    Raises
    ------
    InputError
        The amount is no finite number, or the target is unknown, cannot be sold, or is held through a fund.
    """
    if not abs(trade.amount) <= LARGEST:
        raise InputError("trade.no-amount", amount=trade.amount)
    done = {"cut": _cut, "short": _short, "trade": _deal, "cash": _cash}[trade.kind](book, trade)
    return replace(done, issues=(*done.issues, *_turned(book, done.book)))


def exposure_to(book: Book, target: str, side: Side = "net") -> float:
    """Give the value that stands in a segment, at an issuer or in a country, funds looked through included.

    A line is long or short by the sign of its own value: an inverse fund that is held is long, and a short of what it
    tracks where `side` is `effective`.
    """
    return fsum(map(_counted(target, side), book.lines))


def amount_of(book: Book, trade: Trade) -> float:
    """Give the amount of a trade in the book's currency."""
    return trade.amount * book.capital if trade.unit == "share" else trade.amount


def _cut(book: Book, trade: Trade) -> TradeOutcome:
    """Sell a target's lines, each by the same share, until the target is at its limit; shorts are bought back alike.

    Lines of the side that is not counted are left alone, unless they stand in a fund that is sold.

    Lines held directly are sold first; funds that hold the target only where that does not suffice. Where capital is
    gross exposure it shrinks with what is sold, and the share is solved for that.
    """
    limit, counted = trade.amount, _counted(trade.target, trade.side)
    _known(book, trade.target)
    if limit < 0:
        raise InputError("trade.limit-negative", limit=limit)
    share = exposure_to(book, trade.target, trade.side) / book.capital
    if abs(share) <= limit + WITHIN:
        return TradeOutcome(trade, book, issues=(Issue.of("notice", "trade.within-limit", share=share, limit=limit),))
    inside = [fund for fund in whole_funds(book) if any(counted(x) for x in book.lines if within(x, fund))]
    owned = {x.line_id for fund in inside for x in book.lines if within(x, fund)}
    direct = [x for x in book.lines if counted(x) and x.line_id not in owned and sellable(x)]
    now = book
    for group in (direct, inside):
        portion = _portion(now, group, trade)
        if portion:
            now = scaled(now, {x.line_id: 1.0 - portion for x in group})
        if abs(exposure_to(now, trade.target, trade.side)) <= (limit + WITHIN) * now.capital:
            break
    dealt = _difference(book, now)
    funds = [d.line for d in dealt if d.line in inside]
    whole = Issue.of("notice", "trade.funds-whole", names=", ".join(map(_name, funds)))
    return TradeOutcome(trade, now, dealt, (whole,) if funds else ())


def _portion(book: Book, group: Sequence[Line], trade: Trade) -> float:
    """Give the share of a group's lines to sell: the least that reaches the limit, else all where selling helps.

    With E the exposure, E_g the group's, N and G_g its net and gross value, c the cash and s the sign of E, the limit L
    is reached at `E − f·E_g = s·L·capital(f)`, where capital is the net asset value, which a funded trade keeps, or
    gross exposure `G − f·G_g + |c + f·N| − |c|`: a line for either sign of what cash is left.
    """
    target, side, limit, ids = trade.target, trade.side, trade.amount, [x.line_id for x in group]
    lines = [x for x in book.lines if any(belongs(x, one) for one in ids)]
    whole = exposure_to(book, target, side)
    own = fsum(map(_counted(target, side), lines))
    if own * whole <= 0:
        return 0.0
    bound = copysign(limit, whole)
    net = fsum(x.market_value or 0.0 for x in lines)
    gross = fsum(abs(x.market_value or 0.0) for x in lines)
    till = cash_line(book)
    cash = (till.market_value or 0.0) if till else 0.0
    ratios = [(whole - bound * book.nav, own)]
    for sign in (1.0, -1.0):
        start = book.gross - abs(cash) + sign * cash
        ratios.append((whole - bound * start, own - bound * gross + bound * sign * net))
    reached = []
    for portion in (over / under for over, under in ratios if under):
        if 0.0 < portion <= 1.0 + WITHIN:
            portion = min(portion, 1.0)
            after = scaled(book, dict.fromkeys(ids, 1.0 - portion))
            off = abs(exposure_to(after, target, side) / after.capital - bound)
            reached += [(off if off > WITHIN else 0.0, portion)] * (off <= 1e-9)
    # At a limit near zero all three come near it, and only the one whose capital is the right one meets it.
    return min(reached)[1] if reached else 1.0


def _short(book: Book, trade: Trade) -> TradeOutcome:
    """Sell short a listing of the table as a line of its own; what it brings is cash."""
    symbol, size = trade.target.strip().upper(), amount_of(book, trade)
    entry = issuer_table().of(symbol)
    if entry is None:
        raise InputError("trade.symbol-unknown", symbol=symbol)
    if size <= 0:
        raise InputError("trade.short-of-nothing")
    line_id = f"short {symbol}"
    held = next((x for x in book.lines if x.line_id == line_id), None)
    value = (held.market_value or 0.0 if held else 0.0) - size
    holding = Holding(
        row=0,
        kind="fund" if entry.fund else "equity",
        ticker=symbol,
        name=f"{entry.name} (short, tried)",
        currency=CURRENCY_OF[split_symbol(symbol)[1]],
        market_value=value if book.basis == "values" else None,
        value_currency=book.currency,
        weight=value if book.basis == "weights" else None,
        derived=("market_value",),
    )
    issues: list[Issue] = []
    found = to_line(replace(holding, name=entry.name), value, Overrides(()), issues, {})
    line = replace(found, line_id=line_id, listing=symbol, holding=holding)
    rest = [x for x in book.lines if x.line_id != line_id]
    after = rebuilt(book, with_cash([*rest, line], book, size), book.funds)
    return TradeOutcome(trade, after, (Fill(line, -size),))


def _deal(book: Book, trade: Trade) -> TradeOutcome:
    """Buy or sell one line, or a fund that is looked through, by an amount."""
    amount = amount_of(book, trade)
    fund = next((x for x in whole_funds(book) if x.line_id == trade.target), None)
    line = fund or next((x for x in book.lines if x.line_id == trade.target), None)
    if line is None:
        raise InputError("trade.line-unknown", line=trade.target)
    if fund is None and line.inside:
        raise InputError("trade.inside-fund", name=_name(line), fund=line.inside)
    if not line.market_value or not sellable(line):
        raise InputError("trade.no-value", name=_name(line))
    after = scaled(book, {line.line_id: 1.0 + amount / line.market_value})
    over = abs(amount) > abs(line.market_value) and amount * line.market_value < 0
    short = (Issue.of("notice", "trade.oversold", name=_name(line)),) if over and amount < 0 else ()
    return TradeOutcome(trade, after, (Fill(line, amount),), short)


def _cash(book: Book, trade: Trade) -> TradeOutcome:
    """Add cash from outside, or withdraw it: the one trade that moves the net asset value."""
    amount = amount_of(book, trade)
    nav = book.nav + amount
    if amount < 0 and nav <= 0:
        raise InputError(_in_units("trade.withdrawn", book), **_money(-amount, book))
    lines = with_cash(book.lines, book, amount)
    if book.basis == "weights":  # the net asset value of a book of weights is 1
        lines = [times(x, 1.0 / nav) for x in lines]
        return TradeOutcome(trade, rebuilt(book, lines, tuple(times(x, 1.0 / nav) for x in book.funds)))
    return TradeOutcome(trade, rebuilt(replace(book, nav=nav), lines, book.funds))


def _counted(target: str, side: Side) -> Callable[[Line], float]:
    """Give what a line's value counts for a target on a side."""
    part = _membership(target)
    low, high = (0.0 if side == "long" else -inf), (0.0 if side == "short" else inf)

    def counted(line: Line) -> float:
        moved = line.effective_value if side == "effective" else None
        value = part(line) * ((line.market_value or 0.0) if moved is None else moved)
        return abs(value) if side == "gross" else min(max(value, low), high)

    return counted


def _membership(target: str) -> Callable[[Line], float]:
    """Give how much of a line counts for a target."""
    sort, _, key = target.partition(":")
    if sort == "segment" and key and top_segment(key) not in ("cash", "unassigned"):
        return lambda x: fsum(p.weight for p in x.assignment.parts if f"{p.segment}.".startswith(f"{key}."))
    if sort == "issuer" and key:
        return lambda x: float(x.issuer == key and x.holding.kind != "cash")
    if sort == "country" and key:
        return lambda x: float(x.country == key and x.holding.kind != "cash")
    raise InputError("trade.target-unknown", target=target)


def _known(book: Book, target: str) -> None:
    """Refuse a name that nobody knows: at nothing held it would pass for a limit that is kept."""
    sort, _, key = target.partition(":")
    if sort == "segment":
        known = segment_ids() | {p.segment for x in book.lines for p in x.assignment.parts}
        if key not in known and not any(f"{each}.".startswith(f"{key}.") for each in known):
            parts = [each for each in SUB_SEGMENTS if top_segment(each) == top_segment(key)]
            names = ", ".join(parts or [each for each in TOP_SEGMENTS if each not in ("cash", "unassigned")])
            raise InputError("trade.segment-unknown", segment=key, known=names)
        return
    field = "issuer" if sort == "issuer" else "country"
    if any(getattr(x, field) == key for x in book.lines):
        return
    if key not in {e.key if sort == "issuer" else e.country for e in issuer_table().entries}:
        largest = sorted(book.lines, key=lambda x: -abs(x.market_value or 0.0))
        names = ", ".join(list(dict.fromkeys(each for x in largest if (each := getattr(x, field))))[:5])
        raise InputError(f"trade.{field}-unknown", name=key, held=names)


def _difference(before: Book, after: Book) -> tuple[Fill, ...]:
    """List what was dealt in: lines held directly, and funds as a whole; cash apart."""
    left = {x.line_id: x.market_value or 0.0 for x in (*after.lines, *after.funds)}
    own = [x for x in before.lines if not x.inside and x.holding.kind != "cash"]
    moved = [(x, left.get(x.line_id, 0.0) - (x.market_value or 0.0)) for x in (*own, *whole_funds(before))]
    return tuple(Fill(x, amount) for x, amount in moved if amount)


def _turned(before: Book, after: Book) -> list[Issue]:
    """Tell where shares are of another capital from here on, and where cash falls below zero."""
    found = []
    if before.capital_basis != after.capital_basis:
        found.append(Issue.of("notice", f"trade.basis-{after.capital_basis}"))
    till, was = cash_line(after), cash_line(before)
    left = till.market_value if till else None
    if left is not None and left < 0 and not (was and was.market_value and was.market_value < 0):
        found.append(Issue.of("notice", _in_units("trade.borrowed", after), **_money(left, after)))
    return found


def _in_units(code: str, book: Book) -> str:
    """Give the message that tells an amount as a share in a book of weights, as money without a currency, or with."""
    return f"{code}-share" if book.basis == "weights" else code if book.currency else f"{code}-bare"


def _money(amount: float, book: Book) -> dict[str, Any]:
    return {"amount": amount, "currency": book.currency or ""}


def _name(line: Line) -> str:
    return line.holding.name or line.holding.ticker or line.line_id
