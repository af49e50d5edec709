"""Cached answers about files: what an upload reads as, its headings, and what a stored one leaves open.

Cached answers about the past: both readings of a portfolio, an event, what stands beside, who may stand in.

Scenarios that wait for prices, completed with the stored ones; keyed by ids, as in `cache`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from exposure import flow
from exposure.errors import ExposureError
from exposure.history import Comparison, DrawdownResult, EventPath, Proxy, compare, event_path, proxies_for
from exposure.history.quotes import MEAN, members
from exposure.scenarios import complete, waits
from exposure.types import Holding, Prediction, Scenario, Snapshot
from pages.ui import cache

if TYPE_CHECKING:
    from exposure.chain.assign import Question
    from exposure.prices.market import Market
    from exposure.reading.mapping import Header
    from exposure.shock.result import ShockResult


Said = tuple[tuple[str, str], ...]
"""A mapping as pairs: of columns field and heading, of answers identifier and symbol, of units what they stand in."""


@st.cache_resource(show_spinner="Reading the file", max_entries=4, scope="session")
def read_upload(
    sha256: str, name: str, dates: str | None, decimal: str | None, columns: Said = (), units: Said = ()
) -> tuple[Snapshot, ...]:
    """Read the upload of a hash, one snapshot for each date that it holds; the name may tell the date."""
    from exposure.reading import read_all

    data = cache.desk()["upload"][sha256]
    return read_all(  # type: ignore[arg-type]
        data, name=name, dates=dates, decimal=decimal, columns=dict(columns), units=dict(units)
    )


UNIT = "unit_"
"""Before the quote unit: the key of what was said of figures in it."""


def units_said() -> Said:
    """Give what was said of figures of the upload that stand in a currency or in its hundredth."""
    said = {str(key): str(value) for key, value in st.session_state.items() if value}
    return tuple(sorted((key.removeprefix(UNIT), unit) for key, unit in said.items() if key.startswith(UNIT)))


@st.cache_resource(show_spinner=False, max_entries=8, scope="session")
def header(sha256: str, name: str, columns: Said = (), line: int | None = None) -> Header:
    """Find the headings of the upload of a hash and its first rows."""
    from exposure.reading.mapping import header_of

    return header_of(cache.desk()["upload"][sha256], name, dict(columns), line)


def questions(portfolio: str, snapshot_id: int) -> tuple[Question, ...]:
    """List what a stored snapshot leaves open of which security is meant, the largest lines first."""
    owner = cache.standing(portfolio, snapshot_id)
    return _questions(cache.url(), snapshot_id, tuple(sorted(cache.store().answers(owner).items())))


@st.cache_resource(show_spinner="Telling the securities apart", max_entries=cache.KEEP)
def _questions(url: str, snapshot_id: int, answers: Said) -> tuple[Question, ...]:
    from exposure.chain.assign import questions

    def size(holding: Holding) -> float:
        return -abs(holding.market_value or holding.weight or holding.quantity or 0.0)

    return questions(sorted(cache._snapshot(url, snapshot_id).holdings, key=size), dict(answers))


@st.cache_resource(show_spinner="Reading the file", max_entries=2, scope="session")
def read_inside(sha256: str, name: str, _file: Any) -> Snapshot:
    """Read an uploaded file of what a fund holds."""
    from exposure.reading import read_holdings

    return read_holdings(_file.getvalue(), name=name)


Insides = tuple[tuple[str, int], ...]
"""Fund and the id of the snapshot of what it holds."""


def insides(snapshot_id: int) -> Insides:
    """List the known insides that reach a stored snapshot, of the day nearest to it."""
    known = cache.store().insides(cache.snapshot(snapshot_id).as_of)
    pairs = tuple((fund, each.snapshot_id) for fund, each in known.items())
    return _reaching(cache.url(), snapshot_id, pairs) if pairs else ()


@st.cache_resource(show_spinner=False, max_entries=cache.KEEP)
def _reaching(url: str, snapshot_id: int, known: Insides) -> Insides:
    from exposure.chain.lookthrough import reachable

    held = {fund: cache._snapshot(url, one) for fund, one in known}
    reached = reachable(held, cache._snapshot(url, snapshot_id).holdings)
    return tuple((fund, one) for fund, one in known if fund in reached)


How = tuple[date | None, date | None, str, str]
"""First and last day (None for all there is), what is held constant, and which closes."""
Stands = tuple[tuple[str, str], ...]
"""Proxies as chosen: line and the series that stands in for it."""


def market(portfolio: str) -> Market:
    """Give the stored prices that a portfolio is measured with."""
    found: Market = cache.market(portfolio)
    return found


def chosen_proxies(portfolio: str | int) -> dict[str, str]:
    """Give what a person chose: line → the series that stands in for it; read afresh each time, they are few."""
    kept: dict[str, str] = cache.store().proxies(portfolio)
    return kept


def usable_proxies(portfolio: str) -> tuple[Stands, Stands]:
    """Part the chosen proxies into those whose prices are stored and those whose are not any more."""
    chosen = chosen_proxies(portfolio)
    if not chosen:
        return (), ()
    held = market(portfolio)
    means = members(held) if any(symbol.startswith(MEAN) for symbol in chosen.values()) else {}
    known = {line: s for line, s in chosen.items() if s in held.series or means.get(s.removeprefix(MEAN))}
    return tuple(sorted(known.items())), tuple(sorted((k, s) for k, s in chosen.items() if k not in known))


def today(portfolio: str, snapshot_id: int, currency: str | None, how: How) -> DrawdownResult:
    """Measure how deep the holdings of a stored snapshot fell, by the stored prices."""
    ids = cache.ids(portfolio, snapshot_id, currency)
    return _today(ids, cache.prices_version(portfolio), how, usable_proxies(portfolio)[0])


@st.cache_resource(show_spinner="Following the holdings back", max_entries=cache.KEEP)
def _today(ids: cache.Ids, prices: str, how: How, proxies: Stands) -> DrawdownResult:
    start, end, hold, closes = how
    held = cache._market(ids[0], ids[1], prices)
    return flow.drawdown(cache._book(*ids), held, start=start, end=end, hold=hold, closes=closes, proxies=dict(proxies))


def snapshots(portfolio: str) -> tuple[Any, ...]:
    """List the stored snapshots of a portfolio, the earliest first."""
    found: tuple[Any, ...] = cache.store().portfolio(portfolio).snapshots
    return found


def actual(portfolio: str, currency: str | None, how: How) -> DrawdownResult:
    """Measure how deep a portfolio fell as its stored snapshots say it was."""
    each = tuple(cache.ids(portfolio, one.snapshot_id, currency) for one in snapshots(portfolio))
    return _actual(each, cache.prices_version(portfolio), how, usable_proxies(portfolio)[0])


@st.cache_resource(show_spinner="Following the snapshots", max_entries=cache.KEEP)
def _actual(each: tuple[cache.Ids, ...], prices: str, how: How, proxies: Stands) -> DrawdownResult:
    start, end, _, closes = how
    held, books = cache._market(each[0][0], each[0][1], prices), [cache._book(*ids) for ids in each]
    return flow.history(books, held, start=start, end=end, closes=closes, proxies=dict(proxies))


def beside(
    readings: dict[str, DrawdownResult],
    portfolio: str,
    currency: str | None,
    how: How,
    symbols: tuple[str, ...],
    portfolios: tuple[str, ...],
) -> tuple[Comparison, dict[str, str]]:
    """Set histories beside stored series and portfolios over their common sessions; say which could not be, and why."""
    each, failed = dict(readings), dict[str, str]()
    for name in portfolios:
        try:
            each[name] = today(name, snapshots(name)[-1].snapshot_id, currency, how)
        except ExposureError as error:
            failed[name] = error.what
    return compare(each, market(portfolio), symbols), failed


def series_on_offer(portfolio: str) -> tuple[str, ...]:
    """List the stored series that something can be measured against: funds first, then indices."""
    return _on_offer(cache.url(), portfolio, cache.prices_version(portfolio))


@st.cache_resource(show_spinner=False, max_entries=8)
def _on_offer(url: str, portfolio: str, prices: str) -> tuple[str, ...]:
    from exposure.chain.issuers import table
    from exposure.history.quotes import MARKET_FUNDS, SECTOR_FUNDS

    stored = cache._market(url, portfolio, prices).series
    known = {*MARKET_FUNDS, *SECTOR_FUNDS.values()}
    funds = [s for s in stored if s in known or ((entry := table().of(s)) is not None and entry.fund)]
    return (*sorted(funds, key=lambda s: (s not in MARKET_FUNDS, s)), *sorted(s for s in stored if s.startswith("^")))


def event(portfolio: str, snapshot_id: int, currency: str | None, closes: str, day: date) -> EventPath:
    """Follow the holdings of a stored snapshot, by their quantities, through an event."""
    ids = cache.ids(portfolio, snapshot_id, currency)
    return _event(ids, cache.prices_version(portfolio), closes, usable_proxies(portfolio)[0], day)


@st.cache_resource(show_spinner="Following the holdings through the event", max_entries=cache.KEEP)
def _event(ids: cache.Ids, prices: str, closes: str, proxies: Stands, day: date) -> EventPath:
    held = cache._market(ids[0], ids[1], prices)
    cut = "common" if closes == "common" else "local"
    return event_path(cache._book(*ids), held, day, closes=cut, proxies=dict(proxies))


def offers(portfolio: str, snapshot_id: int, currency: str | None) -> tuple[Proxy, ...]:
    """List what could stand in for the lines without prices; nothing is applied."""
    return _offers(cache.ids(portfolio, snapshot_id, currency), cache.prices_version(portfolio))


@st.cache_resource(show_spinner="Looking for series that could stand in", max_entries=8)
def _offers(ids: cache.Ids, prices: str) -> tuple[Proxy, ...]:
    return proxies_for(cache._book(*ids), cache._market(ids[0], ids[1], prices))


MEASURED = (_today, _actual, _on_offer, _event, _offers)
"""What rests on prices, and is let go of when they change."""


BEFORE, AFTER = timedelta(days=45), timedelta(days=62)
"""What is read around two dates: the last exchange rate that can stand, a shut market's close, twenty sessions."""
HISTORY = timedelta(days=800)
"""What is read before a prediction: 500 sessions."""


def ready(portfolio: str, scenario: Scenario) -> Scenario:
    """Give a scenario that can be applied to a portfolio: by its prices where it waits for some.

    Raises
    ------
    MissingPrice : the stored prices do not reach the days that the scenario needs.
    """
    if not waits(scenario):
        return scenario
    return _ready(cache.url(), portfolio, cache.prices_version(portfolio), scenario.hash, scenario)


@st.cache_resource(show_spinner="Reading the prices of those days", max_entries=cache.KEEP)
def _ready(url: str, portfolio: str, version: str, scenario_hash: str, _waiting: Scenario) -> Scenario:
    if isinstance(_waiting, Prediction):
        from exposure.scenarios.predict import foretell

        known = _known(url, portfolio, version, _waiting)
        return foretell(_waiting, _prices(url, portfolio, version, *_span(_waiting)), known)
    return complete(_waiting, _prices(url, portfolio, version, *_span(_waiting)))


def plausible(portfolio: str, snapshot_id: int, currency: str | None, waiting: Scenario) -> dict[str, Any]:
    """Say how unusual the given moves of a prediction are, and what the worst day as unusual costs the book."""
    from exposure.scenarios.predict import plausibility

    url, version = cache.url(), cache.prices_version(portfolio)
    known, book = _known(url, portfolio, version, waiting), cache.book(portfolio, snapshot_id, currency)
    market = _prices(url, portfolio, version, *_span(waiting))
    return plausibility(ready(portfolio, waiting), market, book, known)


def banded(result: ShockResult, portfolio: str, snapshot_id: int, currency: str | None) -> ShockResult:
    """Give the result of a prediction with the band of the book's return, where the prices that tell it are stored."""
    from exposure.shock.result import foretold_band

    try:
        found = plausible(portfolio, snapshot_id, currency, result.scenario)
    except ExposureError:
        return result
    return replace(result, band=foretold_band(result.total_return, found))


def _known(url: str, portfolio: str, version: str, waiting: Prediction) -> Any:
    from exposure.scenarios.predict import references

    return _learnt(url, portfolio, version, waiting.as_of, references(waiting))


@st.cache_resource(show_spinner="Learning how the names move together", max_entries=4)
def _learnt(url: str, portfolio: str, version: str, as_of: date, references: tuple[str, ...]) -> Any:
    from exposure.scenarios.predict import learn

    return learn(_prices(url, portfolio, version, as_of - HISTORY, as_of), as_of, references)


def _span(waiting: Scenario) -> tuple[date, date]:
    if isinstance(waiting, Prediction):
        return waiting.as_of - HISTORY, waiting.as_of
    assert waiting.start is not None and waiting.end is not None
    days = [waiting.start, waiting.end, *(d for w in waiting.windows.values() for d in (w.start, w.end))]
    return min(days) - BEFORE, max(days) + AFTER


@st.cache_resource(show_spinner="Loading prices", max_entries=3, ttl="10m")
def _prices(url: str, portfolio: str, version: str, start: date, end: date) -> Any:
    return cache.store().market(start=start, end=end, portfolio=portfolio)
