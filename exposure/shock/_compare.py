"""Compare results: one cut of several side by side, and what a book does against its benchmark."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import fsum
from typing import Literal, get_args

from exposure.shock._apply import cut
from exposure.shock._result import ShockResult, Slice
from exposure.types import Issue, Line

By = Literal["segment", "sub_segment", "country", "currency", "holding"]
CUTS: tuple[By, ...] = get_args(By)


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands under one key in one result: its share of that book's capital, and its contribution."""

    weight: float
    contribution: float


NOTHING = Cell(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Row:
    """A key of a cut with a cell for each result, None where the book holds nothing of it."""

    key: str | None
    """Segment id, country or currency; for a holding its issuer, else its ISIN, else what its file calls it."""
    label: str | None
    """Name of a holding, that of the largest line; for other cuts the key."""
    ticker: str | None
    isin: str | None
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Active:
    """A key of a cut: what it contributes to the book and to the benchmark, and the difference."""

    key: str | None
    label: str | None
    ticker: str | None
    isin: str | None
    weight: float
    """Share of the book's capital; `benchmark_weight` is that of the benchmark's."""
    benchmark_weight: float
    contribution: float
    benchmark: float

    @property
    def active(self) -> float:
        """Give the contribution less that of the benchmark."""
        return self.contribution - self.benchmark

    @property
    def active_weight(self) -> float:
        """Give the weight less that of the benchmark."""
        return self.weight - self.benchmark_weight


def side_by_side(results: Sequence[ShockResult], by: By) -> tuple[Row, ...]:
    """Lay one cut of several results side by side.

    Parameters
    ----------
    results : of one book under several scenarios, of several books under one, or of both.
    by : holdings are matched by issuer, so that share classes and ADRs of one company are one row; where the issuer is
        not known by ISIN (also that which another of the results gives for the listing), else by code or name.

    Returns
    -------
    tuple of Row
        The largest loss over all results first. The cells of a result add up to its total return.
    """
    name = _matched(results)
    cuts = [{s.key: s for s in _slices(result, by, name)} for result in results]
    shown: dict[str | None, Line] = {}
    if by == "holding":
        lines = (p.line for result in results for p in result.positions)
        for line in sorted(lines, key=lambda line: -abs(line.weight)):
            shown.setdefault(name(line), line)
    rows = [
        Row(key, *_called(key, shown.get(key)), tuple(_cell(c.get(key), r) for c, r in zip(cuts, results, strict=True)))
        for key in dict.fromkeys(k for found in cuts for k in found)
    ]
    return tuple(sorted(rows, key=lambda row: fsum(c.contribution for c in row.cells if c is not None)))


def active(result: ShockResult, benchmark: ShockResult, by: By = "segment") -> tuple[Active, ...]:
    """Give the active contributions: of the book less of the benchmark, the largest loss against it first.

    `a_k = Σ_{i in k} pnl_i / capital − Σ_{j in k} pnl_j' / capital'`: they add up to the active return, the total
    return less the benchmark's. No part of it is called allocation or selection: under one scenario a name moves alike
    in both books, so that what differs is the weight.
    """
    rows = []
    for row in side_by_side((result, benchmark), by):
        ours, theirs = (cell or NOTHING for cell in row.cells)
        rows.append(
            Active(
                row.key, row.label, row.ticker, row.isin,
                ours.weight, theirs.weight, ours.contribution, theirs.contribution,
            )
        )  # fmt: skip
    return tuple(sorted(rows, key=lambda row: row.active))


def active_return(result: ShockResult, benchmark: ShockResult) -> float:
    """Give the total return less that of the benchmark."""
    return result.total_return - benchmark.total_return


def comparison_issues(results: Sequence[ShockResult]) -> tuple[Issue, ...]:
    """Say what makes results hard to compare, and what makes one of their books doubtful, by the book's title."""
    found = []
    books = [result.book for result in results]
    units = sorted({b.currency or "no currency (local moves alone)" for b in books})
    if len(units) > 1:
        found.append(Issue.of("warning", "compare.several-currencies", currencies=", ".join(units)))
    if len({b.capital_basis for b in books}) > 1:
        found.append(Issue.of("warning", "compare.several-bases"))
    days = sorted({b.as_of for b in books if b.as_of})
    if len(days) > 1:
        found.append(
            Issue.of("notice", "compare.several-days", count=len(days), first=str(days[0]), last=str(days[-1]))
        )
    for book in books:
        doubts = (issue for issue in book.issues if issue.severity != "notice")
        found += [replace(issue, about=book.title or "") for issue in doubts]
    return tuple(dict.fromkeys(found))


def _slices(result: ShockResult, by: By, name: Callable[[Line], str]) -> tuple[Slice, ...]:
    if by == "holding":
        return cut(result.positions, result.book, lambda p: ((name(p.line), 1.0),))
    return {
        "segment": result.by_segment,
        "sub_segment": result.by_sub_segment,
        "country": result.by_country,
        "currency": result.by_currency,
    }[by]


def _cell(found: Slice | None, result: ShockResult) -> Cell | None:
    return None if found is None else Cell(found.market_value / result.book.capital, found.contribution)


def _called(key: str | None, line: Line | None) -> tuple[str | None, str | None, str | None]:
    """Give label, ticker and ISIN of a row."""
    if line is None:
        return key, None, None
    own = line.holding
    if own.kind == "cash":
        return f"Cash {line.currency or ''}".rstrip(), None, None
    return own.name or own.ticker or line.line_id, own.ticker, own.isin


def _matched(results: Sequence[ShockResult]) -> Callable[[Line], str]:
    """Tell which lines of several books are the same holding."""
    isins: dict[str, str] = {}  # one file gives the ISIN of a listing, another its ticker alone
    for line in (p.line for result in results for p in result.positions):
        if line.listing and line.holding.isin:
            isins.setdefault(line.listing, line.holding.isin)

    def name(line: Line) -> str:
        own = line.holding
        if own.kind == "cash":
            return f"cash {line.currency or ''}"
        if own.derived and own.kind == "other":  # a remainder belongs to its fund or file alone
            return f"line {line.line_id}"
        if line.issuer and own.kind in ("equity", "fund"):
            return f"issuer {line.issuer}"
        isin = own.isin or isins.get(line.listing or "")
        if isin:
            return f"isin {isin}"
        code = own.cusip or own.sedol or line.listing or own.ticker
        return f"code {code}" if code else f"name {(own.name or line.line_id).casefold()}"

    return name
