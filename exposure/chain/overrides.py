"""A user's segments as a file: `isin,ticker,segment,weight,reason,date,author`, a row for each part of a line.

A further column `delta`, which may be left out, gives the delta of an option or the daily factor of a leveraged fund;
a row that gives one may leave segment and weight empty, and the line then stands where it stood.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date
from math import fsum, isfinite
from pathlib import Path

from exposure.chain.scheme import FINEST
from exposure.comments import uncommented
from exposure.errors import InputError, UnknownSegment
from exposure.guarded import bare, write_csv
from exposure.types import Override, Part

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
