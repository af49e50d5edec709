"""A file's own table beside what was understood of it, so that a user can say which column means what.

A mapping is field → heading, as `read_holdings(columns=…)` and `--columns FILE` take it; an empty heading says that the
file has no such column, whatever was recognised. Files whose headings are the same, in whatever order, share a `shape`.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from exposure.errors import InputError
from exposure.files import (
    HEAD_BYTES,
    archive_tables,
    delimiter_of,
    encoding_of,
    filled_cells,
    is_markup,
    is_workbook,
    is_xls,
    is_zip,
    markup_sheets,
    open_zip,
    read_workbook,
    refuse_rubbish,
    text_rows,
)
from exposure.reading._columns import heading_row, recognise
from exposure.reading._headings import normal
from exposure.reading._table import Row, may_head, split

FIELDS: Mapping[str, str] = {
    "name": "Name",
    "ticker": "Ticker",
    "isin": "ISIN",
    "cusip": "CUSIP",
    "sedol": "SEDOL",
    "figi": "FIGI",
    "identifier": "Identifier of any sort",
    "asset_class": "Kind of security",
    "quantity": "Quantity",
    "side": "Long or short",
    "multiplier": "Contract size",
    "price": "Price",
    "price_currency": "Currency of the price",
    "market_value": "Market value",
    "value_currency": "Currency of the value",
    "notional_value": "Notional value",
    "weight": "Weight",
    "cash": "Cash balance",
    "currency": "Currency it trades in",
    "exchange": "Exchange",
    "country": "Country",
    "sector": "Sector",
    "account": "Account",
    "as_of": "Date of the holdings",
    "underlying": "Underlying",
    "strike": "Strike",
    "expiry": "Expiry",
    "right": "Call or put",
    "bought_currency": "Currency bought forward",
    "bought_amount": "Amount bought forward",
    "sold_currency": "Currency sold forward",
    "sold_amount": "Amount sold forward",
}
"""What a column may be said to mean, with its name for people, in the order of the pages."""
SAMPLE_ROWS = 8
_SUMMIT = 2_000


@dataclass(frozen=True, slots=True)
class Header:
    """The table that counts in a file: its headings, its first rows as text, and what each heading was taken for."""

    line: int
    """Of the headings, 1-based."""
    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    """Line and cells of the first rows below."""
    fields: Mapping[str, str]
    """Field → heading, those of `FIELDS` alone."""
    shape: str
    """The same for files with the same headings."""


def header_of(data: bytes, name: str, columns: Mapping[str, str] | None = None, line: int | None = None) -> Header:
    """Find the headings of a file and the rows below, also where the file cannot be read as holdings yet.

    Parameters
    ----------
    data, name : the file's bytes and its name.
    columns : a mapping that beats what is recognised.
    line : the line of the headings, where it should not be found.

    Raises
    ------
    InputError
        Where no row can be one of headings.
    """
    found = [each for rows in _sheets(data, name) for each in _headed(rows, columns, line)]
    if not found:
        raise InputError("read.no-heading-row", file=name)
    _, at, cells, body = max(found, key=lambda each: (each[0], len(each[3])))
    sample = [row for row in body if len(filled_cells(row[1])) > 1]
    understood = recognise(cells, [row[1] for row in sample], columns, len(body)).names()
    headings = tuple(_text(cell) for cell in cells)
    return Header(
        line=at,
        headings=headings,
        rows=tuple((n, tuple(_text(cell) for cell in row)) for n, row in sample[:SAMPLE_ROWS]),
        fields={field: heading for field, heading in understood.items() if field in FIELDS and heading},
        shape=shape_of(headings),
    )


def shape_of(headings: Sequence[str]) -> str:
    """Tell one set of headings from another, whatever their order, case and punctuation."""
    words = sorted({normal(heading) for heading in headings if heading})
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()


def mapping_of(header: Header, chosen: Sequence[str | None]) -> dict[str, str]:
    """Turn what was chosen for each column into a mapping that says every field, also those the file has not.

    Parameters
    ----------
    chosen : a field of `FIELDS` or None for each of `header.headings`, in their order.

    Raises
    ------
    InputError
        Where two columns are said to mean the same.
    """
    mapping: dict[str, str] = {}
    kept = first_fields(header)
    for heading, field, before in zip(header.headings, chosen, kept, strict=True):
        if not heading or not field:
            continue
        if field in mapping:
            raise InputError("read.meant-twice", meaning=FIELDS[field], heading=mapping[field], other=heading)
        mapping[field] = heading
        if field == before:  # a column of currencies may stand for several fields
            also = {f: h for f, h in header.fields.items() if h == heading and f not in chosen}
            mapping |= {f: h for f, h in also.items() if f not in mapping}
    return mapping | {field: "" for field in header.fields if field not in mapping}


def first_fields(header: Header) -> list[str | None]:
    """Give what each column was taken for, None where nothing was; of several meanings the first."""
    first: dict[str, str] = {}
    for field in FIELDS:
        if field in header.fields:
            first.setdefault(header.fields[field], field)
    out: list[str | None] = []
    for n, heading in enumerate(header.headings):
        out.append(first.get(heading) if heading not in header.headings[:n] else None)
    return out


def _sheets(data: bytes, name: str) -> Iterator[Sequence[Row]]:
    """Yield the rows of each table in a file; of text only the head."""
    if is_markup(data[:HEAD_BYTES]):
        yield from (rows for _, rows in markup_sheets(data, name))
        return
    refuse_rubbish(data[:HEAD_BYTES], name)
    if is_zip(data) or is_xls(data):
        archive = open_zip(data, name) if is_zip(data) else None
        if archive is None or is_workbook(archive):
            yield from (rows for _, rows in read_workbook(data, name))
        else:
            for member, inner in archive_tables(archive, name):
                yield from _sheets(inner, member)
        return
    encoding = encoding_of(data, name)
    head = data[:HEAD_BYTES].decode(encoding, "ignore").removeprefix("\ufeff")
    delimiter = delimiter_of(head[:65536], lambda rows: max((heading_row(c) for _, c in rows), default=0))
    lines = io.StringIO(head, newline=None).read().split("\n")[:_SUMMIT]
    yield text_rows("\n".join(lines), delimiter, name, forgiving=True)


def _headed(
    rows: Sequence[Row], columns: Mapping[str, str] | None, line: int | None
) -> list[tuple[bool, int, list[Any], Sequence[Row]]]:
    """List the tables of a sheet: whether positions, line of the headings, headings, rows.

    Where none is recognised, the fullest row of words near the top is taken for headings.
    """
    if line is None:
        tables = split(rows, columns).tables
        if tables:
            return [(t.lists == "positions", t.line, list(t.columns.headings), t.body) for t in tables]
        words = [(n, cells) for n, cells in rows[:50] if may_head(cells) and len(filled_cells(cells)) > 1]
        line = max(words, key=lambda row: (len(filled_cells(row[1])), -row[0]))[0] if words else 0
    return [(False, n, list(cells), rows[i + 1 :]) for i, (n, cells) in enumerate(rows) if n == line]


def _text(cell: Any) -> str:
    if isinstance(cell, date):
        return cell.isoformat()[:10]
    return f"{cell:g}" if isinstance(cell, float) else "" if cell is None else str(cell).strip()
