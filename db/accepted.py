"""The table of what persons said is right in a price series, beside those of `db.models`."""

from __future__ import annotations

from datetime import date as Day
from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.columns import Verbatim
from db.models import Base


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
