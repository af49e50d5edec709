"""What the cells of one column look like: shares of numbers, currencies, dates and each kind of identifier."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exposure.reading import currencies, dates, numbers
from exposure.reading.currencies import Cell
from exposure.reading.identifiers import identify


@dataclass(frozen=True, slots=True)
class Profile:
    """Shares of a column's filled cells that are numbers, currencies, dates and each kind of identifier."""

    filled: int
    number: float
    currency: float
    date: float
    ids: Mapping[str, float]
    distinct: int
    short_cusips: float = 0.0
    """Share of cells that may be CUSIPs without their check digit: that alone says nothing."""
    symbols: float = 0.0
    """Share of cells that look like tickers: capitals without a space."""
    keyed: float = 0.0
    """Share of cells that are symbols with the market sector of a terminal behind."""
    codes: int = 0
    """How many currencies there are."""


def profile(cells: Sequence[Cell]) -> Profile:
    """Look at a sample of one column's cells."""
    filled = [c for c in cells if c is not None and not (isinstance(c, str) and c.strip().lower() in numbers.MISSING)]
    n = len(filled)
    number = currency = dated = 0
    ids: dict[str, int] = {}
    # A text that repeats is looked at once; 1, 1.0 and True would be one key.
    texts = Counter(c for c in filled if isinstance(c, str))
    codes: dict[Cell, str | None] = {c: currencies.currency_code(c) for c in texts}
    for c, times in (*texts.items(), *((c, 1) for c in filled if not isinstance(c, str))):
        text = c.strip() if isinstance(c, str) else ""
        figure = is_number(c)
        if figure:
            number += times
        elif codes.get(c) is not None:
            currency += times
        if (not figure or len(text) == 8 or (not text and not isinstance(c, (int, float)))) and dates.find(c, "dmy"):
            dated += times
        if len(text) in (7, 9, 12) and (kind := identify(text.upper())):
            ids[kind] = ids.get(kind, 0) + times
    d = n or 1
    short = {c.strip(): times for c, times in texts.items() if _SHORT_CUSIP.fullmatch(c.strip())}
    return Profile(
        n,
        number / d,
        currency / d,
        dated / d,
        {k: v / d for k, v in ids.items()},
        len({str(c) for c in filled}),
        sum(short.values()) / d if not all(map(str.isdigit, short)) else 0.0,
        sum(times for c, times in texts.items() if _SYMBOL.fullmatch(c.strip())) / d,
        sum(times for c, times in texts.items() if _KEYED.fullmatch(c.strip())) / d,
        len(set(codes.values()) - {None}),
    )


_SYMBOL = re.compile(r"(?=.*[A-Z])[A-Z0-9][A-Z0-9.&/-]{0,14}")
_KEYED = re.compile(r"[A-Z0-9./]{1,12} (?:[A-Z]{2} (?:Equity|EQUITY)|Curncy|CURNCY|Comdty|COMDTY)")
_SHORT_CUSIP = re.compile(r"(?!(?:19|20)\d\d[01]\d[0-3]\d)(?=(?:.*\d){3})[0-9A-Z]{8}")
_POINT, _COMMA = numbers.reader("."), numbers.reader(",")


def is_number(cell: Cell) -> bool:
    """Tell whether a cell is a number under either decimal mark."""
    if isinstance(cell, str) and not any(map(str.isdigit, cell)):
        return False
    for read in (_POINT, _COMMA):
        try:
            return read(cell) is not None
        except ValueError:
            continue
    return False
