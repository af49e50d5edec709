"""Where a line is listed, as Yahoo spells it: from exchange, code, country or currency to a suffix.

Which security a line is: identifiers turned into one another, and what a user answered where a file leaves it open.

An answer is a Yahoo symbol for an identifier as the file writes it, or `UNKNOWN`: none that the tables know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from exposure.exchanges import BY_CURRENCY, EXCHANGES
from exposure.exchanges import COUNTRY_OF as COUNTRY_OF
from exposure.exchanges import CURRENCY_OF as CURRENCY_OF
from exposure.exchanges import split_symbol as split_symbol
from exposure.reading import is_isin
from exposure.types import Holding

_PLACED = [x for x in EXCHANGES.values() if x.words]
_BY_MIC = {code: x.listed_as for x in EXCHANGES.values() for code in x.mics}
_BY_BLOOMBERG = {code: x.suffix for x in _PLACED for code in x.bloomberg}
_BY_REUTERS = {code: x.suffix for x in _PLACED for code in x.reuters}
_BY_COUNTRY = {x.country: x.suffix for x in reversed(_PLACED)}

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
    # New York's last: its words stand in the names of others too.
    return next((x.suffix for x in (*_PLACED[1:], _PLACED[0]) if re.search(x.words, lowered)), None)


def _tidy(base: str, suffix: str) -> str:
    """Spell a base as Yahoo does: `BRK.B` → `BRK-B`, Hong Kong's numbers with four digits."""
    base = base.strip().upper().replace(" ", "-").replace("/", "-").rstrip("*")
    if suffix == "" or "." in base:
        base = base.rstrip(".").replace(".", "-")
    return base.zfill(EXCHANGES[suffix].digits) if base.isdigit() else base


def yahoo_symbol(
    ticker: str, exchange: str | None = None, country: str | None = None, currency: str | None = None
) -> tuple[str, bool]:
    """Spell a file's ticker as Yahoo does and tell whether its market was stated (True) or only supposed (False).

    A suffix that the ticker itself carries counts first (`ASML.AS`, `ASML NA`, `ASML.OQ`), then the exchange, the
    currency, the country; nothing at all means New York, supposed.
    """
    text = ticker.strip().upper()
    base, suffix = split_symbol(text)
    # Without words an exchange is none that files name, and its suffix may say something else: `BBL.F`, foreign board.
    if suffix and EXCHANGES[suffix].words:
        return _tidy(base, suffix) + suffix, True
    words = text.split(" ")
    if len(words) == 2 and len(words[1]) == 2 and words[1] in _BY_BLOOMBERG and not (exchange or currency):
        return _tidy(words[0], _BY_BLOOMBERG[words[1]]) + _BY_BLOOMBERG[words[1]], True
    base, dot, end = text.rpartition(".")
    if dot and end in _BY_REUTERS:
        return _tidy(base, _BY_REUTERS[end]) + _BY_REUTERS[end], True
    named = suffix_of_exchange(exchange)
    if named is not None:
        if named in (".SS", ".SZ") and currency == "HKD":
            named = ".HK"
        return _tidy(text, named) + named, True
    code = country_code(country)
    suffix = BY_CURRENCY.get(currency or "", "")
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


NONE_OFFERED = "-"
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
