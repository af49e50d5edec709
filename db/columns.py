"""Two kinds of column: text that survives whatever a file holds, and moments in UTC on both databases."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator

# NUL cannot be stored by PostgreSQL, a lone surrogate (a byte that no encoding explains) by neither.
_UNSTORABLE = re.compile("[\\\\\x00\ud800-\udfff]")
_ESCAPED = re.compile(r"\\u([0-9a-f]{4})")


class Verbatim(TypeDecorator[str]):
    r"""Text that comes back as it went in: a backslash, NUL and lone surrogates are stored as `\u005c` and so on."""

    impl = Text
    cache_ok = True

    @staticmethod
    def escape(value: str | None) -> str | None:
        """Give the stored form."""
        if value is None or not _UNSTORABLE.search(value):
            return value
        return _UNSTORABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", value)

    @staticmethod
    def touches(values: Iterable[str | None]) -> bool:
        """Tell whether any of many texts needs escaping, at the price of one search."""
        return _UNSTORABLE.search(" ".join(filter(None, values))) is not None

    @staticmethod
    def restore(value: str | None) -> str | None:
        """Undo `escape`."""
        if value is None or "\\" not in value:
            return value
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Escape on the way in."""
        return self.escape(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Restore on the way out."""
        return self.restore(value)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, aware on both sides; SQLite keeps no time zone, so none is handed to it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn into UTC on the way in."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give an aware moment on the way out."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
