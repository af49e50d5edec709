"""What a user says of lines: their segments, and which security is meant where a file leaves it open.

Segments come as a file too: `isin,ticker,segment,weight,reason,date,author`, a row for each part of a line. A further
column `delta`, which may be left out, gives the delta of an option or the daily factor of a leveraged fund; a row that
gives one may leave segment and weight empty, and the line then stands where it stood.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum, isfinite
from pathlib import Path

from exposure.chain._issuers import issuer_table
from exposure.chain._listing import CURRENCY_OF, Answers, identifiers_of, split_symbol
from exposure.chain._scheme import FINEST
from exposure.errors import InputError, UnknownSegment
from exposure.files import uncommented, unguarded, write_csv
from exposure.types import Holding, Issue, Override, Part


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


COLUMNS = ("isin", "ticker", "segment", "weight", "reason", "date", "author")
DELTA = "delta"
MOST_DELTA = 10.0
"""A delta or daily factor beyond this, either way, is a slip of the pen: 50 for 0.5."""


def make_override(
    isin: str | None,
    ticker: str | None,
    parts: Iterable[tuple[str, float]],
    reason: str,
    *,
    author: str,
    day: date,
    delta: float | None = None,
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
    _refuse_parts(given, file, row)
    if not (isin or ticker):
        raise InputError("override.no-identifier", file=file, row=row)
    if not reason.strip():
        raise InputError("override.no-reason", file=file, row=row, column="reason")
    if delta is not None and not abs(delta) <= MOST_DELTA:
        raise InputError("override.bad-delta", file=file, row=row, column=DELTA, delta=delta)
    if not given and delta is None:
        raise InputError("override.empty", file=file, row=row)
    left = 1.0 - fsum(w for _, w in given) if given else 0.0
    if left < -1e-9:
        called, total = isin or ticker or "", round(1 - left, 9)
        raise InputError("override.sum", file=file, row=row, column="weight", security=called, total=total)
    rest = [Part("unassigned", left)] if left > 1e-9 else []
    whole = (*(Part(s, w) for s, w in given), *rest)
    return Override(isin or None, ticker or None, whole, reason.strip(), author.strip(), day, delta)


def _refuse_parts(parts: Iterable[tuple[str, float]], file: str, row: int | None) -> None:
    """Refuse a segment that is not one of the finest of the scheme, and a weight that is no share."""
    for segment, weight in parts:
        if segment not in FINEST:
            known = ", ".join(FINEST)
            raise UnknownSegment(
                "override.segment", file=file, row=row, column="segment", segment=segment, segments=known
            )
        if not isfinite(weight) or not 0 <= weight <= 1:
            raise InputError("override.weight", file=file, row=row, column="weight", segment=segment, weight=weight)


def read_overrides(path: str | Path) -> tuple[Override, ...]:
    """Read a file of overrides; rows of one line (ISIN and ticker) belong together, the first row's reason counts."""
    name = Path(path).name
    try:
        text = uncommented(Path(path).read_bytes()).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("override.unreadable", file=name, fault=error.__class__.__name__) from error
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
    if missing := [c for c in COLUMNS if c not in (reader.fieldnames or ())]:
        wanted = ",".join(COLUMNS)
        raise InputError("override.columns", file=name, row=1, missing=", ".join(missing), columns=wanted)
    groups: dict[tuple[str, str], list[tuple[int, dict[str, str]]]] = {}
    for guarded in reader:
        row = {column: unguarded(guarded.get(column) or "").strip() for column in (*COLUMNS, DELTA)}
        groups.setdefault((row["isin"].upper(), row["ticker"]), []).append((reader.line_num, row))
    return tuple(_of_rows(isin, ticker, rows, name) for (isin, ticker), rows in groups.items())


def _of_rows(isin: str, ticker: str, rows: Sequence[tuple[int, Mapping[str, str]]], file: str) -> Override:
    """Make the override that the rows of one line give."""
    line, first = rows[0]

    def number(text: str) -> float:
        try:
            return float(text)
        except ValueError:
            raise InputError("override.number", file=file, row=line, figure=text) from None

    delta = number(first[DELTA]) if first[DELTA] else None
    moves_only = delta is not None and not any(r["segment"] or r["weight"] for _, r in rows)
    parts = [] if moves_only else [(r["segment"], number(r["weight"])) for _, r in rows]
    try:
        day = date.fromisoformat(first["date"])
    except ValueError:
        raise InputError("override.date", file=file, row=line, day=first["date"]) from None
    reason, author = first["reason"], first["author"]
    return make_override(isin, ticker, parts, reason, author=author, day=day, delta=delta, file=file, row=line)


def write_overrides(overrides: Iterable[Override]) -> str:
    """Write overrides as `read_overrides` reads them; the column `delta` only where one has a delta."""
    listed = list(overrides)
    deltas = any(each.delta is not None for each in listed)
    rows = list[tuple[object, ...]]()
    for each in listed:
        why = (each.reason, each.date.isoformat(), each.author, *[each.delta] * deltas)
        parts: list[tuple[object, object]] = [(part.segment, part.weight) for part in each.parts]
        rows += [(each.isin, each.ticker, *part, *why) for part in parts or [(None, None)]]
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
    issue: Issue
    """What the tables cannot tell."""
    options: tuple[Option, ...]

    @property
    def doubt(self) -> str:
        """Say what the tables cannot tell."""
        return self.issue.what


def questions(holdings: Iterable[Holding], answers: Answers | None = None) -> tuple[Question, ...]:
    """List what is left open of equities and funds, in file order; what was answered is not asked again."""
    found: dict[str, Question] = {}
    for holding in holdings:
        if holding.kind not in ("equity", "fund"):
            continue
        match = issuer_table().find(holding, answers)
        called = identifiers_of(holding)
        settled = bool(holding.isin) or match.by == "name"  # an ISIN that no table knows is a security of its own
        if match.doubt and not settled and called[0] not in found:
            label = " · ".join(dict.fromkeys(each for each in (holding.ticker, holding.name) if each)) or called[0]
            found[called[0]] = Question(called[0], label, holding.row, match.doubt, _options(holding))
    return tuple(found.values())


def security_option(symbol: str) -> Option | None:
    """Describe a symbol of the tables, None for one that they do not know."""
    issuer = issuer_table().of(symbol)
    return Option(symbol, issuer.name, CURRENCY_OF[split_symbol(symbol)[1]]) if issuer else None


def _options(holding: Holding) -> tuple[Option, ...]:
    """List every line that the ticker or the name could be, each once."""
    known = issuer_table()
    symbols = known.listed_as(holding.ticker.strip().upper()) if holding.ticker else []
    named = known.named(holding.name) if holding.name else []
    several = [*symbols, *(symbol for issuer in named for symbol in issuer.symbols)]
    return tuple(each for symbol in dict.fromkeys(several) if (each := security_option(symbol)))
