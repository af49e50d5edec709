"""Words by which a row calls itself a total, a pending item or a summary of the account."""

from __future__ import annotations

import re
from typing import Any

from exposure.reading.headings import normal

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
    for said in map(normal, words):
        if _PENDING.search(said):
            return "pending"
        if bare and _BEGINS.match(said):
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
