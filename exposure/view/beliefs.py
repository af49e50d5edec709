"""Beliefs as sentences and rows of tables: pure, without Streamlit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import expm1
from typing import Any

from exposure.chain import on_chain, segment_name, top_segment
from exposure.format import percent
from exposure.levers import Cut, Distribution, Index, Reverse, Swing
from exposure.messages import words
from exposure.scenarios import Miss
from exposure.shock import ShockResult
from exposure.view import sentences
from exposure.view.looks import TOTAL, Step
from exposure.view.sentences import lever_value, segment_label

Row = dict[str, Any]
TOO_SMALL = 0.00005


def footing(coverage: Mapping[str, float], replay: ShockResult) -> str:
    """Say what both totals rest on."""

    def said(shares: Mapping[str, float]) -> str:
        words = {"observed": "own price", "proxy": "another line", "user": "given", "none": "no move applied"}
        ranked = sorted(shares.items(), key=lambda item: -item[1])
        return ", ".join(f"{words.get(k, k)} {percent(v, 1)}" for k, v in ranked if v > 0) or "nothing"

    return (
        f"Coverage, share of gross exposure: beliefs {said(coverage)}; replay {said(replay.coverage)}. "
        "In the chart, bars are these beliefs and ◇ the day itself."
    )


def chain(misses: Sequence[Miss], cut: Cut) -> list[Row]:
    """List the segments along the chain, each followed by its sub-segments, with moves and what they cost this book."""
    rows = []
    for segment in dict.fromkeys(top_segment(m.segment) for m in misses):
        own = [m for m in misses if m.segment == segment or m.segment.startswith(f"{segment}.")]
        for each in sorted(own, key=lambda m: m.segment != segment):
            costs = cut.by_segment if each.segment == segment else cut.by_sub_segment
            rows.append(
                {
                    "id": each.segment,
                    "label": segment_name(each.segment),
                    "segment": segment_label(each.segment),
                    "whole": each.segment == segment,
                    "on": on_chain(each.segment),
                    "modelled": expm1(each.modelled),
                    "observed": expm1(each.observed),
                    "modelled_log": each.modelled,
                    "observed_log": each.observed,
                    "miss": each.modelled - each.observed,
                    "names": each.names,
                    "contribution": costs.get(each.segment, 0.0),
                }
            )
    return rows


def finding(rows: Sequence[Row]) -> str:
    """Say what the flow shows: which link of the chain moves most under these beliefs, and what the day did to it."""
    links = [r for r in rows if r["whole"] and on_chain(r["id"])]
    most = max(links, key=lambda r: abs(r["modelled"]))
    return words("beliefs.nothing-moves" if abs(most["modelled"]) < TOO_SMALL else "beliefs.finding", most)


def segment_steps(cut: Cut, fine: bool = False) -> list[Step]:
    """Give the bars of a waterfall by segment: largest loss first, then the total."""
    parts = sorted((cut.by_sub_segment if fine else cut.by_segment).items(), key=lambda item: item[1])
    return [*(_step(key, segment_label(key), value) for key, value in parts), _step(TOTAL, "Total", cut.total_return)]


def lever_steps(pnls: Sequence[Any], cut: Cut, capital: float) -> list[Step]:
    """Give the bars of a waterfall by lever, as Shapley values; they add up to the total."""
    parts = [_step("outside", _lever(row.lever), row.pnl / capital) for row in pnls]
    return [*parts, _step(TOTAL, "Total", cut.total_return)]


def _lever(lever: str) -> str:
    return "Given, by no lever" if lever == "given" else sentences.lever_name(lever)


def _step(key: str, label: str, value: float) -> Step:
    figure = percent(value, signed=True)
    return Step(key, label, value, figure, f"{label}: {figure} of the book")


def step_rows(steps: Sequence[Step], capital: float) -> list[Row]:
    """List the bars of a waterfall, without its total."""
    return [
        {"key": s.key, "what": s.label, "contribution": s.value, "pnl": s.value * capital}
        for s in steps
        if s.key != TOTAL
    ]


def carried(steps: Sequence[Step]) -> str:
    """Say who stands first in a waterfall: the bar of the total's sign that is largest."""
    parts, total = [s for s in steps if s.key != TOTAL], steps[-1].value
    if not parts or max(abs(s.value) for s in parts) < TOO_SMALL:
        return "Nothing moves this book"
    lead = min(parts, key=lambda s: s.value) if total < 0 else max(parts, key=lambda s: s.value)
    return f"{lead.label}: {lead.figure} of a total of {percent(total, signed=True)}, the largest part"


def matter(swings: Sequence[Swing], indices: Sequence[Index]) -> list[Row]:
    """List levers by swing, with their Sobol indices beside."""
    index = {row.lever: row for row in indices}
    return [
        {
            "lever": s.lever,
            "name": sentences.lever_name(s.lever),
            "low": s.low,
            "high": s.high,
            "swing": abs(s.high - s.low),
            "first": index[s.lever].first if s.lever in index else None,
            "total": index[s.lever].total if s.lever in index else None,
        }
        for s in swings
    ]


def reached(found: Reverse, levers: Mapping[str, float]) -> list[Row]:
    """List at which value each lever alone reaches the loss, those that do first."""
    likeliest = found.least_implausible.levers if found.least_implausible else {}
    rows = [
        {
            "lever": each.lever,
            "name": sentences.lever_name(each.lever),
            "now": levers[each.lever],
            "now_shown": lever_value(each.lever, levers[each.lever]),
            "value": each.value,
            "value_shown": lever_value(each.lever, each.value) if each.reachable else "not within its range",
            "likeliest": likeliest.get(each.lever),
            "likeliest_shown": lever_value(each.lever, likeliest[each.lever]) if likeliest else "–",
        }
        for each in found.levers
    ]
    return sorted(rows, key=lambda r: r["value"] is None)


def implausible(found: Reverse) -> str:
    """Say how far from the priors' means the likeliest beliefs lie that reach the loss."""
    loss, point = percent(found.loss, 1, signed=True), found.least_implausible
    if point is None:
        return f"No beliefs within the priors’ bounds bring this book to {loss}."
    return (
        f"The least implausible beliefs that give {loss} lie {point.distance:.1f} standard deviations from the priors."
    )


def spread_figures(found: Distribution) -> list[tuple[str, str] | tuple[str, str, str]]:
    """Give the line of figures of a distribution."""
    return [
        ("Mean", percent(found.mean, signed=True)),
        ("Median", percent(found.p50, signed=True)),
        ("5th percentile", percent(found.p05, signed=True), "One draw in twenty is below"),
        ("95th percentile", percent(found.p95, signed=True)),
        ("1st percentile", percent(found.p01, signed=True)),
        ("99th percentile", percent(found.p99, signed=True)),
        ("Expected shortfall", percent(found.expected_shortfall_95, signed=True), "Mean of the worst twentieth"),
    ]
