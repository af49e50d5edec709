"""Which doubts about prices bear on a shocked book, and how much of it rests on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import fsum

from exposure.chain.issuers import table
from exposure.chain.scheme import top
from exposure.doubt_words import issues_of
from exposure.shock.result import ShockedLine
from exposure.types import Book, Doubt, Issue, Scenario

BY_SEGMENT = ("sub_segment", "segment", "rest")
"""Lines of a replay that were moved by what others of their segments did."""


def of_positions(book: Book, scenario: Scenario, positions: Iterable[ShockedLine]) -> list[Issue]:
    """Say what is doubtful about the prices that the lines' moves come from, each with its share of gross exposure.

    A line rests on the series of its own move; one that was modelled on those of its segments, and a prediction on
    the funds that it starts from.
    """
    if not scenario.doubts:
        return []
    segments = {symbol: _segments(symbol) for symbol in scenario.doubts}
    weights: dict[str, list[float]] = {}
    whole = {f"{fund.line_id}/residual": fund.market_value for fund in book.funds}
    for position in positions:
        value = whole.get(position.line.line_id, position.line.market_value)
        for symbol in _rests_on(position, scenario, segments):
            weights.setdefault(symbol, []).append(abs(value or 0.0))
    gross = fsum(abs(line.market_value or 0.0) for line in book.lines)
    found: list[tuple[Doubt, float | None]] = []
    for symbol, each in weights.items():
        share = fsum(each) / gross if gross else 0.0
        found += [(doubt, share) for doubt in scenario.doubts[symbol]]
    return issues_of(found)


def _rests_on(position: ShockedLine, scenario: Scenario, segments: Mapping[str, frozenset[str]]) -> list[str]:
    move, line, doubts = position.move, position.line, scenario.doubts or {}
    if move.via == "factor":
        own = line.underlying
    else:
        own = move.source if move.provenance in ("observed", "proxy", "modelled") else None
    found = [own] if own in doubts and own is not None else []
    mine = {top(part.segment) for part in line.assignment.parts}
    if move.provenance == "modelled" and move.via in BY_SEGMENT and scenario.observed:
        found += [s for s in doubts if s != own and mine & segments[s]]
    elif move.provenance == "modelled" and move.via == "covariance":
        from exposure.scenarios.foretell import references

        alone = own not in scenario.foretold  # known by its segments only
        funds = references(scenario)
        found += [s for s in doubts if s != own and (s in funds or (alone and mine & segments[s]))]
    return found


def _segments(symbol: str) -> frozenset[str]:
    entry = table().of(symbol)
    return frozenset() if entry is None or entry.fund else frozenset(top(part.segment) for part in entry.parts)
