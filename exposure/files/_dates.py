"""Dates as files write them, in six languages; the order of day and month is decided once for the whole file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Literal

DayOrder = Literal["mdy", "dmy"]

_NAMES = {
    1: "jan januar january janvier janv januari gennaio gen enero ene jaen jan janeiro stycznia",
    2: "feb februar february fevrier fevr fev februari febbraio febrero fevereiro lutego",
    3: "mar march marz maerz mrz mars maart mrt marzo marco marca",
    4: "apr april avril avr aprile abril abr kwietnia",
    5: "may mai mei maggio mag mayo maio maj maja",
    6: "jun june juni juin giugno giu junio junho czerwca",
    7: "jul july juli juillet juil luglio lug julio julho lipca",
    8: "aug august aout augustus agosto ago augusti sierpnia",
    9: "sep sept september septembre settembre set septiembre setembro wrzesnia",
    10: "oct october oktober okt octobre ottobre ott octubre outubro pazdziernika",
    11: "nov november novembre noviembre listopada",
    12: "dec december dezember dez decembre dicembre dic diciembre dezembro desember des grudnia",
}
MONTHS = {name: number for number, names in _NAMES.items() for name in names.split()}

_ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)([-/.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:([-/.])|年|년)\s?(\d{1,2})(?:\2|月|월)\s?(\d{1,2})(?!\d)")
"""`2025/1/24`, `2025年1月24日`, `2025. 1. 24`."""
_DIGIT = re.compile(r"\d")
_NUMERIC = re.compile(r"(?<![\d.,])(?<!\d[-/])(\d{1,2})([-/.])(\d{1,2})\2((?:19|20)?\d\d)(?![\d%])")
_DAY_FIRST = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|\.)?[\s./-]{0,2}(?:de |di )?([^\W\d_]{3,10})\.?[\s,./-]{0,2}(?:de "
    r"|del )?((?:19|20)?\d\d)(?!\d)"
)
_MONTH_FIRST = re.compile(
    r"(?<![^\W\d_])([^\W\d_]{3,10})\.?[\s./-]{1,2}(\d{1,2})(?:st|nd|rd|th)?(?:,\s{0,2}|[\s./-]{1,2})((?:19|20)\d\d)(?!\d)"
)


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))


def _make(year: str, month: int | None, day: str | int) -> date | None:
    y = int(year)
    try:
        return date(y + 2000 if y < 70 else y + 1900 if y < 100 else y, month or 0, int(day))
    except ValueError:
        return None


def dates_in(text: object, order: DayOrder | None) -> list[date]:
    """List the dates that stand in `text`, in the order of reading; numeric ones under `order`, else left out if open.

    >>> dates_in("Fund Holdings as of 20.Jan.2026", None), dates_in("8/7/2020", "mdy")
    ([datetime.date(2026, 1, 20)], [datetime.date(2020, 8, 7)])
    """
    if isinstance(text, datetime):
        return [text.date()]
    if isinstance(text, date):
        return [text]
    if not isinstance(text, str) or len(text) < 6 or not _DIGIT.search(text):
        return []
    found: list[tuple[int, date | None]] = []
    low = text.lower() if text.isascii() else _plain(text)
    for m in _ISO.finditer(low):
        found.append((m.start(), _make(m[1], int(m[3]), m[4])))
    if not found:
        found += [(m.start(), _make(m[1], int(m[3]), m[4])) for m in _YEAR_FIRST.finditer(low)]
    for m in _NUMERIC.finditer(low):
        a, sign, b, year = int(m[1]), m[2], int(m[3]), m[4]
        day_first = a > 12 or (b <= 12 and (sign == "." or order == "dmy"))
        if a <= 12 and b <= 12 and a != b and sign != "." and order is None:
            continue
        found.append((m.start(), _make(year, b, a) if day_first else _make(year, a, b)))
    for m in _DAY_FIRST.finditer(low):
        found.append((m.start(), _make(m[3], MONTHS.get(m[2]), m[1])))
    for m in _MONTH_FIRST.finditer(low):
        found.append((m.start(), _make(m[3], MONTHS.get(m[1]), m[2])))
    return [d for _, d in sorted(((i, d) for i, d in found if d is not None), key=lambda p: p[0])]


def order_evidence(texts: Iterable[object]) -> tuple[int, int, int]:
    """Count numeric dates that only month first explains, that only day first explains, and that both explain."""
    mdy = dmy = both = 0
    for text in texts:
        if not isinstance(text, str):
            continue
        for m in _NUMERIC.finditer(text):
            a, sign, b = int(m[1]), m[2], int(m[3])
            if sign == "." or a == b:
                continue
            if a <= 12 < b <= 31:
                mdy += 1
            elif b <= 12 < a <= 31:
                dmy += 1
            elif a <= 12 and b <= 12:
                both += 1
    return mdy, dmy, both


def parse_date(cell: object, order: DayOrder | None) -> date | None:
    """Read the date of one cell: the last one where it holds a range; a workbook's day number too."""
    if isinstance(cell, float) and 20000 < cell < 80000:
        return date(1899, 12, 30) + timedelta(days=int(cell))
    dates = dates_in(cell, order)
    return dates[-1] if dates else None
