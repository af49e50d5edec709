"""Draft lines and their units to holdings: signs, missing pieces by arithmetic, contracts spelled out."""

from __future__ import annotations

import re
from collections.abc import Collection
from math import isfinite
from typing import Any

from exposure.delivered import FIELDS
from exposure.files import CURRENCY_CODES, DayOrder
from exposure.reading import _money, _positions, _quoted
from exposure.reading._positions import Draft
from exposure.reading._profiles import each, holds, holes
from exposure.types import Issue
from exposure.units import QUOTE_UNITS, currency_of, in_currency

_SHORT = re.compile(r"^(?:short|s|sold|verkauft|vente|leer\w*|corto|kort|vendu\w*|yes|true|y|put short|sell)$", re.I)
_TEXTS = (
    *("ticker", "isin", "cusip", "sedol", "figi", "name", "exchange", "country", "sector", "account", "underlying"),
)
_FIGURES = ("quantity", "price", "market_value", "weight", "notional_value", "strike")
_SIGNED = frozenset({"equity", "fund", "option", "crypto"})
Columns = dict[str, list[Any]]
"""Field of `Holding` → its values, line by line."""
_EXCHANGE = re.compile(r"\(([A-Z]{2,8}):\s?[A-Z0-9.]{1,10}\)")


def build(d: Draft, units: _money.Units, scale: float, order: DayOrder | None, issues: list[Issue]) -> Columns:
    """Make the lines of one draft.

    Parameters
    ----------
    d : Draft
    units : money.Units
    scale : float
        What stated weights are divided by.
    order : {"mdy", "dmy"} or None
        Of day and month in dates of expiry.
    issues : list
        Takes what was turned or contradicts.

    Returns
    -------
    Columns
        Without the fields that no line has, but for `row` and `kind`.
    """
    n = len(d.rows)
    none: list[Any] = [None] * n
    line: Columns = dict.fromkeys(FIELDS, none)
    line |= {k: d.text[k] for k in _TEXTS if k in d.text}
    line |= {k: list(d.number[k]) for k in _FIGURES if k in d.number}
    line |= {"row": d.rows, "kind": list(d.kind), "as_of": d.as_of}
    line |= {"currency": list(units.currency), "price_currency": list(units.price), "value_currency": list(units.value)}
    line["derived"] = each(lambda name: (name,) if name else (), d.repaired)
    line["expiry"] = _positions.days(d, "expiry" if "expiry" in d.tables[0].columns.at else "maturity", order)
    for k in ("quantity", "price", "market_value", "exchange"):
        line[k] = list(line[k])
    if any(d.contract):
        _contracts(line, d)
    _converted(line, units)
    if "bought_currency" in d.text and "sold_currency" in d.text:
        _forwards(line, d)
    if "side" in d.text:
        _sides(line, d.text["side"])
    _signs(line, issues)
    _complete(line, d, units.open)
    if scale != 1.0:
        line["weight"] = [w if w is None else w / scale for w in line["weight"]]
    for figure, unit in (("price", "price_currency"), ("market_value", "value_currency")):
        if None in line[figure]:
            line[unit] = [None if x is None else u for x, u in zip(line[figure], line[unit], strict=True)]
    if not any(line["derived"]):
        del line["derived"]
    return {field: values for field, values in line.items() if field in {"row", "kind"} or holds(values)}


def _converted(line: Columns, units: _money.Units) -> None:
    """Bring each value that stands in a hundredth into its currency, and leave out figures whose unit is open."""
    values, codes = line["market_value"], line["value_currency"]
    inside = [] if QUOTE_UNITS.keys().isdisjoint(codes) else [i for i, code in enumerate(codes) if code in QUOTE_UNITS]
    for i in inside:
        if values[i] is not None:
            values[i], codes[i] = in_currency(values[i], codes[i]), currency_of(codes[i])
            line["derived"][i] += ("market_value",)
    for i, figure in units.open.items():
        line[figure.field][i] = None


def _contracts(line: Columns, d: Draft) -> None:
    """Spell out the options whose symbol says what they are on."""
    for field in ("underlying", "strike", "expiry", "right"):
        line[field] = [
            getattr(c, field) if c else None if field == "right" else x
            for c, x in zip(d.contract, line[field], strict=True)
        ]


def _forwards(line: Columns, d: Draft) -> None:
    """Write both currencies of a forward as what it is on, what is bought as its quantity, the rate as its strike."""
    line |= {field: list(line[field]) for field in ("underlying", "quantity", "strike")}
    nothing: list[float | None] = [None] * len(d.rows)
    bought, sold = (d.number.get(name, nothing) for name in ("bought_amount", "sold_amount"))
    for i, pair in enumerate(zip(d.text["bought_currency"], d.text["sold_currency"], strict=True)):
        codes = [code.upper() if code else "" for code in pair]
        if d.kind[i] != "fx" or not any(codes) or not all(code in CURRENCY_CODES for code in codes if code):
            continue
        one, other = abs(bought[i] or 0.0), abs(sold[i] or 0.0)
        if not all(codes):  # one leg alone is told: the other is the book's currency
            if leg := one if codes[0] else other:
                line["underlying"][i], line["quantity"][i] = codes[0] or codes[1], leg if codes[0] else -leg
            continue
        if not one and other:  # only what is sold is told: the pair is turned round, and its first currency sold
            line["underlying"][i], line["quantity"][i] = "/".join(reversed(codes)), -other
            continue
        line["underlying"][i] = "/".join(codes)
        line["quantity"][i] = one or line["quantity"][i]
        line["strike"][i] = other / one if one and other else line["strike"][i]


def _sides(line: Columns, sides: list[str | None]) -> None:
    """Give what a column calls short its sign."""
    short = {side for side in set(sides) if side and _SHORT.match(side)}
    fields = [f for f in ("quantity", "market_value", "weight", "notional_value") if any(line[f])]
    line |= {f: list(line[f]) for f in fields}
    for i in [i for i, side in enumerate(sides) if side in short]:
        for f in fields:
            line[f][i] = None if line[f][i] is None else -abs(line[f][i])


def _signs(line: Columns, issues: list[Issue]) -> None:
    """Take a negative quantity beside a positive value as a short."""
    quantities, values, kinds = line["quantity"], line["market_value"], line["kind"]
    for i in [i for i, quantity in enumerate(quantities) if quantity is not None and quantity < 0]:
        if (values[i] or 0) > 0 and kinds[i] in _SIGNED:
            values[i] = -values[i]
            if "market_value" not in line["derived"][i]:
                line["derived"][i] += ("market_value",)
            issues.append(Issue.of("notice", "read.short", row=line["row"][i]))


def _complete(line: Columns, d: Draft, open_: Collection[int]) -> None:
    """Work out what is missing from what is there, line by line where anything is and no unit is open."""
    per_hundred = _per_hundred(d)
    # in a file of weights an amount of cash would be its only value: left out
    priced = not d.number.get("weight") or "price" in d.number or "market_value" in d.number
    balances, multipliers = d.number.get("cash"), d.number.get("multiplier")
    quantities, prices, values, kinds = (line[f] for f in ("quantity", "price", "market_value", "kind"))
    codes, price_units, value_units = (line[f] for f in ("currency", "price_currency", "value_currency"))
    nameless = [i for i in holes(codes) if kinds[i] == "cash"]
    for i in sorted({*holes(values), *holes(prices), *holes(quantities), *nameless}.difference(open_)):
        quantity, price, value, kind = quantities[i], prices[i], values[i], kinds[i]
        if value is None and balances and (balance := balances[i]) is not None:
            values[i], kinds[i] = in_currency(balance, value_units[i]), "cash"
            value_units[i] = currency_of(value_units[i])
        elif value is None and quantity is not None:
            if kind == "cash" and price is None and priced:
                values[i] = in_currency(quantity, value_units[i])
                value_units[i] = codes[i] or currency_of(value_units[i]) or _money.named(d, i)
            elif (
                price is not None
                and kind not in {"future", "fx"}
                and currency_of(value_units[i]) in {None, currency_of(price_units[i])}
            ):
                size = 0.01 if kind == "bond" and per_hundred else 1.0
                if kind == "option":
                    size = (multipliers[i] if multipliers else None) or 100.0
                product = quantity * in_currency(price, price_units[i]) * size
                if not isfinite(product):
                    continue
                values[i], value_units[i] = product, currency_of(price_units[i])
            else:
                continue
            line["derived"][i] += ("market_value",)
        elif value is not None and (price is None or quantity is None) and kind in {"equity", "fund"}:
            if price is None and quantity and isfinite(value / quantity):
                prices[i], price_units[i] = value / quantity, value_units[i]
                line["derived"][i] += ("price",)
            elif quantity is None and price and value_units[i] == currency_of(price_units[i]):
                if not isfinite(value / in_currency(price, price_units[i])):
                    continue
                quantities[i] = value / in_currency(price, price_units[i])
                line["derived"][i] += ("quantity",)
        if kinds[i] == "cash" and codes[i] is None:
            codes[i] = _money.named(d, i)
    ending = {name for name in set(line["name"]) if name and name.endswith(")")}
    exchanges = {name: m[1] for name in ending if (m := _EXCHANGE.search(name))}
    for i in [i for i, name in enumerate(line["name"]) if name in exchanges] if exchanges else ():
        line["exchange"][i] = line["exchange"][i] or exchanges[line["name"][i]]


def _per_hundred(d: Draft) -> bool:
    """Tell whether bonds are priced per 100 of nominal: by the values beside them, else by their level."""
    if "bond" not in set(d.kind):
        return False
    ratios = [_quoted.ratio(d, i) for i, k in enumerate(d.kind) if k == "bond"]
    if any(r is not None for r in ratios):
        return _money._share(ratios, 100.0) >= _money._share(ratios, 1.0)
    prices = [p for p, k in zip(d.number.get("price", []), d.kind, strict=False) if k == "bond" and p]
    return bool(prices) and sorted(prices)[len(prices) // 2] > 5
