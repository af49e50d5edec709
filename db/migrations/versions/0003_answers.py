"""Answers to which security is meant, of one portfolio or of all; those given before hold for all."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("portfolio_id", sa.Integer(), nullable=True),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["portfolio_id"], ["portfolios.id"], name=op.f("fk_answers_portfolio_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
    )
    op.create_index("ix_answers_portfolio_identifier", "answers", ["portfolio_id", "identifier"])
    op.execute(
        sa.text(
            "INSERT INTO answers (identifier, symbol, saved_at) SELECT identifier, symbol, saved_at FROM listings "
            "ORDER BY identifier"
        )
    )
    op.drop_table("listings")
