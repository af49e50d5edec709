"""Numbers as people and programs write them: one decimal mark for the whole file, every other ornament understood.

A cell is a number, missing (`None`), or neither (`ValueError`). What a mark means is decided over all cells by
`evidence`, never by a single one: `1,234` alone says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Literal

from exposure.files._currencies import CURRENCY_CODES, UNIT_PATTERN, Cell

Mark = Literal[".", ","]
_BLOCK = 256
"""Cells read at once: one with an ornament sends its block the slower way."""

MISSING_CELLS = frozenset(
    {
        "",
        "-",
        "--",
        "---",
        "–",
        "—",
        "n/a",
        "na",
        "n.a.",
        "n.a",
        "#n/a",
        "#na",
        "nan",
        "null",
        "none",
        "nil",
        "not available",
    }
    | {
        "k.a.",
        "n.v.t.",
        "n.d.",
        "nd",
        "s.o.",
        "n/d",
        ".",
        "...",
        "…",
        "?",
        "unknown",
        "#value!",
        "#ref!",
        "#div/0!",
        "*",
    }
)
SPACES = dict.fromkeys(
    map(ord, " \t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000")
)
SPACES |= dict.fromkeys(map(ord, "\u200b\u200e\u200f\u2060\ufeff'\u2019\u02bc`\u00b4_")) | {
    0x2212: "-",
    0x2010: "-",
    0x2011: "-",
    0x2013: "-",
}
"""Spaces, apostrophes that group thousands, invisible marks: nothing; every dash: a minus."""

_ORNAMENT = re.compile(
    r"(?:US\$|AU?\$|CA?\$|HK\$|S\$|NZ\$|R\$|NT\$|[$€£¥￥₹₩₪₺฿₽]|zł|Kč|S?Fr\.|Rs\.?|^[-(]?R(?=\s?-?\d)|円|원|元|株|口|주|股|kr\.?|"
    + UNIT_PATTERN
    + "|"
    + "|".join(sorted(CURRENCY_CODES))
    + r"|p\.?$|\*+$|†+$)"
)
_SHAPE = {
    ".": re.compile(r"(?:\d+|\d{1,3}(?:,\d{2,3})*,\d{3})?(?:\.\d*)?(?:[eE][+-]?\d{1,3})?"),
    ",": re.compile(r"(?:\d+|\d{1,3}(?:\.\d{2,3})*\.\d{3})?(?:,\d*)?(?:[eE][+-]?\d{1,3})?"),
}
_PLAIN = {
    ".": r"[+-]?\$?(?:[0-9]{1,20}|[0-9]{1,3}(?:,[0-9]{3}){1,6})(?:\.[0-9]{0,30})?%?",
    ",": r"[+-]?€?(?:[0-9]{1,20}|[0-9]{1,3}(?:\.[0-9]{3}){1,6})(?:,[0-9]{0,30})?%?",
}
_FAST = {mark: re.compile(pattern) for mark, pattern in _PLAIN.items()}
_FAST_LINES = {mark: re.compile(rf"(?:{pattern}\n)*+") for mark, pattern in _PLAIN.items()}
"""What most cells look like: read without taking ornaments off one by one."""
_BARE = {".": b"0123456789.-\n", ",": b"0123456789,-\n"}
"""A cell of these alone `float` reads as `reader` does or refuses, unless it is longer than any number."""
_LONG = 300
_SETTLED = re.compile(r"(?:-?[0-9]+(?:\.(?:[0-9]{1,2}|[0-9]{4,}))?\n)*+")
"""Lines of figures none of which leaves open what its point means: most files hold no others."""
_DROP = {".": str.maketrans("", "", ",$%"), ",": str.maketrans(",", ".", ".€%")}


def number_reader(mark: Mark) -> Callable[[Cell], float | None]:
    """Return the function that reads one cell under `mark`: a float, None where missing, ValueError where neither.

    A percent sign is dropped, not applied: the unit of a column is decided over the column.

    >>> read = number_reader(".")
    >>> number_reader(",")("(1.234,56 €)"), read("+$333.35"), read("12,34,567"), read("--")
    (-1234.56, 333.35, 1234567.0, None)
    """
    shape, group, point = _SHAPE[mark], "," if mark == "." else ".", mark == "."
    fast, drop = _FAST[mark].fullmatch, _DROP[mark]

    def read(cell: Cell) -> float | None:
        if not isinstance(cell, str):
            return _typed(cell)
        if fast(cell):
            return float(cell.translate(drop))
        text = cell.strip()
        if text.lower() in MISSING_CELLS:
            return None
        if not any(map(str.isdigit, text)):  # words: not worth taking ornaments off
            return None if text.strip("-–—. ") in {"", "$", "€", "£", "%"} and not _strip(text) else _refuse(cell)
        negative, number = _sign(_strip(text))
        if (
            not number
            or (not number[0].isdigit() and number[0] not in ".,")
            or not shape.fullmatch(number)
            or len(number) > 300
        ):
            return _refuse(cell)
        number = number.replace(group, "")
        if not point:
            number = number.replace(",", ".")
        if number == "." or not (number.isascii()):
            return _refuse(cell)
        value = float(number)
        if value == float("inf"):
            return _refuse(cell)
        return -value if negative else value

    return read


class NumberReader:
    """Read whole columns under one decimal mark."""

    def __init__(self, mark: Mark) -> None:
        self.mark = mark
        self.figure = number_reader(mark)

    def column(self, cells: Sequence[Cell]) -> tuple[list[float | None], dict[int, str]]:
        """Read a column's cells: values, and by position the beginning of each that is no number."""
        out: list[float | None] = []
        faults: dict[int, str] = {}
        for start in range(0, len(cells), _BLOCK):
            block = cells[start : start + _BLOCK]
            plain = self._plain(block)
            out += self._ornate(block, start, faults) if plain is None else plain
        return out, faults

    def _plain(self, block: Sequence[Cell]) -> Iterable[float] | None:
        """Read many cells at once where all are plain numbers, else None."""
        try:
            text = "\n".join(block)  # type: ignore[arg-type]
            if not text.encode().translate(None, _BARE[self.mark]) and max(map(len, block)) < _LONG:  # type: ignore[arg-type]
                cells = text.replace(",", ".").split("\n")
                return list(map(float, cells)) if len(cells) == len(block) else None
        except (TypeError, ValueError):  # a cell of a workbook, or one that is no number: `5-`, an empty one
            return None
        text += "\n"
        if _FAST_LINES[self.mark].fullmatch(text) and text.count("\n") == len(block):
            return map(float, text.translate(_DROP[self.mark]).split())
        return None

    def _ornate(self, block: Sequence[Cell], start: int, faults: dict[int, str]) -> list[float | None]:
        out: list[float | None] = []
        for i, cell in enumerate(block, start):
            try:
                out.append(self.figure(cell))
            except ValueError:
                out.append(None)
                faults[i] = str(cell)[:40]
        return out


def _refuse(cell: Cell) -> float | None:
    raise ValueError(f"{str(cell)[:40]!r} is not a number")


def _typed(cell: Cell) -> float | None:
    if cell is None:
        return None
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        value = float(cell)
        if value - value == 0.0:
            return value
    return _refuse(cell)


def _strip(text: str) -> str:
    number = (
        _ORNAMENT.sub("", text) if not text.isascii() or not text.replace(",", "").replace(".", "").isdigit() else text
    )
    return number.replace("%", "").translate(SPACES)


def _sign(number: str) -> tuple[bool, str]:
    """Take the sign off: `-1`, `1-`, `(1)`, `+1`, `1 CR`/`1 DR` as bookkeepers write them."""
    negative = False
    if number.endswith(("DR", "Dr")):
        negative, number = True, number[:-2]
    elif number.endswith(("CR", "Cr")):
        number = number[:-2]
    if number.startswith("(") and number.endswith(")"):
        return True, number[1:-1].lstrip("+")
    if number[:1] in {"-", "+"}:
        return number[0] == "-", number[1:]
    if number[-1:] in {"-", "+"}:
        return number[-1] == "-", number[:-1]
    return negative, number


def decimal_evidence(cells: Iterable[Cell]) -> tuple[int, int, int, int]:
    """Count cells that need `.` as decimal mark, that need `,`, and that fit both (`1.234` and `1,234`).

    Returns
    -------
    tuple of int
        Point, comma, open with a dot (`1.234`), open with a comma (`1,234`).
    """
    point = comma = open_dot = open_comma = 0
    cells = list(cells)
    with suppress(TypeError):  # cells of a workbook are no text
        text = "\n".join((*cells, ""))  # type: ignore[arg-type]
        if _SETTLED.fullmatch(text) and text.count("\n") == len(cells):
            return text.count("."), 0, 0, 0
    for cell in cells:
        if not isinstance(cell, str) or ("." not in cell and "," not in cell):
            continue
        head, _, tail = cell.partition(".")
        if head.isdigit() and tail.isdigit() and len(tail) != 3:  # most cells: 142.62
            point += 1
            continue
        dot, comma_at = cell.rfind("."), cell.rfind(",")
        if (
            cell[-1:].isdigit()
            and dot >= 0 <= comma_at
            and min(dot, comma_at) > 0
            and cell[min(dot, comma_at) - 1].isdigit()
        ) and (cell.find(".", 0, dot) < 0 if dot > comma_at else cell.find(",", 0, comma_at) < 0):
            point += dot > comma_at
            comma += comma_at > dot
            continue
        _, number = _sign(_strip(cell.strip()))
        fits_point, fits_comma = bool(_SHAPE["."].fullmatch(number)), bool(_SHAPE[","].fullmatch(number))
        if not number or fits_point == fits_comma is False:
            continue
        if fits_point and fits_comma:
            head = re.split(r"[.,]", number, maxsplit=1)[0]
            if head == "" or head[0] == "0":  # no one groups 0 or nothing: 0.123 is a fraction
                fits_point, fits_comma = "." in number, "," in number
        if fits_point and fits_comma:
            open_dot += "." in number
            open_comma += "," in number
        elif fits_point:
            point += 1
        else:
            comma += 1
    return point, comma, open_dot, open_comma
