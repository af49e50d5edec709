"""Prices and rates: stored once, compared at each arrival, hand-set ones locked, made-up ones apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from db import Store
from exposure.errors import InputError, MissingPrice
from exposure.prices import from_rows
from exposure.prices._market import Market
from tests.db.books import book

FRIDAY, MONDAY, TUESDAY = date(2025, 1, 24), date(2025, 1, 27), date(2025, 1, 28)


def prices(*rows: tuple[Any, ...]) -> Market:
    """Rows of `(ticker, day, close[, adj_close[, volume]])` in dollars, not adjusted for dividends."""
    return from_rows([(*row, *[None] * (5 - len(row)), "USD", "raw") for row in rows])


NVDA = prices(("NVDA", FRIDAY, 142.62, 142.60, 1e8), ("NVDA", MONDAY, 118.42, 118.40, 8e8))


def listed(market: Market) -> dict[str, list[tuple[Any, ...]]]:
    """Give what a market holds in plain numbers, unknown ones None."""
    out = {}
    for ticker, series in market.series.items():
        columns = [series.dates.tolist(), series.close.tolist()]
        for values in (series.adj_close, series.volume):
            columns.append([None] * len(series.dates) if values is None else [_known(v) for v in values.tolist()])
        out[ticker] = [(*row, series.currency, series.basis) for row in zip(*columns, strict=True)]
    return out


def _known(value: float) -> float | None:
    return None if value != value else value


def test_prices_come_back_as_they_were_stored(store: Store) -> None:
    stored = store.store_prices(NVDA, "yfinance")
    assert (stored.tickers, stored.rows, stored.new, stored.changed, stored.unchanged) == (1, 2, 2, 0, 0)
    assert listed(store.market()) == listed(NVDA)


positive = st.floats(1e-3, 1e6)
rows = st.lists(
    st.tuples(st.sampled_from(("A", "B.L", "^GSPC")), st.dates(), positive, st.none() | positive, st.none() | positive),
    max_size=12,
    unique_by=lambda row: row[:2],
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=rows)
def test_storing_the_same_prices_twice_changes_nothing(store: Store, rows: Iterable[tuple[Any, ...]]) -> None:
    market = prices(*rows)
    store.store_prices(market, "file")
    before = listed(store.market())
    again = store.store_prices(market, "file")
    assert (again.rows, again.unchanged, again.new, again.changed, again.issues) == (market.rows, market.rows, 0, 0, ())
    assert listed(store.market()) == before


def test_of_several_changed_closes_the_largest_change_is_named(store: Store) -> None:
    """Friday 100 → 50 is half, Monday 100 → 90 a tenth less, though Monday is the later and the nearer to one."""
    store.store_prices(prices(("NVDA", FRIDAY, 100.0), ("NVDA", MONDAY, 100.0)), "yfinance")
    (issue,) = store.store_prices(prices(("NVDA", FRIDAY, 50.0), ("NVDA", MONDAY, 90.0)), "yfinance").issues
    assert issue.what == "NVDA: 2 stored closes changed, most on 2025-01-24 (× 0.5); the new ones count"


def test_changed_history_counts_and_is_reported_with_its_largest_change(store: Store) -> None:
    """A ten-for-one split: 1,426.20 becomes 142.62, ×0.1; Monday's close stays."""
    store.store_prices(prices(("NVDA", FRIDAY, 1426.2), ("NVDA", MONDAY, 118.42)), "yfinance")
    stored = store.store_prices(prices(("NVDA", FRIDAY, 142.62), ("NVDA", MONDAY, 118.42)), "yfinance")
    assert (stored.new, stored.changed, stored.unchanged) == (0, 1, 1)
    (issue,) = stored.issues
    assert issue.severity == "warning"
    assert issue.what == "NVDA: 1 stored close changed, on 2025-01-24 (× 0.1); the new one counts"
    assert store.market().series["NVDA"].close.tolist() == [142.62, 118.42]


def test_rounding_of_a_feed_is_no_change(store: Store) -> None:
    store.store_prices(NVDA, "yfinance")
    stored = store.store_prices(prices(("NVDA", FRIDAY, 142.62000274658203, 142.60, 1e8)), "yfinance")
    assert (stored.changed, stored.unchanged) == (0, 1)


def test_a_dividend_that_moves_the_adjusted_closes_is_a_notice(store: Store) -> None:
    store.store_prices(NVDA, "yfinance")
    later = prices(("NVDA", FRIDAY, 142.62, 142.5, 1e8), ("NVDA", MONDAY, 118.42, 118.3, 8e8))
    stored = store.store_prices(later, "yfinance")
    assert [issue.severity for issue in stored.issues] == ["notice"]
    assert stored.changed == 2


def test_a_seam_between_two_adjustments_is_a_warning_that_says_from_when_to_fetch(store: Store) -> None:
    store.store_prices(NVDA, "yfinance")
    stored = store.store_prices(prices(("NVDA", MONDAY, 118.42, 118.3, 8e8), ("NVDA", TUESDAY, 128.99)), "yfinance")
    assert [issue.severity for issue in stored.issues] == ["notice", "warning"]
    assert "before 2025-01-27" in stored.issues[1].what
    assert stored.issues[1].remedy == "fetch NVDA again from 2025-01-24"


def test_a_price_set_by_hand_stands_against_every_feed_until_it_is_cleared(store: Store) -> None:
    store.store_prices(NVDA, "yfinance")
    store.set_price("NVDA", MONDAY, 120.0, "USD")
    stored = store.store_prices(NVDA, "yfinance")
    assert (stored.locked, stored.unchanged, stored.changed) == (1, 1, 0)
    assert stored.issues[0].code == "store.hand-prices-kept"
    assert store.market().series["NVDA"].close.tolist() == [142.62, 120.0]
    store.clear_price("NVDA", MONDAY)
    with pytest.raises(MissingPrice, match="NVDA was set by hand"):
        store.clear_price("NVDA", FRIDAY)
    assert store.store_prices(NVDA, "yfinance").new == 1


def test_a_price_that_is_none_cannot_be_set_by_hand(store: Store) -> None:
    with pytest.raises(InputError, match="not a positive finite number"):
        store.set_price("NVDA", MONDAY, -1.0)
    assert store.market().rows == 0


def test_a_market_can_be_had_of_some_tickers_and_dates(store: Store) -> None:
    store.store_prices(prices(*[(t, d, 10.0) for t in "ABC" for d in (FRIDAY, MONDAY, TUESDAY)]), "file")
    market = store.market(["A", "C", "Z"], start=MONDAY, end=MONDAY)
    assert {t: s.dates.tolist() for t, s in market.series.items()} == {"A": [MONDAY], "C": [MONDAY]}
    assert store.market([]).rows == 0


def test_made_up_prices_are_seen_by_the_portfolio_made_with_them_and_by_nothing_else(store: Store) -> None:
    store.import_snapshot("Real", book())
    store.import_snapshot("Made up", book(), price_set="demo")
    store.store_prices(prices(("NVDA", MONDAY, 1.0)), "made up", price_set="demo")
    assert store.market().rows == store.market(portfolio="Real").rows == 0
    assert store.market(portfolio="Made up").series["NVDA"].close.tolist() == [1.0]
    store.store_prices(prices(("NVDA", MONDAY, 118.42)), "yfinance")
    assert store.market(portfolio="Real").series["NVDA"].close.tolist() == [118.42]
    assert store.market(portfolio="Made up").series["NVDA"].close.tolist() == [1.0]
    assert store.price_status().rows == 1


def test_a_fault_while_prices_are_stored_leaves_them_as_they_were(store: Store) -> None:
    store.store_prices(NVDA, "yfinance")
    before = listed(store.market())
    seen: list[str] = []

    def third(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)
        if statement.startswith("DELETE"):
            raise RuntimeError("power cut")

    event.listen(store.engine, "before_cursor_execute", third)
    with pytest.raises(RuntimeError, match="power cut"):
        store.store_prices(prices(("AMD", MONDAY, 115.0), ("NVDA", MONDAY, 99.0)), "yfinance")
    event.remove(store.engine, "before_cursor_execute", third)
    assert seen[-1].startswith("DELETE")
    assert listed(store.market()) == before


def test_the_status_names_what_is_held_without_a_price_and_what_is_stale(store: Store) -> None:
    store.import_snapshot("A", book())
    assert store.symbols() == store.symbols("A") == ("NVDA",)
    empty = store.price_status()
    assert (empty.tickers, empty.rows, empty.start, empty.end) == (0, 0, None, None)
    assert (empty.missing, empty.stale) == (("NVDA",), ())
    store.store_prices(prices(("NVDA", FRIDAY, 142.62), ("AMD", MONDAY, 115.0), ("AMD", TUESDAY, 114.0)), "file")
    status = store.price_status(today=date(2025, 2, 1))
    assert (status.tickers, status.rows, status.start, status.end) == (2, 3, FRIDAY, TUESDAY)
    assert (status.missing, status.stale) == ((), ("NVDA",))
    own = store.price_status("A", today=date(2025, 1, 31))
    assert (own.tickers, own.rows, own.stale) == (1, 1, ())


def test_an_answer_of_the_user_names_the_symbol_that_is_fetched(store: Store) -> None:
    store.import_snapshot("A", book())
    store.save_answer("US67066G1040", "NVD.DE")
    assert store.symbols("A") == ("NVD.DE",)


def test_real_prices_are_stored_whole(store: Store, daily_closes: Market) -> None:
    market = daily_closes
    some = [*list(market.series)[:20], "8035.T", "NVDA"]
    market = replace(market, series={ticker: market.series[ticker] for ticker in some})
    stored = store.store_prices(market, "prices.csv.gz")
    assert (stored.new, stored.changed, stored.issues) == (market.rows, 0, ())
    assert listed(store.market(["NVDA", "8035.T"])) == {t: listed(market)[t] for t in ("8035.T", "NVDA")}
