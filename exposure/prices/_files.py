"""From the bytes of a price file to rows: unpacked within bounds, in three shapes, lines numbered as editors do.

A workbook's first sheet with anything in it is read as the same shapes, its rows as lines.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from exposure.errors import InputError
from exposure.files import uncommented
from exposure.prices._assembly import COLUMNS, Assembly
from exposure.prices._bank import is_bank_file, read_bank_file
from exposure.prices._market import Market
from exposure.prices._rows import DecimalMark, Mark
from exposure.types import Issue, Rejected

LIMIT = 512 * 1024 * 1024
"""Bytes of text, unpacked; a small file that swells beyond it is refused, not held."""
CHUNK = 8_192
WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""What XLSX and XLS begin with."""
LONG = ("ticker", "date", "close", "adj_close", "volume", "currency", "close_basis", "stock_splits")
"""The headings of `exposure.prices.assembly.COLUMNS`, in the same order."""
FIELDS = {
    "open",
    "high",
    "low",
    "close",
    "adj_close",
    "volume",
    "dividends",
    "stock_splits",
    "capital_gains",
    "repaired?",
}
FIELD_OF = {"symbol": "ticker", "datetime": "date"} | dict.fromkeys(
    ("split", "splits", "stock_split", "split_ratio", "split_factor", "splitfactor", "split_coefficient"),
    "stock_splits",
)
"""Headings by which other sources call a column; all those of splits give new shares for each old one."""


def read_prices(source: str | Path | bytes, *, name: str | None = None, latest: date | None = None) -> Market:
    """Read a price file: long, wide, or as yfinance's `download(...).to_csv()` writes it; gzipped or not.

    Parameters
    ----------
    source : path of the file, or its bytes
    name : what messages call it; the path's last part where not given
    latest : rows of later days are refused; without it those are that lie years after all others

    Raises
    ------
    InputError
        The file cannot be opened or unpacked, is of none of the three shapes, or holds no usable price. Single bad rows
        do not raise: they are in `.rejected`, with the line as an editor shows it.
    """
    file = name or ("prices" if isinstance(source, bytes) else Path(source).name)
    data = _unpacked(source, file)
    if is_bank_file(data):
        return Market(MappingProxyType({}), source=file, published=read_bank_file(data, file))
    lines = _sheet(data, file) if data.startswith(WORKBOOK) else _lines(data, file)
    first = next((line for line in lines if line.strip()), "")
    assembly = Assembly(file, raw=lambda row: lines[row - 1], latest=latest, whole=True)
    table = Table(lines, max(",;\t", key=first.count), assembly)
    assembly.mark = table.decimal_mark(file)
    _read_shape(table, file)
    market = table.assembly.market()
    if not market.series:
        if market.rejected:
            worst = market.rejected[0]
            params: dict[str, Any] = dict(worst.params)
            raise InputError("price.no-usable-row", file=file, at=worst.row, why=worst.code, **params)
        raise InputError("price.no-usable", file=file)
    return market


def _unpacked(source: str | Path | bytes, file: str) -> bytes:
    try:
        with io.BytesIO(source) if isinstance(source, bytes) else open(source, "rb") as stream:
            packed = stream.read(2) == b"\x1f\x8b"
            stream.seek(0)
            data = gzip.GzipFile(fileobj=stream).read(LIMIT + 1) if packed else stream.read(LIMIT + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise InputError("price.file-damaged", file=file) from None
    except (OSError, ValueError) as error:
        why = str(getattr(error, "strerror", None) or error)
        raise InputError("price.file-unreadable", file=file, why=why) from None
    if len(data) > LIMIT:
        raise InputError("price.file-too-large", file=file, mebibytes=LIMIT // 2**20)
    return data


def _lines(data: bytes, file: str) -> list[str]:
    try:
        text = uncommented(data).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("price.file-not-utf8", file=file) from None
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _sheet(data: bytes, file: str) -> list[str]:
    """Read the first sheet of a workbook that holds anything as lines parted by tabs, numbered as its rows are."""
    from python_calamine import CalamineWorkbook

    try:
        if data.startswith(WORKBOOK[0]):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                swollen = sum(member.file_size for member in archive.infolist()) > LIMIT
            if swollen:
                raise InputError("price.workbook-too-large", file=file, mebibytes=LIMIT // 2**20)
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = (book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names)
        rows = next((rows for rows in sheets if any(any(cell != "" for cell in row) for row in rows)), [])
    except InputError:
        raise
    except Exception as error:  # calamine has an error for each part of the format
        raise InputError("price.workbook-broken", file=file, why=str(error)) from None
    width = max((len(row) for row in rows), default=0)
    return [
        "\t".join(map(_text, (*row, *[""] * (width - len(row))))) if any(c != "" for c in row) else "" for row in rows
    ]


def _text(cell: Any) -> str:
    if isinstance(cell, datetime) and not cell.time():
        return cell.date().isoformat()
    return str(cell).replace("\t", " ").replace("\n", " ").replace("\r", " ")


@dataclass
class Table:
    """The lines of a file, how their cells are parted, and where the rows go."""

    lines: list[str]
    delimiter: str
    assembly: Assembly

    def cells(self, line: str, width: int | None = None) -> list[str]:
        """Part one line; what stands in quotes is one cell, and a stray quote cannot swallow the lines after it."""
        bare = line.replace('"', "").split(self.delimiter)
        if '"' not in line or len(bare) == width:
            return bare
        try:
            quoted = next(csv.reader([line], delimiter=self.delimiter), [])
        except csv.Error:
            return bare
        return quoted if width is None or len(quoted) == width else bare

    def columns(self, start: int, width: int) -> Iterator[tuple[Sequence[int], list[Sequence[str]]]]:
        """Yield row numbers and columns, `CHUNK` lines at a time; a row of another width is rejected."""
        for at in range(start, len(self.lines), CHUNK):
            rows: Sequence[int] = range(at + 1, min(at + CHUNK, len(self.lines)) + 1)
            chunk = self.lines[at : at + CHUNK]
            if {line.count(self.delimiter) for line in chunk} == {width - 1} and all(map(str.strip, chunk)):
                # One split of the joined lines is several times faster than a small list for each of them.
                cells = self.delimiter.join(chunk).replace('"', "").split(self.delimiter)
                yield rows, [cells[i::width] for i in range(width)]
            elif fitted := {
                row: cells for row, line in zip(rows, chunk, strict=True) if (cells := self._fit(row, line, width))
            }:
                yield list(fitted), list(zip(*fitted.values(), strict=True))

    def _fit(self, row: int, line: str, width: int) -> list[str]:
        """Return the line's `width` cells, none where it is blank or has to be rejected."""
        if not line.strip():
            return []
        cells = self.cells(line, width)
        if len(cells) > width and not any(map(str.strip, cells[width:])):
            cells = cells[:width]
        if len(cells) != width:
            code = "price.cells-with-thousands" if self.delimiter == "," and len(cells) > width else "price.cells"
            self.assembly.rejected.append(Rejected.of(row, line, code, cells=len(cells), width=width))
            return []
        return cells

    def decimal_mark(self, file: str) -> Mark:
        """Settle over all rows what commas and points mean in numbers.

        Between commas only a quoted cell can hold one, and then it is the mark of thousands unless a number shows
        otherwise.
        """
        width = len(self.cells(next((line for line in self.lines if line.strip()), "")))
        commas = any(
            ('"' in line and line.count(",") >= width) if self.delimiter == "," else "," in line for line in self.lines
        )
        if self.delimiter == "," and not commas:
            return "."
        marked = DecimalMark()
        for line in self.lines:
            marked.look(self.cells(line))
            if not commas and marked.votes["."]:
                return "."
        mark = marked.decided()
        if mark is None and self.delimiter != ",":
            example = next(cell for cells in marked.open.values() for cell in cells if "," in cell)
            raise InputError("price.decimal-open", file=file, example=example)
        return mark or "."


def _field(cell: str) -> str:
    name = cell.strip().lower().replace(" ", "_")
    return FIELD_OF.get(name, name)


def _read_shape(table: Table, file: str) -> None:
    """Tell the shape by its heading rows and hand the rest to its reader."""
    written = [i for i, line in enumerate(table.lines) if line.strip()][:3]
    if not written:
        raise InputError("price.file-empty", file=file)
    head = [table.cells(table.lines[i]) for i in written]
    fields = [[_field(c) for c in cells] for cells in head]
    first, start = fields[0], written[0] + 1
    titles = next((i for i, names in enumerate(fields[:2]) if len(names) > 1 and set(names[1:]) <= FIELDS), None)
    if titles is not None and len(head) > 1 and first[0] in {("price", "ticker")[titles], ""}:
        dated = len(head) > 2 and not any(fields[2][1:])
        _read_yfinance(table, written[2 if dated else 1] + 1, head[titles], head[1 - titles])
    elif "date" in first and "ticker" in first:
        if "close" not in first:
            raise InputError("price.no-close", file=file, row=start)
        _read_long(table, start, head[0])
    elif "date" in first and {"open", "high", "low", "close"} <= set(first):
        raise InputError("price.no-ticker", file=file, row=start)
    elif "date" in first and len(first) > 1:
        _read_wide(table, start, head[0])
    else:
        raise InputError("price.no-date", file=file, row=start)


def _say_unused(table: Table, names: Sequence[str]) -> None:
    if names:
        each = ", ".join(dict.fromkeys(names))
        table.assembly.issues.append(Issue.of("notice", "price.columns-unused", names=each))


def _read_long(table: Table, start: int, heading: list[str]) -> None:
    at: dict[str, int] = {}
    unused: list[str] = []
    for i, cell in enumerate(heading):
        if (_field(cell) in LONG and _field(cell) not in at) or _field(cell) == "date":
            at.setdefault(_field(cell), i)
        else:
            unused.append(cell.strip() or f"#{i + 1}")
    _say_unused(table, unused)
    for rows, columns in table.columns(start, len(heading)):
        table.assembly.add(rows, **{COLUMNS[LONG.index(name)]: columns[place] for name, place in at.items()})


def _present(cell: str) -> bool:
    return cell.strip().lower() not in {"", "nan"}


def _read_wide(table: Table, start: int, heading: list[str]) -> None:
    """Read a column for each ticker; an empty cell is a date without a price, and nothing is wrong with it."""
    date_at = [_field(c) for c in heading].index("date")
    _say_unused(table, [f"#{i + 1}" for i, c in enumerate(heading) if not c.strip()])
    tickers = [(i, c.strip()) for i, c in enumerate(heading) if i != date_at and c.strip()]
    for rows, columns in table.columns(start, len(heading)):
        for i, ticker in tickers:
            kept = [k for k, cell in enumerate(columns[i]) if _present(cell)]
            days, cells = [columns[date_at][k] for k in kept], [columns[i][k] for k in kept]
            table.assembly.add([rows[k] for k in kept], ticker=[ticker] * len(kept), day=days, close=cells)


def _read_yfinance(table: Table, start: int, titles: list[str], tickers: list[str]) -> None:
    """Read columns headed by field and ticker, whichever of the two heading rows comes first."""
    at: dict[str, dict[str, int]] = {}
    for i, (title, ticker) in enumerate(zip(titles, tickers, strict=False)):
        if i and ticker.strip():
            at.setdefault(ticker.strip(), {})[_field(title)] = i
    _say_unused(table, [t.strip() for t in titles[1:] if _field(t) not in LONG])
    priceless = [t for t, fields in at.items() if "close" not in fields]
    if priceless:
        names = ", ".join(priceless)
        table.assembly.issues.append(Issue.of("warning", "price.no-close-of", n=len(priceless), tickers=names))
    for rows, columns in table.columns(start, len(titles)):
        for ticker, fields in ((t, f) for t, f in at.items() if "close" in f):
            by_field = {
                name: [c if _present(c) else "" for c in columns[i]] for name, i in fields.items() if name in LONG
            }
            splits = [c if c.strip("0.") else "" for c in by_field.get("stock_splits", [""] * len(rows))]
            told = zip(by_field["close"], by_field.get("adj_close", by_field["close"]), splits, strict=True)
            kept = [k for k, cells in enumerate(told) if any(cells)]
            known = [name for name in LONG[2:] if name in by_field]
            values = {COLUMNS[LONG.index(name)]: [by_field[name][k] for k in kept] for name in known}
            values |= {"ticker": [ticker] * len(kept), "day": [columns[0][k] for k in kept]}
            table.assembly.add([rows[k] for k in kept], **values)
