"""Place a holding along the chain.

A user's override beats the table, the table beats a rule by industry, and what is left is `unassigned`. Nothing is
placed without a mark of who placed it.

A user's segments as a file: `isin,ticker,segment,weight,reason,date,author`, a row for each part of a line.

A further column `delta`, which may be left out, gives the delta of an option or the daily factor of a leveraged fund;
a row that gives one may leave segment and weight empty, and the line then stands where it stood.

What a file leaves open of which security is meant, as questions with the answers to choose from.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import fsum, isfinite
from pathlib import Path

from exposure.chain.derivatives import terms_of
from exposure.chain.issuers import Issuer, parse_parts, read_data, table
from exposure.chain.listing import CURRENCY_OF, Answers, identifiers_of, split_symbol
from exposure.chain.scheme import FINEST
from exposure.errors import InputError, UnknownSegment
from exposure.files.dialects import bare, uncommented, write_csv
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


COLUMNS = ("isin", "ticker", "segment", "weight", "reason", "date", "author")
DELTA = "delta"
MOST = 10.0
"""A delta or daily factor beyond this, either way, is a slip of the pen: 50 for 0.5."""


def make_override(
    isin: str | None,
    ticker: str | None,
    parts: Iterable[tuple[str, float]],
    reason: str,
    author: str,
    day: date,
    delta: float | None = None,
    *,
    file: str = "",
    row: int | None = None,
) -> Override:
    """Build an override: weights lie in 0–1 and sum to 1 at most; the remainder is `unassigned`.

    Raises
    ------
    UnknownSegment
        A segment is not in the scheme, or is not one of its finest.
    InputError
        No identifier, no reason, or weights that are no shares.
    """
    given = [(s.strip(), w) for s, w in parts if w != 0]
    for segment, weight in given:
        if segment not in FINEST:
            raise UnknownSegment(
                f"the segment {segment!r} is not known",
                file=file,
                row=row,
                column="segment",
                remedy=f"use one of {', '.join(FINEST)}",
            )
        if not isfinite(weight) or not 0 <= weight <= 1:
            raise InputError(
                f"the weight {weight:g} of {segment} is no share",
                file=file,
                row=row,
                column="weight",
                remedy="write a fraction between 0 and 1",
            )
    if not (isin or ticker):
        raise InputError("an override names neither ISIN nor ticker", file=file, row=row, remedy="fill one of the two")
    if not reason.strip():
        raise InputError(
            "an override gives no reason", file=file, row=row, column="reason", remedy="say why in a few words"
        )
    if delta is not None and not abs(delta) <= MOST:
        raise InputError(
            f"{delta:g} is no delta and no daily factor",
            file=file,
            row=row,
            column=DELTA,
            remedy="write 0.5 for a half, −3 for an inverse fund of three times",
        )
    if not given and delta is None:
        raise InputError(
            "an override gives neither segment nor delta", file=file, row=row, remedy="give a segment and its weight"
        )
    if not given:
        return Override(isin or None, ticker or None, (), reason.strip(), author.strip(), day, delta)
    left = 1.0 - fsum(w for _, w in given)
    if left < -1e-9:
        raise InputError(
            f"the weights of {isin or ticker} add up to {1 - left:g}",
            file=file,
            row=row,
            column="weight",
            remedy="let them add up to 1",
        )
    rest = [Part("unassigned", left)] if left > 1e-9 else []
    whole = (*(Part(s, w) for s, w in given), *rest)
    return Override(isin or None, ticker or None, whole, reason.strip(), author.strip(), day, delta)


def read_overrides(path: str | Path) -> tuple[Override, ...]:
    """Read a file of overrides; rows of one line (ISIN and ticker) belong together, the first row's reason counts."""
    name = Path(path).name
    try:
        text = uncommented(Path(path).read_bytes()).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot be read ({error.__class__.__name__})",
            file=name,
            remedy="give a UTF-8 file as the Segments page exports it",
        ) from error
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
    if missing := [c for c in COLUMNS if c not in (reader.fieldnames or ())]:
        raise InputError(
            f"lacks the columns {', '.join(missing)}", file=name, row=1, remedy=f"use the columns {','.join(COLUMNS)}"
        )
    groups: dict[tuple[str, str], list[tuple[int, dict[str, str]]]] = {}
    for guarded in reader:
        row = {column: bare(guarded.get(column) or "") for column in (*COLUMNS, DELTA)}
        groups.setdefault((row["isin"].strip().upper(), row["ticker"].strip()), []).append((reader.line_num, row))
    out = []
    for (isin, ticker), rows in groups.items():
        line, first = rows[0]
        try:
            delta = float(first[DELTA]) if (first.get(DELTA) or "").strip() else None
            moves_only = delta is not None and not any(r["segment"].strip() or r["weight"].strip() for _, r in rows)
            parts = [] if moves_only else [(r["segment"], float(r["weight"])) for _, r in rows]
            day = date.fromisoformat(first["date"].strip())
        except ValueError as error:
            raise InputError(
                str(error), file=name, row=line, remedy="write weights and deltas as 0.25 and dates as 2025-01-27"
            ) from error
        out.append(
            make_override(isin, ticker, parts, first["reason"], first["author"], day, delta, file=name, row=line)
        )
    return tuple(out)


def write_overrides(overrides: Iterable[Override]) -> str:
    """Write overrides as `read_overrides` reads them; the column `delta` only where one has a delta."""
    listed = list(overrides)
    deltas = any(each.delta is not None for each in listed)
    rows = list[tuple[object, ...]]()
    for each in listed:
        told = (each.reason, each.date.isoformat(), each.author, *[each.delta] * deltas)
        parts: list[tuple[object, object]] = [(part.segment, part.weight) for part in each.parts]
        rows += [(each.isin, each.ticker, *part, *told) for part in parts or [(None, None)]]
    return write_csv([(*COLUMNS, *[DELTA] * deltas), *rows])


@dataclass(frozen=True, slots=True)
class Option:
    """An answer to choose: Yahoo symbol, the issuer's name, and the currency it trades in there."""

    symbol: str
    name: str
    currency: str


@dataclass(frozen=True, slots=True)
class Question:
    """A line of which the tables cannot tell what it is: asked once for each identifier."""

    identifier: str
    """What the answer is kept under: the surest identifier that the file writes."""
    label: str
    row: int
    doubt: str
    options: tuple[Option, ...]


def questions(holdings: Iterable[Holding], answers: Answers | None = None) -> tuple[Question, ...]:
    """List what is left open of equities and funds, in file order; what was answered is not asked again."""
    found: dict[str, Question] = {}
    for holding in holdings:
        if holding.kind not in ("equity", "fund"):
            continue
        match = table().find(holding, answers)
        called = identifiers_of(holding)
        settled = bool(holding.isin) or match.by == "name"  # an ISIN that no table knows is a security of its own
        if match.doubt and not settled and called[0] not in found:
            label = " · ".join(dict.fromkeys(each for each in (holding.ticker, holding.name) if each)) or called[0]
            found[called[0]] = Question(called[0], label, holding.row, match.doubt, _options(holding))
    return tuple(found.values())


def option(symbol: str) -> Option | None:
    """Describe a symbol of the tables, None for one that they do not know."""
    issuer = table().of(symbol)
    return Option(symbol, issuer.name, CURRENCY_OF[split_symbol(symbol)[1]]) if issuer else None


def _options(holding: Holding) -> tuple[Option, ...]:
    """List every line that the ticker or the name could be, each once."""
    known = table()
    symbols = known.listed_as(holding.ticker.strip().upper()) if holding.ticker else []
    named = known.named(holding.name) if holding.name else []
    several = [*symbols, *(symbol for issuer in named for symbol in issuer.symbols)]
    return tuple(each for symbol in dict.fromkeys(several) if (each := option(symbol)))
