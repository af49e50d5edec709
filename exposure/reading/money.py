"""Units of a table, settled for whole columns: currency of the values, quote unit of the prices, scale of the weights.

Headings and signs in cells are believed first; where they are silent, arithmetic tells (quantity × price against value,
cash at 1 or 100 of its own currency); what is left is assumed in the open, by an `Issue`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

from exposure.reading import currencies
from exposure.reading.columns import Columns
from exposure.reading.headings import normal, understand
from exposure.reading.positions import Draft
from exposure.reading.whole import each, either, holes
from exposure.types import Issue
from exposure.units import currency_of

_LOCAL = re.compile(
    r"market|local|markt|marche|mercat|mercad|trading|listing|quot|handels|lokal|cotation|security|instrument"
)
Codes = list[str | None]


@dataclass(slots=True)
class Units:
    """Per line: the security's currency, the quote unit of its price, the currency of its value."""

    currency: Codes
    price: Codes
    value: Codes
    in_pence: bool = False
    """Values stand in pence and are to be divided by 100."""


def settle(d: Draft, hint: str | None, issues: list[Issue]) -> Units:
    """Settle the units of one draft.

    Parameters
    ----------
    d : Draft
    hint : str or None
        The file's currency as said elsewhere in it (its preamble).
    issues : list
        Takes a notice for each assumption.
    """
    columns, n = d.tables[0].columns, len(d.rows)
    local_at, value_at = _currency_columns(columns, d)
    codes = _codes(d, local_at)
    value = _signed(d, "market_value", codes)
    if unit := columns.units.get("market_value"):
        value = [unit] * n
    elif not any(value) and value_at is not None:
        value = _codes(d, value_at)
    price = _signed(d, "price", codes)
    if unit := columns.units.get("price"):
        price = [unit] * n
    elif "price_currency" in columns.at:
        price = either(price, _codes(d, columns.at["price_currency"]))
    if not any(value) and d.number.get("market_value"):
        value = _inferred(d, codes, price, local_at, columns, hint, issues)
    codes = _arbitrate(d, columns, codes, value, local_at)
    price = _prices(d, codes, price, value, issues)
    if "market_value" not in d.number:
        value = each(currency_of, price)
    if not any(price) and not any(value) and not any(codes):
        value = [hint] * n
    if "cash" in d.number:  # a balance stands in its own currency
        value = either(codes, value)
    in_pence = False
    if not {"GBX", "ZAc", "ILA"}.isdisjoint(value):
        sizes = [_ratio(d, i) for i in range(n) if value[i] == "GBX"]
        in_pence = columns.units.get("market_value") == "GBX" or _share(sizes, 1.0) >= _share(sizes, 100.0)
        value = each(currency_of, value)
    value = list(value)
    for i in holes(value):
        if d.kind[i] == "cash":
            value[i] = currency_of(codes[i]) or named(d, i)
    return Units(each(currency_of, codes), price, value, in_pence)


def _currency_columns(columns: Columns, d: Draft) -> tuple[int | None, int | None]:
    """Find the column of the securities' currency and that of the values, told apart by heading and by variety."""
    local, value = columns.at.get("currency"), columns.at.get("value_currency")
    rest = [i for i in columns.currencies if i not in {local, value, columns.at.get("price_currency")}]
    if local is not None and value is None and rest:
        pair = [local, *rest]
        marked = [i for i in pair if _LOCAL.search(normal(columns.headings[i]))]
        plain = [i for i in pair if i not in marked]
        if marked and plain:
            return marked[0], plain[0]
    if local is None and value is None and rest:
        return rest[0], None
    return local, value


def _codes(d: Draft, at: int | None) -> Codes:
    if at is None:
        return [None] * len(d.rows)
    return each(currencies.currency_code, d.columns[at])


def _signed(d: Draft, name: str, codes: Codes) -> Codes:
    """Read the currency signs in the cells of a column.

    A sign that some cells alone carry is that of the others too, unless it is the currency of the very lines that carry
    it: then a line of another currency, `codes`, is not meant by it.
    """
    at = d.tables[0].columns.at.get(name)
    n = len(d.rows)
    out: Codes = [None] * n
    if at is None:
        return out
    cells = d.columns[at]
    if not any(currencies.unit_of(c) for c in cells[:: max(1, n // 50)]):
        return out
    out = [currencies.unit_of(cell) for cell in cells]
    known = {u for u in out if u}
    if len(known) != 1:
        return out
    only = next(iter(known))
    own = [currency_of(c) for c in codes]
    theirs = {c for c, u in zip(own, out, strict=True) if u and c}
    if theirs == {currency_of(only)}:
        return [u or (only if c in (None, *theirs) else c) for u, c in zip(out, own, strict=True)]
    return [u or only for u in out]


def named(d: Draft, i: int) -> str | None:
    """Read the currency that a cash line names: `USD CASH`, `EURO`, ticker `GBP`."""
    for text in (d.text.get("ticker", [None] * (i + 1))[i], d.text.get("name", [None] * (i + 1))[i]):
        if not text:
            continue
        if code := currencies.currency_code(text):
            return code
        for word in re.split(r"[\s_:/-]+", text):
            if word in currencies.CODES:
                return word
    return None


def _ratio(d: Draft, i: int) -> float | None:
    """Give quantity × price over value of a line, None where one of them is missing or nothing."""
    q, p, v = (d.number[n][i] if n in d.number else None for n in ("quantity", "price", "market_value"))
    return q * p / v if q and p and v else None


def _share(ratios: Sequence[float | None], about: float) -> float:
    """Give the share of ratios within 2 % of `about`; 0 for none."""
    known = [r for r in ratios if r is not None]
    return sum(abs(r / about - 1) < 0.02 for r in known) / len(known) if known else 0.0


def _inferred(
    d: Draft, codes: Codes, price: Codes, local_at: int | None, columns: Columns, hint: str | None, issues: list[Issue]
) -> Codes:
    """Tell in which currency values stand whose column does not say."""
    n = len(d.rows)
    known = {c for c in set(codes) if c}
    if len(known) == 1 and all(d.kind[i] == "cash" for i in holes(codes)):
        return [next(iter(known))] * n
    local = local_at is not None and bool(_LOCAL.search(normal(columns.headings[local_at])))
    if len(known) > 1:
        headed = {understand(h).currency for h in columns.headings} - {None}
        if len(headed) == 1 and headed & known and not any(_ratio(d, i) for i in range(n)):
            issues.append(
                Issue("notice", f"values are taken to be in {next(iter(headed))}, which another heading names")
            )
            return [next(iter(headed))] * n
        own = {
            c: _share([_unit_value(d, i) for i in range(n) if d.kind[i] == "cash" and codes[i] == c], 1.0)
            for c in known
        }
        at_par = [c for c in own if own[c] > 0.5]
        others = [
            c
            for c in known - set(at_par)
            if any(_unit_value(d, i) for i in range(n) if d.kind[i] == "cash" and codes[i] == c)
        ]
        if len(at_par) == 1 and (others or local):
            return [at_par[0]] * n
        if not local and not _weights_agree(d):
            return list(codes)
        if hint:
            return [hint] * n
        if _weights_agree(d) or local:
            issues.append(
                Issue("warning", "the currency of the values is not stated", remedy="name it with the base currency")
            )
            return [None] * n
        return list(codes)
    signed = {p for p in price if p}
    if len(signed) == 1:
        return [currency_of(next(iter(signed)))] * n
    if hint:
        return [hint] * n
    named = [any(d.text[k][i] for k in ("isin", "cusip", "sedol", "ticker") if k in d.text) for i in range(n)]
    if sum(bool(c) for c in d.text.get("cusip", [])) > 0.5 * (sum(named) or n):
        issues.append(Issue("notice", "no currency is stated; CUSIPs say an American file, so US dollars are assumed"))
        return ["USD"] * n
    return [None] * n


def _unit_value(d: Draft, i: int) -> float | None:
    q, v = (d.number[n][i] if n in d.number else None for n in ("quantity", "market_value"))
    return v / q if q and v and abs(v) > 500 else None


def _weights_agree(d: Draft) -> bool:
    """Tell whether values over their sum are the stated weights: then all stand in one currency."""
    values, weights = d.number.get("market_value", []), d.number.get("weight", [])
    pairs = [(v / w, abs(v)) for v, w in zip(values, weights, strict=False) if v and w and abs(w) > 1e-3]
    if len(pairs) < 2:
        return False
    middle = sorted(pairs)[len(pairs) // 2][0]
    near = [size for p, size in pairs if abs(p / middle - 1) < (0.1 if len(pairs) > 3 else 0.005)]
    return len(near) > 0.8 * len(pairs) or (len(near) > 1 and sum(near) > 0.95 * sum(size for _, size in pairs))


def _arbitrate(d: Draft, columns: Columns, codes: Codes, value: Codes, local_at: int | None) -> Codes:
    """Among several columns of currencies take the one that agrees with quantity × price against value."""
    rivals = [i for i in columns.currencies if i != local_at and i != columns.at.get("price_currency")]
    if not rivals or local_at is None:
        return codes

    def agrees(candidate: Codes) -> float:
        tests = [(_ratio(d, i), candidate[i] == value[i]) for i in range(len(d.rows)) if candidate[i] and value[i]]
        told = [(abs(r - 1) < 0.02) == same for r, same in tests if r is not None]
        return sum(told) / len(told) if told else 0.0

    best, score = codes, agrees(codes)
    for i in rivals:
        other = _codes(d, i)
        if other == value:  # the currency that the values stand in: it says nothing of the securities
            continue
        if score < 0.9 and agrees(other) > max(score, 0.9):
            best, score = other, agrees(other)
    return best


def _prices(d: Draft, codes: Codes, price: Codes, value: Codes, issues: list[Issue]) -> Codes:
    """Settle the quote unit of prices: stated, else by arithmetic the value's or the security's currency, or pence."""
    if "price" not in d.number:
        return [None] * len(d.rows)
    pairs = list(zip(codes, value, strict=True))
    apart = {(c, v) for c, v in set(pairs) if c and v and currency_of(c) != v}
    own = [i for i, pair in enumerate(pairs) if pair in apart and d.kind[i] in {"equity", "fund"}] if apart else []
    same = _share([_ratio(d, i) for i in own], 1.0) > 0.5
    out = list(either(price, value if same else either(codes, value)))
    sterling = range(len(out)) if "GBP" in set(out) else ()
    pence = [i for i in sterling if out[i] == "GBP" and value[i] == "GBP" and d.kind[i] in {"equity", "fund"}]
    ratios = [_ratio(d, i) for i in pence]
    if _share(ratios, 100.0) > 0.5:
        for i in pence:
            r = _ratio(d, i)
            if r is None or abs(r / 100 - 1) < 0.02:
                out[i] = "GBX"
        issues.append(Issue("notice", "prices called GBP are in pence: quantity × price is a hundred times the value"))
    for i in holes(d.number["price"]):
        out[i] = None
    return out


def weight_scale(d: Draft, issues: list[Issue]) -> float:
    """Tell by what the stated weights are divided: 1 for fractions, 100 for percent, decided for the whole column."""
    columns = d.tables[0].columns
    weights = [w for w in d.number.get("weight", []) if w is not None]
    if not weights:
        return 1.0
    at = columns.at["weight"]
    if any(isinstance(c, str) and "%" in c for c in d.columns[at][:: max(1, len(d.rows) // 200)]):
        return 100.0
    total = fsum(weights)
    values = [
        (v, w)
        for v, w in zip(d.number.get("market_value", []), d.number["weight"], strict=False)
        if v is not None and w is not None
    ]
    worth = fsum(v for v, _ in values)
    ratios = sorted(w * worth / v for v, w in values if v and abs(v) > 0.005 * abs(worth))
    if ratios and worth:
        middle = ratios[len(ratios) // 2]
        if 60 < middle < 160:
            return 100.0
        if 0.6 < middle < 1.6:
            return 1.0
    if columns.percent:
        if len(weights) > 1 and 0.98 < total < 1.02 and max(weights) < 1:
            issues.append(Issue("notice", f"weights are called percent but add up to {total:.4f}: read as fractions"))
            return 1.0
        return 100.0
    return 1.0 if abs(total) <= 1.6 and max(map(abs, weights)) <= 1.6 else 100.0
