"""Units of a table, settled for whole columns: currency of the values, quote unit of the prices, scale of the weights.

Headings and signs in cells are believed first; where they are silent, arithmetic tells (quantity × price against value,
cash at 1 or 100 of its own currency); what is left is assumed in the open, by an `Issue`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum

from exposure.delivered import OpenUnit
from exposure.files import CURRENCY_CODES, any_written, currency_code, unit_of
from exposure.reading import _quoted
from exposure.reading._columns import Columns
from exposure.reading._headings import normal, understand
from exposure.reading._positions import Draft
from exposure.reading._profiles import each, either, holes
from exposure.reading._quoted import Codes, Stated, ratio
from exposure.types import Issue
from exposure.units import QUOTE_UNITS, currency_of

_LOCAL = re.compile(
    r"market|local|markt|marche|mercat|mercad|trading|listing|quot|handels|lokal|cotation|security|instrument"
)


@dataclass(slots=True)
class Units:
    """Per line: the security's currency, the quote unit of its price, the currency of its value."""

    currency: Codes
    price: Codes
    value: Codes
    """A quote unit where the value stands in one."""
    open: dict[int, OpenUnit] = field(default_factory=dict)
    """Line → its figure that nothing tells the unit of."""


def settle_units(
    d: Draft,
    hint: str | None,
    issues: list[Issue],
    answers: Mapping[str, str] | None = None,
    total: float | None = None,
) -> Units:
    """Settle the units of one draft.

    Parameters
    ----------
    d : Draft
    hint : str or None
        The file's currency as said elsewhere in it (its preamble).
    issues : list
        Takes a notice for each assumption.
    answers : mapping, optional
        Quote unit → unit that open figures of it stand in, as the user says.
    total : float, optional
        What the file states its lines to be worth.
    """
    columns, n = d.tables[0].columns, len(d.rows)
    local_at, value_at = _currency_columns(columns, d)
    codes = _codes(d, local_at)
    value_label, doubt = _signed(d, "market_value", codes)
    value = list(value_label)
    if any(value):  # a figure without a sign of its own is in the currency of its line
        value = either(value, either(codes, each(currency_of, doubt)))
    if unit := columns.units.get("market_value"):
        value = value_label = [unit] * n
    elif not any(value) and value_at is not None:
        value = _codes(d, value_at)
        value_label = value if value_at == columns.at.get("value_currency") else value_label
    price, doubtful = _signed(d, "price", codes)
    if unit := columns.units.get("price"):
        price = [unit] * n
    elif "price_currency" in columns.at:
        price = either(price, _codes(d, columns.at["price_currency"]))
    if not any(value) and d.number.get("market_value"):
        value = _inferred(d, codes, price, local_at=local_at, hint=hint, issues=issues)
    codes = _arbitrate(d, columns, codes, value, local_at)
    price_label, value, value_label = _quoted.but_others(d, codes, price, value, value_label, headed=columns.units)
    price = _prices(d, Stated(codes, price_label, value, price_label, value_label), issues)
    if "market_value" not in d.number:
        value = each(currency_of, price)
    if not any(price) and not any(value) and not any(codes):
        value = [hint] * n
    if "cash" in d.number:  # a balance stands in its own currency
        value = either(codes, value)
    stated = Stated(codes, price, value, price_label, value_label, either(doubt, doubtful), hint)
    price, value, open_ = _quoted.settle_units(d, stated, answers or {}, total, issues)
    for i in holes(value):
        if d.kind[i] == "cash":
            value[i] = currency_of(codes[i]) or named(d, i)
    return Units(each(currency_of, codes), price, value, open_)


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
    return each(currency_code, d.columns[at])


def _signed(d: Draft, name: str, codes: Codes) -> tuple[Codes, Codes]:
    """Read the units in the cells of a column, and which unit those without one are in doubt of.

    A sign that some cells alone carry is that of the others too, unless it is the currency of the very lines that carry
    it: then a line of another currency, `codes`, is not meant by it. That of a hundredth is a line's own.
    """
    at = d.tables[0].columns.at.get(name)
    n = len(d.rows)
    out: Codes = [None] * n
    if at is None or not any_written(d.columns[at]):
        return out, out
    out = [unit_of(cell) for cell in d.columns[at]]
    known = {u for u in out if u}
    if quoted_in := sorted(known & QUOTE_UNITS.keys()):
        return out, [None if u or code else quoted_in[0] for u, code in zip(out, codes, strict=True)]
    if len(known) != 1:
        return out, [None] * n
    only = next(iter(known))
    own = [currency_of(c) for c in codes]
    theirs = {c for c, u in zip(own, out, strict=True) if u and c}
    if theirs == {only}:
        return [u or (only if c in (None, *theirs) else c) for u, c in zip(out, own, strict=True)], [None] * n
    return [u or only for u in out], [None] * n


def named(d: Draft, i: int) -> str | None:
    """Read the currency that a cash line names: `USD CASH`, `EURO`, ticker `GBP`."""
    for text in (d.text.get("ticker", [None] * (i + 1))[i], d.text.get("name", [None] * (i + 1))[i]):
        if not text:
            continue
        if code := currency_code(text):
            return code
        for word in re.split(r"[\s_:/-]+", text):
            if word in CURRENCY_CODES:
                return word
    return None


def _share(ratios: Sequence[float | None], about: float) -> float:
    """Give the share of ratios within 2 % of `about`; 0 for none."""
    known = [r for r in ratios if r is not None]
    return sum(abs(r / about - 1) < 0.02 for r in known) / len(known) if known else 0.0


def _inferred(
    d: Draft, codes: Codes, price: Codes, *, local_at: int | None, hint: str | None, issues: list[Issue]
) -> Codes:
    """Tell in which currency values stand whose column does not say."""
    n, columns = len(d.rows), d.tables[0].columns
    known = {c for c in map(currency_of, set(codes)) if c}
    if len(known) == 1 and all(d.kind[i] == "cash" for i in holes(codes)):
        return [code or next(iter(known)) for code in codes]
    local = local_at is not None and bool(_LOCAL.search(normal(columns.headings[local_at])))
    if len(known) > 1:
        headed = {currency_of(understand(h).currency) for h in columns.headings} - {None}
        if len(headed) == 1 and headed & known and not any(ratio(d, i) for i in range(n)):
            issues.append(Issue.of("notice", "read.currency-of-heading", currency=str(next(iter(headed)))))
            return [next(iter(headed))] * n
        own = {
            c: _share([_unit_value(d, i) for i in range(n) if d.kind[i] == "cash" and currency_of(codes[i]) == c], 1.0)
            for c in known
        }
        at_par = [c for c in own if own[c] > 0.5]
        others = [
            c
            for c in known - set(at_par)
            if any(_unit_value(d, i) for i in range(n) if d.kind[i] == "cash" and currency_of(codes[i]) == c)
        ]
        if len(at_par) == 1 and (others or local):
            return [at_par[0]] * n
        if not local and not _weights_agree(d):
            return list(codes)
        if hint:
            return [hint] * n
        if _weights_agree(d) or local:
            issues.append(Issue.of("warning", "read.currency-open"))
            return [None] * n
        return list(codes)
    signed = {currency_of(p) for p in price if p}
    if len(signed) == 1:
        return [next(iter(signed))] * n
    if hint:
        return [hint] * n
    named = [any(d.text[k][i] for k in ("isin", "cusip", "sedol", "ticker") if k in d.text) for i in range(n)]
    if sum(bool(c) for c in d.text.get("cusip", [])) > 0.5 * (sum(named) or n):
        issues.append(Issue.of("notice", "read.currency-of-cusips"))
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
        tests = [
            (ratio(d, i), currency_of(candidate[i]) == currency_of(value[i]))
            for i in range(len(d.rows))
            if candidate[i] and value[i]
        ]
        agreed = [(abs(r - 1) < 0.02) == same for r, same in tests if r is not None]
        return sum(agreed) / len(agreed) if agreed else 0.0

    best, score = codes, agrees(codes)
    for i in rivals:
        other = _codes(d, i)
        if other == value:  # the currency that the values stand in: it says nothing of the securities
            continue
        if score < 0.9 and agrees(other) > max(score, 0.9):
            best, score = other, agrees(other)
    return best


def _prices(d: Draft, stated: Stated, issues: list[Issue]) -> Codes:
    """Settle the quote unit of prices: stated, else by arithmetic the value's or the security's currency."""
    if "price" not in d.number:
        return [None] * len(d.rows)
    codes, value = stated.line, stated.value
    pairs = list(zip(codes, value, strict=True))
    apart = {(c, v) for c, v in set(pairs) if c and v and currency_of(c) != currency_of(v)}
    own = [i for i, pair in enumerate(pairs) if pair in apart and d.kind[i] in {"equity", "fund"}] if apart else []
    same = _share([ratio(d, i) for i in own], 1.0) > 0.5
    out = list(either(stated.price, value if same else either(codes, value)))
    _quoted.called_by_the_currency(d, out, stated, issues)
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
            issues.append(Issue.of("notice", "read.weights-as-fractions", total=total))
            return 1.0
        return 100.0
    return 1.0 if abs(total) <= 1.6 and max(map(abs, weights)) <= 1.6 else 100.0
