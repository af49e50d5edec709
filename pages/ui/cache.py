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
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import streamlit as st

from exposure.chain import Exposures, write_overrides
from exposure.scenarios import set_levers
from exposure.types import Book, Override, Scenario, Snapshot, Transmission
from pages.ui import state

if TYPE_CHECKING:
    from db import Store
    from db.repositories.rates import RateStatus
    from exposure.prices import Market
    from exposure.scenarios import LeverMisses


KEEP = 64
"""Answers of one sort that are kept; the least recently used goes first."""
_Cached = TypeVar("_Cached")
_CLEARED: dict[str, dict[str, Any]] = {"prices": {}, "deletion": {}}
"""What is let go of when prices change, and when something is deleted for good: the cached functions by their names."""


def until(*ends: Literal["prices", "deletion"]) -> Callable[[_Cached], _Cached]:
    """Let a cached function forget when prices change, or when something it may hold is deleted for good."""

    def listed(cached: _Cached) -> _Cached:
        name = f"{getattr(cached, '__module__', '')}.{getattr(cached, '__qualname__', '')}"
        for end in ends:
            _CLEARED[end][name] = cached
        return cached

    return listed


def forget_prices() -> None:
    """Let go of what was measured with prices that have just changed."""
    for cached in _CLEARED["prices"].values():
        cached.clear()


def forget_books() -> None:
    """Let go of what holds a book or was worked out from one: no line of one deleted for good stays in the process."""
    for cached in _CLEARED["deletion"].values():
        cached.clear()


@st.cache_resource(show_spinner=False)
def freeze_start_up() -> None:
    """Take what was loaded at start out of the garbage collector's sight, which it would go through again and again."""
    freeze()


def freeze() -> None:
    """Take what lives now out of the collector's sight, what was so before and lives no more excepted."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


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


def store() -> Store:
    """Give the one store of this process, opened at its first use."""
    return store_at(url())


@st.cache_resource(show_spinner="Opening the store", max_entries=8, on_release=lambda store: store.close())
def store_at(url: str) -> Store:
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
    return snapshot_of(url(), snapshot_id)


def standing(portfolio: str, snapshot_id: int) -> int:
    """Give the id of the portfolio of a stored snapshot; refuse one that is gone or goes by another name now."""
    return store().standing(portfolio, snapshot_id)


@until("deletion")
@st.cache_resource(show_spinner="Loading the holdings", max_entries=KEEP)
def snapshot_of(url: str, snapshot_id: int) -> Snapshot:
    return store_at(url).snapshot_by_id(snapshot_id)


def overrides(portfolio: str | int) -> tuple[Override, ...]:
    """List the overrides that hold for a portfolio; read afresh each time, they are few."""
    return store().overrides(portfolio)


def prices_version(portfolio: str | None) -> str:
    """Tell one state of the stored prices from another."""
    return store().prices_version(portfolio)


def market(portfolio: str | None) -> Market:
    """Give the stored prices that a portfolio is measured with."""
    return market_of(url(), portfolio, prices_version(portfolio))


@until("prices")
@st.cache_resource(show_spinner="Loading prices", max_entries=4, ttl="10m")
def market_of(url: str, portfolio: str | None, version: str) -> Market:
    return store_at(url).market(portfolio=portfolio)


def exchange_rates(portfolio: str) -> Market:
    """Give the exchange rates of the store and no other price: what values a file that lies beside it."""
    return _exchange_rates(url(), portfolio, prices_version(portfolio))


@until("prices")
@st.cache_resource(show_spinner=False, max_entries=8, ttl="10m")
def _exchange_rates(url: str, portfolio: str, version: str) -> Market:
    return store_at(url).exchange_rates(portfolio)


def rate_status(portfolio: str) -> RateStatus:
    """Tell how far each exchange rate reaches."""
    return store().rate_status(portfolio)


Insides = tuple[tuple[str, int], ...]
"""Fund and the id of the snapshot of what it holds."""


def insides(snapshot_id: int) -> Insides:
    """List the known insides that reach a stored snapshot, of the day nearest to it."""
    known = store().insides(snapshot(snapshot_id).as_of)
    pairs = tuple((fund, each.snapshot_id) for fund, each in known.items())
    return _reaching(url(), snapshot_id, pairs) if pairs else ()


@until("deletion")
@st.cache_resource(show_spinner=False, max_entries=KEEP)
def _reaching(url: str, snapshot_id: int, known: Insides) -> Insides:
    from exposure.chain import reachable

    held = {fund: snapshot_of(url, one) for fund, one in known}
    reached = reachable(held, snapshot_of(url, snapshot_id).holdings)
    return tuple((fund, one) for fund, one in known if fund in reached)


Placed = tuple[str, Insides]
"""What places a book's lines: the hash of overrides and answers, and the snapshots of what its funds hold."""
Ids = tuple[str, str, int, str | None, Placed, str]
"""A stored book as it stands now: the store's address, portfolio, snapshot, currency, what places its lines, prices."""


def ids(portfolio: str, snapshot_id: int, currency: str | None) -> Ids:
    """Give what tells a stored book, as it stands now, from every other."""
    owner = standing(portfolio, snapshot_id)
    answers = sorted(store().answers(owner).items())
    placed = hashlib.sha256(f"{write_overrides(overrides(owner))}{answers}".encode()).hexdigest()
    inside = insides(snapshot_id) if state.looks_through() else ()
    return url(), portfolio, snapshot_id, currency, (placed, inside), prices_version(portfolio)


def book(portfolio: str, snapshot_id: int, currency: str | None) -> Book:
    """Value a stored snapshot and place it along the chain, with the overrides that hold now."""
    return book_of(ids(portfolio, snapshot_id, currency))


@until("prices", "deletion")
@st.cache_resource(show_spinner="Placing the holdings along the chain", max_entries=KEEP)
def book_of(ids: Ids) -> Book:
    """Give the stored book of these ids."""
    from exposure import flow

    url, portfolio, snapshot_id, currency, (_, inside), prices = ids
    held = snapshot_of(url, snapshot_id)
    unvalued = any(h.market_value is None and h.weight is None for h in held.holdings)
    market = market_of(url, portfolio, prices) if unvalued else _exchange_rates(url, portfolio, prices)
    owner = store_at(url).standing(portfolio, snapshot_id)
    return flow.book_of(
        held,
        base_currency=currency,
        overrides=store_at(url).overrides(owner),
        inside={fund: snapshot_of(url, one) for fund, one in inside},
        market=market,
        answers=store_at(url).answers(owner),
    )


def market_with(ids: Ids) -> Market:
    """Give the prices that a stored book is measured with."""
    return market_of(ids[0], ids[1], ids[-1])


def exposures(portfolio: str, snapshot_id: int, currency: str | None) -> Exposures:
    """Measure that book along the chain."""
    return _exposures(ids(portfolio, snapshot_id, currency))


@until("prices", "deletion")
@st.cache_resource(show_spinner=False, max_entries=KEEP)
def _exposures(ids: Ids) -> Exposures:
    from exposure.flow import exposure_of

    return exposure_of(book_of(ids))


@until("deletion")
@st.cache_resource(show_spinner=False, max_entries=8)
def settle(ids: Ids) -> None:
    """Freeze once a book is ready for the levers, so that no move of a lever waits for a look through all of it."""
    freeze()


BELIEFS = "deepseek-transmission"
Levers = tuple[tuple[str, float], ...]


@st.cache_resource(show_spinner=False, max_entries=KEEP)
def scenario(scenario_id: str, horizon: int = 1) -> Scenario:
    """Load a scenario of the library by its id."""
    from exposure.scenarios import load_scenario

    return load_scenario(scenario_id, horizon=horizon)


def beliefs() -> Transmission:
    """Load the library's transmission, whose levers the beliefs set."""
    found = scenario(BELIEFS)
    assert isinstance(found, Transmission)
    return found


def saved_scenarios() -> dict[str, str]:
    """Give the users' scenarios: id → TOML; read afresh each time, they are few."""
    return store().scenarios()


@st.cache_resource(show_spinner=False, max_entries=KEEP)
def parsed(toml: str, file: str, horizon: int = 1) -> Scenario:
    """Read the text of a scenario file."""
    from exposure.scenarios import parse_scenario

    return parse_scenario(toml, file=file, horizon=horizon)


@until("deletion")
@st.cache_resource(show_spinner="Making the book ready for the levers", max_entries=8)
def levered(ids: Ids, by: str = "cut") -> Any:
    """Make a stored book ready for any levers: a `cut` by sub-segment, or `many` settings at once."""
    from exposure.levers import LeverBook, LeverCut

    return {"cut": LeverCut, "many": LeverBook}[by](book_of(ids), scenario(BELIEFS))


@st.cache_resource(show_spinner=False, max_entries=1)
def lever_misses(replay: str) -> LeverMisses:
    """Make the moves of a replay ready to be set against any levers."""
    from exposure.scenarios import LeverMisses, moves_of

    return LeverMisses(moves_of(scenario(replay)))


@until("deletion")
@st.cache_resource(show_spinner="Working it out", max_entries=KEEP)
def of_levers(question: str, ids: Ids, levers: Levers, *more: Any, _answer: Callable[..., Any]) -> Any:
    """Answer a question about a stored book at changed levers; `_answer` works it out."""
    return _answer(levered(ids, "many"), set_levers(scenario(BELIEFS), dict(levers)), *more)


@until("deletion")
@st.cache_resource(show_spinner=False, max_entries=4 * KEEP)
def steps(ids: Ids, replay: str, others: Levers, *more: Any, _answer: Callable[..., Any]) -> Any:
    """Answer for values of one lever, the `others` standing; `_answer` works it out."""
    return _answer((levered(ids), lever_misses(replay)), dict(others), *more)


@st.cache_resource(show_spinner="Reading the prices", max_entries=2, scope="session")
def read_prices(file_id: str, name: str, _file: Any) -> Market:
    """Read an uploaded price file; its id is new with each upload."""
    from exposure.prices import read_prices

    return read_prices(_file.getvalue(), name=name, latest=store().last_possible_day())


TYPES = ("csv", "tsv", "txt", "xlsx", "xls", "zip")
LIMIT = 50
"""Of an upload of holdings: endings of its name, and MB as `server.maxUploadSize`; larger files by the command line."""


@st.cache_resource(show_spinner="Reading the file", max_entries=2, scope="session")
def read_fund(sha256: str, name: str, _file: Any) -> Snapshot:
    """Read an uploaded file of what a fund holds."""
    from exposure.reading import read_holdings

    return read_holdings(_file.getvalue(), name=name)


def install_demo() -> int:
    """Store the made-up portfolio where it is not there yet, and give the id of its latest snapshot."""
    from db.demo import install_demo

    return install_demo(store()).snapshot_id
