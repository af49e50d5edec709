"""A snapshot as rows and back: what goes in comes out equal, whatever text and numbers it holds.

Also what the latest snapshots hold, by the symbols that a feed is asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from itertools import compress
from math import isfinite
from typing import Any

from sqlalchemy import Connection, Select, Text, cast, func, insert, select, type_coerce, update

from db.columns import Verbatim, insert_rows
from db.models import HoldingLine, Portfolio, RejectedLine, SnapshotHead
from db.repositories.names import now
from db.repositories.settings import answers_of
from exposure.errors import InputError
from exposure.types import Holding, Issue, Rejected, Snapshot
from exposure.units import currency_of

LAST_FIRST = (SnapshotHead.as_of.desc(), SnapshotHead.imported_at.desc(), SnapshotHead.id.desc())
"""Order of snapshots, the latest first; of several of one date, the last imported: ids tell no order."""


_FIELDS = tuple(Holding.__dataclass_fields__)
_NUMBERS = ("quantity", "price", "market_value", "weight", "notional_value", "strike")
_DATES = ("as_of", "expiry")
_TEXTS = frozenset(column.name for column in HoldingLine.__table__.columns if isinstance(column.type, Verbatim))
# Texts and lists as they are stored: undoing them value by value would take longer than reading them.
_COLUMNS = [
    cast(getattr(HoldingLine, field), Text)
    if field == "derived"
    else type_coerce(getattr(HoldingLine, field), Text)
    if field in _TEXTS
    else getattr(HoldingLine, field)
    for field in _FIELDS
]


def check(snapshot: Snapshot) -> None:
    """Refuse a snapshot without a date, or with a number that is none, before anything is written."""
    if snapshot.as_of is None:
        raise InputError("store.no-date", file=snapshot.file)
    numbers = [("stated_total", snapshot.stated_total, None), *(("weight", i.weight, i.row) for i in snapshot.issues)]
    for name, value, row in numbers:
        if value is not None and not isfinite(value):
            raise InputError("store.not-finite", file=snapshot.file, row=row, field=name, value=str(value))
    for field in _NUMBERS:
        column = snapshot.column(field)
        if not all(map(isfinite, filter(None, column))):
            at, value = next((i, v) for i, v in enumerate(column) if v is not None and not isfinite(v))
            place: dict[str, Any] = {"file": snapshot.file, "row": snapshot.column("row")[at], "column": field}
            raise InputError("store.not-finite", **place, field=field, value=str(value))


def insert_snapshot(connection: Connection, portfolio: int, snapshot: Snapshot) -> int:
    """Write a checked snapshot with its rows in the caller's transaction; give its id."""
    nav = snapshot.total_market_value
    units = compress(snapshot.column("value_currency"), (v is not None for v in snapshot.column("market_value")))
    head = insert(SnapshotHead).values(
        portfolio_id=portfolio,
        as_of=snapshot.as_of,
        currency=snapshot.currency,
        file=snapshot.file,
        sha256=snapshot.sha256,
        format=snapshot.format,
        title=snapshot.title,
        stated_total=snapshot.stated_total,
        dates=[day.isoformat() for day in snapshot.dates],
        columns=dict(snapshot.columns),
        dialect=dict(snapshot.dialect),
        issues=[asdict(issue) for issue in snapshot.issues],
        positions=snapshot.positions,
        nav=nav,
        nav_currency=snapshot.currency if nav is None else next(units),
        imported_at=_moment(connection, portfolio),
    )
    made: int = connection.execute(head.returning(SnapshotHead.id)).scalar_one()
    columns, constants = _plain_columns(snapshot)
    rows = zip(range(len(snapshot.column("row"))), *columns.values(), strict=True)
    insert_rows(connection, HoldingLine, ("position", *columns), rows, {"snapshot_id": made, **constants})
    rejected = [
        (place, one.row, one.code, Verbatim.escape(one.raw), json.dumps(one.params))
        for place, one in enumerate(snapshot.rejected)
    ]
    columns_of = ("position", "row", "code", "raw", "params")
    insert_rows(connection, RejectedLine, columns_of, rejected, {"snapshot_id": made})
    return made


def _moment(connection: Connection, portfolio: int) -> datetime:
    """Give a moment after every import into the portfolio, whatever a clock says: the last of a date counts."""
    before = connection.execute(
        select(func.max(SnapshotHead.imported_at)).where(SnapshotHead.portfolio_id == portfolio)
    ).scalar()
    return now() if before is None else max(now(), before + timedelta(microseconds=1))


def _plain_columns(snapshot: Snapshot) -> tuple[dict[str, Iterable[Any]], dict[str, Any]]:
    """Give field → values as the database keeps them, and field → the one value that all holdings share.

    A field that no holding has is left out. Figures are never taken as shared: 0 and −0 are equal and not the same.
    """
    columns: dict[str, Iterable[Any]] = {}
    constants: dict[str, Any] = {}
    for field in _FIELDS:
        values = snapshot.column(field)
        if values.count(None) == len(values):
            continue
        if field in _NUMBERS or field == "row":
            columns[field] = values
            continue
        known = set(values)
        if len(known) == 1:
            constants[field] = _plain(field, values[0])
        elif field not in (*_DATES, "derived") and not Verbatim.touches(known):
            columns[field] = values
        else:
            columns[field] = map({value: _plain(field, value) for value in known}.__getitem__, values)
    return columns, constants


def _plain(field: str, value: Any) -> Any:
    """Give a value as the database keeps it."""
    if value is None:
        return None
    if field == "derived":
        return json.dumps(value)
    if field in _DATES:
        return value.isoformat()
    return Verbatim.escape(value) if field in _TEXTS else value


def load_snapshot(connection: Connection, snapshot_id: int) -> Snapshot:
    """Read a snapshot that is known to be there."""
    head = connection.execute(select(SnapshotHead.__table__).where(SnapshotHead.id == snapshot_id)).one()
    lines = select(*_COLUMNS).where(HoldingLine.snapshot_id == snapshot_id).order_by(HoldingLine.position)
    rejected = (
        select(RejectedLine.row, RejectedLine.code, RejectedLine.raw, RejectedLine.params)
        .where(RejectedLine.snapshot_id == snapshot_id)
        .order_by(RejectedLine.position)
    )
    return Snapshot(
        file=head.file,
        format=head.format,
        as_of=head.as_of,
        dates=tuple(date.fromisoformat(day) for day in head.dates),
        currency=head.currency,
        holdings=(),
        rejected=tuple(
            Rejected(row, code, raw, tuple(map(tuple, params)))
            for row, code, raw, params in connection.execute(rejected)
        ),
        issues=tuple(Issue.stored(issue) for issue in head.issues),
        stated_total=head.stated_total,
        title=head.title,
        columns=head.columns,
        dialect=head.dialect,
        sha256=head.sha256,
    ).of_lines(_lines(connection.execute(lines).all()))


def _lines(rows: Sequence[Sequence[Any]]) -> dict[str, Sequence[Any]]:
    """Make columns of stored rows, the texts of each undone together."""
    if not rows:
        return {"row": (), "kind": ()}
    columns: dict[str, Sequence[Any]] = dict(zip(_FIELDS, zip(*rows, strict=True), strict=True))
    for field, values in columns.items():
        if field == "derived":
            lists = {text: tuple(json.loads(text)) for text in set(values)}
            columns[field] = list(map(lists.__getitem__, values))
        elif field in _TEXTS and "\\" in " ".join(filter(None, values)):
            columns[field] = list(map(Verbatim.restore, values))
    return columns


def hide(connection: Connection, snapshot_id: int) -> None:
    """Put a snapshot into the bin, in the caller's transaction."""
    connection.execute(update(SnapshotHead).where(SnapshotHead.id == snapshot_id).values(deleted_at=now()))


def twin_of(connection: Connection, key: int, sha256: str, as_of: date) -> int | None:
    """Find the snapshot of the same file and date in a portfolio of an id."""
    if not sha256:  # made by a program, not read from a file: nothing to recognise it by
        return None
    same = (SnapshotHead.portfolio_id == key, SnapshotHead.sha256 == sha256, SnapshotHead.as_of == as_of)
    return connection.execute(select(SnapshotHead.id).where(*same, SnapshotHead.deleted_at.is_(None))).scalar()


def require_snapshot(connection: Connection, snapshot_id: int) -> None:
    """Refuse the id of a snapshot that is not there, be it deleted or purged or never given."""
    live = (SnapshotHead.deleted_at.is_(None), Portfolio.deleted_at.is_(None))
    query = select(SnapshotHead.id).join(Portfolio, Portfolio.id == SnapshotHead.portfolio_id)
    if connection.execute(query.where(SnapshotHead.id == snapshot_id, *live)).scalar() is None:
        raise InputError("store.no-snapshot", id=snapshot_id)


_CODE = re.compile("[A-Z]{3}")
_READ = (
    "kind",
    "ticker",
    "isin",
    "cusip",
    "sedol",
    "figi",
    "name",
    "exchange",
    "country",
    "currency",
    "price_currency",
)


def symbols_of(connection: Connection, portfolio: int | None) -> tuple[str, ...]:
    """List the symbols of the latest snapshots, of one portfolio or of every one that real prices measure."""
    from exposure.chain import issuer_table

    query = _held(portfolio, *_READ).add_columns(Portfolio.id).where(HoldingLine.kind.in_(("equity", "fund")))
    answers: dict[int, dict[str, str]] = {}
    found: set[str] = set()
    for *row, owner in connection.execute(query).all():
        if owner not in answers:
            answers[owner] = answers_of(connection, owner)
        holding = Holding(0, **dict(zip(_READ, row, strict=True)))
        match = issuer_table().find(holding, answers[owner])
        symbol = answers[owner].get(match.symbol or "", match.symbol)
        found.update(one for one in (symbol, match.issuer.underlying if match.issuer else None) if one)
    return tuple(sorted(found))


def rates_of(connection: Connection, portfolio: int | None) -> tuple[str, ...]:
    """List the currencies of the latest snapshots as Yahoo's pairs with the US dollar, pence as pounds.

    Those that the listings held are quoted in are among them, whatever the file values them in.
    """
    from exposure.chain import CURRENCY_OF, split_symbol

    stated = connection.execute(_held(portfolio, "currency", "price_currency", "value_currency"))
    quoted = {CURRENCY_OF.get(split_symbol(symbol)[1]) for symbol in symbols_of(connection, portfolio)}
    codes = {currency_of(code) for code in (*(code for row in stated for code in row), *quoted) if code}
    return tuple(sorted(f"{code}USD=X" for code in codes if code and _CODE.fullmatch(code) and code != "USD"))


def _held(portfolio: int | None, *fields: str) -> Select[Any]:
    """Ask for the distinct lines of the latest snapshots."""
    latest = (
        select(SnapshotHead.portfolio_id, func.max(SnapshotHead.as_of).label("as_of"))
        .where(SnapshotHead.deleted_at.is_(None))
        .group_by(SnapshotHead.portfolio_id)
        .subquery()
    )
    which = Portfolio.price_set == "market" if portfolio is None else Portfolio.id == portfolio
    return (
        select(*(getattr(HoldingLine, name) for name in fields))
        .join(SnapshotHead, SnapshotHead.id == HoldingLine.snapshot_id)
        .join(latest, (latest.c.portfolio_id == SnapshotHead.portfolio_id) & (latest.c.as_of == SnapshotHead.as_of))
        .join(Portfolio, Portfolio.id == SnapshotHead.portfolio_id)
        .where(which, Portfolio.deleted_at.is_(None), SnapshotHead.deleted_at.is_(None))
        .distinct()
    )
