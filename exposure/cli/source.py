"""What a command works on: SOURCE, which is a holdings file or a stored portfolio, and the scenario asked for."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exposure.errors import InputError, ScenarioError
from exposure.types import Book, Override, Scenario, Snapshot
from exposure.workbench import BookInputs, fund_holdings, needs_closes, rates_from, with_bank_rates

if TYPE_CHECKING:
    from db import Store
    from exposure.prices import Market

Answer = dict[str, Any]
Outcome = tuple[Answer, Callable[[], str]]
"""The answer for `--json`, and what gives the same as text."""
FILES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".zip")


def open_store() -> Store:
    """Open the store that the environment names; only a command that needs it does so."""
    from db import open_store as opened

    return opened()


def reading_options(args: argparse.Namespace) -> dict[str, Any]:
    """Give the options of `read_holdings` that the command line names."""
    columns = None
    if args.columns:
        try:
            columns = json.loads(Path(args.columns).read_text(encoding="utf-8"))
        except ValueError as error:
            raise InputError("option.columns", file=Path(args.columns).name, fault=str(error)) from error
    return {"dates": args.dates, "decimal": args.decimal, "columns": columns, "units": dict(args.unit or ())}


def read_dated(args: argparse.Namespace) -> Snapshot:
    """Read the file as of the date asked; a file that names no date is given it."""
    from exposure.reading import read_holdings

    return read_holdings(Path(args.file), as_of=args.as_of, **reading_options(args))


class Source:
    """What SOURCE names, opened as far as a command asks; with a file no database is touched."""

    def __init__(self, args: argparse.Namespace, beside: Book | None = None) -> None:
        self.args, self.beside = args, beside

    def benchmark(self, name: str) -> Source:
        """Give the source that a benchmark names: in the currency of this book, and of its date where it names none."""
        file = Path(name)  # a name with a file's ending is meant as one, there or not
        stored = not (file.exists() or file.suffix.lower() in FILES)
        changed = {"inside": None, "as_of": None, "base_currency": self.book.currency}
        named = {"file": None, "portfolio": name} if stored else {"file": name, "portfolio": None}
        return Source(argparse.Namespace(**{**vars(self.args), **changed, **named}), self.book)

    @property
    def name(self) -> str:
        """Name it in an error: its file, else its portfolio."""
        return Path(self.args.file).name if self.args.file else str(self.args.portfolio)

    @cached_property
    def store(self) -> Store:
        """Open the store."""
        return open_store()

    @cached_property
    def snapshot(self) -> Snapshot:
        """Read the holdings."""
        if self.args.portfolio:
            return self.store.snapshot(self.args.portfolio, as_of=self.args.as_of)
        found, day = read_dated(self.args), self.beside.as_of if self.beside else None
        return found.of(day) if day and found.as_of is None else found

    @cached_property
    def market(self) -> Market | None:
        """Give the prices and rates that value the holdings; of a stored portfolio the store's rates always."""
        portfolio = self.args.portfolio
        if self.args.prices:
            from exposure.prices import read_prices

            given = read_prices(Path(self.args.prices))
            return with_bank_rates(given, self.store.bank_rates()) if portfolio else given
        if not portfolio:
            return None
        if needs_closes(self.snapshot):
            wanted = (*self.store.symbols(portfolio), *self.store.pairs(portfolio))
            return self.store.market(tickers=wanted, portfolio=portfolio)
        return self.store.exchange_rates(portfolio)

    @cached_property
    def book(self) -> Book:
        """Value the holdings and place them along the chain."""
        from exposure.chain import read_overrides

        args = self.args
        overrides: tuple[Override, ...] = read_overrides(args.overrides) if args.overrides else ()
        snapshot, market = self.snapshot, self.market
        holdings = {} if args.no_look_through else self._fund_holdings()
        return BookInputs(
            snapshot=snapshot,
            market=market,
            overrides=(*self.store.overrides(args.portfolio), *overrides) if args.portfolio else overrides,
            fund_holdings=holdings,
            answers=self.store.answers(args.portfolio) if args.portfolio else None,
            base_currency=args.base_currency,
        ).open()

    def _fund_holdings(self) -> dict[str, Snapshot]:
        """Give what funds hold: for a stored portfolio as the store knows it, and over that as the options name it."""
        from exposure.reading import read_holdings

        found: dict[str, Snapshot] = {}
        if self.args.portfolio:
            known = {fund: each.snapshot_id for fund, each in self.store.insides(self.snapshot.as_of).items()}
            found = fund_holdings(self.snapshot, known, self.store.snapshot_by_id)
        for pair in self.args.inside or ():
            fund, equals, path = pair.partition("=")
            if not equals or not fund or not path:
                raise InputError("option.inside", given=pair)
            found[fund.upper()] = read_holdings(Path(path), units=dict(self.args.unit or ()))
        return found

    def history(self) -> Market:
        """Give the prices of a history: of `--prices`, else of the store, of what measures the book."""
        from exposure.chain import price_keys

        args, book = self.args, self.book
        if args.prices or not args.portfolio:
            assert self.market is not None
            return self.market
        # Quantities are anchored at the prices of the book's own date, which may lie outside the period.
        period = {} if args.hold == "quantities" else {"start": rates_from(args.start), "end": args.end}
        wanted = {*price_keys(book), *self.store.pairs(args.portfolio)}
        return self.store.market(tickers=wanted, portfolio=args.portfolio, **period)

    def prices_for(self, scenario: Scenario) -> Market:
        """Give the prices that complete a scenario: of `--prices`, else of the store."""
        if self.args.prices and self.market is not None:  # what values a book is a part of the stored prices alone
            return self.market
        if not self.args.portfolio:
            what = "option.prices-prediction" if scenario.kind == "predictive" else "option.prices-replay"
            raise InputError(what, file=self.name)
        return self.store.market(portfolio=self.args.portfolio)


def lever_values(args: argparse.Namespace) -> dict[str, Any]:
    """Read each `--set LEVER=VALUE`; the scenario itself says which levers it has."""
    levers: dict[str, Any] = {}
    for pair in args.set or ():
        name, _, value = pair.partition("=")
        try:
            levers[name] = float(value)
        except ValueError:
            raise InputError("option.set", given=pair) from None
        if name in ("source", "horizon", "segments"):
            raise ScenarioError("option.lever", lever=name)
    return levers


def chosen_scenario(args: argparse.Namespace, levers: Mapping[str, float], horizon: int = 1) -> Scenario:
    """Load `--scenario` with its levers set; beside a stored portfolio, a scenario of that id saved on the page."""
    from exposure.scenarios import load_scenario, parse_scenario, set_levers

    own = args.portfolio and not Path(args.scenario).exists()
    text = open_store().scenarios().get(args.scenario) if own else None
    if text is None:
        return load_scenario(args.scenario, horizon=horizon, **dict[str, Any](levers))
    saved = parse_scenario(text, file=f"{args.scenario}.toml", horizon=horizon)
    return set_levers(saved, levers) if levers else saved
