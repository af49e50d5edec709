"""Rows of a table to draft lines: positions and cash told from totals, pending items, labels and small print."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from exposure.reading import dates, kinds, numbers
from exposure.reading.headings import normal
from exposure.reading.identifiers import cusip_check, identify, is_cusip, mended
from exposure.reading.table import Table, filled
from exposure.types import Issue, Kind, Rejected

_MAYBE_TOTAL = re.compile(r"tot|sum|somm|gesamt|pending|ausstehend", re.I)
_TOTAL = re.compile(
    r"(?:[\w&/.-]+ ){0,4}?(?:grand ?|sub ?|sous |zwischen|gesamt|end)?(?:total|totals|totaal|totale|totales|totaux|totali|summe|gesamt|gesamtsumme|gesamtwert|gesamtbetrag|somme|suma)"
    r"(?: (?:in )?[a-z]{3}| (?:general|generale|value|market value|portfolio|portefeuille|portafoglio|cartera|depot|accounts?|assets?|net assets|holdings|positions|securities|investments?|equity|equities|stocks?|bonds?"
    r"|cash|fund|funds|options?|of|for|all|all accounts|long|short|del|du|des|de|di|la)|(?<=for) .+| [x*\d-]+){0,4}"
)
_PENDING = re.compile(
    r"pending activity|pending transactions?|unsettled (?:activity|trades?)|operations? en cours|ausstehende umsatze|transactions? pending"
)
_NUMBERS = (
    "quantity",
    "price",
    "market_value",
    "weight",
    "notional_value",
    "multiplier",
    "strike",
    "fx_rate",
    "cash",
    "coupon",
)
_AMOUNTS = ("quantity", "market_value", "weight", "notional_value", "cash")
_TEXTS = (
    "ticker",
    "isin",
    "cusip",
    "sedol",
    "figi",
    "name",
    "exchange",
    "country",
    "sector",
    "account",
    "asset_class",
    "underlying",
    "side",
    "right",
    "maturity",
)
_COUNT = re.compile(
    r"(?:number of|no of|anzahl|nombre de|aantal|numero (?:de|di)) (?:holdings|positions|securities|constituents|lines|positionen|titres|lignes|posities|titoli|posizioni|posiciones|valores)|holdings count|total holdings|total positions|positions count"
)


@dataclass(slots=True)
class Draft:
    """The lines of tables that share their headings, field by field, before units are settled."""

    tables: list[Table]
    rows: list[int] = field(default_factory=list)
    cells: list[list[Any]] = field(default_factory=list)
    text: dict[str, list[str | None]] = field(default_factory=dict)
    number: dict[str, list[float | None]] = field(default_factory=dict)
    kind: list[Kind] = field(default_factory=list)
    as_of: list[date | None] = field(default_factory=list)
    contract: list[kinds.Contract | None] = field(default_factory=list)
    mended: list[str | None] = field(default_factory=list)
    """Name of the identifier whose check digit or leading zeros were put back."""
    totals: list[tuple[int, str, float, str | None]] = field(default_factory=list)
    """Line, words, stated value and label of the table."""


Numbers = Callable[[numbers.Cell], float | None]


def draft(
    tables: list[Table], read: Numbers, order: dates.Order | None, rejected: list[Rejected], issues: list[Issue]
) -> Draft:
    """Read the rows of tables of one shape.

    Rows that cannot be used are added to `rejected`, what should be known to `issues`.
    """
    out = Draft(tables)
    at = tables[0].columns.at
    texts = [(n, at[n]) for n in _TEXTS if n in at]
    figures = [(n, at[n]) for n in _NUMBERS if n in at]
    for n, _ in texts:
        out.text[n] = []
    for n, _ in figures:
        out.number[n] = []
    accounts = _account_labels(tables, "account" in at)
    if accounts and "account" not in at:
        out.text["account"] = []
    class_at = at.get("asset_class")
    words = {
        str(c[class_at]).strip().lower()
        for t in tables
        for _, c in t.body
        if class_at is not None and class_at < len(c)
    } - {""}
    by_class = (
        class_at is not None
        and not words <= {"cash", "margin", "short", "long", "--", "-"}
        or words == {"cash"}
        and len(tables[0].body) == 1
    )
    for table, account in zip(tables, accounts or [None] * len(tables), strict=True):
        _table(table, account, out, texts, figures, read, order, by_class, rejected, issues)
    return out


def _account_labels(tables: list[Table], has_account: bool) -> list[str | None]:
    labels = [t.label or t.sheet for t in tables]
    return labels if len(tables) > 1 and not has_account else []


def _table(table: Table, account: str | None, out: Draft, texts: list[tuple[str, int]], figures: list[tuple[str, int]], read: Numbers,
           order: dates.Order | None, by_class: bool, rejected: list[Rejected], issues: list[Issue]) -> None:  # fmt: skip
    at = table.columns.at
    width = len(table.columns.headings)
    date_at = at.get("as_of")
    section: Kind | None = None
    ended = False  # after an empty line: what then holds no number is small print
    for line, cells in table.body:
        count = len(cells) - cells.count("")
        if count < 3 or not cells[0]:
            full = filled(cells)
            count = len(full)
            if not full:
                ended = bool(out.rows)
                continue
            if count == 1 and width > 1:
                section = _label_row(line, full[0], section, ended, cells, out, rejected)
                continue
        length = len(cells)
        row = {n: (c.strip() if type(c := cells[i]) is str else _whole(c)) if i < length else "" for n, i in texts}
        ids = [row.get(n, "") for n in ("isin", "cusip", "sedol")]
        got: dict[str, float | None] = {}
        fault = None
        for n, i in figures:
            try:
                got[n] = read(cells[i]) if i < len(cells) else None
            except ValueError as error:
                got[n] = None
                if n in ("quantity", "price", "market_value", "weight"):
                    fault = fault or f"{table.columns.headings[i] or n}: {error}"
        said = _said(row, cells)
        if _MAYBE_TOTAL.search(said) and (
            total := _total(said, row, ids, got.get("quantity") is not None and got.get("price") is not None)
        ):
            if total == "pending":
                figure = next((got[n] for n in _AMOUNTS if got.get(n) is not None), None)
                rejected.append(
                    Rejected(
                        line,
                        f"pending activity{'' if figure is None else f' of {figure:,.2f}'} is no position yet",
                        _raw(cells),
                    )
                )
            else:
                stated = got.get("market_value")
                if stated is not None:
                    out.totals.append((line, said, stated, account or table.label))
            continue
        if not fault and not any(got.get(n) is not None for n in _AMOUNTS):
            if not ended:
                rejected.append(Rejected(line, "neither quantity, value nor weight stands in this row", _raw(cells)))
            continue
        if len(cells) > width and filled(cells[width:]) or fault:
            fault = fault or f"{len(cells)} cells where the headings are {width}"
            if not ended or count > 0.5 * width:
                rejected.append(Rejected(line, fault, _raw(cells)))
            continue
        if (
            not any(row.get(n) for n in ("ticker", "isin", "cusip", "sedol", "figi", "name", "asset_class"))
            and "cash" not in got
        ):
            rejected.append(Rejected(line, "no name, ticker or identifier says what this is", _raw(cells)))
            continue
        _keep(line, cells, row, got, account, out, by_class, section, parse_date(cells, date_at, order))


def parse_date(cells: list[Any], at: int | None, order: dates.Order | None) -> date | None:
    """Read the date of a row, where its table has a column of dates."""
    return dates.parse(cells[at], order) if at is not None and at < len(cells) else None


def _whole(value: Any) -> str:
    if not isinstance(value, float):
        return "" if value is None else str(value)
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else str(value)


def _raw(cells: list[Any]) -> str:
    return ",".join(str(c) for c in cells)[:500]


def _said(row: dict[str, str], cells: list[Any]) -> str:
    """Give the words by which a row would call itself a total."""
    first = next((str(c).strip() for c in cells if c and str(c).strip()), "")
    return "\x1f".join(
        dict.fromkeys(
            [row.get("ticker", ""), row.get("name", ""), row.get("asset_class", ""), first, row.get("account", "")]
        )
    )


def _total(said: str, row: dict[str, str], ids: list[str], held: bool) -> str | None:
    if any(identify(i) for i in ids if i):
        return None
    for words in map(normal, said.split("\x1f")):
        if _PENDING.search(words):
            return "pending"
        if (
            words
            and _TOTAL.fullmatch(words)
            and not held
            and not (
                row.get("ticker")
                and normal(row["ticker"]) != words
                and row.get("name")
                and normal(row["name"]) == words
            )
        ):
            return "total"
    return None


def _label_row(
    line: int, text: Any, section: Kind | None, ended: bool, cells: list[Any], out: Draft, rejected: list[Rejected]
) -> Kind | None:
    """Take a row of one cell as the label of a group of rows (`Bonds`), as small print, or as a line that lacks its figures."""
    words = str(text).strip()
    kind = kinds.of_class(words) if len(words) < 40 and not ended else None
    if kind is None and not ended and len(words) < 40 and out.rows and identify(words.upper()):
        rejected.append(Rejected(line, "neither quantity, value nor weight stands in this row", _raw(cells)))
    return kind or section


def _keep(line: int, cells: list[Any], row: dict[str, str], got: dict[str, float | None], account: str | None, out: Draft, by_class: bool,
          section: Kind | None, as_of: date | None) -> None:  # fmt: skip
    ticker, name = _said_nothing(row.get("ticker")), _said_nothing(row.get("name"))
    fixed = _identifiers(row)
    contract = (kinds.option(ticker) if ticker else None) or (kinds.option(name) if name else None)
    kind = _kind(row.get("asset_class") if by_class else None, ticker, name, contract, section, row, got)
    out.rows.append(line)
    out.cells.append(cells)
    for n, column in out.text.items():
        column.append(_said_nothing(row.get(n)) if n != "account" or n in row else account)
    for n, figures in out.number.items():
        figures.append(got.get(n))
    out.kind.append(kind)
    out.as_of.append(as_of)
    out.contract.append(contract if kind == "option" else None)
    out.mended.append(fixed)


def _said_nothing(text: str | None) -> str | None:
    return None if not text or text.lower() in numbers.MISSING else text


def _identifiers(row: dict[str, str]) -> str | None:
    """Put each identifier under its own name, in `row`: a SEDOL out of the CUSIP column, zeros that a spreadsheet took."""
    fixed = None
    for n in ("isin", "cusip", "sedol", "figi"):
        text = row.get(n, "")
        if not text:
            continue
        text = row[n] = text.upper().replace(" ", "") if text.lower() not in numbers.MISSING else ""
        kind = identify(text)
        if kind and kind != n:
            row[n] = ""
            if not row.get(kind):
                row[kind] = text
        elif n == "cusip" and not kind and len(text) < 9 and text:
            if len(text) == 8 and (row.get("isin", "")[2:10] == text or not mended(text, 9)) and text.isalnum():
                row[n], fixed = text + cusip_check(text), n
            elif full := mended(text, 9):
                row[n], fixed = full, n
        elif n == "sedol" and not kind and 3 < len(text) < 7 and (full := mended(text, 7)):
            row[n], fixed = full, n
    return fixed


def _kind(words: str | None, ticker: str | None, name: str | None, contract: kinds.Contract | None, section: Kind | None,
          row: dict[str, str], got: dict[str, float | None]) -> Kind:  # fmt: skip
    if contract:
        return "option"
    kind = kinds.of_class(words) if words and words.lower() not in numbers.MISSING else None
    if kind is None or kind == "cash" and ticker:
        by_name = kinds.of_name(ticker, name)
        kind = kind or by_name
    elif kind == "equity" and name and kinds.of_name(None, name) == "fund":
        kind = "fund"
    elif kind == "fund" and kinds.is_cash(ticker, name):
        kind = "cash"
    if (
        kind is None
        and not row.get("isin")
        and kinds.like_money(name, got.get("quantity"), got.get("market_value"), ticker)
    ):
        kind = "cash"
    if kind is None and section:
        kind = section
    if (
        kind is None
        and "maturity" in row
        and (got.get("coupon") is not None or row["maturity"])
        and row["maturity"].lower() not in numbers.MISSING
    ):
        kind = "bond"
    if (
        kind is None
        and not ticker
        and not name
        and not row.get("isin")
        and not row.get("cusip")
        and not row.get("sedol")
    ):
        return "cash" if "cash" in got else "other"
    return kind or "equity"


def stated_count(around: list[tuple[int, list[Any]]]) -> tuple[int, int] | None:
    """Find how many positions the file says it holds, and on which line."""
    for line, cells in around:
        full = filled(cells)
        if (
            1 <= len(full) <= 2
            and _COUNT.search(normal(str(full[0])))
            and (m := re.search(r"(\d[\d,. ]*)\s*$", str(full[-1]).removesuffix(".0")))
        ):
            return line, int(re.sub(r"\D", "", m[1]))
    return None


__all__ = ["Draft", "draft", "is_cusip", "stated_count"]
