"""Which tables of a file count: the fullest shape with all its sections, and others that name other things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from exposure.errors import InputError, TransactionsError
from exposure.files import NumberReader, filled_cells
from exposure.reading._columns import NUMERIC
from exposure.reading._source import Source
from exposure.reading._table import Table
from exposure.types import Issue


def choose(
    tables: list[Table], src: Source, name: str, by_hand: Mapping[str, str] | None, issues: list[Issue]
) -> list[list[Table]]:
    """Choose the tables that count: the fullest shape, all its sections, and others that name other things."""
    for field, heading in (by_hand or {}).items():
        if not any(heading.strip() in t.columns.headings for t in tables):
            raise InputError("read.no-such-heading", file=name, column=field, heading=heading)
    listed = [t for t in tables if t.lists == "positions"]
    balances = [t for t in tables if t.lists == "cash" and t.body]
    dealt = [t for t in tables if t.lists == "transactions" and t.body]
    if src.bare_trades or (not listed and dealt):
        counted = [t for t in dealt if "quantity" in t.columns.at]
        if not counted:
            code = "transactions.no-headings" if src.bare_trades else "transactions.no-quantities"
            raise TransactionsError(code, file=name, row=dealt[0].line if dealt else 1)
        return [[t] for t in counted]
    if not listed and not balances:
        raise InputError("read.nothing-held", file=name, row=tables[0].line if tables else None)
    shapes: dict[tuple[str, ...], list[Table]] = {}
    for t in listed:
        shapes.setdefault(t.columns.headings, []).append(t)
    ranked = sorted(shapes.values(), key=lambda g: (-_fullness(g), g[0].line))
    groups: list[list[Table]] = []
    seen: set[str] = set()
    for group in ranked:
        columns = max(group, key=lambda t: len(t.body)).columns  # understood once, where most rows speak
        kept = _distinct([replace(t, columns=columns) for t in group], issues)
        named = {i for t in kept for i in _identities(t)} if len(ranked) > 1 else set()
        if groups and (not named or len(named & seen) > 0.2 * len(named)):
            issues.append(Issue.of("notice", "read.table-again", row=group[0].line, line=group[0].line))
            continue
        seen |= named
        groups.append(kept)
    for t in tables:
        if t.lists in {"transactions", "other"} and t.body and groups and not _paperwork(t):
            code = "read.table-of-transactions" if t.lists == "transactions" else "read.table-of-other-things"
            issues.append(Issue.of("notice", code, row=t.line, line=t.line))
    by_shape: dict[tuple[str, ...], list[Table]] = {}
    for t in balances:
        by_shape.setdefault(t.columns.headings, []).append(t)
    return sorted(groups + list(by_shape.values()), key=lambda g: g[0].line if len(src.sections) == 1 else 0)


def _paperwork(t: Table) -> bool:
    return not t.columns.at.keys() & NUMERIC


def _fullness(group: list[Table]) -> float:
    at = group[0].columns.at
    worth = {
        "market_value": 4,
        "quantity": 3,
        "price": 2,
        "weight": 2,
        "isin": 1,
        "ticker": 1,
        "name": 1,
        "asset_class": 1,
        "currency": 1,
    }
    body = sum(len(t.body) for t in group)
    return (
        sum(w for k, w in worth.items() if k in at)
        + min(body, 3) * 3
        - (6 if "quantity" not in at and "market_value" not in at and "weight" not in at else 0)
    )


def _identities(t: Table) -> list[str]:
    at = next((t.columns.at[k] for k in ("isin", "ticker", "cusip", "sedol", "name") if k in t.columns.at), None)
    return [
        str(c[at]).strip().upper()
        for _, c in t.body
        if at is not None and at < len(c) and len(filled_cells(c)) > 2 and str(c[at]).strip()
    ]


def _distinct(group: list[Table], issues: list[Issue]) -> list[Table]:
    """Leave out a table that repeats another's rows by name and value under the same label."""
    kept: list[Table] = []
    known: dict[tuple[Any, ...], int] = {}
    worths: dict[Any, list[float]] = {}
    if len(group) == 1:
        return group
    for t in group:
        at = t.columns.at
        fields = [at[k] for k in ("ticker", "isin", "name", "market_value") if k in at]
        key = (
            t.label,
            t.sheet,
            *(tuple(c[i] if i < len(c) else "" for i in fields) for _, c in t.body if len(filled_cells(c)) > 3),
        )
        if len(key) > 3 and key in known and len(group) > 1:
            issues.append(Issue.of("warning", "read.table-repeated", row=t.line, line=t.line, other=known[key]))
            continue
        known[key] = t.line
        worth = _worth(t)
        if worth and any(abs(worth - other) < 1e-3 * abs(worth) for other in worths.get((t.label, t.sheet), [])):
            issues.append(Issue.of("warning", "read.table-seen-through", row=t.line, line=t.line, worth=worth))
            continue
        worths.setdefault((t.label, t.sheet), []).append(worth)
        kept.append(t)
    return kept


def _worth(t: Table) -> float:
    """Add up a table's values under whichever decimal mark reads them; 0 where there are none, or hardly any."""
    at = t.columns.at.get("market_value")
    cells = [c[at] for _, c in t.body if at is not None and at < len(c) and len(filled_cells(c)) > 3]
    if len(cells) < 2:
        return 0.0
    sums = []
    for mark in (".", ","):
        values, faults = NumberReader(mark).column(cells)
        sums.append((len(faults), sum(v for v in values if v is not None)))
    return min(sums)[1]


def without_repeats(t: Table, issues: list[Issue]) -> Table:
    """Take a balance that is written twice once."""
    seen: dict[tuple[Any, ...], int] = {}
    body = []
    for line, cells in t.body:
        key = tuple(cells)
        if key in seen and filled_cells(cells):
            issues.append(Issue.of("notice", "read.balance-again", row=line, line=seen[key]))
            continue
        seen[key] = line
        body.append((line, cells))
    return Table(t.line, t.columns, body, t.label, t.lists, t.sheet)
