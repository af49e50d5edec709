"""The same price file gives the same figures from the store as from the file itself."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from db import Store
from exposure.flow import book_of, drawdown
from exposure.prices import read_prices
from exposure.prices._market import Market

SPLIT = (
    "date,ticker,close,stock_splits\n2022-07-13,GOOGL,2227.07,0\n2022-07-14,GOOGL,2207.35,0\n"
    "2022-07-15,GOOGL,2235.55,0\n2022-07-18,GOOGL,109.03,20:1\n2022-07-19,GOOGL,113.81,0\n"
)
FILES = {
    "a stated split": SPLIT,
    "a split on a row of its own": SPLIT.replace("109.03,20:1", "109.03,0").replace(
        "2022-07-18", "2022-07-17,GOOGL,,20\n2022-07-18", 1
    ),
    "a consolidation beside adjusted closes": (
        "date,ticker,close,adj_close,stock_splits\n2022-07-14,GOOGL,2.5,50,\n2022-07-15,GOOGL,2.6,52,\n"
        "2022-07-18,GOOGL,53,53,1:20\n2022-07-19,GOOGL,54,54,\n"
    ),
    "pence, then pounds": (
        "date,ticker,close,currency\n2022-07-14,GOOGL,7000,GBX\n2022-07-15,GOOGL,7100,GBp\n"
        "2022-07-18,GOOGL,72,GBP\n2022-07-19,GOOGL,73,GBP\n"
    ),
    "kuna, then euro": (
        "date,ticker,close,currency\n2022-07-14,GOOGL,75.345,HRK\n2022-07-15,GOOGL,82.8795,HRK\n"
        "2022-07-18,GOOGL,12,EUR\n2022-07-19,GOOGL,13,EUR\n"
    ),
    "thousands marks and small letters": (
        'date;ticker;close\n2022-07-14;googl;1.100,50\n2022-07-15;googl;1.090,00\n2022-07-19;Googl;980,25\n'
    ),
    "a wrong print": (
        "date,ticker,close\n2022-07-13,GOOGL,100\n2022-07-14,GOOGL,90\n2022-07-15,GOOGL,9100\n2022-07-18,GOOGL,92\n"
        "2022-07-19,GOOGL,95\n"
    ),
    "a jump that nothing explains": (
        "date,ticker,close\n2022-07-14,GOOGL,0.01\n2022-07-15,GOOGL,0.3\n2022-07-18,GOOGL,0.31\n2022-07-19,GOOGL,0.29\n"
    ),
}  # fmt: skip


def figures(market: Market, held: Path) -> object:
    series = market.series["GOOGL"]
    book = book_of(held, market=market)
    fall = drawdown(book, market)
    every_day = [market.closes_on(date(2022, 7, 10) + timedelta(n)) for n in range(15)]
    jumps = [i.what for i in market.issues if "stands in the figures" in i.what]
    return (
        series.dates.tolist(), series.close.tolist(), series.returns_price.tolist(), series.currency, series.splits,
        every_day, book.nav, fall.max_drawdown, fall.wealth.tolist(), jumps,
    )  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_prices_of_a_file_and_of_the_store_give_the_same_figures(store: Store, tmp_path: Path, name: str) -> None:
    held = tmp_path / "held.csv"
    held.write_text("As of,2022-07-19\n\nName,Ticker,Quantity\nAlphabet Inc Class A,GOOGL,2000\n")
    market = read_prices(FILES[name].encode(), name="p.csv")
    store.store_prices(market, "p.csv")
    assert figures(store.market(), held) == figures(market, held)
    again = store.store_prices(market, "p.csv")
    assert (again.new, again.changed) == (0, 0), "the same file changes nothing"
    assert figures(store.market(), held) == figures(market, held)


def test_what_was_held_back_while_prices_were_stored_is_in_the_log(store: Store) -> None:
    store.store_prices(read_prices(FILES["a wrong print"].encode()), "p.csv")
    (event,) = store.price_log()
    assert (event.ticker, event.issue.severity) == ("GOOGL", "warning") and "fault of unit" in event.issue.what


def test_pence_that_come_again_in_pounds_are_no_revised_prices(store: Store) -> None:
    head = "date,ticker,close,currency\n"
    store.store_prices(read_prices(f"{head}2022-07-14,V,7000,GBX\n2022-07-15,V,7100,GBX\n".encode()), "a")
    respelled = f"{head}2022-07-14,V,7000,GBp\n2022-07-15,V,7100,gbx\n".encode()
    assert store.store_prices(read_prices(respelled), "b").unchanged == 2
    pounds = read_prices(f"{head}2022-07-14,V,70,GBP\n2022-07-15,V,71,GBP\n2022-07-18,V,72,GBP\n".encode())
    assert store.revised(pounds) == ()
    stored = store.store_prices(pounds, "c")
    assert (stored.new, stored.changed) == (1, 2)
    assert [i.severity for i in stored.issues] == ["notice"], "the unit changed, no price did"
    assert store.market().series["V"].close.tolist() == [70, 71, 72]


def test_a_split_of_the_feed_is_known_before_a_stored_jump_is_asked_about(store: Store) -> None:
    from db.repositories import Action

    raw = read_prices(b"date,ticker,close\n2022-07-15,V,30\n2022-07-18,V,1\n2022-07-19,V,1.01\n")
    store.store_prices(raw, "p.csv", actions=[Action("V", date(2022, 7, 18), "split", 30.0)])
    market = store.market()
    assert market.issues == () and market.series["V"].close.tolist() == [30, 1, 1.01]
    assert market.series["V"].returns_price.tolist() == pytest.approx([1, 1, 1.01])


def test_the_store_knows_the_day_after_which_no_price_can_be_true(store: Store) -> None:
    ahead = store.last_possible_day()
    far = ahead + timedelta(days=1)
    market = read_prices(f"date,ticker,close\n{ahead},V,30\n{far},V,31\n".encode(), latest=ahead)
    assert market.series["V"].dates.tolist() == [ahead] and [r.row for r in market.rejected] == [3]
