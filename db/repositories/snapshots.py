"""A snapshot as rows and back: what goes in comes out equal, whatever text and numbers it holds."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from math import isfinite
from typing import Any

from sqlalchemy import Connection, insert, select

from db.bulk import insert_rows
from db.models import HoldingLine, RejectedLine, SnapshotHead, Verbatim
from db.repositories.names import now
from exposure.errors import InputError
from exposure.types import Holding, Issue, Rejected, Snapshot

_FIELDS = tuple(Holding.__dataclass_fields__)
_NUMBERS = ("quantity", "price", "market_value", "weight", "notional_value", "strike")
_COLUMNS = [getattr(HoldingLine, field) for field in _FIELDS]


def check(snapshot: Snapshot) -> None:
    """Refuse a snapshot without a date, or with a number that is none, before anything is written."""
    if snapshot.as_of is None:
        raise InputError(
            "no date is known of these holdings", file=snapshot.file, remedy="say of which day they are (--as-of DATE)"
        )
    numbers = [("stated_total", snapshot.stated_total, None), *(("weight", i.weight, i.row) for i in snapshot.issues)]
    for name, value, row in numbers:
        if value is not None and not isfinite(value):
            raise InputError(
                f"{name} is {value}, no finite number", file=snapshot.file, row=row, remedy="correct the file"
            )
    for holding in snapshot.holdings:
        for field in _NUMBERS:
            value = getattr(holding, field)
            if value is not None and not isfinite(value):
                what = f"{field} is {value}, no finite number"
                raise InputError(what, file=snapshot.file, row=holding.row, column=field, remedy="correct the row")


def insert_snapshot(connection: Connection, portfolio: int, snapshot: Snapshot) -> int:
    """Write a checked snapshot with its rows in the caller's transaction; give its id."""
    nav = snapshot.total_market_value
    currencies = {h.value_currency for h in snapshot.holdings if h.market_value is not None}
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
        nav_currency=snapshot.currency if nav is None else currencies.pop(),
        imported_at=now(),
    )
    made: int = connection.execute(head.returning(SnapshotHead.id)).scalar_one()
    lines = [(made, place, *_plain(holding)) for place, holding in enumerate(snapshot.holdings)]
    insert_rows(connection, HoldingLine, ("snapshot_id", "position", *_FIELDS), lines)
    rejected = [
        (made, place, one.row, Verbatim.escape(one.reason), Verbatim.escape(one.raw))
        for place, one in enumerate(snapshot.rejected)
    ]
    insert_rows(connection, RejectedLine, ("snapshot_id", "position", "row", "reason", "raw"), rejected)
    return made


def _plain(holding: Holding) -> list[Any]:
    out: list[Any] = []
    for field in _FIELDS:
        value = getattr(holding, field)
        if isinstance(value, str):
            value = Verbatim.escape(value)
        elif isinstance(value, date):
            value = value.isoformat()
        elif isinstance(value, tuple):
            value = json.dumps(value) if value else "[]"
        out.append(value)
    return out


def load_snapshot(connection: Connection, snapshot_id: int) -> Snapshot:
    """Read a snapshot that is known to be there."""
    head = connection.execute(select(SnapshotHead.__table__).where(SnapshotHead.id == snapshot_id)).one()
    lines = select(*_COLUMNS).where(HoldingLine.snapshot_id == snapshot_id).order_by(HoldingLine.position)
    rejected = (
        select(RejectedLine.row, RejectedLine.reason, RejectedLine.raw)
        .where(RejectedLine.snapshot_id == snapshot_id)
        .order_by(RejectedLine.position)
    )
    return Snapshot(
        file=head.file,
        format=head.format,
        as_of=head.as_of,
        dates=tuple(date.fromisoformat(day) for day in head.dates),
        currency=head.currency,
        holdings=tuple(_holding(tuple(row)) for row in connection.execute(lines)),
        rejected=tuple(Rejected(*row) for row in connection.execute(rejected)),
        issues=tuple(Issue(**issue) for issue in head.issues),
        stated_total=head.stated_total,
        title=head.title,
        columns=head.columns,
        dialect=head.dialect,
        sha256=head.sha256,
    )


def _holding(row: tuple[Any, ...]) -> Holding:
    # `derived` is a list in JSON and a tuple in the noun.
    values = dict(zip(_FIELDS, row, strict=True))
    values["derived"] = tuple(values["derived"])
    return Holding(**values)
