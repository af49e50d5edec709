"""The path that holdings would have taken: sessions, returns, and each segment's and line's part in them.

Free of flows: nothing is bought, sold or paid in; the path is an index of a book's weights, or of its quantities.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from exposure.errors import MissingPrice, UnitError
from exposure.history.columns import Closes, anchors, between_first_and_last, lay, refuse_unrated
from exposure.history.quotes import Quote, Rates, gross_of, out_of
from exposure.history.statistics import wealth
from exposure.market import Days, Floats, Market
from exposure.types import Book

Hold = Literal["weights", "quantities"]

BEGIN = 0.8
"""Share of the weight with any price that has to be priced on the session on which the history starts."""
THIN_SESSION = 0.5
"""Share of the weight then listed below which a session is a holiday of most of the book: it is counted and said."""
REST = timedelta(21)
"""No exchange of the calendars rests longer than this: prices so old can still stand on a snapshot's date."""
NET_FLOOR = 0.05
"""Below this share of gross, net capital no longer carries weights, and gross does: as for the book itself."""


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
    lost: float
    """Share of weight × sessions in which a listed line is in no return, its market shut on one of the two dates."""
    thin: int
    """Sessions on which less than `THIN_SESSION` of the weight then listed trades: few lines stand for all of it."""
    ended: tuple[int, ...]
    """Lines (by position in the book) whose prices end before the last session."""
    full: bool
    """Whether the start has `BEGIN` of the weight with any price; if not, it is the session with the most."""


def trace(
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
) -> Path:
    """Follow today's weights (or quantities) back along the prices; see `exposure.history.drawdown` for the rules.

    With `since` the path starts on the last session up to that day, however much of the weight is priced there: a
    snapshot is held from its own date on.

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
    columns = lay(book, market, rates=rates, closes=closes, proxies=proxies, period=period if since else (None, None))
    within = columns.sessions.copy()
    if since is not None:
        upto = columns.dates[within & (columns.dates <= np.datetime64(since, "D"))]
        start = upto[-1].item() if len(upto) else since
    if start is not None:
        within &= columns.dates >= np.datetime64(start, "D")
    if end is not None:
        within &= columns.dates <= np.datetime64(end, "D")
    size = columns.gross.sum(axis=1)
    priced = columns.known & within
    sessions = np.flatnonzero(within & _any(priced, ~columns.cash))
    if len(sessions) < 2:
        refuse_unrated(columns.quotes, start, end)
        found = "only one" if len(sessions) else "no"
        what = f"{found} session between {start or 'the first'} and {end or 'the last'} price"
        raise MissingPrice(what, remedy="give a longer period, or more prices with --prices FILE")
    held = priced[:, _slice(sessions)]
    share = _total(size, held) / max(size[priced.any(axis=1)].sum(), np.finfo(float).tiny)
    full = share[:-1] >= (BEGIN - 1e-12 if since is None else 0.0)
    first = int(np.argmax(full)) if full.any() else int(np.argmax(share[:-1]))
    sessions, held = sessions[first:], held[:, first:]

    price = columns.price[:, _slice(sessions)]
    used = held[:, 1:] & held[:, :-1]
    # What is not known is NaN and stays NaN in the division, which is twice as quick as one that leaves it out.
    with np.errstate(invalid="ignore", over="ignore"):
        gain = price[:, 1:] / price[:, :-1]
        gain -= 1.0
    gaps = _partly(used)
    _empty(gain, used, gaps)
    if hold == "quantities":
        with np.errstate(invalid="ignore", over="ignore"):
            exposure = price[:, :-1] / anchors(columns, book.as_of)
        _empty(exposure, used, gaps)
        gain *= exposure
        net, gross = columns.net.T @ exposure, columns.gross.T @ exposure
    else:
        net, gross = _total(columns.net.T, used, gaps), _total(columns.gross.T, used, gaps)
    capital = _capital(net.sum(axis=0), gross.sum(axis=0))
    moved = columns.net.T @ gain
    parts = moved / capital
    gain /= capital
    with np.errstate(over="ignore"):
        path = wealth(parts.sum(axis=0))
        own = wealth(np.maximum(moved / _capital(net, gross), -1.0))
    if not (np.isfinite(path).all() and np.isfinite(own).all()):
        raise UnitError("prices grow beyond what a number can hold", remedy="check their units")
    listed = between_first_and_last(priced)[:, _slice(sessions)]
    lost, thin = _rests(size * ~columns.cash, listed, held, used)
    # A leveraged book can lose more than it has: the index ends on the session that takes it to nothing.
    alive_until = int(np.argmax(path <= 0)) + 1 if (path <= 0).any() else len(path)
    return Path(
        dates=columns.dates[sessions][:alive_until],
        wealth=path[:alive_until],
        segments=columns.segments,
        parts=parts[:, : alive_until - 1],
        segment_wealth=own[:, :alive_until],
        measured=np.asarray((gross > 0).any(axis=1), bool),
        quotes=tuple(
            q if _is_used(used, j) else out_of(q, *columns.dates[sessions[[0, -1]]])
            for q, j in zip(columns.quotes, columns.of_line, strict=True)
        ),
        pieces=(Piece(0, book, columns.of_line, gain[:, : alive_until - 1]),),
        covered=(_total(size, used, gaps) / max(gross_of(book), np.finfo(float).tiny))[: alive_until - 1],
        lost=lost,
        thin=thin,
        ended=tuple(i for i, j in enumerate(columns.of_line) if _is_used(used, j) and not listed[j, -1]),
        full=bool(full.any()),
    )


def _slice(sessions: NDArray[np.int64]) -> Any:
    """Give sessions as a slice where no date lies between them: a view then, and no copy of ten megabytes."""
    first, last = int(sessions[0]), int(sessions[-1])
    return slice(first, last + 1) if last - first + 1 == len(sessions) else sessions


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


def _capital(net: Floats, gross: Floats) -> Floats:
    """Give what the weights of the lines used are rescaled by: their net, or gross where net is under 5 % of it."""
    capital = np.where(net >= NET_FLOOR * gross, net, gross)
    return np.where(gross > 0, capital, 1.0)


def _rests(
    size: Floats, listed: NDArray[np.bool_], held: NDArray[np.bool_], used: NDArray[np.bool_]
) -> tuple[float, int]:
    """Give the share of weight × sessions that is listed and in no return, and how many sessions are thin."""
    if not (listed & ~held).any():
        return 0.0, 0
    alive, trading = (size @ mask.astype(float) for mask in (listed, held))
    whole = float(size @ (listed[:, 1:] & listed[:, :-1]).sum(axis=1))
    lost = 1.0 - float(size @ used.sum(axis=1)) / whole if whole else 0.0
    return (lost if lost > 1e-9 else 0.0), int((trading < THIN_SESSION * alive - 1e-12).sum())
