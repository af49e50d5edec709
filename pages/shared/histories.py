"""Cached answers about the past: both readings of a portfolio, an event, what stands beside, who may stand in."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import streamlit as st

from exposure import flow
from exposure.errors import ExposureError
from exposure.history import Comparison, DrawdownResult, EventPath, Proxy, compare, event_path, proxies_for
from exposure.history.proxies import MEAN, members
from pages.shared import cache

if TYPE_CHECKING:
    from exposure.market import Market

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
    from exposure.history.proxies import MARKET_FUNDS, SECTOR_FUNDS

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
