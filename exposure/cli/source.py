"""What a command works on: a holdings file or a stored portfolio, with what the options or the store add to it.

A scenario that waits for prices, completed with those of a file or of the store.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exposure.errors import InputError
from exposure.types import Book, Snapshot

if TYPE_CHECKING:
    from db import Store
    from exposure.prices.market import Market
    from exposure.types import Scenario


def reading_options(args: argparse.Namespace) -> dict[str, Any]:
    """Give the options of `read_holdings` that the command line names."""
    columns = None
    if args.columns:
        try:
            columns = json.loads(Path(args.columns).read_text(encoding="utf-8"))
        except ValueError as error:
            raise InputError(
                f"is no mapping of columns ({error})",
                file=Path(args.columns).name,
                remedy="give the JSON file that the Holdings page saves",
            ) from error
    return {"dates": args.dates, "decimal": args.decimal, "columns": columns, "units": dict(args.unit or ())}


def snapshot_of(args: argparse.Namespace, store: Callable[[], Store]) -> Snapshot:
    """Give the snapshot that SOURCE names."""
    if args.portfolio:
        return store().snapshot(args.portfolio, as_of=args.as_of)
    return dated(args)


def dated(args: argparse.Namespace) -> Snapshot:
    """Read the file as of the date asked; a file that names no date is given it."""
    from exposure.reading import read_holdings

    snapshot = read_holdings(Path(args.file), as_of=args.as_of, **reading_options(args))
    beside: date | None = getattr(args, "beside", None)  # the book's date, for a benchmark that names none
    return snapshot.of(beside) if beside and snapshot.as_of is None else snapshot


def book_and_prices(args: argparse.Namespace, *, history: bool = False) -> tuple[Book, Market | None]:
    """Build the book of SOURCE with what the store or the options give; with a file no database is touched."""
    from exposure.chain.assign import read_overrides
    from exposure.chain.measure import price_keys
    from exposure.flow import book_of

    overrides = read_overrides(args.overrides) if args.overrides else ()
    store = LazyStore()
    snapshot = snapshot_of(args, store)
    market = _prices_of(args, store, snapshot)
    inside = {} if args.no_look_through else _insides(args, store, snapshot)
    if args.portfolio:
        overrides = (*store().overrides(args.portfolio), *overrides)
    answers = store().answers(args.portfolio) if args.portfolio else None
    book = book_of(
        snapshot,
        base_currency=args.base_currency,
        overrides=overrides,
        inside=inside,
        market=market,
        answers=answers,
    )
    if history and args.portfolio and not args.prices:
        from exposure.prices.rates import OLDEST_DAYS

        # Quantities are anchored at the prices of the book's own date, which may lie outside the period, and a rate
        # from before it may still stand in it.
        since = args.start and args.start - timedelta(days=OLDEST_DAYS)
        period = {} if args.hold == "quantities" else {"start": since, "end": args.end}
        wanted = {*price_keys(book), *store().pairs(args.portfolio)}
        market = store().market(tickers=wanted, portfolio=args.portfolio, **period)
    return book, market


def _prices_of(args: argparse.Namespace, store: Callable[[], Store], snapshot: Snapshot) -> Market | None:
    """Give the prices and exchange rates that value a snapshot; of a stored portfolio the store's rates always."""
    if args.prices:
        from dataclasses import replace

        from exposure.prices import read_prices

        given = read_prices(Path(args.prices))
        stored = store().bank_rates() if args.portfolio else {}
        return replace(given, published={**stored, **given.published}) if stored else given
    if not args.portfolio:
        return None
    if any(h.market_value is None and h.quantity is not None for h in snapshot.holdings):
        wanted = (*store().symbols(args.portfolio), *store().pairs(args.portfolio))
        return store().market(tickers=wanted, portfolio=args.portfolio)
    return store().exchange_rates(args.portfolio)


def stored_market(args: argparse.Namespace, what: str) -> Market:
    """Give the prices of the store; beside a file no database is touched, and they are asked for."""
    if not args.portfolio:
        raise InputError(f"{what} needs prices", file=Path(args.file).name, remedy="give them with --prices FILE")
    return LazyStore()().market(portfolio=args.portfolio)


def _insides(args: argparse.Namespace, store: Callable[[], Store], snapshot: Snapshot) -> dict[str, Snapshot]:
    """Give what funds hold: as the options name it, and for a stored portfolio as the store knows it."""
    from exposure.reading import read_holdings

    inside: dict[str, Snapshot] = {}
    if args.portfolio and (known := store().insides(snapshot.as_of)):
        from exposure.chain.lookthrough import reachable

        held = {fund: store().snapshot_by_id(each.snapshot_id) for fund, each in known.items()}
        inside = reachable(held, snapshot.holdings)
    for pair in args.inside or ():
        fund, equals, path = pair.partition("=")
        if not equals or not fund or not path:
            raise InputError(f"--inside {pair} names no fund and file", remedy="write --inside FUND=FILE")
        inside[fund.upper()] = read_holdings(Path(path), units=dict(args.unit or ()))
    return inside


class LazyStore:
    """Open the store when it is first asked for."""

    def __init__(self) -> None:
        self._store: Store | None = None

    def __call__(self) -> Store:
        """Give the store, opened once."""
        if self._store is None:
            from db import open_store

            self._store = open_store()
        return self._store


def prices_for(args: argparse.Namespace, scenario: Scenario, market: Market | None) -> Market:
    """Give the prices that complete a scenario: of `--prices`, else of the store."""
    if market is not None and args.prices:  # what values a book is a part of the stored prices alone
        return market
    return stored_market(args, "a prediction" if scenario.kind == "predictive" else "a replay between two dates")


def completed(args: argparse.Namespace, scenario: Scenario, market: Market | None) -> Scenario:
    """Complete a scenario with prices where it waits for some."""
    from exposure.scenarios import complete, waits

    return complete(scenario, prices_for(args, scenario, market)) if waits(scenario) else scenario
