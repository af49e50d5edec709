"""Place a holding along the chain.

A user's override beats the table, the table beats a rule by industry, and what is left is `unassigned`. Nothing is
placed without a mark of who placed it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from exposure.chain.derivatives import terms_of
from exposure.chain.issuers import Issuer, parse_parts, read_data
from exposure.types import UNSUPPORTED, Assignment, Holding, Override, Part

SECTORS = (
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
)


class Overrides:
    """A user's assignments, found by ISIN first, then by ticker."""

    def __init__(self, overrides: Iterable[Override] = ()) -> None:
        self._by_isin: dict[str, Override] = {}
        self._by_ticker: dict[str, Override] = {}
        for each in sorted(overrides, key=lambda o: o.date):  # the latest counts
            if each.isin:
                self._by_isin[each.isin.upper()] = each
            if each.ticker:
                self._by_ticker[each.ticker.upper()] = each

    def find(self, holding: Holding, symbol: str | None) -> Override | None:
        """Give the override for a line, None where there is none."""
        if holding.isin and holding.isin.upper() in self._by_isin:
            return self._by_isin[holding.isin.upper()]
        for ticker in (holding.ticker, symbol):
            if (
                ticker
                and (found := self._by_ticker.get(ticker.upper()))
                and not (found.isin and holding.isin and found.isin != holding.isin)
            ):
                return found
        return None


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
    if holding.kind == "fx" and terms_of(holding) is not None:
        return Assignment((Part("cash", 1.0),), "a currency forward: it moves with its currencies", "rule", "kind")
    return _nowhere(f"a line of kind {holding.kind}: no segment is known for it")


def _nowhere(reason: str) -> Assignment:
    return Assignment((Part("unassigned", 1.0),), reason, "none")
