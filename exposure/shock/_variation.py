"""Vary a scenario: edited moves on top of it, and what came of it settled as the numbers of one file.

An edit of a segment says what its names did, so it takes the place of what was observed for those that stand at least
half in it; without that, only the names without a price of their own would follow.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import expm1, fsum
from typing import Any, Literal

from exposure.chain import EQUATIONS, SUB_SEGMENTS, TOP_SEGMENTS, issuer_table, on_chain, top_segment
from exposure.scenarios import Equations
from exposure.shock._moves import Moves
from exposure.shock._result import Move
from exposure.types import Book, Custom, Line, Part, Prediction, Replay, Scenario, Transmission

Target = Literal["segments", "isins", "tickers"]
HALF = 0.5
"""Share of a name in edited segments from which its own observed move gives way to theirs."""


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """One edited number: a price move (fraction) for a segment id, an ISIN or a ticker."""

    target: Target
    key: str
    move: float


@dataclass(frozen=True, slots=True)
class SegmentMove:
    """What a scenario does to a segment, and where that number comes from."""

    segment: str
    move: float
    source: Literal["given", "observed mean", "as its segment", "equations", "follows", "rest"]


def edit_of(line: Line, move: float) -> Edit | None:
    """Address one line by its ISIN, else a stock or fund by its listing or ticker; None where neither reaches it."""
    own = line.holding
    if own.isin:
        return Edit("isins", own.isin, move)
    if own.kind not in ("equity", "fund"):
        return None
    symbol = line.listing or own.ticker
    return Edit("tickers", symbol.strip().upper(), move) if symbol and symbol.strip() else None


def segment_moves(scenario: Scenario) -> tuple[SegmentMove, ...]:
    """List what a scenario does to each segment and sub-segment of the chain, and to what stands outside it."""
    moves = Moves(scenario, None)
    means = {s: expm1(m) for s, m in moves.segment_means.items()}
    rest = _rest(scenario, moves)
    equations = Equations(scenario.levers) if scenario.levers else None
    rows = []
    for segment in (s for t in TOP_SEGMENTS if on_chain(t) or t == "outside" for s in (t, *_inside(t))):
        if segment in scenario.given or (segment not in scenario.predicted and top_segment(segment) in scenario.given):
            move = scenario.given.get(segment, scenario.given.get(top_segment(segment), 0.0))
            rows.append(SegmentMove(segment, move, "given"))
        elif segment in scenario.predicted:
            rows.append(SegmentMove(segment, scenario.predicted[segment], "follows"))
        elif segment in scenario.segments:
            rows.append(SegmentMove(segment, scenario.segments[segment], "given"))
        elif segment != "outside" and top_segment(segment) in scenario.segments:
            rows.append(SegmentMove(segment, scenario.segments[top_segment(segment)], "as its segment"))
        elif equations is not None and segment in EQUATIONS:
            rows.append(SegmentMove(segment, expm1(equations.segment_move(segment)), "equations"))
        elif segment in means:
            mean = expm1(moves.outside_mean) if segment == "outside" else means[segment]
            rows.append(SegmentMove(segment, mean, "observed mean"))
        elif top_segment(segment) in means:
            rows.append(SegmentMove(segment, means[top_segment(segment)], "as its segment"))
        else:
            rows.append(SegmentMove(segment, rest, "rest"))
    return tuple(rows)


def vary(scenario: Scenario, edits: Sequence[Edit], *, whole: bool = True) -> Scenario:
    """Put edited moves on top of a scenario.

    Parameters
    ----------
    scenario : any; it is not changed.
    edits : each target once; a segment's moves all of its sub-segments but those with an edit of their own, and that of
        `outside` the rest.
    whole : the names that stand at least half in edited segments move as these do, own prices put aside; False: only
        what has no price of its own follows its segment.

    Returns
    -------
    Scenario
        Of the same kind, with its own hash; names are `user`, segments `modelled`.
    """
    if not edits:
        return scenario
    new = {t: {e.key: e.move for e in edits if e.target == t} for t in ("segments", "isins", "tickers")}
    segments, rest = {**_pinned(scenario), **scenario.segments}, scenario.rest
    for segment, move in new["segments"].items():
        segments = {s: m for s, m in segments.items() if not s.startswith(f"{segment}.")} | {segment: move}
    segments |= new["segments"]
    if "outside" in new["segments"]:
        rest = new["segments"]["outside"]
    own: dict[str, Mapping[str, Any]] = {}
    if isinstance(scenario, Replay) and whole and new["segments"]:
        own["observed"] = {s: seen for s, seen in scenario.observed.items() if _share(s, new["segments"]) < HALF}
    elif isinstance(scenario, Prediction):  # there what is given for a segment is what its names do
        given = dict(scenario.given)
        for segment in new["segments"]:
            given = {s: m for s, m in given.items() if not s.startswith(f"{segment}.")}
        own["given"] = {**given, **new["segments"]}
    return scenario.replace(
        id=f"{scenario.id}-varied",
        title=f"{scenario.title}, varied",
        rest=rest,
        segments=segments if new["segments"] else scenario.segments,
        isins={**scenario.isins, **new["isins"]},
        tickers={**scenario.tickers, **new["tickers"]},
        **own,
    )


def as_numbers(scenario: Scenario, book: Book, *, id: str, title: str) -> Scenario:
    """Write a scenario down as numbers alone, so that one file holds it: a custom scenario for this book.

    A scenario without observed moves only changes its name (one with levers keeps its kind). Of a replay, and of a
    prediction, each line of the book (and each fund looked through) becomes a move by name, `user`, over one window for
    each currency; the segments keep their observed means, which other books then follow. The book's total return stays
    the same as far as each line can be addressed by ISIN or ticker and each currency has one window.
    """
    if isinstance(scenario, Custom | Transmission):
        return scenario.replace(id=id, title=title)
    moves = Moves(scenario, book.currency)
    found = [(line, moves.of(line)) for line in (*book.lines, *book.funds)]
    shocks: dict[str, set[float]] = defaultdict(set)
    for line, move in found:
        if line.holding.isin:
            shocks[line.holding.isin].add(move.shock)
    isins, tickers = dict(scenario.isins), dict(scenario.tickers)
    for line, move in found:
        if move.via == "none":
            continue
        one = line.holding.isin
        if one and len(shocks[one]) == 1:
            isins[one] = move.shock
        elif (symbol := (line.listing or line.holding.ticker or "").strip().upper()) != "":
            tickers[symbol] = move.shock
    rest = _rest(scenario, moves)
    return Custom(
        id=id,
        title=title,
        start=scenario.start,
        end=scenario.end,
        rest=rest,
        segments={**_pinned(scenario), "outside": rest, **scenario.segments},
        isins=isins,
        tickers=tickers,
        fx=_rates(scenario, book, found),
        source=f"settled from {scenario.id}, horizon {scenario.horizon}"
        + (f", for {book.title}" if book.title else ""),
    )


def _rates(scenario: Scenario, book: Book, found: Sequence[tuple[Line, Move]]) -> dict[str, float]:
    """Give one move against the dollar for each currency, such that the book's own lines keep theirs."""
    main = dict(scenario.windows[""].fx if "" in scenario.windows else scenario.fx)
    if book.currency is None:
        return main
    base = 1 + main.get(book.currency, 0.0)
    for line, move in found:
        if line.currency and line.currency not in (book.currency, "USD"):
            main[line.currency] = (1 + (move.fx or 0.0)) * base - 1
    main.pop("USD", None)
    return main


def _pinned(scenario: Scenario) -> dict[str, float]:
    """Write down the observed means along the chain, so that they stay when single moves are put aside."""
    if scenario.predicted:
        known = {**scenario.predicted, **scenario.given}
        return {s: known[s] for s in known if s in TOP_SEGMENTS or s in SUB_SEGMENTS}
    means = Moves(scenario, None).segment_means if scenario.observed else {}
    return {s: expm1(m) for s, m in means.items() if on_chain(s)}


def _rest(scenario: Scenario, moves: Moves) -> float:
    if scenario.rest == "outside":
        return scenario.segments.get("outside", expm1(moves.outside_mean))
    return (scenario.market or 0.0) if scenario.rest == "market" else scenario.rest or 0.0


def _inside(segment: str) -> tuple[str, ...]:
    return tuple(s for s in SUB_SEGMENTS if s.startswith(f"{segment}."))


def _share(symbol: str, edited: Mapping[str, float]) -> float:
    """Give how much of the stock behind a symbol stands in edited segments; funds stand in none."""
    entry = issuer_table().of(symbol)
    if entry is None or entry.fund:
        return 0.0
    return fsum(part.weight for part in entry.parts if _is_in(part, edited))


def _is_in(part: Part, edited: Mapping[str, float]) -> bool:
    return part.segment in edited or top_segment(part.segment) in edited
