"""Scorecard: the page shows what the same computation gives, says what is missing, and holds a fund to its own move."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from exposure import apply, load_scenario
from exposure.flow import book_of
from exposure.format import number, percent
from exposure.prices import from_rows
from exposure.reading import read_holdings
from exposure.spread._observed_day import LeftOut, left_out
from exposure.types import Part
from exposure.view import scorecard
from pages.scorecard import charts
from pages.ui import cache, shocks

from .conftest import SMALL, quiet, words

MAIN = "deepseek-2025-01-27"


@pytest.fixture
def page(app: Callable[[str], AppTest]) -> AppTest:
    test = app("scorecard")
    assert quiet(test)
    return test


def table(test: AppTest, heading: str):
    return next(d.value for d in test.dataframe if heading in d.value)


def test_an_empty_store_measures_what_the_library_allows_and_says_what_to_load(page: AppTest) -> None:
    left = left_out(shocks.day_of(MAIN).names)
    shown = {m.label: m.value for m in page.metric}
    assert shown["R², names left out"] == number(left.r2, 2)
    assert shown["Inside the 90\u202f% band"] == percent(left.coverage, 1)
    assert "Predictions: not measurable without prices" in words(page)
    assert "Data page" in words(page)
    ways = table(page, "R², names left out").set_index("Way to tell a name’s move")
    assert ways["R², names left out"].isna()[scorecard.WAYS["r2_two_betas"]]
    assert ways["R², names left out"].isna()[scorecard.WAYS["r2_transmission"]], "its levers have seen the day"
    both = ways.loc[scorecard.WAYS["r2_market_beta"]]
    assert both["R², betas known"] > both["R², names left out"], "no mean stands in for a beta there"
    assert len(table(page, "Predicted by the others")) == len(left.names)


def test_another_episode_shows_its_own_names(page: AppTest) -> None:
    page.selectbox(key="score_episode").set_value("tariffs-2025-04-03").run()
    assert quiet(page)
    assert len(table(page, "Predicted by the others")) == len(shocks.day_of("tariffs-2025-04-03").names)


def test_the_demos_made_up_prices_measure_nothing(page: AppTest) -> None:
    cache.install_demo()
    page.run()
    assert quiet(page)
    assert "not measurable without prices" in words(page)


def add(test: AppTest, typed: float | None) -> AppTest:
    test.file_uploader(key="score_file_0").set_value(("ABC_small.csv", SMALL, "text/csv")).run()
    if typed is not None:
        test.number_input(key="score_typed").set_value(typed)
    return test.button(key="score_add").click().run()


def test_a_funds_book_is_replayed_against_a_move_typed_in_and_outlives_the_session(
    page: AppTest, app: Callable[[str], AppTest]
) -> None:
    add(page, -12.0)
    assert quiet(page)
    expected = apply(book_of(read_holdings(SMALL, name="small.csv")), load_scenario(MAIN)).total_return
    for test in (page, app("scorecard")):
        row = table(test, "Fund’s own move").iloc[0]
        assert (row["Fund"], row["Own move from"], row["Book of"]) == ("ABC", "typed in", "2025-01-24")
        assert row["Replay"] == pytest.approx(expected)
        assert row["Error"] == pytest.approx(expected + 0.12)
    page.button(key="score_remove").click().run()
    assert charts.funds() == {}
    page.button(key="score_undo").click().run()
    assert list(charts.funds()) == [f"ABC@{MAIN}"]


def test_stored_closes_of_the_fund_come_before_what_was_typed(page: AppTest) -> None:
    """From 50 to 48 is −4 %."""
    rows = [("ABC", f"2025-01-{d}", c, None, None, "USD", None) for d, c in ((24, 50.0), (27, 48.0))]
    cache.store().store_prices(from_rows(rows), "test")
    add(page, -12.0)
    row = table(page, "Fund’s own move").iloc[0]
    assert row["Own move from"] == "stored prices"
    assert row["Fund’s own move"] == pytest.approx(-0.04)


def test_without_a_move_of_its_own_no_error_is_stated(page: AppTest) -> None:
    add(page, None)
    assert quiet(page)
    assert table(page, "Replay")["Own move from"][0] == "not known"
    assert "not measurable without a fund’s book and its own move" in words(page)


def test_a_name_outside_its_band_is_named_and_every_name_is_drawn() -> None:
    """Three names predicted at 0 with bands of ±0.1: the one that moved by −0.3 lies outside, so 2 of 3 are held."""
    from exposure.spread._cross_section import Name

    parts = (Part("chips.memory", 1.0),)
    made = tuple(Name(k, parts, m, 0.0, None) for k, m in (("A", 0.05), ("B", -0.3), ("C", 0.0)))
    left = LeftOut(made, (0.0, 0.0, 0.0), (0.1, 0.1, 0.1))
    assert left.inside == (True, False, True)
    assert left.coverage == pytest.approx(2 / 3)
    rows = scorecard.names(left)
    assert rows[0]["name"] == "B", "the largest miss over its band first"
    assert "1 outside their bands: B" in scorecard.names_said(rows)
    drawn = charts.names(rows)
    assert sum(len(t.x) for t in drawn.data if t.mode == "markers+text") == 3


def test_bands_that_fail_are_said_to_fail() -> None:
    """50 of 100 inside a band of 90 %: the exact test refuses it; 90 of 100 it does not."""
    from scipy.stats import binomtest

    def card(held: int) -> dict:
        p = binomtest(held, 100, 0.9).pvalue
        return {"level": 0.9, "episodes": [{"episode": "e", "coverage": held / 100, "names": 100, "p_value": p}]}

    assert "off by more than chance on 1 of 1" in scorecard.covered(scorecard.bands(card(50), {"e": "E"}), 0.9)
    assert "on no episode" in scorecard.covered(scorecard.bands(card(90), {"e": "E"}), 0.9)
