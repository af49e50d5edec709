"""The answers as the interface writes them: plain dictionaries ready for JSON, no NaN, dates as ISO text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from exposure.chain import Exposure, effective_weight, measure
from exposure.shock import (
    Active,
    Band,
    By,
    ShockedLine,
    ShockResult,
    Slice,
    active_return,
    comparison_issues,
    moved_value,
)
from exposure.shock import active as compare_active
from exposure.types import Acceptance, Book, Holding, Issue, Line, Snapshot

if TYPE_CHECKING:
    from exposure.prices import SeriesCheck


Answer = dict[str, Any]
_HOLDING = (
    "row",
    "kind",
    "ticker",
    "isin",
    "cusip",
    "sedol",
    "name",
    "exchange",
    "country",
    "quantity",
    "price",
    "price_currency",
    "market_value",
    "value_currency",
    "weight",
)


def iso(day: date | None) -> str | None:
    """Write a date as ISO text."""
    return day.isoformat() if day else None


def issues(items: Iterable[Issue]) -> list[Answer]:
    """List issues with their row, weight and remedy."""
    return [issue.to_dict() for issue in items]


def inspected(snapshot: Snapshot) -> Answer:
    """Say what was read from a file."""
    return {
        "file": snapshot.file,
        "format": snapshot.format,
        "title": snapshot.title,
        "as_of": iso(snapshot.as_of),
        "dates": [iso(d) for d in snapshot.dates],
        "currency": snapshot.currency,
        "positions": snapshot.positions,
        "cash": snapshot.cash,
        "unsupported": snapshot.unsupported,
        "total_market_value": snapshot.total_market_value,
        "stated_total": snapshot.stated_total,
        "columns": dict(snapshot.columns),
        "dialect": dict(snapshot.dialect),
        "issues": issues(snapshot.issues),
        "rejected": rejected(snapshot),
        "holdings": [_holding(h) for h in snapshot.holdings],
    }


def rejected(snapshot: Snapshot) -> list[Answer]:
    """List the rows that could not be used."""
    return [{"row": r.row, "code": r.code, "reason": r.reason, "raw": r.raw} for r in snapshot.rejected]


def _holding(holding: Holding) -> Answer:
    out: Answer = {name: getattr(holding, name) for name in _HOLDING}
    for name in ("currency", "sector", "account", "notional_value", "underlying", "strike", "right"):
        out[name] = getattr(holding, name)
    return {**out, "expiry": iso(holding.expiry), "derived": list(holding.derived)}


def _about(book: Book) -> Answer:
    return {
        "basis": book.basis,
        "capital_basis": book.capital_basis,
        "capital": book.capital,
        "currency": book.currency,
        "as_of": iso(book.as_of),
        "nav": book.nav,
    }


def segments(book: Book) -> Answer:
    """Say where a book sits along the chain."""
    exposures = measure(book)
    return {
        **_about(book),
        "coverage": exposures.coverage,
        "by_segment": [_exposure(e) for e in exposures.by_segment],
        "by_sub_segment": [_exposure(e) for e in exposures.by_sub_segment],
        "positions": [_placed(line, book) for line in book.lines],
        "issues": issues(book.issues),
    }


def _exposure(each: Exposure) -> Answer:
    return {
        "segment": each.segment,
        "market_value": each.market_value,
        "weight": each.weight,
        "effective_weight": each.effective,
        "of_which": {"direct": each.direct, "stake": each.stake, "customer": each.customer},
    }


def _named(line: Line, book: Book) -> Answer:
    own = line.holding
    return {
        "line_id": line.line_id,
        "ticker": own.ticker,
        "isin": own.isin,
        "name": own.name,
        "kind": own.kind,
        "market_value": line.market_value,
        "weight": line.weight,
        "effective_weight": effective_weight(line, book.capital),
        "factor": line.factor if line.factor == line.factor else None,
        "delta": line.delta,
        "notional": line.notional,
        "inside": line.inside,
    }


def _placed(line: Line, book: Book) -> Answer:
    place = line.assignment
    return {
        **_named(line, book),
        "segments": place.weights,
        "reason": place.reason,
        "source": place.origin,
        "reference": place.reference,
        "dated": iso(place.dated),
        "issuer": line.issuer,
        "listing": line.listing,
    }


def shocked(result: ShockResult, benchmark: ShockResult | None = None, *, levers: bool = True) -> Answer:
    """Say what a scenario does to a book, against a benchmark where one is given, and by lever where it has levers."""
    from exposure import ENGINE_VERSION

    scenario = result.scenario
    about = {
        "id": scenario.id,
        "title": scenario.title,
        "kind": scenario.kind,
        "hash": scenario.hash,
        "from": iso(scenario.start),
        "to": iso(scenario.end),
        "horizon": scenario.horizon,
    }
    return {
        **_about(result.book),
        "scenario": about,
        "engine_version": ENGINE_VERSION,
        "nav_before": result.nav_before,
        "nav_after": result.nav_after,
        "pnl": result.pnl,
        "total_return": result.total_return,
        "band": band(result.band),
        "coverage": dict(result.coverage),
        "by_segment": _slices("segment", result.by_segment),
        "by_sub_segment": _slices("segment", result.by_sub_segment),
        "by_country": _slices("country", result.by_country),
        "by_currency": _slices("currency", result.by_currency),
        "by_lever": _by_lever(result) if levers and scenario.levers else [],
        "positions": [_position(p, result.book) for p in result.positions],
        "active": active(result, benchmark) if benchmark else None,
        "issues": issues(result.issues),
    }


def _by_lever(result: ShockResult) -> list[Answer]:
    from exposure.levers import by_lever  # NumPy: only where a scenario has levers

    return [{"lever": row.lever, "pnl": row.pnl} for row in by_lever(result.book, result.scenario)]


def band(found: Band | None) -> Answer | None:
    """Give the band of a total return, and what it is a band of."""
    if found is None:
        return None
    return {
        "level": found.level,
        "low": found.low,
        "high": found.high,
        "meaning": found.meaning,
        "unknown": found.unknown,
    }


def _slices(key: str, slices: Iterable[Slice]) -> list[Answer]:
    return [{key: s.key, "market_value": s.market_value, "pnl": s.pnl, "contribution": s.contribution} for s in slices]


def _position(each: ShockedLine, book: Book) -> Answer:
    move = each.move
    return {
        **_named(each.line, book),
        "shock": move.shock,
        "fx": move.fx,
        "total_move": move.total,
        "moved_value": moved_value(each.line, move),
        "low": each.low,
        "high": each.high,
        "provenance": move.provenance,
        "via": move.via,
        "move_source": move.source,
        "window": {"from": iso(move.start), "to": iso(move.end)},
        "pnl": each.pnl,
        "contribution": each.contribution,
    }


def active(result: ShockResult, benchmark: ShockResult) -> Answer:
    """Compare with a benchmark: the differences of contributions, in each cut, add up to the active return."""

    def cut(key: str, by: By) -> list[Answer]:
        return [{key: row.key, **_active(row)} for row in compare_active(result, benchmark, by)]

    return {
        "benchmark": benchmark.book.title,
        "total_return": benchmark.total_return,
        "active_return": active_return(result, benchmark),
        "coverage": dict(benchmark.coverage),
        "by_segment": cut("segment", "segment"),
        "by_sub_segment": cut("segment", "sub_segment"),
        "by_country": cut("country", "country"),
        "by_currency": cut("currency", "currency"),
        "positions": [
            {"ticker": row.ticker, "isin": row.isin, "name": row.label, **_active(row)}
            for row in compare_active(result, benchmark, "holding")
        ],
        "issues": issues(
            (*comparison_issues((result, benchmark)), *(i for i in benchmark.issues if i.doubt is not None))
        ),
    }


def _active(row: Active) -> Answer:
    return {
        "weight": row.weight,
        "benchmark_weight": row.benchmark_weight,
        "contribution": row.contribution,
        "benchmark": row.benchmark,
        "active": row.active,
    }


def fallen(history: Mapping[str, Any], book: Book) -> Answer:
    """Say how deep today's holdings fell before; `history` is what the drawdown gives by its interface names."""
    return {**_about(book), **history}


def checked(found: Iterable[SeriesCheck]) -> dict[str, Any]:
    """Give what looks wrong in the stored prices: sessions without one, and all that may spoil a figure."""
    from exposure.prices import doubt_text

    found = list(found)
    doubts = [doubt for each in found for doubt in each.doubts]
    return {
        "gaps": [{"ticker": c.ticker, "sessions": [iso(day) for day in c.gaps]} for c in found if c.gaps],
        "jumps": [{"ticker": c.ticker, "date": iso(day), "move": move} for c in found for day, move in c.jumps],
        "unadjusted": [
            {"ticker": c.ticker, "date": iso(day), "ratio": ratio} for c in found for day, ratio in c.unadjusted
        ],
        "doubts": [
            {"ticker": d.ticker, "date": iso(d.day), "kind": d.sort, "size": d.size, "what": doubt_text(d)}
            for d in doubts
        ],
    }


def accepted(words: Iterable[tuple[Acceptance, bool]]) -> list[Answer]:
    """List what persons said is right in the stored prices, and whether it still holds."""
    return [
        {"ticker": one.ticker, "date": iso(one.day), "kind": one.sort, "author": one.author, "on": iso(one.on),
         "note": one.note, "holds": holds}
        for one, holds in words
    ]  # fmt: skip
