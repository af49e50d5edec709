"""What a book is made of, gathered and opened: holdings, prices and rates, a user's word, and what its funds hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypeVar

from exposure.chain import reachable
from exposure.flow import book_of
from exposure.prices import OLDEST_DAYS
from exposure.types import Book, Override, Snapshot

if TYPE_CHECKING:
    from exposure.prices import Market, Published

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class BookInputs:
    """All that a book is made of; the same inputs make the same book."""

    snapshot: Snapshot
    market: Market | None = None
    """Prices and exchange rates of the snapshot's day; None: the rates that ship with the program, and no price."""
    overrides: tuple[Override, ...] = ()
    """Of several for one line the latest counts."""
    fund_holdings: Mapping[str, Snapshot] = field(default_factory=dict)
    """Fund (ticker, ISIN or name) → what it holds."""
    answers: Mapping[str, str] | None = None
    """Identifier as the file writes it → the security that is meant."""
    base_currency: str | None = None
    """None: the currency of the file."""

    def open(self) -> Book:
        """Value the holdings in one currency and place them along the chain."""
        return book_of(
            self.snapshot,
            base_currency=self.base_currency,
            overrides=self.overrides,
            inside=self.fund_holdings,
            market=self.market,
            answers=self.answers,
        )


def needs_closes(snapshot: Snapshot) -> bool:
    """Tell whether a line has a quantity and no value: closes value it, where exchange rates do for all others."""
    return any(h.market_value is None and h.quantity is not None for h in snapshot.holdings)


def fund_holdings(snapshot: Snapshot, known: Mapping[str, T], load: Callable[[T], Snapshot]) -> dict[str, Snapshot]:
    """Give what the funds of a snapshot hold, and the funds that those hold, of all whose holdings are known.

    Parameters
    ----------
    known : fund → what its holdings are loaded by, such as an id.
    load : gives the holdings of one fund.
    """
    return reachable({fund: load(each) for fund, each in known.items()}, snapshot.holdings) if known else {}


def with_bank_rates(given: Market, stored: Published) -> Market:
    """Add stored rates of the European Central Bank to given prices, whose own count before them."""
    return replace(given, published={**stored, **given.published}) if stored else given


def rates_from(start: date | None) -> date | None:
    """Give the day from which rates are read for a history: one from before its start may still stand in it."""
    return start and start - timedelta(days=OLDEST_DAYS)
