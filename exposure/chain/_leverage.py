"""Leveraged and inverse funds: the factor and what it applies to, by the table, by the user, or by the fund's name.

Such a fund moves by a multiple of the daily move of what it tracks, so its weight says little of its exposure: minus
three times chips is a short of chips. Names follow few patterns (`3X`, `-2x`, `Bear`, `UltraShort`), and what is left
of a name without them, its brand and its form names what is tracked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import isnan, nan
from typing import Any, Literal

from exposure.chain._issuers import Issuer, issuer_table, normalise, read_data
from exposure.chain._listing import CURRENCY_OF, split_symbol
from exposure.delivered import Severity
from exposure.format import number
from exposure.types import Assignment, Holding, Issue, Line, Override

_MULTIPLE = re.compile(
    r"(?:(?<=[\s(])|^)(?P<sign>[-–−+]?)\s?(?P<before>[1-5](?:[.,]\d+)?)\s?x(?![\w-])"
    r"|(?<![\w.])(?P<plain>[1-5](?:[.,]\d+)?)\s?x(?![\w-])"
    r"|(?<!\w)x(?P<after>[1-5](?:[.,]\d+)?)(?![\w.])",
    re.IGNORECASE,
)
_NUMBERED = ((re.compile(r"\btriple\b", re.I), 3.0), (re.compile(r"\bdouble\b", re.I), 2.0))
_AGAINST = re.compile(
    r"\b(?:x?bear|inverse|inverso|ultra(?:pro)?\s?short|short|shrt|sht)\b|\b(?:ultra)?short(?=dax|mdax|cac|s&p|ftse)",
    re.IGNORECASE,
)
_WITH = re.compile(r"\b(?:bull|long|leverag\w*|lev(?=dax)|geared|ultra(?:pro)?)", re.IGNORECASE)
_FORM = re.compile(
    r"\b(?:daily|et[fnp]s?|ucits|swap|shares? plc|leverage shares|tracker|funds?|exchange traded|"
    r"(?:inverse|leveraged) product|factor|faktor\w*|[cz]ertifi[ck]ate?s?|"
    r"kodex|tiger|proshares|profunds|direxion|graniteshares|wisdomtree|x ?trackers|"
    r"lyxor|amundi|betapro|microsectors)\b",
    re.IGNORECASE,
)
"""Words of what a fund is, and houses with nothing else: by one of them a line is a fund, whatever the file says."""
_COMPANY = re.compile(
    r"\b(?:inc|corp(?:oration)?|co|company|companies|ltd|limited|plc|gmbh|ag|group|holdings?|hldgs?)\b", re.I
)
"""Words of a company, which a file may still list among its funds; a fund's own name says what it is beside them."""
_TWICE = re.compile(
    r"\blev(?=dax)|\b(?:ucits|lyxor|amundi|x ?trackers|kodex|tiger|next funds|nikkei|topix)\b.*\bleverag|"
    r"\bleverag.*\b(?:ucits|nikkei|topix)\b",
    re.IGNORECASE,
)
"""*Leveraged* without a number is twice where law or index allows no other: UCITS, Korea's funds, Japan's indices."""
_CALM = re.compile(
    r"\b(?:ultra[\s-]?)?short[\s-]*(?:term|dated|duration|dur|maturit\w+|mat|income|bonds?|treasur\w*|govt?|govern\w*|"
    r"corp\w*|muni\w*|credit|cycle|end|investment|invst|var\w*|fixed|obligat\w*|euro (?:bond|corp)|high|hy)\b|"
    r"\bultra[\s-]short\b|\blong[\s/-]*short\b|\b(?:short|long)[\s-]term\b|\bultra buffer\b|"
    r"\bleveraged?[\s-]*(?:loans?|financ\w*|credit|buy\w*|lending|capital|income|debt)\b",
    re.IGNORECASE,
)
"""`Short` and `Ultra` of bonds soon due, funds both long and short, loans to the indebted: nothing is multiplied."""
_HOUSE = re.compile(r"\bpro\s?(?:shares|shs|sh|funds)\b", re.IGNORECASE)
"""ProShares and ProFunds, whose `Ultra` is twice, `UltraPro` three times, and `Short` once against."""
_LOUD = re.compile(r"\b(?:short|mid)-?term futures\b|\bhigh yield\b", re.I)
"""What ProShares' `Short` and `Ultra` are on, though it reads like bonds soon due."""
_FAMILY = (
    (re.compile(r"\bultra\s?sector\b", re.I), 1.5),
    (re.compile(r"\bultra\b.*\bvix\b", re.I), 1.5),
    (re.compile(r"\bshort\b.*\bvix\b", re.I), -0.5),
    (re.compile(r"\bultrapro\s?(?:short|sht|shrt)\b", re.I), -3.0),
    (re.compile(r"\bultrapro\b", re.I), 3.0),
    (re.compile(r"\bultra\s?(?:short|sht|shrt)\b", re.I), -2.0),
    (re.compile(r"\bultra", re.I), 2.0),
    (re.compile(r"\bshort\b", re.I), -1.0),
)
_DRESS = re.compile(
    r"\b(?:leverage shares|t rex|direxion|drx|proshares?|pro ?shs|profunds|graniteshares|granite|tradr|axs|defiance|"
    r"rex|roundhill|wisdomtree|boost|amundi|lyxor|x ?trackers|db|microsectors|bmo|velocityshares|credit suisse|"
    r"societe generale|sg|vontobel|betapro|horizons|themes|kraneshares|global x|trust|trs?t?|fds?|funds?|shares?|shs|"
    r"daily|dly|target|strategy|et[cfnp]s?|ucits|index|idx|indices|securities|secs?|plc|acc|dist|c|d|usd|eur|gbp|gbx|"
    r"chf|new|swap|performance|notes?|corp(?:oration)?|inc|ltd|co|and|ii|iii|iv|pea|bulls?|x?bear|long|inverse|"
    r"ultrapro|ultra|ultrashort|ultra ?sector|short|shrt|sht|leveraged?|leveragd|geared|double|triple|total return|tr|"
    r"hedged|"
    r"l g|legal general|super|etfs|csop|samsung kodex|kodex|tiger|simplex|rakuten|yuanta|fubon|rydex|guggenheim|"
    r"next funds|exchange traded|investor|factor|faktor\w*|[cz]ertifi[ck]ate?s?|futures?|synth(?:etic)?|"
    r"collateral\w*|products?|the|of|on)\b"
)


NAMED = ("factor.named", "factor.named-segments")
"""What is said of a factor that rests on a name alone."""


@dataclass(frozen=True, slots=True)
class Gearing:
    """How a fund follows what it tracks: `factor` (NaN: not known), and the Yahoo symbol of that, None: not known."""

    factor: float
    underlying: str | None
    by: Literal["table", "name", "user"]


def gearing(holding: Holding, issuer: Issuer | None, override: Override | None = None) -> Gearing | None:
    """Give how a leveraged or inverse fund follows what it tracks; None for what is none.

    A factor that the file's own name states beats the table's: funds change theirs. A user's beats both.
    """
    if holding.kind not in ("equity", "fund") or (issuer is not None and not issuer.fund):
        return None
    named = of_name(holding.name, holding.kind == "fund") if holding.name else None
    known = issuer.factor if issuer else None
    underlying = (issuer.underlying if known is not None else None) if issuer else named.underlying if named else None
    if override is not None and override.delta is not None:
        return Gearing(override.delta, underlying, "user")
    if issuer is None:
        return named
    if known is None:
        return None
    stated = named is not None and not isnan(named.factor) and named.factor != known
    return Gearing(named.factor, underlying, "name") if named and stated else Gearing(known, underlying, "table")


@lru_cache(maxsize=4096)
def of_name(name: str, fund: bool = True) -> Gearing | None:
    """Read factor and underlying out of a name; None where it names nothing that is multiplied.

    Parameters
    ----------
    fund : whether the line is known to be a fund. A share whose name has a number (`X3 Holdings`) is none.

    Examples
    --------
    >>> of_name("Leverage Shares 3x NVIDIA ETP")
    Gearing(factor=3.0, underlying='NVDA', by='name')
    >>> of_name("ProShares UltraShort QQQ").factor, of_name("PIMCO Enhanced Short Maturity Active ETF")
    (-2.0, None)
    """
    name = _apart(name)
    found, form = _MULTIPLE.search(name), bool(_FORM.search(name))
    company = not form and bool(_COMPANY.search(name))
    fund = form or (fund and not company)
    house = bool(_HOUSE.search(name))
    plain = _LOUD.sub(" ", name) if house else name
    against, along = bool(_AGAINST.search(plain)), bool(_WITH.search(plain))
    size = nan
    if found is not None:
        digits = found["before"] or found["plain"] or found["after"]
        size = float(digits.replace(",", "."))
        against = against or found["sign"] not in (None, "", "+")
        if size == 1.0 and not against:
            return None
        followed = underlying_of(name)
        if not (fund or against or along or followed):
            return None
        return Gearing(-size if against else size, followed, "name")
    if company or not (against or along) or _CALM.search(plain):
        return None
    if house:
        factor = next((times for words, times in _FAMILY if words.search(name)), None)
        return None if factor is None else Gearing(factor, underlying_of(name), "name")
    twice = next((times for words, times in _NUMBERED if words.search(name)), None)
    if twice is not None and (against or re.search(r"\b(?:long|leverag)", name, re.I)):
        return Gearing(-twice if against else twice, underlying_of(name), "name")
    followed = underlying_of(name)
    family = re.search(r"\bultrapro|\bultra\s?short|^\s*(?:ultra|short)\b", name, re.I)
    if family and followed:  # the house is left out: `UltraPro Short QQQ`
        return Gearing(next(times for words, times in _FAMILY if words.search(name)), followed, "name")
    if re.search(r"\binvers[eo]\b|\bshort(?=dax|mdax)|\bshort\b.*\bdaily\b|\bdaily\b.*\bshort\b", name, re.I):
        return Gearing(-1.0, followed, "name") if fund else None
    if _TWICE.search(name):
        return Gearing(2.0, followed, "name")
    if fund and re.search(r"\bleveraged?\b|\bbull\b|\bx?bear\b|\blevdax\b", name, re.I):
        return Gearing(nan, followed, "name")
    return None


@lru_cache(maxsize=4096)
def underlying_of(name: str) -> str | None:
    """Give the Yahoo symbol of what a leveraged fund's name says it tracks; None where no table knows that."""
    beside = re.search(r"\(([a-z]{2,5})\)", name, re.IGNORECASE)
    symbol = beside[1].upper() if beside and not _DRESS.fullmatch(beside[1].lower()) else None
    entry = issuer_table().of(symbol)
    if entry is not None and entry.factor is None:
        return symbol  # `Alphabet (GOOG)`: the listing that is meant, of several
    words = _bare(name).split()
    # A symbol beside the name, before or behind it: `Tesla (TSLA)`, `SPXU UltraPro Short S&P500`.
    tried = (words, words[:-1], words[1:]) if len(words) > 1 else (words,)
    return next((found for some in tried if some and (found := _called(" ".join(some)))), None)


def _called(rest: str) -> str | None:
    for pattern, symbol in _indices():
        if pattern.fullmatch(rest):
            return symbol
    known = issuer_table()
    named = [e for e in known.named(rest) if e.factor is None]
    if len(named) == 1:
        return _line_of(named[0])
    entry = known.of(rest.upper()) if " " not in rest else None
    if entry is not None and entry.factor is None:
        return rest.upper()
    begun = {e.key: e for name, e in _issuers() if name.startswith(f"{rest} ")} if len(rest) > 3 else {}
    return _line_of(next(iter(begun.values()))) if len(begun) == 1 else None


def _line_of(entry: Issuer) -> str:
    """Choose the line of New York, which most such funds follow, where there is one."""
    return next((s for s in entry.symbols if "." not in s), entry.symbols[0])


def remarks(lines: Iterable[Line]) -> list[Issue]:
    """Say which factors rest on a name alone, and which are not known, each with its share of capital."""
    issues = []
    for line in lines:
        if line.factor is not None and (found := _remark(line)):
            code, params = found
            severity: Severity = "notice" if code in NAMED else "warning"
            issues.append(Issue.of(severity, code, row=line.holding.row, weight=abs(line.weight), **params))
    return issues


def _remark(line: Line) -> tuple[str, dict[str, Any]] | None:
    """Give the code and the parameters of what there is to say of one factor; None where the table knows it."""
    factor = line.factor or 0.0
    params: dict[str, Any] = {"line": line.holding.name or line.holding.ticker or line.line_id, "factor": factor}
    if isnan(factor):
        return "factor.unknown", {"line": params["line"]}
    if not follows(line):
        return "factor.unplaced", params
    if line.geared_by != "name":
        return None
    entry = issuer_table().of(line.underlying)
    if entry is None:
        return "factor.named-segments", params
    return "factor.named", {**params, "tracked": entry.name, "symbol": line.underlying or ""}


def follows(line: Line) -> bool:
    """Tell whether what a leveraged fund tracks is known: by a symbol of the table, or by its segments."""
    return issuer_table().of(line.underlying) is not None or any(
        p.segment != "unassigned" for p in line.assignment.parts
    )


def currency_of_move(found: Gearing, name: str) -> str | None:
    """Give the currency in which what a fund tracks moves; None where that is not known, or the fund is hedged.

    A fund on a dollar index is worth dollars, in whatever currency a line of it trades.
    """
    if found.underlying is None or re.search(r"hedg|\bhdg\b|\bquanto\b", name, re.IGNORECASE):
        return None
    return CURRENCY_OF[split_symbol(found.underlying)[1]]


def placed(found: Gearing) -> Assignment | None:
    """Place a leveraged fund as what it tracks; None where that is not known."""
    entry = issuer_table().of(found.underlying)
    if entry is None:
        return None
    times = "a multiple that is not known" if isnan(found.factor) else f"{number(found.factor, 2)} times"
    reason = f"{times} of the daily move of {entry.name}, by its name (rule, no entry in the table); split as that"
    return Assignment(entry.parts, reason, "rule", entry.source or "funds.csv", entry.dated)


def _apart(name: str) -> str:
    """Part a direction from the multiple that is written against it, and write a sign of multiplication as `x`."""
    return re.sub(r"(?<=bull|bear|long)(?=[1-5])|(?<=short)(?=[1-5])", " ", name.replace("×", "x"), flags=re.I)


def _bare(name: str) -> str:
    """Strip a name of multiple, brand and form, to the words that say what is tracked."""
    text = re.sub(r"\bdue\b.*$|\b[1-4][cd]\b", " ", _MULTIPLE.sub(" ", _apart(name)), flags=re.IGNORECASE)
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    text = re.sub(r"\b(?:ultra(?:pro|short)?|short|lev)(?=m?dax|cac|nasdaq|russell|s&p|ftse)", " ", text)
    text = re.sub(r"[^a-z0-9]+", " ", text.replace("'", ""))
    return re.sub(r"\s+", " ", _DRESS.sub(" ", text)).strip()


@lru_cache(maxsize=1)
def _issuers() -> tuple[tuple[str, Issuer], ...]:
    """Pair every name and alias of an issuer, cut to the words that tell it apart, with the issuer."""
    return tuple((normalise(n), e) for e in issuer_table().entries if not e.fund for n in (e.name, *e.aliases))


@lru_cache(maxsize=1)
def _indices() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Read which fund stands for an index, by the words that name it."""
    return tuple((re.compile(row["pattern"]), row["symbol"]) for row in read_data("indices.csv"))
