"""Replace a fund by what it holds.

Constituents are scaled to the fund's value, the rest is a line of its own, funds in funds are followed, and a circle
is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from math import fsum

from exposure.chain.assign import Overrides
from exposure.chain.identity import Answers
from exposure.errors import InputError, MissingRate
from exposure.rates import QUIET_DAYS, Rates
from exposure.types import Assignment, Holding, Issue, Line, Part, Snapshot
from exposure.units import currency_of, in_currency

DEPTH = 5


def look_through(
    lines: list[Line], inside: Mapping[str, Snapshot], overrides: Overrides, answers: Answers, rates: Rates
) -> tuple[list[Line], tuple[Line, ...], list[Issue]]:
    """Replace each line named in `inside` by its constituents, to any depth up to five.

    Returns
    -------
    tuple
        The lines (values still add up to what they did), the funds that were replaced, and notices. A fund of `inside`
        that the book does not hold is a notice; so is a leveraged one, which stays: what it holds would move once.

    Raises
    ------
    InputError
        Funds hold each other in a circle, or deeper than five.
    """
    wanted = {name.upper(): snapshot for name, snapshot in inside.items()}
    used: set[str] = set()
    funds: list[Line] = []
    issues: list[Issue] = []

    @cache
    def shares(key: str) -> list[float | None]:
        return _shares(wanted[key], rates, issues)

    def expand(line: Line, path: tuple[str, ...]) -> list[Line]:
        key = next((k for k in _names(line) if k in wanted), None)
        if key is None or line.market_value is None:
            return [line]
        if line.factor is not None:
            used.add(key)
            what = f"{key} moves by a multiple of what it tracks: it is left as one line, and moved by its factor"
            issues.append(Issue("notice", what, line.holding.row))
            return [line]
        if key in path or len(path) >= DEPTH:
            way = "in a circle" if key in path else f"more than {DEPTH} deep"
            raise InputError(
                f"funds hold each other {way}: {' → '.join((*path, key))}",
                remedy="leave one of them out of --inside",
            )
        used.add(key)
        funds.append(line)
        return [
            each
            for part in _constituents(line, wanted[key], shares(key), overrides, answers, issues)
            for each in expand(part, (*path, key))
        ]

    out = [each for line in lines for each in expand(line, ())]
    for missing in sorted(set(wanted) - used):
        issues.append(Issue("notice", f"{missing} was given to look through, and the book does not hold it"))
    return out, tuple(funds), issues


def _names(line: Line) -> list[str]:
    own = line.holding
    called = [own.isin, own.ticker, line.listing, own.cusip, own.sedol, own.name, line.line_id]
    if own.kind == "fund":
        called.append(line.issuer)
    return [n.upper() for n in called if n]


def _constituents(
    fund: Line,
    snapshot: Snapshot,
    shares: list[float | None],
    overrides: Overrides,
    answers: Answers,
    issues: list[Issue],
) -> list[Line]:
    from exposure.chain.book import to_line

    value = fund.market_value or 0.0
    parts = []
    for holding, share in zip(snapshot.holdings, shares, strict=True):
        worth = None if share is None else value * share
        line = to_line(replace(holding, weight=None), worth, overrides, issues, answers)
        parts.append(
            replace(line, line_id=f"{fund.line_id}/{line.line_id}", inside=fund.holding.ticker or fund.line_id)
        )
    rest = value - fsum(p.market_value for p in parts if p.market_value is not None)
    if abs(rest) > 1e-12 * abs(value):
        holding = Holding(
            row=fund.holding.row,
            kind="other",
            name=f"cash and not disclosed in {fund.holding.ticker or fund.line_id}",
            derived=("market_value",),
        )
        unknown = Assignment((Part("unassigned", 1.0),), "what the fund's file leaves open", "look_through")
        parts.append(
            Line(f"{fund.line_id}/rest", holding, rest, 0.0, unknown, inside=fund.holding.ticker or fund.line_id)
        )
    return parts


def _shares(snapshot: Snapshot, rates: Rates, issues: list[Issue]) -> list[float | None]:
    """Give each constituent's share of the fund: the stated weights where there are any, else value over total."""
    if any(h.weight is not None for h in snapshot.holdings):
        return [h.weight for h in snapshot.holdings]
    values = [h.market_value for h in snapshot.holdings]
    if snapshot.total_market_value is None:
        values = _in_one_currency(snapshot, rates, issues)
    total = fsum(value for value in values if value is not None)
    if not total:
        raise InputError(
            "neither weights nor values in one currency",
            file=snapshot.file,
            remedy="give a file of the fund's holdings with weights",
        )
    return [None if value is None else value / total for value in values]


def _in_one_currency(snapshot: Snapshot, rates: Rates, issues: list[Issue]) -> list[float | None]:
    """Convert a fund's values to the commonest of their currencies by the rates of its date; none where one lacks.

    Raises
    ------
    MissingRate
        A value has no rate: the shares of all others would be wrong without it.
    """
    units = [h.value_currency for h in snapshot.holdings if h.market_value is not None]
    known = Counter(currency_of(unit) for unit in units if unit)
    day = snapshot.as_of
    if len(known) < 1 or day is None or None in units:
        return []
    base = known.most_common(1)[0][0] or ""
    out: list[float | None] = []
    oldest = day
    for h in snapshot.holdings:
        if h.market_value is None:
            out.append(None)
            continue
        try:
            rate = rates.find(currency_of(h.value_currency) or "", base, day)
        except MissingRate as error:
            raise MissingRate(error.what, file=snapshot.file, row=h.row, remedy=error.remedy) from None
        oldest = min(oldest, rate.on)
        out.append(in_currency(h.market_value, h.value_currency) * rate.value)
    if (day - oldest).days > QUIET_DAYS:
        what = (
            f"{snapshot.file}: an old exchange rate stands for {day}: that of {oldest}, {(day - oldest).days} days old"
        )
        issues.append(Issue("warning", what, remedy="give a file of the fund's holdings with weights"))
    return out
