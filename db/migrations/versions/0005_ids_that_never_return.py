"""Ids as wide as random ones, a number for people on kept results, and what hangs on a portfolio under its id.

Proxies and trades stood among the settings under the portfolio's name, or a hash of it, and were found by the next
portfolio of that name. Each goes to the one that has the name now, else to the one deleted last. A draft goes with any.
"""

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from db.columns import Verbatim, new_id

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WIDE = (
    ("portfolios", "id"),
    ("snapshots", "id"),
    ("snapshots", "portfolio_id"),
    ("holdings", "snapshot_id"),
    ("rejected", "snapshot_id"),
    ("overrides", "portfolio_id"),
    ("answers", "portfolio_id"),
    ("kept_results", "id"),
    ("kept_results", "portfolio_id"),
    ("kept_results", "snapshot_id"),
)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NUMBER = "number of the last kept result"


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":  # SQLite's INTEGER is 64 bits wide already
        for table, column in WIDE:
            op.alter_column(table, column, type_=sa.BigInteger(), existing_type=sa.Integer())
        for table in ("portfolios", "snapshots", "kept_results"):
            op.alter_column(table, "id", server_default=None)
            op.execute(sa.text(f"DROP SEQUENCE IF EXISTS {table}_id_seq"))
    op.add_column("kept_results", sa.Column("number", sa.Integer(), nullable=False, server_default="0"))
    op.execute(sa.text("UPDATE kept_results SET number = id"))
    op.create_table(
        "mapping_uses",
        sa.Column("shape", sa.Text(), nullable=False),
        sa.Column("portfolio_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["portfolio_id"], ["portfolios.id"], name=op.f("fk_mapping_uses_portfolio_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["shape"], ["column_mappings.shape"], name=op.f("fk_mapping_uses_shape"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("shape", "portfolio_id", name=op.f("pk_mapping_uses")),
    )
    op.create_table(
        "proxies",
        sa.Column("portfolio_id", ID, autoincrement=False, nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["portfolio_id"], ["portfolios.id"], name=op.f("fk_proxies_portfolio_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("portfolio_id", "line", name=op.f("pk_proxies")),
    )
    op.create_table(
        "trades",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("portfolio_id", ID, nullable=False),
        sa.Column("scenario_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("trade", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["portfolio_id"], ["portfolios.id"], name=op.f("fk_trades_portfolio_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trades")),
    )
    op.create_index("ix_trades_portfolio_scenario", "trades", ["portfolio_id", "scenario_id", "place"])
    op.create_table(
        "setting_uses",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("portfolio_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["key"], ["settings.key"], name=op.f("fk_setting_uses_key"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["portfolio_id"], ["portfolios.id"], name=op.f("fk_setting_uses_portfolio_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", "portfolio_id", name=op.f("pk_setting_uses")),
    )
    _fill(connection)


def _fill(connection: sa.Connection) -> None:
    now = datetime.now(UTC)
    if connection.dialect.name == "sqlite":
        now = now.replace(tzinfo=None)
    # Nobody noted whose files a mapping is of: it stays until every portfolio of today is gone.
    connection.execute(
        sa.text(
            "INSERT INTO mapping_uses (shape, portfolio_id) SELECT shape, id FROM column_mappings "
            "CROSS JOIN portfolios WHERE price_set <> 'inside'"
        )
    )
    # Nor on which book a draft was made, and its address opens it no more: it goes with the first that is purged.
    connection.execute(
        sa.text(
            "INSERT INTO setting_uses (key, portfolio_id) SELECT key, portfolios.id FROM settings "
            "CROSS JOIN portfolios WHERE key LIKE 'draft:%' AND price_set <> 'inside'"
        )
    )
    last = connection.execute(sa.text("SELECT max(number) FROM kept_results")).scalar()
    settings = sa.table(
        "settings", sa.column("key", sa.Text), sa.column("value", sa.JSON), sa.column("saved_at", sa.DateTime(True))
    )
    if last:
        connection.execute(sa.insert(settings).values(key=NUMBER, value={"value": last}, saved_at=now))
    owners = _owners(connection)
    proxies = sa.table("proxies", *(sa.column(n) for n in ("portfolio_id", "line", "symbol")), _moment())
    trades = sa.table(
        "trades",
        *(sa.column(n) for n in ("id", "portfolio_id", "scenario_id", "place")),
        sa.column("trade", sa.JSON),
        _moment(),
    )
    places: dict[tuple[int, str], int] = {}
    found = sa.select(settings.c.key, settings.c.value, settings.c.saved_at)
    old = settings.c.key.startswith("proxies:") | settings.c.key.startswith("trade:")
    for key, held, saved_at in connection.execute(found.where(old).order_by(settings.c.key)).all():
        value = (json.loads(held) if isinstance(held, str) else held)["value"]
        if key.startswith("proxies:"):
            owner = owners.get(key.removeprefix("proxies:"))
            for line, symbol in value.items() if owner is not None else ():
                stored = {"line": Verbatim.escape(line), "symbol": Verbatim.escape(symbol), "saved_at": saved_at}
                connection.execute(sa.insert(proxies).values(portfolio_id=owner, **stored))
        elif (owner := owners.get(value.pop("portfolio", ""))) is not None:
            scenario = value.pop("scenario")
            place = places[owner, scenario] = places.get((owner, scenario), 0) + 1
            stored = {"scenario_id": Verbatim.escape(scenario), "place": place, "trade": value, "saved_at": saved_at}
            connection.execute(sa.insert(trades).values(id=new_id(), portfolio_id=owner, **stored))
    connection.execute(sa.delete(settings).where(old))


def _moment() -> sa.ColumnClause[datetime]:
    return sa.column("saved_at", sa.DateTime(timezone=True))


def _owners(connection: sa.Connection) -> dict[str, int]:
    """Give the portfolio of each name: that which has it, else the one deleted last."""
    rows = connection.execute(
        sa.text(
            "SELECT id, name FROM portfolios WHERE price_set <> 'inside' "
            "ORDER BY CASE WHEN deleted_at IS NULL THEN 1 ELSE 0 END, deleted_at, id"
        )
    )
    return {Verbatim.restore(name) or "": key for key, name in rows}
