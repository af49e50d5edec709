"""Draft lines and their units to holdings: signs, missing pieces by arithmetic, contracts spelled out."""

from __future__ import annotations

import re
from collections import deque
from itertools import repeat
from math import isfinite
from operator import attrgetter
from typing import Any

from exposure.reading import dates, money, numbers, positions
from exposure.reading.positions import Draft
from exposure.types import Holding, Issue
from exposure.units import QUOTE_UNITS, currency_of, in_currency

_SHORT = re.compile(r"^(?:short|s|sold|verkauft|vente|leer\w*|corto|kort|vendu\w*|yes|true|y|put short|sell)$", re.I)
FIELDS = tuple(Holding.__dataclass_fields__)
_TEXTS = (
    *("ticker", "isin", "cusip", "sedol", "figi", "name", "exchange", "country", "sector", "account", "underlying"),
)
_FIGURES = ("quantity", "price", "market_value", "weight", "notional_value", "strike")
_SIGNED = frozenset({"equity", "fund", "option", "crypto"})
_BLOCK = 512
"""Few enough holdings at a time to stay in the processor's cache."""
Columns = dict[str, list[Any]]
"""Field of `Holding` → its values, row by row."""
_EXCHANGE = re.compile(r"\(([A-Z]{2,8}):\s?[A-Z0-9.]{1,10}\)")


def build(d: Draft, units: money.Units, scale: float, order: dates.Order | None, issues: list[Issue]) -> list[Holding]:
    """Make the holdings of one draft.

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
    """
    n = len(d.rows)
    none: list[Any] = [None] * n
    line: Columns = {field: none for field in FIELDS}
    line |= {k: d.text[k] for k in _TEXTS if k in d.text}
    line |= {k: list(d.number[k]) for k in _FIGURES if k in d.number}
    line |= {"row": d.rows, "kind": list(d.kind), "as_of": d.as_of}
    line |= {"currency": list(units.currency), "price_currency": list(units.price), "value_currency": list(units.value)}
    line["derived"] = [(m,) if m else () for m in d.mended]
    line["expiry"] = positions.days(d, "expiry" if "expiry" in d.tables[0].columns.at else "maturity", order)
    for k in ("quantity", "price", "market_value", "exchange"):
        line[k] = list(line[k])
    if any(d.contract):
        _contracts(line, d)
    if units.in_pence:
        for i, value in enumerate(line["market_value"]):
            if value is not None:
                line["market_value"][i] = value / 100
                line["derived"][i] += ("market_value",)
    if "side" in d.text:
        _sides(line, d.text["side"])
    _signs(line, issues)
    _settle(line, d, issues)
    if scale != 1.0:
        line["weight"] = [w if w is None else w / scale for w in line["weight"]]
    for figure, unit in (("price", "price_currency"), ("market_value", "value_currency")):
        if None in line[figure]:
            line[unit] = [None if x is None else u for x, u in zip(line[figure], line[unit], strict=True)]
    return made(line)


def made(line: Columns) -> list[Holding]:
    """Make holdings of their columns: each slot is set for many at once, which takes a third of the constructor's time.

    Parameters
    ----------
    line : mapping of str to list
        Every field of `Holding` → its values, row by row.
    """
    out: list[Holding] = []
    for start in range(0, len(line["row"]), _BLOCK):
        size = len(line["row"][start : start + _BLOCK])
        block: list[Holding] = list(map(object.__new__, repeat(Holding, size)))
        for field in FIELDS:
            deque(map(getattr(Holding, field).__set__, block, line[field][start : start + _BLOCK]), maxlen=0)
        out += block
    return out


def _contracts(line: Columns, d: Draft) -> None:
    """Spell out the options whose symbol says what they are on."""
    for field in ("underlying", "strike", "expiry", "right"):
        line[field] = [
            getattr(c, field) if c else None if field == "right" else x
            for c, x in zip(d.contract, line[field], strict=True)
        ]


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
    for i, quantity in enumerate(quantities):
        if quantity is not None and quantity < 0 and (values[i] or 0) > 0 and kinds[i] in _SIGNED:
            values[i] = -values[i]
            line["derived"][i] += ("market_value",)
            issues.append(
                Issue("notice", "a negative quantity with a positive value: read as a short", row=line["row"][i])
            )


def _settle(line: Columns, d: Draft, issues: list[Issue]) -> None:
    """Work out what is missing from what is there, row by row where anything is."""
    per_hundred = _per_hundred(d)
    # in a file of weights an amount of cash would be its only value: left out
    priced = not d.number.get("weight") or "price" in d.number or "market_value" in d.number
    balances, multipliers = d.number.get("cash"), d.number.get("multiplier")
    quantities, prices, values, kinds = (line[f] for f in ("quantity", "price", "market_value", "kind"))
    codes, price_units, value_units = (line[f] for f in ("currency", "price_currency", "value_currency"))
    for i, (quantity, price, value, kind) in enumerate(zip(quantities, prices, values, kinds, strict=True)):
        if value is None and balances and balances[i] is not None:
            values[i], kinds[i] = balances[i], "cash"
        elif value is None and quantity is not None:
            if kind == "cash" and price is None and priced:
                values[i], value_units[i] = quantity, codes[i] or value_units[i] or money.named(d, i)
            elif (
                price is not None
                and kind not in {"future", "fx"}
                and value_units[i] in {None, currency_of(price_units[i])}
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
            codes[i] = money.named(d, i)
    for i, name in enumerate(line["name"]):
        if name and name[-1:] == ")" and line["exchange"][i] is None and (m := _EXCHANGE.search(name)):
            line["exchange"][i] = m[1]


def _per_hundred(d: Draft) -> bool:
    """Tell whether bonds are priced per 100 of nominal: by the values beside them, else by their level."""
    ratios = [money._ratio(d, i) for i, k in enumerate(d.kind) if k == "bond"]
    if any(r is not None for r in ratios):
        return money._share(ratios, 100.0) >= money._share(ratios, 1.0)
    prices = [p for p, k in zip(d.number.get("price", []), d.kind, strict=False) if k == "bond" and p]
    return bool(prices) and sorted(prices)[len(prices) // 2] > 5


def contradictions(
    holdings: list[Holding],
    totals: list[tuple[int, str, float, str | None]],
    count: tuple[int, int] | None,
) -> tuple[float | None, list[Issue]]:
    """Hold what the file states against what its rows say.

    Returns
    -------
    stated : float or None
        The total that the file states: its grand total, or the sum of its accounts' totals.
    issues : list of Issue
        Each contradiction with both figures and its size.
    """
    issues: list[Issue] = []
    valued = [h for h in holdings if h.market_value is not None]
    values: list[float] = list(map(attrgetter("market_value"), valued))
    gross = sum(map(abs, values))
    currencies = set(map(attrgetter("value_currency"), valued))
    stated, one = _grand(totals, len(currencies) < 2, sum(values)), len(currencies) == 1
    if stated is not None and values and one:
        total = sum(values)
        if abs(total - stated) > max(0.05 + 0.005 * len(values), 2e-6 * gross):
            issues.append(
                Issue(
                    "warning",
                    f"the file states a total of {stated:,.2f}, its rows add up to {total:,.2f}:"
                    f" {total - stated:+,.2f}",
                    row=totals[-1][0],
                    weight=abs(total - stated) / gross if gross else None,
                    remedy="look for rows that the total leaves out",
                )
            )
    if count and count[1] not in {len(holdings), sum(h.kind != "cash" for h in holdings)}:
        cash = sum(h.kind == "cash" for h in holdings)
        issues.append(
            Issue(
                "warning",
                f"the file states {count[1]:,} positions, {len(holdings) - cash:,} and {cash:,} of cash were read",
                row=count[0],
                remedy="look at the rejected rows",
            )
        )
    for i, (quantity, price, value, unit) in enumerate(map(_FACTORS, holdings)):
        if not (quantity and price and value):
            continue
        product = quantity * price * (QUOTE_UNITS[unit][1] if unit in QUOTE_UNITS else 1.0)
        if not 0.98 < abs(product / value) < 1.02 and _contradicts(holdings[i], product):
            issues.append(
                Issue(
                    "warning",
                    f"quantity × price is {product:,.2f}, the stated value {value:,.2f}",
                    row=holdings[i].row,
                    weight=abs(product - value) / gross if gross else None,
                    remedy="the stated value is used",
                )
            )
    if one and gross and len(set(map(attrgetter("account"), holdings))) == 1:
        issues += _weights(holdings, sum(values), gross)
    return stated, issues


_FACTORS = attrgetter("quantity", "price", "market_value", "price_currency")


def _contradicts(h: Holding, product: float) -> bool:
    """Tell whether quantity × price is off by more than the rounding of each could make it."""
    if h.derived or h.kind not in {"equity", "fund"} or currency_of(h.price_currency) != h.value_currency:
        return False
    quantity, price, value = abs(h.quantity or 0.0), abs(h.price or 0.0), abs(h.market_value or 0.0)
    cent = 0.01 if h.price_currency == "GBX" else 1.0
    return abs(abs(product) - value) > 0.02 * value + quantity * 0.0051 * cent + 0.51 * price + 1.0


def _grand(totals: list[tuple[int, str, float, str | None]], one_currency: bool, rows: float) -> float | None:
    if not totals:
        return None
    grand = [
        v
        for _, words, v, _ in totals
        if re.search(r"grand|overall|all accounts|gesamtsumme|general|portfolio", words, re.I)
    ]
    if grand:
        return grand[-1]
    last = totals[-1][2]
    parts = sum(v for _, _, v, _ in totals[:-1])
    if (
        abs(last - rows) < 1e-6 * abs(rows) + 0.01
        or len(totals) == 1
        or not one_currency
        or (parts and abs(parts - last) < 0.01 * max(1.0, abs(last)))
    ):
        return last
    return parts + last


def _weights(holdings: list[Holding], total: float, gross: float) -> list[Issue]:
    off = [
        (h, h.market_value / total)
        for h in holdings
        if h.weight is not None
        and h.market_value is not None
        and total
        and abs(h.weight - h.market_value / total) > 0.005
    ]
    stated = sum(h.weight for h in holdings if h.weight is not None)
    if not off or not 0.97 < stated < 1.03:
        return []
    h, share = max(off, key=lambda p: abs((p[0].weight or 0.0) - p[1]))
    return [
        Issue(
            "warning",
            f"{len(off)} stated weights differ from values over total, most {100 * (h.weight or 0):.2f} % against "
            f"{100 * share:.2f} %",
            row=h.row,
            weight=sum(abs(x.market_value or 0.0) for x, _ in off) / gross,
            remedy="values are used",
        )
    ]


__all__ = ["build", "contradictions", "numbers"]
