"""Where a line is listed, as Yahoo spells it: from exchange, code, country or currency to a suffix.

Which security a line is: identifiers turned into one another, and what a user answered where a file leaves it open.

An answer is a Yahoo symbol for an identifier as the file writes it, or `UNKNOWN`: none that the tables know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from exposure.reading.profiles import is_isin
from exposure.types import Holding

# suffix: (currency, country, Bloomberg codes, MIC codes, words that name the exchange)
_MARKETS: dict[str, tuple[str, str, str, str, str]] = {
    "": (
        "USD",
        "US",
        "US UN UW UQ UA UR UP UV",
        "XNAS XNYS ARCX BATS XASE XNGS XNMS OTCM OOTC PINX",
        r"nasdaq(?! (omx|nordic|stockholm|copenhagen|helsinki|iceland))|new york|cboe bzx|bats|arca|otc|"
        r"nyse(?!.*(euronext|paris|amsterdam|brussels|lisbon))",
    ),
    ".TO": ("CAD", "CA", "CN CT", "XTSE XTSX XTNX", r"toronto|tsx"),
    ".L": ("GBP", "GB", "LN", "XLON", r"london|\blse\b"),
    ".IL": ("USD", "GB", "LI", "", r"london international|international order book"),
    ".PA": ("EUR", "FR", "FP", "XPAR", r"paris"),
    ".AS": ("EUR", "NL", "NA", "XAMS", r"amsterdam"),
    ".BR": ("EUR", "BE", "BB", "XBRU", r"brussels|bruxelles"),
    ".LS": ("EUR", "PT", "PL", "XLIS", r"lisbo"),
    ".DE": (
        "EUR",
        "DE",
        "GY GR GF",
        "XETR XFRA XMUN XSTU TGAT",
        r"xetra|deutsche b|frankfurt|gettex|tradegate|stuttgart|b.rse m.nchen",
    ),
    ".MI": ("EUR", "IT", "IM", "XMIL MTAA", r"borsa italiana|milan"),
    ".MC": ("EUR", "ES", "SM SQ", "XMAD", r"madrid|bolsa de m"),
    ".SW": ("CHF", "CH", "SW SE VX", "XSWX XVTX", r"\bsix\b|swiss|schweiz"),
    ".ST": ("SEK", "SE", "SS", "XSTO", r"stockholm|nordic exchange ab|omx nordic exchange stock"),
    ".HE": ("EUR", "FI", "FH", "XHEL", r"helsinki"),
    ".CO": ("DKK", "DK", "DC", "XCSE", r"copenhagen|kopenhagen"),
    ".OL": ("NOK", "NO", "NO", "XOSL", r"oslo"),
    ".VI": ("EUR", "AT", "AV", "XWBO", r"wien|vienna"),
    ".IR": ("EUR", "IE", "ID", "XDUB XMSM", r"dublin|irish"),
    ".WA": ("PLN", "PL", "PW", "XWAR", r"warsaw"),
    ".AT": ("EUR", "GR", "GA", "XATH ASEX", r"athens"),
    ".IS": ("TRY", "TR", "TI", "XIST", r"istanbul"),
    ".TA": ("ILS", "IL", "IT", "XTAE", r"tel aviv"),
    ".JO": ("ZAR", "ZA", "SJ", "XJSE", r"johannesburg"),
    ".T": ("JPY", "JP", "JP JT", "XTKS XJPX", r"tokyo|japan"),
    ".HK": ("HKD", "HK", "HK", "XHKG", r"hong kong"),
    ".SS": ("CNY", "CN", "CH C1 CG", "XSHG XSSC", r"shanghai"),
    ".SZ": ("CNY", "CN", "CS C2", "XSHE XSEC", r"shenzhen"),
    ".KS": ("KRW", "KR", "KS KP", "XKRX", r"korea exchange(?!.*kosdaq)|korea stock"),
    ".KQ": ("KRW", "KR", "KQ", "XKOS", r"kosdaq"),
    ".TW": ("TWD", "TW", "TT", "XTAI", r"taiwan"),
    ".TWO": ("TWD", "TW", "", "ROCO", r"gretai|taipei exchange|tpex"),
    ".SI": ("SGD", "SG", "SP", "XSES", r"singapore"),
    ".NS": ("INR", "IN", "IS IN", "XNSE", r"national stock exchange of india|\bnse\b"),
    ".BO": ("INR", "IN", "IB", "XBOM", r"bombay|\bbse\b"),
    ".AX": ("AUD", "AU", "AU AT", "XASX", r"\basx\b|australia"),
    ".NZ": ("NZD", "NZ", "NZ", "XNZE", r"new zealand"),
    ".SA": ("BRL", "BR", "BZ BS", "BVMF", r"bovespa|\bb3\b|sao paulo|xbsp"),
    ".MX": ("MXN", "MX", "MM", "XMEX", r"mexic"),
    ".JK": ("IDR", "ID", "IJ", "XIDX", r"indonesia|jakarta"),
    ".BK": ("THB", "TH", "TB", "XBKK", r"thailand|bangkok"),
    ".KL": ("MYR", "MY", "MK", "XKLS", r"bursa malaysia|kuala"),
    ".SR": ("SAR", "SA", "AB", "XSAU", r"saudi|tadawul"),
}
SUFFIXES = frozenset(_MARKETS)
CURRENCY_OF = {suffix: row[0] for suffix, row in _MARKETS.items()}
COUNTRY_OF = {suffix: row[1] for suffix, row in _MARKETS.items()}
_BY_MIC = {code: suffix for suffix, row in _MARKETS.items() for code in row[3].split()}
_BY_BLOOMBERG: dict[str, str] = {}
_BY_CURRENCY: dict[str, str] = {}
_BY_COUNTRY: dict[str, str] = {}
for _suffix, _row in _MARKETS.items():
    for _code in _row[2].split():
        _BY_BLOOMBERG.setdefault(_code, _suffix)
    if _row[0] != "EUR":  # a euro line may be listed in a dozen places
        _BY_CURRENCY.setdefault(_row[0], _suffix)
    _BY_COUNTRY.setdefault(_row[1], _suffix)
_REUTERS = {
    "O": "",
    "OQ": "",
    "N": "",
    "K": "",
    "P": "",
    "A": "",
    "TSE": ".T",
    "TYO": ".T",
    "XE": ".DE",
    "F": ".DE",
    "S": ".SW",
    "VX": ".SW",
    "UK": ".L",
    "FR": ".PA",
    "NL": ".AS",
    "US": "",
    "SH": ".SS",
    "IL": ".L",
    "BE": ".DE",
    "MU": ".DE",
    "SG": ".DE",
}

_COUNTRY_NAMES = {
    "US": "united states|usa|u\\.s\\.a?\\.?|vereinigte staaten.*|[eé]tats.unis.*|estados unidos|stati uniti|"
    "verenigde staten",
    "GB": "united kingdom|great britain|uk|vereinigtes königreich|großbritannien|royaume.uni|reino unido|regno unito",
    "DE": "germany|deutschland|allemagne|alemania|germania|duitsland",
    "FR": "france|frankreich|francia|frankrijk",
    "NL": "netherlands|niederlande|pays.bas|países bajos|paesi bassi|nederland",
    "CH": "switzerland|schweiz|suisse|suiza|svizzera|zwitserland",
    "IT": "italy|italien|italie|italia|italië",
    "ES": "spain|spanien|espagne|españa|spagna|spanje",
    "BE": "belgium|belgien|belgique|bélgica|belgio|belgië",
    "SE": "sweden|schweden|suède|suecia|svezia|zweden",
    "DK": "denmark|dänemark|danemark|dinamarca|danimarca|denemarken",
    "NO": "norway|norwegen|norvège|noruega|norvegia|noorwegen",
    "FI": "finland|finnland|finlande|finlandia",
    "AT": "austria|österreich|autriche",
    "IE": "ireland|irland|irlande|irlanda|ierland",
    "PT": "portugal",
    "LU": "luxembourg|luxemburg",
    "PL": "poland|polen|pologne",
    "GR": "greece|griechenland|grèce",
    "JP": "japan|japon|japón|giappone",
    "KR": "(south )?korea.*|republic of korea|südkorea|corée.*|corea.*|korea \\(süd\\)",
    "TW": "taiwan.*",
    "CN": "china|chine|cina|people.s republic of china",
    "HK": "hong ?kong.*",
    "IN": "india|indien|inde",
    "SG": "singapore|singapur|singapour",
    "AU": "australia|australien|australie",
    "NZ": "new zealand|neuseeland",
    "CA": "canada|kanada",
    "BR": "brazil|brasilien|brésil|brasil",
    "MX": "mexico|mexiko|mexique",
    "IL": "israel|israël",
    "ZA": "south africa|südafrika|afrique du sud",
    "SA": "saudi arabia|saudi.arabien",
    "TR": "turkey|türkei|turkiye",
    "TH": "thailand",
    "ID": "indonesia|indonesien",
    "MY": "malaysia",
    "PH": "philippines|philippinen",
    "AE": "united arab emirates",
    "QA": "qatar",
    "KW": "kuwait",
    "CL": "chile",
    "CO": "colombia",
    "PE": "peru",
    "EG": "egypt",
    "HU": "hungary|ungarn",
    "CZ": "czech.*|tschechien",
    "RU": "russia.*",
    "BM": "bermuda",
    "KY": "cayman islands",
    "UY": "uruguay",
}


@lru_cache(maxsize=512)
def country_code(text: str | None) -> str | None:
    """Give the ISO 3166 alpha-2 code of a country written in one of six languages, or as a code; None where unknown."""
    if not text:
        return None
    word = text.strip()
    if len(word) == 2 and word.isalpha():
        return word.upper()
    lowered = word.lower()
    return next((code for code, pattern in _COUNTRY_NAMES.items() if re.fullmatch(pattern, lowered)), None)


@lru_cache(maxsize=512)
def suffix_of_exchange(text: str | None) -> str | None:
    """Give the Yahoo suffix of an exchange given by name, MIC or Bloomberg code; None where it is not known."""
    if not text:
        return None
    word = text.strip()
    if word.upper() in _BY_MIC:
        return _BY_MIC[word.upper()]
    if word.upper() in _BY_BLOOMBERG:
        return _BY_BLOOMBERG[word.upper()]
    lowered = word.lower()
    return next(
        (s for s, row in _MARKETS.items() if s and re.search(row[4], lowered)),
        "" if re.search(_MARKETS[""][4], lowered) else None,
    )


def split_symbol(symbol: str) -> tuple[str, str]:
    """Split a Yahoo symbol into base and suffix: `ASML.AS` → (`ASML`, `.AS`), `BRK-B` → (`BRK-B`, ``)."""
    base, dot, end = symbol.rpartition(".")
    return (base, dot + end) if base and dot + end in SUFFIXES else (symbol, "")


def _tidy(base: str, suffix: str) -> str:
    """Spell a base as Yahoo does: `BRK.B` → `BRK-B`, Hong Kong's numbers with four digits."""
    base = base.strip().upper().replace(" ", "-").replace("/", "-").rstrip("*")
    if suffix == "" or "." in base:
        base = base.rstrip(".").replace(".", "-")
    width = {".HK": 4, ".KS": 6, ".KQ": 6, ".SS": 6, ".SZ": 6, ".TW": 4, ".T": 4}.get(suffix)
    return base.zfill(width) if width and base.isdigit() else base


def yahoo_symbol(
    ticker: str, exchange: str | None = None, country: str | None = None, currency: str | None = None
) -> tuple[str, bool]:
    """Spell a file's ticker as Yahoo does and tell whether its market was stated (True) or only supposed (False).

    A suffix that the ticker itself carries counts first (`ASML.AS`, `ASML NA`, `ASML.OQ`), then the exchange, the
    currency, the country; nothing at all means New York, supposed.
    """
    text = ticker.strip().upper()
    base, suffix = split_symbol(text)
    if suffix:
        return _tidy(base, suffix) + suffix, True
    words = text.split(" ")
    if len(words) == 2 and len(words[1]) == 2 and words[1] in _BY_BLOOMBERG and not (exchange or currency):
        return _tidy(words[0], _BY_BLOOMBERG[words[1]]) + _BY_BLOOMBERG[words[1]], True
    base, dot, end = text.rpartition(".")
    if dot and end in _REUTERS and len(end) > 1:
        return _tidy(base, _REUTERS[end]) + _REUTERS[end], True
    named = suffix_of_exchange(exchange)
    if named is not None:
        if named in (".SS", ".SZ") and currency == "HKD":
            named = ".HK"
        return _tidy(text, named) + named, True
    code = country_code(country)
    suffix = _BY_CURRENCY.get(currency or "", "")
    if currency == "EUR":
        suffix = _BY_COUNTRY.get(code or "", "")
        suffix = suffix if CURRENCY_OF.get(suffix) == "EUR" else ""
    elif currency is None and code is not None:
        suffix = _BY_COUNTRY.get(code, "")
    return _tidy(text, suffix) + suffix, False


_HELD: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (currency, re.compile(rf"\b(?:{words})\b", re.IGNORECASE))
    for currency, words in (
        ("USD", r"usa|united states|s&p ?500|nasdaq([- ]?100)?|russell ?[12]000|dow jones industrial"),
        ("GBP", r"uk|united kingdom|ftse ?(100|250|350)"),
        ("EUR", r"emu|eurozone|euro ?stoxx|germany|dax|mdax|france|cac ?40|italy|ftse mib|spain|ibex|netherlands|aex"),
        ("JPY", r"japan|topix|nikkei"),
        ("CHF", r"switzerland|smi"),
        ("SEK", r"sweden|omxs30"),
        ("NOK", r"norway"),
        ("DKK", r"denmark"),
        ("CAD", r"canada"),
        ("AUD", r"australia"),
        ("KRW", r"korea|kospi"),
        ("TWD", r"taiwan"),
        ("INR", r"india|nifty"),
        ("HKD", r"hong kong|hang seng"),
        ("BRL", r"brazil"),
        ("MXN", r"mexico"),
        ("SGD", r"singapore"),
        ("ZAR", r"south africa"),
        ("PLN", r"poland"),
        ("TRY", r"turkey"),
    )
)


@lru_cache(maxsize=4096)
def held_currency(name: str) -> str | None:
    """Give the currency of what a fund holds, where its name tells one country or its index, and no hedge.

    >>> held_currency("ISHARES MSCI UNITED KINGDOM ETF"), held_currency("iShares MSCI Japan EUR Hedged UCITS ETF")
    ('GBP', None)
    """
    if re.search(r"hedg|\bhdg\b|\bex[- ]|\bquanto\b|\bbonds?\b|currency", name, re.IGNORECASE):
        return None
    found = {currency for currency, pattern in _HELD if pattern.search(name)}
    return found.pop() if len(found) == 1 else None


UNKNOWN = "-"
"""The answer that a line is none of those on offer."""
Answers = Mapping[str, str]


def isins_of(holding: Holding) -> Iterator[str]:
    """Yield the ISINs that a holding may have: stated, from its CUSIP, or around its SEDOL as London and Dublin do."""
    if holding.isin:
        yield holding.isin
    if holding.cusip and (isin := isin_from_cusip(holding.cusip)):
        yield isin
    if holding.sedol:
        for country in ("GB", "IE"):
            yield from (isin for digit in "0123456789" if is_isin(isin := f"{country}00{holding.sedol}{digit}"))


def isin_from_cusip(cusip: str) -> str | None:
    """Give the ISIN of a United States security from its CUSIP; a CINS (first character a letter) is of no country."""
    if not cusip[:1].isdigit():
        return None
    return next((isin for digit in "0123456789" if is_isin(isin := f"US{cusip}{digit}")), None)


def identifiers_of(holding: Holding) -> list[str]:
    """List what a file calls a holding, the surest identifier first."""
    own = (holding.isin, holding.cusip, holding.sedol, holding.figi, holding.ticker, holding.name)
    return [each for each in own if each]


def answered(holding: Holding, answers: Answers) -> str | None:
    """Give the user's answer for a holding by whichever of its identifiers was asked, None where none was."""
    return next((answers[each] for each in identifiers_of(holding) if each in answers), None)
