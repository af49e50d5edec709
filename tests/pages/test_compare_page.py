"""Compare: totals are the engine's, contributions add up, and the benchmark may be a file that is kept as such."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from exposure import apply, load_scenario, read_holdings, to_book
from exposure.format import percent
from exposure.shock._compare import active
from exposure.view import compare
from exposure.view.compare import Pair
from pages.compare import sections
from pages.ui import cache, state

from .conftest import SMALL, quiet, words

DEEPSEEK = "deepseek-2025-01-27"
OTHER = SMALL.replace(b"NVDA,US67066G1040,NVIDIA Corp,100,140,14000", b"NVDA,US67066G1040,NVIDIA Corp,10,140,1400")
WEIGHTS = b"Ticker,ISIN,Name,Weight\nNVDA,US67066G1040,NVIDIA Corp,20%\nKO,US1912161007,Coca-Cola Co,70%\n"


@pytest.fixture
def stored(database: str) -> list[int]:
    """Two portfolios of values and one of weights."""
    from dataclasses import replace
    from datetime import date

    weights = replace(read_holdings(WEIGHTS, name="weights.csv"), as_of=date(2025, 1, 24))
    files = {"Desk": read_holdings(SMALL, name="a.csv"), "Other": read_holdings(OTHER, name="b.csv"), "Shares": weights}
    return [cache.store().import_snapshot(name, held).snapshot_id for name, held in files.items()]


def engine(data: bytes, scenario: str = DEEPSEEK):
    return apply(to_book(read_holdings(data, name="x.csv"), base_currency="USD"), load_scenario(scenario))


def totals(test: AppTest):
    return next(d.value for d in test.dataframe if "Scenario" in d.value)


def test_an_empty_store_says_what_to_do(app: Callable[[str], AppTest]) -> None:
    test = app("compare")
    assert quiet(test)
    assert "Nothing is stored yet" in words(test)


def test_the_totals_are_the_engines_with_coverage_beside_each(stored: list[int], app: Callable[[str], AppTest]) -> None:
    """A file of weights beside values in dollars is measured in dollars too."""
    test = app("compare")
    assert quiet(test)
    shown = totals(test)
    row = shown[shown["Scenario"] == "DeepSeek, 27 January 2025"].iloc[0]
    for name, data in {"Desk": SMALL, "Other": OTHER, "Shares": WEIGHTS}.items():
        assert row[name] == pytest.approx(engine(data).total_return, abs=1e-12)
        assert "own price" in row[f"{name}: coverage"]
    worst = min(engine(SMALL, one).total_return for one in (DEEPSEEK, "deepseek-transmission", "tariffs-2025-04-03"))
    assert f"Desk loses most: {percent(worst, signed=True)}" in words(test)


def test_active_contributions_are_the_engines_in_every_cut(stored: list[int], app: Callable[[str], AppTest]) -> None:
    test = app("compare")
    test.selectbox(key=state.BENCHMARK).set_value(str(stored[1])).run()
    gap = engine(SMALL).total_return - engine(OTHER).total_return
    assert next(m.value for m in test.metric if m.label == "Active return") == percent(gap, signed=True)
    for by in compare.CUTS:
        test.segmented_control(key=state.LOOK_CUT).set_value(by).run()
        assert quiet(test)
        shown = next(d.value for d in test.dataframe if "Active contribution" in d.value)
        assert len(shown) == len(active(engine(SMALL), engine(OTHER), by))
        assert shown["Active contribution"].sum() == pytest.approx(gap, abs=1e-12)
    assert "Other falls" not in words(test)
    assert "Desk falls behind Other" in words(test)


def test_the_choice_outlives_a_change_of_page_and_comes_from_the_address(
    stored: list[int], app: Callable[[str], AppTest]
) -> None:
    test = app("compare")
    test.multiselect(key=state.PORTFOLIOS).set_value([stored[2]]).run()
    test.multiselect(key=state.SCENARIOS).set_value(["chips-2024-07-17"]).run()
    test.switch_page("pages/data/page.py").run()
    test.switch_page("pages/compare/page.py").run()
    assert quiet(test)
    assert test.multiselect(key=state.PORTFOLIOS).value == [stored[2]]
    assert list(totals(test)["Scenario"]) == [load_scenario("chips-2024-07-17").title]
    fresh = app("home")
    fresh.query_params[state.PORTFOLIOS] = [str(stored[1])]
    fresh.query_params[state.SCENARIOS] = ["tariffs-2025-04-03"]
    fresh.query_params[state.BENCHMARK] = str(stored[0])
    fresh.switch_page("pages/compare/page.py").run()
    assert fresh.multiselect(key=state.PORTFOLIOS).value == [stored[1]]
    assert fresh.multiselect(key=state.SCENARIOS).value == ["tariffs-2025-04-03"]
    assert fresh.selectbox(key=state.BENCHMARK).value == str(stored[0])


def test_a_file_is_the_benchmark_outlives_a_reload_and_is_no_portfolio(
    stored: list[int], app: Callable[[str], AppTest]
) -> None:
    test = app("compare")
    test.file_uploader(key="benchmark_file").set_value(("fund <b>.csv", OTHER, "text/csv")).run()
    assert quiet(test)
    chosen = test.selectbox(key=state.BENCHMARK).value
    assert chosen == f"{state.FILE}{hashlib.sha256(OTHER).hexdigest()[:24]}"
    gap = engine(SMALL).total_return - engine(OTHER).total_return
    assert next(m.value for m in test.metric if m.label == "Active return") == percent(gap, signed=True)
    assert len(cache.store().portfolios()) == 3
    test.file_uploader(key="benchmark_file").set_value(("bad.csv", b"no,holdings\n1,2\n", "text/csv")).run()
    assert not test.exception
    assert len(test.error) == 1
    fresh = app("home")
    fresh.query_params[state.BENCHMARK] = chosen
    fresh.switch_page("pages/compare/page.py").run()
    assert quiet(fresh)
    assert next(m.value for m in fresh.metric if m.label == "Active return") == percent(gap, signed=True)
    fresh.button(key="benchmark_forget").click().run()
    assert quiet(fresh)
    assert fresh.selectbox(key=state.BENCHMARK).value == ""
    assert cache.store().settings("benchmark:") == {}
    gone = app("home")
    gone.query_params[state.BENCHMARK] = chosen
    gone.switch_page("pages/compare/page.py").run()
    assert quiet(gone)
    assert "no longer kept" in words(gone)


def test_a_scenario_that_cannot_be_applied_is_named_and_harms_no_other(
    stored: list[int], app: Callable[[str], AppTest]
) -> None:
    cache.store().save_scenario("broken", "[segments]\nnothing = 1\n")
    toml = 'id = "guess"\ntitle = "A guess"\nkind = "predictive"\nas_of = 2025-01-24\n[given]\nNVDA = -0.1\n'
    cache.store().save_scenario("guess", toml)
    test = app("compare")
    test.multiselect(key=state.SCENARIOS).set_value(["broken", "guess", DEEPSEEK]).run()
    assert quiet(test)
    assert "unknown segment nothing" in words(test)
    assert "Not applied" in words(test)
    shown = totals(test)
    assert shown["Desk"].notna().sum() == 1


def test_nothing_chosen_is_said(stored: list[int], app: Callable[[str], AppTest]) -> None:
    test = app("compare")
    test.multiselect(key=state.SCENARIOS).set_value([]).run()
    assert quiet(test)
    assert "Choose at least one portfolio and one scenario" in words(test)


def test_names_are_text_in_the_chart_and_what_was_not_applied_says_so() -> None:
    result = engine(SMALL)
    drawn = sections.totals([Pair("<b>x</b>", "<i>y</i>", "a", result), Pair("z", "<i>y</i>", "a", None, "why")])
    assert drawn.layout.yaxis.ticktext[0] == "&lt;b&gt;x&lt;/b&gt;"
    assert drawn.layout.annotations[0].text == "<b>&lt;i&gt;y&lt;/i&gt;</b>"
    assert drawn.data[0].text[1] == "not applied"
    low, high = drawn.layout.xaxis.range
    assert low < result.total_return < 0 < high


def test_a_book_of_another_currency_is_said_to_be_given_in_that_of_the_first(
    database: str, app: Callable[[str], AppTest]
) -> None:
    """Other pages show the book in euros and another total; in a currency that was chosen there is nothing to say."""
    euros = SMALL.replace(b",USD", b",EUR")
    for name, data in {"Desk": SMALL, "Fonds": euros}.items():
        cache.store().import_snapshot(name, read_holdings(data, name=f"{name}.csv"))
    test = app("compare")
    assert quiet(test)
    assert "All in USD, the currency of Desk, so that they compare" in words(test)
    assert "these have another total: Fonds (EUR)" in words(test)
    test.selectbox(key=state.CURRENCY).set_value("USD").run()
    assert "All in USD" not in words(test)
