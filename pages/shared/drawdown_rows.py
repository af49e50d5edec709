"""A history as sentences and rows of tables: pure, without Streamlit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from exposure.chain.scheme import name_of
from exposure.format import day, percent
from exposure.history import DrawdownResult
from exposure.types import Issue, Line
from pages.shared import texts
from pages.shared.shock_figures import TOTAL, Step

Row = dict[str, Any]
HALF = 0.5
"""Covered weight below which the headline says that the figures describe the smaller part of the book."""
HOLD = {"weights": "Constant weights", "quantities": "Constant quantities"}
HOLD_SAID = {
    "weights": "Constant weights: each session starts from today’s weights, as if traded back to them every day.",
    "quantities": "Constant quantities: today’s numbers of shares, so what has risen since weighed less then.",
}
CLOSES = {"local": "Local closes", "common": "One common cut"}
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
        back = texts.count(worst.days_to_recover, "session")
    return [
        ("Deepest fall", percent(result.max_drawdown)),
        ("Peak", day(result.peak)),
        ("Trough", day(result.trough)),
        ("Down", texts.count(worst.days_down, "session") if worst else "–", "From peak to trough"),
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
        f"{day(result.start)} to {day(result.end)}, {texts.count(result.days, 'session')}; "
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
        f"back after {texts.count(worst.days_to_recover or 0, 'session')}"
        if worst.recovered
        else "not back at its peak yet"
    )
    fell = f"fell {percent(abs(worst.depth), 1)} in {texts.count(worst.days_down, 'session')}"
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
        {"id": s.segment, "segment": name_of(s.segment), "max_drawdown": s.max_drawdown, "contribution": s.contribution}
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


def for_page(issue: Issue) -> Issue:
    """Say a remedy in the words of the page where the core says it in those of the command line."""
    return replace(issue, remedy=remedy(issue.remedy))


def remedy(said: str) -> str:
    """Turn what the core advises into the words of the page."""
    said = said.replace(" with --prices FILE", " under Prices").replace(" with --from", "")
    said = said.replace("measure at one common cut", "choose one common cut, above")
    return said.replace("give one with --base-currency", "choose a currency above").replace(
        "give --base-currency", "choose a currency above"
    )


def status(found: Any, made_up: bool) -> str:
    """Say what the price store holds of a portfolio."""
    if not found.tickers:
        return "Prices: none stored for this portfolio."
    kind = "Made-up prices (nobody’s history)" if made_up else "Prices"
    span = f"{texts.count(found.tickers, 'ticker')}, {texts.count(found.rows, 'row')}"
    lacking = f"{len(found.missing)} missing, {len(found.stale)} more than a week old"
    return f"{kind}: {span}, {day(found.start)} to {day(found.end)}; {lacking}."
