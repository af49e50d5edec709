"""Shock: what the page shows is what the engine gives, an edit answers, and a scenario file is refused by its line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from exposure import apply, load_scenario, to_book
from exposure.format import percent
from exposure.scenarios import parse_scenario
from exposure.shock._result import ShockResult
from exposure.shock._variation import Edit, vary
from exposure.view import looks, shock
from exposure.view.looks import TOTAL
from pages.shock.edits import YOURS
from pages.ui import cache, charts, state

from .conftest import quiet, words

DEEPSEEK = "deepseek-2025-01-27"
DOWN = 'id = "down"\ntitle = "Chips fall"\nkind = "custom"\nrest = 0.0\n[segments]\nchips = -0.1\n'


@pytest.fixture
def demo(demo_file: Path, database: str) -> None:
    shutil.copyfile(demo_file, database.removeprefix("sqlite:///"))


@pytest.fixture
def page(demo: None, app: Callable[[str], AppTest]) -> AppTest:
    test = app("shock")
    assert quiet(test)
    return test


def engine(scenario: str = DEEPSEEK, horizon: int = 1, currency: str | None = None) -> ShockResult:
    from db.demo import demo_snapshot

    return apply(to_book(demo_snapshot(), base_currency=currency), load_scenario(scenario, horizon=horizon))


def figure(test: AppTest, label: str) -> str:
    return next(m.value for m in test.metric if m.label == label)


def bars(test: AppTest) -> tuple[list[float], list[float], list[str]]:
    """Give lengths, starts and names of the waterfall's bars."""
    data = json.loads(test.get("plotly_chart")[0].proto.spec)["data"][0]
    return data["x"], data["base"], data["y"]


def table(test: AppTest, heading: str):
    return next(d.value for d in test.dataframe if heading in d.value)


def write(test: AppTest, kind: str, row: int, typed: float | None) -> AppTest:
    """Type into the last column of a table of moves."""
    key = f"edit_{kind}_{load_scenario(DEEPSEEK).hash[:12]}_0"
    test.session_state[key] = {"edited_rows": {row: {YOURS: typed}}, "added_rows": [], "deleted_rows": []}
    return test.run()


def test_the_figures_are_the_engines(page: AppTest) -> None:
    result = engine()
    assert figure(page, "Total return") == percent(result.total_return, signed=True)
    assert percent(result.coverage["observed"], 1) in words(page)
    assert "Source: Demo portfolio (made up), scenario deepseek-2025-01-27" in words(page)


def test_the_waterfall_adds_up_to_the_total(page: AppTest) -> None:
    """Each bar begins where the last one ended; the last bar runs from zero to the total return."""
    lengths, starts, names = bars(page)
    assert names[-1] == "Total"
    for before, (start, length) in enumerate(zip(starts[1:-1], lengths[:-2], strict=True)):
        assert start == pytest.approx(starts[before] + length)
    assert sum(lengths[:-1]) == pytest.approx(lengths[-1])
    assert (lengths[-1], starts[-1]) == (pytest.approx(engine().total_return), 0.0)


def test_sub_segments_add_up_to_the_same_total(page: AppTest) -> None:
    page.segmented_control(key="shock_fine").set_value(True).run()
    assert quiet(page)
    lengths, _, names = bars(page)
    assert "Accelerators" in names
    assert sum(lengths[:-1]) == pytest.approx(engine().total_return)


def test_every_line_is_listed_and_its_contributions_add_up(page: AppTest) -> None:
    lines = table(page, "Local move")
    assert len(lines) == len(engine().positions)
    assert lines["Contribution"].sum() == pytest.approx(engine().total_return)
    assert "● observed" in set(lines["Move from"])


@pytest.mark.parametrize("horizon", [3, 5, 20])
def test_a_longer_horizon_is_the_engines(page: AppTest, horizon: int) -> None:
    page.segmented_control(key="horizon").set_value(horizon).run()
    assert figure(page, "Total return") == percent(engine(horizon=horizon).total_return, signed=True)


def test_another_currency_is_the_engines(page: AppTest) -> None:
    page.selectbox(key="currency").set_value("USD").run()
    assert figure(page, "Total return") == percent(engine(currency="USD").total_return, signed=True)


def test_the_two_other_cuts_of_the_event_stand_beside_it(page: AppTest) -> None:
    for ending in ("-full", "-common"):
        assert percent(engine(DEEPSEEK + ending).total_return, signed=True) in words(page)


def test_a_filter_keeps_the_lines_of_a_segment(page: AppTest) -> None:
    page.selectbox(key="filter").set_value("software").run()
    kept = table(page, "Local move")
    assert set(kept["Ticker"]) >= {"CRM", "NOW"}
    assert "KO" not in set(kept["Ticker"])


def test_a_filter_for_text_and_for_where_moves_come_from(page: AppTest) -> None:
    page.text_input(key="shock_search").set_value("nvidia").run()
    assert list(table(page, "Local move")["Ticker"]) == ["NVDA"]
    page.pills(key="shock_marks").set_value(["modelled"]).run()
    assert len(table(page, "Local move")) == 0
    assert "0 of 28 lines" in words(page)


def test_the_choice_comes_from_the_address(demo: None, app: Callable[[str], AppTest]) -> None:
    test = app("home")
    test.query_params["scenario"] = "tariffs-2025-04-03"
    test.query_params["horizon"] = "3"
    test.switch_page("pages/shock/page.py").run()
    assert test.selectbox(key="scenario").value == "tariffs-2025-04-03"
    expected = engine("tariffs-2025-04-03", 3).total_return
    assert figure(test, "Total return") == percent(expected, signed=True)


def test_an_edit_by_name_answers_and_is_kept_over_a_change_of_page(page: AppTest) -> None:
    """The first row is the line with the largest loss; typed as per cent, kept as a fraction."""
    worst = min(engine().positions, key=lambda p: p.contribution).line.holding
    write(page, "names", 0, -50.0)
    assert quiet(page)
    varied = vary(load_scenario(DEEPSEEK), [Edit("isins", worst.isin, -0.5)])
    from db.demo import demo_snapshot

    after = apply(to_book(demo_snapshot()), varied).total_return
    assert figure(page, "After all edits") == percent(after, signed=True)
    page.switch_page("pages/segments/page.py").run()
    page.switch_page("pages/shock/page.py").run()
    assert figure(page, "After all edits") == percent(after, signed=True)


def test_a_variation_is_saved_chosen_and_gives_the_same_total(page: AppTest) -> None:
    write(page, "names", 0, -50.0)
    after = figure(page, "After all edits")
    page.text_input(key="edit_title").set_value("My view").run()
    page.button(key="edit_save").click().run()
    assert quiet(page)
    assert page.selectbox(key="scenario").value == "my-view"
    assert figure(page, "Total return") == after
    saved = parse_scenario(cache.store().scenarios()["my-view"])
    assert (saved.kind, saved.title) == ("custom", "My view")


def test_a_scenario_file_is_kept_and_used(page: AppTest) -> None:
    page.file_uploader(key="scenario_file").set_value(("down.toml", DOWN.encode(), "application/toml")).run()
    page.button(key="scenario_keep").click().run()
    assert quiet(page)
    from db.demo import demo_snapshot

    expected = apply(to_book(demo_snapshot()), parse_scenario(DOWN)).total_return
    assert figure(page, "Total return") == percent(expected, signed=True)


def test_a_saved_scenario_is_written_over_only_when_asked_and_can_be_had_back(page: AppTest) -> None:
    cache.store().save_scenario("my-view", DOWN)
    write(page, "names", 0, -50.0)
    page.text_input(key="edit_title").set_value("My view").run()
    assert page.button(key="edit_save").disabled
    assert "Another scenario is saved as my-view" in words(page)
    assert cache.store().scenarios() == {"my-view": DOWN}
    page.button(key="edit_save_replace").click().run()
    assert quiet(page)
    assert parse_scenario(cache.store().scenarios()["my-view"]).title == "My view"
    page.button(key="scenario_undo").click().run()
    assert cache.store().scenarios() == {"my-view": DOWN}


def test_a_name_of_the_library_cannot_be_replaced(page: AppTest) -> None:
    write(page, "names", 0, -50.0)
    page.text_input(key="edit_title").set_value("DeepSeek 2025 01 27").run()
    page.button(key="edit_save").click().run()
    assert "is the id of a scenario of the library" in words(page)
    assert cache.store().scenarios() == {}
    assert not any(b.key == "edit_save_replace" for b in page.button)


def test_beliefs_are_written_over_only_when_asked(page: AppTest) -> None:
    beliefs = page.switch_page("pages/beliefs/page.py").run()
    beliefs.session_state["belief_keep"] = True
    beliefs.run()
    beliefs.text_input(key="belief_title").set_value("Mine").run()
    beliefs.button(key="belief_save").click().run()
    assert quiet(beliefs)
    first = cache.store().scenarios()["mine"]
    cache.store().save_scenario("mine", DOWN, replace=True)
    beliefs.run()
    assert beliefs.button(key="belief_save").disabled
    beliefs.button(key="belief_save_replace").click().run()
    assert quiet(beliefs)
    assert cache.store().scenarios()["mine"] == first


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[segments]\nchps = -0.1\n", "bad.toml:2: unknown segment chps"),
        ('id = "x"\nspeed = 3\n', "bad.toml:2: unknown key speed"),
        ("[tickers]\nNVDA = -1.2\n", "bad.toml:2"),
        ("id = \n", "bad.toml:1: not valid TOML"),
        (f'id = "{DEEPSEEK}"\nrest = 0.0\n', "is the id of a scenario of the library"),
    ],
)
def test_a_scenario_file_is_refused_in_one_sentence(page: AppTest, text: str, said: str) -> None:
    page.file_uploader(key="scenario_file").set_value(("bad.toml", text.encode(), "application/toml")).run()
    if page.get("button") and any(b.key == "scenario_keep" for b in page.button):
        page.button(key="scenario_keep").click().run()
    assert not page.exception
    assert said in words(page)
    assert cache.store().scenarios() == {}


def test_a_saved_scenario_can_be_deleted_and_brought_back(page: AppTest) -> None:
    cache.store().save_scenario("down", DOWN)
    page.session_state[state.NEXT] = "down"
    page.run()
    page.button(key="scenario_delete").click().run()
    assert page.selectbox(key="scenario").value == DEEPSEEK
    assert cache.store().scenarios() == {}
    page.button(key="scenario_undo").click().run()
    assert cache.store().scenarios() == {"down": DOWN}
    assert page.selectbox(key="scenario").value == "down"


def test_a_stored_scenario_that_no_longer_reads_is_told_and_harms_no_other(page: AppTest) -> None:
    cache.store().save_scenario("broken", "[segments]\nnothing = 1\n")
    page.session_state[state.NEXT] = "broken"
    page.run()
    assert not page.exception
    assert "unknown segment nothing" in words(page)


# ---- the sentences and the figure by themselves ---------------------------------------------------------------------


def test_what_is_not_shocked_is_named_with_its_notional() -> None:
    from exposure.types import Holding, Snapshot

    future = Holding(2, "future", ticker="ESH5", name="S&P 500 future", market_value=10.0, value_currency="USD",
                     currency="USD", notional_value=300_000.0)  # fmt: skip
    stock = Holding(1, ticker="KO", market_value=1000.0, value_currency="USD", currency="USD")
    held = to_book(Snapshot("f.csv", "csv", None, (), "USD", (stock, future)))
    said = shock.not_shocked(apply(held, load_scenario(DEEPSEEK)))
    assert said is not None
    assert "1 of kind future" in said
    assert "300\u202f000" in said


def test_the_finding_names_who_carries_the_loss_and_never_more_than_all_of_it() -> None:
    """−10 % on 60 % against +5 % on 40 %: −6 % and +2 %, so chips lose more than the book's −4 %."""
    from exposure.types import Holding, Snapshot

    held = to_book(
        Snapshot("f.csv", "csv", None, (), "USD", (
            Holding(1, ticker="KLAC", isin="US4824801009", market_value=60.0, value_currency="USD", currency="USD"),
            Holding(2, ticker="KO", isin="US1912161007", market_value=40.0, value_currency="USD", currency="USD"),
        ))
    )  # fmt: skip

    def said(toml: str) -> str:
        result = apply(held, parse_scenario(toml))
        return shock.finding(result, result.by_segment).replace("\u202f", " ")

    assert (
        said("rest = 0.05\n[segments]\nequipment = -0.1\n")
        == "Equipment takes 6.0 % off the book, more than it loses in all"
    )
    assert said("rest = -0.05\n[segments]\nequipment = -0.1\n") == "Equipment carries 75 % of the loss"
    assert said("rest = 0.15\n[segments]\nequipment = -0.1\n").startswith("Gains and losses cancel: Equipment −6.0 %")
    assert said("rest = 0.0\n") == "Nothing in this book moves"


def test_names_from_files_are_text_in_the_waterfall() -> None:
    drawn = charts.horizontal_waterfall([looks.Step(TOTAL, "<b>x</b>", -0.1, "−10 %", "<script>")])
    assert drawn.data[0].y[0] == "&lt;b&gt;x&lt;/b&gt;"
    assert "<script>" not in drawn.data[0].customdata[0][0]


@pytest.mark.parametrize("values", [[], [-0.1], [0.1], [-0.1, 0.2], [0.2, -0.1], [0.0]])
def test_the_axis_holds_every_bar_and_zero(values: list[float]) -> None:
    parts = [looks.Step("chips", f"part {n}", v, "–", "–") for n, v in enumerate(values)]
    drawn = charts.horizontal_waterfall([*parts, looks.Step(TOTAL, "Total", sum(values), "–", "–")])
    low, high = drawn.layout.xaxis.range
    assert low < 0 < high
    for start, length in zip(drawn.data[0].base, drawn.data[0].x, strict=True):
        assert low < start < high
        assert low < start + length < high
