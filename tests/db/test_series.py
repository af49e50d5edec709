"""What is known of each series as a whole: kept with every write, looked through once, marked and dropped by users."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, text

from db import Store, open_store
from db.engine import Database, address, engine_for
from db.repositories import Action
from db.sources import NO_DATA
from exposure.errors import MissingPrice
from exposure.prices import read_prices
from tests.db.books import book

CLOSES = b"date,AMD,NVDA\n2025-01-21,120,1400\n2025-01-22,121,1410\n2025-01-24,122,1420\n2025-01-27,73.2,142\n"
"""Without 23 January, a session; AMD falls 40 %, NVIDIA to a tenth."""
GAP, FALL = date(2025, 1, 23), date(2025, 1, 27)


@pytest.fixture
def filled(store: Store) -> Store:
    store.store_prices(read_prices(CLOSES, name="closes.csv"), "closes.csv")
    return store


def counted(store: Store) -> int:
    """Count the questions put to the table of prices while the status is told."""
    asked: list[str] = []

    def hear(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(store.engine, "before_cursor_execute", hear)
    store.price_status()
    store.prices_version()
    event.remove(store.engine, "before_cursor_execute", hear)
    return sum("FROM prices" in statement for statement in asked)


def test_the_status_asks_no_question_of_the_prices_themselves(filled: Store) -> None:
    status = filled.price_status()
    assert [(s.ticker, s.rows, s.start, s.end) for s in status.series] == [
        ("AMD", 4, date(2025, 1, 21), FALL),
        ("NVDA", 4, date(2025, 1, 21), FALL),
    ]
    assert counted(filled) == 0


def test_the_version_changes_with_the_prices_and_what_is_said_of_them_and_with_nothing_else(filled: Store) -> None:
    before = filled.prices_version()
    filled.store_prices(read_prices(CLOSES, name="closes.csv"), "closes.csv")
    filled.check_prices()
    assert filled.prices_version() == before
    filled.accept_doubts("AMD", [("jump", FALL)], "Ann")
    assert filled.prices_version() != before
    filled.reopen_doubts("AMD", FALL)
    assert filled.prices_version() == before
    filled.store_prices(read_prices(CLOSES.replace(b"73.2", b"73.3"), name="x.csv"), "x.csv")
    assert filled.prices_version() != before


def test_what_looks_wrong_is_found_and_what_is_marked_as_right_is_not_told_again(filled: Store) -> None:
    amd, nvda = filled.check_prices()
    assert (amd.gaps, amd.unadjusted, [day for day, _ in amd.jumps]) == ((GAP,), (), [FALL])
    assert (nvda.gaps, nvda.jumps, nvda.unadjusted) == ((GAP,), (), ((FALL, 10.0),))
    filled.accept_doubts("NVDA", [("gap", GAP), ("unadjusted", FALL)], "Ann")
    filled.accept_doubts("AMD", [("gap", GAP)], "Ann")
    (left,) = filled.check_prices()
    assert (left.ticker, left.gaps, len(left.jumps)) == ("AMD", (), 1)
    with pytest.raises(MissingPrice, match="no prices of ZZZ"):
        filled.accept_doubts("ZZZ", [("gap", GAP)], "Ann")


def test_a_series_is_looked_through_again_only_once_it_has_changed(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    real = Store._look_through

    def look(self: Store, tickers: Any, price_set: str) -> Any:
        looked.extend(tickers)
        return real(self, tickers, price_set)

    monkeypatch.setattr(Store, "_look_through", look)
    filled.check_prices()
    filled.check_prices()
    assert looked == ["AMD", "NVDA"]
    filled.store_prices(read_prices(b"date,AMD\n2025-01-23,121.5\n", name="x.csv"), "x.csv")
    amd, nvda = filled.check_prices()
    assert looked == ["AMD", "NVDA", "AMD"]
    assert (amd.gaps, nvda.gaps) == ((), (GAP,))


def test_a_dropped_series_leaves_what_was_set_by_hand(filled: Store) -> None:
    filled.set_price("AMD", GAP, 121.5, "USD")
    filled.store_prices(read_prices(CLOSES, name="c.csv"), "c.csv", actions=[Action("AMD", GAP, "dividend", 0.1)])
    assert filled.drop_series("AMD") == 4
    assert [(s.ticker, s.rows, s.start) for s in filled.price_status().series] == [
        ("AMD", 1, GAP),
        ("NVDA", 4, date(2025, 1, 21)),
    ]
    assert filled.actions(["AMD"]) == ()
    with pytest.raises(MissingPrice):
        filled.drop_series("AMD")
    filled.clear_price("AMD", GAP)
    assert [s.ticker for s in filled.price_status().series] == ["NVDA"]


def test_a_split_that_is_stored_gives_a_past_close_as_it_was_traded(store: Store) -> None:
    """NVIDIA's 7 June 2024: 1,208.88 dollars, in a series adjusted since 120.888; ten to one on the 10th."""
    prices = read_prices(b"date,NVDA\n2024-06-07,120.888\n2024-06-10,121.79\n", name="x.csv")
    store.store_prices(prices, "x.csv")
    assert store.market().closes_on(date(2024, 6, 7))["NVDA"][0] == 120.888
    store.store_prices(prices, "x.csv", actions=[Action("NVDA", date(2024, 6, 10), "split", 10.0)])
    assert store.market().closes_on(date(2024, 6, 7))["NVDA"][0] == pytest.approx(1208.88)
    assert store.market().closes_on(date(2024, 6, 10))["NVDA"][0] == 121.79


def test_why_a_ticker_brought_nothing_is_kept_until_it_brings_something(store: Store) -> None:
    store.import_snapshot("A", book())
    store.note_outcomes([("NVDA", NO_DATA)])
    status = store.price_status("A")
    assert (status.failed, status.missing, status.tickers) == ((("NVDA", NO_DATA),), ("NVDA",), 0)
    store.store_prices(read_prices(CLOSES, name="c.csv"), "yfinance", asked_from=date(2025, 1, 21))
    status = store.price_status("A")
    assert (status.failed, status.missing) == ((), ())
    assert status.updated_at is not None
    assert status.series[0].asked_from == date(2025, 1, 21)


def test_a_store_of_the_first_schema_keeps_its_prices_and_learns_their_reach(url: str) -> None:
    from alembic import command
    from alembic.config import Config

    from db.migrations import FOLDER

    old = Database(engine_for(address(url)))
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with old.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for day in ("2025-01-24", "2025-01-27"):
            values = f"'market', 'KO', '{day}', 61.5, 'file', '2025-01-28 09:00:00'"
            connection.execute(
                text(f"INSERT INTO prices (price_set, ticker, date, close, source, fetched_at) VALUES ({values})")
            )
    old.close()
    store = open_store(url)
    (series,) = store.price_status().series
    assert (series.ticker, series.rows, series.start, series.end) == ("KO", 2, date(2025, 1, 24), FALL)
    assert store.market().series["KO"].close.tolist() == [61.5, 61.5]
    assert store.check_prices() == ()
    store.close()


def test_a_store_that_cannot_be_written_is_looked_through_all_the_same(
    new_url: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from exposure.errors import StoreError

    store = open_store(new_url("sqlite"))
    store.store_prices(read_prices(CLOSES, name="closes.csv"), "closes.csv")

    def refuse(self: Store) -> Any:
        raise StoreError("read-only")

    monkeypatch.setattr(Store, "write", refuse)
    assert len(store.check_prices()) == 2
    monkeypatch.undo()
    store.close()
