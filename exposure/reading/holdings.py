"""Draft lines and their units to holdings: signs, missing pieces by arithmetic, contracts spelled out."""

from __future__ import annotations

import re
from datetime import date

from exposure.reading import dates, money, numbers
from exposure.reading.positions import Draft
from exposure.types import Holding, Issue
from exposure.units import currency_of, in_currency

_SHORT = re.compile(r"^(?:short|s|sold|verkauft|vente|leer\w*|corto|kort|vendu\w*|yes|true|y|put short|sell)$", re.I)
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
    none: list[None] = [None] * n
    text = {
        k: d.text.get(k, none)
        for k in (
            "ticker",
            "isin",
            "cusip",
            "sedol",
            "figi",
            "name",
            "exchange",
            "country",
            "sector",
            "account",
            "underlying",
            "side",
        )
    }
    figure = {
        k: d.number.get(k, none)
        for k in ("quantity", "price", "market_value", "weight", "notional_value", "multiplier", "strike", "cash")
    }
    expiries = _dates(d, "expiry", order) or _dates(d, "maturity", order) or none
    percent_bonds = _per_hundred(d)
    priced = not d.number.get("weight") or "price" in d.number or "market_value" in d.number
    quantities, prices, values, weights = (figure[k] for k in ("quantity", "price", "market_value", "weight"))
    tickers, isins, cusips, sedols, figis, names, exchanges, countries, sectors, accounts, unders, sides = text.values()
    out: list[Holding] = []
    for i in range(n):
        kind, contract = d.kind[i], d.contract[i]
        quantity, price, value, weight = quantities[i], prices[i], values[i], weights[i]
        notional = figure["notional_value"][i]
        derived: list[str] = [d.mended[i]] if d.mended[i] else []  # type: ignore[list-item]
        value_unit, price_unit, currency = units.value[i], units.price[i], units.currency[i]
        if units.in_pence and value is not None:
            value /= 100
            derived.append("market_value")
        if value is None and figure["cash"][i] is not None:
            value, kind = figure["cash"][i], "cash"
        if (side := sides[i]) and _SHORT.match(side):
            quantity, value, weight, notional = (
                None if x is None else -abs(x) for x in (quantity, value, weight, notional)
            )
        elif (
            quantity is not None
            and quantity < 0
            and value is not None
            and value > 0
            and kind in {"equity", "fund", "option", "crypto"}
        ):
            value = -value
            derived.append("market_value")
            issues.append(Issue("notice", "a negative quantity with a positive value: read as a short", row=d.rows[i]))
        if value is None and quantity is not None:
            # in a file of weights an amount of cash would be its only value: left out
            if kind == "cash" and price is None and priced:
                value, value_unit = quantity, currency or value_unit or money._named(d, i)
                derived.append("market_value")
            elif (
                price is not None
                and kind not in {"future", "fx"}
                and (value_unit is None or value_unit == currency_of(price_unit))
            ):
                value = quantity * in_currency(price, price_unit) * (0.01 if kind == "bond" and percent_bonds else 1.0)
                if kind == "option":
                    value *= figure["multiplier"][i] or 100.0
                value_unit = currency_of(price_unit)
                derived.append("market_value")
        elif kind in {"equity", "fund"} and value is not None:
            if price is None and quantity:
                price, price_unit = value / quantity, value_unit
                derived.append("price")
            elif quantity is None and price and value_unit == currency_of(price_unit):
                quantity = value / in_currency(price, price_unit)
                derived.append("quantity")
        name, exchange = names[i], exchanges[i]
        if exchange is None and name and "(" in name and (m := _EXCHANGE.search(name)):
            exchange = m[1]
        if kind == "cash" and currency is None:
            currency = money._named(d, i)
        out.append(
            Holding(
                d.rows[i],
                kind,
                tickers[i],
                isins[i],
                cusips[i],
                sedols[i],
                figis[i],
                name,
                exchange,
                countries[i],
                sectors[i],
                currency,
                quantity,
                price,
                price_unit if price is not None else None,
                value,
                value_unit if value is not None else None,
                None if weight is None else weight / scale,
                notional,
                accounts[i],
                d.as_of[i],
                contract.underlying if contract else unders[i],
                contract.strike if contract else figure["strike"][i],
                contract.expiry if contract else expiries[i],
                contract.right if contract else None,
                tuple(derived),
            )
        )
    return out


def _dates(d: Draft, name: str, order: dates.Order | None) -> list[date | None] | None:
    at = d.tables[0].columns.at.get(name)
    return None if at is None else [dates.parse(c[at], order) if at < len(c) else None for c in d.cells]


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
    values = [h.market_value for h in holdings if h.market_value is not None]
    gross = sum(map(abs, values))
    stated = _grand(totals, len({h.value_currency for h in holdings if h.market_value is not None}) < 2)
    one = len({h.value_currency for h in holdings if h.market_value is not None}) == 1
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
    for h in holdings:
        if (
            h.quantity
            and h.price
            and h.market_value
            and not h.derived
            and h.kind in {"equity", "fund"}
            and currency_of(h.price_currency) == h.value_currency
        ):
            product = h.quantity * in_currency(h.price, h.price_currency)
            slack = (
                0.02 * abs(h.market_value)
                + abs(h.quantity) * 0.0051 * (0.01 if h.price_currency == "GBX" else 1.0)
                + 0.51 * abs(h.price)
                + 1.0
            )
            if abs(abs(product) - abs(h.market_value)) > slack:
                issues.append(
                    Issue(
                        "warning",
                        f"quantity × price is {product:,.2f}, the stated value {h.market_value:,.2f}",
                        row=h.row,
                        weight=abs(product - h.market_value) / gross if gross else None,
                        remedy="the stated value is used",
                    )
                )
    if one and gross and len({h.account for h in holdings}) == 1:
        issues += _weights(holdings, sum(values), gross)
    return stated, issues


def _grand(totals: list[tuple[int, str, float, str | None]], one_currency: bool) -> float | None:
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
    if len(totals) == 1 or not one_currency or (parts and abs(parts - last) < 0.01 * max(1.0, abs(last))):
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
