"""Cached answers about the past: both readings of a portfolio, an event, what stands beside, who may stand in."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from exposure import flow
from exposure.errors import ExposureError
from exposure.history import (
    MEAN,
    Closes,
    Comparison,
    DrawdownResult,
    EventPath,
    Hold,
    Proxy,
    compare,
    event_path,
    names_by_sub_segment,
    proxies_for,
)
from pages.ui import cache

How = tuple[date | None, date | None, Hold, Closes]
"""First and last day (None for all there is), what is held constant, and which closes."""
Stands = tuple[tuple[str, str], ...]
"""Proxies as chosen: line and the series that stands in for it."""


def chosen_proxies(portfolio: str | int) -> dict[str, str]:
    """Give what a person chose: line → the series that stands in for it; read afresh each time, they are few."""
    kept: dict[str, str] = cache.store().proxies(portfolio)
    return kept


def usable_proxies(portfolio: str) -> tuple[Stands, Stands]:
    """Part the chosen proxies into those whose prices are stored and those whose are not any more."""
    chosen = chosen_proxies(portfolio)
    if not chosen:
        return (), ()
    held = cache.market(portfolio)
    means = names_by_sub_segment(held) if any(symbol.startswith(MEAN) for symbol in chosen.values()) else {}
    known = {line: s for line, s in chosen.items() if s in held.series or means.get(s.removeprefix(MEAN))}
    return tuple(sorted(known.items())), tuple(sorted((k, s) for k, s in chosen.items() if k not in known))


def today(portfolio: str, snapshot_id: int, currency: str | None, how: How) -> DrawdownResult:
    """Measure how deep the holdings of a stored snapshot fell, by the stored prices."""
    ids = cache.ids(portfolio, snapshot_id, currency)
    return _today(ids, how, usable_proxies(portfolio)[0])


@cache.until("prices", "deletion")
@st.cache_resource(show_spinner="Following the holdings back", max_entries=cache.KEEP)
def _today(ids: cache.Ids, how: How, proxies: Stands) -> DrawdownResult:
    start, end, hold, closes = how
    held = cache.market_with(ids)
    return flow.drawdown(
        cache.book_of(ids), held, start=start, end=end, hold=hold, closes=closes, proxies=dict(proxies)
    )


def snapshots(portfolio: str) -> tuple[Any, ...]:
    """List the stored snapshots of a portfolio, the earliest first."""
    found: tuple[Any, ...] = cache.store().portfolio(portfolio).snapshots
    return found


def actual(portfolio: str, currency: str | None, how: How) -> DrawdownResult:
    """Measure how deep a portfolio fell as its stored snapshots say it was."""
    each = tuple(cache.ids(portfolio, one.snapshot_id, currency) for one in snapshots(portfolio))
    return _actual(each, how, usable_proxies(portfolio)[0])


@cache.until("prices", "deletion")
@st.cache_resource(show_spinner="Following the snapshots", max_entries=cache.KEEP)
def _actual(each: tuple[cache.Ids, ...], how: How, proxies: Stands) -> DrawdownResult:
    start, end, _, closes = how
    held, books = cache.market_with(each[0]), [cache.book_of(ids) for ids in each]
    return flow.history(books, held, start=start, end=end, closes=closes, proxies=dict(proxies))


def beside(
    readings: dict[str, DrawdownResult],
    portfolio: str,
    currency: str | None,
    how: How,
    *,
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
    return compare(each, cache.market(portfolio), symbols), failed


def series_on_offer(portfolio: str) -> tuple[str, ...]:
    """List the stored series that something can be measured against: funds first, then indices."""
    return _on_offer(cache.url(), portfolio, cache.prices_version(portfolio))


@cache.until("prices")
@st.cache_resource(show_spinner=False, max_entries=8)
def _on_offer(url: str, portfolio: str, prices: str) -> tuple[str, ...]:
    from exposure.chain import issuer_table
    from exposure.history import MARKET_FUNDS, SECTOR_FUNDS

    stored = cache.market_of(url, portfolio, prices).series
    known = {*MARKET_FUNDS, *SECTOR_FUNDS.values()}
    funds = [s for s in stored if s in known or ((entry := issuer_table().of(s)) is not None and entry.fund)]
    return (*sorted(funds, key=lambda s: (s not in MARKET_FUNDS, s)), *sorted(s for s in stored if s.startswith("^")))


def event(portfolio: str, snapshot_id: int, currency: str | None, closes: Closes, day: date) -> EventPath:
    """Follow the holdings of a stored snapshot, by their quantities, through an event."""
    ids = cache.ids(portfolio, snapshot_id, currency)
    return _event(ids, closes, usable_proxies(portfolio)[0], day)


@cache.until("prices", "deletion")
@st.cache_resource(show_spinner="Following the holdings through the event", max_entries=cache.KEEP)
def _event(ids: cache.Ids, closes: Closes, proxies: Stands, day: date) -> EventPath:
    held = cache.market_with(ids)
    return event_path(cache.book_of(ids), held, day, closes=closes, proxies=dict(proxies))


def offers(portfolio: str, snapshot_id: int, currency: str | None) -> tuple[Proxy, ...]:
    """List what could stand in for the lines without prices; nothing is applied."""
    return _offers(cache.ids(portfolio, snapshot_id, currency))


@cache.until("prices", "deletion")
@st.cache_resource(show_spinner="Looking for series that could stand in", max_entries=8)
def _offers(ids: cache.Ids) -> tuple[Proxy, ...]:
    return proxies_for(cache.book_of(ids), cache.market_with(ids))
