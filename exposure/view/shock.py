"""A shock as sentences and rows of tables: pure, without Streamlit.

Over which days a replay moves a book: the window of each exchange, and the same event over other cuts of time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from exposure.chain import effective_weight, measure, segment_name, top_segment
from exposure.exchanges import EXCHANGES, place_of, split_symbol
from exposure.format import day, money, percent, short_money
from exposure.shock import ShockedLine, ShockResult, Slice, beyond_value
from exposure.types import Scenario
from exposure.view.looks import TOTAL, Step
from exposure.view.sentences import looked_through_share, plain, segment_label

WindowRow = dict[str, Any]
CUTS = {
    "": "each exchange to its first close after New York opened",
    "-full": "to its first close after New York closed",
    "-common": "New York’s two sessions for all, ADRs where home was shut",
}
"""Ending of a scenario's id → how its windows are cut."""


def windows(result: ShockResult) -> list[WindowRow]:
    """List the windows of a replay's exchanges with the lines held on each; those that differ from New York's first."""
    scenario = result.scenario
    main = scenario.windows.get("")
    held: dict[str, int] = defaultdict(int)
    for position in result.positions:
        if position.line.listing:
            held[split_symbol(position.line.listing)[1]] += 1
    together: dict[tuple[date, date], list[str]] = defaultdict(list)
    for exchange, window in scenario.windows.items():
        together[window.start, window.end].append(exchange)

    def order(exchange: str) -> tuple[int, bool, str]:
        return -held[exchange], exchange not in EXCHANGES, exchange

    rows = [
        {
            "exchanges": ", ".join(place_of(e) for e in sorted(found, key=lambda e: (-held[e], e not in EXCHANGES, e))),
            "start": start,
            "end": end,
            "lines": sum(held[e] for e in found),
            "differs": main is not None and (start, end) != (main.start, main.end),
        }
        for (start, end), found in together.items()
    ]
    return sorted(rows, key=lambda r: (not r["differs"], -r["lines"]))


def windows_said(result: ShockResult, rows: Sequence[WindowRow]) -> str:
    """Say over which days the moves run, and which windows of the book's lines differ."""
    main = result.scenario.windows.get("")
    if main is None:
        return "Given moves: no window."
    other = [f"{r['exchanges'].split(', ')[0]} {day(r['start'])} to {day(r['end'])}" for r in rows if _differs(r)]
    also = f" Lines of this book with other windows: {'; '.join(other)}." if other else " All lines of this book."
    return f"Close to close, New York {day(main.start)} to {day(main.end)}.{also}"


def event(one: str) -> str:
    """Give the id of the event behind the id of a replay, whatever cut of time it takes."""
    return one.removesuffix("-full").removesuffix("-common")


def cuts_said(one: str, cuts: Mapping[str, ShockResult]) -> str:
    """Set the totals of one event's replays side by side with the days of each, the one on show marked."""
    said = [
        f"**{plain(percent(cut.total_return, signed=True))}** {plain(CUTS[other.removeprefix(event(one))])}, "
        f"{plain(_days_of(cut))}" + " (shown)" * (other == one)
        for other, cut in cuts.items()
    ]
    return f"The same event over {('', '', 'two', 'three')[len(said)]} cuts of time: " + "; ".join(said) + "."


def _days_of(cut: ShockResult) -> str:
    """Name the days that a replay runs over, and those of lines of the book whose exchanges have others."""
    rows = windows(cut)
    main = cut.scenario.windows.get("")
    spans = [(main.start, main.end)] if main else []
    spans += [(row["start"], row["end"]) for row in rows if _differs(row)]
    return " and ".join(f"{_short_day(start, end)} to {day(end)}" for start, end in dict.fromkeys(spans))


def _short_day(start: date, end: date) -> str:
    """Write a day without the year of the one that follows it."""
    return day(start).removesuffix(f" {end.year}") if start.year == end.year else day(start)


def _differs(row: WindowRow) -> bool:
    return bool(row["differs"] and row["lines"])


Row = dict[str, Any]
MARKS = {"observed": "●", "proxy": "◐", "modelled": "○", "user": "◆", "none": "–"}
MARKED = {provenance: f"{mark} {provenance}" for provenance, mark in MARKS.items()}
LEGEND = (
    "● observed: the line’s own price. ◐ proxy: another line of the same issuer, currency moved. ○ modelled: mean of "
    "its segments, or the rest. ◆ user: a number given by name. – none: no price move applies (cash moves with its "
    "currency)."
)
COVERED = {
    "observed": "own price",
    "proxy": "another line of the issuer",
    "modelled": "modelled",
    "user": "given by name",
    "none": "no move applied",
    "cash": "cash",
}
VIA = {
    "isin": "ISIN",
    "listing": "listing",
    "issuer": "issuer",
    "own_price": "own price",
    "fund_residual": "fund’s own price less its constituents",
    "other_line": "other line of the issuer",
    "sub_segment": "sub-segment",
    "segment": "segment",
    "equations": "equations",
    "covariance": "covariance",
    "factor": "factor of the fund",
    "rates": "its currencies",
    "delta": "your delta",
    "rest": "rest",
    "none": "none",
}


def predicted_band(result: ShockResult) -> list[tuple[str, str, str]]:
    """Give the band of a prediction as a figure; nothing for any other scenario."""
    band = result.band
    if band is None or result.scenario.kind != "predictive":
        return []
    ends = f"{percent(band.low, 1, signed=True)} to {percent(band.high, 1, signed=True)}"
    return [(f"Band of {percent(band.level, 0)}", ends, f"{band.meaning[0].upper()}{band.meaning[1:]}")]


def headline(result: ShockResult) -> list[tuple[str, str] | tuple[str, str, str]]:
    """Give the line of figures: what it costs, before and after; money only where there is a currency."""
    book = result.book
    of = "gross exposure" if book.capital_basis == "gross" else "net asset value"
    shown: list[tuple[str, str] | tuple[str, str, str]] = [
        ("Total return", percent(result.total_return, signed=True), f"Profit and loss over {of}"),
        *predicted_band(result),
    ]
    if book.basis == "values":
        unit = book.currency
        shown += [
            ("Profit and loss", short_money(result.pnl, unit, signed=True), money(result.pnl, unit, 2, signed=True)),
            ("Net asset value before", short_money(result.nav_before, unit), money(result.nav_before, unit, 2)),
            ("After", short_money(result.nav_after, unit), money(result.nav_after, unit, 2)),
        ]
    return shown


NOT_SHOCKED = frozenset(f"shock.{kind}still{told}" for kind in ("", "option-", "fx-") for told in ("", "-notional"))
"""Codes of what tells that no move applies to lines of a kind."""


def not_shocked(result: ShockResult) -> str | None:
    """Say which positions no price move was applied to, with their notional; None where there is none."""
    said = [f"{i.what} ({percent(i.weight, 2)} of capital)" for i in result.issues if i.code in NOT_SHOCKED]
    return f"No move applies to a part of the book: {'; '.join(said)}." if said else None


def finding(result: ShockResult, slices: Sequence[Slice]) -> str:
    """Say who carries the result, as the title of its waterfall."""
    total = result.total_return
    if not slices:
        return "The book holds nothing that could move"
    worst, best = min(slices, key=lambda s: s.contribution), max(slices, key=lambda s: s.contribution)
    if abs(total) < 0.00005:
        if worst.contribution > -0.00005:
            return "Nothing in this book moves"
        one, other = (f"{_label(s)} {percent(s.contribution, 1, signed=True)}" for s in (worst, best))
        return f"Gains and losses cancel: {one}, {other}"
    lead, what = (worst, "loss") if total < 0 else (best, "gain")
    share, name = lead.contribution / total, _label(lead)
    plural = name.endswith("s") or " and " in name
    if share > 1:
        size = percent(abs(lead.contribution), 1)
        if total < 0:
            return f"{name} {'take' if plural else 'takes'} {size} off the book, more than it loses in all"
        return f"{name} {'add' if plural else 'adds'} {size} to the book, more than it gains in all"
    return f"{name} {'carry' if plural else 'carries'} {percent(share, 0)} of the {what}"


def steps(result: ShockResult, slices: Sequence[Slice]) -> list[Step]:
    """Give the bars of the waterfall: largest loss first, then the total."""
    book = result.book

    def step(key: str, label: str, value: float, pnl: float) -> Step:
        cost = "" if book.basis == "weights" else f", {short_money(pnl, book.currency, signed=True)}"
        figure = percent(value, signed=True)
        return Step(key, label, value, figure, f"{label}: {figure} of the book{cost}; {result.scenario.id}")

    parts = [step(s.key or "unassigned", _label(s), s.contribution, s.pnl) for s in slices]
    return [*parts, step(TOTAL, "Total", result.total_return, result.pnl)]


def alt_text(bars: Sequence[Step]) -> str:
    """Tell a waterfall in words, for those who cannot see it."""
    return "Contributions: " + ", ".join(f"{b.label} {b.figure}" for b in bars) + "."


def slices(found: Sequence[Slice], result: ShockResult, names: bool = True) -> list[Row]:
    """List a cut of the result; its contributions add up to the total return."""
    capital, beyond = result.book.capital, beyond_value(result.positions)
    measured = measure(result.book) if result.book.geared else None
    moved = {e.segment: e.effective for e in (*measured.by_segment, *measured.by_sub_segment)} if measured else {}
    return [
        {
            "id": s.key,
            "key": _label(s) if names else s.key or "not known",
            "market_value": s.market_value,
            "weight": s.market_value / capital,
            "effective": moved.get(s.key or ""),
            "move": s.pnl / s.market_value if s.market_value and s.key not in beyond else None,
            "pnl": s.pnl,
            "contribution": s.contribution,
        }
        for s in found
    ]


def positions(result: ShockResult) -> list[Row]:
    """List every line with its move, where that came from, and what it costs; the largest loss first."""
    return [_position(p, result.book.capital) for p in sorted(result.positions, key=lambda p: p.contribution)]


def _position(each: ShockedLine, capital: float) -> Row:
    own, move = each.line.holding, each.move
    segments = each.line.assignment.weights
    return {
        "name": own.name or own.ticker or each.line.line_id,
        "ticker": own.ticker,
        "isin": own.isin,
        "kind": own.kind,
        "segment": ", ".join(segment_name(s) for s in sorted(segments, key=lambda s: -segments[s])),
        "segments": frozenset(segments) | {top_segment(s) for s in segments},
        "market_value": each.line.market_value,
        "weight": each.line.weight,
        "effective": effective_weight(each.line, capital),
        "shock": move.shock,
        "fx": move.fx,
        "total_move": move.total,
        "pnl": each.pnl,
        "contribution": each.contribution,
        "provenance": move.provenance,
        "mark": MARKED[move.provenance],
        "via": VIA.get(move.via, move.via),
        "start": move.start,
        "end": move.end,
        "source": move.source,
        "inside": each.line.inside,
    }


def segment_or_all(segment: str) -> str:
    """Name a segment in the filter; the empty one is all."""
    return segment_label(segment) if segment else "All segments"


def filtered(rows: Sequence[Row], segment: str, provenances: Collection[str], wanted: str) -> list[Row]:
    """Keep the rows of a segment (empty: all), of some provenances (none: all), and with a text in name or codes."""
    text = wanted.strip().casefold()
    return [
        row
        for row in rows
        if (not segment or segment in row["segments"])
        and (not provenances or row["provenance"] in provenances)
        and (not text or any(text in str(row[f] or "").casefold() for f in ("name", "ticker", "isin", "source")))
    ]


def footing(result: ShockResult, rows: Sequence[Row]) -> str:
    """Say what the figures rest on: coverage, funds looked through, and windows."""
    windows = windows_said(result, rows) if result.scenario.windows else ""
    return " ".join(filter(None, (coverage(result), looked_through_share(result.book), windows)))


def about(scenario: Scenario) -> str:
    """Name a scenario as the source of a figure."""
    span = f", {scenario.horizon} sessions" if scenario.horizon > 1 else ""
    return f"scenario {scenario.id}{span}, hash {scenario.hash[:12]}"


def coverage(result: ShockResult) -> str:
    """Say what the moves rest on: every share, those of zero too."""
    return covered(result.coverage)


def covered(shares: Mapping[str, float]) -> str:
    """Say the same of its shares alone."""
    said = [f"{COVERED[k]} {percent(v, 1)}" for k, v in shares.items()]
    return "Coverage, share of gross exposure: " + ", ".join(said) + "."


def _label(found: Slice) -> str:
    return segment_name(found.key) if found.key else "not known"
