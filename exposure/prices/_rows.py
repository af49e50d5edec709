"""Rows of prices on their way to series: texts numbered, days as ordinals, one spelling for each ticker and unit.

Numbers of a price file: one decimal mark for all of it, thousands marks understood, splits as ratios of shares.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from math import log
from statistics import median
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from exposure.errors import legible
from exposure.units import unit_named

EPOCH = 719_163
"""1 January 1970 as a proleptic ordinal."""
_OTHERWISE = re.compile(
    r"(?:(\d{4})/(\d\d?)/(\d\d?)|(\d{4})(\d\d)(\d\d)"
    r"|(\d\d?)\.(\d\d?)\.(\d{4}))(?!\d)",
    re.ASCII,
)
"""Days in other spellings of one meaning: `2024/01/05`, `20240105`, and `05.01.2024`, whose points put the day first.
`01/05/2024` has two."""
ABSENT, UNPRINTABLE = -1, -2
"""Codes of what has no number: an empty text, and a text that `named` refuses."""


class Codes(defaultdict[Any, int]):
    """Number each distinct text, as `named` spells it, by first appearance."""

    def __init__(self, named: Callable[[str], str | None] = str) -> None:
        super().__init__()
        self.names: list[str] = []
        self._named, self._seen = named, dict[str, int]()

    def __missing__(self, text: Any) -> int:
        name = "" if text is None else self._named(str(text).strip("\ufeff\u200b\u00a0 \t\r\n"))
        if not name:
            code = UNPRINTABLE if name is None else ABSENT
        else:
            code = self._seen.setdefault(name, len(self.names))
            if code == len(self.names):
                self.names.append(name)
        self[text] = code
        return code


class Ordinals(dict[Any, int]):
    """Days since 1970 of each distinct date; what is no session date is the smallest integer, NumPy's not-a-time."""

    NONE = np.iinfo(np.int64).min

    def __missing__(self, text: Any) -> int:
        self[text] = number = self.NONE
        body = text.isoformat() if isinstance(text, date) else str(text).strip()
        # A moment other than midnight has no session date without knowing its exchange: refused, never cut off.
        written = _OTHERWISE.match(body)
        if written:
            parts = [part for part in written.groups() if part]
            year, month, day = parts if len(parts[0]) == 4 else reversed(parts)
            body = f"{year}-{month:0>2}-{day:0>2}{body[written.end() :]}"
        stem, clock = body[:10], body[10:].lstrip(" T")
        if len(stem) == 10 and stem[4] == stem[7] == "-" and (not clock or clock.startswith("00:00")):
            try:
                self[text] = number = date.fromisoformat(stem).toordinal() - EPOCH
            except ValueError:
                return number
        return number


class Rows(NamedTuple):
    """Columns of rows, of equal length."""

    ticker: NDArray[np.int64]
    day: NDArray[np.int64]
    close: NDArray[np.float64]
    adjusted: NDArray[np.float64]
    volume: NDArray[np.float64]
    unit: NDArray[np.int64]
    basis: NDArray[np.int64]
    line: NDArray[np.int64]

    def take(self, which: Any) -> Rows:
        """Give some rows: by mask, index or slice."""
        return Rows(*(column[which] for column in self))


def day_of(number: Any) -> date:
    """Give the date of a day since 1970."""
    return date.fromordinal(int(number) + EPOCH)


def symbol(text: str) -> str | None:
    """Spell a ticker as Yahoo does, in capitals; None where a terminal or a page could not show it."""
    bare = text.strip().upper()
    return bare if legible(bare) == bare and "\n" not in bare and "\t" not in bare else None


def label(text: str) -> str:
    """Spell the unit or currency of a row."""
    return legible(unit_named(text))


Mark = Literal[".", ","]
MOST = 1000.0
"""New shares for each old one, or old ones for each new one, beyond which a split is no ratio of shares."""
_MARKED = re.compile(r"[+-]?\d[\d.,' \u00a0\u2009\u202f\u2019]*")
_SPACES = dict.fromkeys(map(ord, "' \u00a0\u2009\u202f\u2019"))
_GROUPS = {".": re.compile(r"\d{1,3}(?:,\d{2,3})*,\d{3}"), ",": re.compile(r"\d{1,3}(?:\.\d{3})+")}
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_SPACED = re.compile(r"[+-]?\d{1,3}(?:([' \u00a0\u2009\u202f\u2019])\d{3})(?:\1\d{3})*(?:[.,]\d*)?")
_RATIO = re.compile(r"(\d+(?:\.\d+)?)\s*(?::|/|-?\s*for\s*-?)\s*(\d+(?:\.\d+)?)", re.IGNORECASE)


def numbers(cells: Sequence[Any], mark: Mark = ".") -> tuple[NDArray[np.float64], set[int]]:
    """Turn cells to floats: NaN where empty or None, and the indices of those that are no number under `mark`."""
    if cells.count("") + cells.count(None) == len(cells):
        return np.full(len(cells), np.nan), set()
    if mark == ".":
        try:
            return np.fromiter(map(float, cells), float, len(cells)), set()
        except (ValueError, TypeError):
            pass
    values, bad = np.full(len(cells), np.nan), set()
    for i, cell in enumerate(cells):
        try:
            if cell is not None and cell != "":
                values[i] = _number(cell, mark)
        except ValueError:
            if cell.strip():
                bad.add(i)
    return values, bad


def _number(cell: Any, mark: Mark) -> float:
    if not isinstance(cell, str):
        return float(cell)
    text = cell.strip()
    if _SPACED.fullmatch(text):
        text = text.translate(_SPACES)
    whole, point, rest = text.partition(mark)
    sign, digits = (whole[:1], whole[1:]) if whole[:1] in ("+", "-") else ("", whole)
    if _GROUPS[mark].fullmatch(digits):
        digits = digits.replace(",", "").replace(".", "")
    if mark == "," and "." in digits:
        raise ValueError(text)
    plain = f"{sign}{digits}{'.' if point else ''}{rest}"
    if _PLAIN.fullmatch(plain):
        return float(plain)
    if mark == ".":
        return float(text)  # `inf` and `nan` are told apart by whoever asked
    raise ValueError(text)


def ratios(cells: Sequence[Any], mark: Mark = ".") -> tuple[NDArray[np.float64], set[int]]:
    """Turn the cells of a column of splits to new shares for each old one; zero and one say that there was none.

    >>> ratios(["20:1", "1:20", "3 for 2", "0.05", "", "0"])[0].tolist()
    [20.0, 0.05, 1.5, 0.05, nan, nan]
    """
    plain = [_quotient(cell) for cell in cells]
    values, bad = numbers(plain, mark)
    wrong = (values < 0) | np.isinf(values) | (values > MOST) | ((values > 0) & (values < 1 / MOST))
    bad |= set(np.flatnonzero(wrong).tolist())
    values[wrong | (values == 0) | (values == 1)] = np.nan
    return values, bad


def _quotient(cell: Any) -> Any:
    found = _RATIO.fullmatch(cell.strip()) if isinstance(cell, str) else None
    if found is None:
        return cell
    return float(found[1]) / float(found[2]) if float(found[2]) else cell


class DecimalMark:
    """Gathers, cell by cell of a whole file, what its commas and points mean."""

    def __init__(self) -> None:
        self.votes = {".": 0, ",": 0}
        self.open: dict[int, list[str]] = defaultdict(list)
        """By column, the cells that could be read either way: `1,100`."""
        self.bare: dict[int, list[float]] = defaultdict(list)
        """By column, the numbers of up to three digits without any mark."""

    def look(self, cells: Iterable[str]) -> None:
        """Take the cells of one line."""
        for at, cell in enumerate(cells):
            text = cell.strip()
            if not _MARKED.fullmatch(text):
                continue
            text = text.lstrip("+-").translate(_SPACES)
            if text.isdigit():
                if len(text) <= 3 and text.strip("0"):
                    self.bare[at].append(float(text))
            elif said := _said(text):
                self.votes[said] += 1
            elif _open(text):
                self.open[at].append(text)

    def decided(self) -> Mark | None:
        """Give the decimal mark; None where cells such as `1,100` leave it open and nothing else settles it.

        A cell that can be read either way is judged by the numbers beside it in its column: next to 980 and 995, 1,001
        is a thousand and one; next to 1 and 2, it is one and a thousandth.
        """
        votes = dict(self.votes)
        if not any(votes.values()):
            for at, cells in self.open.items():
                if not self.bare[at]:
                    continue
                level = log(median(self.bare[at]))
                for text in cells:
                    small = float(text.replace(",", "."))
                    mark = "," if "," in text else "."
                    other = "." if mark == "," else ","
                    if small > 0:
                        near = abs(log(small) - level) < abs(log(small * 1000) - level)
                        votes[mark if near else other] += 1
        if any(votes.values()):
            return "." if votes["."] >= votes[","] else ","
        return None if any("," in text for cells in self.open.values() for text in cells) else "."


def _said(text: str) -> Mark | None:
    """Tell which mark a number shows to be the decimal one; None where it shows neither."""
    points, commas = text.count("."), text.count(",")
    if points and commas:
        mark: Mark = "." if text.rfind(".") > text.rfind(",") else ","
        return mark if text.count(mark) == 1 and _GROUPS[mark].fullmatch(text.partition(mark)[0]) else None
    if points + commas > 1:
        grouped: Mark = "." if commas else ","
        return grouped if _GROUPS[grouped].fullmatch(text) else None
    return None if _open(text) else "." if points else ","


def _open(text: str) -> bool:
    """Tell that a number with one mark may as well be grouped by it: one to three digits, no zero first, then three."""
    whole, _, rest = text.replace(",", ".").partition(".")
    return len(rest) == 3 and 1 <= len(whole) <= 3 and whole[0] != "0"
