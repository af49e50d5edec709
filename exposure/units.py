"""Quote units and currencies: the one place that knows every hundredth of a currency, and what the euro replaced.

Two prices of different labels are comparable without a market's rate where a definition stands between them: a penny is
a hundredth of a pound for good, and a kuna is 1 / 7.5345 of a euro by the Council's regulation. `factor` knows both.
"""

from __future__ import annotations

from datetime import date
from itertools import product

_ANY_CASE: dict[str, tuple[str, float]] = {
    **dict.fromkeys(("GBX", "GBPX", "GBPP"), ("GBP", 0.01)),
    **dict.fromkeys(("ZAC", "ZARC"), ("ZAR", 0.01)),
    "ILA": ("ILS", 0.01),
    **dict.fromkeys(("USX", "USC"), ("USD", 0.01)),
    **dict.fromkeys(("EUX", "EUC"), ("EUR", 0.01)),
    "KWF": ("KWD", 0.001),
}
"""Units that no case turns into a currency: `gbx`, `ZAC` and `ZAc` say the same."""
_OWN_CASE: dict[str, tuple[str, float]] = {
    "GBp": ("GBP", 0.01),
    "ZAr": ("ZAR", 0.01),
    "ILs": ("ILS", 0.01),
    "KWd": ("KWD", 0.001),
    "USd": ("USD", 0.01),
    "EUr": ("EUR", 0.01),
    "USDc": ("USD", 0.01),
    "EURc": ("EUR", 0.01),
}
"""Units that differ from a currency (or from a coin of that name) by their last small letter alone: no other spelling
says them, for `gbp` and `GBP` are pounds."""
QUOTE_UNITS: dict[str, tuple[str, float]] = {
    "".join(letters): whole
    for unit, whole in _ANY_CASE.items()
    for letters in product(*((letter.upper(), letter.lower()) for letter in unit))
} | _OWN_CASE
"""Quote unit, in every spelling → currency and how much of it one unit is."""

_WORDS = {
    **dict.fromkeys(("p", "pence", "penny", "pence sterling", "penny sterling", "british pence"), "GBX"),
    **dict.fromkeys(("gb pence", "gbp pence", "uk pence"), "GBX"),
    **dict.fromkeys(("agorot", "agora", "israeli agorot", "israeli agora"), "ILA"),
    **dict.fromkeys(("south african cents", "south african cent", "rand cents"), "ZAc"),
    **dict.fromkeys(("us cents", "us cent"), "USX"),
    **dict.fromkeys(("euro cents", "euro cent"), "EUX"),
    **dict.fromkeys(("fils", "kuwaiti fils"), "KWF"),
}  # fmt: skip
"""How units are written out, in small letters; `p` is one only where a currency is looked for, as all of these are."""

SUCCESSORS: dict[str, tuple[str, float, date]] = {
    code: ("EUR", 1.0 / for_one_euro, day)
    for day, fixed in {
        date(1999, 1, 1): {
            "ATS": 13.7603, "BEF": 40.3399, "DEM": 1.95583, "ESP": 166.386, "FIM": 5.94573, "FRF": 6.55957,
            "IEP": 0.787564, "ITL": 1936.27, "LUF": 40.3399, "NLG": 2.20371, "PTE": 200.482,
        },
        date(2001, 1, 1): {"GRD": 340.750},
        date(2007, 1, 1): {"SIT": 239.640},
        date(2008, 1, 1): {"CYP": 0.585274, "MTL": 0.429300},
        date(2009, 1, 1): {"SKK": 30.1260},
        date(2011, 1, 1): {"EEK": 15.6466},
        date(2014, 1, 1): {"LVL": 0.702804},
        date(2015, 1, 1): {"LTL": 3.45280},
        date(2023, 1, 1): {"HRK": 7.53450},
        date(2026, 1, 1): {"BGN": 1.95583},
    }.items()
    for code, for_one_euro in fixed.items()
}  # fmt: skip
"""Currency that joined the euro → `EUR`, how much of it one unit is for good, and the day that the euro took its place.

Irrevocably fixed rates of Council Regulation (EC) No 2866/98 as amended, the last for Bulgaria.
"""


LISTED = {"GBP": "GBX", "ZAR": "ZAc", "ILS": "ILA"}
"""Currencies whose exchanges quote in a hundredth, which files often call by the currency."""


def currency_of(unit: str | None) -> str | None:
    """Give the currency behind a quote unit: `GBX` → `GBP`; a currency is its own; None stays None."""
    return QUOTE_UNITS[unit][0] if unit in QUOTE_UNITS else unit


def in_currency(price: float, unit: str | None) -> float:
    """Convert a quoted price to its currency.

    >>> in_currency(1250.0, "GBX"), in_currency(1250.0, "gbx"), in_currency(1250.0, "gbp")
    (12.5, 12.5, 1250.0)
    """
    return price * QUOTE_UNITS[unit][1] if unit in QUOTE_UNITS else price


def unit_named(text: str) -> str:
    """Give the unit or currency that a cell of a column of currencies names, whatever its case; else the text itself.

    >>> unit_named("usd"), unit_named("p"), unit_named("Pence sterling"), unit_named("GBp"), unit_named("gbp")
    ('USD', 'GBX', 'GBX', 'GBp', 'GBP')
    """
    bare = text.strip()
    if bare in QUOTE_UNITS:
        return bare
    word = _WORDS.get(" ".join(bare.lower().split()))
    return word or (bare.upper() if len(bare) == 3 and bare.isascii() and bare.isalpha() else bare)


def factor(unit: str | None, into: str | None) -> float | None:
    """Give how much of one unit or currency another is by definition; None where only a market's rate could say.

    Pence to pounds is 0.01 and pounds to pence 100; kuna to euro 1 / 7.5345, and marks to francs by way of the euro.

    >>> factor("GBX", "GBp"), factor("GBP", "GBX"), factor("HRK", "EUR") == 1 / 7.5345, factor("USD", "GBP")
    (1.0, 100.0, True, None)
    """
    if unit == into:
        return 1.0
    (currency, size), (target, target_size) = (QUOTE_UNITS.get(u or "", (u, 1.0)) for u in (unit, into))
    if currency != target:
        (currency, rate, _), (target, target_rate, _) = (
            SUCCESSORS.get(c or "", (c, 1.0, None)) for c in (currency, target)
        )
        size, target_size = size * rate, target_size * target_rate
    return size / target_size if currency == target and currency is not None else None


_NAMES = {"GBP": "GBX", "ZAR": "ZAc", "ILS": "ILA", "USD": "USX", "EUR": "EUX", "KWD": "KWF"}


def one_name(unit: str | None) -> str | None:
    """Give the one name of a quote unit, however it is spelled; anything else is its own.

    >>> one_name("GBp"), one_name("gbx"), one_name("ZAC"), one_name("GBP"), one_name(None)
    ('GBX', 'GBX', 'ZAc', 'GBP', None)
    """
    return _NAMES[QUOTE_UNITS[unit][0]] if unit in QUOTE_UNITS else unit


_SPOKEN = {"GBX": "pence", "ZAc": "cents", "ILA": "agorot", "USX": "cents", "EUX": "cents", "KWF": "fils"}


def spoken(unit: str) -> str:
    """Give a quote unit as people say it, with its name: a currency by its code.

    >>> spoken("GBp"), spoken("ZAC"), spoken("GBP")
    ('pence (GBX)', 'cents (ZAc)', 'GBP')
    """
    name = str(one_name(unit))
    return f"{_SPOKEN[name]} ({name})" if name in _SPOKEN else name
