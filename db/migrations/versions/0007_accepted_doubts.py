"""What persons said is right in a price series: with name, date and the price it rests on, in a table of its own."""

import json
from datetime import date, datetime

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = op.create_table(
        "accepted_doubts",
        sa.Column("price_set", sa.String(length=16), nullable=False),
        sa.Column("ticker", sa.Text(), nullable=False),
        sa.Column("sort", sa.String(length=16), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("rests_on", sa.Double(), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("accepted_on", sa.Date(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("price_set", "ticker", "sort", "date", name=op.f("pk_accepted_doubts")),
    )
    series = sa.table(
        "price_series",
        *(sa.column(name) for name in ("price_set", "ticker", "accepted")),
        sa.column("changed_at", sa.DateTime(timezone=True)),
    )
    connection, rows = op.get_bind(), []
    for price_set, ticker, accepted, changed_at in connection.execute(sa.select(series)).all():
        marks = json.loads(accepted) if isinstance(accepted, str) else accepted or []
        moment = datetime.fromisoformat(changed_at) if isinstance(changed_at, str) else changed_at
        for mark in marks:
            sort, _, day = mark.partition(":")
            # Nobody kept the name, nor the price that it rested on: it holds as it did before.
            rows.append(
                {"price_set": price_set, "ticker": ticker, "sort": sort, "date": date.fromisoformat(day),
                 "rests_on": None, "author": "", "note": "", "accepted_on": moment.date(), "accepted_at": moment}
            )  # fmt: skip
    if rows:
        op.bulk_insert(table, rows)
    op.drop_column("price_series", "accepted")
    op.execute(sa.text("UPDATE price_series SET found = NULL"))  # it is written otherwise, and worked out again
