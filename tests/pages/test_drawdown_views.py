"""Drawdown: the portfolio as it was, what stands beside, what stands in, and a view that keeps its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from exposure import to_book
from exposure.flow import drawdown, history
from exposure.format import percent
from exposure.history import compare, event_of, event_path, months_of, rank_of
from exposure.history._statistics import rolling_max_drawdown
from exposure.prices import read_prices
from exposure.prices._market import Market
from exposure.reading import read_holdings
from exposure.types import Snapshot
from pages.drawdown import answers
from pages.ui import cache, shocks

from .conftest import SMALL, quiet, words

DAYS = [day for n in range(520) if (day := date(2023, 6, 1) + timedelta(n)).weekday() < 5]
LATER = SMALL.replace(b"2025-01-24", b"2024-09-02")
EARLIER = SMALL.replace(b"2025-01-24", b"2023-09-01").replace(b"100,140,14000", b"50,140,7000")
"""Half the NVIDIA of the later snapshot, so that the difference was bought and paid in."""


def closes(*tickers: str) -> bytes:
    random = np.random.default_rng(7)
    paths = 100 * np.exp(np.cumsum(random.normal(0.0004, 0.02, (len(tickers), len(DAYS))), axis=1))
    rows = ["date," + ",".join(tickers)]
    rows += [f"{day}," + ",".join(f"{p:.4f}" for p in paths[:, n]) for n, day in enumerate(DAYS)]
    return "\n".join(rows).encode()


def snapshot(data: bytes, name: str) -> Snapshot:
    return read_holdings(data, name=name)


@pytest.fixture
def prices() -> Market:
    return read_prices(closes("NVDA", "SPY", "SMH"), name="closes.csv")


@pytest.fixture
def desk(prices: Market, app: Callable[[str], AppTest]) -> AppTest:
    """The page on two snapshots of one portfolio; Coca-Cola has no price, two funds have."""
    store = cache.store()
    for data, name in ((EARLIER, "earlier.csv"), (LATER, "later.csv")):
        store.import_snapshot("Desk", snapshot(data, name))
    store.import_snapshot("Other", snapshot(LATER.replace(b"KO,US1912161007,Coca-Cola Co", b"SMH,,VanEck"), "o.csv"))
    store.store_prices(prices, "test")
    test = app("drawdown")
    test.selectbox(key="snapshot").set_value(store.snapshot_id("Desk")).run()
    assert quiet(test)
    return test


def look(test: AppTest, view: str) -> AppTest:
    test.segmented_control(key="view").set_value(view).run()
    assert quiet(test)
    return test


def drawn(test: AppTest, place: int) -> dict[str, Any]:
    spec: dict[str, Any] = json.loads(test.get("plotly_chart")[place].proto.spec)
    return spec


def figures(test: AppTest, label: str) -> list[str]:
    return [m.value for m in test.metric if m.label == label]


def books() -> list[Any]:
    return [to_book(snapshot(data, name)) for data, name in ((EARLIER, "earlier.csv"), (LATER, "later.csv"))]


def test_both_readings_stand_side_by_side_and_the_first_is_named_hindsight(desk: AppTest, prices: Market) -> None:
    today, actual = drawdown(books()[1], prices), history(books(), prices)
    assert today.max_drawdown != actual.max_drawdown
    assert figures(desk, "Deepest fall") == [percent(today.max_drawdown), percent(actual.max_drawdown)]
    assert "nobody held them then" in words(desk)
    assert "1 flow told apart" in words(desk)


def test_the_chart_follows_the_reading_and_draws_the_other_as_a_thin_line(desk: AppTest, prices: Market) -> None:
    actual = history(books(), prices)
    desk.segmented_control(key="reading").set_value("actual").run()
    assert quiet(desk)
    by_name = {trace["name"]: trace["y"] for trace in drawn(desk, 0)["data"]}
    assert by_name["underwater"] == pytest.approx(actual.underwater.tolist())
    assert "today’s holdings, underwater" in by_name
    assert "The portfolio as it was fell" in words(desk)


def test_flows_and_trades_are_named(desk: AppTest, prices: Market) -> None:
    (flow,) = history(books(), prices).flows
    listed = [d.value for d in look(desk, "flows").dataframe]
    assert listed[0]["Flow, USD"].tolist() == [pytest.approx(round(flow.value), abs=1)]
    assert listed[1]["Name"].tolist() == ["NVDA"]


def test_one_snapshot_says_what_the_second_reading_needs(holding: AppTest, prices: Market) -> None:
    cache.store().store_prices(prices, "test")
    test = holding.switch_page("pages/drawdown/page.py").run()
    assert quiet(test)
    assert "Needs at least two dated snapshots of this portfolio; only that of 24 Jan 2025 is stored" in words(test)
    assert "flows" not in test.segmented_control(key="view").options
    assert len(figures(test, "Deepest fall")) == 1


def test_statistics_stand_beside_a_fund_and_another_portfolio(desk: AppTest, prices: Market) -> None:
    look(desk, "statistics")
    desk.multiselect(key="beside_series").set_value(["SPY"]).run()
    desk.multiselect(key="beside_portfolios").set_value(["Other"]).run()
    assert quiet(desk)
    table = next(d.value for d in desk.dataframe if "What it means" in d.value)
    assert list(table.columns) == ["Figure", "Today’s holdings", "As it was", "Other", "SPY", "What it means"]
    assert (table["What it means"].str.len() > 10).all()
    both = {"today": drawdown(books()[1], prices), "actual": history(books(), prices)}
    found = {c.name: c for c in compare(both, prices, ("SPY",)).each}
    ulcer = table[table["Figure"] == "Ulcer index"].iloc[0]
    assert ulcer["As it was"] == percent(found["actual"].figures.ulcer_index)
    assert ulcer["SPY"] == percent(found["SPY"].figures.ulcer_index)
    assert len(drawn(desk, 1)["data"]) == 4


def test_rolling_windows_are_the_engines(desk: AppTest, prices: Market) -> None:
    desk.segmented_control(key="view").set_value("rolling").run()
    desk.segmented_control(key="window").set_value(252).run()
    assert quiet(desk)
    path = drawdown(books()[1], prices).wealth
    assert drawn(desk, 1)["data"][0]["y"] == pytest.approx(rolling_max_drawdown(path, 252).tolist())


def test_the_calendar_has_a_field_for_each_month(desk: AppTest, prices: Market) -> None:
    result = drawdown(books()[1], prices)
    months = months_of(result.dates, result.wealth)
    grid = drawn(look(desk, "calendar"), 1)["data"][0]["z"]
    shown = [v for row in reversed(grid) for v in row if v is not None]
    assert shown == pytest.approx([m.total_return for m in months])
    desk.segmented_control(key="months").set_value("lowest").run()
    grid = drawn(desk, 1)["data"][0]["z"]
    assert min(v for row in grid for v in row if v is not None) == pytest.approx(result.max_drawdown)


def test_an_event_is_followed_by_todays_quantities_or_along_the_snapshots(desk: AppTest, prices: Market) -> None:
    look(desk, "event")
    desk.selectbox(key="event").set_value("Another day").run()
    desk.date_input(key="event_day").set_value(date(2024, 3, 5)).run()
    assert quiet(desk)
    alone = event_path(books()[1], prices, date(2024, 3, 5))
    assert drawn(desk, 1)["data"][0]["y"] == pytest.approx((alone.wealth - 1).tolist())
    assert drawn(desk, 1)["data"][0]["x"] == list(range(-5, 61))
    table = next(d.value for d in desk.dataframe if "Share made up" in d.value)
    assert table["Sessions after"].tolist() == [1, 5, 20, 60]
    desk.segmented_control(key="reading").set_value("actual").run()
    along = event_of(history(books(), prices), date(2024, 3, 5))
    assert drawn(desk, 1)["data"][0]["y"] == pytest.approx((along.wealth - 1).tolist())


def test_the_shock_of_the_shock_page_is_ranked_among_past_falls(desk: AppTest, prices: Market) -> None:
    other = "deepseek-2025-01-27-full"
    desk.switch_page("pages/shock/page.py").run()
    desk.selectbox(key="scenario").set_value(other).run()
    desk.switch_page("pages/drawdown/page.py").run()
    look(desk, "shock")
    assert desk.selectbox(key="scenario").value == other
    chosen = cache.store().snapshot_id("Desk")
    loss = shocks.shock("Desk", chosen, None, other).total_return
    among = rank_of(drawdown(books()[1], prices), loss)
    assert figures(desk, "Loss in the shock") == [percent(loss)]
    assert figures(desk, "Rank among falls") == [f"{among.rank} of {among.of}"]
    bars = drawn(desk, 1)["data"][0]
    assert bars["y"] == sorted(bars["y"])
    assert bars["y"][bars["x"].index("Shock")] == pytest.approx(loss)


def test_a_proxy_stands_in_only_when_chosen_is_marked_and_taken_out_again(desk: AppTest, prices: Market) -> None:
    look(desk, "gaps")
    before = figures(desk, "Deepest fall")[0]
    assert figures(desk, "No history")[0] == percent(0.3, 1)
    assert "By your choice" not in "".join(i.value for i in desk.info)
    offered = next(d.value for d in desk.dataframe if "Could stand in" in d.value)
    assert offered["Line"].tolist() == ["KO"] and offered["Could stand in"].tolist() == ["SPY"]
    (line,) = (one.line_id for one in books()[1].lines if one.holding.ticker == "KO")
    desk.multiselect(key="proxy_wanted").set_value([line]).run()
    desk.button(key="proxy_use").click().run()
    assert quiet(desk)
    stood_in = drawdown(books()[1], prices, proxies={line: "SPY"})
    assert figures(desk, "Deepest fall")[0] == percent(stood_in.max_drawdown) != before
    assert "another series stands in for 1 line, 30.0 % of gross" in words(desk).replace("\u202f", " ")
    desk.switch_page("pages/data/page.py").run()
    desk.switch_page("pages/drawdown/page.py").run()
    assert figures(desk, "Deepest fall")[0] == percent(stood_in.max_drawdown)
    desk.button(key=f"proxy_out_{line}").click().run()
    assert figures(desk, "Deepest fall")[0] == before
    assert answers.chosen_proxies("Desk") == {}


def test_any_stored_series_can_be_let_in_by_hand_and_one_that_is_gone_is_said(desk: AppTest) -> None:
    look(desk, "gaps")
    desk.selectbox(key="proxy_symbol").set_value("SMH").run()
    desk.button(key="proxy_hand").click().run()
    assert quiet(desk) and list(answers.chosen_proxies("Desk").values()) == ["SMH"]
    cache.store().drop_series("SMH")
    cache.forget_prices()
    desk.run()
    assert quiet(desk)
    assert any("Not used any more" in w.value and "SMH" in w.value for w in desk.warning)


def test_the_stretch_on_show_survives_a_rerun_and_a_change_of_page(desk: AppTest) -> None:
    desk.segmented_control(key="range").set_value("1y").run()
    shown = drawn(desk, 0)["layout"]["xaxis"]["range"]
    assert shown[1] == DAYS[-1].isoformat()
    assert (date.fromisoformat(shown[1]) - date.fromisoformat(shown[0])).days == 365
    desk.switch_page("pages/segments/page.py").run()
    desk.switch_page("pages/drawdown/page.py").run()
    assert drawn(desk, 0)["layout"]["xaxis"]["range"] == shown
    assert desk.query_params["range"] in ("1y", ["1y"])


def test_a_stretch_in_the_address_is_shown_and_a_mistyped_one_is_all(
    desk: AppTest, app: Callable[[str], AppTest]
) -> None:
    for said, shown in (("2024-01-02..2024-03-01", ["2024-01-02", "2024-03-01"]), ("2024-03-01..x", None)):
        test = app("home")
        test.query_params["range"] = said
        test.switch_page("pages/drawdown/page.py").run()
        assert quiet(test)
        assert drawn(test, 0)["layout"]["xaxis"].get("range") == shown


def test_the_choice_of_closes_is_offered_explained_and_the_engines(desk: AppTest, prices: Market) -> None:
    assert "each exchange’s own last close" in words(desk)
    desk.segmented_control(key="closes").set_value("common").run()
    assert quiet(desk)
    assert "every line is valued at the close of the exchange with most weight" in words(desk)
    common = drawdown(books()[1], prices, closes="common")
    assert figures(desk, "Deepest fall")[0] == percent(common.max_drawdown)
    assert f"{common.days}" in words(desk)


@pytest.fixture
def short(app: Callable[[str], AppTest]) -> AppTest:
    """The page on weights alone, three sessions on which nothing falls, and then on a portfolio with long prices."""
    store = cache.store()
    weights = b"As of,2025-01-24\nTicker,Name,Weight (%)\nNVDA,NVIDIA Corp,60\nKO,Coca-Cola Co,30\n"
    store.import_snapshot("Weights", snapshot(weights, "weights_2025-01-24.csv"))
    rising = b"date,NVDA,KO\n2025-01-22,100,50\n2025-01-23,101,50\n2025-01-24,103,51\n"
    store.store_prices(read_prices(rising, name="rising.csv"), "test")
    test = app("drawdown")
    assert quiet(test)
    return test


def test_every_view_stands_on_three_sessions_without_a_fall(short: AppTest) -> None:
    assert figures(short, "Deepest fall") == [percent(0.0)]
    assert figures(short, "Carried by") == ["–"]
    for view in short.segmented_control(key="view").options:
        short.segmented_control(key="view").set_value(by_label(view)).run()
        assert quiet(short), view


def by_label(label: str) -> str:
    from pages.drawdown.first import VIEWS

    return next(key for key, said in VIEWS.items() if said == label)


def test_days_chosen_for_one_portfolio_break_no_other(desk: AppTest) -> None:
    """Where the prices of another portfolio begin later, the days that lie before them give way."""
    store = cache.store()
    young = SMALL.replace(b"NVDA,US67066G1040,NVIDIA Corp", b"AMD,US0079031078,Advanced Micro Devices")
    store.import_snapshot("Young", snapshot(young, "young.csv"))
    late = "date,AMD\n" + "\n".join(f"{day},{100 - n % 3}" for n, day in enumerate(DAYS[-30:]))
    store.store_prices(read_prices(late.encode(), name="late.csv"), "test")
    look(desk, "event")
    desk.selectbox(key="event").set_value("Another day").run()
    desk.date_input(key="event_day").set_value(date(2023, 9, 5)).run()
    desk.date_input(key="from").set_value(DAYS[3]).run()
    desk.date_input(key="to").set_value(DAYS[60]).run()
    assert quiet(desk)
    desk.selectbox(key="snapshot").set_value(store.snapshot_id("Young")).run()
    assert quiet(desk)
    assert desk.date_input(key="event_day").value in DAYS[-30:]
