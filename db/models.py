"""The tables, and nothing else: every query stands in `repositories/`, every change of a table in `migrations/`.

What is deleted carries a `deleted_at` and can be restored. Text that came out of a file is `Verbatim`: it survives
whatever characters it holds. Numbers are doubles, dates are session dates, moments are UTC. What hangs on a portfolio
names it by `portfolio_id` and goes with it; ids of portfolios, snapshots and kept results never return (`new_id`).
"""

from __future__ import annotations

from datetime import date as Day
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.columns import Base, Id, Verbatim, new_id


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
    code: Mapped[str] = mapped_column(Text)
    raw: Mapped[str] = mapped_column(Verbatim)
    params: Mapped[list[Any]]


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
    fetched_at: Mapped[datetime | None]
    """When a feed last answered, whether with anything new or not."""
    changed_at: Mapped[datetime]
    found: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What `exposure.prices.checks` found; null until the series was looked at since its last change."""
    failed: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    """Why the last fetch brought nothing, as code and parameters; null where it brought prices."""


class PriceEvent(Base):
    """Something that was noticed while prices were stored: history that changed, hand-set prices that were kept."""

    __tablename__ = "price_log"
    id: Mapped[int] = mapped_column(primary_key=True)
    price_set: Mapped[str] = mapped_column(String(16))
    ticker: Mapped[str] = mapped_column(Text)
    noticed_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(Text)
    severity: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(Text)
    params: Mapped[list[Any]]


class BankRate(Base):
    """Units of a currency for one euro by the European Central Bank, where its shipped file lacks them or differs."""

    __tablename__ = "bank_rates"
    date: Mapped[Day] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    per_euro: Mapped[float]
    source: Mapped[str] = mapped_column(Text)
    fetched_at: Mapped[datetime]


class AcceptedDoubt(Base):
    """A person's word that something in a series is right: an `exposure.types.Acceptance`."""

    __tablename__ = "accepted_doubts"
    price_set: Mapped[str] = mapped_column(String(16), primary_key=True)
    ticker: Mapped[str] = mapped_column(Text, primary_key=True)
    sort: Mapped[str] = mapped_column(String(16), primary_key=True)
    date: Mapped[Day] = mapped_column(primary_key=True)
    rests_on: Mapped[float | None]
    """The price over the one before it, or the last close; null where it was accepted before that was kept."""
    author: Mapped[str] = mapped_column(Verbatim)
    note: Mapped[str] = mapped_column(Verbatim)
    accepted_on: Mapped[Day]
    accepted_at: Mapped[datetime]
