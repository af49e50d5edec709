"""The bank's exchange rates in the store: fetched or loaded, compared with what is at hand, never lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from db import Store, feed, sources
from db.update import fetch_rates, last_published
from exposure.prices._bank import Bank, shipped_until
from exposure.prices._rates import Rates
from exposure.types import Issue
from tests.db import bank
from tests.db.test_prices import prices

SHIPPED = shipped_until()
NEXT = SHIPPED + timedelta(days=3)
NEW = {NEXT: {"USD": 1.2, "JPY": 180.0}}
LATER = datetime.combine(NEXT + timedelta(days=20), datetime.min.time(), UTC)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[bank.StandIn]:
    with bank.serve() as running:
        monkeypatch.setattr(feed, "BANK", running.url)
        monkeypatch.setattr(sources, "BACKOFF", 0.01)
        running.days = NEW
        yield running


# The store


def test_what_ships_is_not_stored_again_and_what_is_new_comes_back(store: Store) -> None:
    arrived = {SHIPPED: dict(Bank().row(SHIPPED)), **NEW}
    done = store.store_bank_rates(arrived, "ecb.zip", today=NEXT)
    assert (done.new, done.changed, done.unchanged, done.issues) == (2, 0, len(arrived[SHIPPED]), ())
    assert store.bank_rates() == NEW
    again = store.store_bank_rates(arrived, "ecb.zip", today=NEXT)
    assert (again.new, again.changed) == (0, 0)
    assert store.market().published == store.exchange_rates().published == NEW


def test_a_rate_that_was_corrected_counts_is_said_and_is_logged(store: Store) -> None:
    was = Bank().row(SHIPPED)["USD"]
    done = store.store_bank_rates({SHIPPED: {"USD": was * 1.5}, **NEW}, "ecb.zip", today=NEXT)
    assert (done.new, done.changed) == (2, 1)
    (said,) = done.issues
    assert said.what == f"1 rate of the ECB for USD changed, on {SHIPPED} (× 1.5); the new one counts"
    (event,) = store.price_log()
    assert (event.ticker, event.issue, event.source) == ("EURUSD", said, "ecb.zip")
    assert Rates.of(store.market()).find("EUR", "USD", SHIPPED).value == pytest.approx(was * 1.5)
    store.store_bank_rates({NEXT: {"USD": 1.3}}, "ecb.zip", today=NEXT)
    assert store.bank_rates()[NEXT] == {"USD": 1.3, "JPY": 180.0}, "what did not arrive again stands"


def test_a_day_that_has_not_come_is_left_out_and_said(store: Store) -> None:
    ahead = [NEXT + timedelta(days=n) for n in (400, 399, 500, 401)]
    done = store.store_bank_rates({**NEW, **{day: {"USD": 9.9} for day in ahead}}, "ecb.zip", today=NEXT)
    assert done.new == 2 and not store.bank_rates().keys() & set(ahead)
    assert done.issues[0].what.startswith(f"4 days after today are left out, the last {max(ahead)}:")


def test_the_status_tells_the_last_day_of_each_rate_and_where_the_shipped_ones_end(store: Store) -> None:
    before = store.rate_status()
    assert (before.end, before.shipped_until, before.updated_at) == (SHIPPED, SHIPPED, None)
    store.store_bank_rates(NEW, "ecb.zip", today=NEXT)
    store.store_prices(prices(("TWDUSD=X", date(2025, 1, 24), 0.0305)), "x.csv")
    status = store.rate_status()
    each = {one.rate: (one.end, one.source) for one in status.each}
    assert each["USD"] == (NEXT, "ECB") and each["CHF"] == (SHIPPED, "ECB, shipped")
    assert each["TWDUSD=X"] == (date(2025, 1, 24), "prices")
    assert not {"BGN", "HRK", "EUR"} & set(each), "what became the euro has its rate for good"
    assert (status.end, status.shipped_until) == (NEXT, SHIPPED) and status.updated_at is not None


def test_new_rates_make_another_version_of_the_prices(store: Store) -> None:
    before = store.prices_version()
    store.store_bank_rates(NEW, "ecb.zip", today=NEXT)
    assert store.prices_version() != before


# The fetch


def test_a_fetch_brings_what_is_missing_and_then_asks_no_more(store: Store, server: bank.StandIn) -> None:
    got = fetch_rates(store, moment=LATER)
    assert (got.new, got.changed, got.reason, got.issues) == (2, 0, None, [])
    assert store.bank_rates() == NEW
    on_the_day = datetime.combine(NEXT, datetime.min.time(), UTC) + timedelta(hours=20)
    assert fetch_rates(store, moment=on_the_day).new == 0
    assert server.asked == 1
    server.days = {**NEW, NEXT + timedelta(days=1): {"USD": 1.21}}
    assert fetch_rates(store, moment=LATER).new == 1


@pytest.mark.parametrize(
    ("fault", "reason", "asked"),
    [
        ("empty", sources.MALFORMED, 2),
        ("html", sources.MALFORMED, 2),
        ("half", sources.MALFORMED, 2),
        ("cut", sources.MALFORMED, 2),
        ("negative", sources.MALFORMED, 2),
        ("short", sources.MALFORMED, 2),
        ("gone", Issue.of("warning", "feed.status", status=404), 1),
        ("error", Issue.of("warning", "feed.status", status=500), 1),
        ("refused", sources.RATE_LIMITED, 2),
        ("late", sources.OFFLINE, 2),
        ("reset", sources.OFFLINE, 2),
    ],
)
def test_whatever_else_the_bank_answers_is_told_and_leaves_what_is_stored(
    sqlite: Store, server: bank.StandIn, fault: str, reason: Issue, asked: int
) -> None:
    sqlite.store_bank_rates(NEW, "ecb.zip", today=NEXT)
    server.faults = [fault] * 9
    got = fetch_rates(sqlite, moment=LATER, timeout=0.4)
    assert (got.reason, got.new, server.asked) == (reason, 0, asked)
    (said,) = got.issues
    assert f"({reason.what}); those at hand end on {NEXT}" in said.what and "eurofxref-hist.zip" in said.remedy
    assert sqlite.bank_rates() == NEW


def test_one_fault_is_not_the_last_word(sqlite: Store, server: bank.StandIn) -> None:
    server.faults = ["reset"]
    assert fetch_rates(sqlite, moment=LATER).new == 2


def test_a_bank_that_cannot_be_reached_is_offline(sqlite: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "BACKOFF", 0.01)
    with bank.serve() as gone:
        monkeypatch.setattr(feed, "BANK", gone.url)
    assert fetch_rates(sqlite, moment=LATER).reason == sources.OFFLINE
    assert sqlite.bank_rates() == {}


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 30, 14, 59, tzinfo=UTC), date(2026, 11, 27)),
        (datetime(2026, 11, 30, 15, 0, tzinfo=UTC), date(2026, 11, 30)),
        (datetime(2026, 11, 29, 22, 0, tzinfo=UTC), date(2026, 11, 27)),
        (datetime(2026, 11, 28, 1, 0, tzinfo=UTC), date(2026, 11, 27)),
        (datetime(2026, 12, 1, 9, 0, tzinfo=UTC), date(2026, 11, 30)),
    ],
)
def test_the_bank_publishes_on_working_days_in_the_afternoon(moment: datetime, day: date) -> None:
    assert last_published(moment) == day


def test_the_listings_held_are_asked_for_in_the_currency_they_are_quoted_in(sqlite: Store) -> None:
    from dataclasses import replace

    from tests.db.books import book

    held = book()
    taiwan = replace(held.holdings[0], ticker="2330.TW", isin="TW0002330008", name="TSMC", currency="USD")
    sqlite.import_snapshot("A", replace(held, holdings=(taiwan, *held.holdings[1:])))
    assert "TWDUSD=X" in sqlite.rate_symbols("A")
