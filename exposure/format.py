"""Figures as people read them: the only place where a fraction becomes per cent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

MINUS, THIN = "\u2212", "\u202f"
TICKS = ".0%"
FINE_TICKS = ".1%"
HOVER = ".2%"
"""How an axis of fractions and what hovers over it write them, in the language of d3-format."""
UNITS = ((1e12, 1e12, "tn"), (1e9, 1e9, "bn"), (1e6, 1e6, "M"), (1e4, 1e3, "k"))
"""Short money: from which size on, divided by what, and the unit behind it."""


def percent(fraction: float | None, digits: int = 2, *, signed: bool = False) -> str:
    """Write a fraction as per cent: −0.1697 → `−16.97 %`; unknown is a dash.

    >>> percent(-0.1697)
    '−16.97\u202f%'
    """
    return "–" if fraction is None else f"{number(100 * fraction, digits, signed=signed)}{THIN}%"


def share(fraction: float | None) -> str:
    """Write a share in whole per cent, finer where that would say all and it is not.

    >>> share(0.9), share(0.9981)
    ('90\u202f%', '99.81\u202f%')
    """
    return percent(fraction, 2 if fraction is not None and 0.985 < fraction < 1 else 0)


def points(fraction: float | None) -> float | None:
    """Give a fraction as the per cent that a person types: −0.12 → −12; unknown stays unknown."""
    return None if fraction is None else round(100 * fraction, 6)


def from_points(typed: float | None) -> float | None:
    """Give the fraction behind typed per cent: −12 → −0.12; nothing typed stays nothing."""
    return None if typed is None else round(typed / 100, 12)


def number(value: float | None, digits: int = 0, *, signed: bool = False) -> str:
    """Write a number with thin spaces between thousands and a true minus; a rounded zero has no sign."""
    if value is None:
        return "–"
    text = f"{abs(value):,.{digits}f}".replace(",", THIN)
    zero = not any(c in "123456789" for c in text)
    return text if zero else (MINUS if value < 0 else "+" if signed else "") + text


def figure(value: float, digits: int = 4) -> str:
    """Write a factor with so many significant digits: `0.01`, `19.98`, `1e-06`."""
    return f"{value:.{digits}g}"


def money(value: float | None, currency: str | None, digits: int = 0, *, signed: bool = False) -> str:
    """Write money with its currency behind it: `−1 250 EUR`."""
    text = number(value, digits, signed=signed)
    return f"{text} {currency}" if currency and value is not None else text


def short_money(value: float | None, currency: str | None, *, signed: bool = False) -> str:
    """Write money short, for a headline: `−1.4 M EUR`, `36.2 bn USD`."""
    if value is None:
        return "–"
    for size, by, unit in UNITS:
        if abs(value) >= size:
            scaled = value / by
            return f"{number(scaled, 1 if abs(scaled) < 1000 else 0, signed=signed)} {unit} {currency or ''}".rstrip()
    return money(value, currency, signed=signed)


def day(value: date | None) -> str:
    """Write a session date as `27 Jan 2025`; unknown is a dash."""
    return "–" if value is None else f"{value.day} {value:%b %Y}"


def text_table(rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Lay rows of text out in aligned columns, those numbered in `right` flush right."""
    table = [list(r) for r in rows]
    widths = [max(len(r[i]) for r in table) for i in range(len(table[0]))] if table else []
    lines = (
        "  ".join(
            c.rjust(w) if i in right else c.ljust(w) for i, (c, w) in enumerate(zip(r, widths, strict=True))
        ).rstrip()
        for r in table
    )
    return "\n".join(lines)
