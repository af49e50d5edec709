"""Lines of tables to drafts: their texts, identifiers, kinds and dates, before units are settled."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, compress
from typing import Any, cast

from exposure.files import MISSING_CELLS, DayOrder, NumberReader, currency_code, parse_date
from exposure.reading import _kinds as kinds
from exposure.reading._profiles import cusip_check, each, holes, identify, with_leading_zeros
from exposure.reading._rows import classify_rows
from exposure.reading._table import Table
from exposure.types import Kind, Rejected

_TEXTS = (
    "ticker",
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
    "bought_currency",
    "sold_currency",
)
_ISIN_INSIDE = re.compile(r"(?<![A-Za-z0-9])([A-Z]{2}[A-Z0-9]{9}\d)(?![A-Za-z0-9])")
_RIGHT = re.compile(r"c|p|call|put", re.I)
_PIECES = frozenset({"stück", "stk", "stk.", "st", "st.", "pieces", "units", "shares", "pce", "piece"})
_IDS = ("isin", "cusip", "sedol", "figi")
_ID_SHAPE = {
    "isin": re.compile(r"[A-Z]{2}[A-Z0-9]{10}"),
    "sedol": re.compile(r"[A-Z0-9]{6,7}"),
    "figi": re.compile(r"[A-Z0-9]{12}"),
}


@dataclass(slots=True)
class Draft:
    """The lines of tables that share their headings, field by field, before units are settled."""

    tables: list[Table]
    rows: list[int] = field(default_factory=list)
    columns: list[list[Any]] = field(default_factory=list)
    """Every cell, by column."""
    text: dict[str, list[str | None]] = field(default_factory=dict)
    number: dict[str, list[float | None]] = field(default_factory=dict)
    kind: list[Kind] = field(default_factory=list)
    as_of: list[date | None] = field(default_factory=list)
    contract: list[kinds.Contract | None] = field(default_factory=list)
    repaired: list[str | None] = field(default_factory=list)
    """Name of the identifier whose check digit or leading zeros were put back."""
    totals: list[tuple[int, str, float, str | None]] = field(default_factory=list)
    """Line, words, stated value and label of the table."""


def draft(tables: list[Table], read: NumberReader, order: DayOrder | None, rejected: list[Rejected]) -> Draft:
    """Read the rows of tables of one shape; rows that cannot be used are added to `rejected`."""
    out = Draft(tables)
    at = tables[0].columns.at
    labelled = len(tables) > 1 and "account" not in at
    accounts: list[str | None] = []
    sections: list[Kind | None] = []
    parts: list[list[list[Any]]] = []
    for table in tables:
        found = classify_rows(table, read, rejected)
        out.rows += found.rows
        parts.append(found.columns)
        out.totals += found.totals
        sections += found.section
        accounts += [table.label or table.sheet] * len(found.rows)
        for n, figures in found.number.items():
            out.number.setdefault(n, []).extend(figures)
    out.columns = parts[0] if len(parts) == 1 else [list(chain(*same)) for same in zip(*parts, strict=True)]
    out.text = {n: _texts(out.columns[at[n]]) for n in _TEXTS if n in at}
    if labelled:
        out.text["account"] = accounts
    _identifiers(out, at)
    out.as_of = days(out, "as_of", order)
    classes = out.text.get("asset_class", [])
    words = {(c or "").lower() for c in classes} - {"", "--"}
    # `Cash` and `Margin` beside every stock name the account's type, not the asset's class
    lone = len(classes) == 1 and out.number.get("price", [None])[0] in {None, 1.0, 100.0}
    by_class = not words <= {"cash", "margin", "short", "long"} or lone
    _kinds(out, classes if by_class else [], sections)
    return out


def _texts(cells: Sequence[Any]) -> list[str | None]:
    """Clean one column of text; cells that say they say nothing are None."""
    known: Collection[Any] = set(cells)
    if 2 * len(known) > len(cells):  # hardly anything comes twice: a table of what each becomes would not pay
        known = cells
    try:
        texts = list(map(str.strip, known))
    except TypeError:  # cells of a workbook
        return each(_clean, cells)
    if "\n" in "".join(texts):
        return each(_clean, cells)
    missing = list(compress(known, map(MISSING_CELLS.__contains__, map(str.lower, texts))))
    if known is cells and not missing:
        return cast(list[str | None], texts)
    cleaned: dict[Any, str | None] = dict(zip(known, texts, strict=True))
    cleaned |= dict.fromkeys(missing)
    return list(map(cleaned.__getitem__, cells))


def _clean(cell: Any) -> str | None:
    text: str = cell.strip() if isinstance(cell, str) else _whole(cell)
    text = " ".join(text.split()) if "\n" in text else text
    return None if not text or (len(text) < 14 and text.lower() in MISSING_CELLS) else text


def _whole(value: Any) -> str:
    if not isinstance(value, float):
        return "" if value is None else str(value)
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else str(value)


def days(d: Draft, name: str, order: DayOrder | None) -> list[date | None]:
    """Read a column of dates; all None where there is none."""
    at = d.tables[0].columns.at.get(name)
    if at is None:
        return [None] * len(d.rows)
    return each(lambda cell: parse_date(cell, order), d.columns[at])


def _identifiers(d: Draft, at: dict[str, int]) -> None:
    """Put each identifier under its own name: a SEDOL out of the CUSIP column, zeros that a spreadsheet took."""
    n = len(d.rows)
    read = [k for k in _IDS if k in at]
    for k in _IDS:
        d.text[k] = each(_plain, _texts(d.columns[at[k]])) if k in at else [None] * n
    d.repaired = [None] * n
    _inside(d, at)
    for k in read:
        texts = d.text[k]
        sort_of = {text: identify(text) if text else k for text in set(texts)}
        if k == "cusip":
            sort_of |= {text: k for text, kind in sort_of.items() if kind is None and text and len(text) == 9}
        eight = [text for text in set(texts) if text and len(text) == 8]
        zeros = sum(bool(with_leading_zeros(text, 9)) for text in eight)  # lost by a spreadsheet, not the check digit
        short = k == "cusip" and 2 * zeros < len(eight) > sum(len(text or "") == 9 for text in set(texts))
        odd = {text for text, kind in sort_of.items() if kind != k}
        for i in [i for i, text in enumerate(texts) if text in odd] if odd else ():
            kind, text = sort_of[texts[i]], str(texts[i])
            texts[i] = None if kind else _restored(k, text, d, i, short)
            if kind:
                d.text[kind][i] = d.text[kind][i] or text


def _plain(text: str | None) -> str | None:
    return text.upper().replace(" ", "") if text and text.strip("0 ") else None


def _inside(d: Draft, at: dict[str, int]) -> None:
    """Take ISINs out of the text around them: `Vanguard S&P 500 / ISIN IE00B3XXRP09`."""
    for column in ("isin", "name"):
        if column not in at or (column == "name" and "isin" in at):
            continue
        cells = d.columns[at[column]]
        long = {cell for cell in set(cells) if isinstance(cell, str) and len(cell) >= 14}
        matches = {cell: m for cell in long if (m := _ISIN_INSIDE.search(cell)) and identify(m[1]) == "isin"}
        for i, cell in enumerate(cells) if matches else ():
            if not (m := matches.get(cell)):
                continue
            d.text["isin"][i] = m[1]
            if column == "isin" and "name" not in at:
                rest = cell[: m.start()] + cell[m.end() :]
                d.text.setdefault("name", [None] * len(d.rows))[i] = (
                    rest.strip(" -/()[]:,").removesuffix("ISIN").strip(" /-:(") or None
                )


def _restored(k: str, text: str, d: Draft, i: int, short: bool) -> str | None:
    """Mend an identifier whose check digit (`short`: all the column's) or leading zeros are missing."""
    full = None
    if k == "cusip" and text.isalnum() and text.isascii() and 4 < len(text) < 9:
        isin = d.text["isin"][i] or ""
        whole = len(text) == 8 and (short or isin[2:10] == text or not with_leading_zeros(text, 9))
        full = text + cusip_check(text) if whole else with_leading_zeros(text, 9)
    elif k == "sedol" and text.isascii() and 3 < len(text) < 7:
        full = with_leading_zeros(text, 7)
    if full:
        d.repaired[i] = k
        return full
    return text if k in _ID_SHAPE and _ID_SHAPE[k].fullmatch(text) else None


def _kinds(d: Draft, classes: list[str | None], sections: list[Kind | None]) -> None:
    """Settle the kind of every line: what words say is asked once for each set of them."""
    none: list[Any] = [None] * len(d.rows)
    words = list(zip(classes or none, d.text.get("ticker", none), d.text.get("name", none), sections, strict=True))
    contracts: dict[Any, kinds.Contract | None] = {}
    kind_of: dict[Any, Kind | None] = {}
    for key in set(words):
        asset_class, ticker, name, _ = key
        contracts[key] = (kinds.option(ticker) if ticker and len(ticker) > 8 else None) or (
            kinds.option(name) if name else None
        )
        kind_of[key] = "option" if contracts[key] else _of_words(asset_class, ticker, name)
    d.contract = list(map(contracts.__getitem__, words)) if any(contracts.values()) else none
    kind = list(map(kind_of.__getitem__, words))
    nominal = _nominal(d)
    for i in holes(kind):
        kind[i] = "bond" if i in nominal else _of_figures(words[i], d, i)
    for i in nominal:
        if kind[i] == "equity":
            kind[i] = "bond"
    for i, right in enumerate(d.text.get("right", [])):
        if right and _RIGHT.fullmatch(right):
            kind[i] = "option"
    d.kind = cast(list[Kind], kind)


def _nominal(d: Draft) -> set[int]:
    """Find the lines quoted in percent of a nominal, or held as money, in a column where the others are not."""
    found: set[int] = set()
    isins = d.text["isin"]
    for cells in d.columns if any(isins) else []:
        if len(set(cells[:200])) > 8 or len(all_ := set(cells)) > 8:
            continue
        words = {c: c.strip().lower() for c in all_ if isinstance(c, str)}
        codes = {c for c in words if currency_code(c)}
        percent = {c for c, w in words.items() if w in {"%", "pct", "prozent", "percent"}}
        pieces = {c for c, w in words.items() if w in _PIECES}
        if (
            len(codes | percent | pieces) == sum(map(bool, words.values()))
            and bool(codes) + bool(percent) + bool(pieces) > 1
        ):
            other = percent or codes
            found |= {i for i, c in enumerate(cells) if c in other and isins[i]}
    return found


def _of_words(words: str | None, ticker: str | None, name: str | None) -> Kind | None:
    """Tell the kind by the class, then by the name."""
    kind = kinds.of_class(words) if words else None
    if kind is None or (kind == "cash" and ticker):
        return kind or kinds.of_name(ticker, name)
    if kind == "equity" and name and kinds.fund_name(name):
        return "fund"
    if kind == "bond" and ticker and name and kinds.listed_fund(name):
        return "fund"  # a fund of bonds is listed, and moves as its price does
    if kind == "fund" and kinds.is_cash(ticker, name):
        return "cash"
    return kind


def _of_figures(words: tuple[Any, str | None, str | None, Kind | None], d: Draft, i: int) -> Kind:
    """Settle what words leave open: by a unit worth 1, then the label above, then the shape of a bond."""
    _, ticker, name, section = words
    number = d.number
    if (
        not d.text["isin"][i]
        and "quantity" in number
        and "market_value" in number
        and kinds.like_money(name, number["quantity"][i], number["market_value"][i], ticker)
    ):
        return "cash"
    if section:
        return section
    if "maturity" in d.text and d.text["maturity"][i]:
        return "bond"
    if not ticker and not name and not any(d.text[k][i] for k in _IDS):
        return "cash" if "cash" in number else "other"
    return "equity"
