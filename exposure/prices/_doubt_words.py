"""Doubts about prices in words: what each one is, the share of a book that rests on it, and what can be done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from exposure.messages import words
from exposure.types import Doubt, Issue

MOST = 12
"""Doubts of an answer that stand by themselves; those of less weight beyond are named together."""
LONG = 60
"""Sessions without a price, a quarter of a year, after which a ticker may be another company's at any price."""


def message_of(doubt: Doubt) -> tuple[str, dict[str, Any]]:
    """Give the message that a doubt is said by: its code and its parameters."""
    change, rises = doubt.rests_on, doubt.rests_on > 1
    params: dict[str, Any] = {
        "ticker": doubt.ticker,
        "day": doubt.day.isoformat(),
        "before": doubt.before.isoformat(),
        "move": abs(change - 1.0),
    }
    like = doubt.size if doubt.sort == "unadjusted" else doubt.looks_like
    if like is not None:
        params |= _split(like)
    code = f"doubt.{doubt.sort}"
    if doubt.sort == "unadjusted":
        return (code if like is None or like >= 1 else f"{code}-reverse"), params
    if doubt.sort == "unit":
        return f"{code}-{'higher' if rises else 'lower'}", params | {"times": max(change, 1 / change)}
    if doubt.sort == "reused":
        kind = "" if like is None else "-or-split" if like >= 1 else "-or-reverse-split"
        return code + kind, params | {"n": doubt.missed, "times": change}
    if doubt.sort == "jump":
        return f"{code}-{'rise' if rises else 'fall'}{'' if like is None else '-like-split'}", params
    params["n"] = int(doubt.size)
    return (f"{code}-long" if doubt.sort == "hole" and doubt.size > LONG else code), params


def _split(ratio: float) -> dict[str, Any]:
    """Give new and old shares of a split: 10 and 1, 1 and 8, 3 and 2."""
    if ratio < 1:
        return {"new": 1, "old": 1 / ratio}
    return {"new": ratio, "old": 1} if ratio == int(ratio) else {"new": 2 * ratio, "old": 2}


def doubt_text(doubt: Doubt, dated: Callable[[date], str] = date.isoformat) -> str:
    """Say a doubt in words: ticker, date (as `dated` writes it), ratio."""
    code, params = message_of(doubt)
    return words(code, params | {"day": dated(doubt.day), "before": dated(doubt.before)})


def doubt_issues(doubts: Iterable[tuple[Doubt, float | None]]) -> list[Issue]:
    """Turn doubts, each with the share of gross exposure that rests on its series, into what a reader is told.

    A doubt is a warning; one that a person accepted is a notice with name and date.
    """
    ranked = sorted(doubts, key=lambda pair: (pair[0].accepted is not None, -(pair[1] or 0.0)))
    out = [_issue(doubt, weight) for doubt, weight in ranked[:MOST]]
    if rest := ranked[MOST:]:
        each = [f"{d.ticker} {d.day}" for d, _ in rest[: 3 * MOST]]
        shares = {d.ticker: weight for d, weight in rest if weight is not None}
        out.append(
            Issue.of(
                "warning" if any(d.accepted is None for d, _ in rest) else "notice",
                "doubt.others",
                weight=sum(shares.values()),
                n=len(rest),
                names=", ".join(each),
                more=len(rest) - len(each),
                way="doubt.others-in-store" if any(d.stored for d, _ in rest) else "doubt.others-in-file",
            )
        )
    return out


def _issue(doubt: Doubt, weight: float | None) -> Issue:
    code, params = message_of(doubt)
    if (word := doubt.accepted) is not None:
        by = "doubt.accepted" if word.author else "doubt.accepted-by-someone"
        params |= {"doubt_code": code, "author": word.author, "on": word.on.isoformat()}
        return Issue.of("notice", by, weight=weight, doubt=doubt, **params)
    params["way"] = "doubt.in-store" if doubt.stored else f"doubt.{doubt.sort}-in-file"
    return Issue.of("warning", code, weight=weight, doubt=doubt, **params)
