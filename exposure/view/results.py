"""Kept results as sentences and rows: pure, without Streamlit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from exposure.format import day, money, percent
from exposure.results import CAUSES, Cause, LineCauses, Record, matches
from exposure.shock import ShockResult
from exposure.view.looks import TOTAL, Step
from exposure.view.sentences import one_line

Row = dict[str, Any]


def moment(entry: Any) -> str:
    """Write when a result was kept, in UTC."""
    return f"{entry.kept_at:%Y-%m-%d %H:%M} UTC"


def label(entry: Any) -> str:
    """Name a kept result in a list."""
    note = f", {one_line(entry.note, 40)}" if entry.note else ""
    return (
        f"No. {entry.number}: {one_line(entry.scenario_title, 60)}, book of {day(entry.as_of)}, "
        f"{percent(entry.total_return, signed=True)}{note}, kept {moment(entry)}"
    )


def listed(entries: Sequence[Any], verdicts: Mapping[int, str]) -> list[Row]:
    """List kept results, the last kept first, each with whether it reproduces where that was found out."""
    return [
        {
            "number": e.number,
            "kept": moment(e),
            "as_of": e.as_of,
            "scenario": e.scenario_title,
            "total_return": e.total_return,
            "reproduces": verdicts.get(e.kept_id, "not checked yet"),
            "pnl": e.pnl if e.currency else None,
            "currency": e.currency,
            "engine": e.engine.partition("+")[0],
            "hash": e.scenario_hash[:12],
            "note": e.note,
        }
        for e in entries
    ]


def verdict(record: Record, found: ShockResult) -> tuple[bool, str]:
    """Say whether a kept result reproduces, and by how much it does not."""
    if matches(record, found):
        return True, "It reproduces to the cent: the kept book and scenario give the kept total again."
    gap = found.total_return - record.total_return
    unit = (
        "" if found.book.basis == "weights" else f", {money(found.pnl - record.pnl, record.currency, 2, signed=True)}"
    )
    return False, f"It no longer reproduces: worked out again it differs by {percent(gap, 4, signed=True)}{unit}."


def reproduces(record: Record, found: ShockResult) -> str:
    """Say in a word whether a kept result reproduces, or by how much it differs."""
    if matches(record, found):
        return "yes"
    if found.book.basis == "weights":
        return f"differs by {percent(found.total_return - record.total_return, 4, signed=True)}"
    return f"differs by {money(found.pnl - record.pnl, record.currency, 2, signed=True)}"


def since(record: Record, now: ShockResult | None) -> str:
    """Say what the same question gives today."""
    if now is None:
        return "Asked again today it has no answer: its snapshot or its scenario is gone."
    if matches(record, now):
        return "Asked again today, with what is stored now, the answer is the same to the cent."
    gap = now.total_return - record.total_return
    return (
        f"Asked again today, with what is stored now, it is {percent(now.total_return, signed=True)}: "
        f"{percent(gap, 3, signed=True)} from the kept one."
    )


def lines(record: Record) -> list[Row]:
    """List the lines of a kept answer as they were, the largest loss first."""
    found = json.loads(record.answer)["positions"]
    fields = ("name", "ticker", "isin", "weight", "market_value", "shock", "fx", "total_move", "provenance", "via",
              "pnl", "contribution")  # fmt: skip
    rows = [{f: row.get(f) for f in fields} for row in found]
    return sorted(rows, key=lambda r: r["contribution"])


def segments(record: Record) -> list[Row]:
    """List the segments of a kept answer as they were."""
    return list(json.loads(record.answer)["by_segment"])


def whole(record: Record, entry: Any) -> bytes:
    """Write a kept result as one JSON file: the answer, the scenario, the book, and what the book was made of."""
    parts = {name: json.loads(getattr(record, name)) for name in ("answer", "scenario", "inputs", "book")}
    head = {"number": entry.number, "portfolio": entry.portfolio, "kept_at": entry.kept_at.isoformat(),
            "engine": record.engine, "note": entry.note}  # fmt: skip
    return json.dumps({**head, **parts}, indent=1, sort_keys=True).encode()


def finding(found: Sequence[Cause], gap: float) -> str:
    """Say what moved the figure most."""
    if all(abs(c.effect) < 5e-7 for c in found):
        return "Nothing moved the figure"
    lead = max(found, key=lambda c: abs(c.effect))
    return (
        f"{lead.cause.capitalize()} moved the figure most: {percent(lead.effect, 2, signed=True)} of "
        f"{percent(gap, 2, signed=True)}"
    )


def steps(found: Sequence[Cause], gap: float) -> list[Step]:
    """Give the bars of the waterfall of causes."""

    def step(key: str, name: str, value: float) -> Step:
        figure = percent(value, 3, signed=True)
        return Step(key, name, value, figure, f"{name}: {figure} of the book")

    parts = [step("outside", c.cause.capitalize(), c.effect) for c in found]
    return [*parts, step(TOTAL, "Difference", gap)]


def by_line(found: Sequence[LineCauses]) -> list[Row]:
    """List the difference of each line by cause."""
    return [
        {
            "name": line.name,
            "before": line.before,
            "after": line.after,
            "difference": line.after - line.before,
            **dict(zip(CAUSES, line.effects, strict=True)),
        }
        for line in found
    ]
