"""Rows of prices put together as a market: bad ones refused by row, doubled ones counted once, units never mixed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exposure.market import Days, Floats, Market, PriceSeries
from exposure.types import Issue, Rejected

UNIT_FAULT = 20.0
"""A move beyond ×20 or under ÷20 from one price to the next is a fault of unit, not a move."""


SPLIT = 1.5
"""The smallest split (3 to 2) that is told from a jump of `close` alone."""
NEAR = 0.005
"""How near to a ratio of whole numbers that jump has to be: dividends of the day make the difference."""


class _Codes(defaultdict[Any, int]):
    """Number each distinct text by first appearance; empty text and None are −1."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self._seen: dict[str, int] = {}

    def __missing__(self, text: Any) -> int:
        name = "" if text is None else str(text).strip()
        code = self._seen.setdefault(name, len(self.names)) if name else -1
        if code == len(self.names):
            self.names.append(name)
        self[text] = code
        return code


class _Ordinals(dict[Any, int]):
    """Days since 1970 of each distinct date; what is no session date is the smallest integer, NumPy's not-a-time."""

    NONE = np.iinfo(np.int64).min

    def __missing__(self, text: Any) -> int:
        self[text] = day = self.NONE
        body = text.isoformat() if isinstance(text, date) else str(text).strip()
        # A moment other than midnight has no session date without knowing its exchange: refused, never cut off.
        stem, clock = body[:10], body[10:].lstrip(" T")
        if len(stem) == 10 and stem[4] == stem[7] == "-" and (not clock or clock.startswith("00:00")):
            try:
                self[text] = day = date.fromisoformat(stem).toordinal() - 719_163
            except ValueError:
                return day
        return day


def numbers(cells: Sequence[Any]) -> tuple[Floats, set[int]]:
    """Turn cells to floats: NaN where empty or None, and the indices of those that are no number."""
    if cells.count("") + cells.count(None) == len(cells):
        return np.full(len(cells), np.nan), set()
    try:
        return np.fromiter(map(float, cells), float, len(cells)), set()
    except (ValueError, TypeError):
        values, bad = np.full(len(cells), np.nan), set()
    for i, cell in enumerate(cells):
        try:
            if cell is not None and cell != "":
                values[i] = float(cell)
        except ValueError:
            if cell.strip():
                bad.add(i)
    return values, bad


@dataclass
class Assembly:
    """Gathers rows column by column, refuses the bad ones by row, and puts the rest together as a `Market`."""

    source: str
    raw: Callable[[int], str] = lambda row: ""
    issues: list[Issue] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._tickers, self._currencies, self._bases, self._ordinals = _Codes(), _Codes(), _Codes(), _Ordinals()
        self._chunks: list[tuple[NDArray[Any], ...]] = []
        self._bad_volumes: list[int] = []
        self._bad_splits: list[int] = []

    def add(
        self,
        rows: Sequence[int],
        ticker: Sequence[Any],
        day: Sequence[Any],
        close: Sequence[Any],
        adj_close: Sequence[Any] | None = None,
        volume: Sequence[Any] | None = None,
        currency: Sequence[Any] | None = None,
        basis: Sequence[Any] | None = None,
        splits: Sequence[Any] | None = None,
    ) -> None:
        """Take columns of equal length; `rows` are the line numbers, 1-based."""
        n, absent = len(rows), np.full(len(rows), -1)
        tickers = np.fromiter(map(self._tickers.__getitem__, ticker), np.int64, n)
        days = np.fromiter(map(self._ordinals.__getitem__, day), np.int64, n)
        closes, bad = numbers(close)
        adjusted, bad_adjusted = numbers(adj_close) if adj_close is not None else (np.full(n, np.nan), set())
        volumes, bad_volume = numbers(volume) if volume is not None else (np.full(n, np.nan), set())
        ratios, bad_ratio = numbers(splits) if splits is not None else (np.full(n, np.nan), set())
        units = absent if currency is None else np.fromiter(map(self._currencies.__getitem__, currency), np.int64, n)
        bases = absent if basis is None else np.fromiter(map(self._bases.__getitem__, basis), np.int64, n)
        wrong = (
            (tickers < 0)
            | (days == _Ordinals.NONE)
            | ~(closes > 0)
            | np.isinf(closes)
            | (adjusted <= 0)
            | np.isinf(adjusted)
        )
        wrong[list(bad_adjusted)] = True
        for i in np.flatnonzero(wrong).tolist():
            if tickers[i] < 0:
                reason = "no ticker"
            elif days[i] == _Ordinals.NONE:
                reason = f"date {str(day[i])!r} is not a session date written YYYY-MM-DD"
            elif i in bad or not closes[i] > 0 or np.isinf(closes[i]):
                reason = _fault("close", self._tickers.names[tickers[i]], close[i])
            else:
                reason = _fault("adj_close", self._tickers.names[tickers[i]], adj_close[i] if adj_close else "")
            self.rejected.append(Rejected(rows[i], reason, self.raw(rows[i])))
        # A price does not become worse by a volume that cannot be read: the row stays, its volume is unknown.
        wrong_volume = (volumes < 0) | np.isinf(volumes)
        wrong_volume[list(bad_volume)] = True
        self._bad_volumes += [rows[i] for i in np.flatnonzero(wrong_volume & ~wrong).tolist()]
        volumes[wrong_volume] = np.nan
        bad_ratio |= set(np.flatnonzero((ratios < 0) | np.isinf(ratios)).tolist())
        self._bad_splits += [rows[i] for i in sorted(bad_ratio) if not wrong[i]]
        ratios[list(bad_ratio)] = np.nan
        lines = np.fromiter(rows, np.int64, n)
        columns = (tickers, days, closes, adjusted, volumes, units, bases, lines, ratios)
        self._chunks.append(tuple(c[~wrong] for c in columns))

    def market(self) -> Market:
        """Sort what was gathered by ticker and date, the last of repeated rows winning, and check each series."""
        if not self._chunks:
            return Market(MappingProxyType({}), tuple(self.issues), tuple(self.rejected), self.source)
        columns = [np.concatenate(parts) for parts in zip(*self._chunks, strict=True)]
        order = np.lexsort((columns[1], columns[0]))
        columns = [c[order] for c in columns]
        repeated = np.zeros(len(order), bool)
        repeated[:-1] = (columns[0][1:] == columns[0][:-1]) & (columns[1][1:] == columns[1][:-1])
        if repeated.any():
            self._say_repeated(columns, np.flatnonzero(repeated))
            columns = [c[~repeated] for c in columns]
        if self._bad_volumes:
            what = f"volume is not a number of shares on {len(self._bad_volumes)} rows; it is left unknown there"
            self.issues.append(Issue("notice", what, row=min(self._bad_volumes)))
        if self._bad_splits:
            what = f"a split is no ratio of shares on {len(self._bad_splits)} rows; it is left unknown there"
            self.issues.append(Issue("warning", what, row=min(self._bad_splits)))
        edges = np.flatnonzero(np.diff(columns[0], prepend=-1, append=-1)) if len(columns[0]) else np.zeros(1, int)
        found = [self._series([c[a:b] for c in columns]) for a, b in pairwise(edges)]
        series = {s.ticker: s for s in sorted(found, key=lambda s: s.ticker)}
        rejected = tuple(sorted(self.rejected, key=lambda r: r.row))
        return Market(MappingProxyType(series), tuple(self.issues), rejected, self.source)

    def _say_repeated(self, columns: Sequence[NDArray[Any]], at: NDArray[np.int64]) -> None:
        ticker = self._tickers.names[columns[0][at[0]]]
        day = columns[1][at[0]].astype("datetime64[D]")
        what = f"{len(at)} rows give a ticker and date again ({ticker} on {day} first); the later row counts"
        self.issues.append(Issue("notice", what, row=int(columns[7][at[0] + 1])))

    def _series(self, columns: list[NDArray[Any]]) -> PriceSeries:
        ticker = self._tickers.names[columns[0][0]]
        columns = self._one_currency(ticker, columns)
        columns = self._one_unit(ticker, columns)
        _, days, close, adjusted, volume, units, bases, _, ratios = columns
        gaps = int(np.isnan(adjusted).sum())
        if 0 < gaps < len(days):
            what = f"{ticker}: adj_close is empty on {gaps} of {len(days)} dates; no return is taken there"
            self.issues.append(Issue("notice", what, remedy="fill adj_close, or leave the column out"))
        stated = {int(c) for c in np.unique(bases)} - {-1}
        arrays = [days.astype("datetime64[D]"), close, adjusted, volume]
        for array in arrays:
            array.setflags(write=False)
        return PriceSeries(
            ticker=ticker,
            dates=arrays[0],
            close=arrays[1],
            adj_close=None if gaps == len(days) else arrays[2],
            volume=None if np.isnan(volume).all() else arrays[3],
            currency=self._currencies.names[units.max()] if units.max() >= 0 else None,
            basis=self._bases.names[stated.pop()] if len(stated) == 1 else None,
            source=self.source,
            splits=_splits(arrays[0], close, adjusted, ratios),
        )

    def _one_currency(self, ticker: str, columns: list[NDArray[Any]]) -> list[NDArray[Any]]:
        """Keep the currency that most rows of a series state (the later one on a tie): two units make no return."""
        units = columns[5]
        codes, counts = np.unique(units[units >= 0], return_counts=True)
        if len(codes) < 2:
            return columns
        last = [int(np.flatnonzero(units == c)[-1]) for c in codes]
        kept = max(range(len(codes)), key=lambda k: (counts[k], last[k]))
        away = (units >= 0) & (units != codes[kept])
        names = ", ".join(self._currencies.names[c] for c in codes if c != codes[kept])
        main = self._currencies.names[codes[kept]]
        what = f"{ticker}: {away.sum()} prices in {names} among prices in {main} are held back"
        self.issues.append(
            Issue("warning", what, row=int(columns[7][away][0]), remedy="give one currency for each ticker")
        )
        return [c[~away] for c in columns]

    def _one_unit(self, ticker: str, columns: list[NDArray[Any]]) -> list[NDArray[Any]]:
        """Hold back the prices that a move beyond `UNIT_FAULT` separates from the level most prices are at.

        The series falls into runs without such a move; a run joins the first level whose latest price it is within the
        bound of. The level with most prices stays (the later one on a tie), so no move beyond the bound is left.
        """
        adjusted = columns[3]
        # Where some dates lack an adjusted price, their raw one may lie at another level: it is not compared.
        at = np.flatnonzero(~np.isnan(adjusted)) if not np.isnan(adjusted).all() else np.arange(len(adjusted))
        price = (columns[2] if np.isnan(adjusted).all() else adjusted)[at]
        ratio = price[1:] / price[:-1]
        jumps = (np.flatnonzero((ratio > UNIT_FAULT) | (ratio < 1 / UNIT_FAULT)) + 1).tolist()
        if not jumps:
            return columns
        level_of, latest = np.zeros(len(price), np.int64), list[float]()
        for a, b in pairwise([0, *jumps, len(price)]):
            near = (k for k, last in enumerate(latest) if 1 / UNIT_FAULT <= price[a] / last <= UNIT_FAULT)
            level = next(near, len(latest))
            latest[level : level + 1] = [float(price[b - 1])]
            level_of[a:b] = level
        sizes = np.bincount(level_of)
        kept = max(range(len(sizes)), key=lambda k: (sizes[k], np.flatnonzero(level_of == k)[-1]))
        away = at[level_of != kept]
        days = columns[1].astype("datetime64[D]")
        what = (
            f"{ticker}: a move of ×{ratio[jumps[0] - 1]:.4g} on {days[at[jumps[0]]]} is a fault of unit; "
            f"{len(away)} of {len(days)} prices are held back, the first on {days[away[0]]}"
        )
        remedy = "give the series in one unit (pence or pounds), or adjusted for its split"
        self.issues.append(Issue("warning", what, row=int(columns[7][away[0]]), remedy=remedy))
        return [np.delete(c, away) for c in columns]


def _splits(days: Days, close: Floats, adjusted: Floats, ratios: Floats) -> tuple[tuple[date, float], ...]:
    """Give the splits that a series states, and those that `close` shows by a jump that `adj_close` has not.

    Such a jump is a split where it is a ratio of small whole numbers within half a hundredth of it and at least 3 to 2:
    below that a special dividend looks the same.
    """
    found = {i: float(ratios[i]) for i in np.flatnonzero(ratios > 0).tolist() if ratios[i] != 1.0}
    with np.errstate(invalid="ignore"):
        jump = (close[:-1] / close[1:]) / (adjusted[:-1] / adjusted[1:])
        large = np.flatnonzero((jump > SPLIT * (1 - NEAR)) | (jump < (1 + NEAR) / SPLIT))
    for i in large.tolist():
        simple = Fraction(float(jump[i])).limit_denominator(4) if jump[i] > 1 else None
        ratio = float(simple) if simple else 1.0 / float(Fraction(1.0 / float(jump[i])).limit_denominator(4))
        if abs(ratio / jump[i] - 1.0) < NEAR:
            found.setdefault(i + 1, ratio)
    return tuple((days[i].item(), found[i]) for i in sorted(found))


def _fault(column: str, ticker: str, cell: Any) -> str:
    if cell is None or not str(cell).strip():
        return f"{ticker}: {column} is empty"
    return f"{ticker}: {column} {str(cell).strip()!r} is not a positive finite number with a decimal point"
