"""Sources of prices for the tests, each in a few lines: what a new one takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from db.sources import NO_DATA, Answer, AskOne
from exposure.types import Issue


@dataclass
class Ledger:
    """A desk's own list of closes."""

    closes: Mapping[str, Mapping[date, float]]
    asked: list[tuple[str, date]] = field(default_factory=list)
    name: str = "ledger"
    title: str = "The ledger"

    @contextmanager
    def opened(self) -> Iterator[AskOne]:
        def one(symbol: str, start: date, end: date | None) -> Answer:
            self.asked.append((symbol, start))
            if symbol not in self.closes:
                return Answer(reason=NO_DATA)
            days = [day for day in self.closes[symbol] if start <= day <= (end or date.max)]
            return Answer([(symbol, day, self.closes[symbol][day], None, None, "USD", "raw") for day in days])

        yield one


@dataclass
class Failing:
    """Fails for the same reason whatever is asked, and is called Yahoo."""

    reason: Issue
    name: str = "failing"
    title: str = "Yahoo"

    @contextmanager
    def opened(self) -> Iterator[AskOne]:
        yield lambda *_: Answer(reason=self.reason)
