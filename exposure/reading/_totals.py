"""Words by which a row calls itself a total, a pending item or a summary of the account.

Rows that add up others without saying so: the label of a group with its value, a last line without a name.

Portfolio systems write `Technology, , , 4,000, 40 %` above the shares it is made of. Told by arithmetic alone: a line
that names no security and has neither quantity nor price, and whose value is the sum of the lines below it, or above.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from exposure.reading import _kinds
from exposure.reading._headings import normal

_MAYBE_TOTAL = re.compile(
    r"tot|sum|somm|gesamt|pending|ausstehend|p/l|power|value|margin|funds|dollars|[合總总小][計计]|합계|총계"
)
"""Of small letters: told to mind no case, a search takes five times as long."""
_TOTAL = re.compile(
    r"(?:[\w&/.-]+ ){0,4}?(?:grand ?|sub ?|sous |zwischen|gesamt|end)?(?:total|totals|totaal|totale"
    r"|totales|totaux|totali|summe|gesamt|gesamtsumme|gesamtwert|gesamtbetrag|somme|suma)"
    r"(?: (?:in )?[a-z]{3}| (?:general|generale|value|market value|portfolio|portefeuille|portafoglio"
    r"|cartera|depot|accounts?|assets?|net assets|holdings|positions|securities|investments?|equity"
    r"|equities|stocks?|bonds?"
    r"|cash|fund|funds|options?|of|for|all|all accounts|long|short|del|du|des|de|di|la)|(?<=for) .+| [x*\d-]+){0,4}"
)
_PENDING = re.compile(
    r"pending activity|pending transactions?|unsettled (?:activity|trades?)|operations? en cours"
    r"|ausstehende umsatze|transactions? pending"
)
_BEGINS = re.compile(
    r"(?:grand |sub ?|sous |zwischen|gesamt)?(?:total|totals|totaal|totale|totaux|summe|summa|somme|suma)\b"
    r"|zwischensumme|gesamtsumme|合計|合计|總計|总计|小計|小计|합계|총계"
)
"""With neither quantity nor price where others have them, a total whatever its other words are."""
_SUMMARY = re.compile(
    r"(?:overall |total |net )?p l (?:ytd|open|day)|(?:\w+ )?buying power|available (?:dollars|funds)"
    r"|(?:net liquidating|account|net account|portfolio) value|margin (?:requirement|equity|used)|day trades left"
)


def maybe_totals(columns: list[list[Any]]) -> set[int]:
    """Find the rows that hold a word of totals: all texts of a column are searched as one."""
    found: set[int] = set()
    for texts in columns:
        several = set(texts)
        try:
            whole = "\n".join(several)
        except TypeError:  # cells of a workbook
            several = {t for t in several if isinstance(t, str)}
            whole = "\n".join(several)
        low = whole.lower()
        words: set[str] = set()
        if len(low) == len(whole) and whole.count("\n") == len(several) - 1:
            for m in _MAYBE_TOTAL.finditer(low):
                start, end = low.rfind("\n", 0, m.start()) + 1, low.find("\n", m.end())
                words.add(whole[start : end if end >= 0 else None])
        else:  # a letter whose small form is longer, a cell of several lines
            words = {t for t in several if _MAYBE_TOTAL.search(t.lower())}
        if words:
            found.update(i for i, t in enumerate(texts) if t in words)
    return found


def begins(text: str) -> bool:
    """Tell whether a text begins with a word of totals."""
    return bool(_BEGINS.match(normal(text)))


def called(words: list[str], whole: bool, bare: bool, few: bool) -> str | None:
    """Tell a total or a pending item by its words, where no identifier makes it a line; `whole` figures do too."""
    for text in map(normal, words):
        if _PENDING.search(text):
            return "pending"
        if bare and _BEGINS.match(text):
            return "total"
    ticker = normal(words[0])
    if whole or (
        len(words) > 2
        and ticker
        and not _TOTAL.fullmatch(ticker)
        and len(words[0]) < 7
        and _MAYBE_TOTAL.search(words[1].lower())
    ):
        return None
    if (bare or few) and any(_SUMMARY.match(normal(w)) for w in words):
        return "summary"
    return "total" if any(w and _TOTAL.fullmatch(w) for w in map(normal, words)) else None


_AMOUNTS = ("market_value", "weight")


def sums_of(
    at: Mapping[str, int],
    columns: Sequence[Sequence[Any]],
    figures: Mapping[str, Sequence[float | None]],
    gone: set[int],
) -> set[int]:
    """Find the rows that sum up others, by arithmetic: none of them has a quantity, a price or an identifier.

    Parameters
    ----------
    at : mapping
        Field → column.
    columns, figures : the table's cells by column, and its figures by field.
    gone : set of int
        Rows that are known to be no lines.
    """
    held = [figures[n] for n in ("quantity", "price") if n in figures]
    bare = {i for i, f in enumerate(held[0]) if f is None} if held else set()
    for column_of in held[1:]:
        bare = {i for i in bare if column_of[i] is None}
    for n in ("ticker", "isin", "cusip", "sedol", "figi"):
        if n in at:
            bare = {i for i in bare if not str(columns[at[n]][i] or "").strip()}
    if not bare or len(bare) > 1000:
        return set()
    cash = {i for i in bare if "name" in at and _kinds.is_cash(None, str(columns[at["name"]][i] or "").strip())}
    return _summing(figures, bare, cash, gone)


def _summing(figures: Mapping[str, Sequence[float | None]], bare: set[int], cash: set[int], gone: set[int]) -> set[int]:
    """Find the rows whose value is the sum of those that follow, or that precede.

    Parameters
    ----------
    figures : mapping
        Field → one column of figures.
    bare : set of int
        Rows that name no security and have neither quantity nor price: only these may be sums.
    cash : set of int
        Those among them that name a balance: lines for sure, but a group may end before one.
    gone : set of int
        Rows that are known to be no lines.
    """
    name = next((n for n in _AMOUNTS if n in figures and any(f is not None for f in figures[n])), None)
    doubtful = bare - cash - gone
    if name is None or not doubtful or 2 * len(doubtful) > len(figures[name]) - len(gone):
        return set()
    values = figures[name]
    near = 0.006 if any(v is not None and v != round(v) for v in values) else 0.51
    return {
        i
        for i in doubtful
        if (total := values[i])
        and any(
            _reached(total, values, rows, bare=bare, doubtful=doubtful, gone=gone, near=near)
            for rows in (range(i + 1, len(values)), range(i - 1, -1, -1))
        )
    }


def _reached(
    total: float,
    values: Sequence[float | None],
    rows: range,
    *,
    bare: set[int],
    doubtful: set[int],
    gone: set[int],
    near: float,
) -> bool:
    """Tell whether the lines next to a row add up to its value just where the next row without a name or the end is."""
    found, count = 0.0, 0
    for j in rows:
        if j in gone:
            continue
        if j in bare:
            if count and _same(found, total, near, count):
                return True
            if j in doubtful:
                continue
        found += values[j] or 0.0
        count += values[j] is not None
    return count > 0 and _same(found, total, near, count)


def _same(found: float, total: float, near: float, count: int) -> bool:
    return abs(found - total) <= min(near * (count + 1), 0.005 * abs(total)) + 1e-9
