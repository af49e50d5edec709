"""What came of bringing the values of a book's lines to one currency: old rates named, missing ones counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import fsum

from exposure.errors import MissingRate
from exposure.rates import QUIET_DAYS, Rates, remedy
from exposure.types import Holding, Issue, Line

NAMED = 8
"""Lines that an issue names; the others are counted."""


@dataclass(slots=True)
class Converted:
    """Converts the values of one book and remembers where a rate was old or missing."""

    rates: Rates
    old: dict[tuple[str, str, date, date], list[float]] = field(default_factory=dict)
    """(currency, base, day wanted, day of the rate) → the values that rest on it, in the base currency."""
    missing: dict[tuple[str, str, date], list[tuple[Holding, str]]] = field(default_factory=dict)
    """(currency, base, day) → the holdings that have no rate, each as its reader knows it."""
    rough: dict[Holding, float] = field(default_factory=dict)
    """Holding without a rate → its size by the last rate known at all, where there is one."""
    remedy: str = ""

    def value(self, holding: Holding, label: str, value: float, currency: str, base: str, day: date) -> float | None:
        """Give a value in the base currency; None where no rate is known."""
        try:
            rate = self.rates.find(currency, base, day)
        except MissingRate as error:
            self.remedy = error.remedy
            self.missing.setdefault((currency, base, day), []).append((holding, label))
            if (last := self.rates.rough(currency, base, day)) is not None:
                self.rough[holding] = abs(value * last)
            return None
        worth = value * rate.value
        if (day - rate.on).days > QUIET_DAYS:
            self.old.setdefault((currency, base, day, rate.on), []).append(worth)
        return worth

    def sized(self, lines: Sequence[Line], nav: float) -> list[Line]:
        """Mark the lines without a rate, with their rough size: by the weight that the file states, or an old rate."""
        unrated = {holding for held in self.missing.values() for holding, _ in held}
        stated = fsum(x.holding.weight or 0.0 for x in lines if x.holding in unrated)
        whole = nav / (1.0 - stated) if stated < 1.0 and nav > 0 else 0.0

        def size(holding: Holding) -> float:
            return abs(holding.weight) * whole if holding.weight else self.rough.get(holding, 0.0)

        return [replace(x, unrated=size(x.holding)) if x.holding in unrated else x for x in lines]

    def issues(self, lines: Sequence[Line], capital: float) -> list[Issue]:
        """Say which rates are old, on what weight they bear, and which lines have none."""
        out = []
        for (currency, base, day, on), values in self.old.items():
            age = (day - on).days
            what = f"an old exchange rate from {currency} to {base} stands for {day}: that of {on}, {age} days old"
            weight = fsum(map(abs, values)) / capital
            out.append(Issue("warning", what, weight=weight, remedy=remedy(currency, base)))
        sizes = {x.holding: x.unrated or 0.0 for x in lines if x.unrated is not None}
        for (currency, base, day), held in self.missing.items():
            error = self.rates.missing(currency, base, day)
            names = [label for _, label in held]
            more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
            size = fsum(sizes.get(holding, 0.0) for holding, _ in held) / (fsum(x.size for x in lines) or 1.0)
            what = f"{error.what}: not valued, counted, in no sum: {', '.join(names[:NAMED])}{more}"
            row = held[0][0].row if len(held) == 1 else None
            out.append(Issue("warning", what, row, size or None, error.remedy))
        return out
