"""Place a holding along the chain.

A user's override beats the table, the table beats a rule by industry, and what is left is `unassigned`. Nothing is
placed without a mark of who placed it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from exposure.chain import _derivatives, _leverage
from exposure.chain._issuers import Issuer, issuer_table, parse_parts, read_data
from exposure.chain._listing import COUNTRY_OF, CURRENCY_OF, Answers, country_code, held_currency, split_symbol
from exposure.chain._overrides import Overrides
from exposure.types import UNSUPPORTED, Assignment, Holding, Issue, Line, Override, Part
from exposure.units import currency_of

SECTORS = frozenset(
    {
        "information technology",
        "communication services",
        "consumer discretionary",
        "consumer staples",
        "health care",
        "financials",
        "industrials",
        "energy",
        "materials",
        "real estate",
        "utilities",
    }
)


@lru_cache(maxsize=1)
def _rules() -> tuple[tuple[str, re.Pattern[str], str, tuple[Part, ...], str], ...]:
    return tuple(
        (r["field"], re.compile(r["pattern"], re.IGNORECASE), r["sector"], parse_parts(r["parts"]), r["reason"])
        for r in read_data("rules.csv")
    )


@lru_cache(maxsize=4096)
def _rule(sector: str, name: str) -> tuple[str, tuple[Part, ...], str] | None:
    for field, pattern, group, parts, reason in _rules():
        if pattern.search(sector if field == "sector" else name):
            return group, parts, reason
    return None


@lru_cache(maxsize=512)
def sector_of(text: str | None) -> str | None:
    """Give the GICS sector (lower case) that a file's text stands for; None where it says nothing."""
    if not text:
        return None
    lowered = text.strip().lower()
    if lowered in SECTORS:
        return lowered
    if re.fullmatch(
        r"it|(information )?technology|technologie.*|informationstechnologie|tecnolog.a.*|informatietechnologie",
        lowered,
    ):
        return "information technology"
    found = _rule(lowered, "")
    return found[0] if found else None


def assign(
    holding: Holding, issuer: Issuer | None, own: Override | None = None, geared: Assignment | None = None
) -> Assignment:
    """Place one holding; the weights of the parts sum to 1.

    Parameters
    ----------
    own : the user's override, which beats all else where it names segments.
    geared : where what a leveraged fund tracks stands, for one that the table does not know.
    """
    if own is not None and own.parts:
        return Assignment(own.parts, own.reason, "user", own.author, own.date)
    if holding.kind == "cash":
        return Assignment((Part("cash", 1.0),), "currency balance or money-market sweep", "none")
    if holding.kind in UNSUPPORTED or holding.kind in ("crypto", "other"):
        return _derivative(holding, issuer)
    if issuer is not None:
        return from_table(issuer)
    if geared is not None:
        return geared
    found = _rule((holding.sector or "").lower(), (holding.name or "").lower()) if holding.kind == "equity" else None
    if found is not None:
        return Assignment(found[1], f"{found[2]} (rule, no entry in the table)", "rule", "rules.csv")
    if holding.kind == "fund":
        return _nowhere("a fund that is not in the table: load its holdings to see inside")
    if sector_of(holding.sector) == "information technology":
        return _nowhere("not in the table; the sector alone does not say which link of the chain")
    return _nowhere("not in the table, and no rule speaks for it")


def from_table(issuer: Issuer) -> Assignment:
    """Give the table's own assignment of an issuer or fund."""
    return Assignment(issuer.parts, issuer.reason, "table", issuer.source, issuer.dated)


def _derivative(holding: Holding, issuer: Issuer | None) -> Assignment:
    if holding.kind == "bond":
        return Assignment((Part("outside", 1.0),), "a bond: not equity of the chain", "rule", "kind")
    if issuer is not None and holding.kind in ("option", "future"):
        return Assignment(issuer.parts, f"{holding.kind} on {issuer.name}; not repriced", "rule", issuer.source)
    if holding.kind == "fx" and _derivatives.terms_of(holding) is not None:
        return Assignment((Part("cash", 1.0),), "a currency forward: it moves with its currencies", "rule", "kind")
    return _nowhere(f"a line of kind {holding.kind}: no segment is known for it")


def _nowhere(reason: str) -> Assignment:
    return Assignment((Part("unassigned", 1.0),), reason, "none")


def to_line(holding: Holding, value: float | None, overrides: Overrides, issues: list[Issue], answers: Answers) -> Line:
    """Place one holding: issuer, listing, segments, sector, country; its weight awaits the capital."""
    match = issuer_table().find(holding, answers)
    if match.doubt is not None:
        issues.append(match.doubt)
    issuer, on = _derivatives.issuer_of(holding, match.issuer)
    suffix = split_symbol(match.symbol)[1] if match.symbol else None
    security = holding.kind in ("equity", "fund")
    currency = currency_of(holding.currency or (None if security else holding.value_currency))
    if currency is None and security:
        currency = (
            CURRENCY_OF[suffix]
            if suffix is not None and issuer
            else currency_of(holding.price_currency or holding.value_currency)
        )
    own = overrides.find(holding, match.symbol)
    geared = _leverage.gearing(holding, issuer, own)
    fund = holding.kind == "fund" or bool(security and issuer and issuer.fund)
    called = holding.name or (issuer.name if issuer else "")
    holds = _leverage.currency_of_move(geared, called) if geared else held_currency(called) if fund else None
    return Line(
        line_id=holding.isin
        or holding.cusip
        or holding.sedol
        or holding.ticker
        or holding.name
        or f"row {holding.row}",
        holding=holding,
        market_value=value,
        weight=0.0,
        assignment=assign(holding, issuer, own, _leverage.placed(geared) if geared else None),
        issuer=issuer.key if issuer else None,
        listing=match.symbol if security else None,
        siblings=issuer.symbols if issuer and security else (),
        currency=currency,
        sector=(issuer.sector if issuer else None) or sector_of(holding.sector),
        country=(issuer.country if issuer else None)
        or country_code(holding.country)
        or (COUNTRY_OF[suffix] if suffix and security else None),
        factor=geared.factor if geared else None,
        underlying=on or (geared.underlying if geared else issuer.underlying if issuer else None),
        geared_by=geared.by if geared else None,
        holds=holds if holds != currency else None,
        delta=own.delta if own and holding.kind == "option" else None,
    )
