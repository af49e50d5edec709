"""Transactions to positions, where buys, sells and splits allow: what cannot be settled is refused, never guessed.

Every dealing of the file is gone through by date; what is left of each security is written as a table of positions,
which is then read like any other. A sale of what was never bought, a dividend on it, an action that is not understood:
each shows that the file does not tell the whole story.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NoReturn

from exposure.errors import TransactionsError
from exposure.files import DayOrder, NumberReader, filled_cells, parse_date, unit_of
from exposure.reading import _kinds
from exposure.reading._columns import Columns
from exposure.reading._dealings import Action, action_of, paid_for
from exposure.reading._headings import normal, understand
from exposure.reading._table import Table
from exposure.types import Issue

_MOVES = re.compile(r"transfer|journal|adjust|conver|uberweis|virement|overboek|deposit|withdraw|einzahl|auszahl")
"""With a security and a quantity these may move it in or out, and do not say which."""
_IGNORED = frozenset({"closedlot", "subtotal", "total", "lot", "summary"})
_KEPT = frozenset(
    {"ticker", "isin", "cusip", "sedol", "figi", "name", "exchange", "country", "sector", "currency", "account"}
    | {"price_currency", "quantity", "price", "multiplier", "strike", "expiry", "right", "underlying", "maturity"}
    | {"asset_class"}
)
_NAMES = ("isin", "cusip", "sedol", "figi", "ticker", "name")
_DEALT_AT = re.compile(r"(?:t|trade|transaction|order|filled|fill|execution|executed|unit|purchase) ?price|price share")
_TIME = re.compile(r"\b(\d{1,2}):(\d\d)(?::(\d\d(?:\.\d+)?))?")
_UNDONE = re.compile(
    r"cancel+ed|rejected|expired|failed|pending|working|queued|storniert|abgelehnt|gestrichen|annule+|refuse"
    r"|annullato|rifiutato|geannuleerd|afgewezen|cancelad[oa]|rechazad[oa]|makulerad|avbruten"
)
"""What the status of an order says that was not executed."""
_FIRST: dict[Action, int] = {"old": 0, "new": 1, "buy": 2, "in": 2}
"""Order of a day's dealings where no time is written: splits before the opening, purchases before sales."""


@dataclass(slots=True)
class Dealing:
    """One row of a list of transactions."""

    line: int
    day: date
    time: float
    action: Action
    quantity: float | None
    price: float | None
    key: str
    table: Table
    cells: list[Any]


@dataclass(slots=True)
class Held:
    """What is held of one security while its dealings are gone through."""

    quantity: float = 0.0
    price: float | None = None
    bought: bool = False
    split_from: float | None = None
    last: Dealing | None = None
    largest: float = field(default=0.0)


def positions_from(tables: Sequence[Table], read: NumberReader, order: DayOrder | None, name: str) -> tuple[
    list[list[Table]], date, Issue
]:  # fmt: skip
    """Write what is left after all dealings as tables of positions.

    Returns
    -------
    groups : list of list of Table
        One table for each table of transactions, with the price of the last dealing.
    as_of : date
        Of the last row.
    notice : Issue
        From when to when, what was left aside, and what an earlier position would change.

    Raises
    ------
    TransactionsError
        Where anything needed cannot be settled, with the row.
    """
    tables = [_completed(t) for t in tables]
    dealings, last, aside = _dealings(tables, read, order, name)
    held: dict[str, Held] = {}
    for dealing in _in_order(dealings):
        _apply(held.setdefault(dealing.key, Held()), dealing, name)
    open_ = [h for h in held.values() if abs(h.quantity) > 1e-9 + 1e-7 * h.largest]
    if waiting := next((h for h in held.values() if h.split_from is not None and h.last), None):
        _refuse("transactions.split-unfinished", name, waiting.last.line if waiting.last else None)
    if not open_:
        _refuse("transactions.all-closed", name, tables[0].line)
    first = min(d.day for d in dealings)
    code = "transactions.built-in-part" if aside else "transactions.built"
    span: dict[str, Any] = {"first": first.isoformat(), "last": last.isoformat()}
    notice = Issue.of("notice", code, dealings=len(dealings), aside=aside, **span)
    return [[_table(t, [h for h in open_ if h.last and h.last.table is t])] for t in tables], last, notice


def _completed(table: Table) -> Table:
    """Find what positions would not need: a symbol that is the same on every row, the price of a dealing."""
    at, headings = dict(table.columns.at), table.columns.headings
    if not at.keys() & set(_NAMES):
        symbols = [i for i, h in enumerate(headings) if understand(h).fields.get("ticker", 9) < 2]
        at |= dict(zip(["ticker"], symbols, strict=False))
    if "price" not in at:
        named = [i for i, h in enumerate(headings) if _DEALT_AT.fullmatch(normal(h))]
        at |= dict(zip(["price"], named, strict=False))
    return replace(table, columns=replace(table.columns, at=at))


def _refuse(code: str, name: str, line: int | None, **params: str) -> NoReturn:
    raise TransactionsError(code, file=name, row=line, **params)


def _dealings(
    tables: Sequence[Table], read: NumberReader, order: DayOrder | None, name: str
) -> tuple[list[Dealing], date, int]:
    """Read every row that bears on what is held; count the others."""
    out: list[Dealing] = []
    days: list[date] = []
    aside = 0
    for table in tables:
        at = table.columns.at
        action_at, dated = _action_column(table), at.get("trade_date", at.get("as_of"))
        signed = action_at is None and paid_for(table.columns, [cells for _, cells in table.body])
        if dated is None or (action_at is None and not signed):
            continue
        for line, cells in table.body:
            text = _text(cells, action_at)
            if any(isinstance(c, str) and len(c) < 12 and _UNDONE.fullmatch(normal(c)) for c in cells):
                aside += 1
                continue
            if len(filled_cells(cells)) < 3 or normal(text).replace(" ", "") in _IGNORED:
                continue
            action, day = (
                "signed" if signed else action_of(text),
                parse_date(cells[dated] if dated < len(cells) else None, order),
            )
            key, quantity = _key(cells, at), _figure(read, cells, at.get("quantity"))
            days += [day] if day else []
            if _is_money(cells, at) or (key is None and not quantity):
                aside += 1
                continue
            if action == "income" and quantity and "reinvest" in normal(text):
                action = "buy"
            if action is None or action == "cash":
                if quantity and key and (action is None or _MOVES.search(normal(text))):
                    _refuse("transactions.unknown-action", name, line, action=text[:40])
                aside += 1
                continue
            if action == "income":
                aside += 1
            elif not quantity:
                _refuse("transactions.no-quantity", name, line, action=text[:40])
            if key is None:
                _refuse("transactions.nameless", name, line)
            if day is None:
                _refuse("transactions.no-date", name, line)
            price = _figure(read, cells, at.get("price"))
            out.append(Dealing(line, day, _time(cells), action, quantity, price, key, table, cells))
    if not any(d.action != "income" for d in out):
        _refuse("transactions.none", name, tables[0].line if tables else None)
    return out, max(days), aside


def _action_column(table: Table) -> int | None:
    """Find the column that says most often whether a row buys or sells."""
    best, most = table.columns.at.get("transaction"), 0
    sample = [cells for _, cells in table.body[:500]]
    for at in range(len(table.columns.headings)):
        if at == table.columns.at.get("name"):
            continue
        texts = [_text(cells, at) for cells in sample]
        letters = {t.lower() for t in texts} <= {"b", "s", ""}
        actions = [action_of(t) for t in texts if (letters or len(t) > 1) and len(t) < 80]
        hits = sum(action in {"buy", "sell", "short", "signed"} for action in actions)
        if hits > most:
            best, most = at, hits
    return best


def _text(cells: Sequence[Any], at: int | None) -> str:
    return str(cells[at]).strip() if at is not None and at < len(cells) else ""


def _figure(read: NumberReader, cells: Sequence[Any], at: int | None) -> float | None:
    try:
        return read.figure(cells[at]) if at is not None and at < len(cells) else None
    except ValueError:
        return None


def _time(cells: Sequence[Any]) -> float:
    """Read the time of day in seconds, −1 where none is written."""
    for cell in cells:
        if isinstance(cell, str) and (m := _TIME.search(cell)):
            return int(m[1]) * 3600 + int(m[2]) * 60 + float(m[3] or 0)
    return -1.0


def _key(cells: Sequence[Any], at: dict[str, int]) -> str | None:
    """Name what is dealt in: the first identifier of the row, within its account."""
    for name in _NAMES:
        if text := _text(cells, at.get(name)):
            return f"{_text(cells, at.get('account'))}\x1f{name}\x1f{text.upper()}"
    return None


def _is_money(cells: Sequence[Any], at: dict[str, int]) -> bool:
    """Tell sweeps and pairs of currencies, whose dealings move cash alone."""
    ticker, name = _text(cells, at.get("ticker")) or None, _text(cells, at.get("name")) or None
    return _kinds.of_name(ticker, name) in {"cash", "fx"}


def _in_order(dealings: list[Dealing]) -> list[Dealing]:
    """Sort by date and time; a list that begins with the newest is turned first."""
    turned = dealings[::-1] if dealings and dealings[0].day > dealings[-1].day else list(dealings)
    return sorted(turned, key=lambda d: (d.day, d.time, _FIRST.get(d.action, 3) if d.time < 0 else 0))


def _apply(held: Held, d: Dealing, name: str) -> None:
    """Let one dealing change what is held."""
    if d.action == "income":
        if not held.bought:
            _refuse("transactions.income-unbought", name, d.line)
        return
    size, action = abs(d.quantity or 0.0), d.action
    if action == "signed":
        action = "buy" if (d.quantity or 0.0) > 0 else "sell"
    elif action in {"buy", "in"} and (d.quantity or 0.0) < 0:
        _refuse("transactions.negative-purchase", name, d.line)
    slack = 1e-9 + 1e-6 * size
    if action == "split":
        _refuse("transactions.split-in-part", name, d.line)
    elif action in {"sell", "out"} and size > held.quantity + slack:
        _refuse("transactions.oversold", name, d.line)
    elif action == "old":
        if abs(size - held.quantity) > slack:
            _refuse("transactions.split-of-another", name, d.line)
        held.split_from, held.quantity = held.quantity, 0.0
    elif action == "new":
        if held.split_from is None:
            _refuse("transactions.split-unopened", name, d.line)
        held.price = None if held.price is None else held.price * held.split_from / size
        held.split_from, held.quantity = None, size
    else:
        held.quantity += size if action in {"buy", "in"} else -size
    if d.price and action in {"buy", "sell", "short"}:
        held.price = abs(d.price)
    held.bought, held.last, held.largest = True, d, max(held.largest, abs(held.quantity))


def _table(table: Table, open_: list[Held]) -> Table:
    """Write what is held as rows under the headings of the transactions."""
    columns, action_at = table.columns, _action_column(table)
    at = {k: i for k, i in columns.at.items() if k in _KEPT and i != action_at}
    headings = list(columns.headings)
    for name in ("quantity", "price"):
        if name not in at:
            at[name] = len(headings)
            headings.append(name)
    body = []
    for held in open_:
        assert held.last is not None
        cells = [*held.last.cells[: len(headings)], *[""] * (len(headings) - len(held.last.cells))]
        cells[at["quantity"]], cells[at["price"]] = held.quantity, held.price
        body.append((held.last.line, cells))
    units = {k: v for k, v in columns.units.items() if k in at}
    priced = columns.at.get("price", 10**6)
    signs = [unit_of(h.last.cells[priced]) if h.last and priced < len(h.last.cells) else None for h in open_]
    if any(signs) and "price_currency" not in at:  # a sign is that of its own line
        at["price_currency"] = len(headings)
        headings.append("price_currency")
        for (_, cells), sign in zip(body, signs, strict=True):
            cells.append(sign or "")
    used = Columns(at, tuple(headings), units, currencies=columns.currencies)
    return replace(table, columns=used, body=sorted(body, key=lambda row: row[0]), lists="positions")
