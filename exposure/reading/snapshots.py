"""Tables to snapshots: which tables count, what holds for the whole file, one snapshot for each date."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from exposure.errors import InputError, TransactionsError
from exposure.reading import dates, holdings, money, numbers, positions
from exposure.reading.columns import NUMERIC
from exposure.reading.markets import home_currency, of_isins
from exposure.reading.source import Source
from exposure.reading.table import Table, filled
from exposure.types import Holding, Issue, Rejected, Snapshot

_AS_OF = re.compile(
    r"as of|as at|\bper\b|stand\b|stichtag|position|holdings|valuation|date|datum|situation|au \d|\bal \d|fecha|data\b|updated|arrete|valoris|portefeuille|period|downloaded|\bon\b",
    re.I,
)
_NOT_AS_OF = re.compile(
    r"inception|launch|auflage|creation|copyright|©|expir|rights reserved|lancement|registered|act of", re.I
)
_BASE = re.compile(
    r"(?:base|fund|portfolio|reporting|account|reference) currency|fondswahrung|devise de reference|\bcurrency\b|wahrung|devise\b|valuta|divisa",
    re.I,
)


def snapshots(
    src: Source, name: str, *, dates: dates.Order | None, decimal: numbers.Mark | None, mended: Mapping[str, str] | None
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
    groups = _choose(tables, src, name, mended, issues)
    american = _american(src, groups)
    mark = decimal or _decimal(groups, src, american, name, issues)
    order = dates or _order(groups, around, american, name, issues, src)
    read = numbers.Reader(mark)
    tail = _small_print(groups)
    hint = _hint(around)
    lines: list[Holding] = []
    totals: list[tuple[int, str, float, str | None]] = []
    for group in groups:
        if group[0].lists == "cash":
            group = [_once(t, issues) for t in group]
        draft = positions.draft(group, read, order, rejected)
        units = money.settle(draft, hint, issues)
        lines += holdings.build(draft, units, money.weight_scale(draft, issues), order, issues)
        totals += draft.totals
    if not lines:
        what = (
            "it has headings but no positions"
            if not rejected
            else f"none of its {len(rejected):,} rows can be used; row {rejected[0].row}: {rejected[0].reason}"
        )
        raise InputError(what, file=name, remedy="export the holdings again, or map the columns with --columns")
    lines = _home(_balances(lines, issues), issues)
    if len(src.sections) == 1:
        lines.sort(key=lambda h: h.row)
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
    stated_day = None if len(found) > 1 or next(iter(found)) else _day(around, tail, order, name)
    days = tuple(sorted(d for d in found if d)) or ((stated_day,) if stated_day else ())
    count = positions.stated_count(around)
    out = []
    for day in sorted(found, key=lambda d: d or date.min):
        stated, faults = holdings.contradictions(
            found[day], totals if len(found) == 1 else [], count if len(found) == 1 else None
        )
        out.append(Snapshot(name, src.format, day or stated_day, days, _currency(found[day], faults), tuple(found[day]), tuple(sorted(rejected, key=lambda r: r.row)),
                            tuple(issues + faults), stated, _title(around), columns, how, src.sha256))  # fmt: skip
    return tuple(out)


def _choose(
    tables: list[Table], src: Source, name: str, mended: Mapping[str, str] | None, issues: list[Issue]
) -> list[list[Table]]:
    """Choose the tables that count: the fullest shape, all its sections, and others that name other things."""
    for field, heading in (mended or {}).items():
        if not any(heading.strip() in t.columns.headings for t in tables):
            raise InputError(
                f"no column is headed {heading!r}",
                file=name,
                column=field,
                remedy="mend the mapping given by --columns",
            )
    listed = [t for t in tables if t.lists == "positions"]
    balances = [t for t in tables if t.lists == "cash" and t.body]
    if src.bare_trades or not listed and any(t.lists == "transactions" for t in tables):
        line = next((t.line for t in tables if t.lists == "transactions"), 1)
        raise TransactionsError("it lists transactions, not positions", file=name, row=line,
                                remedy="ask the broker for its export of positions (holdings, portfolio) as of one date")  # fmt: skip
    if not listed and not balances:
        line = tables[0].line if tables else None
        raise InputError(
            "no column says how much is held",
            file=name,
            row=line,
            remedy="add Quantity, Market value or Weight, or map them with --columns",
        )
    shapes: dict[tuple[str, ...], list[Table]] = {}
    for t in listed:
        shapes.setdefault(t.columns.headings, []).append(t)
    ranked = sorted(shapes.values(), key=lambda g: (-_fullness(g), g[0].line))
    groups: list[list[Table]] = []
    seen: set[str] = set()
    for group in ranked:
        kept = _distinct(group, issues)
        named = {i for t in kept for i in _identities(t)} if len(ranked) > 1 else set()
        if groups and (not named or len(named & seen) > 0.2 * len(named)):
            issues.append(
                Issue(
                    "notice",
                    f"a second table, headed on line {group[0].line}, names what another holds already: left out",
                    row=group[0].line,
                )
            )
            continue
        seen |= named
        groups.append(kept)
    for t in tables:
        if t.lists in {"transactions", "other"} and t.body and groups and not _paperwork(t):
            issues.append(
                Issue(
                    "notice",
                    f"a table of {'transactions' if t.lists == 'transactions' else 'other things'}, headed on line {t.line}, is left out",
                    row=t.line,
                )
            )
    by_shape: dict[tuple[str, ...], list[Table]] = {}
    for t in balances:
        by_shape.setdefault(t.columns.headings, []).append(t)
    return sorted(groups + list(by_shape.values()), key=lambda g: g[0].line if len(src.sections) == 1 else 0)


def _paperwork(t: Table) -> bool:
    return not t.columns.at.keys() & NUMERIC


def _fullness(group: list[Table]) -> float:
    at = group[0].columns.at
    worth = {
        "market_value": 4,
        "quantity": 3,
        "price": 2,
        "weight": 2,
        "isin": 1,
        "ticker": 1,
        "name": 1,
        "asset_class": 1,
        "currency": 1,
    }
    body = sum(len(t.body) for t in group)
    return (
        sum(w for k, w in worth.items() if k in at)
        + min(body, 3) * 3
        - (6 if "quantity" not in at and "market_value" not in at and "weight" not in at else 0)
    )


def _identities(t: Table) -> list[str]:
    at = next((t.columns.at[k] for k in ("isin", "ticker", "cusip", "sedol", "name") if k in t.columns.at), None)
    return [
        str(c[at]).strip().upper()
        for _, c in t.body
        if at is not None and at < len(c) and len(filled(c)) > 2 and str(c[at]).strip()
    ]


def _distinct(group: list[Table], issues: list[Issue]) -> list[Table]:
    """Leave out a table that repeats another's rows by name and value under the same label."""
    kept: list[Table] = []
    known: dict[tuple[Any, ...], int] = {}
    if len(group) == 1:
        return group
    for t in group:
        at = t.columns.at
        fields = [at[k] for k in ("ticker", "isin", "name", "market_value") if k in at]
        key = (
            t.label,
            t.sheet,
            *(tuple(c[i] if i < len(c) else "" for i in fields) for _, c in t.body if len(filled(c)) > 3),
        )
        if len(key) > 3 and key in known and len(group) > 1:
            issues.append(Issue("warning", f"the table headed on line {t.line} repeats the one on line {known[key]}: read once", row=t.line,
                                remedy="if they are two portfolios, give them as two files"))  # fmt: skip
            continue
        known[key] = t.line
        kept.append(t)
    return [t for t in kept if t.body] or kept[:1]


def _once(t: Table, issues: list[Issue]) -> Table:
    """Take a balance that is written twice once."""
    seen: dict[tuple[Any, ...], int] = {}
    body = []
    for line, cells in t.body:
        key = tuple(cells)
        if key in seen and filled(cells):
            issues.append(Issue("notice", f"the balance of line {seen[key]} again: counted once", row=line))
            continue
        seen[key] = line
        body.append((line, cells))
    return Table(t.line, t.columns, body, t.label, t.lists, t.sheet)


def _american(src: Source, groups: list[list[Table]]) -> bool | None:
    """Tell by CUSIPs and dollars that month comes first and the point is decimal; None where nothing speaks for either."""
    columns = [g[0].columns for g in groups]
    if any("cusip" in c.at for c in columns) or any(u == "USD" for c in columns for u in c.units.values()):
        return True
    other = any(u in {"EUR", "GBP", "GBX", "CHF"} for c in columns for u in c.units.values())
    for g in groups:
        for _, cells in [row for t in g for row in t.body][:200]:
            for c in cells:
                if isinstance(c, str) and c:
                    if "$" in c or c == "USD":
                        return True
                    other = other or c in {"EUR", "GBP", "GBX", "CHF"} or "€" in c or "£" in c
    return False if other else None


def _numeric_cells(groups: list[list[Table]]) -> Iterable[Any]:
    for g in groups:
        for name, i in g[0].columns.at.items():
            if name in NUMERIC:
                for t in g:
                    for _, cells in t.body:
                        if i < len(cells):
                            yield cells[i]


def _decimal(
    groups: list[list[Table]], src: Source, american: bool | None, name: str, issues: list[Issue]
) -> numbers.Mark:
    """Decide the decimal mark over all figures of the file."""
    cells = list(_numeric_cells(groups))
    spread = cells[:: len(cells) // 4000] if len(cells) > 8000 else cells
    point, comma, open_dot, open_comma = numbers.evidence(spread)
    if len(spread) < len(cells) and not point and not comma:
        point, comma, open_dot, open_comma = numbers.evidence(cells)
    if point or comma:
        if point and comma:
            issues.append(
                Issue(
                    "warning",
                    f"{point} figures are written with a decimal point and {comma} with a decimal comma: read with the commoner",
                )
            )
        return "." if point >= comma else ","
    if not open_dot and not open_comma:
        return "."
    if open_dot and open_comma:
        return "."
    if src.dialect.get("delimiter") == ";" or american is not None or _language(groups):
        mark: numbers.Mark = "." if american or (american is None and _language(groups) == "en") else ","
        if american is False and src.dialect.get("delimiter") != ";" and _language(groups) == "en":
            mark = "."
        issues.append(
            Issue(
                "notice",
                f"no figure settles the decimal mark: {mark!r} is assumed from the rest of the file",
                remedy="--decimal . or --decimal ,",
            )
        )
        return mark
    raise InputError(
        "no figure settles whether 1,234 is a thousand or one and a bit",
        file=name,
        row=groups[0][0].line,
        remedy="say --decimal . or --decimal ,",
    )


def _language(groups: list[list[Table]]) -> str | None:
    """Tell English headings from others by their commonest words; None where neither shows."""
    words = " ".join(" ".join(g[0].columns.headings) for g in groups).lower()
    if re.search(
        r"\b(wert|marktwert|kurs|anzahl|stück|gewichtung|währung|valeur|quantité|cours|poids|libellé|aantal|koers|waarde|quantità|prezzo|valore|cantidad|precio|peso|nombre|titolo)\b",
        words,
    ):
        return "other"
    return None


def _order(
    groups: list[list[Table]], around: list[Any], american: bool | None, name: str, issues: list[Issue], src: Source
) -> dates.Order | None:
    """Decide the order of day and month over all dates of the file."""
    texts: list[Any] = [c for _, cells in around for c in cells if isinstance(c, str) and len(c) < 200]
    texts += [c for row in _small_print(groups) for c in row if len(c) < 200]
    for g in groups:
        for field in ("as_of", "maturity", "expiry"):
            if (i := g[0].columns.at.get(field)) is not None:
                texts += [cells[i] for t in g for _, cells in t.body if i < len(cells)]
    mdy, dmy, both = dates.evidence(texts)
    if mdy or dmy:
        return "mdy" if mdy >= dmy else "dmy"
    if not both:
        return None
    if american is None:
        raise InputError(
            "no date settles whether day or month comes first",
            file=name,
            row=groups[0][0].line,
            remedy="say --dates mdy or --dates dmy",
        )
    order: dates.Order = "mdy" if american else "dmy"
    said = "month first, as the dollars or CUSIPs suggest" if american else "day first"
    issues.append(
        Issue("notice", f"no date settles the order of day and month: {said}", remedy="--dates mdy or --dates dmy")
    )
    return order


def _small_print(groups: list[list[Table]]) -> list[list[str]]:
    """List the short texts below the tables: rows of one cell near their ends."""
    return [
        [str(c) for c in full]
        for g in groups
        for t in g
        for _, cells in t.body[-40:]
        if 0 < len(full := filled(cells)) <= 2
    ]


def _day(around: list[Any], tail: list[list[str]], order: dates.Order | None, name: str) -> date | None:
    """Find the date of the holdings in the text around the table, last in the name of the file."""
    best: tuple[int, date] | None = None
    for texts in [[c for c in filled(cells)] for _, cells in around] + tail:
        if len(texts) > 4:
            continue
        joined = " ".join(str(t) for t in texts)
        if len(joined) > 240 or _NOT_AS_OF.search(joined):
            continue
        found = [d for t in texts for d in dates.find(t, order)] or dates.find(joined, order)
        if found:
            rank = (
                2
                if re.search(r"as of|as at|holding|position|stand|stichtag|situation|valuation", joined, re.I)
                else 1
                if _AS_OF.search(joined)
                else 0
            )
            if best is None or rank > best[0]:
                best = (rank, found[-1])
    if best:
        return best[1]
    stem = re.sub(r"[_+]", " ", name.rsplit("/", 1)[-1].rsplit(".", 1)[0])
    found = dates.find(stem, order or "mdy")
    return found[-1] if found else None


def _hint(around: list[Any]) -> str | None:
    """Find the currency that the text before the table states: `Base currency: EUR`."""
    for _, cells in around:
        full = [str(c) for c in filled(cells)]
        joined = " ".join(full)
        if len(joined) < 120 and _BASE.search(joined):
            for word in re.findall(r"\b[A-Z]{3}\b", joined):
                if word in numbers.CODES:
                    return word
    return None


def _title(around: list[Any]) -> str | None:
    for _, cells in around[:6]:
        full = [str(c).strip() for c in filled(cells)]
        if len(full) == 2 and re.match(
            r"(?:fund|portfolio|account) ?name|fonds|portefeuille|nom du fonds", full[0], re.I
        ):
            return full[1]
        if len(full) == 1 and len(full[0]) < 120 and not dates.find(full[0], "dmy"):
            return full[0]
    return None


def _by_date(lines: list[Holding], issues: list[Issue]) -> dict[date | None, list[Holding]]:
    """Split lines by their own date where the same things come again; else the dates are those of prices, and the last counts."""
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


def _home(lines: list[Holding], issues: list[Issue]) -> list[Holding]:
    """Give lines of a file without any currency that of the market they belong to, in the open."""
    if any(h.price_currency or h.value_currency or (h.currency and h.kind != "cash") for h in lines):
        return lines
    if all(h.price is None and h.market_value is None for h in lines):
        return lines
    held = [h for h in lines if h.kind != "cash"]
    if found := of_isins(h.isin for h in held):
        how = "{1} of {2} ISINs are of its home"
    elif found := home_currency(h.ticker for h in lines):
        how = "{1} of {2} tickers are of its home market"
    else:
        return lines
    currency = found[0]
    issues.append(Issue("notice", f"no currency is stated: {currency} is assumed, as {how.format(*found)}", remedy="name another with the base currency"))
    return [replace(h, price_currency=currency if h.price is not None else None, value_currency=currency if h.market_value is not None else None)
            for h in lines]  # fmt: skip


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
