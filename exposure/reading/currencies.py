"""Currencies and quote units as files write them: codes, signs, names in words."""

from __future__ import annotations

import re

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
PENCE = frozenset({"GBX", "GBp", "GBPX", "GBPp", "GBPENCE"})
CENTS = {"ZAc": "ZAc", "ZAC": "ZAc", "ILA": "ILA", "ILa": "ILA"}
"""South African cents and Israeli agorot: quote units beside pence."""
_CODES = (
    "USD EUR GBP JPY CHF CAD AUD NZD HKD SGD CNY CNH KRW TWD INR IDR MYR THB PHP VND PKR BRL MXN CLP COP PEN ARS UYU"
    " ZAR EGP MAD NGN KES ILS TRY SAR AED QAR KWD BHD OMR JOD SEK NOK DKK ISK PLN CZK HUF RON BGN HRK RUB UAH KZT"
    " MOP LKR BDT"
)
CODES = frozenset(_CODES.split())

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
    r"US\$|AU?\$|CA?\$|HK\$|S\$|NZ\$|R\$|NT\$|[$€£¥￥₹₩₪₺฿₽]|zł|Kč|S?Fr\.|Rs\.?|^[-(]?R(?=\s?-?\d)|円|원|GBPX|GBPp|GBX|GBp|\b[A-Z]{3}\b|\d\s?p$"
)


def unit_of(cell: Cell) -> str | None:
    """Name the currency, or `GBX`, that a cell writes beside its number.

    >>> unit_of("$1,253"), unit_of("312p"), unit_of("12,50 EUR"), unit_of("7.15")
    ('USD', 'GBX', 'EUR', None)
    """
    if not isinstance(cell, str):
        return None
    found = _SIGN.search(cell.strip())
    if not found:
        return None
    sign = found.group()
    if sign[-1] == "p" or sign in PENCE:
        return "GBX"
    return CURRENCY_SIGNS.get(sign) or (sign if sign in CODES else None)


def currency_code(cell: Cell) -> str | None:
    """Read a cell that holds a currency: `usd`, `US Dollar`, `GBp`, `€`; `GBX` for pence, None where it is none."""
    if not isinstance(cell, str) or len(cell) > 40 or cell[-1:].isdigit():
        return None
    text = cell.strip().strip("()")
    if text in PENCE or text.lower() in {"gbx", "pence", "penny sterling", "pence sterling"}:
        return "GBX"
    if text in CENTS:
        return CENTS[text]
    if text in CURRENCY_SIGNS:
        return CURRENCY_SIGNS[text]
    if text.upper() in CODES:
        return text.upper()
    return CURRENCY_NAMES.get(re.sub(r"[^a-zäöéè]+", " ", text.lower()).strip())
