"""Workbooks and archives: XLSX and XLS to rows of typed cells, ZIP to its tables, both held against bombs.

Cells of a row, as text or as a workbook types them.

Tables written in markup: the web pages and the XML of spreadsheets that houses hand out under the name of XLS.

Read tag by tag, not by a parser: such files are seldom well-formed, no entity of their own is expanded, and nothing
outside them is fetched.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from exposure.errors import InputError
from exposure.files import _dialects

MAX_MEMBERS = 1_000
MAX_CELLS = 20_000_000
_REFERENCE = re.compile(rb'<(?:\w+:)?c [^>]*?r="([A-Z]{1,3})(\d{1,7})"')


def open_zip(data: bytes, name: str) -> zipfile.ZipFile:
    """Open an archive after its directory was held against the bounds.

    Raises
    ------
    InputError
        For a broken archive, over 1,000 members, over 200 MB expanded, or a member under a password.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, IndexError, KeyError, UnicodeError) as error:
        raise InputError("file.broken-zip", file=name, why=str(error)) from None
    if len(members) > MAX_MEMBERS:
        raise InputError("file.too-many-members", file=name, members=len(members), most=MAX_MEMBERS)
    expanded = sum(m.file_size for m in members)
    if expanded > _dialects.MAX_BYTES:
        raise InputError("file.expands", file=name, megabytes=expanded / 1e6, most=_dialects.MAX_BYTES / 1e6)
    if any(m.flag_bits & 1 for m in members):
        raise InputError("file.password", file=name)
    return archive


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> bytes:
    """Read one member, no further than its directory entry says.

    Raises
    ------
    InputError
        Where it is broken or longer than stated.
    """
    try:
        with archive.open(member) as f:
            data = f.read(member.file_size + 1)
    except Exception as error:  # zlib, lzma and zipfile each raise their own
        why = type(error).__name__
        raise InputError("file.broken-member", file=name, member=member.filename[:60], why=why) from None
    if len(data) > member.file_size:
        raise InputError("file.member-too-long", file=name, member=member.filename[:60])
    return data


def is_workbook(archive: zipfile.ZipFile) -> bool:
    """Tell an XLSX from an archive of other files."""
    return any(n.lower() in {"xl/workbook.xml", "xl/workbook.bin", "[content_types].xml"} for n in archive.namelist())


def archive_tables(archive: zipfile.ZipFile, name: str) -> list[tuple[str, bytes]]:
    """Read the tables of an archive: what ends in csv, tsv, txt, xlsx or xls."""
    found = []
    for m in archive.infolist():
        base = m.filename.rsplit("/", 1)[-1]
        if not base or base.startswith((".", "__")) or "__MACOSX" in m.filename:
            continue
        if base.lower().endswith((".csv", ".tsv", ".txt", ".xlsx", ".xls")):
            found.append((base, read_member(archive, m, name)))
    if not found:
        raise InputError("file.no-table-in-zip", file=name)
    return found


def read_workbook(data: bytes, name: str) -> list[tuple[str, list[tuple[int, list[Any]]]]]:
    """Read every visible sheet of an XLSX or XLS.

    Returns
    -------
    list of (str, rows)
        Sheet name and its rows, numbered from 1; cells are text, float, or a date.

    Raises
    ------
    InputError
        For a workbook that cannot be read or that spans more than 20 million cells.
    """
    if _dialects.is_zip(data):
        _bound_cells(open_zip(data, name), name)
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        visible = [
            m.name
            for m in book.sheets_metadata
            if m.visible == python_calamine.SheetVisibleEnum.Visible
            and m.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
        out = []
        for sheet in visible:
            grid = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
            if grid and len(grid[0]) > _dialects.MAX_COLUMNS:
                grid = [r[: _dialects.MAX_COLUMNS] for r in grid]
            out.append((sheet, [(i, [_cell(c) for c in r]) for i, r in enumerate(grid, 1)]))
        return out
    except python_calamine.PasswordError:
        raise InputError("file.password", file=name) from None
    except BaseException as error:  # the reader's own panic is no Exception
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        raise InputError("file.broken-workbook", file=name, why=" ".join(str(error)[:80].split())) from None


def _bound_cells(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse a sheet whose few cells span a grid that would not fit in memory."""
    for m in archive.infolist():
        if m.filename.lower().startswith("xl/worksheets/") and m.filename.lower().endswith(".xml"):
            rows = columns = 0
            for letters, row in _REFERENCE.findall(read_member(archive, m, name)):
                rows = max(rows, int(row))
                if len(letters) > 1 or columns < 26:
                    number = 0
                    for c in letters:
                        number = number * 26 + c - 64
                    columns = max(columns, number)
            if rows * columns > MAX_CELLS or columns > _dialects.MAX_COLUMNS:
                raise InputError("file.sheet-too-large", file=name, rows=rows, columns=columns)


def _cell(value: Any) -> Any:
    if isinstance(value, (str, float, datetime, date)):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int):
        return float(value)
    return "" if value is None else str(value) if isinstance(value, (time, timedelta)) else ""


def filled_cells(cells: Sequence[Any]) -> list[Any]:
    """List the cells that hold something."""
    return [c for c in cells if c is not None and (not isinstance(c, str) or c.strip(" \u00a0\t\ufeff"))]


_XML = re.compile(r"<(/?)(?:\w+:)?(Worksheet|Row|Cell|Data)\b([^<>]*)>")
_HTML = re.compile(r"<(/?)(table|tr|td|th)\b([^<>]*)>", re.I)
_NAME = re.compile(r"\bName\s*=\s*\"([^\"]*)\"")
_INDEX = re.compile(r"\bIndex\s*=\s*\"(\d{1,7})\"")
_ACROSS = re.compile(r"\b(?:MergeAcross|colspan)\s*=\s*[\"']?(\d{1,4})", re.I)
_TYPE = re.compile(r"\bType\s*=\s*\"(\w+)\"")
_TAG = re.compile(r"<[^<>]*>")
MAX_MARKUP_CELLS = 20_000_000
Sheets = list[tuple[str, list[tuple[int, list[Any]]]]]


def is_markup(head: bytes) -> bool:
    """Tell a spreadsheet's XML, or a page that holds a table, by its beginning."""
    start = head[:4096].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if not start.startswith(b"<"):
        return False
    plain = head.replace(b"\x00", b"").lower()
    return b"urn:schemas-microsoft-com:office:spreadsheet" in plain or b"<table" in plain


def markup_sheets(data: bytes, name: str) -> Sheets:
    """Read every sheet of a spreadsheet's XML, or every table of a page.

    Returns
    -------
    list of (str, rows)
        As `sheets.workbook` gives them; rows are numbered within their sheet.
    """
    text = _dialects.decode(data, _dialects.encoding_of(data, name), name)
    if "urn:schemas-microsoft-com:office:spreadsheet" in text[:8192]:
        return _spreadsheet(text, name)
    for marks in (("<!--", "-->"), ("<script", "</script"), ("<style", "</style")):
        text = _without(text, *marks)
    rows = _page(text, name)
    return [("", rows)] if rows else []


def _spreadsheet(text: str, name: str) -> Sheets:
    """Go through the tags once, whatever is not closed: a file of open tags alone takes no longer than any other."""
    found: Sheets = []
    cells: list[Any] = []
    number, kind, start, across, total = 0, "", -1, 0, 0
    for m in _XML.finditer(text):
        closing, tag, attributes = m[1], m[2], m[3]
        if tag == "Worksheet" and not closing:
            title = _NAME.search(attributes)
            found.append((html.unescape(title[1]) if title else "", []))
            number = 0
        elif tag == "Row" and not closing and found:
            at = _INDEX.search(attributes)
            total = _bounded(total + len(cells), name, number)
            number, cells = int(at[1]) if at else number + 1, []
            found[-1][1].append((number, cells))
        elif tag == "Cell" and not closing:
            at = _INDEX.search(attributes)
            if at and int(at[1]) > _dialects.MAX_COLUMNS:
                raise InputError("file.row-too-wide", file=name, row=number, cells=int(at[1]))
            across = _add_cell(cells, attributes, int(at[1]) - 1 if at else 0)
        elif tag == "Data" and not closing:
            kind, start = attributes, m.end()
        elif tag == "Data" and start >= 0:
            if cells:
                cells[-1] = _value(kind, text[start : m.start()])
            start = -1
        elif tag == "Cell":
            cells += [""] * across
            across = 0
    return found


def _add_cell(cells: list[Any], attributes: str, before: int) -> int:
    """Add a cell to a row that is filled up to `before` first; give how many more it spans, to be added at its end."""
    cells += [""] * (before - len(cells))
    if len(cells) < _dialects.MAX_COLUMNS:
        cells.append("")
    wide = _ACROSS.search(attributes)
    across = min(int(wide[1]), _dialects.MAX_COLUMNS - len(cells)) if wide else 0
    if attributes.endswith("/"):
        cells += [""] * across
    return across


def _page(text: str, name: str) -> list[tuple[int, list[Any]]]:
    """Read the rows of all tables of a page as one sheet: what stands above a table dates it."""
    rows: list[tuple[int, list[Any]]] = []
    cells: list[Any] = []
    start, across, total = -1, 0, 0
    for m in _HTML.finditer(text):
        if start >= 0 and cells:
            cells[-1 - across] = _words(text[start : m.start()])
            start = -1
        tag = m[2].lower()
        if tag in {"td", "th"} and not m[1] and len(cells) < _dialects.MAX_COLUMNS:
            wide = _ACROSS.search(m[3])
            across = min(int(wide[1]) - 1, _dialects.MAX_COLUMNS - len(cells) - 1) if wide and int(wide[1]) else 0
            cells += [""] * (1 + across)
            start = m.end()
        elif tag == "tr" and not m[1]:
            total = _bounded(total + len(cells), name, len(rows))
            cells = []
            rows.append((len(rows) + 1, cells))
        elif tag == "table" and m[1]:
            rows.append((len(rows) + 1, []))
    return rows


def _bounded(total: int, name: str, row: int) -> int:
    """Refuse a few tags that span more cells than fit in memory."""
    if total > MAX_MARKUP_CELLS:
        raise InputError("file.too-many-cells", file=name, row=row, most=MAX_MARKUP_CELLS)
    return total


def _without(text: str, opening: str, closing: str) -> str:
    """Cut out what stands between two marks; what is never closed is cut to the end."""
    low, kept, at = text.lower(), [], 0
    if len(low) != len(text):
        return text
    while (start := low.find(opening, at)) >= 0:
        kept.append(text[at:start])
        end = low.find(closing, start)
        if end < 0:
            return "".join(kept)
        at = end + len(closing)
    return "".join([*kept, text[at:]])


def _value(attributes: str, inner: str) -> Any:
    kind, text = _TYPE.search(attributes), _words(inner)
    if kind and kind[1] == "Number":
        try:
            return float(text)
        except ValueError:
            return text
    if kind and kind[1] == "DateTime":
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return text
    return text


def _words(inner: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", inner)).split())
