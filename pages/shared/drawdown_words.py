"""What is looked into below a history, as sentences and rows: pure, without Streamlit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import fsum
from statistics import median
from typing import Any

from exposure.chain.scheme import name_of
from exposure.format import day, number, percent
from exposure.history import Comparison, DrawdownResult, EventPath, Figures, Month, Rank
from exposure.history.statistics import spells
from exposure.market import Floats
from pages.shared import texts
from pages.shared.shock_figures import TOTAL, Step

Row = dict[str, Any]
LARGEST = 12
"""Holdings with a bar of their own; the rest stands together in one."""

STATISTICS: tuple[tuple[str, str, str], ...] = (
    ("total_return", "Return", "Over the whole period"),
    ("yearly_return", "Return, yearly", "Compound, by years of 252 sessions; none for less than a year"),
    ("volatility", "Volatility, yearly", "Deviation of the sessions’ returns, times √252"),
    ("max_drawdown", "Maximum drawdown", "The deepest fall from a peak"),
    ("peak", "Peak", "The last day at the level that it fell from"),
    ("trough", "Trough", "The day on which it stood lowest"),
    ("recovered", "Recovered", "The first day back at the peak"),
    ("days_down", "Sessions down", "From peak to trough"),
    ("days_to_recover", "Sessions back", "From the trough to the recovery"),
    ("current_drawdown", "Drawdown now", "On the last day"),
    ("underwater_share", "Time under water", "Share of sessions below an earlier peak"),
    ("longest_underwater", "Longest under water", "Sessions of the longest stretch below one peak"),
    ("ulcer_index", "Ulcer index", "Root of the mean squared drawdown: deep and long falls weigh most"),
    ("pain_index", "Pain index", "Mean drawdown over all sessions, without its sign"),
    ("cdar_95", "CDaR 95", "Mean of the worst twentieth of all sessions’ drawdowns"),
    ("expected_drawdown", "Expected drawdown", "Mean of the deepest falls within all windows of a year"),
    ("calmar", "Calmar", "Yearly return over the size of the maximum drawdown"),
)
"""Field of `Figures`, name, and what it means in a line."""


def statistics(found: Comparison, names: Sequence[str]) -> list[Row]:
    """List every figure with its meaning, a column for each history; a figure that does not exist is a dash."""
    return [
        {"figure": label, "meaning": meaning}
        | {f"of_{n}": written(field, each.figures) for n, each in enumerate(found.each[: len(names)])}
        for field, label, meaning in STATISTICS
    ]


def written(field: str, figures: Figures) -> str:
    """Write one figure as people read it."""
    value = getattr(figures, field)
    if value is None:
        return "not yet" if field in ("recovered", "days_to_recover") and figures.peak else "–"
    if field in ("peak", "trough", "recovered"):
        return day(value)
    if isinstance(value, int):
        return number(value)
    return number(value, 2) if field == "calmar" else percent(value)


def deepest_of(found: Comparison, names: Sequence[str]) -> str:
    """Say which of several fell deepest, as the title of their chart."""
    worst = min(zip(found.each, names, strict=True), key=lambda pair: pair[0].max_drawdown)
    if len(names) == 1:
        return f"{names[0]}: deepest {percent(worst[0].max_drawdown, 1)}"
    least = max(zip(found.each, names, strict=True), key=lambda pair: pair[0].max_drawdown)
    return f"{_led(worst)} fell deepest, {_led(least)} least"


def _led(pair: tuple[Any, str]) -> str:
    return f"{pair[1]} ({percent(pair[0].max_drawdown, 1)})"


def holdings(result: DrawdownResult) -> list[Row]:
    """List every line's part in the deepest fall, the largest loss first."""
    return [
        {"name": h.name, "segment": name_of(h.segment), "id": h.segment, "contribution": h.contribution}
        for h in result.by_holding
    ]


def holding_steps(result: DrawdownResult) -> list[Step]:
    """Give the bars by holding that add up to the deepest fall: the largest parts, all others together, the sum."""
    ranked = sorted(result.by_holding, key=lambda h: -abs(h.contribution))
    kept = sorted(ranked[:LARGEST], key=lambda h: h.contribution)
    bars = [_step(h.segment, h.name, h.contribution) for h in kept]
    rest = ranked[LARGEST:]
    if rest:
        bars.append(_step("outside", f"{len(rest)} others", fsum(h.contribution for h in rest)))
    return [*bars, _step(TOTAL, "Deepest fall", result.max_drawdown)]


def _step(key: str, label: str, value: float) -> Step:
    said = percent(value, signed=key != TOTAL)
    return Step(key, label, value, said, f"{label}: {said}")


def carried_by_holding(result: DrawdownResult) -> str:
    """Say which holdings carried the deepest fall."""
    if not result.by_holding or not result.max_drawdown:
        return "No fall to split by holding"
    first = result.by_holding[:3]
    share = fsum(h.contribution for h in first) / result.max_drawdown
    return f"{', '.join(h.name for h in first)} carry {percent(share, 0)} of the deepest fall"


def rolled(deepest: Floats, window: int) -> str:
    """Say what the rolling windows show."""
    each = deepest.tolist()
    return (
        f"Within {number(window)} sessions: {percent(min(each), 1)} at worst, {percent(median(each), 1)} in the middle"
    )


def months(found: Sequence[Month]) -> list[Row]:
    """List the months, the latest first."""
    return [
        {"month": f"{m.year}-{m.month:02d}", "total_return": m.total_return, "lowest": m.lowest, "days": m.days}
        for m in reversed(found)
    ]


def worst_month(found: Sequence[Month], lowest: bool) -> str:
    """Say which month was worst, as the title of the calendar."""
    worst = min(found, key=lambda m: m.lowest if lowest else m.total_return)
    said = f"{date(worst.year, worst.month, 1):%b %Y}"
    if lowest:
        return f"Deepest under water in {said}: {percent(worst.lowest, 1)}"
    falling = sum(m.total_return < 0 for m in found)
    share = f"{number(falling)} of {texts.count(len(found), 'month')} fell"
    return f"{share}; the worst was {said} with {percent(worst.total_return, 1)}"


def event(path: EventPath) -> list[Row]:
    """List the share of the event's fall that was made up after each number of sessions."""
    base = path.position.index(0)
    rows = []
    for after, share in path.recovered.items():
        known = base + after < len(path.wealth)
        rows.append(
            {
                "after": after,
                "date": path.dates[base + after].item() if known else None,
                "move": float(path.wealth[base + after]) - 1.0 if known else None,
                "recovered": share,
            }
        )
    return rows


def through(path: EventPath) -> str:
    """Say what the event did and what was made up of it, as the title of its chart."""
    moved = f"{day(path.day)}: {percent(path.fall, signed=True)} in a session"
    if path.fall >= 0:
        return f"{moved}, no fall"
    told = {k: share for k, share in path.recovered.items() if share is not None}
    if not told:
        return f"{moved}, and no price after it"
    last = max(told)
    after = texts.count(last, "session")
    if told[last] < 0:
        return f"{moved}; {after} later it stood lower still, by {percent(-told[last], 0)} of that"
    return f"{moved}; {percent(told[last], 0)} of it made up after {after}"


def rank(found: Rank, what: str) -> str:
    """Say where a loss stands among past falls."""
    deeper = found.rank - 1
    none = f"None of the {number(found.of)} {what} was as deep"
    before = f"{number(deeper)} of {number(found.of)} {what} {'was' if deeper == 1 else 'were'} as deep or deeper"
    return f"{before if deeper else none}: rank {number(found.rank)}."


def shocked(found: Rank, title: str) -> str:
    """Say how deep a shock would put the book in its own history, as the title of the chart."""
    return f"{title}: {percent(found.loss)} would rank {number(found.rank)} among {number(found.of)} past falls"


def depths(result: DrawdownResult, most: int) -> list[float]:
    """List the depths of the deepest falls of a history, deepest first."""
    return sorted(fall.depth for fall in spells(result.wealth))[:most]


def flows(result: DrawdownResult) -> list[Row]:
    """List the money that came in or went out, by snapshot."""
    return [{"date": f.date, "value": f.value, "what": f.what} for f in result.flows]


def trades(result: DrawdownResult) -> list[Row]:
    """List the changes line by line, the largest first within each date."""
    ordered = sorted(result.trades, key=lambda t: (t.date, -abs(t.value)))
    return [{"date": t.date, "name": t.name, "value": t.value} for t in ordered]


def in_words(steps: Sequence[Step]) -> str:
    """Tell bars that add up in words."""
    return "Parts of the deepest fall: " + ", ".join(f"{s.label} {s.figure}" for s in steps) + "."


def proxies(chosen: Mapping[str, str], result: DrawdownResult) -> str:
    """Say which series stand in by choice, and for how much of the book."""
    weights = {line.line_id: abs(line.weight) for line in result.book.lines}
    whole = fsum(weights.values())
    share = fsum(weights.get(line, 0.0) for line in chosen) / whole if whole else 0.0
    pairs = ", ".join(f"{line} by {symbol}" for line, symbol in list(chosen.items())[:6])
    more = f" and {len(chosen) - 6} more" if len(chosen) > 6 else ""
    return (
        f"By your choice another series stands in for {texts.count(len(chosen), 'line')}, {percent(share, 1)} of gross "
        f"exposure: {pairs}{more}. See “Without prices”, where each can be taken out."
    )
