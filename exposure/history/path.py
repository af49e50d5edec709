"""The path that today's holdings would have taken: sessions, returns, and each segment's part in them.

Free of flows: nothing is bought, sold or paid in; the path is an index of today's weights, or of today's quantities.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from exposure.errors import MissingPrice, UnitError
from exposure.history.drawdown import wealth
from exposure.history.quotes import Quote, Rates, gross_of, quote, rate_path, top_parts
from exposure.market import Days, Floats, Market
from exposure.types import Book

Hold = Literal["weights", "quantities"]

BEGIN = 0.8
"""Share of the weight with any price that has to be priced on the session on which the history starts."""
HOLIDAY = 0.5
"""Share of the weight then listed below which a date is a holiday of the book and no session: the few lines that do
trade would stand for all of it, and the rest would lose its move across the day. For a book with a third outside New
York, 2020 to mid-2025, every date as a session gives a fall of 53.9 %, half of the weight 49.8 %, and carrying the last
known prices onto New York's dates 49.1 %."""
NET_FLOOR = 0.05
"""Below this share of gross, net capital no longer carries weights, and gross does: as for the book itself."""


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """An index of today's holdings over past sessions; T sessions, the base among them, S segments, L lines."""

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
    covered: Floats
    """T − 1: the share of the book's gross weight that each return uses."""
    lost: float
    """Share of weight × sessions in which a listed line is in no return, its market shut on one of the two dates."""
    ended: tuple[int, ...]
    """Lines (by position in the book) whose prices end before the last session."""
    local: tuple[int, ...]
    """Lines whose returns are in the currency of the price, no rate being known."""
    full: bool
    """Whether the start has `BEGIN` of the weight with any price; if not, it is the session with the most."""


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """Lines put together by the series and currency that price them: J columns over every date of the market used."""

    of_line: NDArray[np.int64]
    dates: Days
    price: Floats
    """(J, dates): in the book's currency, NaN where there is none; cash is 1 in its own currency."""
    cash: NDArray[np.bool_]
    net: Floats
    """(J, S): weight by segment, signed."""
    gross: Floats
    """(J, S): the same, each line by its size."""
    segments: tuple[str, ...]
    local: NDArray[np.bool_]


def trace(
    book: Book,
    market: Market,
    *,
    start: date | None = None,
    end: date | None = None,
    hold: Hold = "weights",
    rates: Rates | None = None,
) -> Path:
    """Follow today's weights (or quantities) back along the prices; see `exposure.history.drawdown` for the rules.

    Raises
    ------
    MissingPrice
        No line has a price, or the period holds fewer than two sessions.
    UnitError
        The prices compound beyond what a number can hold.
    """
    quotes = [quote(line, market) for line in book.lines]
    columns = _columns(book, quotes, market, rates)
    within = np.ones(len(columns.dates), bool)
    if start is not None:
        within &= columns.dates >= np.datetime64(start, "D")
    if end is not None:
        within &= columns.dates <= np.datetime64(end, "D")
    size = columns.gross.sum(axis=1)
    priced = np.isfinite(columns.price) & within
    listed = _between_first_and_last(priced)
    traded, alive = ((size * ~columns.cash) @ m.astype(float) for m in (priced, listed))
    sessions = np.flatnonzero(within & priced[~columns.cash].any(axis=0) & (traded >= HOLIDAY * alive - 1e-12))
    if len(sessions) < 2:
        found = "only one" if len(sessions) else "no"
        what = f"{found} session between {start or 'the first'} and {end or 'the last'} price"
        raise MissingPrice(what, remedy="give a longer period, or more prices with --prices FILE")
    share = size @ priced[:, sessions] / max(size[priced.any(axis=1)].sum(), np.finfo(float).tiny)
    full = share[:-1] >= BEGIN - 1e-12
    first = int(np.argmax(full)) if full.any() else int(np.argmax(share[:-1]))
    sessions = sessions[first:]

    price, held = columns.price[:, sessions], priced[:, sessions]
    used = held[:, 1:] & held[:, :-1]
    inside = used.astype(float)
    gain = np.divide(price[:, 1:], price[:, :-1], out=np.zeros(used.shape), where=used)
    gain -= inside
    exposure = inside
    if hold == "quantities":
        exposure = np.divide(price[:, :-1], _anchors(columns, book.as_of), out=np.zeros(used.shape), where=used)
        gain *= exposure
    net, gross = columns.net.T @ exposure, columns.gross.T @ exposure
    parts = columns.net.T @ gain / _capital(net.sum(axis=0), gross.sum(axis=0))
    with np.errstate(over="ignore"):
        path = wealth(parts.sum(axis=0))
        own = wealth(np.maximum(columns.net.T @ gain / _capital(net, gross), -1.0))
    if not (np.isfinite(path).all() and np.isfinite(own).all()):
        raise UnitError("prices grow beyond what a number can hold", remedy="check their units")
    # A leveraged book can lose more than it has: the index ends on the session that takes it to nothing.
    alive_until = int(np.argmax(path <= 0)) + 1 if (path <= 0).any() else len(path)
    return Path(
        dates=columns.dates[sessions][:alive_until],
        wealth=path[:alive_until],
        segments=columns.segments,
        parts=parts[:, : alive_until - 1],
        segment_wealth=own[:, :alive_until],
        measured=(gross > 0).any(axis=1),
        quotes=tuple(
            q if q.state == "cash" or _is_used(used, j) else Quote("none")
            for q, j in zip(quotes, columns.of_line, strict=True)
        ),
        covered=(size @ inside / max(gross_of(book), np.finfo(float).tiny))[: alive_until - 1],
        lost=_lost(size * ~columns.cash, listed[:, sessions], inside),
        ended=tuple(i for i, j in enumerate(columns.of_line) if _is_used(used, j) and not listed[j, sessions[-1]]),
        local=tuple(i for i, j in enumerate(columns.of_line) if _is_used(used, j) and columns.local[j]),
        full=bool(full.any()),
    )


def _is_used(used: NDArray[np.bool_], column: int) -> bool:
    return column >= 0 and bool(used[column].any())


def _columns(book: Book, quotes: Sequence[Quote], market: Market, rates: Rates | None) -> _Columns:
    """Put the lines of one series together and lay all series on the dates on which any of them has a price."""
    keys = {(q.series.ticker if q.series else "", q.currency): q for q in quotes if q.state != "none"}
    number = {key: j for j, key in enumerate(keys)}
    if not any(q.series for q in keys.values()):
        raise MissingPrice("no line of the book has a price", remedy="give a file of prices with --prices FILE")
    of_line = np.array(
        [number[q.series.ticker if q.series else "", q.currency] if q.state != "none" else -1 for q in quotes]
    )
    dates, position = _union([q.series.dates for q in keys.values() if q.series])
    price = np.full((len(keys), len(dates)), np.nan)
    local, rate = np.zeros(len(keys), bool), dict[str, Floats | None]()
    for j, q in enumerate(keys.values()):
        if q.series is None:
            price[j] = 1.0
        else:
            price[j, position[(q.series.dates - dates[0]).astype(int)]] = q.series.returns_price
        if book.currency and q.currency and q.currency != book.currency:
            if q.currency not in rate:
                rate[q.currency] = rate_path(q.currency, book.currency, dates, market, rates)
            known = rate[q.currency]
            local[j] = known is None
            price[j] *= 1.0 if known is None else known
    tops = [top_parts(line) for line in book.lines]
    segments = tuple(dict.fromkeys(segment for top in tops for segment in top))
    net, gross = np.zeros((len(keys), len(segments))), np.zeros((len(keys), len(segments)))
    for line, top, j in zip(book.lines, tops, of_line, strict=True):
        for segment, part in top.items() if j >= 0 else ():
            net[j, segments.index(segment)] += line.weight * part
            gross[j, segments.index(segment)] += abs(line.weight) * part
    cash = np.array([q.series is None for q in keys.values()])
    return _Columns(of_line, dates, price, cash, net, gross, segments, local)


def _union(each: Sequence[Days]) -> tuple[Days, NDArray[np.int64]]:
    """Give every date that occurs, ascending, and the place there of each calendar day since the first one."""
    first, last = min(d[0] for d in each), max(d[-1] for d in each)
    occurs = np.zeros((last - first).astype(int) + 1, bool)
    for dates in each:
        occurs[(dates - first).astype(int)] = True
    return first + np.flatnonzero(occurs).astype("timedelta64[D]"), np.cumsum(occurs) - 1


def _between_first_and_last(priced: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark, for each row, the dates from its first price to its last."""
    begun = np.logical_or.accumulate(priced, axis=1)
    unended = np.logical_or.accumulate(priced[:, ::-1], axis=1)[:, ::-1]
    return begun & unended


def _anchors(columns: _Columns, as_of: date | None) -> Floats:
    """Give (J, 1) prices on the book's date: the last one up to it, or the first where all are later."""
    known = np.isfinite(columns.price)
    upto = columns.dates <= (columns.dates[-1] if as_of is None else np.datetime64(as_of, "D"))
    before = known & upto
    last = len(columns.dates) - 1 - before[:, ::-1].argmax(axis=1)
    at = np.where(before.any(axis=1), last, known.argmax(axis=1))
    anchors: Floats = columns.price[np.arange(len(at)), at][:, None]
    return anchors


def _capital(net: Floats, gross: Floats) -> Floats:
    """Give what the weights of the lines used are rescaled by: their net, or gross where net is under 5 % of it."""
    capital = np.where(net >= NET_FLOOR * gross, net, gross)
    return np.where(gross > 0, capital, 1.0)


def _lost(size: Floats, listed: NDArray[np.bool_], inside: Floats) -> float:
    whole = float(size @ (listed[:, 1:] & listed[:, :-1]).sum(axis=1))
    share = 1.0 - float(size @ inside.sum(axis=1)) / whole if whole else 0.0
    return share if share > 1e-9 else 0.0
