"""What changed between two snapshots as figures, findings and rows: pure, without Streamlit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from exposure.chain import TOP_SEGMENTS, Exposures
from exposure.format import day, number, percent, short_money
from exposure.history import Changes, SegmentChange, What
from exposure.view.sentences import count, segment_label

Row = dict[str, Any]
MOST = 36
"""Snapshots drawn over time, the latest: three years of months."""
WHAT: Mapping[What, str] = {
    "added": "Added",
    "sold": "Sold",
    "more": "More",
    "less": "Less",
    "unchanged": "Unchanged",
    "unknown": "Not known",
}
LEGEND = (
    "More and less go by quantity, splits taken off; by weight where a quantity is missing, and then nothing says what "
    "was traded. Traded: at the later snapshot’s price. Price and currency: the rest of the change in value."
)


def headline(found: Changes, currency: str | None) -> list[tuple[str, str] | tuple[str, str, str]]:
    """Give the line of figures: value before and after, what came in, and how many lines changed."""
    counts = Counter(c.what for c in found.lines)
    out: list[tuple[str, str] | tuple[str, str, str]] = []
    if found.nav is not None:
        before, after = found.nav
        out += [
            ("Value before", short_money(before, currency)),
            ("Value after", short_money(after, currency)),
            (
                "Came in" if (found.traded or 0) >= 0 else "Went out",
                short_money(found.traded, currency, signed=True),
                "All trades at the later snapshot’s prices, cash among them",
            ),
        ]
    return out + [(WHAT[what], number(counts[what])) for what in WHAT if counts[what] or what in ("added", "sold")]


def untold(found: Changes) -> str:
    """Say which share of the book has no quantity to tell trades by; nothing where all is told."""
    missing = [c for c in found.lines if c.traded is None]
    if not missing or found.nav is None:
        return ""
    sides = ([c.before for c in missing], [c.after for c in missing])
    share = max(sum(abs(held.weight) for held in side if held) for side in sides)
    said = (
        f"Of {count(len(missing), 'line')}, {percent(share, 1)} of the book, no quantity or value tells what was traded"
    )
    return f"{said}: they are in no sum."


def finding(segments: Sequence[SegmentChange]) -> str:
    """Say which segment's share changed most."""
    most = max(segments, key=lambda s: abs(s.after - s.before))
    if abs(most.after - most.before) < 5e-5:
        return "No segment’s share of the book changed"
    verb = "rose" if most.after > most.before else "fell"
    return (
        f"{segment_label(most.segment)} {verb} from {percent(most.before, 1)} to {percent(most.after, 1)} of the book"
    )


def alt_text(segments: Sequence[SegmentChange]) -> str:
    """Tell the chart of segments in words."""
    said = (f"{segment_label(s.segment)} {percent(s.before, 1)} to {percent(s.after, 1)}" for s in segments)
    return "Share of the book before and after: " + ", ".join(said) + "."


def segment_rows(segments: Sequence[SegmentChange]) -> list[Row]:
    """List the segments with their shares before and after."""
    return [
        {"segment": segment_label(s.segment), "before": s.before, "after": s.after, "change": s.after - s.before}
        for s in segments
    ]


def rows(found: Changes) -> list[Row]:
    """List every security of either snapshot, the largest change of weight first."""
    return [
        {
            "name": c.name,
            "ticker": c.ticker,
            "isin": c.isin,
            "what": WHAT[c.what],
            "quantity_before": c.before and c.before.quantity,
            "quantity_after": c.after and c.after.quantity,
            "split": None if c.split == 1 else c.split,
            "weight_before": c.before.weight if c.before else 0.0,
            "weight_after": c.after.weight if c.after else 0.0,
            "weight_change": c.weight_change,
            "value_before": c.before and c.before.market_value,
            "value_after": c.after and c.after.market_value,
            "traded": c.traded,
            "price_effect": c.price_effect,
        }
        for c in found.lines
    ]


def share_of(measured: Exposures, segment: str) -> float:
    """Give the weight of a segment, 0 where the book has none of it."""
    return next((e.weight for e in measured.by_segment if e.segment == segment), 0.0)


def over_time_rows(history: Mapping[date, Exposures]) -> list[Row]:
    """List the share of each segment at each snapshot."""
    return [
        {"as_of": when} | {segment: share_of(measured, segment) for segment in TOP_SEGMENTS}
        for when, measured in history.items()
    ]


def on_the_chain(history: Mapping[date, Exposures]) -> str:
    """Say how the share along the chain went over all snapshots."""
    first, *_, last = history.values()
    shares = [sum(share_of(each, s) for s in TOP_SEGMENTS[:4]) for each in (first, last)]
    days = list(history)
    return (
        f"Along the chain: {percent(shares[0], 1)} on {day(days[0])}, {percent(shares[1], 1)} on {day(days[-1])}, "
        f"over {count(len(days), 'snapshot')}"
    )
