"""Rows of a script as a snapshot: a DataFrame or mappings whose columns are named, with no guessing of units.

A column is named as the field of `Holding` it fills (`ticker`, `isin`, `quantity`, `market_value`, `weight`, …), in any
case and with spaces for underscores; `columns` names others. Values are Python's, NumPy's or pandas': numbers are
numbers, weights are fractions, dates are dates. Nothing is read out of text, and what is missing stays missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from math import isfinite
from numbers import Real
from typing import Any

from exposure import arguments
from exposure.delivered import KINDS, Holding, Issue, Snapshot, refuse_beyond
from exposure.errors import ArgumentError, InputError
from exposure.files import CURRENCY_CODES
from exposure.units import currency_of, in_currency, unit_named

NUMBERS = ("quantity", "price", "market_value", "weight", "notional_value", "strike")
DAYS = ("as_of", "expiry")
UNITS = ("currency", "price_currency", "value_currency")
DERIVED = ("row", "derived")
FIELDS = tuple(name for name in Holding.__dataclass_fields__ if name not in DERIVED)
NAMES = ("ticker", "isin", "cusip", "sedol", "figi", "name")
Row = Mapping[str, Any]


def rows_of(source: Any) -> list[Row] | None:
    """Give the rows of a DataFrame or of an iterable of mappings; None where it is neither."""
    if hasattr(source, "to_dict") and hasattr(source, "columns"):
        frame = source if source.index.name is None else source.reset_index()
        return [
            dict(zip(map(str, frame.columns), row, strict=True)) for row in frame.itertuples(index=False, name=None)
        ]
    if isinstance(source, str | bytes | Mapping) or hasattr(source, "read") or not isinstance(source, Iterable):
        return None
    rows = list(source)
    for i, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise TypeError(f"source: expected mappings of column to value, row {i + 1} is {type(row).__name__}")
    return rows


def snapshot_of(
    rows: Sequence[Row], *, name: str = "rows", as_of: date | None = None, columns: Mapping[str, str] | None = None
) -> Snapshot:
    """Make the snapshot of rows.

    Parameters
    ----------
    rows : column → value, for each line.
    name : what messages call them.
    as_of : date of the lines; where they name dates themselves, which of them to take (the latest by default).
    columns : field of `Holding` → the column that fills it, where that is named otherwise.

    Raises
    ------
    ArgumentError
        A column of `columns` is not there, or fills no field.
    InputError
        No column names a line or sizes it, or a value is not what its field holds; the row is named.
    """
    if not rows:
        raise InputError("frame.empty", file=name)
    fields, unused = _fields(rows, columns or {})
    if not set(fields) & set(NAMES):
        raise InputError("frame.no-name", file=name, known=", ".join(NAMES))
    if not set(fields) & {"market_value", "weight", "quantity"}:
        raise InputError("frame.no-size", file=name)
    holdings = [_holding(i, {f: row.get(c) for f, c in fields.items()}, name) for i, row in enumerate(rows, 1)]
    dates = tuple(sorted({h.as_of for h in holdings if h.as_of is not None}))
    if dates:
        chosen = as_of or dates[-1]
        if chosen not in dates:
            raise InputError("frame.no-such-date", file=name, day=chosen.isoformat(), known=", ".join(map(str, dates)))
        holdings = [h for h in holdings if h.as_of in (None, chosen)]
        as_of = chosen
    for field in ("market_value", "price", "quantity"):
        refuse_beyond({field: [getattr(h, field) for h in holdings]}, [h.row for h in holdings], name)
    found = {h.value_currency for h in holdings if h.market_value is not None}
    return Snapshot(
        file=name,
        format="rows",
        as_of=as_of,
        dates=dates or ((as_of,) if as_of else ()),
        currency=found.pop() if len(found) == 1 else None,
        holdings=tuple(holdings),
        issues=tuple(Issue.of("notice", "frame.unused", heading=column) for column in unused),
        columns=fields,
    )


def _fields(rows: Sequence[Row], columns: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Give field → column, and the columns that fill none."""
    there = list(dict.fromkeys(str(c) for row in rows for c in row))
    for field, column in columns.items():
        arguments.choice(field, "columns", FIELDS)
        if column not in there:
            raise ArgumentError("frame.no-column", argument="columns", heading=str(column), known=", ".join(there))
    found = dict(columns)
    plain = {column.strip().lower().replace(" ", "_"): column for column in there}
    found |= {field: plain[field] for field in FIELDS if field in plain and field not in columns}
    return found, [c for c in there if c not in found.values()]


def _holding(row: int, given: Mapping[str, Any], file: str) -> Holding:
    values = {field: _value(field, value, row, file) for field, value in given.items() if not _missing(value)}
    unit = values.get("price_currency") or values.get("currency") or values.get("value_currency")
    derived: tuple[str, ...] = ()
    if values.get("market_value") is None and None not in (values.get("quantity"), values.get("price")) and unit:
        worth = in_currency(values["quantity"] * values["price"], unit)
        values["market_value"], values["value_currency"] = worth, values.get("value_currency") or currency_of(unit)
        derived = ("market_value",)
    if values.get("price") is not None:
        values.setdefault("price_currency", unit)
    if values.get("market_value") is not None and not derived:
        stated = values.get("value_currency") or currency_of(unit)
        values["market_value"] = in_currency(values["market_value"], stated)
        values["value_currency"] = currency_of(stated)
    values["currency"] = currency_of(values.get("currency") or unit)
    values.setdefault("kind", _kind(values))
    return Holding(row=row, derived=derived, **values)


def _kind(values: Mapping[str, Any]) -> str:
    from exposure.reading import kind_of

    return kind_of(values.get("ticker"), values.get("name"))


def _missing(value: Any) -> bool:
    """Tell None, NaN, NaT, pandas' NA and empty text: what is not there."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, str):
        return not value.strip()
    return isinstance(value, Real) and value != value


def _value(field: str, value: Any, row: int, file: str) -> Any:
    if field in NUMBERS:
        if isinstance(value, bool) or not isinstance(value, Real) or not isfinite(value):
            raise InputError("frame.no-number", file=file, row=row, column=field, value=repr(value))
        return float(value)
    if field in DAYS:
        return arguments.day(value, field)
    if field in UNITS:
        unit = unit_named(str(value).strip())
        if currency_of(unit) not in CURRENCY_CODES:
            raise InputError("frame.no-currency", file=file, row=row, column=field, value=repr(value))
        return unit
    if field == "kind" and value not in KINDS:
        raise InputError("frame.no-kind", file=file, row=row, column=field, value=repr(value), known=", ".join(KINDS))
    if field == "right" and value not in ("call", "put"):
        raise InputError("frame.no-right", file=file, row=row, column=field, value=repr(value))
    return str(value).strip()
