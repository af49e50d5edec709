"""A delta beside an override: of an option, or the daily factor of a leveraged fund."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("overrides", sa.Column("delta", sa.Double(), nullable=True))
