"""What is known and what looks wrong of stored prices, as sentences and rows: pure, without Streamlit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum
from typing import TYPE_CHECKING, Any

from exposure.format import day, number, percent
from exposure.history import gross_of, quote_of
from exposure.prices import OLDEST_DAYS, QUIET_DAYS, doubt_text
from exposure.types import Acceptance, Book, Issue

if TYPE_CHECKING:
    from exposure.prices import Market, SeriesCheck


KINDS = {
    "missing": "No price at all",
    "failed": "The last fetch brought nothing",
    "stale": "Last price more than a week old",
    "unadjusted": "Looks unadjusted for a split",
    "unit": "Seems to change its unit",
    "reused": "Seems to have passed to another company",
    "jump": "Move beyond +50\u202f% or −32\u202f%",
    "hole": "More than ten sessions in a row without a price",
    "gap": "Sessions without a price",
}
"""What can be found, in the order in which it matters."""

CLOSES = (
    "Which closes count: returns come from the close adjusted for splits and dividends where a series has one, else "
    "from the close itself; a value on a date takes the close as it was traded then, in its own unit and currency. A "
    "session without a price is never filled. Closes of one date are hours apart between Tokyo and New York: the "
    "Drawdown page offers each exchange’s own closes or one common cut for all."
)
"""What a reader of prices has to know of the choices."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that looks wrong in one series, and what mends it: `fetch`, `anew` or `rename`."""

    kind: str
    ticker: str
    what: str
    mend: str
    days: tuple[date, ...] = ()
    """The days concerned; where there are some a person can say that it is right."""
    symbol: str = ""
    """What the feed calls it now, where it was renamed."""


def findings(
    status: Any, checks: Iterable[SeriesCheck], words: Iterable[tuple[Acceptance, bool]] = ()
) -> list[Finding]:
    """List all that looks wrong and was not said to be right: what matters most first, then by ticker."""
    failed = dict(status.failed)
    found = [
        Finding("missing", t, "what this book is measured by, and no price of it is stored", "fetch")
        for t in status.missing
        if t not in failed
    ]
    found += [_failed(ticker, reason) for ticker, reason in failed.items()]
    ends = {one.ticker: one.end for one in status.series}
    right = {(one.ticker, one.day) for one, holds in words if holds and one.sort == "stale"}
    late = [t for t in status.stale if t not in failed and (t, ends[t]) not in right]
    found += [Finding("stale", t, f"last price of {day(ends[t])}", "fetch", (ends[t],)) for t in late]
    for each in checks:
        found += _checked(each)
    order = list(KINDS)
    return sorted(found, key=lambda one: (order.index(one.kind), one.ticker, one.days))


def _failed(ticker: str, reason: Issue) -> Finding:
    if reason.code == "feed.renamed":
        return Finding("failed", ticker, reason.what, "rename", symbol=str(dict(reason.params)["symbol"]))
    return Finding("failed", ticker, reason.what, "fetch")


def _checked(each: SeriesCheck) -> Iterator[Finding]:
    for doubt in each.doubts:
        what = doubt_text(doubt, day).removeprefix(f"{doubt.ticker}: ")
        yield Finding(doubt.sort, each.ticker, what, "anew", (doubt.day,))
    if each.gaps:
        count = f"{number(len(each.gaps))} session{'s' * (len(each.gaps) > 1)}"
        yield Finding(
            "gap", each.ticker, f"{count} without a price, the first on {day(each.gaps[0])}", "anew", each.gaps
        )


def as_rows(found: Sequence[Finding]) -> list[dict[str, Any]]:
    """Give findings as rows of a table."""
    return [{"kind": KINDS[f.kind], "ticker": f.ticker, "what": f.what} for f in found]


def words(said: Iterable[tuple[Acceptance, bool]]) -> list[dict[str, Any]]:
    """List what persons said is right, who and when."""
    return [
        {
            "ticker": one.ticker,
            "kind": KINDS.get(one.sort, one.sort),
            "day": one.day,
            "author": one.author or "not kept",
            "on": one.on,
            "note": one.note,
            "holds": "yes" if holds else "no: the price has changed since",
        }
        for one, holds in said
    ]


def unpriced(book: Book, market: Market) -> float:
    """Give the share of gross exposure, cash included, that no stored series prices, not even one of its issuer's."""
    lines = [line for line in book.lines if quote_of(line, market).state == "none"]
    gross = gross_of(book)
    return fsum(abs(line.weight) for line in lines) / gross if gross else 0.0


def figures(status: Any, without: float) -> list[tuple[str, str] | tuple[str, str, str]]:
    """Give the line of figures over the page."""
    return [
        ("Series", number(status.tickers), "Tickers of this portfolio with at least one stored price"),
        ("Prices", number(status.rows)),
        ("From", day(status.start)),
        ("To", day(status.end)),
        ("Last update", day(status.updated_at and status.updated_at.date()), "When the feed last answered"),
        ("Weight without history", percent(without, 1), "Share of gross exposure that no stored price follows"),
    ]


def series(status: Any) -> list[dict[str, Any]]:
    """List the series with their reach."""
    return [
        {
            "ticker": one.ticker,
            "rows": one.rows,
            "start": one.start,
            "end": one.end,
            "fetched": one.fetched_at and one.fetched_at.date(),
            "outcome": one.outcome and one.outcome.what,
        }
        for one in status.series
    ]


def rates(status: Any) -> list[dict[str, Any]]:
    """List the exchange rates with their last day: the bank's by currency, and the pairs among the prices."""
    said = {"prices": "Pair among the prices", "ECB": "European Central Bank"}
    shipped = "European Central Bank, comes with the app"
    return [{"rate": one.rate, "end": one.end, "source": said.get(one.source, shipped)} for one in status.each]


def rates_end(status: Any, today: date) -> str:
    """Say to which day the bank's rates reach, and where those that come with the app end."""
    age = (today - status.end).days
    old = f", {age} days ago: fetch, or load the bank’s file eurofxref-hist.zip" if age > QUIET_DAYS else ""
    return (
        f"The European Central Bank’s rates reach to {day(status.end)}{old}. Those that come with the app end on "
        f"{day(status.shipped_until)}. A rate up to {QUIET_DAYS} days old stands without a word, one up to "
        f"{OLDEST_DAYS} days old with a warning; beyond that a line is not valued."
    )


def events(log: Iterable[Any]) -> list[dict[str, Any]]:
    """List what was noticed while prices were stored."""
    return [
        {
            "day": e.noticed_at.date(),
            "what": e.issue.what,
            "remedy": e.issue.remedy,
            "source": e.source,
            "severity": e.issue.severity,
        }
        for e in log
    ]
