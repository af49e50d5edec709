"""Comparing prices that arrive with those stored: what is new, what changed, what stands because it was set by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from math import isclose, log
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import Connection, Text, select, type_coerce

from db.bulk import insert_rows
from db.models import Price
from db.repositories.names import now
from db.repositories.reach import stamp
from exposure.types import Issue
from exposure.units import factor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from exposure.market import PriceSeries

PriceRow = tuple[str, date, float, float | None, float | None, str | None, str | None]
"""`(ticker, date, close, adj_close, volume, currency, close_basis)`, as `exposure.market.from_rows` takes it."""
PRICE_FIELDS = ("ticker", "date", "close", "adj_close", "volume", "currency", "close_basis")
PRICE_COLUMNS = [getattr(Price, field) for field in PRICE_FIELDS]
# A date as the driver gives it, text or date: `from_rows` takes both, and making dates costs as much as reading them.
RAW_COLUMNS = [type_coerce(column, Text) if column.key == "date" else column for column in PRICE_COLUMNS]
SAME = 1e-6
"""Relative difference up to which two prices are the same: feeds round to single precision."""


@dataclass(slots=True)
class Compared:
    """The rows of one ticker, sorted by what is to be done with them."""

    new: list[PriceRow] = field(default_factory=list)
    changed: list[PriceRow] = field(default_factory=list)
    unchanged: int = 0
    locked: int = 0
    revised: bool = False
    """A close, adjusted or not, differs from the stored one of its day."""
    issues: list[Issue] = field(default_factory=list)


def stored_rows(
    connection: Connection, price_set: str, ticker: str, *, start: date | None = None
) -> dict[date, tuple[PriceRow, str]]:
    """Load what is stored of a ticker, all or from a day on: date → its row and source."""
    query = select(*PRICE_COLUMNS, Price.source).where(Price.price_set == price_set, Price.ticker == ticker)
    if start is not None:
        query = query.where(Price.date >= start)
    return {row[1]: (tuple(row[:-1]), row[-1]) for row in connection.execute(query)}


def compare(series: PriceSeries, stored: dict[date, tuple[PriceRow, str]], *, locked: str | None) -> Compared:
    """Sort the rows of a series by what is stored; rows of source `locked` stand."""
    out = Compared()
    closes: list[tuple[date, float]] = []  # stored close → new close, where they differ, as logarithm of their ratio
    adjusted: list[date] = []
    for row in rows_of(series):
        before = stored.get(row[1])
        if before is None:
            out.new.append(row)
        elif before[1] == locked:
            out.locked += 1
        elif _same(before[0], row):
            out.unchanged += 1
        else:
            out.changed.append(row)
            # The same price in pence and in pounds, in kuna and in euro, is no change of the price.
            times = factor(before[0][5], row[5]) or 1.0
            if not _near(before[0][2] * times, row[2]):
                closes.append((row[1], log(row[2] / (before[0][2] * times))))
            if not _near(_times(before[0][3], times), row[3]):
                adjusted.append(row[1])
    out.revised = bool(closes or adjusted)
    _report(out, series, closes, adjusted, min(stored, default=None))
    return out


def _report(
    out: Compared, series: PriceSeries, closes: list[tuple[date, float]], adjusted: list[date], first: date | None
) -> None:
    ticker, start = series.ticker, series.dates[0].item()
    if closes:
        day, ratio = max(closes, key=lambda pair: abs(pair[1]))
        most = f"most on {day.isoformat()} (× {np.exp(ratio):.6g})"
        what = f"{ticker}: {len(closes)} stored closes changed, {most}; the new ones count"
        out.issues.append(Issue("warning", what, remedy="see whether a split or a correction explains it"))
    elif adjusted:
        count, since = len(adjusted), adjusted[0].isoformat()
        what = f"{ticker}: {count} stored adjusted closes changed since {since}; the new ones count"
        out.issues.append(Issue("notice", what, remedy="a dividend or a split since then explains it"))
    elif out.changed:
        what = f"{ticker}: volume, currency or basis changed on {len(out.changed)} stored days; the new ones count"
        out.issues.append(Issue("notice", what))
    if (closes or adjusted) and first is not None and first < start:
        what = f"{ticker}: prices before {start.isoformat()} stand on an older adjustment than those that arrived"
        out.issues.append(Issue("warning", what, remedy=f"fetch {ticker} again from {first.isoformat()}"))
    if out.locked:
        what = f"{ticker}: {out.locked} prices set by hand were kept"
        out.issues.append(Issue("notice", what, remedy="clear them to take the feed's"))


def write_rows(
    connection: Connection, price_set: str, source: str, new: list[PriceRow], changed: list[PriceRow]
) -> None:
    """Insert new rows and put changed ones in the place of the stored."""
    if changed:
        mark = "?" if connection.dialect.name == "sqlite" else "%s"
        gone = f"DELETE FROM prices WHERE price_set = {mark} AND ticker = {mark} AND date = {mark}"
        connection.exec_driver_sql(gone, [(price_set, row[0], row[1].isoformat()) for row in changed])
    moment = stamp(connection, now())
    rows = [(price_set, row[0], row[1].isoformat(), *row[2:], source, moment) for row in (*new, *changed)]
    insert_rows(connection, Price, ("price_set", *PRICE_FIELDS, "source", "fetched_at"), rows)


def rows_of(series: PriceSeries) -> list[PriceRow]:
    """Give the rows of a series, unknowns None."""
    count = len(series.dates)
    days, closes = series.dates.tolist(), series.close.tolist()
    columns = (days, closes, _known(series.adj_close, count), _known(series.volume, count))
    return [(series.ticker, *values, series.currency, series.basis) for values in zip(*columns, strict=True)]


def _known(values: NDArray[np.float64] | None, count: int) -> list[float | None]:
    if values is None:
        return [None] * count
    return [None if value != value else value for value in values.tolist()]


def _near(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return isclose(a, b, rel_tol=SAME)


def _times(a: float | None, times: float) -> float | None:
    return None if a is None else a * times


def _same(a: PriceRow, b: PriceRow) -> bool:
    unit = a[5] == b[5] or factor(a[5], b[5]) == 1.0  # two spellings of pence are one
    return _near(a[2], b[2]) and _near(a[3], b[3]) and _near(a[4], b[4]) and unit and a[6] == b[6]
