"""Drawdown of a portfolio as it really was: each snapshot held from its date to the next, its flows named apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from exposure.errors import InputError, MissingPrice, MissingRate
from exposure.history import _notices
from exposure.history._align import Closes
from exposure.history._changes import flows_between
from exposure.history._path import Path, value_path
from exposure.history._quotes import once, shares_of, with_means
from exposure.history._result import DrawdownResult, Flow, Trade
from exposure.history._today import result_of
from exposure.prices import Floats, Market, Rates
from exposure.types import Book, Issue

NEAR = np.timedelta64(14, "D")
"""Further apart, two snapshots' sessions do not meet for want of prices and not for a rest of their markets."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A snapshot, the path of its holdings while it was held, and the way to follow them anew on other terms."""

    book: Book
    path: Path
    follow: Callable[..., Path]


def history(
    books: Sequence[Book],
    market: Market,
    *,
    start: date | None = None,
    end: date | None = None,
    rates: Rates | None = None,
    closes: Closes = "local",
    proxies: Mapping[str, str] | None = None,
) -> DrawdownResult:
    """Measure how a portfolio fell as its stored snapshots say it was, time-weighted between them.

    Parameters
    ----------
    books : dated snapshots in one currency, in any order; each is held, by its quantities, from the close of its own
        date to that of the next one, the last one to the end
    market, rates, closes, proxies : as for `exposure.history.drawdown`
    start, end : first and last session to look at; nothing is measured before the first snapshot

    Returns
    -------
    DrawdownResult
        With `hold` "snapshots". `flows` holds one entry for each snapshot whose total changed by more than its prices:
        money that came in or went out. `trades` holds each line's change. Neither is part of a return, so the path is
        free of flows and new cash hides no loss.

    Raises
    ------
    InputError
        No book, one without a date, or books in several currencies.
    MissingPrice
        Not one snapshot has prices while it was held.

    Notes
    -----
    The time-weighted return of GIPS: returns between the dates on which the holdings are known, linked by product. What
    was traded between two snapshots is taken as done at the close of the later one, since nothing tells it earlier;
    returns come from `adj_close`, so that a dividend is a return on its day, and its cash a flow at the next snapshot.
    """
    snapshots, market = _in_order(books), with_means(market, (proxies or {}).values())
    issues = [Issue.of("notice", "history.trades-at-the-close")]
    pieces: list[_Piece] = []
    unrated: MissingRate | None = None
    for n, book in enumerate(snapshots):
        until = snapshots[n + 1].as_of if n + 1 < len(snapshots) else end
        until = min(until, end) if until and end else until
        begun = max(book.as_of or date.min, start or date.min)
        if until is not None and until <= begun:
            continue
        follow = partial(
            value_path,
            book,
            market,
            end=until,
            hold="quantities",
            rates=rates,
            closes=closes,
            proxies=proxies,
            since=begun,
        )
        try:
            pieces.append(_Piece(book, follow(), follow))
        except (MissingPrice, MissingRate) as missing:
            unrated = missing if isinstance(missing, MissingRate) else unrated
            why: dict[str, Any] = {"way": missing.code, **missing.params}
            issues.append(Issue.of("warning", "history.unmeasured", snapshot=str(book.as_of), why=missing.code, **why))
    if not pieces and unrated is not None:
        raise unrated
    if not pieces:
        raise MissingPrice("history.no-snapshot-priced")
    pieces = _on_one_basis(_meeting(pieces))
    joined, breaks = _join(pieces)
    measured = [(piece.book, piece.path) for piece in pieces]
    issues += [*breaks, *_notices.of_pieces(measured, joined), *_notices.of_paths(measured, market)]
    shares: dict[str, float] = {}
    for book, path in measured:
        for symbol, weight in shares_of(book, path.quotes).items():
            shares[symbol] = max(weight, shares.get(symbol, 0.0))
    issues += _notices.of_market(market, shares)
    flows, trades = list[Flow](), list[Trade]()
    for before, after in pairwise(snapshots):
        if after.as_of and joined.dates[0] < np.datetime64(after.as_of, "D") <= joined.dates[-1]:
            flow, changes, said = flows_between(before, after, market, rates)
            flows += flow
            trades += changes
            issues += said
    result = result_of(pieces[-1].book, joined, "snapshots", closes, once(issues, market))
    return replace(result, flows=tuple(flows), trades=tuple(trades))


def _in_order(books: Sequence[Book]) -> list[Book]:
    """Sort the books by date, the later one of two of a date counting."""
    if not books:
        raise InputError("history.no-snapshot")
    undated = next((book for book in books if book.as_of is None), None)
    if undated is not None:
        raise InputError("history.undated", title=undated.title or "–")
    currencies = {book.currency for book in books}
    if len(currencies) > 1:
        raise InputError("history.several-currencies", currencies=", ".join(sorted(str(c) for c in currencies)))
    by_date = {book.as_of: book for book in books if book.as_of}
    return [by_date[day] for day in sorted(by_date)]


def _meeting(pieces: Sequence[_Piece]) -> list[_Piece]:
    """Let each piece begin where the one before it ends, although their books rest on different days.

    Where they do not meet, the later of the two days is a session of both: the one before is followed to it and the
    next begins there, so that no move between them is lost and none counts by the wrong holdings.
    """
    shared: list[set[date]] = [set() for _ in pieces]
    for k, (before, after) in enumerate(pairwise(pieces)):
        last, first = before.path.dates[-1], after.path.dates[0]
        if last != first and abs(last - first) <= NEAR:
            shared[k].add(max(last, first).item())
            shared[k + 1].add(max(last, first).item())
    return [
        replace(piece, path=piece.follow(also=tuple(days)), follow=partial(piece.follow, also=tuple(days)))
        if days
        else piece
        for piece, days in zip(pieces, shared, strict=True)
    ]


def _on_one_basis(pieces: Sequence[_Piece]) -> list[_Piece]:
    """Settle for the whole history what returns are shares of: gross exposure as soon as one snapshot's have to be."""
    if len({piece.path.capital for piece in pieces}) == 1:
        return list(pieces)
    return [
        piece if piece.path.capital == "gross" else replace(piece, path=piece.follow(capital="gross"))
        for piece in pieces
    ]


def _join(pieces: Sequence[_Piece]) -> tuple[Path, list[Issue]]:
    """Link the pieces by product: each begins at the level at which the one before it ends."""
    segments = tuple(dict.fromkeys(s for piece in pieces for s in piece.path.segments))
    first, issues = pieces[0].path, list[Issue]()
    dates, level = [first.dates[:1]], [np.ones(1)]
    parts, covered, kept = list[Floats](), list[Floats](), []
    own = [np.ones((len(segments), 1))]
    measured, n = np.zeros(len(segments), bool), 0
    for k, path in enumerate(piece.path for piece in pieces):
        if k and path.dates[0] > dates[-1][-1]:
            issues.append(Issue.of("warning", "history.gap", start=str(dates[-1][-1]), end=str(path.dates[0])))
        # Where the next snapshot's prices begin earlier, its returns take over there: no session counts twice.
        until = len(path.dates) - 1
        if k + 1 < len(pieces):
            until = max(int(np.searchsorted(path.dates, pieces[k + 1].path.dates[0], side="right")) - 1, 0)
        at = [segments.index(s) for s in path.segments]
        dates.append(path.dates[1 : until + 1])
        level.append(level[-1][-1] * path.wealth[1 : until + 1])
        grown, aligned = np.repeat(own[-1][:, -1:], until, axis=1), np.zeros((len(segments), until))
        grown[at] *= path.segment_wealth[:, 1 : until + 1]
        aligned[at] = path.parts[:, :until]
        measured[at] |= path.measured
        own.append(grown)
        parts.append(aligned)
        covered.append(path.covered[:until])
        kept.append(replace(path.pieces[0], begin=n, gain=path.pieces[0].gain[:, :until]))
        n += until
        if level[-1].size and level[-1][-1] <= 0:
            break
        if not until:  # nothing of this piece is kept: the next one goes on from the level before it
            for each in (dates, level, own):
                each.pop()
    last = pieces[-1].path
    joined = Path(
        dates=np.concatenate(dates),
        wealth=np.concatenate(level),
        segments=segments,
        parts=np.concatenate(parts, axis=1),
        segment_wealth=np.concatenate(own, axis=1),
        measured=measured,
        quotes=last.quotes,
        pieces=tuple(kept),
        covered=np.concatenate(covered),
        capital=last.capital,
        ended=last.ended,
        absent=last.absent,
        shut=last.shut,
        full=True,
    )
    return joined, issues
