"""Trades: what is tried is the engine's, is kept with the scenario, and can be taken away and brought back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from exposure import load_scenario, read_holdings, to_book
from exposure.format import percent
from exposure.trades._effects import WhatIf, what_if
from exposure.trades._whatif import Trade, exposure_to
from pages.trades import form
from pages.ui import cache, state

from .conftest import SMALL, quiet, words

DEEPSEEK = "deepseek-2025-01-27"
WEIGHTS = b"Ticker,ISIN,Name,Weight\nNVDA,US67066G1040,NVIDIA Corp,40%\nKO,US1912161007,Coca-Cola Co,60%\n"
CUT = Trade("cut", "segment:chips", 0.20)


@pytest.fixture
def page(database: str, app: Callable[[str], AppTest]) -> AppTest:
    cache.store().import_snapshot("Desk", read_holdings(SMALL, name="small.csv"))
    test = app("trades")
    assert quiet(test)
    return test


def engine(*trades: Trade, data: bytes = SMALL, scenario: str = DEEPSEEK) -> WhatIf:
    return what_if(to_book(read_holdings(data, name="x.csv")), load_scenario(scenario), trades)


def figure(test: AppTest, label: str) -> str:
    return next(m.value for m in test.metric if m.label == label)


def try_cut(test: AppTest) -> AppTest:
    test.selectbox(key="trade_cut_target").set_value("segment:chips").run()
    return test.button(key="try").click().run()


def table(test: AppTest, heading: str):
    return next(d.value for d in test.dataframe if heading in d.value)


def test_an_empty_store_says_what_to_do(app: Callable[[str], AppTest]) -> None:
    test = app("trades")
    assert quiet(test)
    assert "Nothing is stored yet" in words(test)


def test_before_any_trade_the_book_is_as_it_is_and_no_order_is_promised(page: AppTest) -> None:
    assert figure(page, "After the trades") == percent(engine().before.total_return, signed=True)
    assert "nothing here is an order" in words(page)
    assert "No trade is tried yet" in words(page)


def test_a_cut_is_the_engines_and_its_segments_add_up(page: AppTest) -> None:
    try_cut(page)
    assert quiet(page)
    found = engine(CUT)
    assert figure(page, "After the trades") == percent(found.after.total_return, signed=True)
    assert figure(page, "Change") == percent(found.change, signed=True)
    segments = table(page, "Weight before")
    chips = segments[segments["Segment"] == "Chips"].iloc[0]
    assert chips["Weight after"] == pytest.approx(0.20, abs=1e-12)
    assert segments["Change"].sum() == pytest.approx(found.change, abs=1e-12)
    assert "of the loss away" in words(page)


def test_every_sort_of_trade_is_tried_and_what_they_add_is_the_change(page: AppTest) -> None:
    try_cut(page)
    page.segmented_control(key=state.TRADE).set_value("short").run()
    page.selectbox(key="trade_short").set_value("SMH").run()
    page.button(key="try").click().run()
    page.segmented_control(key=state.TRADE).set_value("trade").run()
    page.selectbox(key="trade_trade_target").set_value("US1912161007").run()
    page.segmented_control(key="trade_unit").set_value("money").run()
    page.number_input(key="amount_money").set_value(1_000.0).run()
    page.button(key="try").click().run()
    page.segmented_control(key=state.TRADE).set_value("cash").run()
    page.segmented_control(key="trade_unit").set_value("share").run()
    page.button(key="try").click().run()
    assert quiet(page)
    found = engine(
        CUT, Trade("short", "SMH", 0.05), Trade("trade", "US1912161007", -1_000.0, "money"), Trade("cash", "", 0.05)
    )
    rows = table(page, "Change of total return")
    assert list(rows["Change of total return"]) == pytest.approx([e.change for e in found.effects], abs=1e-12)
    assert rows["Change of total return"].sum() == pytest.approx(found.change, abs=1e-12)
    assert "Not known for" in words(page), "the store holds no volume"


def test_trades_are_kept_with_portfolio_and_scenario_over_pages_and_sessions(
    page: AppTest, app: Callable[[str], AppTest]
) -> None:
    try_cut(page)
    after = figure(page, "After the trades")
    page.switch_page("pages/shock/page.py").run()
    page.switch_page("pages/trades/page.py").run()
    assert figure(page, "After the trades") == after
    fresh = app("trades")
    assert figure(fresh, "After the trades") == after
    fresh.selectbox(key=state.SCENARIO).set_value("tariffs-2025-04-03").run()
    assert "No trade is tried yet" in words(fresh)


def test_a_trade_is_taken_away_and_brought_back(page: AppTest) -> None:
    try_cut(page)
    page.button(key="remove").click().run()
    assert quiet(page)
    assert "No trade is tried yet" in words(page)
    page.button(key="undo").click().run()
    assert quiet(page)
    assert figure(page, "After the trades") == percent(engine(CUT).after.total_return, signed=True)


def test_what_cannot_be_done_is_refused_and_not_kept(page: AppTest) -> None:
    page.segmented_control(key=state.TRADE).set_value("cash").run()
    page.segmented_control(key="way_cash").set_value("Withdraw").run()
    page.number_input(key="amount_cash").set_value(150.0).run()
    page.button(key="try").click().run()
    assert "leaves no net asset value" in words(page)
    assert "No trade is tried yet" in words(page)
    assert cache.store().trades("Desk", DEEPSEEK) == {}


def test_a_trade_whose_line_is_gone_says_so_and_harms_no_other(page: AppTest) -> None:
    for trade in (Trade("trade", "<b>gone</b>", -0.1), CUT):  # as the earliest version wrote them, without a side
        value = {"kind": trade.kind, "target": trade.target, "amount": trade.amount, "unit": trade.unit}
        cache.store().try_trade("Desk", DEEPSEEK, value)
    page.run()
    assert quiet(page)
    rows = table(page, "Change of total return")
    assert "holds no line" in rows["Remark"].iloc[0]
    assert rows["Change of total return"].iloc[0] == 0.0
    assert figure(page, "After the trades") == percent(engine(CUT).after.total_return, signed=True)


def test_a_book_of_weights_shows_no_money(database: str, app: Callable[[str], AppTest]) -> None:
    from dataclasses import replace

    held = replace(read_holdings(WEIGHTS, name="weights.csv"), as_of=date(2025, 1, 24))
    cache.store().import_snapshot("Shares", held)
    test = app("trades")
    try_cut(test)
    assert quiet(test)
    found = engine(CUT, data=WEIGHTS)
    assert figure(test, "After the trades") == percent(found.after.total_return, signed=True)
    assert not any("P&L" in m.label for m in test.metric)
    assert not any("Amount" in c or "P&L" in c for d in test.dataframe for c in d.value)


def test_days_to_trade_come_from_stored_volumes(page: AppTest) -> None:
    """1,000 shares of 100 dollars a day are 100,000 of turnover; one's own share is a fifth of it."""
    from exposure.prices import from_rows

    days = [date(2025, 1, 24) - timedelta(n) for n in range(25)]
    cache.store().store_prices(from_rows(("NVDA", d, 100.0, None, 1000.0, "USD", "raw") for d in days), "file")
    try_cut(page)
    sold = engine(CUT).effects[0].done.dealt[0].amount
    rows = table(page, "Change of total return")
    assert rows["Days to trade"].iloc[0] == pytest.approx(-sold / (0.2 * 100_000.0))
    laid = next(json.loads(d.proto.columns) for d in page.dataframe if "Change of total return" in d.value)
    assert laid["Days to trade"]["type_config"]["format"] == "%.1f"


def test_the_demo_book_is_cut_too(database: str, app: Callable[[str], AppTest]) -> None:
    from db.demo import demo_snapshot, install_demo

    install_demo(cache.store())
    test = try_cut(app("trades"))
    assert quiet(test)
    found = what_if(to_book(demo_snapshot()), load_scenario(DEEPSEEK), [CUT])
    assert figure(test, "Change") == percent(found.change, signed=True)


SHORT = SMALL + b"AMD,US0079031078,AMD,-20,120,-2400,USD\n"


def test_a_book_with_shorts_is_cut_by_gross_and_shows_long_and_short_apart(app: Callable[[str], AppTest]) -> None:
    """NVIDIA is 14,000, AMD −2,400 and Coca-Cola 6,000: of 17,600 the short is −13.6 %."""
    app("home")
    cache.store().import_snapshot("Desk", read_holdings(SHORT, name="short.csv"))
    page = app("trades")
    page.segmented_control(key="trade_side").set_value("gross").run()
    page.number_input(key="amount_cut").set_value(50.0).run()
    try_cut(page)
    assert quiet(page)
    expected = engine(Trade("cut", "segment:chips", 0.5, side="gross"), data=SHORT)
    assert figure(page, "After the trades") == percent(expected.after.total_return, signed=True)
    sides = table(page, "Gross after")
    chips = sides[sides["Segment"] == "Chips"].iloc[0]
    assert chips["Gross after"] == pytest.approx(0.5)
    assert chips["Short before"] == pytest.approx(-2400 / 17600)
    assert chips["Net after"] == pytest.approx(chips["Long after"] + chips["Short after"])
    assert "Cut Chips gross to" in words(page)


def test_a_limit_that_a_later_trade_passes_again_is_named(page: AppTest) -> None:
    """Chips are cut to 20 %; 2,000 more of NVIDIA, nearly all chips, are a tenth of the 20,000."""
    try_cut(page)
    assert "after all trades it is" not in words(page)
    form.keep("Desk", DEEPSEEK, Trade("trade", "US67066G1040", 2000.0, "money"))
    page.run()
    assert quiet(page)
    found = engine(CUT, Trade("trade", "US67066G1040", 2000.0, "money"))
    share = exposure_to(found.after.book, "segment:chips") / found.after.book.capital
    assert share > 0.2
    assert f"after all trades it is {percent(share)}" in words(page)


def test_a_book_without_shorts_is_not_asked_which_side(page: AppTest) -> None:
    assert not [c for c in page.segmented_control if c.key == "trade_side"]


def test_the_share_of_the_turnover_outlives_a_reload(page: AppTest, app: Callable[[str], AppTest]) -> None:
    try_cut(page)
    page.segmented_control(key=state.PARTICIPATION).set_value(0.3).run()
    assert page.query_params[state.PARTICIPATION] in ("0.3", ["0.3"])
    fresh = app("home")
    fresh.query_params[state.PARTICIPATION] = "0.3"
    fresh.switch_page("pages/trades/page.py").run()
    assert quiet(fresh)
    assert fresh.segmented_control(key=state.PARTICIPATION).value == 0.3
