"""Prices and values that may stand in a currency or in its hundredth, line by line: pounds or pence, rand or cents.

A label such as `GBX` is that of a price; whether the value beside it is in pence too, the line's own quantity × price
tells, else what the user says, else the other lines of the same unit, the total and the weights that the file states.
What none of them tells stays open: the figure is left out and asked for. No line of another unit is touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import fsum
from typing import Any

from exposure.delivered import OpenUnit
from exposure.reading._positions import Draft
from exposure.types import Issue
from exposure.units import LISTED, QUOTE_UNITS, currency_of, in_currency

Codes = list[str | None]
_PLAIN = frozenset({"equity", "fund", "crypto", "other"})
"""Kinds whose value is quantity × price: no contract size, no price in percent of a nominal."""
_WIDE, _TIGHT = 1.5, 1.02


@dataclass(slots=True)
class Stated:
    """What a table says of its units, per line: canonical names, None where it says nothing."""

    line: Codes
    """Of the line: a column of currencies."""
    price: Codes
    """Of the price, as far as it is settled."""
    value: Codes
    price_label: Codes
    """Of the price, by its own sign, heading or column."""
    value_label: Codes
    doubt: Codes = field(default_factory=list)
    """Unit that other figures of the same column are written with."""
    base: str | None = None
    """Of the whole table, as the text around it says."""


def ratio(d: Draft, i: int) -> float | None:
    """Give quantity × price over value of a line, None where one of them is missing or nothing."""
    q, p, v = (d.number[n][i] if n in d.number else None for n in ("quantity", "price", "market_value"))
    return q * p / v if q and p and v else None


def near(r: float, about: float, within: float = _WIDE) -> bool:
    """Tell whether a ratio, whatever its sign, is about another: prices age, a hundred does not."""
    return about / within < abs(r) < about * within


def settle_units(
    d: Draft, stated: Stated, answers: Mapping[str, str], total: float | None, issues: list[Issue]
) -> tuple[Codes, Codes, dict[int, OpenUnit]]:
    """Settle for each line whether its price and its value stand in a quote unit or in the currency.

    Parameters
    ----------
    d : Draft
    stated : Stated
    answers : mapping
        Quote unit → itself or its currency: what the user says of figures that the file leaves open.
    total : float or None
        What the file states its lines to be worth.
    issues : list
        Takes a notice where other lines settle it.

    Returns
    -------
    price, value : list
        Unit of each line's price and value.
    open : dict
        Line → its figure whose unit nothing tells.
    """
    price, value = list(stated.price), list(stated.value)
    labels = _labels(stated)
    waiting: dict[tuple[str, bool, bool], list[int]] = {}
    doubtful: dict[str, list[int]] = {}
    for i, unit in ((i, unit) for i, unit in enumerate(labels) if unit):
        verdict = _by_arithmetic(d, stated, i, unit)
        if verdict:
            price[i], value[i] = verdict[0], verdict[1]
        elif _figure(d, "market_value", i) is None or currency_of(stated.value[i]) != currency_of(unit):
            if stated.doubt[i] and not stated.price_label[i] and _figure(d, "price", i) is not None:
                doubtful.setdefault(unit, []).append(i)
        elif verdict is None and (known := _of_value(stated, i, unit)):
            value[i] = known
        else:
            waiting.setdefault((unit, stated.doubt[i] is None, verdict is not None), []).append(i)
    open_: dict[int, OpenUnit] = {}
    for (unit, labelled, clash), lines in waiting.items():
        answer = answers.get(unit)
        if not answer and not clash:
            answer = _elsewhere(d, value, lines, unit, labels=labels if labelled else [], total=total)
        if answer and unit not in answers:
            issues.append(_notice(d, lines, unit, answer))
        for i in lines:
            value[i] = answer or currency_of(unit)
            if (r := ratio(d, i)) and near(r, 1.0):
                price[i] = value[i]
        open_ |= {} if answer else _asked(d, "market_value", lines, unit)
    for unit, lines in doubtful.items():
        for i in lines:
            price[i] = answers.get(unit) or currency_of(unit)
        open_ |= {} if unit in answers else _asked(d, "price", lines, unit)
    return price, value, open_


def but_others(
    d: Draft, codes: Codes, price: Codes, value: Codes, value_label: Codes, *, headed: Mapping[str, str]
) -> tuple[Codes, Codes, Codes]:
    """Leave lines of another currency out of a heading that names a hundredth: `Price (p)` above a line in dollars."""
    price, value, value_label = list(price), list(value), list(value_label)
    for_price, for_value = headed.get("price"), headed.get("market_value")
    if for_price not in QUOTE_UNITS and for_value not in QUOTE_UNITS:
        return price, value, value_label
    for i, code in enumerate(codes):
        own, r = currency_of(code), ratio(d, i)
        if for_price in QUOTE_UNITS and own not in (None, currency_of(for_price)):
            price[i] = for_price if currency_of(value[i]) == currency_of(for_price) else code
        apart = for_value in QUOTE_UNITS and own not in (None, currency_of(for_value))
        if apart and r is not None and near(r, 1.0) and currency_of(price[i] or code) == own:
            value[i] = value_label[i] = code
    return price, value, value_label


def called_by_the_currency(d: Draft, price: Codes, stated: Stated, issues: list[Issue]) -> None:
    """Find prices, and values, in a hundredth that the file calls by the currency: `GBP` for pence.

    `price` and the values of `stated` are corrected.
    """
    value, value_label = stated.value, stated.value_label
    for currency, unit in LISTED.items():
        lines = [i for i, code in enumerate(price) if code == currency == value[i]]
        lines = [i for i in lines if d.kind[i] in {"equity", "fund"}]
        size = in_currency(1.0, unit)
        ratios = {i: ratio(d, i) for i in lines}
        pence = {i for i, r in ratios.items() if r is not None and near(r, 1 / size, _TIGHT)}
        if pence and len(pence) == sum(r is not None for r in ratios.values()):
            pence = set(lines)  # those without a value of their own follow the others
        for i in pence:
            price[i] = unit
        if pence:
            code, row = "read.price-unit", d.rows[min(pence)]
            issues.append(Issue.of("notice", code, row=row, currency=currency, unit=unit, times=1 / size))
        for i, r in ratios.items():
            if r is not None and near(r, size, _TIGHT) and value_label[i] is None:
                value[i] = unit
                code, row = "read.value-unit", d.rows[i]
                issues.append(Issue.of("notice", code, row=row, currency=currency, unit=unit, times=1 / size))


def _labels(stated: Stated) -> Codes:
    """Name for each line the quote unit that it is labelled with, whichever of its labels says so."""
    columns = (stated.value_label, stated.price_label, stated.line, stated.value, stated.price, stated.doubt)
    at_all = {unit for column in columns for unit in set(column) if unit in QUOTE_UNITS}
    if not at_all:
        return [None] * len(stated.line)
    return [next((unit for unit in labels if unit in at_all), None) for labels in zip(*columns, strict=True)]


def _by_arithmetic(d: Draft, stated: Stated, i: int, unit: str) -> tuple[str | None, str | None] | tuple[()] | None:
    """Give the units of price and value that quantity × price tells; () where it contradicts what is said of them."""
    r, currency, size = ratio(d, i), currency_of(unit), in_currency(1.0, unit)
    price_label, value_label = stated.price_label[i], stated.value_label[i]
    if r is None or d.kind[i] not in _PLAIN or {currency_of(u) for u in (price_label, value_label) if u} - {currency}:
        return None
    if currency_of(stated.value[i]) != currency:
        return None
    label = _of_value(stated, i, unit)
    if near(r, 1.0):  # both in the one or both in the other, as they are labelled
        if price_label and not value_label:
            return price_label, price_label
        return (stated.price[i], stated.price[i]) if label in (None, stated.price[i]) else ()
    if near(r, 1 / size):
        return (unit, currency) if price_label in (None, unit) and label in (None, currency) else ()
    if near(r, size):
        return (currency, unit) if price_label in (None, currency) and value_label in (None, unit) else ()
    return None


def _of_value(stated: Stated, i: int, unit: str) -> str | None:
    """Give the unit that a value is said to stand in: by its own label, or by that of a line or table in currency."""
    currency = currency_of(unit)
    apart = stated.value[i] == currency and (stated.line[i] is not None or stated.base == currency)
    return stated.value_label[i] or (currency if apart else None)


def _elsewhere(
    d: Draft, value: Codes, lines: list[int], unit: str, *, labels: Codes, total: float | None
) -> str | None:
    """Look for what settles the values of these lines on other lines: of their unit, in the total, in the weights."""
    size, currency, mine = in_currency(1.0, unit), currency_of(unit), set(lines)
    others = [i for i in range(len(value)) if i not in mine and _figure(d, "market_value", i) is not None]
    alike = {value[i] for i in others if labels and labels[i] == unit} & {unit, currency}
    if len(alike) == 1:
        return alike.pop()
    worth = {i: in_currency(_figure(d, "market_value", i) or 0.0, value[i]) for i in others}
    rest, here = fsum(worth.values()), fsum(_figure(d, "market_value", i) or 0.0 for i in lines)
    if total and rest and here and {currency_of(value[i]) for i in others} == {currency}:
        fits = [u for u, s in ((unit, size), (currency, 1.0)) if abs(rest + here * s - total) < 0.001 * abs(total)]
        if len(fits) == 1:
            return fits[0]
    weighed = sorted(
        worth[i] / w
        for i in others
        if currency_of(value[i]) == currency and (w := _figure(d, "weight", i)) and worth[i]
    )
    shares = [(_figure(d, "market_value", i) or 0.0) / w for i in lines if (w := _figure(d, "weight", i))]
    if not weighed or not shares:
        return None
    middle = weighed[len(weighed) // 2]
    if all(near(share / middle, 1 / size) for share in shares):
        return unit
    return currency if all(near(share / middle, 1.0) for share in shares) else None


def _figure(d: Draft, name: str, i: int) -> float | None:
    return d.number[name][i] if name in d.number else None


def _notice(d: Draft, lines: list[int], unit: str, taken: str) -> Issue:
    units: dict[str, Any] = {"unit": unit, "taken": taken, "other": str(currency_of(unit)) if taken == unit else unit}
    return Issue.of("notice", "read.unit-assumed", row=d.rows[lines[0]], n=len(lines), **units)


def _asked(d: Draft, name: str, lines: Iterable[int], unit: str) -> dict[int, OpenUnit]:
    figures = ((i, _figure(d, name, i)) for i in lines)
    return {i: OpenUnit(d.rows[i], name, figure, unit, str(currency_of(unit))) for i, figure in figures if figure}
