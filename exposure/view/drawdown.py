"""A history as sentences and rows of tables: pure, without Streamlit.

What is looked into below a history, as sentences and rows: pure, without Streamlit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import fsum
from statistics import median
from typing import Any

from exposure.chain import segment_name
from exposure.format import day, number, percent
from exposure.history import Closes, Comparison, DrawdownResult, EventPath, Figures, Hold, Month, Rank, spells
from exposure.prices import Floats
from exposure.types import Line
from exposure.view import sentences
from exposure.view.looks import TOTAL, Step

Row = dict[str, Any]
HALF = 0.5
"""Covered weight below which the headline says that the figures describe the smaller part of the book."""
HOLD: dict[Hold, str] = {"weights": "Constant weights", "quantities": "Constant quantities"}
HOLD_SAID = {
    "weights": "Constant weights: each session starts from today’s weights, as if traded back to them every day.",
    "quantities": "Constant quantities: today’s numbers of shares, so what has risen since weighed less then.",
}
CLOSES: dict[Closes, str] = {"local": "Local closes", "common": "One common cut"}
CLOSES_SAID = {
    "local": "Local closes: each exchange’s own last close. A session is a date on which lines of at least half of the "
    "weight trade; a market at rest shows its whole move on the session on which it is open again.",
    "common": "One common cut: every line is valued at the close of the exchange with most weight. A market at rest "
    "keeps its last close, and shows its whole move when it opens again.",
}
ACTUAL = (
    "Each stored snapshot held by its quantities from its date to the next, the returns linked (time-weighted). What "
    "came in, went out or was traded is named apart and is no return."
)
HINDSIGHT = (
    "Today’s holdings held through the past: nobody held them then. The names were chosen knowing what became of them, "
    "so the past of the book looks better, and its falls shallower, than what was really held."
)


def headline(result: DrawdownResult) -> list[tuple[str, str] | tuple[str, str, str]]:
    """Give the line of figures: how deep, when, how long down and back, what carried it, and where it stands now."""
    worst = result.episodes[0] if result.episodes else None
    back = "–" if worst is None else "not yet"
    if worst and worst.days_to_recover is not None:
        back = sentences.count(worst.days_to_recover, "session")
    return [
        ("Deepest fall", percent(result.max_drawdown)),
        ("Peak", day(result.peak)),
        ("Trough", day(result.trough)),
        ("Down", sentences.count(worst.days_down, "session") if worst else "–", "From peak to trough"),
        ("Back", back, f"From the trough to {day(result.recovered)}" if result.recovered else "From the trough"),
        ("Carried by", carrier(result), "The segment with the largest part of the deepest fall"),
        ("Now", percent(result.current_drawdown), f"On {day(result.end)}, the last session"),
        ("No history", percent(result.coverage["none"], 1), "Weight without prices: share of gross exposure"),
    ]


def carrier(result: DrawdownResult) -> str:
    """Name the segment that carried most of the deepest fall, with its share of it."""
    if not result.episodes:
        return "–"
    worst = segments(result)[0]
    return f"{worst['segment']} {percent(worst['contribution'] / result.max_drawdown, 0)}"


def period(result: DrawdownResult) -> str:
    """Say over which sessions a history runs and how much of the book its returns use."""
    start, end = (percent(result.covered_weight[k], 0) for k in ("start", "end"))
    shares = start if start == end else f"{start} at the start, {end} at the end"
    return (
        f"{day(result.start)} to {day(result.end)}, {sentences.count(result.days, 'session')}; "
        f"the returns use {shares} of the book."
    )


def coverage(result: DrawdownResult) -> str:
    """Say what the history rests on, every share, those of zero too."""
    none = "no price or no exchange rate" if result.missing_rates else "no price"
    words = {"priced": "own prices", "proxy": "another series that stands in", "none": none, "cash": "cash"}
    said = [f"{words[k]} {percent(v, 1)}" for k, v in result.coverage.items()]
    return "Coverage, share of gross exposure: " + ", ".join(said) + "."


def thin(result: DrawdownResult) -> str | None:
    """Say that less than half of the book is covered, where it is so."""
    covered = min(result.covered_weight.values())
    if covered >= HALF:
        return None
    return f"Only {percent(covered, 0)} of the book has prices: the figures describe that part alone."


def unrated(result: DrawdownResult) -> str | None:
    """Say which part of the book no exchange rate values on some of the days; None where every one has a rate.

    What has no rate on the book's own day either has no weight, and is told where the book is chosen.
    """
    each = [
        f"{percent(u.weight, 1)} of the book ({u.currency} to {u.base}, {day(u.start)} to {day(u.end)})"
        for u in result.missing_rates
        if u.weight is not None
    ]
    return f"Not valued for want of an exchange rate: {'; '.join(each)}." if each else None


def finding(result: DrawdownResult) -> str:
    """Say what the chart shows: the deepest fall and how long it took to come back."""
    who = subject(result)
    if not result.episodes:
        return f"{who} never fell between {day(result.start)} and {day(result.end)}"
    worst = result.episodes[0]
    back = (
        f"back after {sentences.count(worst.days_to_recover or 0, 'session')}"
        if worst.recovered
        else "not back at its peak yet"
    )
    fell = f"fell {percent(abs(worst.depth), 1)} in {sentences.count(worst.days_down, 'session')}"
    return f"{who} {fell} to {day(worst.trough)}, {back}"


def subject(result: DrawdownResult) -> str:
    """Name what a history is of, as a sentence begins."""
    return "The portfolio as it was" if result.hold == "snapshots" else "Today’s holdings"


def alternative(result: DrawdownResult) -> str:
    """Tell the chart in words, for those who cannot see it."""
    falls = [f"{percent(e.depth, 1)} from {day(e.peak)} to {day(e.trough)}" for e in result.episodes[:3]]
    return (
        f"{subject(result)}: distance from the last peak and value, {day(result.start)} to {day(result.end)}. "
        f"Deepest: {'; '.join(falls) or 'no fall'}. Now {percent(result.current_drawdown)}."
    )


def episodes(result: DrawdownResult) -> list[Row]:
    """List the deepest episodes, ranked as in the chart; one that has not recovered has no end."""
    return [
        {
            "rank": rank,
            "depth": e.depth,
            "peak": e.peak,
            "trough": e.trough,
            "recovered": e.recovered,
            "days_down": e.days_down,
            "days_to_recover": e.days_to_recover,
            "state": "recovered" if e.recovered else "open",
        }
        for rank, e in enumerate(result.episodes, start=1)
    ]


def segments(result: DrawdownResult) -> list[Row]:
    """List each segment's own deepest fall, and its part in the book's from peak to trough."""
    rows = [
        {
            "id": s.segment,
            "segment": segment_name(s.segment),
            "max_drawdown": s.max_drawdown,
            "contribution": s.contribution,
        }
        for s in result.by_segment
    ]
    return sorted(rows, key=lambda r: r["contribution"])


def steps(result: DrawdownResult) -> list[Step]:
    """Give the bars that add up to the deepest fall, the largest part first."""
    bars = [
        Step(
            r["id"],
            r["segment"],
            r["contribution"],
            percent(r["contribution"], signed=True),
            f"{r['segment']}: {percent(r['contribution'], signed=True)}, {day(result.peak)} to {day(result.trough)}",
        )
        for r in segments(result)
    ]
    whole = percent(result.max_drawdown)
    return [*bars, Step(TOTAL, "Deepest fall", result.max_drawdown, whole, f"Deepest fall: {whole}")]


def carried(result: DrawdownResult) -> str:
    """Say which segment carried the deepest fall, as the title of its chart."""
    if not result.episodes:
        return "No fall to split by segment"
    worst = segments(result)[0]
    share, name = worst["contribution"] / result.max_drawdown, worst["segment"]
    plural = name.endswith("s")
    if share > 1:
        return f"{name} fell by more than the whole book: {percent(worst['contribution'], 1)}"
    return f"{name} {'carry' if plural else 'carries'} {percent(share, 0)} of the deepest fall"


def missing(result: DrawdownResult) -> list[Row]:
    """List the lines without a price in the period, with their weight; the largest first."""
    without = set(result.missing_prices)
    rows = [
        {
            "name": line.holding.name or line.line_id,
            "ticker": line.holding.ticker,
            "listing": line.listing,
            "kind": line.holding.kind,
            "weight": line.weight,
        }
        for line in result.book.lines
        if line.holding.kind != "cash" and _called(line) in without
    ]
    return sorted(rows, key=lambda r: -abs(r["weight"]))


def _called(line: Line) -> str:
    own = line.holding
    return own.ticker or line.listing or own.isin or own.name or line.line_id


def status(found: Any, made_up: bool) -> str:
    """Say what the price store holds of a portfolio."""
    if not found.tickers:
        return "Prices: none stored for this portfolio."
    kind = "Made-up prices (nobody’s history)" if made_up else "Prices"
    span = f"{sentences.count(found.tickers, 'ticker')}, {sentences.count(found.rows, 'row')}"
    lacking = f"{len(found.missing)} missing, {len(found.stale)} more than a week old"
    return f"{kind}: {span}, {day(found.start)} to {day(found.end)}; {lacking}."


drawdown_words_Row = dict[str, Any]
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


def statistics(found: Comparison, names: Sequence[str]) -> list[drawdown_words_Row]:
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


def holdings(result: DrawdownResult) -> list[drawdown_words_Row]:
    """List every line's part in the deepest fall, the largest loss first."""
    return [
        {"name": h.name, "segment": segment_name(h.segment), "id": h.segment, "contribution": h.contribution}
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


def months(found: Sequence[Month]) -> list[drawdown_words_Row]:
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
    share = f"{number(falling)} of {sentences.count(len(found), 'month')} fell"
    return f"{share}; the worst was {said} with {percent(worst.total_return, 1)}"


def event(path: EventPath) -> list[drawdown_words_Row]:
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


def event_finding(path: EventPath) -> str:
    """Say what the event did and what was made up of it, as the title of its chart."""
    moved = f"{day(path.day)}: {percent(path.fall, signed=True)} in a session"
    if path.fall >= 0:
        return f"{moved}, no fall"
    told = {k: share for k, share in path.recovered.items() if share is not None}
    if not told:
        return f"{moved}, and no price after it"
    last = max(told)
    after = sentences.count(last, "session")
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


def flows(result: DrawdownResult) -> list[drawdown_words_Row]:
    """List the money that came in or went out, by snapshot."""
    return [{"date": f.date, "value": f.value, "what": f.what} for f in result.flows]


def trades(result: DrawdownResult) -> list[drawdown_words_Row]:
    """List the changes line by line, the largest first within each date."""
    ordered = sorted(result.trades, key=lambda t: (t.date, -abs(t.value)))
    return [{"date": t.date, "name": t.name, "value": t.value} for t in ordered]


def alt_text(steps: Sequence[Step]) -> str:
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
        f"By your choice another series stands in for {sentences.count(len(chosen), 'line')}, {percent(share, 1)} of "
        f"gross exposure: {pairs}{more}. See “Without prices”, where each can be taken out."
    )
