"""What users of other tools complain of in stored prices: each is a test here, on every database there is."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from db import Store
from db.sources import RATE_LIMITED
from exposure.flow import book_of, drawdown
from exposure.prices import from_rows
from exposure.prices._market import Market
from tests.db.books import book

DAYS = [date(2025, 1, day) for day in (20, 21, 22, 23, 24, 27)]


def closes(ticker: str, levels: list[float], currency: str = "USD") -> Market:
    return from_rows([(ticker, d, p, None, None, currency, "raw") for d, p in zip(DAYS, levels, strict=False)])


def level(store: Store, ticker: str) -> list[float]:
    return list(map(float, store.market([ticker]).series[ticker].close))


def test_a_bad_print_overwrites_no_price_that_was_set_by_hand(store: Store) -> None:
    store.store_prices(closes("NVDA", [100, 101, 102]), "yfinance")
    store.set_price("NVDA", DAYS[1], 99.5, "USD")
    done = store.store_prices(closes("NVDA", [100, 50.5, 102]), "yfinance")
    assert level(store, "NVDA") == [100, 99.5, 102] and done.locked == 1


def test_a_failed_fetch_leaves_the_last_price_with_its_date_and_says_why(store: Store) -> None:
    store.import_snapshot("Desk", book())
    symbol = store.symbols("Desk")[0]
    store.store_prices(closes(symbol, [100, 101, 102]), "yfinance")
    store.note_outcomes([(symbol, RATE_LIMITED)])
    assert level(store, symbol) == [100, 101, 102]
    status = store.price_status("Desk", today=DAYS[2] + timedelta(30))
    (series,) = (one for one in status.series if one.ticker == symbol)
    assert series.end == DAYS[2] and dict(status.failed)[symbol] == RATE_LIMITED
    assert symbol in status.stale and symbol not in status.missing


def test_an_empty_answer_for_a_holiday_takes_nothing_away(store: Store) -> None:
    store.store_prices(closes("NVDA", [100, 101, 102]), "yfinance")
    store.store_prices(from_rows([]), "yfinance", asked_from=DAYS[3])
    assert level(store, "NVDA") == [100, 101, 102]


def test_a_price_keeps_the_unit_it_came_in_and_no_repair_changes_it(store: Store) -> None:
    """Pence stay pence in the store; the fall is 10 % in either."""
    store.store_prices(closes("VOD.L", [70, 63], "GBX"), "yfinance")
    series = store.market(["VOD.L"]).series["VOD.L"]
    assert (series.currency, series.close.tolist()) == ("GBX", [70, 63])


def test_a_line_without_a_price_drops_no_value_to_zero(store: Store) -> None:
    """Half of the book has no price: the history is of the other half, which never falls."""
    rows: list[dict[str, Any]] = [
        {"ticker": "NVDA", "isin": "US67066G1040", "market_value": 500.0},
        {"ticker": "ZZHOUSE", "name": "House fund", "market_value": 500.0},
    ]
    from exposure.types import Holding, Snapshot

    held = tuple(Holding(n, value_currency="USD", currency="USD", **row) for n, row in enumerate(rows, start=2))
    store.import_snapshot("Half", Snapshot("half.csv", "csv", DAYS[0], (DAYS[0],), "USD", held))
    store.store_prices(closes("NVDA", [100, 101, 102]), "yfinance")
    result = drawdown(book_of(store.snapshot("Half")), store.market(portfolio="Half"))
    assert result.max_drawdown == 0 and result.missing_prices == ("ZZHOUSE",)
    assert result.coverage["none"] == pytest.approx(0.5)


def test_what_differs_from_the_store_is_told_and_never_taken_over_in_silence(store: Store) -> None:
    store.store_prices(closes("NVDA", [100, 101, 102]), "yfinance")
    done = store.store_prices(closes("NVDA", [100, 91, 102, 103]), "a file")
    assert (done.new, done.changed) == (1, 1) and done.issues
    assert any(event.ticker == "NVDA" for event in store.price_log())
