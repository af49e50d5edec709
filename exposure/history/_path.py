"""The path that holdings would have taken: sessions, returns, and each segment's and line's part in them.

Free of flows: nothing is bought, sold or paid in; the path is an index of a book's weights, or of its quantities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from exposure.errors import MissingPrice, UnitError
from exposure.history._align import Aligned, Closes, align, anchors, refuse_unrated
from exposure.history._quotes import Quote, Rates, gross_of, out_of
from exposure.history._statistics import wealth
from exposure.prices import Days, Floats, Market
from exposure.types import Book

Hold = Literal["weights", "quantities"]

BEGIN = 0.8
"""Share of the weight with any price that has to be priced on the session on which the history starts."""
REST = timedelta(21)
"""No exchange of the calendars rests longer than this: prices so old can still stand on a snapshot's date."""
NET_FLOOR = 0.05
"""Below this share of gross, net capital no longer carries weights, and gross does: as for the book itself."""
Capital = Literal["nav", "gross"]


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A stretch of a path over which one book is held: L lines, J columns, n returns."""

    begin: int
    """Place of its first return among the path's."""
    book: Book
    of_line: NDArray[np.int64]
    """L: the column of each line, −1 where it has none."""
    gain: Floats
    """(J, n): what a weight of 1 in each column adds to each session's return; 0 where it is not used."""


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """An index of holdings over past sessions; T sessions, the base among them, S segments, L lines."""

    dates: Days
    wealth: Floats
    """T levels, the first one 1.0."""
    segments: tuple[str, ...]
    parts: Floats
    """(S, T − 1): each segment's part in each session's return; they sum to it."""
    segment_wealth: Floats
    """(S, T): each segment by itself, its own weights rescaled; it stands still where none of its lines is priced."""
    measured: NDArray[np.bool_]
    """S: whether any line of the segment is in any return."""
    quotes: tuple[Quote, ...]
    """One for each line of the book; state `none` where the line is in no session's return."""
    pieces: tuple[Piece, ...]
    covered: Floats
    """T − 1: the share of the book's gross weight that each return uses."""
    capital: Capital
    """What each return is a share of, on every session: net asset value or gross exposure."""
    ended: tuple[int, ...]
    """Lines (by position in the book) whose prices end before the last session of their exchange."""
    absent: Mapping[int, tuple[date, date | None]]
    """Line → first session on which its last close is stale and it is in no return, and the session on which it is back
    (None where it is not)."""
    shut: Mapping[int, Days]
    """Line → the dates of its prices that are left out, its exchange being shut."""
    full: bool
    """Whether the start has `BEGIN` of the weight with any price; if not, it is the session with the most."""


def value_path(
    book: Book,
    market: Market,
    *,
    start: date | None = None,
    end: date | None = None,
    hold: Hold = "weights",
    rates: Rates | None = None,
    closes: Closes = "local",
    proxies: Mapping[str, str] | None = None,
    since: date | None = None,
    capital: Capital | None = None,
    also: Sequence[date] = (),
) -> Path:
    """Follow today's weights (or quantities) back along the prices; see `exposure.history.drawdown` for the rules.

    With `since` the path starts on the last session up to that day, however much of the weight is priced there: a
    snapshot is held from its own date on. `capital` settles what returns are shares of; see `_capital_of` for None.
    `also` are sessions whatever trades on them.

    Raises
    ------
    MissingPrice
        No line has a price, or the period holds fewer than two sessions.
    MissingRate
        There are prices, and no rate brings them to the book's currency.
    UnitError
        The prices compound beyond what a number can hold.
    """
    period = (None if since is None else min(since, book.as_of or since) - REST, end)
    aligned = align(
        book,
        market,
        rates=rates,
        closes=closes,
        proxies=proxies,
        period=period if since else (None, None),
        also=also,
    )
    sessions, full = _period(aligned, start, end, since)
    priced, price = aligned.known[:, sessions], aligned.price[:, sessions]
    used = priced[:, 1:] & priced[:, :-1]
    # What is not known is NaN and stays NaN in the division, which is twice as quick as one that leaves it out.
    with np.errstate(invalid="ignore", over="ignore"):
        gain = price[:, 1:] / price[:, :-1]
        gain -= 1.0
    gaps = _partly(used)
    _empty(gain, used, gaps)
    if hold == "quantities":
        with np.errstate(invalid="ignore", over="ignore"):
            exposure = price[:, :-1] / anchors(aligned, book.as_of)
        _empty(exposure, used, gaps)
        gain *= exposure
        net, gross = aligned.net.T @ exposure, aligned.gross.T @ exposure
    else:
        net, gross = _total(aligned.net.T, used, gaps), _total(aligned.gross.T, used, gaps)
    moved = aligned.net.T @ gain
    basis = capital or _capital_of(book, hold, net.sum(axis=0), gross.sum(axis=0), moved.sum(axis=0))
    whole = net.sum(axis=0) if basis == "nav" else gross.sum(axis=0)
    whole[gross.sum(axis=0) <= 0] = 1.0
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        parts = moved / whole
        gain /= whole
        path = wealth(parts.sum(axis=0))
        own = wealth(np.maximum(moved / _of_segments(net, gross), -1.0))
    # A leveraged book can lose more than it has: the index ends on the session that takes it to nothing.
    alive_until = int(np.argmax(path <= 0)) + 1 if (path <= 0).any() else len(path)
    path, own = path[:alive_until], own[:, :alive_until]
    if not (np.isfinite(path).all() and np.isfinite(own).all()):
        raise UnitError("history.beyond-numbers")
    dates = aligned.dates[sessions]
    of_line = list(enumerate(aligned.of_line.tolist()))
    lines_used = [(i, j) for i, j in of_line if _is_used(used, j)]
    return Path(
        dates=dates[:alive_until],
        wealth=path,
        segments=aligned.segments,
        parts=parts[:, : alive_until - 1],
        segment_wealth=own,
        measured=np.asarray((gross > 0).any(axis=1), bool),
        quotes=tuple(
            q if _is_used(used, j) else out_of(q, dates[0], dates[-1])
            for q, j in zip(aligned.quotes, aligned.of_line, strict=True)
        ),
        pieces=(Piece(0, book, aligned.of_line, gain[:, : alive_until - 1]),),
        covered=np.minimum(_total(size_of(aligned), used, gaps) / max(gross_of(book), np.finfo(float).tiny), 1.0)[
            : alive_until - 1
        ],
        capital=basis,
        ended=tuple(i for i, j in lines_used if aligned.ends[j] and aligned.last[j] < dates[-1]),
        absent=_absences(lines_used, dates, aligned.stale[:, sessions], priced),
        shut={i: days for i, j in lines_used if len(days := _within(aligned.shut.get(j), dates))},
        full=full,
    )


def _within(days: Days | None, dates: Days) -> Days:
    """Keep the days from the first session of a path to its last."""
    return dates[:0] if days is None else days[(days >= dates[0]) & (days <= dates[-1])]


def size_of(aligned: Aligned) -> Floats:
    """Give the gross weight of each column."""
    size: Floats = aligned.gross.sum(axis=1)
    return size


def _period(
    aligned: Aligned, start: date | None, end: date | None, since: date | None
) -> tuple[slice | NDArray[np.int64], bool]:
    """Choose the sessions of the path, and tell whether its start has `BEGIN` of the weight with any price."""
    dates = aligned.dates
    if since is not None:
        upto = dates[dates <= np.datetime64(since, "D")]
        start = upto[-1].item() if len(upto) else since
    asked = np.ones(len(dates), bool)
    if start is not None:
        asked &= dates >= np.datetime64(start, "D")
    if end is not None:
        asked &= dates <= np.datetime64(end, "D")
    sessions = np.flatnonzero(asked & _any(aligned.known, ~aligned.cash))
    if len(sessions) < 2:
        if asked.sum() > 1:
            refuse_unrated(aligned.quotes, start, end)
        code = "history.one-session" if len(sessions) else "history.no-session"
        raise MissingPrice(code, start=str(start or dates[0]), end=str(end or dates[-1]))
    size, priced = size_of(aligned), aligned.known[:, _run(sessions)]
    share = _total(size, priced) / max(size[priced.any(axis=1)].sum(), np.finfo(float).tiny)
    enough = share[:-1] >= (BEGIN - 1e-12 if since is None else 0.0)
    first = int(np.argmax(enough)) if enough.any() else int(np.argmax(share[:-1]))
    return _run(sessions[first:]), bool(enough.any())


def _run(sessions: NDArray[np.int64]) -> slice | NDArray[np.int64]:
    """Give sessions as a slice where none between them is left out: a view then, and no copy of ten megabytes."""
    first, last = int(sessions[0]), int(sessions[-1])
    return slice(first, last + 1) if last - first + 1 == len(sessions) else sessions


def _capital_of(book: Book, hold: Hold, net: Floats, gross: Floats, moved: Floats) -> Capital:
    """Settle once for the path what its returns are shares of, as for the book on its date: net asset value or gross.

    A path of weights whose net is under `NET_FLOOR` of gross on any session, lines without a price being out, and a
    path of quantities that begins so, or on which they are ever worth nothing or less, are measured on gross.
    """
    if book.capital_basis == "gross":
        return "gross"
    if hold == "weights":
        return "nav" if bool(np.all(net[gross > 0] >= NET_FLOOR * gross[gross > 0])) else "gross"
    if not np.all(net[gross > 0] > 0):
        return "gross"
    with np.errstate(over="ignore"):
        level = wealth(moved / np.where(gross > 0, net, 1.0))
    return "nav" if net[0] >= NET_FLOOR * gross[0] and bool(np.all(level > 0)) else "gross"


def _of_segments(net: Floats, gross: Floats) -> Floats:
    """Give what a segment's own returns are shares of: its net, or its gross where the net ever is under 5 % of it."""
    sound = np.asarray(((net >= NET_FLOOR * gross) | (gross <= 0)).all(axis=1), bool)
    return np.where(gross > 0, np.where(sound[:, None], net, gross), 1.0)


def _absences(
    lines: Sequence[tuple[int, int]], dates: Days, stale: NDArray[np.bool_], priced: NDArray[np.bool_]
) -> dict[int, tuple[date, date | None]]:
    """Give the sessions between which lines are out, their last close being stale."""
    found = {}
    for i, j in lines:
        out = np.flatnonzero(stale[j] & ~priced[j])
        if len(out):
            back = np.flatnonzero(priced[j, out[0] :])
            found[i] = dates[out[0]].item(), dates[out[0] + back[0]].item() if len(back) else None
    return found


def _empty(values: Floats, used: NDArray[np.bool_], gaps: NDArray[np.bool_]) -> None:
    """Set to 0, in place, what is not used; only the rows that have gaps are looked at."""
    for j in np.flatnonzero(gaps).tolist():
        values[j, ~used[j]] = 0.0


def _total(weights: Floats, used: NDArray[np.bool_], gaps: NDArray[np.bool_] | None = None) -> Floats:
    """Sum weights (…, J) over the columns used on each date (J, T): those without a gap once, the others by date."""
    partly = _partly(used) if gaps is None else gaps
    found: Floats = weights.compress(partly, axis=-1) @ used[partly].astype(float)
    found += weights.compress(~partly, axis=-1).sum(axis=-1, keepdims=weights.ndim > 1)
    return found


def _partly(used: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which columns have a gap."""
    return np.asarray(~used.all(axis=1), bool)


def _any(priced: NDArray[np.bool_], rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell on which dates any of the rows has a price; one row without a gap settles it."""
    mine = priced[rows]
    return np.ones(priced.shape[1], bool) if not _partly(mine).all() else np.asarray(mine.any(axis=0), bool)


def _is_used(used: NDArray[np.bool_], column: int) -> bool:
    return column >= 0 and bool(used[column].any())
