"""A user's segments as a file: `isin,ticker,segment,weight,reason,date,author`, a row for each part of a line."""

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
from exposure.types import Override, Part

COLUMNS = ("isin", "ticker", "segment", "weight", "reason", "date", "author")


def make_override(
    isin: str | None,
    ticker: str | None,
    parts: Iterable[tuple[str, float]],
    reason: str,
    author: str,
    day: date,
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
    return Override(
        isin or None, ticker or None, (*(Part(s, w) for s, w in given), *rest), reason.strip(), author.strip(), day
    )


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
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if missing := [c for c in COLUMNS if c not in (reader.fieldnames or ())]:
        raise InputError(
            f"lacks the columns {', '.join(missing)}", file=name, row=1, remedy=f"use the columns {','.join(COLUMNS)}"
        )
    groups: dict[tuple[str, str], list[tuple[int, dict[str, str]]]] = {}
    for row in reader:
        groups.setdefault((row["isin"].strip().upper(), row["ticker"].strip()), []).append((reader.line_num, row))
    out = []
    for (isin, ticker), rows in groups.items():
        line, first = rows[0]
        try:
            parts = [(r["segment"], float(r["weight"])) for _, r in rows]
            day = date.fromisoformat(first["date"].strip())
        except ValueError as error:
            raise InputError(
                str(error), file=name, row=line, remedy="write weights as 0.25 and dates as 2025-01-27"
            ) from error
        out.append(make_override(isin, ticker, parts, first["reason"], first["author"], day, file=name, row=line))
    return tuple(out)


def write_overrides(overrides: Iterable[Override]) -> str:
    """Write overrides as `read_overrides` reads them."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in overrides:
        for part in each.parts:
            writer.writerow(
                [
                    each.isin or "",
                    each.ticker or "",
                    part.segment,
                    repr(part.weight),
                    each.reason,
                    each.date.isoformat(),
                    each.author,
                ]
            )
    return buffer.getvalue()
