"""A file of any kind to sheets of rows: the head is looked at before the rest is read.

Rows without headings, pasted from anywhere: read where what they hold settles what each column is, else not.

A column of ISINs or of symbols says what is held. How much is settled by arithmetic alone: weights add up to one or
carry percent signs, or one column is the product of two others. Anything else would be a guess, and is asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations
from math import fsum
from pathlib import Path
from typing import Any

from exposure.errors import InputError
from exposure.files import (
    DELIMITERS,
    HEAD_BYTES,
    MAX_BYTES,
    MAX_CELL,
    NumberReader,
    archive_tables,
    dates_in,
    decimal_evidence,
    decode,
    delimiter_of,
    encoding_of,
    filled_cells,
    fixed_width_rows,
    head_of,
    is_markup,
    is_workbook,
    is_xls,
    is_zip,
    markup_sheets,
    open_zip,
    read_workbook,
    refuse_rubbish,
    text_rows,
    uncommented,
)
from exposure.reading._columns import heading_row
from exposure.reading._dealings import Row, bare_trades, trades
from exposure.reading._headings import understand
from exposure.reading._profiles import Profile, profile
from exposure.reading._table import Sections, may_head, split

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
    assumed: str = ""
    """Number and heading of the columns of a file that has no headings, as their cells tell them."""


def load(source: str | Path | bytes, name: str, by_hand: Mapping[str, str] | None = None) -> Source:
    """Load a path or bytes.

    Raises
    ------
    InputError
        For a missing, empty, over-long or foreign file.
    """
    if isinstance(source, bytes):
        if not name:
            raise InputError("file.nameless")
        data = source
        if not is_markup(data[:HEAD_BYTES]):
            refuse_rubbish(data[:HEAD_BYTES], name)
    else:
        data = _bytes(Path(source), name, by_hand)
    if len(data) > MAX_BYTES:
        raise _too_large(len(data), name)
    digest = hashlib.sha256(data).hexdigest()
    if is_zip(data):
        archive = open_zip(data, name)
        if is_workbook(archive):
            return _workbook(data, name, "xlsx", digest, by_hand)
        return _archive(archive_tables(archive, name), name, digest, by_hand)
    if is_xls(data):
        return _workbook(data, name, "xls", digest, by_hand)
    if is_markup(data[:HEAD_BYTES]):
        return _markup(data, name, digest, by_hand)
    return _text(data, name, digest, by_hand)


def _bytes(path: Path, name: str, by_hand: Mapping[str, str] | None) -> bytes:
    """Read a file, but no more than its head where the head shows no table."""
    try:
        if path.is_dir():
            raise InputError("file.folder", file=name)
        head = head_of(path)
        size = path.stat().st_size
        marked = is_markup(head)
        if not marked:
            refuse_rubbish(head, name)
        if size > MAX_BYTES:
            raise _too_large(size, name)
        if size > len(head) and not marked and not is_zip(head) and not is_xls(head):
            _text(head, name, "", by_hand)  # refuses where the head holds no headings, before the rest is read
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError("file.missing", file=name) from None
    except OSError as error:
        raise InputError("file.unopened", file=name, why=error.strerror or str(error)) from None
    except ValueError:
        raise InputError("file.no-path", file=name.replace("\x00", "?")) from None


def _too_large(size: int, name: str) -> InputError:
    return InputError("file.too-large", file=name, megabytes=size / 1e6, most=MAX_BYTES / 1e6)


def _score(rows: Sequence[tuple[int, Sequence[Any]]]) -> float:
    return max((heading_row(cells) for _, cells in rows if may_head(cells)), default=0)


def _text(data: bytes, name: str, digest: str, by_hand: Mapping[str, str] | None) -> Source:
    data = uncommented(data)
    encoding = encoding_of(data, name)
    head_bytes = data[:HEAD_BYTES]
    head = head_bytes.decode(encoding, "ignore").removeprefix("\ufeff")
    first = head.splitlines()[:1]
    if any(len(line) > MAX_CELL for line in head.splitlines()[:3] or first):
        raise InputError("file.line-too-long", file=name, row=1, most=MAX_CELL)
    delimiter = delimiter_of(head[:65536], _score)
    partial = not digest
    if partial:
        summit = "\n".join(head.splitlines()[:_SUMMIT])
        rows: list[tuple[int, list[Any]]] = text_rows(summit, delimiter, name, forgiving=True)
    else:
        rows = text_rows(decode(data, encoding, name), delimiter, name)
        if _quoted_lines(rows):
            rows = [
                (line, text_rows(cells[0], ",", name, forgiving=True)[0][1] if cells and cells[0] else [])
                for line, cells in rows
            ]
    sections = split(rows, by_hand)
    bare, assumed = not sections.tables and bare_trades(rows), ""
    if not sections.tables and not partial and not bare and len(rows) < _SUMMIT:
        whole = decode(data, encoding, name)
        sections, delimiter, assumed = _unheaded(whole, by_hand) or (sections, delimiter, "")
    if not sections.tables and not bare:
        raise _no_headings(rows, name)
    how = {"encoding": encoding, "delimiter": delimiter}
    return Source("csv", [sections], digest, how, bare_trades=bare, head=head[:20_000], assumed=assumed)


def _unheaded(text: str, by_hand: Mapping[str, str] | None) -> tuple[Sections, str, str] | None:
    """Read a table that spaces part, or one without headings: its sections, its delimiter, what was assumed."""
    aligned = fixed_width_rows(text, _score)
    if (found := split(aligned, by_hand)).tables:
        return found, " ", ""
    parted = [(text_rows(text, d, "", forgiving=True), d) for d in DELIMITERS if d in text]
    for candidate, delimiter in (*parted, (aligned, " ")):
        if (headed := with_headings(candidate)) and (found := split(headed[0], by_hand)).tables:
            return found, delimiter, headed[1]
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
    full = [(line, cells) for line, cells in rows[:60] if len(filled_cells(cells)) > 1]
    dated = [line for line, cells in full if any(dates_in(c, "dmy") for c in cells)]
    headed = any(understand(str(c)).fields.keys() & {"as_of", "trade_date"} for _, cells in full[:5] for c in cells)
    if dated and (2 * len(dated) >= len(full) or headed):
        return InputError("read.list-by-date", file=name, row=dated[0])
    return InputError("read.no-headings" if len(rows) > 1 else "read.no-table", file=name)


def _workbook(data: bytes, name: str, form: str, digest: str, by_hand: Mapping[str, str] | None) -> Source:
    found = [split(rows, by_hand, sheet) for sheet, rows in read_workbook(data, name)]
    if not any(s.tables for s in found):
        raise InputError("read.no-headings-in-sheets", file=name)
    return Source(form, found, digest, typed=True)


def _markup(data: bytes, name: str, digest: str, by_hand: Mapping[str, str] | None) -> Source:
    """Read a page's tables or a spreadsheet's XML; where they hold no holdings, it is refused as what it is."""
    found = [split(rows, by_hand, sheet or None) for sheet, rows in markup_sheets(data, name)]
    if not any(t.lists == "positions" for s in found for t in s.tables):
        refuse_rubbish(data[:HEAD_BYTES], name)
        raise InputError("read.no-headings-in-tables", file=name)
    return Source("xls", found, digest, typed=True)


def _archive(members: list[tuple[str, bytes]], name: str, digest: str, by_hand: Mapping[str, str] | None) -> Source:
    found: list[Sections] = []
    how: dict[str, str] = {}
    refused: InputError | None = None
    for member, data in members:
        try:
            loaded = load(data, f"{name}/{member}", by_hand)
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


_FIGURES = 8
"""Columns of figures that are held against each other, three at a time."""


def with_headings(rows: Sequence[Row]) -> tuple[list[Row], str] | None:
    """Put headings above rows that have none, where what they hold settles them.

    Returns
    -------
    (rows, assumed) or None
        The rows below a row of headings, numbered 0, and number and heading of each column that could be named.
    """
    body = [(line, cells) for line, cells in rows if len(filled_cells(cells)) > 1]
    widths = {len(cells) for _, cells in body}
    if len(body) < 2 or len(widths) != 1 or len(body) < 0.9 * sum(1 for _, cells in rows if filled_cells(cells)):
        return None
    columns = [[cells[i] for _, cells in body] for i in range(widths.pop())]
    profiles = [profile(column[:200]) for column in columns]
    if any(p.date > 0.5 for p in profiles) or trades([cells for _, cells in body[:200]]):
        return None
    heading_of = _named(profiles)
    figures = [i for i, p in enumerate(profiles) if p.filled and p.number > 0.95 and i not in heading_of]
    amounts = _amounts(figures, columns)
    if not heading_of or not amounts:
        return None
    heading_of |= amounts
    headings = [heading_of.get(i, "") for i in range(len(columns))]
    return [(0, headings), *rows], ", ".join(f"{i + 1} {heading}" for i, heading in sorted(heading_of.items()))


def _named(profiles: Sequence[Profile]) -> dict[int, str]:
    """Find the columns that say what is held, and in which currency."""
    heading_of: dict[int, str] = {}
    for i, p in enumerate(profiles):
        kind = max(p.ids, key=lambda k: p.ids[k], default="")
        if kind and p.ids[kind] > 0.8:
            heading_of[i] = kind.upper()
        elif p.filled and p.currency > 0.9:
            heading_of[i] = "Currency"
        elif p.symbols > 0.8 and p.number < 0.2 and "Ticker" not in heading_of.values():
            heading_of[i] = "Ticker"
        elif p.filled and p.number < 0.2 and p.distinct > 0.8 * p.filled and "Name" not in heading_of.values():
            heading_of[i] = "Name"
    return heading_of if set(heading_of.values()) - {"Currency", "Name"} else {}


def _amounts(figures: Sequence[int], columns: Sequence[Sequence[Any]]) -> dict[int, str]:
    """Tell columns of figures apart by arithmetic; empty where nothing settles them."""
    if not 0 < len(figures) <= _FIGURES:
        return {}
    points = [c for i in figures for c in columns[i]]
    point, comma, open_dot, open_comma = decimal_evidence(points)
    if not (point or comma) and (open_dot or open_comma):
        return {}
    read = NumberReader("," if comma > point else ".")
    values = {i: read.column(columns[i])[0] for i in figures}
    for q, p, v in permutations(figures, 3):
        if q < p and _product(values[q], values[p], values[v]):
            quantity, price = (q, p) if _whole(values[q]) >= _whole(values[p]) else (p, q)
            return {quantity: "Quantity", price: "Price", v: "Market value"}
    for i in figures:
        total = fsum(x for x in values[i] if x is not None)
        marked = all("%" in str(c) for c in columns[i] if str(c).strip())
        if len(figures) == 1 and (
            marked or (len(columns[i]) > 2 and (abs(total - 1) < 0.011 or abs(total - 100) < 1.1))
        ):
            return {i: "Weight"}
    return {}


def _product(a: Sequence[float | None], b: Sequence[float | None], c: Sequence[float | None]) -> bool:
    rows = [(x * y, z) for x, y, z in zip(a, b, c, strict=True) if x and y and z]
    return len(rows) > 1 and len(rows) > 0.8 * len(a) and all(abs(xy - z) <= 0.005 * abs(z) + 0.01 for xy, z in rows)


def _whole(column: Sequence[float | None]) -> float:
    """Give the share of whole numbers: quantities are whole more often than prices."""
    known = [x for x in column if x is not None]
    return sum(x == round(x) for x in known) / len(known) if known else 0.0
