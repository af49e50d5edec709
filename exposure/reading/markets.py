"""The home market of a file that states no currency at all, told by the tickers of the largest companies of each.

Only where most lines carry tickers of one market; the reader says that it is assumed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

LARGEST: dict[str, str] = {
    "ZAR": (
        "ABG AGL ANG ANH APN AMS BHP BID BTI BVT CFR CLS CPI DSY EXX FSR GFI GLN GRT HAR IMP INL INP KIO LHC "
        "MCG MNP MRP MTN NED NPH NPN NRP OMU PPH PRX QLT"
        " REM RNI S32 SAP SBK SHP SLM SOL SPP SSW TBS TRU VOD WHL"
    ),
    "GBP": (
        "AAL ABF ADM AHT ANTO AV AZN BA BARC BATS BP BT.A CPG CRH DGE EXPN GLEN GSK HLN HSBA IAG III IMB INF "
        "LGEN LLOY LSEG MNDI NG NWG NXT PRU REL RIO RKT RR RTO SGE SHEL SMT SSE STAN"
        " SVT TSCO ULVR UU VOD WPP"
    ),
    "AUD": (
        "ALL AMC ANZ ASX BHP BXB CBA COL CSL FMG FPH GMG IAG JHX MQG NAB NCM NST ORG QAN QBE REA RIO RMD S32 "
        "SCG SHL SUN TCL TLS WBC WDS WES WOW WTC XRO"
    ),
    "CHF": "ABBN ALC CFR GEBN GIVN HOLN KNIN LOGN LONN NESN NOVN PGHN ROG SCMN SGSN SIKA SLHN SOON SREN UBSG ZURN",
    "CAD": (
        "ABX AEM ATD BAM BCE BMO BN BNS CCO CM CNQ CNR CP CSU CVE ENB FNV FTS GIB.A IFC IMO L MFC MG NA NTR "
        "POW QSR RY SHOP SLF SU T TD TRI TRP WCN WPM"
    ),
}
"""Currency → tickers of the main share index of its home market, by their local codes."""
_SETS = {currency: frozenset(tickers.split()) for currency, tickers in LARGEST.items()}


_MUTUAL_FUND = re.compile(r"[A-Z]{4}X\*{0,2}")
"""Symbols that only American mutual funds carry."""
_EURO = dict.fromkeys(["FR", "DE", "NL", "IT", "ES", "BE", "AT", "FI", "PT", "GR"], "EUR")
HOMES = _EURO | {
    "US": "USD",
    "GB": "GBP",
    "CH": "CHF",
    "CA": "CAD",
    "AU": "AUD",
    "SE": "SEK",
    "DK": "DKK",
    "NO": "NOK",
    "JP": "JPY",
    "ZA": "ZAR",
    "PL": "PLN",
    "IN": "INR",
    "KR": "KRW",
    "TW": "TWD",
    "BR": "BRL",
    "MX": "MXN",
    "TH": "THB",
    "MY": "MYR",
    "TR": "TRY",
    "NZ": "NZD",
    "CZ": "CZK",
    "HU": "HUF",
}
"""Country of an ISIN → currency; countries where funds are merely registered are left out."""


_SUFFIX = re.compile(r"[A-Z0-9./]{1,10} ([A-Z]{2})(?: Equity)?")
_PLACES = {"US": "USD", "UW": "USD", "UN": "USD", "LN": "GBP", "JP": "JPY", "JT": "JPY", "HK": "HKD", "AU": "AUD"} | {
    "CN": "CAD", "CT": "CAD", "SS": "SEK", "SW": "CHF", "VX": "CHF", "IN": "INR", "KS": "KRW", "TT": "TWD"
} | dict.fromkeys(["GY", "GR", "FP", "NA", "IM", "SM", "BB"], "EUR")  # fmt: skip
"""Exchange behind a terminal's symbol → currency."""


def of_suffixes(tickers: Iterable[str | None]) -> tuple[str, int, int] | None:
    """Name the currency of the exchange behind at least 95 % of the symbols, `NVDA US`; None otherwise."""
    held = [t for t in tickers if t]
    places = [_PLACES.get(m[1]) for t in held if (m := _SUFFIX.fullmatch(t))]
    best = max(sorted({p for p in places if p}), key=places.count, default=None)
    return (best, places.count(best), len(held)) if best and places.count(best) >= 0.95 * len(held) else None


def of_script(headings: Iterable[str]) -> str | None:
    """Name the currency of the only country whose script the headings are written in."""
    text = "".join(headings)
    return "KRW" if re.search("[\uac00-\ud7a3]", text) else "JPY" if re.search("[\u3041-\u30ff]|銘柄", text) else None


def of_isins(isins: Iterable[str | None]) -> tuple[str, int, int] | None:
    """Name the currency of the country that at least 80 % of the ISINs with a home come from; None otherwise."""
    homes = [HOMES[i[:2]] for i in isins if i and i[:2] in HOMES]
    if not homes:
        return None
    best = max(sorted(set(homes)), key=homes.count)
    return (best, homes.count(best), len(homes)) if homes.count(best) >= 0.8 * len(homes) else None


def home_currency(tickers: Iterable[str | None]) -> tuple[str, int, int] | None:
    """Name the currency of the market whose tickers these mostly are.

    Returns
    -------
    (currency, hits, tickers) or None
        Symbols of American mutual funds settle it; else None under ten tickers, under 70 % of
        hits, or where a second market has half as many.
    """
    held = [t.upper() for t in tickers if t]
    if funds := sum(bool(_MUTUAL_FUND.fullmatch(t)) for t in held):
        return "USD", funds, len(held)
    hits = sorted(((sum(t in names for t in held), currency) for currency, names in _SETS.items()), reverse=True)
    (best, currency), (second, _) = hits[0], hits[1]
    return (currency, best, len(held)) if len(held) >= 10 and best >= 0.7 * len(held) and second * 2 <= best else None
