"""Apply a scenario to a book: one move for each line, what it costs, who carries it.

Which doubts about prices bear on a shocked book, and how much of it rests on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from math import fsum

from exposure.chain import issuer_table, top_segment
from exposure.prices import doubt_issues
from exposure.shock._moves import Moves
from exposure.shock._result import ShockedLine, ShockResult, Slice, bounds, moved_value, total_band
from exposure.types import UNSUPPORTED, Assignment, Book, Doubt, Holding, Issue, Line, Part, Prediction, Scenario

BY_SEGMENT = ("sub_segment", "segment", "rest")
"""Lines of a replay that were moved by what others of their segments did."""


def of_positions(book: Book, scenario: Scenario, positions: Iterable[ShockedLine]) -> list[Issue]:
    """Say what is doubtful about the prices that the lines' moves come from, each with its share of gross exposure.

    A line rests on the series of its own move; one that was modelled on those of its segments, and a prediction on
    the funds that it starts from.
    """
    if not scenario.doubts:
        return []
    segments = {symbol: _segments(symbol) for symbol in scenario.doubts}
    weights: dict[str, list[float]] = {}
    whole = {f"{fund.line_id}/residual": fund.market_value for fund in book.funds}
    for position in positions:
        value = whole.get(position.line.line_id, position.line.market_value)
        for symbol in _rests_on(position, scenario, segments):
            weights.setdefault(symbol, []).append(abs(value or 0.0))
    gross = fsum(abs(line.market_value or 0.0) for line in book.lines)
    found: list[tuple[Doubt, float | None]] = []
    for symbol, each in weights.items():
        share = fsum(each) / gross if gross else 0.0
        found += [(doubt, share) for doubt in scenario.doubts[symbol]]
    return doubt_issues(found)


def _rests_on(position: ShockedLine, scenario: Scenario, segments: Mapping[str, frozenset[str]]) -> list[str]:
    move, line, doubts = position.move, position.line, scenario.doubts or {}
    if move.via == "factor":
        own = line.underlying
    else:
        own = move.source if move.provenance in ("observed", "proxy", "modelled") else None
    found = [own] if own in doubts and own is not None else []
    mine = {top_segment(part.segment) for part in line.assignment.parts}
    if move.provenance == "modelled" and move.via in BY_SEGMENT and scenario.observed:
        found += [s for s in doubts if s != own and mine & segments[s]]
    elif move.via == "covariance" and isinstance(scenario, Prediction):
        from exposure.scenarios import references

        alone = own not in scenario.predicted  # known by its segments only
        funds = references(scenario)
        found += [s for s in doubts if s != own and (s in funds or (alone and mine & segments[s]))]
    return found


def _segments(symbol: str) -> frozenset[str]:
    entry = issuer_table().of(symbol)
    return frozenset() if entry is None or entry.fund else frozenset(top_segment(part.segment) for part in entry.parts)


PROVENANCES = ("observed", "proxy", "modelled", "user", "none")


def apply(book: Book, scenario: Scenario) -> ShockResult:
    """Apply a scenario to a book.

    `pnl_i = market_value_i · ((1 + r_i)(1 + fx_i) − 1)`; contributions are P&L over the book's capital and add up to
    the total return. A short gains when its price falls; cash moves with its currency alone. A fund that was looked
    through and whose own price was observed keeps its own total: the difference is a row `fund residual` outside the
    chain.

    Parameters
    ----------
    book : what `to_book` gives, in one currency.
    scenario : what `load_scenario` gives.

    Returns
    -------
    ShockResult
        One row for each line of the book, in its order, fund residuals last.
    """
    moves = Moves(scenario, book.currency)
    positions = [_shocked(line, moves, book.capital) for line in book.lines]
    positions += _residuals(book, moves, positions)
    total = fsum(p.pnl for p in positions)
    return ShockResult(
        book=book,
        scenario=scenario,
        positions=tuple(positions),
        nav_before=book.nav,
        nav_after=book.nav + total,
        pnl=total,
        total_return=total / book.capital,
        coverage=coverage_of(positions),
        by_segment=cut(
            positions, book, lambda p: ((top_segment(q.segment), q.weight) for q in p.line.assignment.parts)
        ),
        by_sub_segment=cut(positions, book, lambda p: ((q.segment, q.weight) for q in p.line.assignment.parts)),
        by_country=cut(positions, book, lambda p: ((p.line.country, 1.0),)),
        by_currency=_by_currency(positions, book, moves),
        issues=(
            *_once(book.issues, of_positions(book, scenario, positions)),
            *scenario.issues,
            *_issues(book, moves, positions),
        ),
        band=total_band(positions, total / book.capital, book.capital, moves.day.observed_names)
        if scenario.observed
        else None,
    )


def _shocked(line: Line, moves: Moves, capital: float) -> ShockedLine:
    move = moves.of(line)
    pnl = moved_value(line, move) * move.total
    half = moves.half_width(line, move)
    low, high = (None, None) if half is None else bounds(move.shock, move.fx, half)
    return ShockedLine(line, move, pnl, pnl / capital, low, high)


def _residuals(book: Book, moves: Moves, positions: list[ShockedLine]) -> list[ShockedLine]:
    """Bring each looked-through fund whose own price was observed to its own total."""
    rows: list[ShockedLine] = []
    for fund in reversed(book.funds):  # funds inside funds first: theirs is part of what the outer one holds
        move = moves.of(fund)
        if move.provenance not in ("observed", "proxy", "user"):
            continue
        inner = fsum(p.pnl for p in (*positions, *rows) if p.line.line_id.startswith(f"{fund.line_id}/"))
        gap = (fund.market_value or 0.0) * move.total - inner
        holding = Holding(
            row=fund.holding.row,
            kind="other",
            name=f"fund residual {fund.holding.ticker or fund.line_id}",
            derived=("market_value",),
        )
        reason = "the fund's own move less that of its constituents"
        line = replace(
            fund,
            line_id=f"{fund.line_id}/residual",
            holding=holding,
            market_value=0.0,
            weight=0.0,
            inside=fund.holding.ticker or fund.line_id,
            assignment=Assignment((Part("outside", 1.0),), reason, "look_through"),
        )
        rows.append(
            ShockedLine(
                line,
                replace(move, shock=0.0, total=0.0, provenance="observed", via="fund_residual"),
                gap,
                gap / book.capital,
            )
        )
    return rows


def coverage_of(positions: Iterable[ShockedLine]) -> dict[str, float]:
    """Give the share of gross exposure by provenance of its move, cash apart; the shares add up to 1."""
    sums = dict.fromkeys((*PROVENANCES, "cash"), 0.0)
    for position in positions:
        line = position.line
        key = "cash" if line.holding.kind == "cash" else position.move.provenance
        sums["none" if line.unrated is not None else key] += line.size
    gross = fsum(sums.values())
    return {key: value / gross if gross else 0.0 for key, value in sums.items()}


def cut(
    positions: Iterable[ShockedLine], book: Book, keys: Callable[[ShockedLine], Iterable[tuple[str | None, float]]]
) -> tuple[Slice, ...]:
    """Cut a result by what `keys` gives for each line (key, share of it): largest loss first, adding up to the total.

    Splitting the P&L of a line over its segments by their weights is a convention: its price moved as one.
    """
    sums: dict[str | None, tuple[list[float], list[float]]] = {}
    for position in positions:
        for key, share in keys(position):
            values, pnls = sums.setdefault(key, ([], []))
            values.append(share * (position.line.market_value or 0.0))
            pnls.append(share * position.pnl)
    return _slices(sums, book)


def _slices(sums: Mapping[str | None, tuple[list[float], list[float]]], book: Book) -> tuple[Slice, ...]:
    slices = [Slice(key, fsum(values), fsum(pnls), fsum(pnls) / book.capital) for key, (values, pnls) in sums.items()]
    return tuple(sorted(slices, key=lambda s: s.pnl))


def _once(issues: Iterable[Issue], more: Iterable[Issue]) -> list[Issue]:
    """Put issues together; a doubt about a series that values a line and moves it stands once, by its larger share."""
    out = list(issues)
    place = {issue.doubt.key: n for n, issue in enumerate(out) if issue.doubt is not None}
    for issue in more:
        at = place.get(issue.doubt.key) if issue.doubt is not None else None
        if at is None:
            out.append(issue)
        elif (issue.weight or 0.0) > (out[at].weight or 0.0):
            out[at] = issue
    return out


def _by_currency(positions: Iterable[ShockedLine], book: Book, moves: Moves) -> tuple[Slice, ...]:
    """Cut a result by currency; what each leg of a forward gains stands under its own."""
    sums: dict[str | None, tuple[list[float], list[float]]] = {}
    for position in positions:
        line = position.line
        values, pnls = sums.setdefault(line.currency, ([], []))
        values.append(line.market_value or 0.0)
        if position.move.via != "rates":
            pnls.append(position.pnl)
            continue
        for leg in line.legs:
            if gain := leg.value * (moves.exchange(leg.currency) or 0.0):
                sums.setdefault(leg.currency, ([], []))[1].append(gain)
    return _slices(sums, book)


def _resetting(positions: Iterable[ShockedLine]) -> list[Issue]:
    """Say of funds that are reset daily that their factor holds for one session, where the window has more."""
    long = [p for p in positions if p.move.via == "factor" and _sessions(p.move.start, p.move.end) > 1]
    if not long:
        return []
    names = ", ".join(p.line.holding.ticker or p.line.holding.name or p.line.line_id for p in long)
    weight = fsum(abs(p.line.weight) for p in long)
    return [Issue.of("notice", "shock.daily-factor", weight=weight, names=names)]


def _overdrawn(positions: Iterable[ShockedLine]) -> list[Issue]:
    """Say of options held long that their delta takes more than they are worth: it holds for small moves."""
    return [
        Issue.of(
            "warning",
            "shock.delta-overdrawn",
            row=p.line.holding.row,
            weight=abs(p.line.weight),
            name=p.line.holding.name or p.line.holding.ticker or p.line.line_id,
            loss=-p.pnl,
            worth=p.line.market_value or 0.0,
        )
        for p in positions
        if p.move.via == "delta" and (p.line.market_value or 0.0) > 0 and p.pnl < -(p.line.market_value or 0.0)
    ]


def _sessions(start: date | None, end: date | None) -> int:
    """Count the weekdays after `start` up to `end`: at least as many as there are sessions; 0 without a window."""
    if start is None or end is None:
        return 0
    return sum((start + timedelta(n)).weekday() < 5 for n in range(1, (end - start).days + 1))


def _issues(book: Book, moves: Moves, positions: list[ShockedLine]) -> list[Issue]:
    """Name what the headline must say: lines that no move was applied to, rates that are not known, names never met."""
    issues = list(moves.issues)
    still = [p for p in positions if p.line.holding.kind != "cash" and p.move.via == "none"]
    for kind in sorted({p.line.holding.kind for p in still}):
        lines = [p.line for p in still if p.line.holding.kind == kind]
        sizes = [abs(x.market_value or 0.0) if x.notional is None else abs(x.notional) for x in lines]
        code = f"shock.{kind}-still" if kind in ("option", "fx") else "shock.still"
        if book.basis == "values" and kind in UNSUPPORTED:
            code += "-notional"
        size = fsum(sizes)
        weight = size / book.capital
        issues.append(Issue.of("warning", code, weight=weight, n=len(lines), kind=kind, notional=size))
    issues += [*_resetting(positions), *_overdrawn(positions)]
    unknown = (
        sorted(
            {
                (p.line.holds if p.move.provenance == "modelled" else None) or p.line.currency or "unknown"
                for p in positions
                if p.move.fx is None and p.line.holding.kind in ("equity", "fund", "cash")
            }
        )
        if book.currency
        else []
    )
    if unknown:
        weight = fsum(abs(p.line.weight) for p in positions if p.move.fx is None)
        issues.append(Issue.of("notice", "shock.rate-unknown", weight=weight, currencies=", ".join(unknown)))
    issues += [
        Issue.of("notice", "shock.ticker-unknown", ticker=ticker) for ticker in moves.unknown_tickers(book.lines)
    ]
    return issues
