"""Prediction: pasted moves become the book's day by the engine, what is unclear stops it, and nothing is lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from exposure import apply, to_book
from exposure.format import number, percent
from exposure.scenarios import complete, parse_scenario
from exposure.scenarios._predict import plausibility
from pages.prediction.answer import odds
from pages.ui import cache, state

from .conftest import quiet, words
from .test_drafts import reloaded

PASTED = "NVDA -10%\nSPY\t-1.5%\n"


@pytest.fixture
def page(demo_file: Path, database: str, app: Callable[[str], AppTest]) -> AppTest:
    shutil.copyfile(demo_file, database.removeprefix("sqlite:///"))
    test = app("prediction")
    assert quiet(test)
    return test


def figure(test: AppTest, label: str) -> str:
    return next(m.value for m in test.metric if m.label == label)


def paste(test: AppTest, text: str) -> AppTest:
    test.text_area(key="prediction_text").set_value(text).run()
    assert not test.exception
    return test


def text(as_of: str, given: str = "NVDA = -0.1\nSPY = -0.015") -> str:
    return f'id = "so-far-today"\nkind = "predictive"\nas_of = {as_of}\n[given]\n{given}\n'


def test_with_nothing_stored_the_page_says_what_to_do(app: Callable[[str], AppTest]) -> None:
    test = app("prediction")
    assert quiet(test)
    assert "Nothing is stored yet" in words(test)


def test_a_visit_alone_drafts_nothing(page: AppTest) -> None:
    assert "Paste what has moved" in words(page)
    assert state.DRAFT not in page.query_params
    assert not page.metric


def test_the_day_is_the_engines_by_prices_up_to_the_chosen_date(page: AppTest) -> None:
    from db.demo import demo_market, demo_snapshot

    paste(page, PASTED)
    page.date_input(key="prediction_as_of").set_value(date(2025, 1, 24)).run()
    assert quiet(page)
    book, market = to_book(demo_snapshot()), demo_market()
    scenario = complete(parse_scenario(text("2025-01-24")), market)
    result, known = apply(book, scenario), plausibility(scenario, market, book)
    assert figure(page, "Expected total return") == percent(result.total_return, signed=True)
    assert figure(page, "Worst day as unusual") == percent(known["worst_return"], signed=True)
    assert figure(page, "Distance of the given moves") == f"{number(known['distance'], 1)} σ"
    assert figure(page, "Odds, were returns normal") == odds(known["days"])
    low, high = (result.total_return + side * known["half"] for side in (-1, 1))
    assert figure(page, "Band of 90\u202f%") == f"{percent(low, 1, signed=True)} to {percent(high, 1, signed=True)}"
    assert known["worst_return"] < result.total_return < 0
    said = words(page)
    assert "far fatter tails" in said
    assert "made-up prices of the demo" in said
    assert "Understood: NVDA −10.00\u202f%, SPY −1.50\u202f%." in said
    lines = next(d.value for d in page.dataframe if "Expected move" in d.value)
    marks = dict(zip(lines["Ticker"], lines["Move from"], strict=True))
    assert (marks["NVDA"], marks["AVGO"]) == ("◆ user", "○ modelled")
    bands = lines.set_index("Ticker")[["Band from", "Expected move", "Band to"]]
    assert bands.loc["NVDA", ["Band from", "Band to"]].isna().all(), "what is given has no band"
    low, move, high = bands.loc["AVGO"]
    assert low < move < high


def test_an_unclear_line_is_refused_by_its_number_and_nothing_is_answered(page: AppTest) -> None:
    paste(page, "NVDA -10%\nAMD -5\n")
    assert [e.value.replace("\\", "") for e in page.error] == [
        "Line 2, AMD -5: the move -5 could be per cent or a fraction; write -5 % or -0.05."
    ]
    assert not page.metric


def test_a_segment_is_added_as_a_line(page: AppTest) -> None:
    page.selectbox(key="prediction_segment").set_value("chips.memory")
    page.number_input(key="prediction_move").set_value(-8.0).run()
    page.button(key="prediction_add").click().run()
    assert page.text_area(key="prediction_text").value == "chips.memory -8%"
    assert quiet(page)
    assert "Understood: Memory −8.00\u202f%" in words(page)
    assert page.metric


def test_without_prices_the_page_says_which_are_missing(holding: AppTest) -> None:
    test = paste(holding.switch_page("pages/prediction/page.py").run(), PASTED)
    assert "no last day of prices is chosen, and no price is stored" in words(test)
    test.date_input(key="prediction_as_of").set_value(date(2025, 1, 24)).run()
    assert not test.exception
    assert "no prices of SPY" in words(test)
    assert "250 sessions of prices" in words(test)


def test_a_name_without_prices_is_named(page: AppTest) -> None:
    paste(page, "ZZQQ -3%")
    assert "ZZQQ" in words(page)
    assert page.error


def test_what_was_pasted_outlives_a_change_of_page_and_a_reload(page: AppTest) -> None:
    paste(page, PASTED)
    page.date_input(key="prediction_as_of").set_value(date(2025, 1, 24)).run()
    total = figure(page, "Expected total return")
    back = page.switch_page("pages/shock/page.py").run().switch_page("pages/prediction/page.py").run()
    assert figure(back, "Expected total return") == total
    again = reloaded(back, "prediction")
    assert again.text_area(key="prediction_text").value.split() == PASTED.split()
    assert figure(again, "Expected total return") == total
    paste(again, "")
    assert "Paste what has moved" in words(reloaded(again, "prediction"))


def test_a_prediction_is_saved_used_on_the_shock_page_and_writes_over_nothing(page: AppTest) -> None:
    paste(page, PASTED)
    total = figure(page, "Expected total return")
    page.text_input(key="prediction_title").set_value("Monday").run()
    page.button(key="prediction_save").click().run()
    assert quiet(page)
    stored = cache.store().scenarios()
    assert parse_scenario(stored["monday"]).tickers == {"NVDA": -0.1, "SPY": -0.015}
    paste(page, "SMH -3%")
    page.button(key="prediction_save").click().run()
    assert "another saved scenario has the id monday" in words(page)
    assert cache.store().scenarios() == stored
    shock = page.switch_page("pages/shock/page.py").run()
    shock.selectbox(key="scenario").set_value("monday").run()
    assert quiet(shock)
    assert figure(shock, "Total return") == total
    assert figure(shock, "Band of 90\u202f%")
    editor = shock.switch_page("pages/scenarios/page.py").run()
    editor.button(key="saved_open").click().run()
    assert quiet(editor)
    assert figure(editor, "Total return") == total


@pytest.mark.parametrize(
    ("days", "said"), [(0.3, "1 in 1 sessions"), (42.4, "1 in 42 sessions"), (2500.0, "1 in 10 years")]
)
def test_odds_are_said_in_sessions_or_years(days: float, said: str) -> None:
    assert odds(days) == said
    assert odds(1e12) == "1 in over a million years"
