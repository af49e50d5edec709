"""What people try and let stand in on a portfolio: trades and proxies, under its id, so that no namesake finds them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import delete, func, insert, select

from db.engine import Database
from db.models import ProxyLine, TriedTrade
from db.repositories.names import ANYTHING, Anything, Seen, now, portfolio_id, refuse_stale


class Choices(Database):
    """The part of the store that holds trades and proxies."""

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
                refuse_stale("what stands in for a line", shown, found, proxies_said(chosen),
                             lambda there: proxies_said({line: there.get(line) for line in chosen}))  # fmt: skip
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


def proxies_said(chosen: Mapping[str, str | None]) -> str:
    """Write what stands in for lines as a text."""
    return ", ".join(f"{line}: {symbol or 'nothing'}" for line, symbol in sorted(chosen.items()))


def _under(owner: int, scenario_id: str) -> tuple[Any, ...]:
    return TriedTrade.portfolio_id == owner, TriedTrade.scenario_id == scenario_id
