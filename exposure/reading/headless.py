"""Rows without headings, pasted from anywhere: read where what they hold settles what each column is, else not.

A column of ISINs or of symbols says what is held. How much is settled by arithmetic alone: weights add up to one or
carry percent signs, or one column is the product of two others. Anything else would be a guess, and is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from math import fsum
from typing import Any

from exposure.reading import numbers
from exposure.reading.cells import filled
from exposure.reading.dealings import Row, trades
from exposure.reading.profiles import Profile, profile

_FIGURES = 8
"""Columns of figures that are held against each other, three at a time."""


def headed(rows: Sequence[Row]) -> tuple[list[Row], str] | None:
    """Put headings above rows that have none, where what they hold settles them.

    Returns
    -------
    (rows, said) or None
        The rows below a row of headings, numbered 0, and what each column was taken for.
    """
    body = [(line, cells) for line, cells in rows if len(filled(cells)) > 1]
    widths = {len(cells) for _, cells in body}
    if len(body) < 2 or len(widths) != 1 or len(body) < 0.9 * sum(1 for _, cells in rows if filled(cells)):
        return None
    columns = [[cells[i] for _, cells in body] for i in range(widths.pop())]
    profiles = [profile(column[:200]) for column in columns]
    if any(p.date > 0.5 for p in profiles) or trades([cells for _, cells in body[:200]]):
        return None
    told = _named(profiles)
    figures = [i for i, p in enumerate(profiles) if p.filled and p.number > 0.95 and i not in told]
    amounts = _amounts(figures, columns)
    if not told or not amounts:
        return None
    told |= amounts
    headings = [told.get(i, "") for i in range(len(columns))]
    said = ", ".join(f"column {i + 1} {heading.lower()}" for i, heading in sorted(told.items()))
    return [(0, headings), *rows], f"no headings: by what they hold, {said}"


def _named(profiles: Sequence[Profile]) -> dict[int, str]:
    """Find the columns that say what is held, and in which currency."""
    told: dict[int, str] = {}
    for i, p in enumerate(profiles):
        kind = max(p.ids, key=lambda k: p.ids[k], default="")
        if kind and p.ids[kind] > 0.8:
            told[i] = kind.upper()
        elif p.filled and p.currency > 0.9:
            told[i] = "Currency"
        elif p.symbols > 0.8 and p.number < 0.2 and "Ticker" not in told.values():
            told[i] = "Ticker"
        elif p.filled and p.number < 0.2 and p.distinct > 0.8 * p.filled and "Name" not in told.values():
            told[i] = "Name"
    return told if set(told.values()) - {"Currency", "Name"} else {}


def _amounts(figures: Sequence[int], columns: Sequence[Sequence[Any]]) -> dict[int, str]:
    """Tell columns of figures apart by arithmetic; empty where nothing settles them."""
    if not 0 < len(figures) <= _FIGURES:
        return {}
    points = [c for i in figures for c in columns[i]]
    point, comma, open_dot, open_comma = numbers.evidence(points)
    if not (point or comma) and (open_dot or open_comma):
        return {}
    read = numbers.Reader("," if comma > point else ".")
    values = {i: read.column(columns[i])[0] for i in figures}
    for q, p, v in permutations(figures, 3):
        if q < p and _product(values[q], values[p], values[v]):
            quantity, price = (q, p) if _whole(values[q]) >= _whole(values[p]) else (p, q)
            return {quantity: "Quantity", price: "Price", v: "Market value"}
    for i in figures:
        total = fsum(x for x in values[i] if x is not None)
        marked = all("%" in str(c) for c in columns[i] if str(c).strip())
        if len(figures) == 1 and (
            marked or (len(columns[i]) > 2 and (abs(total - 1) < 0.011 or abs(total - 100) < 1.1))
        ):
            return {i: "Weight"}
    return {}


def _product(a: Sequence[float | None], b: Sequence[float | None], c: Sequence[float | None]) -> bool:
    rows = [(x * y, z) for x, y, z in zip(a, b, c, strict=True) if x and y and z]
    return len(rows) > 1 and len(rows) > 0.8 * len(a) and all(abs(xy - z) <= 0.005 * abs(z) + 0.01 for xy, z in rows)


def _whole(column: Sequence[float | None]) -> float:
    """Give the share of whole numbers: quantities are whole more often than prices."""
    known = [x for x in column if x is not None]
    return sum(x == round(x) for x in known) / len(known) if known else 0.0
