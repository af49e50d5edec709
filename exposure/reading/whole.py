"""What is asked of whole columns: once for each thing that stands in them, and of many rows while they are at hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from operator import is_not, itemgetter
from typing import Any, TypeVar

T = TypeVar("T")
BLOCK = 512
"""Rows looked at together: few enough to stay in the processor's cache, and that one odd row costs little."""


def each(ask: Callable[[Any], T], cells: Sequence[Any]) -> list[T]:
    """Ask once for each thing that a column holds; most columns hold few."""
    told = {cell: ask(cell) for cell in set(cells)}
    if len(told) == 1:
        return list(told.values()) * len(cells)
    return list(map(told.__getitem__, cells))


def holes(cells: Sequence[Any]) -> list[int]:
    """List where nothing stands in a column."""
    return [i for i, cell in enumerate(cells) if cell is None] if None in cells else []


def holds(cells: Sequence[Any]) -> bool:
    """Tell whether anything stands in a column."""
    return any(map(is_not, cells, repeat(None)))


def either(first: list[T | None], second: list[T | None]) -> list[T | None]:
    """Take what the first column holds, and the second's where it holds nothing."""
    if all(first):
        return first
    return [a or b for a, b in zip(first, second, strict=True)] if any(first) else second


def column(rows: Sequence[Sequence[Any]], at: int, missing: Any = "") -> list[Any]:
    """Take one column out of rows that may be short of it."""
    try:
        return list(map(itemgetter(at), rows))
    except IndexError:
        return [row[at] if at < len(row) else missing for row in rows]


def columns(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    """Turn rows into `width` columns; what a row is short of is empty, what it has beyond them is left out."""
    out: list[list[Any]] = [[] for _ in range(width)]
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        even = len(block[0]) == width and len(set(map(len, block))) == 1
        for whole, part in zip(out, zip(*block, strict=True) if even else _parts(block, width), strict=True):
            whole += part
    return out


def _parts(block: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    return [column(block, at) for at in range(width)]
