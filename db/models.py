"""The tables, and nothing else: every query stands in `repositories/`, every change of a table in `migrations/`.

What is deleted carries a `deleted_at` and can be restored. Text that came out of a file is `Verbatim`: it survives
whatever characters it holds. Numbers are doubles, dates are session dates, moments are UTC. What hangs on a portfolio
names it by `portfolio_id` and goes with it; ids of portfolios, snapshots and kept results never return (`identity`).
"""

from __future__ import annotations

from datetime import date as Day
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id
from db.columns import Verbatim
from db.identity import new_id
from db.settled import (
    Answer,
    ColumnMapping,
    KeptResult,
    KeptText,
    MappingUse,
    OverrideLine,
    ProxyLine,
    ScenarioText,
    Setting,
    SettingUse,
    TriedTrade,
)

__all__ = [
    "Answer",
    "BankRate",
    "Base",
    "ColumnMapping",
    "CorporateAction",
    "HoldingLine",
    "KeptResult",
    "KeptText",
    "MappingUse",
    "OverrideLine",
    "Portfolio",
    "Price",
    "PriceEvent",
    "ProxyLine",
    "RejectedLine",
    "ScenarioText",
    "Setting",
    "SettingUse",
    "SnapshotHead",
    "StoredSeries",
    "TriedTrade",
]


class Portfolio(Base):
    """A named book; a name is unique among those that are not deleted."""

    __tablename__ = "portfolios"
    __table_args__ = (
        Index(
            "uq_portfolios_live_name", "name", unique=True,
            sqlite_where=text("deleted_at IS NULL"), postgresql_where=text("deleted_at IS NULL"),
        ),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False, default=new_id)
    name: Mapped[str] = mapped_column(Verbatim)
    price_set: Mapped[str] = mapped_column(String(16))
    """Which prices it is measured with: `market`, or `demo` for the made-up book."""
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


_LIVE_FILE = text("deleted_at IS NULL AND sha256 <> ''")


class SnapshotHead(Base):
    """What is known of a snapshot beside its rows; `positions`, `nav` and `nav_currency` are there for lists."""

    __tablename__ = "snapshots"
    __table_args__ = (
        Index(
            "uq_snapshots_live_file", "portfolio_id", "sha256", "as_of", unique=True,
            sqlite_where=_LIVE_FILE, postgresql_where=_LIVE_FILE,
        ),
        Index("ix_snapshots_portfolio_as_of", "portfolio_id", "as_of", "id"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False, default=new_id)
    portfolio_id: Mapped[int] = mapped_column(Id, ForeignKey("portfolios.id", ondelete="CASCADE"))
    as_of: Mapped[Day]
    currency: Mapped[str | None] = mapped_column(Verbatim)
    file: Mapped[str] = mapped_column(Verbatim)
    sha256: Mapped[str] = mapped_column(String(64))
    format: Mapped[str] = mapped_column(Verbatim)
    title: Mapped[str | None] = mapped_column(Verbatim)
    stated_total: Mapped[float | None]
    dates: Mapped[list[Any]]
    columns: Mapped[dict[str, Any]]
    dialect: Mapped[dict[str, Any]]
    issues: Mapped[list[Any]]
    positions: Mapped[int]
    nav: Mapped[float | None]
    nav_currency: Mapped[str | None] = mapped_column(Verbatim)
    imported_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class HoldingLine(Base):
    """A row of a snapshot, its columns named and ordered as the fields of `exposure.types.Holding`."""

    __tablename__ = "holdings"
    snapshot_id: Mapped[int] = mapped_column(Id, ForeignKey("snapshots.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Place in the snapshot, from 0."""
    row: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    ticker: Mapped[str | None] = mapped_column(Verbatim)
    isin: Mapped[str | None] = mapped_column(Verbatim)
    cusip: Mapped[str | None] = mapped_column(Verbatim)
    sedol: Mapped[str | None] = mapped_column(Verbatim)
    figi: Mapped[str | None] = mapped_column(Verbatim)
    name: Mapped[str | None] = mapped_column(Verbatim)
    exchange: Mapped[str | None] = mapped_column(Verbatim)
    country: Mapped[str | None] = mapped_column(Verbatim)
    sector: Mapped[str | None] = mapped_column(Verbatim)
    currency: Mapped[str | None] = mapped_column(Verbatim)
    quantity: Mapped[float | None]
    price: Mapped[float | None]
    price_currency: Mapped[str | None] = mapped_column(Verbatim)
    market_value: Mapped[float | None]
    value_currency: Mapped[str | None] = mapped_column(Verbatim)
    weight: Mapped[float | None]
    notional_value: Mapped[float | None]
    account: Mapped[str | None] = mapped_column(Verbatim)
    as_of: Mapped[Day | None]
    underlying: Mapped[str | None] = mapped_column(Verbatim)
    strike: Mapped[float | None]
    expiry: Mapped[Day | None]
    right: Mapped[str | None] = mapped_column(String(4))
    derived: Mapped[list[Any]]


class RejectedLine(Base):
    """A row of a file that could not be used."""

    __tablename__ = "rejected"
    snapshot_id: Mapped[int] = mapped_column(Id, ForeignKey("snapshots.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    row: Mapped[int]
    reason: Mapped[str] = mapped_column(Verbatim)
    raw: Mapped[str] = mapped_column(Verbatim)


class Price(Base):
    """A day's close of a ticker as delivered; `source` is `user` for one set by hand, which no feed replaces."""

    __tablename__ = "prices"
    price_set: Mapped[str] = mapped_column(String(16), primary_key=True)
    ticker: Mapped[str] = mapped_column(Text, primary_key=True)
    date: Mapped[Day] = mapped_column(primary_key=True)
    close: Mapped[float]
    adj_close: Mapped[float | None]
    volume: Mapped[float | None]
    currency: Mapped[str | None] = mapped_column(Text)
    close_basis: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    fetched_at: Mapped[datetime]


class CorporateAction(Base):
    """A split (new shares for each old one) or a dividend (in the unit of the prices), dated by its first session."""

    __tablename__ = "corporate_actions"
    price_set: Mapped[str] = mapped_column(String(16), primary_key=True)
    ticker: Mapped[str] = mapped_column(Text, primary_key=True)
    date: Mapped[Day] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    value: Mapped[float]
    source: Mapped[str] = mapped_column(Text)
    fetched_at: Mapped[datetime]


class StoredSeries(Base):
    """What is known of a ticker's prices as a whole, kept with each write: no status has to count millions of rows."""

    __tablename__ = "price_series"
    price_set: Mapped[str] = mapped_column(String(16), primary_key=True)
    ticker: Mapped[str] = mapped_column(Text, primary_key=True)
    rows: Mapped[int]
    first: Mapped[Day | None]
    last: Mapped[Day | None]
    asked_from: Mapped[Day | None]
    """First day that a feed was asked for: what lies before has still to be asked."""
    outcome: Mapped[str | None] = mapped_column(Text)
    """Why the last fetch brought nothing; null where it brought prices."""
    fetched_at: Mapped[datetime | None]
    """When a feed last answered, whether with anything new or not."""
    changed_at: Mapped[datetime]
    found: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What `exposure.price_check` found; null until the series was looked at since its last change."""


class PriceEvent(Base):
    """Something that was noticed while prices were stored: history that changed, hand-set prices that were kept."""

    __tablename__ = "price_log"
    id: Mapped[int] = mapped_column(primary_key=True)
    price_set: Mapped[str] = mapped_column(String(16))
    ticker: Mapped[str] = mapped_column(Text)
    noticed_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(Text)
    severity: Mapped[str] = mapped_column(String(16))
    what: Mapped[str] = mapped_column(Verbatim)
    remedy: Mapped[str] = mapped_column(Verbatim)


class BankRate(Base):
    """Units of a currency for one euro by the European Central Bank, where its shipped file lacks them or differs."""

    __tablename__ = "bank_rates"
    date: Mapped[Day] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    per_euro: Mapped[float]
    source: Mapped[str] = mapped_column(Text)
    fetched_at: Mapped[datetime]
