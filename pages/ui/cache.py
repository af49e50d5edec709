"""Cached answers, keyed by ids and plain values, never by frames.

`readings` does it for files, `completed` for scenarios that wait for prices, `histories` for the past, nobody else.

Nouns are frozen, so all sessions share one of each (`st.cache_resource`), and whoever receives one may not edit it. The
store's address is part of each key: another DATABASE_URL is another store, and so is another file in the same place.
Ids never return, and what is deleted is refused before any cache is asked for it (`forgetting` empties them).
"""

from __future__ import annotations

import gc
import hashlib
import os
from typing import TYPE_CHECKING, Any

import streamlit as st

from exposure.chain.assign import write_overrides
from exposure.chain.measure import Exposures
from exposure.scenarios import set_levers
from exposure.types import Book, Override, Scenario, Snapshot
from pages.ui import state

if TYPE_CHECKING:
    from exposure.scenarios.lever_arrays import LeverMisses
    from exposure.shock.result import ShockResult


KEEP = 64
"""Answers of one sort that are kept; the least recently used goes first."""


@st.cache_resource(show_spinner=False)
def freeze_start_up() -> None:
    """Take what was loaded at start out of the garbage collector's sight, which it would go through again and again."""
    freeze()


def freeze() -> None:
    """Take what lives now out of the collector's sight, what was so before and lives no more excepted."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


@st.cache_resource(show_spinner=False, max_entries=8)
def settle(ids: Ids) -> None:
    """Freeze once a book is ready for the levers, so that no move of a lever waits for a look through all of it."""
    freeze()


def url() -> str:
    """Tell the store from every other: its address, and the mark of its file, which is made where there is none."""
    from db import open_store
    from db.engine import file_mark

    said = os.environ.get("DATABASE_URL", "")
    mark = file_mark(said)
    if mark is None:
        open_store(said or None).close()
        mark = file_mark(said)
    return f"{said}\n{mark}"


def store() -> Any:
    """Give the one store of this process, opened at its first use."""
    return _store(url())


@st.cache_resource(show_spinner="Opening the store", max_entries=8, on_release=lambda store: store.close())
def _store(url: str) -> Any:
    from db import open_store

    return open_store(url.partition("\n")[0] or None)


@st.cache_resource(scope="session", show_spinner=False, max_entries=1)
def desk() -> dict[str, Any]:
    """Keep what lies on this session's desk and is no id: the `upload` at hand, the override `removed` last."""
    return {}


@st.cache_resource(show_spinner=False, max_entries=1)
def fetchings() -> dict[str, Any]:
    """Keep the fetch that runs, or ran last, for each store: one for all sessions of this process."""
    return {}


def snapshot(snapshot_id: int) -> Snapshot:
    """Give a stored snapshot, of a portfolio or of a fund; one that was deleted since is refused."""
    store().require_snapshot(snapshot_id)
    return _snapshot(url(), snapshot_id)


def standing(portfolio: str, snapshot_id: int) -> int:
    """Give the id of the portfolio of a stored snapshot; refuse one that is gone or goes by another name now."""
    key: int = store().standing(portfolio, snapshot_id)
    return key


@st.cache_resource(show_spinner="Loading the holdings", max_entries=KEEP)
def _snapshot(url: str, snapshot_id: int) -> Snapshot:
    return _store(url).snapshot_by_id(snapshot_id)


def overrides(portfolio: str | int) -> tuple[Override, ...]:
    """List the overrides that hold for a portfolio; read afresh each time, they are few."""
    listed: tuple[Override, ...] = store().overrides(portfolio)
    return listed


def prices_version(portfolio: str) -> str:
    """Tell one state of the stored prices from another."""
    version: str = store().prices_version(portfolio)
    return version


def market(portfolio: str) -> Any:
    """Give the stored prices that a portfolio is measured with."""
    return _market(url(), portfolio, prices_version(portfolio))


@st.cache_resource(show_spinner="Loading prices", max_entries=4, ttl="10m")
def _market(url: str, portfolio: str, version: str) -> Any:
    return _store(url).market(portfolio=portfolio)


def exchange_rates(portfolio: str) -> Any:
    """Give the exchange rates of the store and no other price: what values a file that lies beside it."""
    return _exchange_rates(url(), portfolio, prices_version(portfolio))


@st.cache_resource(show_spinner=False, max_entries=8, ttl="10m")
def _exchange_rates(url: str, portfolio: str, version: str) -> Any:
    return _store(url).exchange_rates(portfolio)


def rate_status(portfolio: str) -> Any:
    """Tell how far each exchange rate reaches."""
    return store().rate_status(portfolio)


def book(portfolio: str, snapshot_id: int, currency: str | None) -> Book:
    """Value a stored snapshot and place it along the chain, with the overrides that hold now."""
    return _book(url(), portfolio, snapshot_id, currency, *_versions(portfolio, snapshot_id))


def exposures(portfolio: str, snapshot_id: int, currency: str | None) -> Exposures:
    """Measure that book along the chain."""
    return _exposures(url(), portfolio, snapshot_id, currency, *_versions(portfolio, snapshot_id))


Placed = tuple[str, tuple[tuple[str, int], ...]]
"""What places a book's lines: the hash of overrides and answers, and the snapshots of what its funds hold."""


def _versions(portfolio: str, snapshot_id: int) -> tuple[Placed, str]:
    """Give what a book depends on beside its snapshot: what places it, and the prices and rates that value it."""
    from pages.ui import answers as readings  # it asks this module in turn

    owner = standing(portfolio, snapshot_id)
    said = sorted(store().answers(owner).items())
    placed = hashlib.sha256(f"{write_overrides(overrides(owner))}{said}".encode()).hexdigest()
    inside = readings.insides(snapshot_id) if state.looks_through() else ()
    return (placed, inside), prices_version(portfolio)


@st.cache_resource(show_spinner="Placing the holdings along the chain", max_entries=KEEP)
def _book(url: str, portfolio: str, snapshot_id: int, currency: str | None, placed: Placed, prices: str) -> Book:
    from exposure.flow import book_of

    held = _snapshot(url, snapshot_id)
    unvalued = any(h.market_value is None and h.weight is None for h in held.holdings)
    market = _market(url, portfolio, prices) if unvalued else _exchange_rates(url, portfolio, prices)
    owner = _store(url).standing(portfolio, snapshot_id)
    own, answers = _store(url).overrides(owner), _store(url).answers(owner)
    inside = {fund: _snapshot(url, one) for fund, one in placed[1]}
    return book_of(held, base_currency=currency, overrides=own, inside=inside, market=market, answers=answers)


@st.cache_resource(show_spinner=False, max_entries=KEEP)
def _exposures(
    url: str, portfolio: str, snapshot_id: int, currency: str | None, placed: Placed, prices: str
) -> Exposures:
    from exposure.flow import exposure_of

    return exposure_of(_book(url, portfolio, snapshot_id, currency, placed, prices))


Levers = tuple[tuple[str, float], ...]


@st.cache_resource(show_spinner=False, max_entries=KEEP)
def scenario(scenario_id: str, horizon: int = 1, levers: Levers = ()) -> Scenario:
    """Load a scenario of the library by its id."""
    from exposure.scenarios import load_scenario

    return load_scenario(scenario_id, horizon=horizon, **dict(levers))


def saved_scenarios() -> dict[str, str]:
    """Give the users' scenarios: id → TOML; read afresh each time, they are few."""
    saved: dict[str, str] = store().scenarios()
    return saved


@st.cache_resource(show_spinner=False, max_entries=KEEP)
def parsed(toml: str, file: str, horizon: int = 1) -> Scenario:
    """Read the text of a scenario file."""
    from exposure.scenarios import parse_scenario

    return parse_scenario(toml, file=file, horizon=horizon)


def shock(
    portfolio: str, snapshot_id: int, currency: str | None, scenario_id: str, horizon: int = 1, levers: Levers = ()
) -> ShockResult:
    """Apply a scenario of the library to a stored snapshot."""
    return shock_of(portfolio, snapshot_id, currency, scenario(scenario_id, horizon, levers))


def shock_of(portfolio: str, snapshot_id: int, currency: str | None, scenario: Scenario) -> ShockResult:
    """Apply any scenario to a stored snapshot; its hash tells it from every other."""
    from pages.ui import answers as completed  # it asks this module in turn

    scenario = completed.ready(portfolio, scenario)
    versions = _versions(portfolio, snapshot_id)
    return _shock(url(), portfolio, snapshot_id, currency, *versions, scenario.hash, scenario)


@st.cache_resource(show_spinner="Applying the scenario", max_entries=KEEP)
def _shock(
    url: str,
    portfolio: str,
    snapshot_id: int,
    currency: str | None,
    placed: Placed,
    prices: str,
    scenario_hash: str,
    _scenario: Scenario,  # not in the key: its hash is
) -> ShockResult:
    from exposure.flow import shock
    from pages.ui import answers as completed  # it asks this module in turn

    result = shock(_book(url, portfolio, snapshot_id, currency, placed, prices), _scenario)
    return completed.banded(result, portfolio, snapshot_id, currency) if _scenario.foretold else result


Ids = tuple[str, str, int, str | None, str, str]
"""A stored book as it stands now: the store's address, portfolio, snapshot, currency, overrides, prices."""
BELIEFS = "deepseek-transmission"


def ids(portfolio: str, snapshot_id: int, currency: str | None) -> Ids:
    """Give what tells a stored book, as it stands now, from every other."""
    return url(), portfolio, snapshot_id, currency, *_versions(portfolio, snapshot_id)


@st.cache_resource(show_spinner="Making the book ready for the levers", max_entries=8)
def levered(ids: Ids, by: str = "cut") -> Any:
    """Make a stored book ready for any levers: a `cut` by sub-segment, or `many` settings at once."""
    from exposure.levers import book as lever_book
    from exposure.levers import book as lever_cut

    return {"cut": lever_cut.LeverCut, "many": lever_book.LeverBook}[by](_book(*ids), scenario(BELIEFS))


@st.cache_resource(show_spinner=False, max_entries=1)
def lever_misses(replay: str) -> LeverMisses:
    """Make the moves of a replay ready to be set against any levers."""
    from exposure.scenarios.calibrate import moves_of
    from exposure.scenarios.lever_arrays import LeverMisses

    return LeverMisses(moves_of(scenario(replay)))


@st.cache_resource(show_spinner="Working it out", max_entries=KEEP)
def of_levers(question: str, ids: Ids, levers: Levers, *more: Any) -> Any:
    """Answer one of the questions of `beliefs_questions` for a stored book at changed levers."""
    from pages.beliefs.keep import QUESTIONS

    return QUESTIONS[question](levered(ids, "many"), set_levers(scenario(BELIEFS), dict(levers)), *more)


@st.cache_resource(show_spinner=False, max_entries=4 * KEEP)
def steps(ids: Ids, replay: str, lever: str, values: tuple[float, ...], others: Levers, rows: tuple[str, ...]) -> Any:
    """Answer for each of the values of one lever, the `others` standing, for the rows of the flow."""
    from pages.beliefs import live  # it asks this module in turn

    return live.steps(levered(ids), lever_misses(replay), dict(others), lever, values, rows)


@st.cache_resource(show_spinner="Reading the prices", max_entries=2, scope="session")
def read_prices(file_id: str, name: str, _file: Any) -> Any:
    """Read an uploaded price file; its id is new with each upload."""
    from exposure.prices.market import read_prices

    return read_prices(_file.getvalue(), name=name, latest=store().last_possible_day())


def forget_prices() -> None:
    """Let go of what was measured with prices that have just changed."""
    from pages.ui import answers as histories  # it asks this module in turn

    for cached in (_market, _exchange_rates, _book, _exposures, _shock, *histories.MEASURED):
        cached.clear()


def install_demo() -> int:
    """Store the made-up portfolio where it is not there yet, and give the id of its latest snapshot."""
    from db.demo import install_demo

    return install_demo(store()).snapshot_id
