"""Tables to snapshots: which tables count, what holds for the whole file, one snapshot for each date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from operator import attrgetter
from typing import Any

from exposure.errors import InputError, TransactionsError
from exposure.reading import choice, holdings, money, numbers, positions, settle
from exposure.reading import stated as stated_of
from exposure.reading.dates import Order
from exposure.reading.markets import home_currency, of_isins, of_script, of_suffixes
from exposure.reading.source import Source
from exposure.reading.table import filled
from exposure.types import Holding, Issue, Rejected, Snapshot


def snapshots(
    src: Source, name: str, *, dates: Order | None, decimal: numbers.Mark | None, mended: Mapping[str, str] | None
) -> tuple[Snapshot, ...]:
    """Read the tables of a source.

    Raises
    ------
    TransactionsError, InputError
        Where the source lists dealings, or nothing that is held.
    """
    issues: list[Issue] = []
    rejected: list[Rejected] = []
    tables = [t for s in src.sections for t in s.tables]
    around = [row for s in src.sections for row in s.around]
    groups = choice.choose(tables, src, name, mended, issues)
    american = settle.american(src, groups)
    dealt = groups[0][0].lists == "transactions"
    try:
        mark = decimal or settle.decimal(groups, src, american, name, issues)
        order = dates or settle.order(groups, around, american, name, issues, src)
    except InputError as error:
        if not dealt:
            raise
        what = f"it lists transactions, not positions, and {error.what}"
        raise TransactionsError(what, file=name, row=error.row, remedy=error.remedy) from None
    read = numbers.Reader(mark)
    traded: date | None = None
    if dealt:
        from exposure.reading import transactions  # late: most files list positions

        groups, traded, notice = transactions.positions_from([t for g in groups for t in g], read, order, name)
        issues.append(notice)
    tail = settle.small_print(groups)
    hint = settle.hint(around)
    lines: list[Holding] = []
    totals: list[tuple[int, str, float, str | None]] = []
    for group in groups:
        if group[0].lists == "cash":
            group = [choice.once(t, issues) for t in group]
        draft = positions.draft(group, read, order, rejected)
        units = money.settle(draft, hint, issues)
        lines += holdings.build(draft, units, money.weight_scale(draft, issues), order, issues)
        totals += draft.totals
        issues += stated_of.undated(draft)
    if traded:
        lines = [replace(h, as_of=traded, derived=("quantity", "price", *h.derived)) for h in lines]
    if not lines:
        what = (
            "it has headings but no positions"
            if not rejected
            else f"none of its {len(rejected):,} rows can be used; row {rejected[0].row}: {rejected[0].reason}"
        )
        raise InputError(what, file=name, remedy="export the holdings again, or map the columns with --columns")
    lines = _home(_balances(lines, issues), [h for g in groups for h in g[0].columns.headings], issues)
    if len(src.sections) == 1:
        lines.sort(key=attrgetter("row"))
    columns = {
        k: v
        for g in reversed(groups)
        for k, v in g[0].columns.names().items()
        if k in Holding.__dataclass_fields__ or k == "asset_class"
    }
    how = {**src.dialect, "decimal": mark, "dates": order or "", "header_row": str(groups[0][0].line)}
    if groups[0][0].sheet:
        how["sheet"] = groups[0][0].sheet
    found = _by_date(lines, issues)
    stated_day = None if len(found) > 1 or next(iter(found)) else settle.day(around, tail, order, name)
    days = tuple(sorted(d for d in found if d)) or ((stated_day,) if stated_day else ())
    tails = [row for g in groups for t in g for row in t.body[-40:] if 0 < len(filled(row[1])) <= 2]
    count = stated_of.count(around + tails)
    if not totals and (said := stated_of.total(around, read)):
        totals.append(said)
    out = []
    for day in sorted(found, key=lambda d: d or date.min):
        stated, faults = holdings.contradictions(
            found[day], totals if len(found) == 1 else [], count if len(found) == 1 else None
        )
        out.append(
            Snapshot(
                name,
                src.format,
                day or stated_day,
                days,
                _currency(found[day], faults),
                tuple(found[day]),
                tuple(sorted(rejected, key=lambda r: r.row)),
                tuple(issues + faults),
                stated,
                settle.title(around),
                columns,
                how,
                src.sha256,
            )
        )
    return tuple(out)


def _by_date(lines: list[Holding], issues: list[Issue]) -> dict[date | None, list[Holding]]:
    """Split lines by date where the same things come again; else the dates are those of prices: the last counts."""
    days = {h.as_of for h in lines if h.as_of}
    if len(days) < 2:
        return {next(iter(days), None): lines}
    keys: dict[tuple[Any, ...], set[date | None]] = {}
    for h in lines:
        keys.setdefault(
            (h.isin or h.ticker or h.cusip or h.name, h.account, h.value_currency if h.kind == "cash" else None), set()
        ).add(h.as_of)
    if any(len(v) > 1 for v in keys.values()):
        out: dict[date | None, list[Holding]] = {}
        for h in lines:
            out.setdefault(h.as_of or max(days), []).append(h)
        return out
    issues.append(
        Issue(
            "notice",
            f"rows are dated from {min(days)} to {max(days)} and none comes twice: one snapshot, as of the last",
        )
    )
    return {max(days): lines}


def _balances(lines: list[Holding], issues: list[Issue]) -> list[Holding]:
    """Give balances whose currency no one states that of all other values, in the open."""
    known = {h.value_currency for h in lines if h.market_value is not None and h.value_currency}
    open_ = [h for h in lines if h.market_value is not None and h.value_currency is None and h.kind == "cash"]
    if len(known) != 1 or not open_:
        return lines
    currency = next(iter(known))
    issues.append(
        Issue(
            "notice",
            f"{len(open_)} balances state no currency: that of the other values, {currency}, is assumed",
            row=open_[0].row,
        )
    )
    return [
        replace(h, value_currency=currency)
        if h.kind == "cash" and h.market_value is not None and h.value_currency is None
        else h
        for h in lines
    ]


def _home(lines: list[Holding], headings: list[str], issues: list[Issue]) -> list[Holding]:
    """Give lines of a file without any currency that of the market they belong to, in the open."""
    if any(h.price_currency or h.value_currency or (h.currency and h.kind != "cash") for h in lines):
        return lines
    if all(h.price is None and h.market_value is None for h in lines):
        return lines
    held = [h for h in lines if h.kind != "cash"]
    if found := of_isins(h.isin for h in held):
        how = "{1} of {2} ISINs are of its home"
    elif found := home_currency(h.ticker for h in lines) or of_suffixes(h.ticker for h in held):
        how = "{1} of {2} tickers are of its home market"
    elif script := of_script(headings):
        found, how = (script, 0, 0), "the headings are written in its country's script"
    else:
        return lines
    currency = found[0]
    issues.append(
        Issue(
            "notice",
            f"no currency is stated: {currency} is assumed, as {how.format(*found)}",
            remedy="name another with the base currency",
        )
    )
    return [
        replace(
            h,
            price_currency=currency if h.price is not None else None,
            value_currency=currency if h.market_value is not None else None,
        )
        for h in lines
    ]


def _currency(lines: list[Holding], issues: list[Issue]) -> str | None:
    valued = {h.value_currency for h in lines if h.market_value is not None}
    if valued:
        return next(iter(valued)) if len(valued) == 1 else None
    traded = [h.currency for h in lines if h.kind != "cash"]
    commonest = max(set(traded), key=traded.count) if traded else None
    if commonest and traded.count(commonest) < len(traded):
        if traded.count(commonest) < 0.98 * len(traded):
            return None
        issues.append(
            Issue(
                "notice",
                f"the file's currency is not stated; nearly every line trades in {commonest}, so that is assumed",
            )
        )
    return commonest
