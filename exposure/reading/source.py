"""A file of any kind to sheets of rows: the head is looked at before the rest is read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from exposure.comments import uncommented
from exposure.errors import InputError
from exposure.reading import dates, dialect, markup
from exposure.reading.columns import heading_row
from exposure.reading.dealings import bare_trades
from exposure.reading.headings import understand
from exposure.reading.table import Sections, filled, may_head, split

_SUMMIT = 2_000
"""Lines within which headings must stand."""


@dataclass(frozen=True, slots=True)
class Source:
    """What was loaded: sections for each sheet or member, and how the bytes were understood."""

    format: str
    sections: list[Sections]
    sha256: str
    dialect: dict[str, str] = field(default_factory=dict)
    typed: bool = False
    """Whether cells come typed from a workbook."""
    bare_trades: bool = False
    head: str = ""
    said: str = ""
    """What was assumed where the file has no headings."""


def load(source: str | Path | bytes, name: str, mended: Mapping[str, str] | None = None) -> Source:
    """Load a path or bytes.

    Raises
    ------
    InputError
        For a missing, empty, over-long or foreign file.
    """
    if isinstance(source, bytes):
        if not name:
            raise InputError("bytes without a name", remedy="pass name=")
        data = source
        if not markup.is_markup(data[: dialect.HEAD]):
            dialect.refuse_rubbish(data[: dialect.HEAD], name)
    else:
        data = _bytes(Path(source), name, mended)
    if len(data) > dialect.MAX_BYTES:
        raise InputError(f"{len(data) / 1e6:,.0f} MB, more than 200 MB", file=name, remedy="keep the holdings in it")
    digest = hashlib.sha256(data).hexdigest()
    if dialect.is_zip(data):
        from exposure.reading import sheets  # late: most files are text

        archive = sheets.open_zip(data, name)
        if sheets.is_workbook(archive):
            return _workbook(data, name, "xlsx", digest, mended)
        return _archive(sheets.members(archive, name), name, digest, mended)
    if dialect.is_xls(data):
        return _workbook(data, name, "xls", digest, mended)
    if markup.is_markup(data[: dialect.HEAD]):
        return _markup(data, name, digest, mended)
    return _text(data, name, digest, mended)


def _bytes(path: Path, name: str, mended: Mapping[str, str] | None) -> bytes:
    """Read a file, but no more than its head where the head shows no table."""
    try:
        if path.is_dir():
            raise InputError("a folder, not a file", file=name, remedy="name a file of holdings")
        head = dialect.head_of(path)
        size = path.stat().st_size
        marked = markup.is_markup(head)
        if not marked:
            dialect.refuse_rubbish(head, name)
        if size > dialect.MAX_BYTES:
            raise InputError(f"{size / 1e6:,.0f} MB, more than 200 MB", file=name, remedy="keep the holdings in it")
        if size > len(head) and not marked and not dialect.is_zip(head) and not dialect.is_xls(head):
            _text(head, name, "", mended)  # refuses where the head holds no headings, before the rest is read
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError("no such file", file=name, remedy="check the path") from None
    except OSError as error:
        raise InputError(
            f"it cannot be opened ({error.strerror or error})", file=name, remedy="check the path and its permissions"
        ) from None
    except ValueError:
        raise InputError("no path of a file", file=name.replace("\x00", "?"), remedy="check the path") from None


def _score(rows: Sequence[tuple[int, Sequence[Any]]]) -> float:
    return max((heading_row(cells) for _, cells in rows if may_head(cells)), default=0)


def _text(data: bytes, name: str, digest: str, mended: Mapping[str, str] | None) -> Source:
    data = uncommented(data)
    encoding = dialect.encoding_of(data, name)
    head_bytes = data[: dialect.HEAD]
    head = head_bytes.decode(encoding, "ignore").removeprefix("\ufeff")
    first = head.splitlines()[:1]
    if any(len(line) > dialect.MAX_CELL for line in head.splitlines()[:3] or first):
        raise InputError("a line of more than 131,072 characters", file=name, row=1, remedy="give one row a line")
    delimiter = dialect.delimiter_of(head[:65536], _score)
    partial = not digest
    if partial:
        summit = "\n".join(head.splitlines()[:_SUMMIT])
        rows: list[tuple[int, list[Any]]] = dialect.rows(summit, delimiter, name, forgiving=True)
    else:
        rows = dialect.rows(dialect.decode(data, encoding, name), delimiter, name)
        if _quoted_lines(rows):
            rows = [
                (line, dialect.rows(cells[0], ",", name, forgiving=True)[0][1] if cells and cells[0] else [])
                for line, cells in rows
            ]
    sections = split(rows, mended)
    bare, said = not sections.tables and bare_trades(rows), ""
    if not sections.tables and not partial and not bare and len(rows) < _SUMMIT:
        sections, delimiter, said = _unheaded(dialect.decode(data, encoding, name), mended) or (
            sections,
            delimiter,
            "",
        )
    if not sections.tables and not bare:
        raise _no_headings(rows, name)
    how = {"encoding": encoding, "delimiter": delimiter}
    return Source("csv", [sections], digest, how, bare_trades=bare, head=head[:20_000], said=said)


def _unheaded(text: str, mended: Mapping[str, str] | None) -> tuple[Sections, str, str] | None:
    """Read a table that spaces part, or one without headings: its sections, its delimiter, what was assumed."""
    from exposure.reading import headless  # late: most files have headings

    aligned = dialect.aligned(text, _score)
    if (found := split(aligned, mended)).tables:
        return found, " ", ""
    parted = [(dialect.rows(text, d, "", forgiving=True), d) for d in dialect.DELIMITERS if d in text]
    for candidate, delimiter in (*parted, (aligned, " ")):
        if (told := headless.headed(candidate)) and (found := split(told[0], mended)).tables:
            return found, delimiter, told[1]
    return None


def _quoted_lines(rows: Sequence[tuple[int, Sequence[Any]]]) -> bool:
    """Tell a table each of whose lines was quoted as a whole by a spreadsheet."""
    sample = [cells for _, cells in rows[:100] if cells and cells[0]]
    return (
        len(sample) > 1
        and sum(len(c) == 1 and c[0].count(",") > 1 for c in sample) > 0.9 * len(sample)
        and _score([(1, c[0].split(",")) for c in sample]) > 1
    )


def _no_headings(rows: Sequence[tuple[int, Sequence[Any]]], name: str) -> InputError:
    """Say what a file without headings of positions is, as far as it shows, and what to give instead."""
    full = [(line, cells) for line, cells in rows[:60] if len(filled(cells)) > 1]
    dated = [line for line, cells in full if any(dates.find(c, "dmy") for c in cells)]
    headed = any(understand(str(c)).fields.keys() & {"as_of", "trade_date"} for _, cells in full[:5] for c in cells)
    if dated and (2 * len(dated) >= len(full) or headed):
        return InputError(
            "it is a list by date (transactions, prices or returns), not of positions",
            file=name,
            row=dated[0],
            remedy="ask for the export of positions (holdings, portfolio) as of one date",
        )
    return InputError(
        "it has no row of headings that could be understood" if len(rows) > 1 else "it holds no table",
        file=name,
        remedy="add a row of headings such as Ticker, Name, Quantity, Market value, or map them with --columns",
    )


def _workbook(data: bytes, name: str, form: str, digest: str, mended: Mapping[str, str] | None) -> Source:
    from exposure.reading import sheets

    found = [split(rows, mended, sheet) for sheet, rows in sheets.workbook(data, name)]
    if not any(s.tables for s in found):
        raise InputError(
            "no sheet has a row of headings that could be understood",
            file=name,
            remedy="add headings such as Ticker, Name, Quantity, Market value, or map them with --columns",
        )
    return Source(form, found, digest, typed=True)


def _markup(data: bytes, name: str, digest: str, mended: Mapping[str, str] | None) -> Source:
    """Read a page's tables or a spreadsheet's XML; where they hold no holdings, it is refused as what it is."""
    found = [split(rows, mended, sheet or None) for sheet, rows in markup.sheets(data, name)]
    if not any(t.lists == "positions" for s in found for t in s.tables):
        dialect.refuse_rubbish(data[: dialect.HEAD], name)
        raise InputError(
            "no table of it has headings that could be understood", file=name, remedy="save it as CSV or XLSX"
        )
    return Source("xls", found, digest, typed=True)


def _archive(members: list[tuple[str, bytes]], name: str, digest: str, mended: Mapping[str, str] | None) -> Source:
    found: list[Sections] = []
    how: dict[str, str] = {}
    refused: InputError | None = None
    for member, data in members:
        try:
            loaded = load(data, f"{name}/{member}", mended)
        except InputError as error:
            refused = error
            continue
        stem = member.rsplit(".", 1)[0]
        for s in loaded.sections:
            found.append(Sections([replace(t, sheet=t.sheet or stem) for t in s.tables], s.around))
        how = how or loaded.dialect
    if not found and refused:
        raise refused
    return Source("zip", found, digest, how)
