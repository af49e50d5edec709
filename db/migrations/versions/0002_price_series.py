"""What is known of each price series beside its prices: its reach and checks, splits and dividends, changed history."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "corporate_actions",
        sa.Column("price_set", sa.String(length=16), nullable=False),
        sa.Column("ticker", sa.Text(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("price_set", "ticker", "date", "kind", name=op.f("pk_corporate_actions")),
    )
    op.create_table(
        "price_series",
        sa.Column("price_set", sa.String(length=16), nullable=False),
        sa.Column("ticker", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=True),
        sa.Column("last", sa.Date(), nullable=True),
        sa.Column("asked_from", sa.Date(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("accepted", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("price_set", "ticker", name=op.f("pk_price_series")),
    )
    op.create_table(
        "price_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("price_set", sa.String(length=16), nullable=False),
        sa.Column("ticker", sa.Text(), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_log")),
    )
    op.execute(
        sa.text(
            "INSERT INTO price_series (price_set, ticker, rows, first, last, changed_at, accepted) "
            "SELECT price_set, ticker, count(*), min(date), max(date), max(fetched_at), '[]' "
            "FROM prices GROUP BY price_set, ticker"
        )
    )
