"""What is doubtful about stored prices, and a person's word on it: kept with name and date, and no longer than true."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from db import Store, open_store
from db.engine import Database, address, engine_for
from exposure.errors import InputError, MissingPrice
from exposure.prices import read_prices

CLOSES = b"date,AMD,NVDA\n2025-01-21,120,1400\n2025-01-22,121,1410\n2025-01-24,122,1420\n2025-01-27,73.2,142\n"
"""Without 23 January, a session; AMD falls 40 %, NVIDIA to a tenth."""
GAP, FALL = date(2025, 1, 23), date(2025, 1, 27)


@pytest.fixture
def filled(store: Store) -> Store:
    load(store, CLOSES)
    return store


def load(store: Store, text: bytes) -> None:
    store.store_prices(read_prices(text, name="closes.csv"), "closes.csv")


def held(store: Store) -> list[tuple[str, str, bool]]:
    return [(word.ticker, word.sort, holds) for word, holds in store.accepted()]


def test_a_word_is_kept_with_name_date_reason_and_the_price_it_rests_on(filled: Store) -> None:
    (found,) = filled.accept_day("NVDA", FALL, " Ann ", "checked with the exchange")
    assert (found.sort, found.stored) == ("unadjusted", True)
    ((word, holds),) = filled.accepted()
    assert (word.ticker, word.sort, word.day, word.author) == ("NVDA", "unadjusted", FALL, "Ann")
    assert (word.note, holds) == ("checked with the exchange", True)
    assert word.rests_on == pytest.approx(0.1)
    assert filled.doubts("NVDA")[0].accepted == word
    assert filled.market(["NVDA"]).accepted == (word,)
    assert filled.market(["AMD"]).accepted == ()


def test_a_word_needs_a_name_and_something_to_be_about(filled: Store) -> None:
    with pytest.raises(InputError, match="give your name"):
        filled.accept_day("NVDA", FALL, "  ")
    with pytest.raises(InputError, match="nothing is doubtful about NVDA on 2025-01-24"):
        filled.accept_day("NVDA", date(2025, 1, 24), "Ann")
    with pytest.raises(InputError, match="nothing is doubtful about NVDA on 2025-01-27"):
        filled.accept_doubts("NVDA", [("jump", FALL)], "Ann")
    with pytest.raises(MissingPrice, match="no prices of ZZZ"):
        filled.accept_day("ZZZ", FALL, "Ann")
    assert filled.accepted() == ()


def test_a_second_word_takes_the_place_of_the_first(filled: Store) -> None:
    filled.accept_day("NVDA", FALL, "Ann")
    filled.accept_day("NVDA", FALL, "Bea")
    ((word, _),) = filled.accepted()
    assert word.author == "Bea"


def test_a_word_holds_no_longer_than_the_price_and_again_when_that_is_back(filled: Store) -> None:
    filled.accept_day("NVDA", FALL, "Ann")
    load(filled, b"date,NVDA\n2025-01-27,142.01\n")
    assert held(filled) == [("NVDA", "unadjusted", False)]
    assert [check.ticker for check in filled.check_prices()] == ["AMD", "NVDA"]
    load(filled, b"date,NVDA\n2025-01-27,142\n")
    assert held(filled) == [("NVDA", "unadjusted", True)]
    load(filled, b"date,NVDA\n2025-01-24,142\n2025-01-22,141\n2025-01-21,140\n")
    assert held(filled) == [("NVDA", "unadjusted", False)]  # mended: there is nothing left that it speaks of


def test_a_price_that_changes_elsewhere_leaves_a_word_alone(filled: Store) -> None:
    filled.accept_day("NVDA", FALL, "Ann")
    load(filled, b"date,NVDA\n2025-01-21,1405\n2025-01-28,150\n")
    assert held(filled) == [("NVDA", "unadjusted", True)]


def test_a_gap_is_right_until_it_has_a_price(filled: Store) -> None:
    filled.accept_doubts("AMD", [("gap", GAP)], "Ann")
    assert held(filled) == [("AMD", "gap", True)]
    load(filled, b"date,AMD\n2025-01-23,121.5\n")
    assert held(filled) == [("AMD", "gap", False)]


def test_an_early_end_is_measured_against_the_newest_price_and_is_right_until_more_comes(filled: Store) -> None:
    assert [doubt.sort for doubt in filled.doubts("AMD")] == ["jump"]
    load(filled, b"date,NVDA\n2025-02-28,140\n")
    assert [doubt.sort for doubt in filled.doubts("AMD")] == ["jump", "stale"]
    filled.accept_doubts("AMD", [("stale", FALL)], "Ann")
    assert held(filled) == [("AMD", "stale", True)]
    load(filled, b"date,AMD\n2025-01-27,73.3\n")
    assert held(filled) == [("AMD", "stale", False)]
    load(filled, b"date,AMD\n2025-01-27,73.2\n2025-01-28,74\n")
    assert held(filled) == [("AMD", "stale", False)]


def test_a_word_is_taken_back_by_sort_or_by_day(filled: Store) -> None:
    filled.accept_doubts("AMD", [("jump", FALL), ("stale", FALL)], "Ann")
    assert filled.reopen_doubts("AMD", FALL, "stale") == 1
    assert held(filled) == [("AMD", "jump", True)]
    assert filled.reopen_doubts("AMD", FALL) == 1
    with pytest.raises(InputError, match="nothing of AMD on 2025-01-27 was said to be right"):
        filled.reopen_doubts("AMD", FALL)


def test_marks_of_an_older_schema_still_hold(url: str) -> None:
    from alembic import command
    from alembic.config import Config

    from db.migrations import FOLDER

    old = Database(engine_for(address(url)))
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with old.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
        for day, close in (("2025-01-24", 1420), ("2025-01-27", 142)):
            values = f"'market', 'NVDA', '{day}', {close}, 'file', '2025-01-28 09:00:00'"
            connection.execute(
                text(f"INSERT INTO prices (price_set, ticker, date, close, source, fetched_at) VALUES ({values})")
            )
        values = "'market', 'NVDA', 2, '2025-01-24', '2025-01-27', '2025-01-28 09:00:00', '{\"gaps\":[]}', "
        marks = '\'["unadjusted:2025-01-27", "gap:2025-01-23"]\''
        names = "price_set, ticker, rows, first, last, changed_at, found, accepted"
        connection.exec_driver_sql(f"INSERT INTO price_series ({names}) VALUES ({values}{marks})")
    old.close()
    store = open_store(url)
    assert held(store) == [("NVDA", "gap", True), ("NVDA", "unadjusted", True)]
    assert [(word.author, word.on) for word, _ in store.accepted()] == [("", date(2025, 1, 28))] * 2
    assert store.check_prices() == ()
    store.close()
