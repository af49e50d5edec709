"""A doubt about a price series: something in it that may spoil each figure that rests on it, until a person settles it.

Part of the nouns of `exposure.types`, which is where to import them from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from math import isclose
from typing import Literal

Sort = Literal["unadjusted", "unit", "reused", "jump", "hole", "stale"]
SORTS: tuple[Sort, ...] = ("unadjusted", "unit", "reused", "jump", "hole", "stale")
"""A split that nobody adjusted for, another unit, a ticker that seems to have passed to another company, a move too
large for a session, more than ten sessions without a price, a series that ends long before the others."""
GAP = "gap"
"""A single session without a price: found and accepted on the Data page, too little to doubt a figure for."""
SAME = 1e-6
"""Relative difference up to which a number is the one that was accepted: feeds round to single precision."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A person's word that something in a series is right. It holds as long as the prices are what they were then."""

    ticker: str
    sort: str
    """One of `SORTS`, or `GAP`."""
    day: date
    rests_on: float | None
    """`Doubt.rests_on` when it was accepted; None: accepted before that was kept, and holds whatever it is."""
    author: str
    on: date
    note: str = ""

    def holds(self, doubt: Doubt) -> bool:
        """Tell whether it settles a doubt: the same thing on the same day, by the same prices."""
        same = (self.ticker, self.sort, self.day) == (doubt.ticker, doubt.sort, doubt.day)
        return same and (self.rests_on is None or isclose(self.rests_on, doubt.rests_on, rel_tol=SAME))


@dataclass(frozen=True, slots=True)
class Doubt:
    """What looks wrong in a series: its sort, the ticker, the day from which it shows, and how large it is."""

    sort: Sort
    ticker: str
    day: date
    """First price after the move or the hole; of a series that ends early its last one."""
    size: float
    """`unadjusted`: likely new shares for each old one; `unit`, `reused`, `jump`: price over the one before, less 1 for
    a jump; `hole`: sessions without a price; `stale`: sessions from the last price to the end asked for."""
    before: date
    """The last price before it; of a series that ends early the end asked for."""
    rests_on: float
    """What a person's word about it rests on: the price over the one before it, of a series that ends early its last
    close."""
    looks_like: float | None = None
    """A jump or a reused ticker: the common split that it is near as well, new shares for each old one."""
    missed: int = 0
    """`reused`: sessions without a price before it."""
    stored: bool = False
    """Whether the prices are the store's, where a person can say that they are right."""
    accepted: Acceptance | None = None

    @property
    def key(self) -> tuple[str, str, date]:
        """Tell it from every other."""
        return self.ticker, self.sort, self.day


def settled(doubts: Iterable[Doubt], accepted: Iterable[Acceptance]) -> tuple[Doubt, ...]:
    """Give each doubt the acceptance that holds for it."""
    by_key: Mapping[tuple[str, str, date], Acceptance] = {(a.ticker, a.sort, a.day): a for a in accepted}
    if not by_key:
        return tuple(doubts)
    pairs = ((doubt, by_key.get(doubt.key)) for doubt in doubts)
    return tuple(replace(d, accepted=a) if a is not None and a.holds(d) else d for d, a in pairs)
