"""The made-up book: its identifiers are right, it says that it is made up, and it never mixes with what is real."""

from __future__ import annotations

from datetime import date

import exposure
from db import Store
from db.demo import AS_OF, BEFORE, NAME, SOURCE, demo_before, demo_market, demo_snapshot, install_demo
from tests.db.books import book


def _isin_is_right(isin: str) -> bool:
    """Check the last digit of an ISIN: letters count A=10 … Z=35, every second digit from the right is doubled."""
    digits = "".join(str(int(character, 36)) for character in isin)
    doubled = [int(d) * (2 if place % 2 else 1) for place, d in enumerate(reversed(digits))]
    return sum(d // 10 + d % 10 for d in doubled) % 10 == 0


def test_every_isin_is_right_and_of_one_line_only() -> None:
    isins = [h.isin for h in demo_snapshot().holdings if h.isin]
    assert len(set(isins)) == len(isins) == 25
    assert [isin for isin in isins if not _isin_is_right(isin)] == []


def test_the_book_touches_every_segment_of_the_chain_and_what_lies_outside() -> None:
    segments = {row.segment for row in exposure.measure(exposure.to_book(demo_snapshot())).by_segment if row.weight > 0}
    chain = {"foundation_models", "chips", "equipment", "software"}
    assert chain | {"outside", "cash"} <= segments


def test_values_are_quantity_times_price_at_the_stated_made_up_rates() -> None:
    """NVIDIA: 6,000 × 140 dollars × 0.95 = 798,000 euro; SK hynix: 1,000 × 220,000 won × 0.0007 = 154,000 euro."""
    by_ticker = {h.ticker: h.market_value for h in demo_snapshot().holdings}
    assert (by_ticker["NVDA"], by_ticker["000660.KS"]) == (798_000.0, 154_000.0)
    assert [h.name for h in demo_snapshot().holdings if h.price is None and h.kind != "cash"] == [
        "Unlisted model laboratory, preferred shares (made up)"
    ]
    assert demo_snapshot().cash == 2


def test_whatever_a_page_shows_of_it_says_that_it_is_made_up() -> None:
    snapshot = demo_snapshot()
    assert all("made up" in text for text in (NAME, SOURCE, snapshot.file, snapshot.title or ""))
    assert snapshot.as_of == AS_OF == date(2025, 1, 24)


def test_the_history_is_the_same_each_time_and_meets_the_book_on_its_date() -> None:
    market = demo_market()
    again = demo_market()
    assert all((market.series[t].close == again.series[t].close).all() for t in market.series)
    assert market.issues == market.rejected == ()
    prices = {h.ticker: h.price for h in demo_snapshot().holdings if h.ticker}
    closes = {ticker: close for ticker, (close, _) in market.closes_on(AS_OF).items()}
    assert {ticker: closes.pop(ticker) for ticker in prices} == prices
    assert set(closes) == {"SPY", "IGV", "INTC"}, "what a prediction starts from, and what was sold before that day"


def test_the_earlier_snapshot_is_valued_at_the_made_up_closes_of_its_day() -> None:
    before, closes = demo_before(), demo_market().closes_on(BEFORE)
    held = {h.ticker: (h.quantity, h.price) for h in before.holdings if h.ticker}
    assert held["INTC"] == (8_000.0, closes["INTC"][0]) and "VRT" not in held
    assert all(price == closes[ticker][0] for ticker, (_, price) in held.items())
    assert before.as_of == BEFORE and "made up" in before.file


def test_installing_twice_changes_nothing_and_real_prices_stay_out_of_reach(store: Store) -> None:
    store.import_snapshot("Real", book())
    first, second = install_demo(store), install_demo(store)
    assert (first.duplicate_of, second.duplicate_of) == (None, first.snapshot_id)
    assert store.snapshot(NAME) == demo_snapshot()
    assert store.market(portfolio=NAME).rows == demo_market().rows
    assert store.market().rows == store.market(portfolio="Real").rows == 0
    assert store.symbols() == ("NVDA",)  # of the real book alone: nothing is fetched for the demo
    assert store.price_status(NAME).missing == ()
