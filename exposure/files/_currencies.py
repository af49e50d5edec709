"""Currencies and quote units as files write them: codes, signs, names in words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from exposure.units import QUOTE_UNITS, one_name, unit_named

Cell = object
CURRENCY_SIGNS = dict(
    pair.split("=")
    for pair in [
        "US$=USD",
        "A$=AUD",
        "AU$=AUD",
        "C$=CAD",
        "CA$=CAD",
        "HK$=HKD",
        "S$=SGD",
        "NZ$=NZD",
        "R$=BRL",
        "R=ZAR",
        "NT$=TWD",
        "$=USD",
        "€=EUR",
        "£=GBP",
        "¥=JPY",
        "￥=JPY",
        "₹=INR",
        "₩=KRW",
        "₪=ILS",
        "₺=TRY",
        "฿=THB",
        "₽=RUB",
        "zł=PLN",
        "Kč=CZK",
        "Fr.=CHF",
        "SFr.=CHF",
        "Rs.=INR",
        "Rs=INR",
        "CHF=CHF",
        "円=JPY",
        "원=KRW",
        "元=CNY",
        "新台幣=TWD",
        "人民币=CNY",
        "人民幣=CNY",
        "港幣=HKD",
        "港元=HKD",
        "美元=USD",
        "日圓=JPY",
    ]
)
_any = sorted({u for u in QUOTE_UNITS if u.isupper() and u.lower() in QUOTE_UNITS}, key=len, reverse=True)
_own = sorted({u for u in QUOTE_UNITS if u.upper() not in QUOTE_UNITS}, key=len, reverse=True)
UNIT_PATTERN = "(?:(?i:" + "|".join([*_any, "pence", "agorot"]) + ")|" + "|".join(_own) + ")"
"""Pattern of every quote unit: those that mind no case, and those that their case alone tells from a currency."""
_CODES = (
    "USD EUR GBP JPY CHF CAD AUD NZD HKD SGD CNY CNH KRW TWD INR IDR MYR THB PHP VND PKR BRL MXN CLP COP PEN ARS UYU"
    " ZAR EGP MAD NGN KES ILS TRY SAR AED QAR KWD BHD OMR JOD SEK NOK DKK ISK PLN CZK HUF RON BGN HRK RUB UAH KZT"
    " MOP LKR BDT"
)
CURRENCY_CODES = frozenset(_CODES.split())

_NAMES = """
USD: us dollar, u s dollar, dollar, dollars, us dollars, united states dollar, us dollar cash, dolar
USD: dollar us, dollar americain, dollar américain
EUR: euro, euros, euro currency, euro cash
GBP: british pound, pound sterling, sterling, pound, gb pound, uk pound, livre sterling
GBP: british pound sterling, libra esterlina
JPY: japanese yen, yen, yen japonais
CHF: swiss franc, franc suisse, schweizer franken, franco svizzero
CAD: canadian dollar, dollar canadien
AUD: australian dollar
NZD: new zealand dollar
HKD: hong kong dollar
SGD: singapore dollar
CNY: chinese yuan, yuan renminbi, chinese renminbi, renminbi, yuan, chinese yuan renminbi
CNH: offshore chinese renminbi
KRW: south korean won, korean won, won
TWD: new taiwan dollar, taiwan dollar, taiwanese dollar
INR: indian rupee
IDR: indonesian rupiah
MYR: malaysian ringgit
THB: thai baht
PHP: philippine peso
BRL: brazilian real
MXN: mexican peso
CLP: chilean peso
COP: colombian peso
ZAR: south african rand, rand
ILS: israeli shekel, new israeli shekel, israeli new shekel
TRY: turkish lira
SAR: saudi riyal
AED: uae dirham
QAR: qatari riyal
KWD: kuwaiti dinar
SEK: swedish krona
NOK: norwegian krone
DKK: danish krone
PLN: polish zloty
CZK: czech koruna
HUF: hungarian forint
RUB: russian ruble
"""
CURRENCY_NAMES = {
    name: code
    for code, names in (line.split(": ") for line in _NAMES.strip().splitlines())
    for name in names.split(", ")
}
"""Names in words → code."""

_SIGN = re.compile(
    r"US\$|AU?\$|CA?\$|HK\$|S\$|NZ\$|R\$|NT\$|[$€£¥￥₹₩₪₺฿₽]|zł|Kč|S?Fr\.|Rs\.?|^[-(]?R(?=\s?-?\d)|円|원"
    rf"|(?<![A-Za-z]){UNIT_PATTERN}(?![A-Za-z])|\b[A-Z]{{3}}\b|\d\s?p\.?$"
)


_PLAIN = b"0123456789.,-+()% \n'\""


def any_written(cells: Sequence[Cell]) -> bool:
    """Tell whether any cell of a column writes more than a number: all are looked at as one text."""
    texts = "\n".join(cell for cell in cells if isinstance(cell, str))
    return bool(texts.encode("utf-8", "replace").translate(None, _PLAIN))


def unit_of(cell: Cell) -> str | None:
    """Name the currency or the quote unit that a cell writes beside its number.

    >>> unit_of("$1,253"), unit_of("312p"), unit_of("12,50 EUR"), unit_of("1300 gbx"), unit_of("7.15")
    ('USD', 'GBX', 'EUR', 'GBX', None)
    """
    if not isinstance(cell, str):
        return None
    found = _SIGN.search(cell.strip())
    if not found:
        return None
    sign = found.group()
    if sign.rstrip(".")[-1:] == "p" and sign[0].isdigit():
        return "GBX"
    if (unit := unit_named(sign)) in QUOTE_UNITS:
        return one_name(unit)
    return CURRENCY_SIGNS.get(sign) or (sign if sign in CURRENCY_CODES else None)


def currency_code(cell: Cell) -> str | None:
    """Read a cell that holds a currency: `usd`, `US Dollar`, `GBp`, `€`; `GBX` for pence, None where it is none.

    >>> currency_code("usd"), currency_code("gbx"), currency_code("p"), currency_code("P"), currency_code("ZAC")
    ('USD', 'GBX', 'GBX', None, 'ZAc')
    """
    if not isinstance(cell, str) or len(cell) > 40 or cell[-1:].isdigit():
        return None
    text = cell.strip().strip("()")
    if (unit := unit_named(text)) in QUOTE_UNITS and text != "P":
        return one_name(unit)
    if text in CURRENCY_SIGNS:
        return CURRENCY_SIGNS[text]
    if text.upper() in CURRENCY_CODES:
        return text.upper()
    return CURRENCY_NAMES.get(re.sub(r"[^a-zäöéè]+", " ", text.lower()).strip())
