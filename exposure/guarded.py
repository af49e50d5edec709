"""Cells of our own CSV files that a spreadsheet would run as a formula: guarded going out, as they were coming in.

An apostrophe before the sign makes text of it. A text that begins with apostrophes and such a sign gets one more, so
that `bare` undoes `guard` whatever was written.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

_RUNS = re.compile(r"'*[=+\-@\t\r\n]")


def guard(cell: Any) -> Any:
    """Guard one cell: a text that could run gets an apostrophe; a float is written with every digit.

    >>> guard("=1+1"), guard("'=1"), guard("plain"), guard(-0.5)
    ("'=1+1", "''=1", 'plain', '-0.5')
    """
    if isinstance(cell, float):
        return repr(cell)
    return f"'{cell}" if isinstance(cell, str) and _RUNS.match(cell) else cell


def bare(cell: str) -> str:
    """Take off what `guard` put before a text.

    >>> bare("'=1+1"), bare("''=1"), bare("'s-Hertogenbosch"), bare("-0.5")
    ('=1+1', "'=1", "'s-Hertogenbosch", '-0.5')
    """
    return cell[1:] if cell[:1] == "'" and _RUNS.match(cell) else cell


def write_csv(rows: Iterable[Sequence[Any]]) -> str:
    """Write rows as the text of a CSV file none of whose cells runs; None is an empty cell.

    Lines end as RFC 4180 has it: the standard library's writer quotes no end of a line within a cell but its own.
    """
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows([guard(cell) for cell in row] for row in rows)
    return buffer.getvalue()
