"""Over which days a replay moves a book: the window of each exchange, and the same event over other cuts of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from exposure.chain.listing import split_symbol
from exposure.format import day, percent
from exposure.shock.result import ShockResult
from pages.shared.texts import plain

Row = dict[str, Any]
CITIES = {
    "": "New York", ".TO": "Toronto", ".L": "London", ".PA": "Paris", ".AS": "Amsterdam", ".BR": "Brussels",
    ".DE": "Frankfurt", ".MI": "Milan", ".MC": "Madrid", ".SW": "Zurich", ".ST": "Stockholm", ".HE": "Helsinki",
    ".CO": "Copenhagen", ".OL": "Oslo", ".VI": "Vienna", ".TA": "Tel Aviv", ".JO": "Johannesburg", ".SA": "São Paulo",
    ".T": "Tokyo", ".HK": "Hong Kong", ".SS": "Shanghai", ".SZ": "Shenzhen", ".KS": "Seoul", ".KQ": "Seoul (Kosdaq)",
    ".TW": "Taipei", ".TWO": "Taipei (over the counter)", ".SI": "Singapore", ".NS": "Mumbai (NSE)",
    ".BO": "Mumbai (BSE)", ".AX": "Sydney", ".NZ": "Wellington", ".JK": "Jakarta", ".BK": "Bangkok",
    ".KL": "Kuala Lumpur",
}  # fmt: skip
CUTS = {
    "": "each exchange to its first close after New York opened",
    "-full": "to its first close after New York closed",
    "-common": "New York’s two sessions for all, ADRs where home was shut",
}
"""Ending of a scenario's id → how its windows are cut."""


def windows(result: ShockResult) -> list[Row]:
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
        return -held[exchange], exchange not in CITIES, exchange

    rows = [
        {
            "exchanges": ", ".join(
                CITIES.get(e, e) for e in sorted(found, key=lambda e: (-held[e], e not in CITIES, e))
            ),
            "start": start,
            "end": end,
            "lines": sum(held[e] for e in found),
            "differs": main is not None and (start, end) != (main.start, main.end),
        }
        for (start, end), found in together.items()
    ]
    return sorted(rows, key=lambda r: (not r["differs"], -r["lines"]))


def windows_said(result: ShockResult, rows: Sequence[Row]) -> str:
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


def _differs(row: Row) -> bool:
    return bool(row["differs"] and row["lines"])
