"""Rows and sentences of the comparison: totals of every pair, cuts side by side, and what differs from a benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any

from exposure.chain import segment_name
from exposure.format import percent
from exposure.shock import Active, By, ShockResult, active_return, side_by_side
from exposure.view import looks, shock
from exposure.view.looks import TOTAL, Column, Step
from exposure.view.sentences import segment_label

Row = dict[str, Any]
CUTS: dict[By, str] = {
    "segment": "Segment",
    "sub_segment": "Sub-segment",
    "country": "Country",
    "currency": "Currency",
    "holding": "Holding",
}
BARS = 12
"""Bars of a chart at most; what is smaller is one bar."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A portfolio under a scenario; `result` None where the scenario could not be applied, and then `why`."""

    side: str
    scenario: str
    scenario_id: str
    result: ShockResult | None
    why: str = ""
    benchmark: bool = False


def covered(result: ShockResult) -> str:
    """Say in few words what a total rests on, the largest share first."""
    shares = sorted(result.coverage.items(), key=lambda item: -item[1])
    return ", ".join(f"{shock.COVERED[key]} {percent(share, 0)}" for key, share in shares if share >= 0.005)


def totals(pairs: Sequence[Pair]) -> tuple[list[Row], list[Column]]:
    """Lay the totals out, a row for each scenario, and for each portfolio its return and what that rests on."""
    sides = list(dict.fromkeys(p.side for p in pairs))
    rows: dict[str, Row] = {}
    for pair in pairs:
        row = rows.setdefault(pair.scenario_id, {"scenario": pair.scenario})
        place = sides.index(pair.side) + 1
        if pair.result is not None:
            row[f"total_return_{place}"] = pair.result.total_return
            row[f"coverage_{place}"] = covered(pair.result)
    columns = [Column("scenario", "Scenario", width="medium")]
    for place, side in enumerate(sides, 1):
        columns.append(Column(f"total_return_{place}", side, "share", "Total return, share of capital"))
        columns.append(Column(f"coverage_{place}", f"{side}: coverage", width=250, help="Share of gross exposure"))
    return list(rows.values()), columns


PAIR = (
    Column("side", "Portfolio", width="medium"),
    Column("scenario", "Scenario", width="medium"),
    Column("total_return", "Total return", "share"),
    Column("low", "90 % band from", "share", "Of moves spread to names without a price; of a prediction"),
    Column("high", "to", "share"),
    Column("pnl", "P&L", "money"),
    Column("currency", "in", width="small"),
    Column("as_of", "Holdings of", "date"),
    Column("observed", "Own price", "share", "Shares of gross exposure"),
    Column("proxy", "Other line", "share"),
    Column("modelled", "Modelled", "share"),
    Column("user", "Given by name", "share"),
    Column("none", "No move", "share"),
    Column("cash", "Cash", "share"),
)


def listed(pairs: Sequence[Pair]) -> list[Row]:
    """List every pair with its coverage in figures, and money where the book has any."""
    return [_listed(pair.side, pair.scenario, pair.result) for pair in pairs if pair.result is not None]


def _listed(side: str, scenario: str, result: ShockResult) -> Row:
    valued, band = result.book.basis == "values", result.band
    return {
        "side": side,
        "scenario": scenario,
        "total_return": result.total_return,
        "low": band.low if band else None,
        "high": band.high if band else None,
        "pnl": result.pnl if valued else None,
        "currency": result.book.currency if valued else None,
        "as_of": result.book.as_of,
        **result.coverage,
    }


def finding(pairs: Sequence[Pair]) -> str:
    """Say which portfolio loses most under what, as the title of the chart of totals."""
    known = [(p, p.result.total_return) for p in pairs if p.result is not None and not p.benchmark]
    if not known:
        return "No scenario could be applied"
    pair, worst = min(known, key=lambda each: each[1])
    several = len({p.side for p, _ in known}) > 1
    if worst > -0.00005:
        return "No portfolio loses under these scenarios" if several else "The portfolio loses under none of these"
    who = f"{pair.side} loses most" if len(known) > 1 else f"{pair.side} loses"
    return f"{who}: {percent(worst, signed=True)} under {pair.scenario}"


def alt_text(pairs: Sequence[Pair]) -> str:
    """Tell the chart of totals in words."""
    said = [
        f"{p.side} under {p.scenario} {percent(p.result.total_return, signed=True)}"
        for p in pairs
        if p.result is not None
    ]
    return "Total returns: " + "; ".join(said) + "."


def cut(results: Sequence[ShockResult], heads: Sequence[str], by: By) -> tuple[list[Row], list[Column]]:
    """Lay contributions side by side: a row for each key, a column for each result."""
    rows = []
    for row in side_by_side(results, by):
        shown: Row = {"key": _label(row.key, row.label, by), "ticker": row.ticker, "isin": row.isin}
        for place, cell in enumerate(row.cells, 1):
            shown[f"contribution_{place}"] = None if cell is None else cell.contribution
        rows.append(shown)
    columns = [Column("key", CUTS[by], width="medium"), Column("ticker", "Ticker", width="small")]
    columns += [Column(f"contribution_{place}", head, "share") for place, head in enumerate(heads, 1)]
    return rows, columns


ACTIVE = (
    Column("key", "What", width="medium"),
    Column("ticker", "Ticker", width="small"),
    Column("weight", "Weight", "share"),
    Column("benchmark_weight", "Benchmark’s weight", "share"),
    Column("active_weight", "Active weight", "share"),
    Column("contribution", "Contribution", "share"),
    Column("benchmark", "Benchmark’s contribution", "share"),
    Column("active", "Active contribution", "share"),
    Column("isin", "ISIN", width="small"),
)


def active(rows: Sequence[Active], by: By) -> list[Row]:
    """List what each key contributes to the active return."""
    return [
        {
            "key": _label(row.key, row.label, by),
            "ticker": row.ticker,
            "isin": row.isin,
            "weight": row.weight,
            "benchmark_weight": row.benchmark_weight,
            "active_weight": row.active_weight,
            "contribution": row.contribution,
            "benchmark": row.benchmark,
            "active": row.active,
        }
        for row in rows
    ]


def steps(rows: Sequence[Active], result: ShockResult, benchmark: ShockResult, by: By) -> list[Step]:
    """Give the bars of the active contributions: the largest, the rest as one, and the active return."""
    ranked = sorted(rows, key=lambda row: -abs(row.active))
    large, small = ranked[:BARS], ranked[BARS:]
    parts = [
        _step(row.key, _label(row.key, row.label, by), row.active, by) for row in sorted(large, key=lambda r: r.active)
    ]
    if small:
        parts.append(_step(None, f"{len(small)} more", fsum(row.active for row in small), "holding"))
    gap = active_return(result, benchmark)
    return [
        *parts,
        Step(TOTAL, "Active return", gap, percent(gap, signed=True), f"Active return {percent(gap, signed=True)}"),
    ]


def _step(key: str | None, label: str, value: float, by: By) -> Step:
    figure = percent(value, signed=True)
    hover = f"{label}: {figure} against the benchmark"
    if "segment" in by:
        return Step(key or "unassigned", label, value, figure, hover)
    return Step("outside", label, value, figure, hover, looks.LOSS if value < 0 else looks.GAIN)


def active_finding(bars: Sequence[Step], side: str, benchmark: str) -> str:
    """Say how far a portfolio falls behind its benchmark, and what does most to it."""
    *parts, total = bars
    if abs(total.value) < 0.00005:
        return f"{side} moves as {benchmark} does"
    lead = (min if total.value < 0 else max)(parts, key=lambda step: step.value)
    how = "falls behind" if total.value < 0 else "does better than"
    return f"{side} {how} {benchmark} by {percent(abs(total.value))}: {lead.label} {lead.figure}"


def _label(key: str | None, label: str | None, by: By) -> str:
    if by == "holding":
        return label or "not known"
    if not key:
        return "not known"
    return segment_label(key) if by == "sub_segment" else segment_name(key) if by == "segment" else key
