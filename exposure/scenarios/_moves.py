"""The tables of moves in a scenario file: by segment, by name, by currency; each number checked where it stands.

What somebody pastes of a day so far, one name and its move a line → moves, or why a line was not understood.

A move with a per cent sign is one of per cent, one without is a fraction below 1. What could mean either is refused
with its line, and so is a paste that mixes the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from exposure.chain import SUB_SEGMENTS, TOP_SEGMENTS, on_chain, segment_name
from exposure.errors import UnitError
from exposure.scenarios._document import Document, Path, quoted
from exposure.types import Issue
from exposure.units import QUOTE_UNITS, currency_of

LARGE, ABSURD = 1.0, 1000.0
"""Above the first a move is probably written in per cent and gets a warning, above the second it is a fault of unit."""


def segments_of(document: Document, known: frozenset[str] | None, issues: list[Issue]) -> dict[str, float]:
    """Read the moves of segments and sub-segments, each above −1 and each in the scheme."""
    moves: dict[str, float] = {}
    for name, value, path in _entries(document, "segments"):
        if known is None:
            from exposure.chain import segment_ids

            known = segment_ids()
        if name not in known:
            document.refuse_unknown(path, "segment.unknown", name, sorted(known))
        moves[name] = move_of(document, path, value, issues)
    if moves.get("cash"):
        issues.append(Issue.of("warning", "segment.cash-unused", move=moves["cash"]))
    return moves


def isins_of(document: Document, issues: list[Issue]) -> dict[str, float]:
    """Read the moves of ISINs; what has not the form of one is kept, with a warning."""
    moves = names_of(document, "isins", issues)
    for isin in moves:
        if not (len(isin) == 12 and isin.isascii() and isin.isalnum() and isin[:2].isalpha() and isin[-1].isdigit()):
            issues.append(Issue.of("warning", "move.no-isin", name=quoted(isin)))
    return moves


def fx_of(document: Document, issues: list[Issue]) -> dict[str, float]:
    """Read the moves of currencies against the US dollar, each above −1; the dollar itself has none."""
    moves: dict[str, float] = {}
    for name, value, path in _entries(document, "fx"):
        if name in QUOTE_UNITS:
            document.refuse(path, "fx.quote-unit", error=UnitError, unit=name, currency=currency_of(name) or "")
        if not (len(name) == 3 and name.isascii() and name.isalpha() and name.isupper()):
            document.refuse(path, "fx.currency-unknown", currency=quoted(name))
        move = move_of(document, path, value, issues)
        if name == "USD":
            if move:
                document.refuse(path, "fx.dollar")
            continue
        moves[name] = move
    return moves


def names_of(document: Document, name: str, issues: list[Issue]) -> dict[str, float]:
    """Read the moves of names, where −1 is allowed; spellings of one name may not both be given."""
    moves: dict[str, float] = {}
    for key, value, path in _entries(document, name):
        spelled = key.strip().upper()
        if not spelled:
            document.refuse(path, "move.nameless", table=name)
        if spelled in moves:
            document.refuse(path, "move.twice", name=quoted(spelled), table=name)
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
        document.refuse((name,), "move.no-table", table=name)
    seen: set[str] = set()
    for key, value, path in walk(content, (name,)):
        if key in seen:
            document.refuse(path, "move.twice", name=quoted(key), table=name)
        seen.add(key)
        yield key, value, path


def move_of(document: Document, path: Path, value: Any, issues: list[Issue], *, total_loss: bool = False) -> float:
    """Check one move: a finite number above −1, or −1 itself where a name may lose all."""
    name = quoted(".".join(path[1:]) or path[0])
    if isinstance(value, bool) or not isinstance(value, int | float):
        shown = str(value).lower() if isinstance(value, bool) else quoted(str(value))
        document.refuse(path, "move.no-number", name=name, value=shown)
    try:
        move = float(value) + 0.0  # −0.0 becomes 0.0: the same move has the same hash
    except OverflowError:
        move = float("inf")
    if not isfinite(move):
        document.refuse(path, "move.not-finite", name=name)
    if move < -1.0 or (move == -1.0 and not total_loss):
        document.refuse(path, "move.below-all" if move < -1.0 else "move.all-of-segment", name=name)
    if move > ABSURD:
        document.refuse(path, "move.absurd", error=UnitError, name=name, bound=ABSURD)
    if move > LARGE:
        issues.append(Issue.of("warning", "move.large", name=name, move=move))
    return move


_LINE = re.compile(
    r"(?P<name>.*?[^\s;|:,=])[\s;|:,=]+"
    r"(?P<open>\()?\s*(?P<sign>[+\-\u2212\u2013]?)\s*(?P<digits>(?:\d[\d.,'\u2019 ]*)?[.,]?\d+)\s*"
    r"(?P<percent>%)?\s*(?P<close>\))?\s*"
)
LONGEST = 120
"""Characters of a line; a longer one is no name with its move."""
_SPACES = str.maketrans({space: " " for space in "\u00a0\u2009\u202f\u2007"})


@dataclass(frozen=True, slots=True)
class Line:
    """A line that was understood: its 1-based number, the ticker or segment id, and the move as a fraction."""

    number: int
    name: str
    move: float


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that was not: its 1-based number, its text, and why in plain words with what to do."""

    number: int
    raw: str
    reason: str


@dataclass(frozen=True, slots=True)
class Pasted:
    """Every line that is not empty stands in one of the three: understood, refused, or the heading."""

    lines: tuple[Line, ...]
    refused: tuple[Refused, ...]
    heading: str | None = None

    @property
    def moves(self) -> dict[str, float]:
        """Give name → move."""
        return {line.name: line.move for line in self.lines}


def read_pasted(text: str) -> Pasted:
    """Read pasted moves.

    Parameters
    ----------
    text : a line for each name, the move last, between them white space, a tab, or one of `; | : = ,`: `NVDA -17%`,
        `NVDA;-0,17`, `chips.memory (8.5 %)`. The decimal mark may be a point or a comma; parentheses are a minus.

    Examples
    --------
    >>> read_pasted("NVDA -17%").moves
    {'NVDA': -0.17}
    >>> read_pasted("NVDA -17").refused[0].reason
    'the move -17 could be per cent or a fraction; write -17 % or -0.17'
    """
    found: list[tuple[Line, bool]] = []
    refused: list[Refused] = []
    heading: str | None = None
    first = 0
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.translate(_SPACES).strip()
        if not line:
            continue
        if not found and not refused and heading is None and not any(c.isdecimal() for c in line):
            heading, first = line, number
            continue
        read = _read(line)
        if isinstance(read, str):
            refused.append(Refused(number, line, read))
            continue
        name, move, signed = read
        twice = next((each.number for each, _ in found if each.name == name), None)
        if twice is not None:
            refused.append(Refused(number, line, f"{quoted(name)} stands on line {twice} already; keep one of them"))
        else:
            found.append((Line(number, name, move), signed))
    if len({signed for each, signed in found if each.move}) > 1:
        for each, signed in found:
            if not signed and each.move:
                reason = "other lines are in per cent, this one has no sign; write the % sign on every line or on none"
                refused.append(Refused(each.number, text.splitlines()[each.number - 1].strip(), reason))
        found = [(each, signed) for each, signed in found if signed or not each.move]
    if heading is not None and not found and not refused:  # a line by itself is no heading of anything
        return Pasted((), (Refused(first, heading, "no move stands at its end; write a name and a move, NVDA -17 %"),))
    return Pasted(tuple(each for each, _ in found), tuple(sorted(refused, key=lambda r: r.number)), heading)


def _read(line: str) -> tuple[str, float, bool] | str:
    """Give name, move and whether it has a per cent sign; or why the line is refused."""
    match = _LINE.fullmatch(line) if len(line) <= LONGEST else None
    if match is None:
        return "no move stands at its end; write a name and a move, NVDA -17 %"
    name = match["name"].strip()
    if re.search(r"[\t;|]", name):
        return "it has more than two columns; paste the name and the move alone"
    words = name.split()
    if any(re.fullmatch(r"[+\-\u2212\u2013]?[\d.,]+%?", word) for word in words[1:]):
        return "it has more than one number; write the name and its move alone"
    if not any(c.isalpha() for c in name):
        return "no name stands before the move; write the ticker first, with its exchange such as 2330.TW"
    if bool(match["open"]) != bool(match["close"]) or (match["open"] and match["sign"]):
        return "its parentheses do not close or have a sign in them; write -17 %"
    size = _number(match["digits"])
    if size is None:
        return f"{match['digits']} is no number; write -17 % or -0.17"
    minus = bool(match["open"]) or match["sign"] in ("-", "\u2212", "\u2013")
    shown = f"{'-' if minus else ''}{match['digits']}"
    if not match["percent"] and size >= 1:
        fraction = f" or {(-size if minus else size) / 100.0:g}" if size < 100 else ""
        return f"the move {shown} could be per cent or a fraction; write {shown} %{fraction}"
    move = (-size if minus else size) / (100.0 if match["percent"] else 1.0) + 0.0
    if move <= -1:
        return "nothing falls by 100 % or more and goes on; write a move above -100 %"
    if move > ABSURD:
        return f"a move of {shown} is far outside anything observed; check it"
    return _segment(name) or name.upper(), move, bool(match["percent"])


def _number(digits: str) -> float | None:
    """Read digits whose decimal mark is the only mark, or the last of two sorts; the others stand between thousands."""
    plain = re.sub(r"['\u2019 ]", "", digits)
    marks = [c for c in plain if c in ".,"]
    if len(marks) > 1 and len(set(marks)) == 1:
        return float(re.sub(r"[.,]", "", plain)) if re.fullmatch(r"\d{1,3}([.,]\d{3})+", plain) else None
    if len(marks) > 1:
        whole, _, rest = plain.rpartition(marks[-1])
        if marks[-1] in whole or not re.fullmatch(r"\d{1,3}([.,]\d{3})+", whole):
            return None
        plain = re.sub(r"[.,]", "", whole) + "." + rest
    return float(plain.replace(",", "."))


def _segment(name: str) -> str | None:
    """Give the segment that a name means: its id, or what the pages call it."""
    wanted = name.casefold()
    for segment in (*(t for t in TOP_SEGMENTS if on_chain(t) or t == "outside"), *SUB_SEGMENTS):
        if wanted in (segment.casefold(), segment_name(segment).casefold()):
            return segment
    return None
