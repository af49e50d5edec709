"""Data: what is stored and what looks wrong, one button to mend each, and a fetch that harms nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from db import feed, sources, update
from exposure.format import day
from exposure.prices import read_prices
from exposure.prices._bank import shipped_until
from exposure.types import Issue
from pages.ui import cache, prices
from tests.db import bank
from tests.db.source import Failing
from tests.db.yahoo import StandIn, serve, session_to

from .conftest import quiet, words

CLOSES = (
    "date,NVDA,KO\n"
    "2025-01-21,1408,60\n2025-01-22,1471,61\n2025-01-24,1426,61\n2025-01-27,118.42,30\n2025-01-28,129,31\n"
)
"""Without 23 January, a session; on the 27th NVIDIA falls to a twelfth and Coca-Cola to less than half."""


SHIPPED = shipped_until()
NEXT = SHIPPED + timedelta(days=3)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """The feed of the app, spoken to by its own protocol on this machine."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(sources, "BACKOFF", 0.01)
    with serve() as running, session_to(running.server_address[1]) as session, bank.serve() as frankfurt:
        monkeypatch.setattr(feed, "BANK", frankfurt.url)
        frankfurt.days = {NEXT: {"USD": 1.25}}
        monkeypatch.setattr(update, "SOURCE", feed.Yahoo(session))
        yield running


@pytest.fixture
def data(holding: AppTest) -> AppTest:
    """The page on the small book, 70 % NVIDIA and 30 % Coca-Cola, without any price."""
    test = holding.switch_page("pages/data/page.py").run()
    assert quiet(test)
    return test


@pytest.fixture
def loaded(data: AppTest) -> AppTest:
    """The page with prices that have something wrong with them."""
    cache.store().store_prices(read_prices(CLOSES.encode(), name="closes.csv"), "closes.csv")
    return data.run()


def figure(test: AppTest, label: str) -> str:
    return next(m.value for m in test.metric if m.label == label)


def test_which_closes_count_is_explained(loaded: AppTest) -> None:
    assert "returns come from the close adjusted for splits and dividends" in words(loaded)
    assert "one common cut for all" in words(loaded)


def press(test: AppTest, key: str) -> AppTest:
    test.button(key=key).click().run()
    assert not test.exception
    return test


def mends(test: AppTest) -> set[str]:
    return {str(b.key) for b in test.button if str(b.key).startswith("mend_")}


def test_the_weight_without_history_is_stated(data: AppTest) -> None:
    assert figure(data, "Weight without history").startswith("100")
    assert mends(data) == {"mend_missing_KO", "mend_missing_NVDA"}
    only = read_prices(b"date,NVDA\n2025-01-24,142.62\n2025-01-27,118.42\n", name="x.csv")
    cache.store().store_prices(only, "x.csv")
    assert figure(data.run(), "Weight without history").startswith("30.0")


def test_each_thing_that_looks_wrong_has_its_button(loaded: AppTest) -> None:
    """1,426 to 118.42 is ÷12.04: no common split, so a jump; Coca-Cola's halving is like two to one."""
    assert {"mend_gap_KO_2025-01-23", "mend_gap_NVDA_2025-01-23"} <= mends(loaded)
    assert "mend_jump_NVDA_2025-01-27" in mends(loaded)
    assert "mend_unadjusted_KO_2025-01-27" in mends(loaded)
    assert {"mend_stale_KO_2025-01-28", "mend_stale_NVDA_2025-01-28"} <= mends(loaded)
    assert {"right_jump_NVDA_2025-01-27", "right_unadjusted_KO_2025-01-27"} <= {str(b.key) for b in loaded.button}
    assert "the fall of 51\u202f% on 27 Jan 2025 looks like a 2-for-1 split" in words(loaded)


def test_what_is_marked_as_right_is_not_told_again(loaded: AppTest) -> None:
    press(loaded, "right_jump_NVDA_2025-01-27")
    assert "whose word it is has to be kept with it; give your name" in loaded.error[0].value
    loaded.text_input(key="doubt_author").set_value("Ann").run()
    loaded.text_input(key="doubt_note").set_value("checked with the exchange").run()
    press(loaded, "right_jump_NVDA_2025-01-27")
    assert "mend_jump_NVDA_2025-01-27" not in mends(loaded)
    assert "Kept as right, by Ann: 1 finding in NVDA" in words(loaded)
    said = next(d.value for d in loaded.dataframe if "By" in d.value)
    assert (said["By"][0], said["Why"][0], said["Holds"][0]) == ("Ann", "checked with the exchange", "yes")
    loaded.selectbox(key="series").set_value("KO").run()
    press(loaded, "accept_all")
    assert mends(loaded) == {"mend_gap_NVDA_2025-01-23", "mend_stale_NVDA_2025-01-28"}


def test_what_was_said_to_be_right_is_taken_back_or_lapses_as_the_price_changes(loaded: AppTest) -> None:
    loaded.text_input(key="doubt_author").set_value("Ann").run()
    press(loaded, "right_jump_NVDA_2025-01-27")
    press(loaded, "reopen")
    assert "mend_jump_NVDA_2025-01-27" in mends(loaded)
    press(loaded, "right_jump_NVDA_2025-01-27")
    cache.store().store_prices(read_prices(CLOSES.replace("118.42", "118.52").encode(), name="closes.csv"), "c.csv")
    assert "mend_jump_NVDA_2025-01-27" in mends(loaded.run())
    said = next(d.value for d in loaded.dataframe if "By" in d.value)
    assert said["Holds"][0] == "no: the price has changed since"


def test_a_dropped_series_can_be_brought_back(loaded: AppTest) -> None:
    loaded.selectbox(key="series").set_value("KO").run()
    press(loaded, "drop")
    assert "KO" not in cache.store().market().series
    press(loaded, "undo")
    assert cache.store().market().series["KO"].close.tolist() == [60, 61, 61, 30, 31]


def test_a_price_set_by_hand_is_locked_until_it_is_unlocked(loaded: AppTest) -> None:
    loaded.selectbox(key="series").set_value("KO").run()
    loaded.date_input(key="hand_day").set_value(date(2025, 1, 23))
    loaded.number_input(key="hand_close").set_value(61.5)
    loaded.button(key="FormSubmitter:hand_set-Set and lock this price").click().run()
    assert "Locked: KO closed at 61.5" in words(loaded)
    assert "mend_gap_KO_2025-01-23" not in mends(loaded)
    store = cache.store()
    assert store.hand_set() == (("KO", date(2025, 1, 23), 61.5, None),)
    store.store_prices(read_prices(b"date,KO\n2025-01-23,99\n", name="x.csv"), "x.csv")
    assert store.hand_set()[0][2] == 61.5
    press(loaded.run(), "unlock_KO_2025-01-23")
    assert store.hand_set() == ()


def test_a_fetch_brings_what_is_missing_and_says_what_did_not_come(data: AppTest, server: StandIn) -> None:
    server.histories["NVDA"] = {date(2025, 1, 24): (142.62, 142.6), date(2025, 1, 27): (118.42, 118.4)}
    press(data, "fetch")
    assert "UTC): 2 new prices" in words(data)
    assert figure(data, "Weight without history").startswith("30.0")
    assert "mend_failed_KO" in mends(data)
    assert [each.what for each in _failed()] == [sources.NO_DATA.what]
    server.histories["KO"] = server.histories["NVDA"]
    press(data, "mend_failed_KO")
    assert figure(data, "Weight without history").startswith("0.0")
    assert "mend_failed_KO" not in mends(data)


def _failed() -> list[Any]:
    from exposure.view.prices import findings

    return [f for f in findings(cache.store().price_status("Desk"), ()) if f.kind == "failed"]


def test_fetching_anew_mends_what_was_stored_unadjusted(loaded: AppTest, server: StandIn) -> None:
    days = [date(2025, 1, n) for n in (21, 22, 23, 24, 27, 28)]
    server.histories["KO"] = {day: (30.0 + n, 30.0 + n) for n, day in enumerate(days)}
    press(loaded, "mend_unadjusted_KO_2025-01-27")
    assert not {key for key in mends(loaded) if "_KO" in key and "stale" not in key}
    assert "store.closes-changed" in [event.issue.code for event in cache.store().price_log()]
    assert any("Changed history" in each.value for each in loaded.subheader)


def test_a_renamed_ticker_is_fetched_by_its_new_symbol(data: AppTest, server: StandIn) -> None:
    server.histories |= {"KO": {date(2025, 1, 24): (61.0, 61.0)}, "COKE": {date(2025, 1, 24): (61.0, 61.0)}}
    server.meta["KO"] = {"symbol": "COKE"}
    press(data, "mend_missing_KO")
    assert "Use the new symbol" in [b.label for b in data.button if b.key == "mend_failed_KO"]
    press(data, "mend_failed_KO")
    assert cache.store().symbols("Desk") == ("COKE", "NVDA")
    assert cache.store().market().series["COKE"].close.tolist() == [61.0]


@pytest.mark.parametrize(
    ("reason", "said"),
    [(sources.OFFLINE, "Yahoo could not be reached"), (sources.RATE_LIMITED, "refuses more requests")],
)
def test_nobody_answering_is_a_sentence_and_changes_nothing(
    loaded: AppTest, monkeypatch: pytest.MonkeyPatch, reason: Issue, said: str
) -> None:
    before = cache.store().price_status("Desk")
    monkeypatch.setattr(update, "SOURCE", Failing(reason))
    monkeypatch.setattr(sources, "BACKOFF", 0.01)
    press(loaded, "fetch")
    assert any(said in e.value.replace("\\", "") for e in loaded.error)
    assert cache.store().price_status("Desk") == before


def test_a_fetch_can_be_stopped_and_keeps_what_came(
    data: AppTest, server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stop is asked for while the first ticker is being answered; the second is left to the next fetch."""
    monkeypatch.setattr(update, "BATCH", 1)
    for name in ("KO", "NVDA"):
        server.histories[name] = {date(2025, 1, 24): (61.0, 61.0)}
    keep = update._keep

    def keep_and_stop(*args: Any) -> None:
        keep(*args)
        job = prices.current()
        assert job is not None
        job.stop.set()

    monkeypatch.setattr(update, "_keep", keep_and_stop)
    press(data, "fetch")
    assert "the next fetch goes on from here" in words(data)
    assert list(cache.store().market().series) == ["KO"]
    monkeypatch.setattr(update, "_keep", keep)
    server.requests.clear()
    press(data, "fetch")
    assert server.since("NVDA")
    assert list(cache.store().market().series) == ["KO", "NVDA"]


def rate_rows(test: AppTest) -> dict[str, tuple[date, str]]:
    table = next(d.value for d in test.dataframe if "Last day" in d.value)
    columns = (table[name] for name in ("Rate", "Last day", "From"))
    return {rate: (date.fromisoformat(str(end)[:10]), source) for rate, end, source in zip(*columns, strict=True)}


def test_the_last_day_of_each_rate_stands_beside_the_prices(data: AppTest) -> None:
    assert rate_rows(data)["USD"] == (SHIPPED, "European Central Bank, comes with the app")
    assert f"Those that come with the app end on {day(SHIPPED)}" in words(data)
    cache.store().store_prices(read_prices(b"date,TWDUSD=X\n2025-01-24,0.03\n", name="x.csv"), "x.csv")
    assert rate_rows(data.run())["TWDUSD=X"] == (date(2025, 1, 24), "Pair among the prices")


def test_a_fetch_brings_the_banks_rates_too_and_says_where_it_did_not_answer(
    data: AppTest, server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(update, "last_published", lambda _: NEXT)
    reached = feed.BANK
    monkeypatch.setattr(feed, "BANK", "http://127.0.0.1:9/gone")
    press(data, "fetch")
    assert "no exchange rates came from the European Central Bank (offline)" in words(data)
    assert rate_rows(data)["USD"][0] == SHIPPED
    monkeypatch.setattr(feed, "BANK", reached)
    press(data, "fetch")
    assert "1 new exchange rate from the European Central Bank" in words(data)
    assert rate_rows(data)["USD"] == (NEXT, "European Central Bank")


def test_the_banks_file_can_be_loaded_instead(data: AppTest) -> None:
    packed = bank.packed({NEXT: {"USD": 1.25, "JPY": 160.0}})
    given = ("eurofxref-hist.zip", packed, "application/zip")
    data.file_uploader(key="price_file").set_value(given).run()
    assert f"exchange rates of the European Central Bank, 1 day to {day(NEXT)}" in words(data)
    press(data, "price_store")
    assert rate_rows(data)["JPY"] == (NEXT, "European Central Bank")


def test_a_file_is_shown_as_understood_before_it_is_stored(data: AppTest) -> None:
    text = "date,ticker,close\n2025-01-24,NVDA,142.62\nx,NVDA,1\n"
    data.file_uploader(key="price_file").set_value(("p.csv", text.encode(), "text/csv")).run()
    understood = next(d.value for d in data.dataframe if "Last close" in d.value)
    assert list(understood["Ticker"]) == ["NVDA"]
    rejected = next(d.value for d in data.dataframe if "Text" in d.value)
    assert list(rejected["Row"]) == [3]
    assert cache.store().price_status("Desk").rows == 0
    press(data, "price_store")
    assert cache.store().price_status("Desk").rows == 1


def test_the_demos_prices_are_not_to_be_mended(app: Callable[[str], AppTest]) -> None:
    test = app("home")
    test.button(key="demo").click().run()
    test.switch_page("pages/data/page.py").run()
    assert quiet(test)
    assert "kept apart from real ones" in words(test)
    assert mends(test) == set()
    assert not [b for b in test.button if b.key in ("fetch", "drop", "anew")]
