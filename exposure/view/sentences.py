"""Texts of the pages: names from files made harmless, and the sentences that stand over charts.

Levers as a person reads them: their names, and a value in its unit.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from math import fsum

from exposure.chain import Exposure, Exposures, looked_through, on_chain, segment_name, top_segment
from exposure.format import day, number, percent, short_money
from exposure.scenarios import lever_texts
from exposure.types import Book, Snapshot

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$:^=])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]+")


def one_line(text: str, limit: int = 400) -> str:
    """Bring a stranger's text to one line without control characters, cut where it is very long."""
    line = _CONTROL.sub(" ", text).strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"


def plain(text: str, limit: int = 400) -> str:
    """Make text show as it is written where Streamlit reads Markdown."""
    safe = one_line(text, limit).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKDOWN.sub(r"\\\1", safe)


def in_chart(text: str, limit: int = 60) -> str:
    """Make text show as it is written where Plotly reads its few HTML tags."""
    return html.escape(one_line(text, limit), quote=False)


AREAS = "Areas are absolute values; the text in them is the signed weight. Click a segment to open it."


EFFECTIVE = "Weight times the daily factor of a leveraged or inverse fund; an option with a delta as what it is on"


def effective_said(book: Book, measured: Exposures) -> str:
    """Say how the book stands on the chain once leveraged, inverse and optional lines count as they move."""
    chain = [e for e in measured.by_segment if on_chain(e.segment)]
    weight, moved = fsum(e.weight for e in chain), fsum(e.effective for e in chain)
    funds = sum(line.factor is not None for line in book.lines)
    options = sum(line.delta is not None for line in book.lines)
    what = [count(funds, "leveraged or inverse fund")] * bool(funds)
    what += [count(options, "option with a delta", "options with a delta")] * bool(options)
    return (
        f"{' and '.join(what)}: {percent(weight, 1)} of the book stands on the chain by value and {percent(moved, 1)} "
        "as it moves, which is the effective weight."
    )


def segment_figures(book: Book, measured: Exposures) -> list[tuple[str, str, str]]:
    """Give the line of figures over the segments: value, share on the chain, foundation models by tie."""
    on = [e.weight for e in measured.by_segment if on_chain(e.segment)]
    moved = [e.effective for e in measured.by_segment if on_chain(e.segment)]
    models = next(e for e in measured.by_segment if e.segment == "foundation_models")
    return [
        ("Net asset value", value(book.nav, book), "Positions and cash, shorts negative"),
        ("On the chain", percent(fsum(on), 1), "Foundation models, chips, equipment and software together"),
        *([("Effective", percent(fsum(moved), 1), f"On the chain. {EFFECTIVE}")] if book.geared else []),
        ("Foundation models", percent(models.weight, 1), "The three figures to the right add up to it"),
        ("of it direct", percent(models.direct, 1), "Companies that train and sell models themselves"),
        ("by stake", percent(models.stake, 1), "Companies that hold a stake in a laboratory"),
        ("by customer", percent(models.customer, 1), "Companies that live from such customers"),
        *_through(book),
    ]


def _through(book: Book) -> list[tuple[str, str, str]]:
    seen = looked_through(book)
    held = f"Funds seen by what they hold, of {percent(seen.funds, 1)} of gross exposure that is in funds"
    return [("Looked through", percent(seen.through, 1), held)] if seen.funds else []


def snapshot_figures(snapshot: Snapshot) -> list[tuple[str, str] | tuple[str, str, str]]:
    """Give the line of figures over a snapshot: its date, rows, total and the total that the file states."""
    currency = snapshot.currency
    unsupported = (
        f"{number(snapshot.unsupported)} of them options, futures, bonds or forwards, which no price move fits"
    )
    return [
        ("As of", day(snapshot.as_of)),
        ("Positions", number(snapshot.positions), unsupported),
        ("Cash rows", number(snapshot.cash)),
        ("Rejected rows", number(len(snapshot.rejected))),
        (
            "Total",
            short_money(snapshot.total_market_value, currency),
            "Positions and cash, where all are in one currency",
        ),
        ("Total stated", short_money(snapshot.stated_total, currency), "As the file itself states it"),
    ]


_ORDER = {"dmy": "day first", "mdy": "month first", "ymd": "year first"}


def read_from(snapshot: Snapshot) -> str:
    """Say how a file was read."""
    how = snapshot.dialect
    parts = [f"{snapshot.file}: {snapshot.title}" if snapshot.title else snapshot.file, snapshot.format.upper()]
    parts += [f"currency {snapshot.currency}" if snapshot.currency else "no single currency"]
    parts += [f"decimal mark “{how.get('decimal')}”"] * ("decimal" in how)
    parts += [f"dates {_ORDER.get(how.get('dates', ''), how.get('dates'))}"] * bool(how.get("dates"))
    parts += [f"encoding {how.get('encoding')}"] * ("encoding" in how)
    parts += [f"{number(snapshot.unsupported)} not priced by a move"] * bool(snapshot.unsupported)
    return "; ".join(parts) + "."


COVERAGE = {
    "table": "the table",
    "rule": "a rule",
    "user": "your override",
    "look_through": "look-through",
    "none": "nothing (unassigned)",
    "cash": "cash",
    "observed": "own observed price",
    "proxy": "another line of the issuer",
    "modelled": "modelled",
    "priced": "own prices",
}


def coverage(shares: Mapping[str, float], of: str) -> str:
    """Say what a figure rests on, as shares of `of`: every share that is not zero, the largest first."""
    ranked = sorted(shares.items(), key=lambda item: -item[1])
    said = [f"{COVERAGE.get(key, key)} {percent(share, 1)}" for key, share in ranked if share > 0]
    return f"Coverage, share of {of}: " + (", ".join(said) if said else "nothing is covered") + "."


def looked_through_share(book: Book) -> str:
    """Say how much of a book is looked through; nothing where it holds no fund."""
    seen = looked_through(book)
    if not seen.funds:
        return ""
    said = f"Funds: {percent(seen.funds, 1)} of gross exposure, {percent(seen.through, 1)} looked through"
    return said + (f", of which the files leave {percent(seen.undisclosed, 1)} open." if seen.undisclosed else ".")


def about(book: Book) -> str:
    """Say of what day, currency and capital the figures of a book are."""
    if book.basis == "weights":
        money = "a file of weights: net asset value 1, no currency" if not book.currency else "a file of weights"
    else:
        money = f"values in {book.currency or 'the file’s own unit (it names no currency)'}"
    basis = "gross exposure (net is under 5\u202f% of it)" if book.capital_basis == "gross" else "net asset value"
    return f"As of {day(book.as_of)}; {money}; weights are shares of {basis}."


def value(amount: float | None, book: Book) -> str:
    """Write a value of a book: money, or a weight where the file gave only weights."""
    return percent(amount) if book.basis == "weights" else short_money(amount, book.currency)


def finding(exposures: Exposures) -> str:
    """Say what the segment chart shows: the largest link of the chain, and how much stands along it."""
    chain = [e for e in exposures.by_segment if on_chain(e.segment)]
    largest = max(chain, key=lambda e: abs(e.weight))
    if not largest.weight:
        return "Nothing in this book stands on the AI value chain"
    rest = {e.segment: e.weight for e in exposures.by_segment}
    also = f"; {percent(rest['unassigned'], 1)} is unassigned" if abs(rest.get("unassigned", 0.0)) >= 0.0005 else ""
    share = percent(largest.weight, 1)
    moved = "" if abs(largest.effective - largest.weight) < 0.0005 else f", {percent(largest.effective, 1)} effective"
    return f"{segment_name(largest.segment)} is the largest link of the chain: {share} of the book{moved}{also}"


def alternative(rows: Sequence[Exposure]) -> str:
    """Tell the segment chart in words, for those who cannot see it."""
    said = [f"{segment_name(e.segment)} {percent(e.weight, 1)}" for e in rows if e.market_value]
    return "Share of the book by segment: " + (", ".join(said) or "none") + "."


def segment_label(segment: str) -> str:
    """Name a sub-segment with its segment before it: `Chips: Memory`."""
    return (
        segment_name(segment)
        if top_segment(segment) == segment
        else f"{segment_name(top_segment(segment))}: {segment_name(segment)}"
    )


def count(amount: int, one: str, many: str | None = None) -> str:
    """Write a number with its noun: `1 position`, `503 positions`."""
    return f"{number(amount)} {one if amount == 1 else many or one + 's'}"


SHARES = ("share", "move")
"""Units that are written as per cent."""


def lever_name(lever: str) -> str:
    """Name a lever as a person reads it."""
    return lever.replace("_", " ").capitalize()


def lever_value(lever: str, value: float | None) -> str:
    """Write a lever's value in its unit: a share as per cent, a gain as a factor, an elasticity as a number."""
    unit = lever_texts()[lever].unit
    if value is None or unit in SHARES:
        return percent(value, 1, signed=unit == "move")
    return f"{number(value, 1)} ×" if unit == "factor" else number(value, 2)
