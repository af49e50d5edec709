"""Rows that add up others without saying so: the label of a group with its value, a last line without a name.

Portfolio systems write `Technology, , , 4,000, 40 %` above the shares it is made of. Told by arithmetic alone: a line
that names no security and has neither quantity nor price, and whose value is the sum of the lines below it, or above.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from exposure.reading import kinds

_AMOUNTS = ("market_value", "weight")


def sums_of(
    at: Mapping[str, int],
    columns: Sequence[Sequence[Any]],
    figures: Mapping[str, Sequence[float | None]],
    gone: set[int],
) -> set[int]:
    """Find the rows that sum up others, by arithmetic: none of them has a quantity, a price or an identifier.

    Parameters
    ----------
    at : mapping
        Field → column.
    columns, figures : the table's cells by column, and its figures by field.
    gone : set of int
        Rows that are known to be no lines.
    """
    held = [figures[n] for n in ("quantity", "price") if n in figures]
    bare = {i for i, f in enumerate(held[0]) if f is None} if held else set()
    for column_of in held[1:]:
        bare = {i for i in bare if column_of[i] is None}
    for n in ("ticker", "isin", "cusip", "sedol", "figi"):
        if n in at:
            bare = {i for i in bare if not str(columns[at[n]][i] or "").strip()}
    if not bare or len(bare) > 1000:
        return set()
    cash = {i for i in bare if "name" in at and kinds.is_cash(None, str(columns[at["name"]][i] or "").strip())}
    return _summing(figures, bare, cash, gone)


def _summing(figures: Mapping[str, Sequence[float | None]], bare: set[int], cash: set[int], gone: set[int]) -> set[int]:
    """Find the rows whose value is the sum of those that follow, or that precede.

    Parameters
    ----------
    figures : mapping
        Field → one column of figures.
    bare : set of int
        Rows that name no security and have neither quantity nor price: only these may be sums.
    cash : set of int
        Those among them that name a balance: lines for sure, but a group may end before one.
    gone : set of int
        Rows that are known to be no lines.
    """
    name = next((n for n in _AMOUNTS if n in figures and any(f is not None for f in figures[n])), None)
    doubtful = bare - cash - gone
    if name is None or not doubtful or 2 * len(doubtful) > len(figures[name]) - len(gone):
        return set()
    values = figures[name]
    near = 0.006 if any(v is not None and v != round(v) for v in values) else 0.51
    return {
        i
        for i in doubtful
        if (total := values[i])
        and any(
            _reached(total, values, rows, bare, doubtful, gone, near)
            for rows in (range(i + 1, len(values)), range(i - 1, -1, -1))
        )
    }


def _reached(
    total: float,
    values: Sequence[float | None],
    rows: range,
    bare: set[int],
    doubtful: set[int],
    gone: set[int],
    near: float,
) -> bool:
    """Tell whether the lines next to a row add up to its value just where the next row without a name or the end is."""
    found, count = 0.0, 0
    for j in rows:
        if j in gone:
            continue
        if j in bare:
            if count and _same(found, total, near, count):
                return True
            if j in doubtful:
                continue
        found += values[j] or 0.0
        count += values[j] is not None
    return count > 0 and _same(found, total, near, count)


def _same(found: float, total: float, near: float, count: int) -> bool:
    return abs(found - total) <= min(near * (count + 1), 0.005 * abs(total)) + 1e-9
