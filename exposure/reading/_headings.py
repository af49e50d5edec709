"""What column headings mean in six languages; the phrases stand in `headings.txt`."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from exposure.files import CURRENCY_CODES, CURRENCY_SIGNS, UNIT_PATTERN, currency_code

_UNLIKE = re.compile(
    r"\b(?:cost|costs|average|avg|buying|purchase|purchased|bought|acquisition|acquired|entry|open|opening"
    r"|prior|previous|prev|change|chg"
    r"|chng|gain|gains|loss|losses|pnl|p l|g l|profit|returns?|performance|perf|day s|today(?: s)?|daily"
    r"|unrealized|unrealised|realized|yield|yld|dividend|dividends|p e|eps"
    r"|52|high|low|beta|duration|ytm|ytw|tax|accrued|accrual|interest|intraday|variation|target|stop"
    r"|volume|rating|cap|capitalization|capitalisation|estimated|book"
    r"|einstand\w*|einstieg\w*|kauf\w*|gewinn\w*|verlust\w*|veranderung|revient|pru|pmp|plus value"
    r"|plus moins value|moins value|pv|costo|carico|rendimento"
    r"|rendement|rentabilidad|gak|winst|verlies|resultaat|coste|ganancia|perdita|guadagno|utile"
    r"|plusvalenza|plusvalia|last movement|inception|investment amount"
    r"|aankoop\w*|achat|acquisto|compra|kostprijs|revenu|ertrag|income|annual|day|1d|ytd|1y|mtd|loan|lent"
    r"|beginning|bonus|spread|score|rank|outstanding|restricted|vested|future investments"
    r"|margin requirement|liquidation|distance|modified|effective|drift)\b"
)
_MEANT = re.compile(
    r"\b(?:market price|closing balance|effective date of holdings|previous closing price|net open position)\b"
)
_CURRENCY_END = re.compile(
    r"(?:^|[\s(\[/_,-])(?:in |en |em |i |w |v |u )?\(?("
    + "|".join(sorted(CURRENCY_CODES))
    + "|"
    + UNIT_PATTERN
    + "|"
    + "|".join(map(re.escape, sorted(CURRENCY_SIGNS, key=len, reverse=True)))
    + r"|(?<=[(\[])p(?=[)\]])|(?<=\bin )p)[)\]]?\s*$"
)
_SIZES = (
    (1e5, r"lakhs?|lacs?"),
    (1e7, r"crores?|crs?\b"),
    (1e9, r"billions?|bn"),
    (1e6, r"millions?|mio|mill?|mn"),
    (1e3, r"thousands?|tsd|'?000'?s?|x ?[$€£]?1,?000|k(?=[€$£])"),
)
_MONEY = r"rs\.?|inr|usd|eur|gbp|chf|cad|aud|jpy|us\$|[$€£₹]"
_SIZE = re.compile(
    rf"\s*[(\[,]?\s*((?:{_MONEY})?)\s*\(?(?:\b(?:in|en|of)\s+)?((?:{_MONEY})?)\s*(?:("
    + ")|(".join(words for _, words in _SIZES)
    + rf"))\.?\s*(?:of )?((?:{_MONEY})?)\s*[)\]]*$",
    re.I,
)
_IN_BASE = re.compile(
    r"[\s(,]+(?:in |en |nella )?(?:the )?(?:(?:ref|reference|base|fund|portfolio|reporting|report|account|client)\.? "
    r"(?:ccy|currency|cur)\.?|(?:fonds|referenz|bewertungs|depot|basis|portfolio|konto)w[aä]hrung"
    r"|(?:devise|monnaie) (?:de |du )?(?:r[eé]f[eé]rence|fonds|portefeuille|base|valorisation|compte)"
    r"|(?:valuta|divisa) (?:di |de )?(?:riferimento|base|referencia))\)?$",
    re.I,
)
_SHORT = {
    **{"sec": "security", "desc": "description", "mkt": "market", "val": "value", "qty": "quantity", "acct": "account"},
    **{"ccy": "currency", "curr": "currency", "px": "price", "wgt": "weight", "wt": "weight", "nm": "name"},
    **{"cd": "code", "dt": "date", "amt": "amount", "pct": "%", "pos": "position", "inst": "instrument"},
    **{"num": "number", "nbr": "number", "port": "portfolio", "pf": "portfolio", "hldg": "holding"},
}
"""How systems shorten the words of headings: `MKT_VAL`, `SEC_NM`."""
_LAST = re.compile(r"\b(?!underlying|index|benchmark|fund|portfolio)\w+ (ticker|symbol|isin|cusip|sedol)$")
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading understood: what it may mean (field → rank, 0 surest), its currency, its percent sign."""

    fields: dict[str, int]
    currency: str | None = None
    percent: bool = False
    scale: float = 1.0
    """What its figures are multiplied by: 100,000 for `Market value (Rs. in Lakhs)`."""
    base: bool = False
    """Whether it says that its figures stand in the currency of the whole: `Value in reference currency`."""


_WHOLE = str.maketrans({"ß": "ss", "Œ": "Oe", "œ": "oe", "Æ": "Ae", "æ": "ae", "Ø": "O", "ø": "o", "Ł": "L", "ł": "l"})
"""Letters that no mark can be taken off."""
_ASCII = {i: chr(i) if chr(i).isalnum() else " % " if chr(i) == "%" else " " for i in range(128)}


def normal(text: str) -> str:
    """Bring a heading to plain lower-case words, `%` kept."""
    if " " not in text.strip() and not text.isupper():
        text = _CAMEL.sub(" ", text)
    if text.isascii():
        return " ".join(text.lower().translate(_ASCII).split())
    text = unicodedata.normalize("NFKD", text.translate(_WHOLE)).lower()
    text = "".join(c if c.isalnum() or c == "%" else " " for c in text if not unicodedata.combining(c))
    return " ".join(text.replace("%", " % ").split())


def _table() -> dict[str, dict[str, int]]:
    """Read the vocabulary beside this module: phrase → fields it may mean, each with its rank."""
    table: dict[str, dict[str, int]] = {}
    for line in Path(__file__).with_name("headings.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        head, phrases = line.split(": ", 1)
        name, rank = head.split()
        for phrase in phrases.split("; "):
            words = phrase if phrase.isascii() else normal(phrase)
            table.setdefault(words, {}).setdefault(name, int(rank))
    return table


_PHRASES = _table()


def is_result(text: str) -> bool:
    """Tell a heading of gains, costs or changes: what stands there is no price, value or weight."""
    return bool(_UNLIKE.search(_MEANT.sub("", normal(text))))


@lru_cache(maxsize=4096)
def understand(text: str) -> Heading:
    """Tell what a heading may mean.

    >>> understand("Valeur en EUR").currency, sorted(understand("Qty (Quantity)").fields)
    ('EUR', ['quantity'])
    """
    if not text or len(text) > 80:
        return Heading({})
    text = " ".join(unicodedata.normalize("NFKC", text).strip().strip(":*†^").split())
    if (m := _SIZE.search(text)) and m.start() > 2:
        unit = m[1] or m[2] or m[len(_SIZES) + 3] or ""
        inner = understand(f"{text[: m.start()]} ({unit})" if unit else text[: m.start()])
        if inner.fields.keys() & {"market_value", "notional_value", "cash", "quantity"}:
            times = next(times for i, (times, _) in enumerate(_SIZES, 3) if m[i])
            return Heading(inner.fields, inner.currency, inner.percent, times)
    if (m := _IN_BASE.search(text)) and "market_value" in (inner := understand(text[: m.start()])).fields:
        return Heading(inner.fields, None, inner.percent, inner.scale, base=True)
    currency = None
    bare = text
    if (m := _CURRENCY_END.search(text)) and m.start() > 0:
        unit = m[1]
        currency = CURRENCY_SIGNS.get(unit) or currency_code(unit)
        bare = re.sub(r"\s+(?:in|en|em|i|w|v|u)$", "", text[: m.start()].strip(" ([/_,-"), flags=re.I)
    percent = "%" in text or bool(re.search(r"\b(?:percent|pct|prozent)\b", text, re.I))
    forms = [bare, text]
    if m := re.fullmatch(r"(.*?)\s*[(\[](.+)[)\]]", bare):
        forms += [m[1]] if m[2] == "%" else [m[2], m[1]]
    if "/" in bare:
        forms += bare.split("/")
    if is_result(text):
        words = normal(text)
        kept = {
            k: v
            for k, v in _PHRASES.get(words, {}).items()
            if k in {"transaction", "trade_date", "proceeds", "maturity", "coupon", "as_of"}
        }
        return Heading(kept, currency, percent)
    found: dict[str, int] = {}
    for i, form in enumerate(forms):
        words = normal(form)
        hit = _PHRASES.get(words) or (_PHRASES.get(words.replace("%", "").strip()) if "%" in words else None)
        if not hit and i < 2:
            hit = _PHRASES.get(" ".join(_SHORT.get(word, word) for word in words.split()))
        for name, rank in (hit or {}).items():
            found.setdefault(name, rank + (i > 1))
        if hit and i != 2:
            break
    if not found and (m := _LAST.search(normal(bare))):
        found = {{"symbol": "ticker"}.get(m[1], m[1]): 2}
    if percent and not currency and "coupon" not in found:
        share = "account" in found
        found = {k: v for k, v in found.items() if k not in {"market_value", "price", "quantity", "account"}} or {}
        if "%" in text and not found and (share or re.search(r"%\s*(?:of|de|des|van|di|del)\b", text.lower())):
            found = {"weight": 2}
    return Heading(found, currency, percent)
