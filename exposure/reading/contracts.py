"""Options as their symbols spell them: the clearing house's 21 characters, brokers' short and spelled forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from exposure.reading import dates

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
            dates.parse(re.sub(r"([A-Za-z]{3})", r" \1 ", m[2]), "dmy"),
            float(m[3]),
            "call" if m[4] in "Cc" else "put",
        )
    if (m := _MONTHED.fullmatch(symbol)) and (expiry := dates.parse(f"{m[3]} {m[2]} {m[5] or '20' + m[4]}", "dmy")):
        return Contract(m[1], expiry, float(m[6]), "call" if m[7] in "Cc" else "put")
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
