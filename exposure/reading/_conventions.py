"""What holds for a whole file: decimal mark, order of day and month, its date, currency and title, as its text says.

The home market of a file that states no currency at all, told by the tickers of the largest companies of each.

Only where most lines carry tickers of one market; the reader says that it is assumed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from operator import itemgetter
from typing import Any

from exposure.errors import InputError, TransactionsError
from exposure.files import (
    CURRENCY_CODES,
    DayOrder,
    Mark,
    currency_code,
    dates_in,
    decimal_evidence,
    filled_cells,
    order_evidence,
)
from exposure.reading._columns import NUMERIC
from exposure.reading._source import Source
from exposure.reading._table import Table
from exposure.types import Issue

_AS_OF = re.compile(
    r"as (?:of|at|on)|\bper\b|stand\b|stichtag|position|holdings|valuation|date|datum|situation|au \d|\bal \d"
    r"|fecha|data\b|updated|arrete|valoris|portefeuille|period|downloaded|\bon\b",
    re.I,
)
_STATED = re.compile(r"as (?:of|at|on)\b|holding|position|stand|stichtag|situation|valuation", re.I)
_NOT_AS_OF = re.compile(
    r"inception|launch|auflage|fondsauflegung|cr[eé]a[ct]i[oó]n|creazione|lanzamiento|copyright|©|expir"
    r"|rights reserved|lancement|registered|act of",
    re.I,
)
_BASE = re.compile(
    r"(?:base|fund|portfolio|reporting|account|reference) currency|fondsw[aä]hrung|basisw[aä]hrung|basisvaluta"
    r"|devise de r[eé]f[eé]rence|monnaie de r[eé]f[eé]rence|\bcurrency\b|w[aä]hrung|devise\b|valuta|divisa",
    re.I,
)


def american(src: Source, groups: list[list[Table]]) -> bool | None:
    """Tell by CUSIPs and dollars that month comes first and the point is decimal; None where nothing tells."""
    columns = [g[0].columns for g in groups]
    if any("cusip" in c.at for c in columns) or any(u == "USD" for c in columns for u in c.units.values()):
        return True
    other = any(u in {"EUR", "GBP", "GBX", "CHF"} for c in columns for u in c.units.values())
    for g in groups:
        for _, cells in [row for t in g for row in t.body][:200]:
            for c in cells:
                if isinstance(c, str) and c:
                    if "$" in c or c == "USD":
                        return True
                    other = other or c in {"EUR", "GBP", "GBX", "CHF"} or "€" in c or "£" in c
    return False if other else None


def _numeric_cells(groups: list[list[Table]], step: int = 1) -> Iterable[Any]:
    for g in groups:
        for name, i in g[0].columns.at.items():
            if name in NUMERIC:
                for t in g:
                    sample = [cells for _, cells in t.body[::step]]
                    try:
                        yield from list(map(itemgetter(i), sample))
                    except IndexError:  # of a row that is short
                        yield from (cells[i] for cells in sample if i < len(cells))


def decimal(groups: list[list[Table]], src: Source, american: bool | None, name: str, issues: list[Issue]) -> Mark:
    """Decide the decimal mark over all figures of the file."""
    step = max(1, sum(len(t.body) for g in groups for t in g) // 400)
    point, comma, open_dot, open_comma = decimal_evidence(_numeric_cells(groups, step))
    if step > 1 and not point and not comma:  # the few cells that settle it may stand anywhere
        point, comma, open_dot, open_comma = decimal_evidence(_numeric_cells(groups))
    if point or comma:
        if point and comma:
            issues.append(Issue.of("warning", "read.decimal-mixed", points=point, commas=comma))
        return "." if point >= comma else ","
    if not open_dot and not open_comma:
        return "."
    if open_dot and open_comma:
        return "."
    if src.dialect.get("delimiter") == ";" or american is not None or _continental(groups):
        mark: Mark = "." if american else ","
        issues.append(Issue.of("notice", "read.decimal-assumed", mark=mark))
        return mark
    dealt = groups[0][0].lists == "transactions"
    code, kind = ("transactions.decimal-open", TransactionsError) if dealt else ("read.decimal-open", InputError)
    raise kind(code, file=name, row=groups[0][0].line)


def _continental(groups: list[list[Table]]) -> bool:
    """Tell headings in a language that writes a decimal comma by their commonest words."""
    words = " ".join(" ".join(g[0].columns.headings) for g in groups).lower()
    commonest = (
        r"\b(wert|marktwert|kurs|anzahl|stück|gewichtung|währung|valeur|quantité|cours|poids|libellé|aantal"
        r"|koers|waarde|quantità|prezzo|valore|cantidad|precio|peso|nombre|titolo)\b"
    )
    return re.search(commonest, words) is not None


def order(
    groups: list[list[Table]], around: list[Any], american: bool | None, name: str, issues: list[Issue]
) -> DayOrder | None:
    """Decide the order of day and month over all dates of the file."""
    texts: list[Any] = [c for _, cells in around for c in cells if isinstance(c, str) and len(c) < 200]
    texts += [c for row in small_print(groups) for c in row if len(c) < 200]
    for g in groups:
        for field in ("as_of", "trade_date", "maturity", "expiry"):
            if (i := g[0].columns.at.get(field)) is not None:
                texts += {cells[i] for t in g for _, cells in t.body if i < len(cells)}
    mdy, dmy, both = order_evidence(texts)
    if mdy or dmy:
        return "mdy" if mdy >= dmy else "dmy"
    if not both:
        return None
    if american is None:
        dealt = groups[0][0].lists == "transactions"
        code, kind = ("transactions.dates-open", TransactionsError) if dealt else ("read.dates-open", InputError)
        raise kind(code, file=name, row=groups[0][0].line)
    issues.append(Issue.of("notice", "read.month-first-assumed" if american else "read.day-first-assumed"))
    return "mdy" if american else "dmy"


def small_print(groups: list[list[Table]]) -> list[list[str]]:
    """List the short texts below the tables: rows of one cell near their ends."""
    return [
        [str(c) for c in full]
        for g in groups
        for t in g
        for _, cells in t.body[-40:]
        if 0 < len(full := filled_cells(cells)) <= 2
    ]


def day(around: list[Any], tail: list[list[str]], order: DayOrder | None, name: str) -> date | None:
    """Find the date of the holdings in the text around the table, last in the name of the file."""
    best: tuple[int, date] | None = None
    for texts in [[c for c in filled_cells(cells)] for _, cells in around] + tail:
        if len(texts) > 4:
            continue
        joined = " ".join(str(t) for t in texts)
        if len(joined) > 240 or _NOT_AS_OF.search(joined):
            continue
        beside = [y for x, y in pairwise(texts) if _STATED.search(str(x)) and dates_in(y, order)]  # before one printed
        found = [d for t in beside[:1] or texts for d in dates_in(t, order)] or dates_in(joined, order)
        if found:
            rank = 2 if _STATED.search(joined) else 1 if _AS_OF.search(joined) else 0
            if best is None or rank > best[0]:
                best = (rank, found[-1])
    if best:
        return best[1]
    stem = re.sub(r"[_+]", " ", name.rsplit("/", 1)[-1].rsplit(".", 1)[0])
    whole = re.search(r"(?<!\d)(?:19|20)\d\d[-. ]?\d\d[-. ]?\d\d(?!\d)", stem)  # before a time of day
    found = dates_in(whole[0] if whole else stem, order or "mdy") or dates_in(stem, order or "mdy")
    return found[-1] if found else None


def stated_currency(around: list[Any]) -> str | None:
    """Find the currency that the text before the table states: `Base currency: EUR`."""
    for _, cells in around:
        full = [str(c) for c in filled_cells(cells)]
        joined = " ".join(full)
        if len(joined) < 120 and _BASE.search(joined):
            for word in re.findall(r"\b[A-Z]{3}\b", joined):
                if word in CURRENCY_CODES:
                    return str(word)
            if code := currency_code(full[-1].rpartition(":")[2].strip()):
                return code
    return None


def title(around: list[Any]) -> str | None:
    """Find the name of the fund or portfolio in the first lines."""
    for _, cells in around[:6]:
        full = [str(c).strip() for c in filled_cells(cells)]
        if len(full) == 2 and re.match(
            r"(?:fund|portfolio|account) ?name|fonds|portefeuille|nom du fonds", full[0], re.I
        ):
            return full[1]
        if len(full) == 1 and len(full[0]) < 120 and not dates_in(full[0], "dmy"):
            return full[0]
    return None


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
