"""What derivatives are on: the notional of options, futures and forwards, and the currencies that a forward exchanges.

Their market value says little of what they are exposed to: a forward that hedges a whole book may be worth nothing.
Only what the file states is used; a notional that repeats the market value states nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import fsum

from exposure.chain._issuers import Issuer, issuer_table
from exposure.errors import MissingRate
from exposure.files import CURRENCY_CODES
from exposure.prices import Rates
from exposure.types import UNSUPPORTED, Assignment, Holding, Issue, Leg, Line, Part
from exposure.units import currency_of, in_currency

Closes = Mapping[str, tuple[float, str | None]]
COUNT = 100.0
"""A forward's quantity below this is a number of contracts, not an amount of money."""
SAME = 5e-3
"""A notional this close to the market value, as a share of it, repeats that and states nothing."""
_CODE = re.compile(r"(?<![A-Z])([A-Z]{3})(?![A-Z])")
_PAIR = re.compile(r"(?<![A-Z])([A-Z]{3})[/. :-]?([A-Z]{3})(?![A-Z])")
_AMOUNT = r"\W+(?:[\d.,' ]+)?"
_BOUGHT = re.compile(rf"\b(?:buy|bought|long|receive|achat|kauf|compra|acquisto|koop){_AMOUNT}([a-z]{{3}})\b", re.I)
_AFTER = re.compile(r"\b([a-z]{3})\W+(?:(bought|long|purchased)|(?:sold|short))\b", re.I)
"""A side told behind its currency: `EUR SOLD FORWARD`."""
_SOLD = re.compile(rf"\b(?:sell|sold|short|pay|vente|verkauf|venta|vendita|verkoop){_AMOUNT}([a-z]{{3}})\b", re.I)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a forward exchanges: `first` and `second` currency, and whether words say that the first is sold."""

    first: str
    second: str
    sold: bool | None
    """None where only signs can tell."""


def terms_of(holding: Holding, base: str | None = None) -> Terms | None:
    """Read the two currencies of a forward; one alone is against the book's; None where none is named.

    Examples
    --------
    >>> terms_of(Holding(1, "fx", name="FWD SELL EUR / BUY USD 15 Mar 2025"))
    Terms(first='EUR', second='USD', sold=True)
    >>> terms_of(Holding(1, "fx", ticker="GBP", name="GBP/USD")).first
    'GBP'
    """
    texts = [t for t in (holding.underlying, holding.name, holding.ticker) if t]
    for text in texts:
        words = text.upper()
        found = next(
            (m for m in _PAIR.finditer(words) if m[1] in CURRENCY_CODES and m[2] in CURRENCY_CODES and m[1] != m[2]),
            None,
        )
        codes = list(dict.fromkeys(c for c in _CODE.findall(words) if c in CURRENCY_CODES))
        pair = (found[1], found[2]) if found else (codes[0], codes[1]) if len(codes) > 1 else None
        if pair is None:
            continue
        bought, sold = (m[1].upper() if (m := p.search(text)) else None for p in (_BOUGHT, _SOLD))
        first = pair[0]
        side = True if first == sold else False if first == bought else None
        if side is None and (bought or sold) in pair:
            side = sold is None  # what is bought is the second, so the first is sold
        return Terms(*pair, side)
    lone = {c for text in texts for c in _CODE.findall(text.upper()) if c in CURRENCY_CODES and c != base}
    if not base or len(lone) != 1:
        return None
    (first,) = lone
    return Terms(first, base, next((side for text in texts if (side := _side(text, first)) is not None), None))


def _side(text: str, currency: str) -> bool | None:
    """Tell whether words say that a currency is sold (True) or bought (False), before it or behind it."""
    for pattern, sold in ((_SOLD, True), (_BOUGHT, False)):
        if (found := pattern.search(text)) and found[1].upper() == currency:
            return sold
    found = _AFTER.search(text)
    return found[2] is None if found and found[1].upper() == currency else None


def settled(
    lines: Sequence[Line],
    base: str | None,
    as_of: date | None,
    *,
    closes: Closes,
    rates: Rates,
    issues: list[Issue],
) -> list[Line]:
    """Give derivatives their notional and legs, as far as the file states them; other lines stay as they are."""
    if base is None or not any(line.holding.kind in UNSUPPORTED for line in lines):
        return list(lines)
    money = _Money(base, as_of, rates, _scales(lines))
    return [
        _forward(line, money)
        if line.holding.kind == "fx"
        else _contract(line, lines, money, closes, issues)
        if line.holding.kind in UNSUPPORTED
        else line
        for line in lines
    ]


@dataclass(frozen=True, slots=True)
class _Money:
    """Amounts of a file in the book's currency, and in the size in which a fund's constituent is held."""

    base: str
    as_of: date | None
    rates: Rates
    scales: Mapping[str, float]

    def of(self, amount: float, unit: str | None, line: Line) -> float | None:
        """Give an amount of a line's file in the book's currency; None where a rate is missing."""
        currency, day = currency_of(unit), line.holding.as_of or self.as_of
        scale = self.scales.get(line.line_id.rpartition("/")[0]) if line.inside else 1.0
        if currency is None or scale is None:
            return None
        amount = in_currency(amount, unit) * scale
        if currency == self.base:
            return amount
        try:
            return None if day is None else amount * self.rates.find(currency, self.base, day).value
        except MissingRate:
            return None


def _scales(lines: Sequence[Line]) -> dict[str, float]:
    """Give how much of each fund is held: the value of its lines in the book over that in its own file."""
    held: dict[str, tuple[list[float], list[float]]] = {}
    for line in lines:
        if line.inside and line.market_value is not None and line.holding.market_value is not None:
            ours, theirs = held.setdefault(line.line_id.rpartition("/")[0], ([], []))
            ours.append(line.market_value)
            theirs.append(line.holding.market_value)
    return {fund: fsum(ours) / fsum(theirs) for fund, (ours, theirs) in held.items() if fsum(theirs)}


def _stated(own: Holding) -> float | None:
    """Give the notional that a file states, None where it only repeats the market value."""
    if not own.notional_value:
        return None
    value = own.market_value
    same = value is not None and abs(abs(own.notional_value) - abs(value)) <= SAME * abs(value)
    return None if same else own.notional_value


def _forward(line: Line, money: _Money) -> Line:
    own = line.holding
    terms = terms_of(own, money.base)
    if terms is None:
        return line
    stated, quantity = _stated(own), own.quantity
    if quantity is not None and (abs(quantity) < COUNT or _repeats(quantity, own.market_value)):
        quantity = None
    first = terms.second if terms.second in (own.ticker, own.underlying) else terms.first
    if stated is not None and not (quantity and _repeats(stated, quantity)):
        amount, unit = stated, own.value_currency or own.currency or first
    elif quantity is not None:
        amount, unit = quantity, first
    else:
        return line
    worth = money.of(abs(amount), unit, line)
    if worth is None:
        return line
    other = terms.second if first == terms.first else terms.first
    signs = [x for x in (amount, own.quantity) if x]
    sold = terms.sold if terms.sold is not None and first == terms.first else None
    short = any(x < 0 for x in signs) if sold is None else sold
    worth = -worth if short else worth
    against = worth
    if own.strike and quantity is not None:  # the rate of the contract: what is paid for what is bought
        paid = money.of(abs(quantity) * own.strike, other, line)
        against = against if paid is None else -paid if short else paid
    legs = (Leg(first, worth), Leg(other, -against))
    foreign = other if first == money.base else first
    placed = line.assignment
    if placed.origin == "none":  # one currency alone is named: only the book's own told the other
        placed = Assignment((Part("cash", 1.0),), "a currency forward: it moves with its currencies", "rule", "kind")
    return replace(line, legs=legs, notional=worth, currency=foreign, assignment=placed)


def _repeats(one: float, other: float | None) -> bool:
    return other is not None and abs(abs(one) - abs(other)) <= SAME * abs(other)


def _contract(line: Line, lines: Sequence[Line], money: _Money, closes: Closes, issues: list[Issue]) -> Line:
    """Give an option, future or bond its notional: as stated, else contracts · their size · price of the underlying."""
    own = line.holding
    sign = -1.0 if (own.quantity or own.market_value or own.notional_value or 0.0) < 0 else 1.0
    stated, code = _stated(own), "delta.no-notional"
    unit = own.value_currency or own.price_currency or own.currency
    notional = None if stated is None else money.of(abs(stated), unit, line)
    if notional is None and own.kind == "option":
        size, price = _size(own), _unit_price(line, lines, money, closes)
        wanting = {"delta.no-contracts": own.quantity, "delta.no-size": size, "delta.no-price": price}
        code = next((one for one, known in wanting.items() if not known), code)
        if own.quantity and size and price:
            notional = abs(own.quantity) * size * price
    if line.delta is not None and notional is None:
        called = own.name or own.ticker or line.line_id
        issues.append(Issue.of("warning", code, row=own.row, weight=abs(line.weight) or None, line=called))
    return line if notional is None else replace(line, notional=sign * notional)


def _size(own: Holding) -> float | None:
    """Give how many of the underlying a contract is on: as value, quantity and price show it."""
    if not (own.quantity and own.price and own.market_value):
        return None
    return abs(own.market_value / (own.quantity * in_currency(own.price, own.price_currency)))


def _unit_price(line: Line, lines: Sequence[Line], money: _Money, closes: Closes) -> float | None:
    """Give the price of what an option is on, in the book's currency: its close, else that of a line of it held."""
    symbol = line.underlying
    if symbol is None:
        return None
    if symbol in closes:
        close, unit = closes[symbol]
        return money.of(close, unit, line)
    held = (x for x in lines if x.listing == symbol and x.market_value and x.holding.quantity)
    return next((x.market_value / x.holding.quantity for x in held), None)  # type: ignore[operator]


def issuer_of(holding: Holding, found: Issuer | None) -> tuple[Issuer | None, str | None]:
    """Give what an option or future is on, and its Yahoo symbol, by the symbol that its contract spells.

    Other lines keep the issuer that was found, and are on nothing.
    """
    if holding.kind not in ("option", "future"):
        return found, None
    symbol = (holding.underlying or "").strip().upper().replace(".", "-")
    entry = issuer_table().of(symbol)
    if entry is not None:
        return entry, symbol
    return found, found.symbols[0] if found else None
