"""The tables of what people have settled, tried and kept; `models` has those of books and prices, and is the door."""

from __future__ import annotations

from datetime import date as Day
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id
from db.columns import Verbatim
from db.identity import new_id


class OverrideLine(Base):
    """A user's own assignment, of one portfolio or (`portfolio_id` null) of all."""

    __tablename__ = "overrides"
    __table_args__ = (Index("ix_overrides_portfolio_key", "portfolio_id", "key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    portfolio_id: Mapped[int | None] = mapped_column(Id, ForeignKey("portfolios.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(Verbatim)
    """`isin:…`, or `ticker:…` where no ISIN is known."""
    isin: Mapped[str | None] = mapped_column(Verbatim)
    ticker: Mapped[str | None] = mapped_column(Verbatim)
    parts: Mapped[list[Any]]
    reason: Mapped[str] = mapped_column(Verbatim)
    author: Mapped[str] = mapped_column(Verbatim)
    date: Mapped[Day]
    delta: Mapped[float | None]


class ScenarioText(Base):
    """A custom scenario as its TOML text."""

    __tablename__ = "scenarios"
    id: Mapped[str] = mapped_column(Verbatim, primary_key=True)
    toml: Mapped[str] = mapped_column(Verbatim)
    saved_at: Mapped[datetime]


class ColumnMapping(Base):
    """How files with a given header are read, once a user has said so."""

    __tablename__ = "column_mappings"
    shape: Mapped[str] = mapped_column(Verbatim, primary_key=True)
    mapping: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]


class MappingUse(Base):
    """A portfolio that holds files of a shape; a mapping goes with the last of them."""

    __tablename__ = "mapping_uses"
    shape: Mapped[str] = mapped_column(
        Verbatim, ForeignKey("column_mappings.shape", ondelete="CASCADE"), primary_key=True
    )
    portfolio_id: Mapped[int] = mapped_column(Id, ForeignKey("portfolios.id", ondelete="CASCADE"), primary_key=True)


class Answer(Base):
    """A user's answer to which security an identifier of a file means, for one portfolio or (null) for all."""

    __tablename__ = "answers"
    __table_args__ = (Index("ix_answers_portfolio_identifier", "portfolio_id", "identifier"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    portfolio_id: Mapped[int | None] = mapped_column(Id, ForeignKey("portfolios.id", ondelete="CASCADE"))
    identifier: Mapped[str] = mapped_column(Verbatim)
    symbol: Mapped[str] = mapped_column(Verbatim)
    saved_at: Mapped[datetime]


class ProxyLine(Base):
    """A series that a person lets stand in for a line of a portfolio without prices."""

    __tablename__ = "proxies"
    portfolio_id: Mapped[int] = mapped_column(Id, ForeignKey("portfolios.id", ondelete="CASCADE"), primary_key=True)
    line: Mapped[str] = mapped_column(Verbatim, primary_key=True)
    symbol: Mapped[str] = mapped_column(Verbatim)
    saved_at: Mapped[datetime]


class TriedTrade(Base):
    """A trade that is tried on a portfolio under a scenario, the earlier before the later."""

    __tablename__ = "trades"
    __table_args__ = (Index("ix_trades_portfolio_scenario", "portfolio_id", "scenario_id", "place"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False, default=new_id)
    portfolio_id: Mapped[int] = mapped_column(Id, ForeignKey("portfolios.id", ondelete="CASCADE"))
    scenario_id: Mapped[str] = mapped_column(Verbatim)
    place: Mapped[int]
    trade: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]


class KeptText(Base):
    """A book, a scenario, what a book was made of, or an answer, as packed canonical JSON under its own hash."""

    __tablename__ = "kept_texts"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    packed: Mapped[bytes] = mapped_column(LargeBinary)


class KeptResult(Base):
    """The result of a shock as it was, with all that it can be worked out from again; texts by their hashes."""

    __tablename__ = "kept_results"
    __table_args__ = (Index("ix_kept_results_portfolio_id", "portfolio_id", "kept_at"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False, default=new_id)
    portfolio_id: Mapped[int] = mapped_column(Id, ForeignKey("portfolios.id", ondelete="CASCADE"))
    number: Mapped[int]
    """What people call it by; counts up within a store."""
    snapshot_id: Mapped[int | None] = mapped_column(Id)
    """The stored snapshot it was made from; it may be gone, the book is kept here whole."""
    as_of: Mapped[Day | None]
    currency: Mapped[str | None] = mapped_column(Verbatim)
    """Of the figures; null for a book of weights."""
    scenario_id: Mapped[str] = mapped_column(Verbatim)
    scenario_title: Mapped[str] = mapped_column(Verbatim)
    scenario_hash: Mapped[str] = mapped_column(String(64))
    engine: Mapped[str] = mapped_column(Text)
    total_return: Mapped[float]
    pnl: Mapped[float]
    book: Mapped[str] = mapped_column(String(64), ForeignKey("kept_texts.sha256"))
    scenario: Mapped[str] = mapped_column(String(64), ForeignKey("kept_texts.sha256"))
    inputs: Mapped[str] = mapped_column(String(64), ForeignKey("kept_texts.sha256"))
    answer: Mapped[str] = mapped_column(String(64), ForeignKey("kept_texts.sha256"))
    note: Mapped[str] = mapped_column(Verbatim)
    kept_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class Setting(Base):
    """Any other choice, as JSON."""

    __tablename__ = "settings"
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]


class SettingUse(Base):
    """A portfolio that was on show while a choice was made (a draft, say), which goes with it."""

    __tablename__ = "setting_uses"
    key: Mapped[str] = mapped_column(Text, ForeignKey("settings.key", ondelete="CASCADE"), primary_key=True)
    portfolio_id: Mapped[int] = mapped_column(Id, ForeignKey("portfolios.id", ondelete="CASCADE"), primary_key=True)
