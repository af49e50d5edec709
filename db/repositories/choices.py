"""What people settle and try on a book: overrides, proxies and trades, under its id, so that no namesake finds them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select

from db.engine import Database
from db.models import OverrideLine, ProxyLine, TriedTrade
from db.repositories.names import ANYTHING, Anything, Seen, now, portfolio_id, refuse_stale
from exposure.errors import InputError
from exposure.messages import words
from exposure.types import Override, Part


class Choices(Database):
    """The overrides, the proxies and the trades of portfolios."""

    def overrides(self, portfolio: str | int | None = None) -> tuple[Override, ...]:
        """List the overrides that hold for a portfolio, its own before those of all; without a name, those of all."""
        with self.read() as connection:
            return tuple(_overrides(connection, None if portfolio is None else portfolio_id(connection, portfolio)))

    def set_override(
        self, override: Override, portfolio: str | int | None = None, *, seen: Seen[Override | None] = ANYTHING
    ) -> None:
        """Keep an assignment, of one portfolio or of all; it takes the place of the one for the same security.

        Raises
        ------
        StaleWrite
            Where another one than `seen` (None: none) holds for the security now.
        """
        key = _override_key(override.isin, override.ticker)
        with self.write() as connection:
            owner = None if portfolio is None else portfolio_id(connection, portfolio)
            _refuse_other(connection, owner, key, seen, override_said(override))
            connection.execute(delete(OverrideLine).where(*_same(owner, key)))
            values = {
                "portfolio_id": owner,
                "key": key,
                "isin": override.isin,
                "ticker": override.ticker,
                "parts": [asdict(part) for part in override.parts],
                "reason": override.reason,
                "author": override.author,
                "date": override.date,
                "delta": override.delta,
            }
            connection.execute(insert(OverrideLine).values(**values))

    def remove_override(
        self,
        isin: str | None = None,
        ticker: str | None = None,
        *,
        portfolio: str | int | None = None,
        seen: Seen[Override | None] = ANYTHING,
    ) -> Override:
        """Remove an assignment and hand it back, so that `set_override` undoes it; of `seen` as there."""
        key = _override_key(isin, ticker)
        with self.write() as connection:
            owner = None if portfolio is None else portfolio_id(connection, portfolio)
            _refuse_other(connection, owner, key, seen, words("store.stale.remove", {}))
            row = connection.execute(select(OverrideLine.__table__).where(*_same(owner, key))).one_or_none()
            if row is None:
                raise InputError("store.no-override", security=isin or ticker or "")
            connection.execute(delete(OverrideLine).where(OverrideLine.id == row.id))
        return _override(row)

    def proxies(self, portfolio: str | int) -> dict[str, str]:
        """Give what a person chose for a portfolio: line → the series that stands in for it."""
        with self.read() as connection:
            key = portfolio_id(connection, portfolio)
            query = select(ProxyLine.line, ProxyLine.symbol).where(ProxyLine.portfolio_id == key)
            return {line: symbol for line, symbol in connection.execute(query.order_by(ProxyLine.line))}

    def choose_proxies(
        self, portfolio: str | int, chosen: Mapping[str, str | None], *, seen: Seen[Mapping[str, str]] = ANYTHING
    ) -> None:
        """Let series stand in for lines, or (None) no more; other lines stay as they are, all or none.

        Raises
        ------
        StaleWrite
            Where one of these lines is priced by another series than in `seen`, what the person was shown.
        """
        with self.write() as connection:
            key = portfolio_id(connection, portfolio)
            same = (ProxyLine.portfolio_id == key, ProxyLine.line.in_(list(chosen)))
            found = {a: b for a, b in connection.execute(select(ProxyLine.line, ProxyLine.symbol).where(*same))}
            if not isinstance(seen, Anything):
                shown = {line: seen[line] for line in chosen if line in seen}
                mine, theirs = proxies_said(chosen), proxies_said({line: found.get(line) for line in chosen})
                refuse_stale("store.stale.proxies", shown, found, mine, lambda _: theirs)
            connection.execute(delete(ProxyLine).where(*same))
            for line, symbol in chosen.items():
                if symbol is not None:
                    values = {"portfolio_id": key, "line": line, "symbol": symbol, "saved_at": now()}
                    connection.execute(insert(ProxyLine).values(**values))

    def trades(self, portfolio: str | int, scenario_id: str) -> dict[int, dict[str, Any]]:
        """Give the trades that are tried on a portfolio under a scenario: id → as written, the earliest first."""
        with self.read() as connection:
            same = _under(portfolio_id(connection, portfolio), scenario_id)
            query = select(TriedTrade.id, TriedTrade.trade).where(*same).order_by(TriedTrade.place, TriedTrade.id)
            return {key: dict(trade) for key, trade in connection.execute(query)}

    def try_trade(self, portfolio: str | int, scenario_id: str, trade: Mapping[str, Any]) -> int:
        """Keep a trade after those that are there; give its id."""
        with self.write() as connection:
            owner = portfolio_id(connection, portfolio)
            last = connection.execute(select(func.max(TriedTrade.place)).where(*_under(owner, scenario_id))).scalar()
            row = insert(TriedTrade).values(
                portfolio_id=owner, scenario_id=scenario_id, place=(last or 0) + 1, trade=dict(trade), saved_at=now()
            )
            made: int = connection.execute(row.returning(TriedTrade.id)).scalar_one()
            return made

    def take_trades(self, keys: Collection[int]) -> list[dict[str, Any]]:
        """Take trades away by their ids and hand them back whole, so that `put_trades` undoes it."""
        with self.write() as connection:
            same = TriedTrade.id.in_(list(keys))
            columns = [c for c in TriedTrade.__table__.columns if c.name != "saved_at"]
            gone = [dict(row._mapping) for row in connection.execute(select(*columns).where(same))]
            connection.execute(delete(TriedTrade).where(same))
        return gone

    def put_trades(self, gone: Collection[Mapping[str, Any]]) -> None:
        """Put back what `take_trades` gave, each in its place, unless it is there or its portfolio is not."""
        with self.write() as connection:
            for each in gone:
                portfolio_id(connection, each["portfolio_id"])
                if connection.execute(select(TriedTrade.id).where(TriedTrade.id == each["id"])).scalar() is None:
                    connection.execute(insert(TriedTrade).values(**each, saved_at=now()))


def _override_key(isin: str | None, ticker: str | None) -> str:
    if not isin and not ticker:
        raise InputError("store.override-nameless")
    return f"isin:{isin}" if isin else f"ticker:{ticker}"


def _same(owner: int | None, key: str) -> tuple[Any, ...]:
    mine = OverrideLine.portfolio_id.is_(None) if owner is None else OverrideLine.portfolio_id == owner
    return mine, OverrideLine.key == key


def _overrides(connection: Connection, key: int | None) -> Iterator[Override]:
    """Read the overrides that hold for a portfolio of an id (None: for all), its own before those of all."""
    line = OverrideLine
    which = line.portfolio_id.is_(None) if key is None else or_(line.portfolio_id.is_(None), line.portfolio_id == key)
    rows = connection.execute(select(line.__table__).where(which).order_by(line.id)).all()
    seen: set[str] = set()
    for row in sorted(rows, key=lambda row: row.portfolio_id is None):
        if row.key not in seen:
            seen.add(row.key)
            yield _override(row)


def _override(row: Row[Any]) -> Override:
    parts = tuple(Part(**part) for part in row.parts)
    return Override(row.isin, row.ticker, parts, row.reason, row.author, row.date, row.delta)


def _refuse_other(connection: Connection, owner: int | None, key: str, seen: Seen[Override | None], mine: str) -> None:
    """Refuse where another override than the one seen holds for a security, the portfolio's own or that of all."""
    if isinstance(seen, Anything):
        return
    holds = (o for o in _overrides(connection, owner) if _override_key(o.isin, o.ticker) == key)
    theirs = next(holds, None)
    said = override_said(theirs) if theirs else ""
    refuse_stale("store.stale.override", seen, theirs, mine, lambda _: said, security=key.partition(":")[2])


def override_said(override: Override) -> str:
    """Write an override as a text: where it places a security, why, by whom and when."""
    parts = ", ".join(f"{part.segment} {part.weight:g}" for part in override.parts)
    parts += "" if override.delta is None else f"{', ' if parts else ''}delta {override.delta:g}"
    by = f"{override.author}, " if override.author else ""
    return f"{parts}: {override.reason} ({by}{override.date.isoformat()})"


def proxies_said(chosen: Mapping[str, str | None]) -> str:
    """Write what stands in for lines as a text."""
    nothing = words("store.stale.nothing", {})
    return ", ".join(f"{line}: {symbol or nothing}" for line, symbol in sorted(chosen.items()))


def _under(owner: int, scenario_id: str) -> tuple[Any, ...]:
    return TriedTrade.portfolio_id == owner, TriedTrade.scenario_id == scenario_id
