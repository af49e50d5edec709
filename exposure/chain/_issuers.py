"""The project's tables of issuers and funds, and finding a line in them by ISIN, ticker or name.

All lines of an issuer (share classes, ADRs, local listings) share one entry. A ticker that the table gives to one
company while the file names another is no match: symbols are handed on, and a wrong segment is worse than none.

Names of companies as files write them: cut to the words that tell them apart, compared despite abbreviations.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, cast

from exposure.chain._listing import CURRENCY_OF, NONE_OFFERED, Answers, answered, isins_of, split_symbol, yahoo_symbol
from exposure.errors import InputError
from exposure.types import Holding, Issue, Part, Tie
from exposure.units import currency_of

_NOISE = re.compile(
    r"\b(inc|incorporated|corp|corporation|co|company|companies|cos|plc|ltd|limited|llc|lp|sa|s a|ag|se|nv|n v|ab|asa|"
    r"as|oyj|spa|s p a|kk|bhd|pjsc|ord|ordinary|common|stock|shares?|class|cl|ser(ies)?|adr|ads|gdr|sponsored|spon|"
    r"unsponsored|depositary|receipts?|american|reg(istered)?|namens|inhaber|aktien|holdings?|hldgs?|hlds?|group|grp|"
    r"the|and|[abc]|non voting|nonvoting|pref(erred)?|new|de|of|usd|eur|par value)\b"
)


def normalise(name: str) -> str:
    """Reduce a company's name to the words that tell it apart: `NVIDIA CORP` → `nvidia`."""
    text = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    text = re.sub(r"\([^)]*\)|/[a-z]{2,3}/?$", " ", text).replace("'", "").replace(".com", " com")
    text = re.sub(r"[^a-z0-9]+", " ", text)
    reduced = re.sub(r"\s+", " ", _NOISE.sub(" ", text)).strip()
    return reduced or text.strip()


def abbreviates(ours: str, theirs: str) -> bool:
    """Tell whether a word of a file stands for one of the table's: equal, cut short (`semicon`), or thinned (`mfg`)."""
    if ours == theirs or (len(ours) >= 3 and theirs.startswith(ours)) or (len(theirs) >= 6 and ours.startswith(theirs)):
        return True
    letters = iter(theirs)
    return len(ours) >= 3 and ours[0] == theirs[0] and all(c in letters for c in ours)


@dataclass(frozen=True, slots=True)
class Issuer:
    """An entry of the table: an issuer with its lines, or a fund (`factor` and `underlying` for a leveraged one)."""

    key: str
    name: str
    aliases: tuple[str, ...]
    country: str | None
    sector: str | None
    symbols: tuple[str, ...]
    """Yahoo symbols of its lines, the primary one first."""
    isins: tuple[str | None, ...]
    """ISIN of each line, in the order of `symbols`."""
    parts_text: str
    reason: str
    source: str
    dated: date | None
    fund: bool = False
    factor: float | None = None
    underlying: str | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """Give the segments of the issuer with their weights, which sum to 1."""
        return parse_parts(self.parts_text)


@dataclass(frozen=True, slots=True)
class Stake:
    """A published holding of a listed company in an unlisted laboratory; `stake` a fraction, None where unpublished."""

    holder: str
    lab: str
    stake: float | None
    value_usd: float | None
    basis: str
    source: str
    dated: date | None


@dataclass(frozen=True, slots=True)
class Match:
    """What a line was found to be: its issuer if known, its Yahoo symbol if it has a ticker, by what, and any doubt."""

    issuer: Issuer | None
    symbol: str | None
    by: str
    doubt: Issue | None = None


@lru_cache(maxsize=4096)
def parse_parts(text: str) -> tuple[Part, ...]:
    """Read `chips.memory 0.6|foundation_models.cloud_providers@stake 0.4`; a bare id has weight 1."""
    parts = []
    for piece in text.split("|"):
        target, _, weight = piece.strip().partition(" ")
        segment, _, tie = target.partition("@")
        try:
            parts.append(Part(segment, float(weight or 1), cast("Tie", tie or "direct")))
        except ValueError as error:
            raise InputError("issuer.weight", weight=weight) from error
    return tuple(parts)


def _akin(stated: str, issuer: Issuer) -> bool:
    """Tell whether a stated name could be the issuer's: one word in common, which the file may abbreviate."""
    words = normalise(stated).split()
    names = [normalise(name) for name in (issuer.name, *issuer.aliases)]
    if any("".join(words) == name.replace(" ", "") for name in names):
        return True
    symbols = {split_symbol(s)[0].lower() for s in issuer.symbols}
    return any(
        ours in symbols or any(abbreviates(ours, theirs) for name in names for theirs in name.split()) for ours in words
    )


def _names_another(holding: Holding, found: Issuer) -> bool:
    """Tell whether a file gives a ticker of the table to another company than the table does."""
    name = holding.name
    return bool(name) and normalise(name or "") != normalise(holding.ticker or "") and not _akin(name or "", found)


def _doubt(holding: Holding, what: str, **params: Any) -> Issue:
    """Make a doubt about which security is meant; a line with an ISIN is a security of its own, and nobody is asked."""
    code = f"line.{what}-isin" if holding.isin else f"line.{what}"
    return Issue.of("notice", code, row=holding.row, ticker=holding.ticker or "", **params)


class Table:
    """All issuers and funds with the ways to find them. Read once per process (`table()`); never edited.

    Thousands of entries are read and few are asked for, so a row becomes an `Issuer` only when it is.
    """

    def __init__(self, rows: list[dict[str, str]]) -> None:
        self._rows = rows
        self._built: dict[int, Issuer] = {}
        self._by_symbol: dict[str, int] = {}
        self._by_isin: dict[str, list[tuple[int, str]]] = {}
        for n, row in enumerate(rows):
            for symbol, isin in _lines(row):
                self._by_symbol.setdefault(symbol, n)
                if isin:
                    self._by_isin.setdefault(isin, []).append((n, symbol))

    @property
    def entries(self) -> tuple[Issuer, ...]:
        """Give every issuer and fund, in the order of the files."""
        return tuple(self._entry(n) for n in range(len(self._rows)))

    def of(self, symbol: str | None) -> Issuer | None:
        """Give the issuer or fund that a Yahoo symbol belongs to, None where the table does not know it."""
        n = self._by_symbol.get(symbol or "")
        return None if n is None else self._entry(n)

    def of_isin(self, isin: str) -> tuple[Issuer, list[str]] | None:
        """Give the issuer or fund of an ISIN with the symbols of its listings, None where it is not known."""
        found = self._by_isin.get(isin)
        return (self._entry(found[0][0]), [symbol for _, symbol in found]) if found else None

    def _entry(self, n: int) -> Issuer:
        if n not in self._built:
            self._built[n] = _entry(self._rows[n])
        return self._built[n]

    @cached_property
    def _by_name(self) -> dict[str, list[int]]:
        """Index by normalised name and alias; two issuers may share one."""
        index: dict[str, list[int]] = {}
        for n, row in enumerate(self._rows):
            for name in {normalise(each) for each in (row["name"], *row.get("aliases", "").split("|")) if each}:
                index.setdefault(name, []).append(n)
        return index

    @cached_property
    def _squeezed(self) -> dict[str, str]:
        """Index New York's symbols without their punctuation: `BRKB` → `BRK-B`."""
        return {s.replace("-", ""): s for s in self._by_symbol if "-" in s and "." not in s}

    @cached_property
    def _by_base(self) -> dict[str, list[str]]:
        """Index symbols without their exchange: `ASML` → [`ASML.AS`, `ASML`]."""
        index: dict[str, list[str]] = {}
        for symbol in self._by_symbol:
            index.setdefault(split_symbol(symbol)[0], []).append(symbol)
        return index

    def named(self, name: str) -> list[Issuer]:
        """List the issuers and funds of that name, written in whatever usual way; several may share it."""
        return [self._entry(n) for n in self._by_name.get(normalise(name), ())]

    def listed_as(self, symbol: str) -> list[str]:
        """List the known symbols with the same letters on any exchange: `ASML` → [`ASML.AS`, `ASML`]."""
        return self._by_base.get(split_symbol(symbol)[0], [])

    def find(self, holding: Holding, answers: Answers | None = None) -> Match:
        """Find the issuer and the very line of a holding: a user's answer, ISIN, CUSIP, SEDOL, ticker, then name."""
        if answers and (answer := answered(holding, answers)):
            return Match(self.of(answer), None if answer == NONE_OFFERED else answer, "answer")
        supposed, stated_market = self._supposed(holding)
        for isin in isins_of(holding):
            if listed := self.of_isin(isin):
                return Match(listed[0], self._pick(listed[1], supposed, holding), "isin")
        found = self.of(supposed)
        doubt = None
        if found and supposed:
            if _names_another(holding, found):
                doubt = _doubt(holding, "another-company", name=holding.name or "", known=found.name)
            else:
                return Match(found, supposed, "ticker", None if stated_market else self._open(supposed, holding))
        return self._by_its_name(holding, supposed, stated_market, doubt)

    def _supposed(self, holding: Holding) -> tuple[str | None, bool]:
        """Give the Yahoo symbol that ticker and market spell, and whether the file states the market."""
        if not holding.ticker:
            return None, False
        symbol, stated_market = yahoo_symbol(holding.ticker, holding.exchange, holding.country, holding.currency)
        if symbol not in self._by_symbol:
            symbol = self._squeezed.get(symbol, symbol)
        return symbol if stated_market else self._traded_in(symbol, holding.currency), stated_market

    def _by_its_name(self, holding: Holding, supposed: str | None, stated_market: bool, doubt: Issue | None) -> Match:
        """Find a line by the name that its file gives, else by the letters of a ticker that one company alone has."""
        named = self.named(holding.name) if holding.name else []
        if len(named) == 1:
            line = supposed if stated_market else self._pick(list(named[0].symbols), supposed, holding)
            return Match(named[0], line, "name", doubt)
        if named and doubt is None:
            companies = ", ".join(f"{e.name} ({e.symbols[0]})" for e in named)
            doubt = _doubt(holding, "several-companies", name=holding.name or "", companies=companies)
        bare = supposed is not None and not stated_market and not split_symbol(supposed)[1]
        if supposed and bare and doubt is None and not holding.currency:
            lines = self._by_base.get(supposed, [])
            owners = [e for e in map(self.of, lines) if e is not None]
            if len({e.key for e in owners}) == 1 and (not holding.name or _akin(holding.name, owners[0])):
                return Match(owners[0], lines[0], "ticker")
        return Match(None, None if doubt else supposed, "none", doubt)

    def _traded_in(self, symbol: str, currency: str | None) -> str:
        """Take the one line with these letters in a currency, where that is not the currency of the symbol supposed."""
        if currency in (None, CURRENCY_OF[split_symbol(symbol)[1]]):
            return symbol
        lines = [s for s in self.listed_as(symbol) if CURRENCY_OF[split_symbol(s)[1]] == currency]
        return lines[0] if len(lines) == 1 else symbol

    def _open(self, symbol: str, holding: Holding) -> Issue | None:
        """Say which other lines a bare ticker could be; None where country or currency speaks for the one taken."""
        stated = currency_of(holding.currency or holding.price_currency or holding.value_currency)
        own = CURRENCY_OF[split_symbol(symbol)[1]]
        if holding.country or stated == own:
            return None
        lines = [s for s in self.listed_as(symbol) if s != symbol and stated in (None, CURRENCY_OF[split_symbol(s)[1]])]
        if holding.name:
            lines = [s for s in lines if (issuer := self.of(s)) and _akin(holding.name, issuer)]
        if not lines:
            return None
        return _doubt(holding, "several-listings", symbol=symbol, others=", ".join(lines), n=len(lines))

    @staticmethod
    def _pick(symbols: list[str], supposed: str | None, holding: Holding) -> str:
        """Choose among lines: the stated listing, else one in the line's currency, else the primary."""
        if supposed in symbols:
            return supposed
        in_currency = [s for s in symbols if CURRENCY_OF[split_symbol(s)[1]] == holding.currency]
        return (in_currency or symbols)[0]


def _lines(row: dict[str, str]) -> list[tuple[str, str | None]]:
    """List the (symbol, ISIN) pairs of a row; a fund has one."""
    if "lines" not in row:
        return [(row["symbol"], row["isin"] or None)]
    pairs = (piece.partition("=") for piece in row["lines"].split("|"))
    return [(symbol, isin or None) for symbol, _, isin in pairs]


def _entry(row: dict[str, str]) -> Issuer:
    lines = _lines(row)
    return Issuer(
        key=row.get("issuer") or row["symbol"],
        name=row["name"],
        aliases=tuple(a for a in row.get("aliases", "").split("|") if a),
        country=row.get("country") or None,
        sector=row["sector"] or None,
        symbols=tuple(symbol for symbol, _ in lines),
        isins=tuple(isin for _, isin in lines),
        parts_text=row["parts"],
        reason=row["reason"],
        source=row.get("source", ""),
        dated=date.fromisoformat(row["dated"]) if row.get("dated") else None,
        fund="symbol" in row,
        factor=float(row["factor"]) if row.get("factor") else None,
        underlying=row.get("underlying") or None,
    )


def read_data(name: str) -> list[dict[str, str]]:
    """Read one of the project's own tables, a dictionary for each row."""
    with (Path(__file__).parent / "data" / name).open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows)
        return [dict(zip(header, row, strict=True)) for row in rows]


@lru_cache(maxsize=1)
def issuer_table() -> Table:
    """Read the project's tables of issuers and funds."""
    names = ("issuers-americas.csv", "issuers-world.csv", "outside.csv", "outside-world.csv", "funds.csv")
    return Table([row for name in names for row in read_data(name)])


@lru_cache(maxsize=1)
def stakes() -> tuple[Stake, ...]:
    """Read the published stakes of listed companies in unlisted laboratories."""
    return tuple(
        Stake(
            r["holder"],
            r["lab"],
            float(r["stake"]) if r["stake"] else None,
            float(r["value_usd"]) if r["value_usd"] else None,
            r["basis"],
            r["source"],
            date.fromisoformat(r["dated"]) if r["dated"] else None,
        )
        for r in read_data("stakes.csv")
    )


@lru_cache(maxsize=1)
def market_betas() -> dict[str, float]:
    """Read each symbol's slope on the market outside the chain, as known on 24 January 2025."""
    return {r["ticker"]: float(r["beta_outside"]) for r in read_data("names.csv") if r["beta_outside"]}
