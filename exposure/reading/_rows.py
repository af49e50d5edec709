"""Which rows of a table are lines: told from totals, pending items, labels of groups and small print."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from exposure.files import NumberReader, filled_cells
from exposure.messages import Param
from exposure.reading import _kinds
from exposure.reading._profiles import columns as whole_columns
from exposure.reading._profiles import holds, holes, identify
from exposure.reading._table import Table
from exposure.reading._totals import begins, called, maybe_totals, sums_of
from exposure.types import Kind, Rejected

_SYMBOL = re.compile(r"(?!(?:ISA|SIPP|GIA|PEA|CTO|IRA|JISA|LISA|TFSA|RRSP|401K)$)[A-Z][A-Z0-9.]{0,5}")
AMOUNTS = ("quantity", "market_value", "weight", "notional_value", "cash")
NUMBERS = (*AMOUNTS, "price", "multiplier", "strike", "fx_rate", "coupon", "bought_amount", "sold_amount")
_WORDS = ("ticker", "name", "asset_class", "account")
_NAMED = ("ticker", "isin", "cusip", "sedol", "figi", "name", "asset_class")


@dataclass(slots=True)
class ClassifiedRows:
    """The rows of one table that are lines, with their figures column by column."""

    rows: list[int] = field(default_factory=list)
    columns: list[list[Any]] = field(default_factory=list)
    """Every cell, by column: as many as there are headings."""
    section: list[Kind | None] = field(default_factory=list)
    """Kind that the label above a group of rows gives them."""
    number: dict[str, list[float | None]] = field(default_factory=dict)
    totals: list[tuple[int, str, float, str | None]] = field(default_factory=list)
    """Line, words, stated value and label of the table."""


def classify_rows(table: Table, read: NumberReader, rejected: list[Rejected]) -> ClassifiedRows:
    """Keep the lines of a table; add to `rejected` each row that should be one and cannot be used.

    Whole columns say which rows need a closer look: in a large file these are few.
    """
    at, width = table.columns.at, len(table.columns.headings)
    rows, cells, sections, small, columns = _candidates(table, width, rejected)
    figures: dict[str, list[float | None]] = {}
    faults: dict[int, tuple[str, dict[str, Param]]] = {}
    for name in NUMBERS:
        if name in at:
            figures[name], bad = read.column(columns[at[name]])
            if times := table.columns.scales.get(name):
                figures[name] = [None if f is None else f * times for f in figures[name]]
            if name in {"quantity", "price", "market_value", "weight"}:
                heading = " ".join(table.columns.headings[at[name]].split()) or name
                for i, cell in bad.items():
                    faults.setdefault(i, ("row.no-number", {"heading": heading, "cell": cell}))
    out = ClassifiedRows(number=figures)
    words_at = [at[n] for n in _WORDS if n in at] or [0]
    ids_at = [at[k] for k in ("isin", "cusip", "sedol") if k in at]
    totals = maybe_totals([columns[a] for a in {*words_at, *ids_at, 0}])
    bare = _without_amount(figures, len(rows))
    nameless = set() if "cash" in figures else _nameless([columns[at[n]] for n in _NAMED if n in at], len(rows))
    long = {i for i, n in enumerate(map(len, cells)) if n > width}
    held = [figures[n] for n in ("quantity", "price") if n in figures]
    others = any(map(holds, held))
    dropped: set[int] = set()
    unnamed: list[int] = []

    def note(sort: str, i: int, words: list[str]) -> None:
        _note_total(sort, out, i, words, line=rows[i], label=table.label, row=cells[i], rejected=rejected)

    for i in sorted(totals | bare | nameless | long | faults.keys()):
        row = cells[i]
        if i in totals and not any(identify(str(row[a]).strip()) for a in ids_at if a < len(row)):
            words = [str(row[a]).strip() for a in words_at if a < len(row)] + [str(next(iter(filled_cells(row)), ""))]
            words += [str(row[a]) for a in ids_at if a < len(row)]
            bare_line = others and all(f[i] is None for f in held)
            full = len(held) == 2 and all(f[i] is not None for f in held)
            if total := called(words, full, bare_line, len(filled_cells(row)) <= 2):
                note(total, i, words)
                dropped.add(i)
                continue
        if i in nameless and (lone := _lone_text(row, at, width)) is not None:
            words = [str(row[lone]).strip()]
            if begins(words[0]):
                note("total", i, words)
                dropped.add(i)
                continue
            if "name" in at and i not in bare and _kinds.is_cash(None, words[0]):
                columns[at["name"]][i] = words[0]
                continue
        fault, minor = faults.get(i), small[i]
        if i in long and not fault and filled_cells(row[width:]):
            fault = "row.too-wide", {"cells": len(row), "headings": width}
        if fault:
            minor = small[i] and len(filled_cells(row)) <= 0.5 * width
        elif i in bare:
            fault = "row.no-amount", {}
        elif i in nameless:
            unnamed.append(i)
            dropped.add(i)
        if fault:
            dropped.add(i)
            if not minor:
                rejected.append(Rejected.of(rows[i], raw(row), fault[0], **fault[1]))
    sums = sums_of(at, columns, figures, dropped)
    dropped |= sums
    values = figures.get("market_value", [])
    whole = sum(v for i, v in enumerate(values) if v is not None and i not in dropped) if sums or unnamed else 0.0
    for i in sorted({*sums, *unnamed}):
        if values and abs((values[i] or 0.0) - whole) < 1e-6 * abs(whole) + 0.01:
            words = [str(cells[i][a]).strip() for a in words_at if a < len(cells[i])]
            note("total", i, words)
        elif i in unnamed:
            rejected.append(Rejected.of(rows[i], raw(cells[i]), "row.nameless"))
    if dropped:
        kept = [i for i in range(len(rows)) if i not in dropped]
        rows, sections = [rows[i] for i in kept], [sections[i] for i in kept]
        columns = [[texts[i] for i in kept] for texts in columns]
        out.number = {n: [f[i] for i in kept] for n, f in figures.items()}
    out.rows, out.columns, out.section = rows, columns, sections
    return out


def _lone_text(row: Sequence[Any], at: dict[str, int], width: int) -> int | None:
    """Find the only cell of words in a row that names nothing: `; ; ; ; Solde espèces; 1000,00`."""
    texts = [i for i, c in enumerate(row[:width]) if isinstance(c, str) and any(map(str.isalpha, c)) and len(c) < 60]
    return texts[0] if len(texts) == 1 and "name" in at else None


def _without_amount(figures: dict[str, list[float | None]], count: int) -> set[int]:
    found = set(range(count))
    for name in AMOUNTS:
        if found and name in figures:
            found &= set(holes(figures[name]))
    return found


def _nameless(columns: list[list[Any]], count: int) -> set[int]:
    found = set(range(count))
    for texts in columns:
        if found:
            found &= set() if all(texts) else {i for i, t in enumerate(texts) if not t}
    return found


def _candidates(
    table: Table, width: int, rejected: list[Rejected]
) -> tuple[list[int], list[list[Any]], list[Kind | None], list[bool], list[list[Any]]]:
    """Drop empty rows and rows of one cell; after an empty row what holds no figure is small print.

    Returns
    -------
    rows, cells, sections, small, columns
        Lines, their cells, the kind that the label above gives them, whether they may be small print; columns of cells.
    """
    count = len(table.body)
    every = [row for _, row in table.body]
    columns = whole_columns(every, width)
    whole = (texts for texts in columns if texts and all(texts))
    if next(whole, None) is columns[0] and next(whole, None) and next(whole, None):
        # with the first column and two more full, no row is empty or of one cell
        return [line for line, _ in table.body], every, [None] * count, [False] * count, columns
    rows: list[int] = []
    cells: list[list[Any]] = []
    sections: list[Kind | None] = []
    small: list[bool] = []
    section: Kind | None = None
    ended = False
    named = [i for n, i in table.columns.at.items() if n in {"ticker", "isin", "cusip", "sedol", "figi"}]
    for line, row in table.body:
        if len(row) - row.count("") < 3 or not row[0]:
            full = filled_cells(row)
            if not full:
                ended = bool(rows)
                continue
            if len(full) == 1 and width > 1 and (ended or not _figure(full[0])):
                alone = full[0] in {row[i] for i in named if i < len(row)} and _SYMBOL.fullmatch(str(full[0]).strip())
                over = ended or (not rows and not _short(full[0]))
                section = _label_row(line, row, section, rejected, ended=over, symbol=bool(alone))
                continue
        rows.append(line)
        cells.append(row)
        sections.append(section)
        small.append(ended)
    return rows, cells, sections, small, columns if len(cells) == count else whole_columns(cells, width)


def _figure(cell: Any) -> bool:
    return not isinstance(cell, str) or not any(map(str.isalpha, cell.replace("EUR", "").replace("USD", "")))


def _short(text: Any) -> bool:
    return len(str(text).strip()) < 40


def raw(cells: list[Any]) -> str:
    """Give a row's text as it stands, as far as it fits."""
    return ",".join(str(c) for c in cells)[:500]


def _label_row(
    line: int, row: list[Any], section: Kind | None, rejected: list[Rejected], *, ended: bool, symbol: bool
) -> Kind | None:
    """Take a row of one cell as the label of a group (`Bonds`), as small print, or as a line without figures."""
    words = str(filled_cells(row)[0]).strip()
    kind = _kinds.of_class(words) if _short(words) and not ended else None
    if kind is None and not ended and (symbol or identify(words.upper())):
        rejected.append(Rejected.of(line, raw(row), "row.no-amount"))
    return kind or section


def _note_total(
    sort: str,
    out: ClassifiedRows,
    i: int,
    words: list[str],
    *,
    line: int,
    label: str | None,
    row: list[Any],
    rejected: list[Rejected],
) -> None:
    """List what a row sums up, or reject one that is no line yet; `i` is its place among the figures."""
    figures = out.number
    if sort == "summary":
        rejected.append(Rejected.of(line, raw(row), "row.summary"))
        return
    if sort == "pending":
        figure = next((figures[n][i] for n in AMOUNTS if n in figures and figures[n][i] is not None), None)
        pending = ("row.pending", {}) if figure is None else ("row.pending-amount", {"amount": figure})
        rejected.append(Rejected.of(line, raw(row), pending[0], **pending[1]))
        return
    stated = figures["market_value"][i] if "market_value" in figures else None
    if stated is not None:
        out.totals.append((line, " ".join(w for w in words if w), stated, label))
