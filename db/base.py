"""What every table is built on: names of constraints, kinds of column, and ids as wide as they are drawn."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Double, Integer, MetaData
from sqlalchemy.orm import DeclarativeBase

from db.columns import Moment

Id = BigInteger().with_variant(Integer(), "sqlite")
"""Of 64 bits on both databases; SQLite's INTEGER is that wide."""


class Base(DeclarativeBase):
    """Names every constraint, so that a migration can speak of it on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {float: Double, datetime: Moment, dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012
