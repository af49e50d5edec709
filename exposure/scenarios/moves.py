"""The tables of moves in a scenario file: by segment, by name, by currency; each number checked where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from exposure.errors import UnitError
from exposure.scenarios.document import Document, Path, quoted, suggest
from exposure.types import Issue
from exposure.units import QUOTE_UNITS, currency_of

LARGE, ABSURD = 1.0, 1000.0
"""Above the first a move is probably written in per cent and gets a warning, above the second it is a fault of unit."""


def segments_of(document: Document, known: frozenset[str] | None, issues: list[Issue]) -> dict[str, float]:
    """Read the moves of segments and sub-segments, each above −1 and each in the scheme."""
    moves: dict[str, float] = {}
    for name, value, path in _entries(document, "segments"):
        if known is None:
            from exposure.chain.scheme import segment_ids

            known = segment_ids()
        if name not in known:
            document.refuse(path, f"unknown segment {quoted(name)}", suggest(name, sorted(known)))
        moves[name] = move_of(document, path, value, issues)
    if moves.get("cash"):
        issues.append(
            Issue("warning", f"cash = {moves['cash']} is not used", remedy="cash moves with its currency: use [fx]")
        )
    return moves


def isins_of(document: Document, issues: list[Issue]) -> dict[str, float]:
    """Read the moves of ISINs; what has not the form of one is kept, with a warning."""
    moves = names_of(document, "isins", issues)
    for isin in moves:
        if not (len(isin) == 12 and isin.isascii() and isin.isalnum() and isin[:2].isalpha() and isin[-1].isdigit()):
            issues.append(
                Issue("warning", f"{quoted(isin)} is not an ISIN", remedy="two letters, nine characters, one digit")
            )
    return moves


def fx_of(document: Document, issues: list[Issue]) -> dict[str, float]:
    """Read the moves of currencies against the US dollar, each above −1; the dollar itself has none."""
    moves: dict[str, float] = {}
    for name, value, path in _entries(document, "fx"):
        if name in QUOTE_UNITS:
            what = f"{name} is a quote unit and not a currency"
            document.refuse(path, what, f"write {currency_of(name)}", UnitError)
        if not (len(name) == 3 and name.isascii() and name.isalpha() and name.isupper()):
            document.refuse(path, f"unknown currency {quoted(name)}", "write its three letters, such as EUR")
        move = move_of(document, path, value, issues)
        if name == "USD":
            if move:
                document.refuse(path, "USD cannot move against itself", "give the other currencies' moves against it")
            continue
        moves[name] = move
    return moves


def names_of(document: Document, name: str, issues: list[Issue]) -> dict[str, float]:
    """Read the moves of names, where −1 is allowed; spellings of one name may not both be given."""
    moves: dict[str, float] = {}
    for key, value, path in _entries(document, name):
        spelled = key.strip().upper()
        if not spelled:
            document.refuse(path, f"an empty name under [{name}]", "write the name or remove the line")
        if spelled in moves:
            document.refuse(path, f"{quoted(spelled)} is given twice under [{name}]", "keep one of them")
        moves[spelled] = move_of(document, path, value, issues, total_loss=True)
    return moves


def _entries(document: Document, name: str) -> Iterator[tuple[str, Any, Path]]:
    """Yield name, value and path under a table. An unquoted dot makes a table of its own in TOML: join it again."""

    def walk(content: Mapping[str, Any], path: Path) -> Iterator[tuple[str, Any, Path]]:
        for key, value in content.items():
            if isinstance(value, Mapping) and value:
                yield from walk(value, (*path, key))
            else:
                yield ".".join((*path[1:], key)), value, (*path, key)

    content = document.table.get(name, {})
    if not isinstance(content, Mapping):
        document.refuse((name,), f"{name} is not a table", f"write [{name}] on a line, and below it name = move")
    seen: set[str] = set()
    for key, value, path in walk(content, (name,)):
        if key in seen:
            document.refuse(path, f"{quoted(key)} is given twice under [{name}]", "keep one of them")
        seen.add(key)
        yield key, value, path


def move_of(document: Document, path: Path, value: Any, issues: list[Issue], *, total_loss: bool = False) -> float:
    """Check one move: a finite number above −1, or −1 itself where a name may lose all."""
    name = quoted(".".join(path[1:]) or path[0])
    if isinstance(value, bool) or not isinstance(value, int | float):
        shown = "true or false" if isinstance(value, bool) else quoted(str(value))
        document.refuse(path, f"the move of {name} is not a number: {shown}", "write a fraction, -0.12 for minus 12 %")
    try:
        move = float(value) + 0.0  # −0.0 becomes 0.0: the same move has the same hash
    except OverflowError:
        move = float("inf")
    if not isfinite(move):
        document.refuse(path, f"the move of {name} is not a finite number", "write a fraction, -0.12 for minus 12 %")
    if move < -1.0 or (move == -1.0 and not total_loss):
        bound = "below -1" if move < -1.0 else "-1: only a name may lose all"
        document.refuse(path, f"the move of {name} is {bound}", "write a fraction above -1, -0.12 for minus 12 %")
    if move > ABSURD:
        document.refuse(path, f"the move of {name} is above {ABSURD:g}", "write a fraction, 0.12 for 12 %", UnitError)
    if move > LARGE:
        issues.append(
            Issue("warning", f"the move of {name} is {move:g}, more than a doubling", remedy="write 12 % as 0.12")
        )
    return move
