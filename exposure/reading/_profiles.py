"""What the cells of one column look like: shares of numbers, currencies, dates and each kind of identifier.

Identifiers of securities, told by their shape and check digit: ISIN, CUSIP, SEDOL, FIGI.

What is asked of whole columns: once for each thing that stands in them, and of many rows while they are at hand.

Options as their symbols spell them: the clearing house's 21 characters, brokers' short and spelled forms.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import repeat
from operator import is_not, itemgetter
from typing import Any, Literal, TypeVar

from exposure.files import MISSING_CELLS, Cell, currency_code, dates_in, number_reader, parse_date

_VALUE = {c: i for i, c in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*@#")}
_DIGITS = {ord(c): str(v) for c, v in _VALUE.items()}
_SINGLE = bytes.maketrans(b"0123456789", bytes(range(10)))
_DOUBLED = bytes.maketrans(b"0123456789", bytes([0, 2, 4, 6, 8, 1, 3, 5, 7, 9]))
_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")
_CUSIP = re.compile(r"[A-Z0-9*@#]{8}[0-9]")
_SEDOL = re.compile(r"[0-9B-DF-HJ-NP-TV-Z]{6}[0-9]")
_FIGI = re.compile(r"(?!BS|BM|GG|GB|GH|KY|VG)[B-DF-HJ-NP-TV-Z]{2}G[B-DF-HJ-NP-TV-Z0-9]{8}[0-9]")


def is_isin(text: str) -> bool:
    """Tell whether `text` is an ISIN with its check digit (Luhn over letters as two digits, ISO 6166)."""
    if not _ISIN.fullmatch(text):
        return False
    digits = text.translate(_DIGITS).encode()[::-1]
    return (sum(digits[::2].translate(_SINGLE)) + sum(digits[1::2].translate(_DOUBLED))) % 10 == 0


def cusip_check(base: str) -> str:
    """Return the ninth character of the CUSIP that begins with eight characters `base`."""
    total = 0
    for i, c in enumerate(base):
        v = _VALUE[c] * (1 + i % 2)
        total += v // 10 + v % 10
    return str(-total % 10)


def is_cusip(text: str) -> bool:
    """Tell whether `text` is a CUSIP or CINS of nine characters with its check digit."""
    return bool(_CUSIP.fullmatch(text)) and cusip_check(text[:8]) == text[8] and text != "000000000"


def is_sedol(text: str) -> bool:
    """Tell whether `text` is a SEDOL of seven characters with its check digit (weights 1, 3, 1, 7, 3, 9, 1)."""
    return (
        bool(_SEDOL.fullmatch(text))
        and sum(_VALUE[c] * w for c, w in zip(text, (1, 3, 1, 7, 3, 9, 1), strict=True)) % 10 == 0
    )


def is_figi(text: str) -> bool:
    """Tell whether `text` has the shape and check digit of a FIGI (Luhn, every second character doubled)."""
    if not _FIGI.fullmatch(text):
        return False
    total = 0
    for i, c in enumerate(text[:11]):
        v = _VALUE[c] * (1 + i % 2)
        total += v // 10 + v % 10
    return str(-total % 10) == text[11]


def identify(text: str) -> str | None:
    """Name the identifier that `text` is, `isin`, `figi`, `cusip` or `sedol`, or None.

    >>> identify("US0378331005"), identify("037833100"), identify("2046251"), identify("AAPL")
    ('isin', 'cusip', 'sedol', None)
    """
    match len(text):
        case 12:
            return (
                "figi" if text[2] == "G" and is_figi(text) else "isin" if is_isin(text) else None
            )  # BBG… is no Barbadian ISIN
        case 9:
            return "cusip" if is_cusip(text) else None
        case 7:
            return "sedol" if is_sedol(text) else None
    return None


def with_leading_zeros(text: str, length: int) -> str | None:
    """Give back the leading zeros that a spreadsheet took from a CUSIP (9) or SEDOL (7), if the check then holds."""
    full = text.rjust(length, "0")
    ok = is_cusip(full) if length == 9 else is_sedol(full)
    return full if ok and text.isalnum() and len(text) >= length - 4 else None


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
    filled = [c for c in cells if c is not None and not (isinstance(c, str) and c.strip().lower() in MISSING_CELLS)]
    n = len(filled)
    number = currency = dated = 0
    ids: dict[str, int] = {}
    # A text that repeats is looked at once; 1, 1.0 and True would be one key.
    texts = Counter(c for c in filled if isinstance(c, str))
    codes: dict[Cell, str | None] = {c: currency_code(c) for c in texts}
    for c, times in (*texts.items(), *((c, 1) for c in filled if not isinstance(c, str))):
        text = c.strip() if isinstance(c, str) else ""
        figure = is_number(c)
        if figure:
            number += times
        elif codes.get(c) is not None:
            currency += times
        if (not figure or len(text) == 8 or (not text and not isinstance(c, (int, float)))) and dates_in(c, "dmy"):
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
_POINT, _COMMA = number_reader("."), number_reader(",")


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


T = TypeVar("T")
BLOCK = 512
"""Rows looked at together: few enough to stay in the processor's cache, and that one odd row costs little."""


def each(ask: Callable[[Any], T], cells: Sequence[Any]) -> list[T]:
    """Ask once for each thing that a column holds; most columns hold few."""
    answers = {cell: ask(cell) for cell in set(cells)}
    if len(answers) == 1:
        return list(answers.values()) * len(cells)
    return list(map(answers.__getitem__, cells))


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


_DIGIT = re.compile(r"\d")
_OCC = re.compile(r"[-.]?([A-Z][A-Z0-9.]{0,5}?)\s*(\d{2})(\d{2})(\d{2})([CP])(\d{8}|\d{1,6}(?:\.\d{1,3})?)")
_SPELLED = re.compile(
    r"([A-Z][A-Z0-9./]{0,6}) (\d{1,2})/(\d{1,2})/((?:20)?\d\d) \$?(\d+(?:\.\d+)?) ([CP])(?:all|ut|ALL|UT)?"
)
_DAYED = re.compile(
    r"([A-Z][A-Z0-9./]{0,6}) (\d{1,2} ?[A-Z]{3} ?\d{2,4}) \$?(\d+(?:\.\d+)?) ([CP])(?:all|ut|ALL|UT)?", re.I
)
_MONTHED = re.compile(
    r"([A-Z][A-Z0-9./]{0,6}) ([A-Z]{3})[a-z]*[ -](\d{1,2})[ ,-]+(?:'(\d\d)|(20\d\d)) \$?(\d+(?:\.\d+)?)"
    r" (C|P)(?:all|ut)?",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Contract:
    """An option as its symbol spells it."""

    underlying: str
    expiry: date | None
    strike: float
    right: Literal["call", "put"]


def option(symbol: str) -> Contract | None:
    """Read an option's symbol: OCC's 21 characters, brokers' short and spelled forms.

    >>> option("SMAL 04/01/2020 32.00 P").strike, option("AAPL  250117C00150000").underlying
    (32.0, 'AAPL')
    """
    if (
        len(symbol) < 9
        or len(symbol) > 40
        or not (symbol[-1].isdigit() or symbol[-1] in "CPcpTtLl")
        or not _DIGIT.search(symbol)
    ):
        return None
    symbol = symbol.strip()
    if m := _OCC.fullmatch(symbol):
        strike = int(m[6]) / 1000 if len(m[6]) == 8 and m[6].isdigit() else float(m[6])
        return Contract(m[1], _day(2000 + int(m[2]), int(m[3]), int(m[4])), strike, "call" if m[5] == "C" else "put")
    if m := _SPELLED.fullmatch(symbol):
        year = int(m[4])
        return Contract(
            m[1], _day(year + 2000 * (year < 100), int(m[2]), int(m[3])), float(m[5]), "call" if m[6] == "C" else "put"
        )
    if m := _DAYED.fullmatch(symbol):
        return Contract(
            m[1],
            parse_date(re.sub(r"([A-Za-z]{3})", r" \1 ", m[2]), "dmy"),
            float(m[3]),
            "call" if m[4] in "Cc" else "put",
        )
    if (m := _MONTHED.fullmatch(symbol)) and (expiry := parse_date(f"{m[3]} {m[2]} {m[5] or '20' + m[4]}", "dmy")):
        return Contract(m[1], expiry, float(m[6]), "call" if m[7] in "Cc" else "put")
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
