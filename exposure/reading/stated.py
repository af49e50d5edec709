"""What a file states about its own table, to hold its lines against: how many, worth how much, of which dates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from exposure.reading import numbers
from exposure.reading.cells import filled
from exposure.reading.columns import FUNDS
from exposure.reading.headings import normal
from exposure.reading.positions import Draft
from exposure.reading.table import Table
from exposure.types import Issue

_COUNT = re.compile(
    r"(?:number of|no of|anzahl|nombre de|aantal|numero (?:de|di)) (?:holdings|positions|securities"
    r"|constituents|lines|positionen|titres|lignes|posities|titoli|posizioni|posiciones|valores)"
    r"|holdings count|total holdings|total positions|positions count"
)


_TOTAL_VALUE = re.compile(
    r"(?:total|grand total|gesamt|gesamtwert|depotwert|gesamtsumme|total general|totaal)"
    r"|(?:total |totale |gesamt|valeur |portfolio |account )+(?:market |portfolio |account |marktwert|kurswert)?"
    r"(?:value|valuation|totale|wert|waarde|valore)|valeur totale"
    r"|valorisation totale|totale waarde|valore totale|valor total"
)


def undated(d: Draft) -> list[Issue]:
    """Tell of the dates of lines that cannot be read: nothing is dated by guess in silence."""
    at = d.tables[0].columns.at.get("as_of")
    if at is None or None not in d.as_of or not any(d.as_of):
        return []
    bad = [i for i, day in enumerate(d.as_of) if day is None and str(d.columns[at][i] or "").strip(" -")]
    return [
        Issue(
            "warning",
            f"{' '.join(d.tables[0].columns.headings[at].split())}: {str(d.columns[at][i])[:40]!r} is no date; "
            "the line is taken with the others",
            row=d.rows[i],
            remedy="mend the date",
        )
        for i in bad[:20]
    ]


def total(around: list[tuple[int, list[Any]]], read: numbers.Reader) -> tuple[int, str, float, str | None] | None:
    """Find the total that the text before the table states, and on which line."""
    for line, cells in around:
        full = filled(cells)
        if len(full) == 2 and _TOTAL_VALUE.fullmatch(normal(re.sub(r"[(\[].*", "", str(full[0])))):
            try:
                figure = read.one(full[1])
            except ValueError:
                continue
            if figure:
                return line, str(full[0]), figure, None
    return None


def count(around: list[tuple[int, list[Any]]]) -> tuple[int, int] | None:
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


def funds(groups: list[list[Table]], accounts: Sequence[str | None]) -> list[Issue]:
    """Say which funds a file holds the lines of, where one column names several."""
    columns = [g[0].columns for g in groups]
    if not any("account" in c.at and normal(c.headings[c.at["account"]]) in FUNDS for c in columns):
        return []
    names = sorted({a for a in accounts if a})
    if len(names) < 2:
        return []
    more = ", …" if len(names) > 5 else ""
    return [
        Issue(
            "notice",
            f"lines of {len(names):,} funds, {', '.join(names[:5])}{more}, are read as one book",
            remedy="give each fund as a file of its own to hold them apart",
        )
    ]
