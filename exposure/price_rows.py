"""Rows of prices on their way to series: texts numbered, days as ordinals, one spelling for each ticker and unit."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from exposure.legible import legible
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
