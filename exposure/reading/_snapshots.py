"""Tables to snapshots: which tables count, what holds for the whole file, one snapshot for each date."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from itertools import chain
from typing import Any

from exposure.delivered import FIELDS, OpenUnit, refuse_beyond, values_of
from exposure.errors import InputError
from exposure.files import DayOrder, Mark, NumberReader, filled_cells
from exposure.reading import _choice, _contradictions, _conventions, _holdings, _money, _positions
from exposure.reading._conventions import home_currency, of_isins, of_script, of_suffixes
from exposure.reading._holdings import Columns
from exposure.reading._profiles import holes
from exposure.reading._source import Source
from exposure.types import Issue, Rejected, Snapshot


def snapshots(
    src: Source,
    name: str,
    *,
    dates: DayOrder | None,
    decimal: Mark | None,
    by_hand: Mapping[str, str] | None,
    units: Mapping[str, str] | None = None,
) -> tuple[Snapshot, ...]:
    """Read the tables of a source.

    Raises
    ------
    TransactionsError, InputError
        Where the source lists dealings, or nothing that is held.
    """
    issues: list[Issue] = []
    rejected: list[Rejected] = []
    if src.assumed:
        issues.append(Issue.of("notice", "read.headless", columns=src.assumed))
    tables = [t for s in src.sections for t in s.tables]
    around = [row for s in src.sections for row in s.around]
    groups = _choice.choose(tables, src, name, by_hand, issues)
    american = _conventions.american(src, groups)
    dealt = groups[0][0].lists == "transactions"
    mark = decimal or _conventions.decimal(groups, src, american, name, issues)
    order = dates or _conventions.order(groups, around, american, name, issues)
    read = NumberReader(mark)
    traded: date | None = None
    if dealt:
        from exposure.reading import _transactions  # late: most files list positions

        groups, traded, notice = _transactions.positions_from([t for g in groups for t in g], read, order, name)
        issues.append(notice)
    tail = _conventions.small_print(groups)
    hint = _conventions.stated_currency(around)
    parts: list[Columns] = []
    totals: list[tuple[int, str, float, str | None]] = []
    open_: list[OpenUnit] = []
    for group in groups:
        if group[0].lists == "cash":
            group = [_choice.without_repeats(t, issues) for t in group]
        draft = _positions.draft(group, read, order, rejected)
        refuse_beyond(draft.number, draft.rows, name)
        stated_sum = (
            (draft.totals[-1] if draft.totals else _contradictions.stated_total(around, read))
            if len(groups) == 1
            else None
        )
        settled = _money.settle_units(draft, hint, issues, units, stated_sum[2] if stated_sum else None)
        open_ += settled.open.values()
        parts.append(_holdings.build(draft, settled, _money.weight_scale(draft, issues), order, issues))
        totals += draft.totals
        issues += _contradictions.unread_dates(draft)
    lines = _joined(parts)
    if "derived" in lines:
        refuse_beyond({k: values_of(lines, k) for k in ("quantity", "price", "market_value")}, lines["row"], name)
    if traded:
        derived = [("quantity", "price", *names) for names in values_of(lines, "derived")]
        lines |= {"as_of": [traded] * len(derived), "derived": derived}
    if not lines["row"]:
        if not rejected:
            raise InputError("read.no-positions", file=name)
        first = rejected[0]
        raise InputError("read.no-usable-rows", file=name, n=len(rejected), first=first.row, reason=first.reason)
    _balances(lines, issues)
    _home(lines, [h for g in groups for h in g[0].columns.headings], issues)
    if len(src.sections) == 1 and lines["row"] != sorted(lines["row"]):
        lines = _chosen(lines, sorted(range(len(lines["row"])), key=lines["row"].__getitem__))
    issues += _contradictions.several_funds(groups, values_of(lines, "account"))
    issues += [Issue.of("error", each.code, row=each.row, **each.params) for each in open_]
    columns = {
        k: v for g in reversed(groups) for k, v in g[0].columns.names().items() if k in FIELDS or k == "asset_class"
    }
    how = {**src.dialect, "decimal": mark, "dates": order or "", "header_row": str(groups[0][0].line)}
    if groups[0][0].sheet:
        how["sheet"] = groups[0][0].sheet
    found = _by_date(lines, issues)
    stated_day = None if len(found) > 1 or next(iter(found)) else _conventions.day(around, tail, order, name)
    days = tuple(sorted(d for d in found if d)) or ((stated_day,) if stated_day else ())
    tails = [row for g in groups for t in g for row in t.body[-40:] if 0 < len(filled_cells(row[1])) <= 2]
    count = _contradictions.stated_count(around + tails)
    if not totals and not dealt and (stated_sum := _contradictions.stated_total(around, read)):
        totals.append(stated_sum)
    out = []
    for day in sorted(found, key=lambda d: d or date.min):
        stated, faults = _contradictions.contradictions(
            found[day], totals if len(found) == 1 and not open_ else [], count if len(found) == 1 else None
        )
        out.append(
            Snapshot(
                name,
                src.format,
                day or stated_day,
                days,
                _currency(found[day], faults, {each.currency for each in open_}),
                (),
                tuple(sorted(rejected, key=lambda r: r.row)),
                tuple(issues + faults),
                stated,
                _conventions.title(around),
                columns,
                how,
                src.sha256,
                tuple(open_),
            ).of_lines(found[day])
        )
    return tuple(out)


def _joined(parts: list[Columns]) -> Columns:
    """Put the lines of several tables below each other."""
    if len(parts) == 1:
        return parts[0]
    names = [name for name in FIELDS if any(name in part for part in parts)]
    return {name: list(chain.from_iterable(values_of(part, name) for part in parts)) for name in names}


def _chosen(lines: Columns, at: list[int]) -> Columns:
    return {name: list(map(values.__getitem__, at)) for name, values in lines.items()}


def _by_date(lines: Columns, issues: list[Issue]) -> dict[date | None, Columns]:
    """Split lines by date where the same things come again; else the dates are those of prices: the last counts."""
    dates: list[date | None] = list(values_of(lines, "as_of"))
    days = {day for day in set(dates) if day}
    if len(days) < 2:
        return {next(iter(days), None): lines}
    keys: dict[tuple[Any, ...], set[date | None]] = {}
    fields = ("isin", "ticker", "cusip", "name", "account", "value_currency", "kind")
    for day, isin, ticker, cusip, name, account, unit, kind in zip(
        dates, *(values_of(lines, field) for field in fields), strict=True
    ):
        key = (isin or ticker or cusip or name, account, unit if kind == "cash" else None)
        keys.setdefault(key, set()).add(day)
    if any(len(v) > 1 for v in keys.values()):
        out: dict[date | None, list[int]] = {}
        for i, day in enumerate(dates):
            out.setdefault(day or max(days), []).append(i)
        return {day: _chosen(lines, at) for day, at in out.items()}
    issues.append(Issue.of("notice", "read.dates-of-prices", first=min(days).isoformat(), last=max(days).isoformat()))
    return {max(days): lines}


def _balances(lines: Columns, issues: list[Issue]) -> None:
    """Give balances whose currency no one states that of all other values, in the open."""
    units, kinds = list(values_of(lines, "value_currency")), lines["kind"]
    known = {unit for unit in set(units) if unit}
    if len(known) != 1 or "market_value" not in lines:
        return
    open_ = [i for i in holes(units) if kinds[i] == "cash" and lines["market_value"][i] is not None]
    if not open_:
        return
    currency = next(iter(known))
    row = lines["row"][open_[0]]
    issues.append(Issue.of("notice", "read.currency-of-balances", row=row, n=len(open_), currency=currency))
    for i in open_:
        units[i] = currency
    lines["value_currency"] = units


def _home(lines: Columns, headings: list[str], issues: list[Issue]) -> None:
    """Give lines of a file without any currency that of the market they belong to, in the open."""
    kinds, codes = lines["kind"], values_of(lines, "currency")
    if any(values_of(lines, "price_currency")) or any(values_of(lines, "value_currency")):
        return
    if any(code and kind != "cash" for code, kind in zip(codes, kinds, strict=True)):
        return
    valued = [field for field in ("price", "market_value") if field in lines]
    if not valued:
        return

    def held(field: str) -> list[str | None]:
        return [text for text, kind in zip(values_of(lines, field), kinds, strict=True) if kind != "cash"]

    if found := of_isins(held("isin")):
        code = "read.currency-of-isins"
    elif found := home_currency(values_of(lines, "ticker")) or of_suffixes(held("ticker")):
        code = "read.currency-of-tickers"
    elif script := of_script(headings):
        found, code = (script, 0, 0), "read.currency-of-script"
    else:
        return
    currency, hits, known = found
    issues.append(Issue.of("notice", code, currency=currency, hits=hits, known=known))
    for field in valued:
        unit = "price_currency" if field == "price" else "value_currency"
        lines[unit] = [None if figure is None else currency for figure in lines[field]]


def _currency(lines: Columns, issues: list[Issue], also: Collection[str]) -> str | None:
    values, units = values_of(lines, "market_value"), values_of(lines, "value_currency")
    valued = {unit for value, unit in zip(values, units, strict=True) if value is not None} | {*also}
    if valued:
        return next(iter(valued)) if len(valued) == 1 else None
    traded = [code for code, kind in zip(values_of(lines, "currency"), lines["kind"], strict=True) if kind != "cash"]
    commonest = max(set(traded), key=traded.count) if traded else None
    if commonest and traded.count(commonest) < len(traded):
        if traded.count(commonest) < 0.98 * len(traded):
            return None
        issues.append(Issue.of("notice", "read.currency-of-lines", currency=commonest))
    return commonest
