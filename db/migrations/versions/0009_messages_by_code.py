"""What is said of rejected rows, of prices and of tickers that brought nothing, by the code of its message."""

import sqlalchemy as sa
from alembic import op

from db.columns import Verbatim

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

RENAMED = "renamed: Yahoo answers with "
FAILURES = {
    "no data (delisted, renamed or unknown)": "feed.no-data",
    "no price on these days": "feed.empty",
}
"""Whole words of the feed → their code."""


def upgrade() -> None:
    connection = op.get_bind()
    for table, keys, texts in (
        ("rejected", ("snapshot_id", "position"), {"reason": "what"}),
        ("price_log", ("id",), {"what": "what", "remedy": "remedy"}),
    ):
        op.add_column(table, sa.Column("code", sa.Text(), server_default="text", nullable=False))
        op.add_column(table, sa.Column("params", sa.JSON(), server_default="[]", nullable=False))
        rows = sa.table(table, *(sa.column(name) for name in (*keys, *texts)), sa.column("params", sa.JSON()))
        same = [rows.c[key] == sa.bindparam(f"at_{key}") for key in keys]
        said = []
        for row in connection.execute(sa.select(*(rows.c[name] for name in (*keys, *texts)))).mappings():
            # words of an older version are kept as they came; in JSON they need no escape
            params = [[name, Verbatim.restore(row[old])] for old, name in texts.items()]
            said.append({f"at_{key}": row[key] for key in keys} | {"said": params})
        if said:
            connection.execute(sa.update(rows).where(*same).values(params=sa.bindparam("said")), said)
        for old in texts:
            op.drop_column(table, old)
    op.add_column("price_series", sa.Column("failed", sa.JSON(), nullable=True))
    series = sa.table(
        "price_series",
        *(sa.column(name) for name in ("price_set", "ticker", "outcome")),
        sa.column("failed", sa.JSON(none_as_null=True)),
    )
    for row in connection.execute(sa.select(series).where(series.c.outcome.is_not(None))).all():
        same_series = (series.c.price_set == row.price_set, series.c.ticker == row.ticker)
        connection.execute(sa.update(series).where(*same_series).values(failed=failure(row.outcome)))
    op.drop_column("price_series", "outcome")


def failure(text: str) -> list[object]:
    """Give the code and the parameters of why a ticker brought nothing."""
    if text.startswith(RENAMED):
        return ["feed.renamed", [["source", "Yahoo"], ["symbol", text.removeprefix(RENAMED)]]]
    return [FAILURES[text], []] if text in FAILURES else ["text", [["what", text]]]
