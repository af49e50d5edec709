"""Workbooks and archives: XLSX and XLS to rows of typed cells, ZIP to its tables, both held against bombs."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

from exposure.errors import InputError
from exposure.reading import dialect

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
        raise InputError(f"a broken ZIP archive ({error})", file=name, remedy="save the file again") from None
    if len(members) > MAX_MEMBERS:
        raise InputError(
            f"an archive of {len(members):,} files, more than {MAX_MEMBERS:,}",
            file=name,
            remedy="keep the holdings in it",
        )
    expanded = sum(m.file_size for m in members)
    if expanded > dialect.MAX_BYTES:
        raise InputError(
            f"it expands to {expanded / 1e6:,.0f} MB, more than 200 MB", file=name, remedy="keep the holdings in it"
        )
    if any(m.flag_bits & 1 for m in members):
        raise InputError("it is protected by a password", file=name, remedy="save it without one")
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
        raise InputError(
            f"a broken member {member.filename[:60]!r} ({type(error).__name__})",
            file=name,
            remedy="save the file again",
        ) from None
    if len(data) > member.file_size:
        raise InputError(
            f"member {member.filename[:60]!r} is longer than stated", file=name, remedy="save the file again"
        )
    return data


def is_workbook(archive: zipfile.ZipFile) -> bool:
    """Tell an XLSX from an archive of other files."""
    return any(n.lower() in {"xl/workbook.xml", "xl/workbook.bin", "[content_types].xml"} for n in archive.namelist())


def members(archive: zipfile.ZipFile, name: str) -> list[tuple[str, bytes]]:
    """Read the tables of an archive: what ends in csv, tsv, txt, xlsx or xls."""
    found = []
    for m in archive.infolist():
        base = m.filename.rsplit("/", 1)[-1]
        if not base or base.startswith((".", "__")) or "__MACOSX" in m.filename:
            continue
        if base.lower().endswith((".csv", ".tsv", ".txt", ".xlsx", ".xls")):
            found.append((base, read_member(archive, m, name)))
    if not found:
        raise InputError("an archive without a table", file=name, remedy="put CSV or XLSX files in it")
    return found


def workbook(data: bytes, name: str) -> list[tuple[str, list[tuple[int, list[Any]]]]]:
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
    if dialect.is_zip(data):
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
            if grid and len(grid[0]) > dialect.MAX_COLUMNS:
                grid = [r[: dialect.MAX_COLUMNS] for r in grid]
            out.append((sheet, [(i, [_cell(c) for c in r]) for i, r in enumerate(grid, 1)]))
        return out
    except BaseException as error:  # the reader's own panic is no Exception
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        what = (
            "it is protected by a password"
            if "password" in str(error).lower()
            else f"a workbook that cannot be read ({str(error)[:80]})"
        )
        raise InputError(" ".join(what.split()), file=name, remedy="save it again as XLSX or CSV") from None


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
            if rows * columns > MAX_CELLS or columns > dialect.MAX_COLUMNS:
                raise InputError(
                    f"a sheet of {rows:,} rows and {columns:,} columns",
                    file=name,
                    remedy="keep the table of holdings and save it again",
                )


def _cell(value: Any) -> Any:
    if isinstance(value, (str, float, datetime, date)):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int):
        return float(value)
    return "" if value is None else str(value) if isinstance(value, (time, timedelta)) else ""
