"""Rows to tables: where headings stand, where one section ends and the next begins, what each section lists."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from exposure.files import currency_code
from exposure.files import filled_cells as filled
from exposure.reading._columns import Columns, heading_row, recognise
from exposure.reading._dealings import paid_for, trades
from exposure.reading._headings import normal, understand
from exposure.reading._profiles import BLOCK, column

Row = tuple[int, list[Any]]
_DIGITS = frozenset("0123456789")
_ZEROS = bytes.maketrans(b"123456789", b"0" * 9)
Listing = Literal["positions", "cash", "transactions", "other"]
ROW_TYPES = frozenset(
    {"header", "data", "subtotal", "total", "notes", "trailer", "bof", "eof", "boa", "eoa", "bos", "eos"}
)


@dataclass(frozen=True, slots=True)
class Table:
    """One run of rows under one row of headings."""

    line: int
    """Of the headings."""
    columns: Columns
    body: list[Row]
    label: str | None = None
    """What stands above it, or names its section: an account, a plan."""
    lists: Listing = "positions"
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Sections:
    """A sheet split: its tables, and the rows that stand before and between them."""

    tables: list[Table]
    around: list[Row] = field(default_factory=list)


def _typed(rows: Sequence[Row]) -> int | None:
    """Find the column that says of each row whether it is headings, data or a total; None where there is none."""
    sample = [cells for _, cells in rows[:300] if len(cells) > 2]
    for at in (1, 0):
        if "header" not in " ".join([str(cells[at]) for cells in sample]).lower():
            continue
        hits = sum(isinstance(c[at], str) and c[at].strip().lower() in ROW_TYPES for c in sample)
        if sample and hits > 0.7 * len(sample) and any(str(c[at]).strip().lower() == "header" for c in sample):
            return at
    return None


def split(rows: Sequence[Row], by_hand: Mapping[str, str] | None = None, sheet: str | None = None) -> Sections:
    """Split the rows of one sheet into tables.

    Parameters
    ----------
    rows : sequence of (line, cells)
    by_hand : mapping, optional
        Field → heading, set by hand.
    """
    at = _typed(rows)
    runs, around = _sections(rows, at) if at is not None else _runs(rows, by_hand)
    tables = []
    for line, headings, body, label in runs:
        body = _without_lots(body)
        sample = [cells for _, cells in body[:: len(body) // 128 + 1] if len(filled(cells)) > 1]
        columns = recognise(headings, sample, by_hand, len(sample) if len(body) < 128 else len(body))
        table = Table(line, columns, body, label, _lists(columns, body), sheet)
        dated = columns.at.get("trade_date")
        if table.lists == "cash":
            table = _own_currencies(table)
        if table.lists == "positions" and dated is not None and normal(columns.headings[dated]) in _WHEN:
            columns.at.setdefault("as_of", dated)
        tables.append(_balances(table) or table)
    return Sections(tables, around)


_CLOSING = re.compile(
    r"\b(?:ending|closing|end\w*|schluss\w*|schlie\w*|final\w*|cl[oô]ture|chiusura|eind\w*|cierre)\b", re.I
)
_WHEN = {"date time", "datetime", "time", "time stamp", "timestamp"}
_ENDS = {"total", "amount", "balance", "gesamt", "totale", "totaal", "solde", "saldo", "betrag", "montant"}


def _without_lots(body: list[Row]) -> list[Row]:
    """Leave out the lots of positions whose summary stands beside them."""
    for at in range(min(3, len(body[0][1]) if body else 0)):
        if str(body[0][1][at]).strip().lower() not in {"summary", "lot"}:
            continue
        words = [str(cell).strip().lower() for cell in column([c for _, c in body], at)]
        if set(words) - {"", "total"} == {"summary", "lot"}:
            return [row for row, word in zip(body, words, strict=True) if word != "lot"]
    return body


def _balances(table: Table) -> Table | None:
    """Read a report of cash movements as the balances it ends with, one for each currency."""
    at = table.columns.at
    names = [normal(h) for h in table.columns.headings]
    code_at = next((i for i, n in enumerate(names) if understand(n).fields.get("currency") == 0), None)
    amount = next((i for i, n in enumerate(names) if n in _ENDS), None)
    if code_at is None or amount is None or at.keys() & {"ticker", "isin"}:
        return None
    ends: dict[str, Row] = {}  # the settled balance, which stands below, is not a second one
    for n, c in table.body:
        if len(c) > code_at and isinstance(c[0], str) and _CLOSING.search(c[0]) and (code := currency_code(c[code_at])):
            ends.setdefault(code, (n, c))
    if not ends:
        return None
    columns = Columns({"currency": code_at, "cash": amount}, table.columns.headings, currencies=(code_at,))
    return Table(table.line, columns, list(ends.values()), table.label, "cash", table.sheet)


def _own_currencies(table: Table) -> Table:
    """Leave out of balances by currency the one that sums them up in the base currency."""
    at = table.columns.at.get("currency")
    named = [at is not None and at < len(c) and currency_code(c[at]) is not None for _, c in table.body]
    return (
        replace(table, body=[row for row, own in zip(table.body, named, strict=True) if own]) if any(named) else table
    )


Run = tuple[int, list[Any], list[Row], str | None]


def _sections(rows: Sequence[Row], at: int) -> tuple[list[Run], list[Row]]:
    """Split by the column that names each row's type, the one beside it naming the section."""
    runs: list[Run] = []
    around: list[Row] = []
    current: dict[str, Run] = {}
    for line, cells in rows:
        kind = str(cells[at]).strip().lower() if len(cells) > 2 else ""
        section = str(cells[1 - at]).strip() if len(cells) > 2 else ""
        if kind == "header":
            current[section] = (line, cells[2:], [], section)
            runs.append(current[section])
        elif kind == "data" and section in current:
            current[section][2].append((line, cells[2:]))
            if len(filled(cells)) == 4:
                around.append((line, cells[2:4]))
        elif kind in {"total", "subtotal"} and section in current:
            current[section][2].append((line, ["Total" if not c and i == 0 else c for i, c in enumerate(cells[2:])]))
        elif filled(cells):
            around.append((line, cells))
    return runs, around


def _runs(rows: Sequence[Row], by_hand: Mapping[str, str] | None) -> tuple[list[Run], list[Row]]:
    """Split at rows of headings; a lone cell right above one is its label."""
    wanted = {h.strip() for h in (by_hand or {}).values()} - {""}
    runs: list[Run] = []
    around: list[Row] = []
    first: list[Any] | None = None
    body, figures = around, -1
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        if figures >= 0 and _surely_data(block, figures):
            body += block
            continue
        for row in block:
            line, cells = row
            if (
                (not 0 <= figures < len(cells) or str(cells[figures])[-1:] not in _DIGITS)
                and may_head(cells)
                and (
                    cells == first
                    or heading_row(cells) >= (2 if first is None else max(2, 0.6 * len(filled(cells))))
                    or (wanted and wanted <= {c.strip() for c in cells if isinstance(c, str)})
                )
            ):
                first = first or cells
                label, body = _label(body), []
                runs.append((line, cells, body, label))
                figures = _figures(cells)
            else:
                body.append(row)
    return runs, around


def _surely_data(block: Sequence[Row], figures: int) -> bool:
    """Tell by one look at many rows that the column of figures ends in a digit in each: none of them is headings."""
    try:
        text = "".join([cells[figures] + "\n" for _, cells in block]).encode("utf-8", "replace").translate(_ZEROS)
    except (IndexError, TypeError):  # a row that is short, or a cell from a workbook
        return False
    return text.count(b"0\n") == text.count(b"\n")


def _figures(headings: Sequence[Any]) -> int:
    """Find a column that surely holds figures: a row with one there is no row of headings; -1 where none does."""
    for i, text in enumerate(headings):
        if isinstance(text, str) and understand(text.strip()).fields.keys() & {"quantity", "market_value", "weight"}:
            return i
    return -1


def may_head(cells: Sequence[Any]) -> bool:
    """Rule out rows of data at little cost: headings seldom end in a digit."""
    if len(cells) < 2:
        return False
    digits = 0
    for c in cells:
        if type(c) is not str or c[-1:].isdigit():
            digits += 1
    return digits * 4 <= len(cells)


def _label(before: list[Row]) -> str | None:
    for _, cells in reversed(before[-4:]):
        full = filled(cells)
        if len(full) == 1 and isinstance(full[0], str) and len(full[0]) < 80:
            return full[0].strip()
        if full:
            return None
    return None


def _lists(columns: Columns, body: Sequence[Row]) -> Listing:
    """Tell positions from balances and from transactions by columns and by what the rows say."""
    at = columns.at
    valued = bool(at.keys() & {"market_value", "weight", "notional_value"})
    step = max(1, len(body) // 100)
    sample = [cells for _, cells in body[::step] if len(filled(cells)) > 1]
    if trades(sample, strong=valued and "transaction" not in at) and (
        at.keys() & {"trade_date", "as_of", "transaction", "proceeds"}
    ):
        return "transactions"
    unsaid = "transaction" in at and not any(c[at["transaction"]] for c in sample if len(c) > at["transaction"])
    lots = unsaid and {"quantity", "price"} <= at.keys()  # bought once, held still: nothing says otherwise
    if (
        "trade_date" in at
        and at.keys() & {"transaction", "proceeds"}
        and not ("weight" in at and "quantity" in at)
        and not lots
    ):
        return "transactions"
    if "transaction" in at and "as_of" in at and not unsaid and not valued:
        return "transactions"
    if at.keys() & {"trade_date", "as_of"} and paid_for(columns, sample):
        return "transactions"
    identity = at.keys() & {"ticker", "isin", "cusip", "sedol", "figi", "name"}
    if "cash" in at and not identity:
        return "cash"
    weak = {"amount", "montant", "betrag", "bedrag", "importo", "importe", "saldo", "solde", "balance"}
    if (
        at.keys() & {"as_of", "trade_date"}
        and not at.keys() & {"quantity", "weight", "price"}
        and "market_value" in at
        and normal(columns.headings[at["market_value"]]) in weak
    ):
        return "transactions"  # a date, a description and an amount: an account's movements
    if identity and (valued or "quantity" in at):
        return "positions"
    return "other"
