"""Doubts about prices in words: what each one is, the share of a book that rests on it, and what can be done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from exposure.format import number, percent
from exposure.types import Doubt, Issue

MOST = 12
"""Doubts of an answer that stand by themselves; those of less weight beyond are named together."""
LONG = 60
"""Sessions without a price, a quarter of a year, after which a ticker may be another company's at any price."""
IN_STORE = (
    "fetch the series anew or set the price, or say that it is right: prices accept {ticker} --date {day} --author NAME"
)
IN_FILE = {
    "unadjusted": "state the split in a column stock_splits of the price file, or give adjusted closes",
    "unit": "give the series in one unit, or its unit in a column currency",
    "reused": "give the prices of one company alone",
    "jump": "check the price in the file against another source",
    "hole": "give the missing prices",
    "stale": "give later prices",
}


def in_words(doubt: Doubt, dated: Callable[[date], str] = date.isoformat) -> str:
    """Say a doubt in words: ticker, date (as `dated` writes it), ratio."""
    x, change, day, before = doubt.ticker, doubt.rests_on, dated(doubt.day), dated(doubt.before)
    if doubt.sort == "unadjusted":
        return f"{x}: the {_way(change)} on {day} looks like a {split_said(doubt.size)} that nobody adjusted for"
    if doubt.sort == "unit":
        times = f"{number(max(change, 1 / change), 0)} times {'higher' if change > 1 else 'lower'}"
        return f"{x}: from {day} on the price is {times}, as where its unit changes (pence for pounds)"
    if doubt.sort == "reused":
        what = f"{x}: after {sessions_said(doubt.missed)} without a price, that of {day} is {number(change, 2)} times "
        like = "" if doubt.looks_like is None else f", or a {split_said(doubt.looks_like)} was not adjusted for"
        return f"{what}that of {before}; the ticker seems to have passed to another company{like}"
    if doubt.sort == "jump":
        like = "" if doubt.looks_like is None else f"; a {split_said(doubt.looks_like)} looks the same"
        return f"{x}: the {_way(change)} on {day} is more than a session usually moves{like}"
    if doubt.sort == "hole":
        whose = "; see whether the ticker has passed to another company" if doubt.size > LONG else ""
        return f"{x}: no price on {sessions_said(int(doubt.size))} in a row, between {before} and {day}{whose}"
    return f"{x}: the prices end on {day}, {sessions_said(int(doubt.size))} before {before}"


def _way(change: float) -> str:
    size = abs(change - 1.0)
    return f"{'rise' if change > 1 else 'fall'} of {percent(size, 2 if 0.985 < size < 1 else 0)}"


def split_said(ratio: float) -> str:
    """Say a split: `10-for-1 split`, `1-for-8 reverse split`, `3-for-2 split`."""
    if ratio < 1:
        return f"1-for-{number(1 / ratio)} reverse split"
    return f"{number(ratio)}-for-1 split" if ratio == int(ratio) else f"{number(2 * ratio)}-for-2 split"


def sessions_said(count: int) -> str:
    """Count sessions in words."""
    return f"{number(count)} session{'s' * (count != 1)}"


def issues_of(doubts: Iterable[tuple[Doubt, float | None]]) -> list[Issue]:
    """Turn doubts, each with the share of gross exposure that rests on its series, into what a reader is told.

    A doubt is a warning; one that a person accepted is a notice with name and date.
    """
    ranked = sorted(doubts, key=lambda pair: (pair[0].accepted is not None, -(pair[1] or 0.0)))
    out = [_issue(doubt, weight) for doubt, weight in ranked[:MOST]]
    if rest := ranked[MOST:]:
        each = [f"{d.ticker} on {d.day}" for d, _ in rest[: 3 * MOST]]
        more = f" and {len(rest) - len(each)} more" if len(rest) > len(each) else ""
        loud = any(d.accepted is None for d, _ in rest)
        shares = {d.ticker: weight for d, weight in rest if weight is not None}
        what = f"{len(rest)} more doubts about prices: {', '.join(each)}{more}"
        stored = any(d.stored for d, _ in rest)
        remedy = "the Data page and `prices status` say what each is" if stored else "check them in the file of prices"
        out.append(Issue.text("warning" if loud else "notice", what, weight=sum(shares.values()), remedy=remedy))
    return out


def _issue(doubt: Doubt, weight: float | None) -> Issue:
    what = in_words(doubt)
    if doubt.accepted is not None:
        by = f"{what}; said to be right by {doubt.accepted.author or 'a user'} on {doubt.accepted.on}"
        return Issue.text("notice", by, weight=weight, doubt=doubt)
    remedy = IN_STORE.format(ticker=doubt.ticker, day=doubt.day) if doubt.stored else IN_FILE[doubt.sort]
    return Issue.text("warning", what, weight=weight, remedy=remedy, doubt=doubt)
