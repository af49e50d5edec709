"""Rows of prices put together as a market: bad ones refused by row, doubled ones counted once, units never mixed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice, pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exposure.errors import legible
from exposure.messages import Param
from exposure.prices._bank import shipped_until
from exposure.prices._levels import Jump, faults, free_of_splits, labels, splits_of
from exposure.prices._market import ROWS_AT_ONCE, Market, PriceSeries, SeriesNotes
from exposure.prices._rows import (
    EPOCH,
    UNPRINTABLE,
    Codes,
    Mark,
    Ordinals,
    Rows,
    day_of,
    label,
    numbers,
    ratios,
    symbol,
)
from exposure.types import Issue, Rejected

COLUMNS = ("ticker", "day", "close", "adj_close", "volume", "currency", "basis", "splits")
"""The cells of a row, in this order: the last four may be None, a split is new shares for each old one."""
APART = 2 * 365
"""Days after all other rows of a file from which a few rows are a slip of the pen."""
FEW = 5
"""So few dates, and less than a quarter of the file's."""


@dataclass
class Assembly:
    """Gathers rows column by column, refuses the bad ones by row, and puts the rest together as a `Market`."""

    source: str
    raw: Callable[[int], str] = lambda row: ""
    mark: Mark = "."
    """The decimal mark of cells that are text."""
    latest: date | None = None
    """The last day that a row may be of, where the caller knows one."""
    whole: bool = False
    """Whether these are all rows of a file, so that a date can be judged by the others."""
    issues: list[Issue] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._tickers, self._currencies, self._bases = Codes(symbol), Codes(label), Codes(legible)
        self._ordinals = Ordinals()
        self._chunks: list[Rows] = []
        self._bad_volumes: list[int] = []
        self._bad_splits: list[int] = []
        self._splits: dict[str, dict[date, float]] = defaultdict(dict)
        self._notes: dict[str, tuple[list[Issue], list[Rejected], set[date]]] = defaultdict(lambda: ([], [], set()))
        self._moves: dict[str, list[tuple[date, Issue]]] = defaultdict(list)

    def add(
        self,
        rows: Sequence[int],
        *,
        ticker: Sequence[Any],
        day: Sequence[Any],
        close: Sequence[Any],
        adj_close: Sequence[Any] | None = None,
        volume: Sequence[Any] | None = None,
        currency: Sequence[Any] | None = None,
        basis: Sequence[Any] | None = None,
        splits: Sequence[Any] | None = None,
    ) -> None:
        """Take columns of equal length, as `COLUMNS` orders them; `rows` are the line numbers, 1-based."""
        n, absent = len(rows), np.full(len(rows), -1)
        tickers = np.fromiter(map(self._tickers.__getitem__, ticker), np.int64, n)
        days = np.fromiter(map(self._ordinals.__getitem__, day), np.int64, n)
        closes, bad = numbers(close, self.mark)
        adjusted, bad_adjusted = numbers(adj_close, self.mark) if adj_close is not None else (np.full(n, np.nan), set())
        volumes, bad_volume = numbers(volume, self.mark) if volume is not None else (np.full(n, np.nan), set())
        units = absent if currency is None else np.fromiter(map(self._currencies.__getitem__, currency), np.int64, n)
        bases = absent if basis is None else np.fromiter(map(self._bases.__getitem__, basis), np.int64, n)
        placed = (tickers >= 0) & (days != Ordinals.NONE)
        only_split = np.zeros(n, bool)
        if splits is not None:
            stated = self._take_splits(splits, rows, tickers, np.where(placed, days, Ordinals.NONE))
            # Nothing is wrong with a row that states a split beside an empty close.
            only_split = stated & np.isnan(closes)
            only_split[list(bad)] = False
        wrong = ~placed | ~(closes > 0) | np.isinf(closes) | (adjusted <= 0) | np.isinf(adjusted)
        wrong[list(bad_adjusted)] = True
        for i in np.flatnonzero(wrong & ~only_split).tolist():
            name = self._tickers.names[tickers[i]] if tickers[i] >= 0 else ""
            on = day_of(days[i]) if placed[i] else None
            if not name:
                code = "price.ticker-unprintable" if tickers[i] == UNPRINTABLE else "price.no-ticker-in-row"
                self._reject(rows[i], "", None, code)
            elif on is None:
                self._reject(rows[i], name, None, "price.date-unreadable", cell=str(day[i]))
            elif i in bad or not closes[i] > 0 or np.isinf(closes[i]):
                self._reject_figure(rows[i], name, on, "close", close[i])
            else:
                self._reject_figure(rows[i], name, on, "adj_close", adj_close[i] if adj_close else "")
        # A price does not become worse by a volume that cannot be read: the row stays, its volume is unknown.
        wrong_volume = (volumes < 0) | np.isinf(volumes)
        wrong_volume[list(bad_volume)] = True
        self._bad_volumes += [rows[i] for i in np.flatnonzero(wrong_volume & ~wrong).tolist()]
        volumes[wrong_volume] = np.nan
        lines = np.fromiter(rows, np.int64, n)
        self._chunks.append(Rows(tickers, days, closes, adjusted, volumes, units, bases, lines).take(~wrong))

    def _take_splits(
        self, cells: Sequence[Any], rows: Sequence[int], tickers: NDArray[np.int64], days: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Keep the splits of the rows that have a ticker and a day, and tell which rows state one."""
        values, wrong = ratios(cells, self.mark)
        placed = days != Ordinals.NONE
        self._bad_splits += [rows[i] for i in sorted(wrong) if placed[i]]
        stated: NDArray[np.bool_] = np.isfinite(values) & placed
        for i in np.flatnonzero(stated).tolist():
            self._splits[self._tickers.names[tickers[i]]][day_of(days[i])] = float(values[i])
        return stated

    def state_split(self, ticker: str, day: date, ratio: float) -> None:
        """Take a split that is stated apart from the rows: new shares for each old one."""
        self._splits[symbol(ticker) or ticker][day] = ratio

    def _reject_figure(self, row: int, ticker: str, day: date, field: str, cell: Any) -> None:
        text = "" if cell is None else str(cell).strip()
        if not text:
            self._reject(row, ticker, day, "price.empty", ticker=ticker, field=field)
        else:
            code = "price.not-positive" if self.mark == "." else "price.not-positive-with-comma"
            self._reject(row, ticker, day, code, ticker=ticker, field=field, cell=text)

    def _reject(self, row: int, of: str, day: date | None, code: str, /, **params: Param) -> None:
        """Refuse a row, of a ticker and a day where it has them."""
        one = Rejected.of(row, self.raw(row), code, **params)
        self.rejected.append(one)
        if of:
            self._notes[of][1].append(one)
            if day is not None:
                self._notes[of][2].add(day)

    def _say(self, ticker: str, issue: Issue) -> None:
        self.issues.append(issue)
        self._notes[ticker][0].append(issue)

    def market(self) -> Market:
        """Sort what was gathered by ticker and date, the last of repeated rows winning, and check each series."""
        series: dict[str, PriceSeries] = {}
        if self._chunks:
            rows = Rows(*(np.concatenate(parts) for parts in zip(*self._chunks, strict=True)))
            rows = rows.take(~self._too_late(rows))
            rows = rows.take(np.lexsort((rows.day, rows.ticker)))
            repeated = np.zeros(len(rows.day), bool)
            repeated[:-1] = (np.diff(rows.ticker) == 0) & (np.diff(rows.day) == 0)
            if repeated.any():
                self._say_repeated(rows, np.flatnonzero(repeated))
                rows = rows.take(~repeated)
            self._say_unread()
            edges = np.flatnonzero(np.diff(rows.ticker, prepend=-1, append=-1)) if len(rows.day) else np.zeros(1, int)
            found = [self._series(rows.take(slice(a, b))) for a, b in pairwise(edges)]
            series = {s.ticker: s for s in sorted(found, key=lambda s: s.ticker)}
        rejected = tuple(sorted(self.rejected, key=lambda r: r.row))
        notes = {
            ticker: SeriesNotes(
                tuple(issues),
                tuple(sorted(refused, key=lambda r: r.row)),
                tuple(sorted(days)),
                tuple(self._moves.get(ticker, ())),
            )
            for ticker, (issues, refused, days) in self._notes.items()
        }
        return Market(
            MappingProxyType(series), tuple(self.issues), rejected, self.source, notes=MappingProxyType(notes)
        )

    def _too_late(self, rows: Rows) -> NDArray[np.bool_]:
        """Refuse rows of a day that no price can be of yet: after the last possible, or years after all others."""
        if self.latest is not None:
            bound, why = self.latest.toordinal() - EPOCH, "price.too-late"
        else:
            days = np.unique(rows.day)
            holes = np.flatnonzero(np.diff(days) > APART)
            if not self.whole or not len(holes):
                return np.zeros(len(rows.day), bool)
            few = len(days) - 1 - int(holes[0])
            # Beside days before this version was made, one years after them and it is a slip, however few they are.
            to_come = int(days[holes[0] + 1]) > shipped_until().toordinal() - EPOCH >= int(days[holes[0]])
            if few > FEW or (few * 4 >= len(days) and not to_come):
                return np.zeros(len(rows.day), bool)
            bound, why = int(days[holes[0]]), "price.years-late"
        late: NDArray[np.bool_] = rows.day > bound
        for i in np.flatnonzero(late).tolist():
            params = {"day": day_of(rows.day[i]).isoformat()}
            if self.latest is not None:
                params["latest"] = self.latest.isoformat()
            self._reject(int(rows.line[i]), self._tickers.names[rows.ticker[i]], None, why, **params)
        return late

    def _say_unread(self) -> None:
        if self._bad_volumes:
            first, n = min(self._bad_volumes), len(self._bad_volumes)
            self.issues.append(Issue.of("notice", "price.volume-unreadable", row=first, n=n))
        if self._bad_splits:
            first, n = min(self._bad_splits), len(self._bad_splits)
            self.issues.append(Issue.of("warning", "price.split-unreadable", row=first, n=n))

    def _say_repeated(self, rows: Rows, at: NDArray[np.int64]) -> None:
        ticker, day = self._tickers.names[rows.ticker[at[0]]], day_of(rows.day[at[0]]).isoformat()
        row = int(rows.line[at[0] + 1])
        self.issues.append(Issue.of("notice", "price.repeated", row=row, n=len(at), ticker=ticker, day=day))

    def _series(self, rows: Rows) -> PriceSeries:
        ticker = self._tickers.names[rows.ticker[0]]
        rows, unit = self._one_unit(ticker, rows)
        days = rows.day.astype("datetime64[D]")
        splits = splits_of(days, rows.close, rows.adjusted, self._splits.get(ticker, {}))
        rows = self._without_faults(ticker, rows, splits)
        gaps = int(np.isnan(rows.adjusted).sum())
        if 0 < gaps < len(rows.day):
            self._say(ticker, Issue.of("notice", "price.adjusted-missing", ticker=ticker, n=gaps, of=len(rows.day)))
        stated = {int(c) for c in np.unique(rows.basis)} - {-1}
        arrays = [rows.day.astype("datetime64[D]"), rows.close, rows.adjusted, rows.volume]
        for array in arrays:
            array.setflags(write=False)
        return PriceSeries(
            ticker=ticker,
            dates=arrays[0],
            close=arrays[1],
            adj_close=None if gaps == len(rows.day) else arrays[2],
            volume=None if np.isnan(rows.volume).all() else arrays[3],
            currency=unit,
            basis=self._bases.names[stated.pop()] if len(stated) == 1 else None,
            source=self.source,
            splits=splits,
        )

    def _one_unit(self, ticker: str, rows: Rows) -> tuple[Rows, str | None]:
        """Bring the rows to one unit by their labels; those in another currency are held back."""
        found = labels(rows.unit, self._currencies.names)
        for unit, count, first in found.converted:
            issue = Issue.of(
                "notice",
                "price.unit-converted",
                row=int(rows.line[first]),
                ticker=ticker,
                n=count,
                unit=unit,
                into=str(found.unit),
                factor=float(found.by[first]),
                first=day_of(rows.day[first]).isoformat(),
            )
            self._say(ticker, issue)
        if found.away.any():
            names = ", ".join(self._currencies.names[c] for c in np.unique(rows.unit[found.away]) if c >= 0)
            self._hold_back(ticker, rows, found.away, "price.other-currency", unit=names, among=str(found.unit))
        if found.converted:
            rows = rows._replace(close=rows.close * found.by, adjusted=rows.adjusted * found.by)
        return (rows.take(~found.away) if found.away.any() else rows), found.unit

    def _without_faults(self, ticker: str, rows: Rows, splits: tuple[tuple[date, float], ...]) -> Rows:
        """Hold back the prices that stand at the level of another unit, and name the jumps that nothing explains.

        Adjusted closes are asked as well as closes: either may hold a wrong print that the other has not.
        """
        whole = None if np.isnan(rows.adjusted).all() else rows.adjusted
        close, adjusted = free_of_splits(rows.day.astype("datetime64[D]"), rows.close, whole, splits)
        at = np.flatnonzero(np.isfinite(adjusted)) if adjusted is not None else np.zeros(0, int)
        away, found = faults(close)
        if adjusted is not None:
            beside, jumps = faults(adjusted[at])
            away[at] |= beside
            followed = [Jump(int(at[one.at]), one.ratio, one.like) for one in jumps]
            # What the adjusted closes do not follow is a split or a dividend of its own, not a jump of the price.
            found = (*(one for one in found if one.like), *followed)
        stay = {one.at: one for one in found if not one.like}
        for one in stay.values():
            on = day_of(rows.day[one.at])
            issue = Issue.of(
                "warning",
                "price.unexplained-move",
                row=int(rows.line[one.at]),
                ticker=ticker,
                ratio=one.ratio,
                day=on.isoformat(),
            )
            self._say(ticker, issue)
            self._moves[ticker].append((on, issue))
        if not away.any():
            return rows
        first = next(one for one in found if one.like)
        code = "price.other-unit" if first.like == "unit" else "price.wrong-print"
        day = day_of(rows.day[first.at]).isoformat()
        self._hold_back(ticker, rows, away, code, of=len(away), ratio=first.ratio, day=day)
        return rows.take(~away)

    def _hold_back(self, ticker: str, rows: Rows, away: NDArray[np.bool_], code: str, /, **params: Any) -> None:
        first = int(np.flatnonzero(away)[0])
        params |= {"ticker": ticker, "n": int(away.sum()), "first": day_of(rows.day[first]).isoformat()}
        self._say(ticker, Issue.of("warning", code, row=int(rows.line[first]), **params))
        self._notes[ticker][2].update(map(day_of, rows.day[away].tolist()))


def from_rows(
    rows: Iterable[Sequence[Any]], *, source: str = "store", splits: Iterable[tuple[str, date, float]] = ()
) -> Market:
    """Build a market from stored rows, cells as in `COLUMNS`, in any order.

    The eighth cell may be left out; `splits` states more splits, by ticker and first session at the new count, with or
    without a price of that day. Dates are `date`s or ISO text, unknowns None; the rows pass the checks of a file's, and
    are numbered from 1.
    """
    assembly, remaining, first = Assembly(source), iter(rows), 1
    while chunk := list(islice(remaining, ROWS_AT_ONCE)):
        assembly.raw = lambda row, chunk=chunk, first=first: repr(tuple(chunk[row - first]))  # type: ignore[misc]
        columns = zip(COLUMNS, zip(*chunk, strict=True), strict=False)
        assembly.add(range(first, first + len(chunk)), **dict(columns))
        first += len(chunk)
    for ticker, day, ratio in splits:
        assembly.state_split(ticker, day, ratio)
    return assembly.market()
