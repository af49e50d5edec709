"""What a file states held against what its rows say: its total, its count, quantity × price, its weights.

What a file states about its own table, to hold its lines against: how many, worth how much, of which dates.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import compress
from operator import mul, truediv
from typing import Any

from exposure.delivered import Lines, values_of
from exposure.files import NumberReader, filled_cells
from exposure.reading._columns import FUNDS
from exposure.reading._headings import normal
from exposure.reading._positions import Draft
from exposure.reading._profiles import each
from exposure.reading._table import Table
from exposure.types import Issue
from exposure.units import LISTED, currency_of, in_currency


def contradictions(
    lines: Lines,
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
    stands = [v is not None for v in values_of(lines, "market_value")]
    values: list[float] = list(compress(values_of(lines, "market_value"), stands))
    gross = sum(map(abs, values))
    currencies = set(compress(values_of(lines, "value_currency"), stands))
    stated, one = _grand(totals, len(currencies) < 2, sum(values)), len(currencies) == 1
    if stated is not None and values and one:
        total = sum(values)
        size = in_currency(1.0, LISTED.get(str(next(iter(currencies)))))
        if size != 1.0 and abs(total - stated * size) <= 0.05 + 2e-6 * gross:
            issues.append(Issue.of("notice", "read.total-in-hundredths", stated=stated))
        elif abs(total - stated) > max(0.05 + 0.005 * len(values), 2e-6 * gross):
            issues.append(
                Issue.of(
                    "warning",
                    "read.total-differs",
                    row=totals[-1][0],
                    weight=abs(total - stated) / gross if gross else None,
                    stated=stated,
                    total=total,
                    gap=total - stated,
                )
            )
    held, cash = len(lines["row"]), values_of(lines, "kind").count("cash")
    if count and count[1] not in {held, held - cash}:
        figures: dict[str, Any] = {"stated": count[1], "held": held - cash, "cash": cash}
        issues.append(Issue.of("warning", "read.count-differs", row=count[0], **figures))
    for i, product in _products(lines):
        value = lines["market_value"][i]
        issues.append(
            Issue.of(
                "warning",
                "read.value-differs",
                row=lines["row"][i],
                weight=abs(product - value) / gross if gross else None,
                product=product,
                value=value,
            )
        )
    if one and gross and len(set(values_of(lines, "account"))) == 1:
        issues += _weights(lines, sum(values), gross)
    return stated, issues


def _products(lines: Lines) -> list[tuple[int, float]]:
    """Find the lines whose quantity × price contradicts their value, and give it; most never leave the columns."""
    if not {"quantity", "price", "market_value"} <= lines.keys():
        return []
    units = values_of(lines, "price_currency")
    factors = each(lambda unit: in_currency(1.0, unit), units)
    quantities, prices, values = lines["quantity"], lines["price"], lines["market_value"]
    at: Sequence[int] = range(len(units))
    if not (all(quantities) and all(prices) and all(values)):  # a figure is missing, or nothing
        whole = [bool(q and p and v) for q, p, v in zip(quantities, prices, values, strict=True)]
        at, factors = list(compress(at, whole)), list(compress(factors, whole))
        quantities, prices, values = (list(compress(cells, whole)) for cells in (quantities, prices, values))
    products = list(map(mul, map(mul, quantities, prices), factors))
    ratios = map(abs, map(truediv, products, values))
    off = [n for n, ratio in enumerate(ratios) if not 0.98 < ratio < 1.02]
    return [(at[n], products[n]) for n in off if _contradicts(lines, at[n], products[n])]


def _contradicts(lines: Lines, i: int, product: float) -> bool:
    """Tell whether quantity × price is off by more than the rounding of each could make it."""
    quantity, price, value = (abs(lines[name][i]) for name in ("quantity", "price", "market_value"))
    unit = lines["price_currency"][i] if "price_currency" in lines else None
    stated = lines["value_currency"][i] if "value_currency" in lines else None
    derived = "derived" in lines and lines["derived"][i]
    if derived or lines["kind"][i] not in {"equity", "fund"} or currency_of(unit) != stated:
        return False
    cent = in_currency(1.0, unit)
    return bool(abs(abs(product) - value) > 0.02 * value + quantity * 0.0051 * cent + 0.51 * price + 1.0)


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


def _weights(lines: Lines, total: float, gross: float) -> list[Issue]:
    if not {"weight", "market_value"} <= lines.keys():
        return []
    weights, values = lines["weight"], lines["market_value"]
    pairs = zip(weights, values, strict=True)
    off = [
        i for i, (w, v) in enumerate(pairs) if w is not None and v is not None and total and abs(w - v / total) > 0.005
    ]
    stated = sum(w for w in weights if w is not None)
    if not off or not 0.97 < stated < 1.03:
        return []
    most = max(off, key=lambda i: abs(weights[i] - values[i] / total))
    return [
        Issue.of(
            "warning",
            "read.weights-differ",
            row=lines["row"][most],
            weight=sum(abs(values[i]) for i in off) / gross,
            n=len(off),
            stated=weights[most],
            found=values[most] / total,
        )
    ]


_COUNT = re.compile(
    r"(?:number of|no of|anzahl|nombre de|aantal|numero (?:de|di)) (?:holdings|positions|securities"
    r"|constituents|lines|positionen|titres|lignes|posities|titoli|posizioni|posiciones|valores)"
    r"|holdings count|total holdings|total positions|positions count"
)


_TOTAL_VALUE = re.compile(
    r"(?:total|grand total|gesamt|gesamtwert|depotwert|gesamtsumme|total general|totaal)"
    r"|(?:total |totale |gesamt|valeur |portfolio |account )+(?:market |portfolio |account |marktwert|kurswert)?"
    r"(?:value|valuation|totale|wert|waarde|valore)|valeur totale"
    r"|valorisation totale|totale waarde|valore totale|valor total"
)


def unread_dates(d: Draft) -> list[Issue]:
    """Tell of the dates of lines that cannot be read: nothing is dated by guess in silence."""
    at = d.tables[0].columns.at.get("as_of")
    if at is None or None not in d.as_of or not any(d.as_of):
        return []
    bad = [i for i, day in enumerate(d.as_of) if day is None and str(d.columns[at][i] or "").strip(" -")]
    heading = " ".join(d.tables[0].columns.headings[at].split())
    cells = d.columns[at]
    return [
        Issue.of("warning", "read.no-date", row=d.rows[i], heading=heading, cell=str(cells[i])[:40]) for i in bad[:20]
    ]


def stated_total(around: list[tuple[int, list[Any]]], read: NumberReader) -> tuple[int, str, float, str | None] | None:
    """Find the total that the text before the table states, and on which line."""
    for line, cells in around:
        full = filled_cells(cells)
        if len(full) == 2 and _TOTAL_VALUE.fullmatch(normal(re.sub(r"[(\[].*", "", str(full[0])))):
            try:
                figure = read.figure(full[1])
            except ValueError:
                continue
            if figure:
                return line, str(full[0]), figure, None
    return None


def stated_count(around: list[tuple[int, list[Any]]]) -> tuple[int, int] | None:
    """Find how many positions the file says it holds, and on which line."""
    for line, cells in around:
        full = filled_cells(cells)
        if (
            1 <= len(full) <= 2
            and _COUNT.search(normal(str(full[0])))
            and (m := re.search(r"(\d[\d,. ]*)\s*$", str(full[-1]).removesuffix(".0")))
        ):
            return line, int(re.sub(r"\D", "", m[1]))
    return None


def several_funds(groups: list[list[Table]], accounts: Sequence[str | None]) -> list[Issue]:
    """Say which funds a file holds the lines of, where one column names several."""
    columns = [g[0].columns for g in groups]
    if not any("account" in c.at and normal(c.headings[c.at["account"]]) in FUNDS for c in columns):
        return []
    names = sorted({a for a in accounts if a})
    if len(names) < 2:
        return []
    shown = ", ".join([*names[:5], *["…"] * (len(names) > 5)])
    return [Issue.of("notice", "read.funds", funds=len(names), names=shown)]
