"""Scenarios: what is typed becomes a file that reads back equal, is refused at its place, and outlives a reload."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from streamlit.testing.v1 import AppTest

from exposure import apply, load_scenario, to_book
from exposure.format import percent
from exposure.scenarios import complete, parse_scenario
from exposure.types import Scenario
from pages.scenarios.editor import MOVE
from pages.ui import cache, scenario_draft, state
from pages.ui.scenario_draft import Refusal
from tests.scenarios.test_file import scenarios as customs
from tests.scenarios.test_observe import waiting

from .conftest import ROOT, quiet, words
from .test_drafts import reloaded

# ---- the draft by itself --------------------------------------------------------------------------------------------


@given(customs() | waiting())
def test_a_scenario_taken_apart_and_written_again_is_the_same(scenario: Scenario) -> None:
    draft = scenario_draft.draft_of(scenario)
    read = scenario_draft.read(draft)
    assert isinstance(read, Scenario), read
    assert read.replace(issues=()) == scenario
    text = scenario_draft.write(draft).text
    assert parse_scenario(text).hash == read.hash
    assert scenario_draft.write(scenario_draft.draft_of(read)).text == text


def test_levers_and_their_priors_are_written_again() -> None:
    moved = load_scenario("deepseek-transmission", jevons_elasticity=1.25)
    own = parse_scenario(replace(moved, id="mine").to_toml())
    read = scenario_draft.read(scenario_draft.draft_of(own))
    assert isinstance(read, Scenario)
    assert (read.levers, read.priors, read.hash) == (own.levers, own.priors, own.hash)


JANUARY = {"kind": "replay", "from": "2025-01-24", "to": "2025-01-27"}


@pytest.mark.parametrize(
    ("change", "place", "said"),
    [
        ({"segments": [["chips", -1.2]]}, "segments", "the move of chips is below -1"),
        ({"segments": [["chps", -0.2]]}, "segments", "did you mean chips"),
        ({"segments": [["chips", -0.1], ["chips", -0.2]]}, "segments", "given twice"),
        ({"tickers": [["KO", 0.1], ["NVDA", None]]}, "tickers", "NVDA has no move"),
        ({"tickers": [["", 0.1]]}, "tickers", "an empty name under [tickers]"),
        ({"fx": [["GBX", 0.1]]}, "fx", "write GBP"),
        ({"isins": [["US67066G1040", -2.0]]}, "isins", "below -1"),
        ({"rest": -1.0}, "head", "the move of rest is -1"),
        ({"kind": "replay", "rest": "outside"}, "head", "a replay needs from and to"),
        ({"kind": "replay", "from": "2025-01-27", "to": "2025-01-24"}, "head", "to is before from"),
        (
            JANUARY | {"windows": [["T", "2025-01-24", "2025-01-27"]]},
            "windows",
            "is not an exchange suffix",
        ),
        (
            JANUARY | {"windows": [[".T", "2025-01-24", ""]]},
            "windows",
            "lacks from or to",
        ),
        ({"kind": "predictive", "as_of": "2025-01-24"}, "given", "needs moves"),
        ({"kind": "predictive", "as_of": "2025-01-24", "given": [["SMH", -1.0]]}, "given", "cannot be given"),
        ({"kind": "transmission", "levers": {"no_such": [0.0, 0.0, 0.1, 0.0, 1.0]}, "rest": "market"}, "levers", ""),
    ],
)  # fmt: skip
def test_what_speaks_against_a_draft_is_said_at_its_place(change: dict[str, Any], place: str, said: str) -> None:
    found = scenario_draft.read(scenario_draft.empty(change.get("kind", "custom")) | {"id": "x"} | change)
    assert isinstance(found, Refusal)
    assert (found.place, "\n" in found.sentence) == (place, False)
    assert said in found.sentence


def test_changes_of_a_table_count_from_what_it_was_drawn_from() -> None:
    rows = [["NVDA", -0.123456789], ["KO", 0.01], ["MU", 0.0]]
    done = scenario_draft.changed(
        rows,
        {"edited_rows": {1: {MOVE: 0.02}}, "added_rows": [{"Ticker": "CRM"}], "deleted_rows": [2]},
        ("Ticker", MOVE),
    )
    assert done == [["NVDA", -0.123456789], ["KO", 0.02], ["CRM", None]]
    assert rows[1] == ["KO", 0.01]


# ---- the page -------------------------------------------------------------------------------------------------------


@pytest.fixture
def page(demo_file: Path, database: str, app: Callable[[str], AppTest]) -> AppTest:
    shutil.copyfile(demo_file, database.removeprefix("sqlite:///"))
    test = app("scenarios")
    assert quiet(test)
    return test


def begin(test: AppTest, what: str) -> AppTest:
    test.selectbox(key="scenario_from").set_value(what).run()
    test.button(key="scenario_start").click().run()
    assert not test.exception, words(test)
    return test


def fill(test: AppTest, name: str, **done: Any) -> AppTest:
    """Type into a table of the editor."""
    key = field(test, name)
    test.session_state[key] = {"edited_rows": {}, "added_rows": [], "deleted_rows": []} | done
    test.run()
    assert not test.exception
    return test


def field(test: AppTest, name: str) -> str:
    """Give the key of a field: it is another with each draft that is put on the table."""
    played = test.session_state[state.ROUND] if state.ROUND in test.session_state else 0  # noqa: SIM401
    return f"scenario_{name}_{played}"


def figure(test: AppTest, label: str = "Total return") -> str:
    return next(m.value for m in test.metric if m.label == label)


def down(test: AppTest, title: str = "Chips down") -> AppTest:
    """Write that chips fall by 10 % and NVIDIA by 20 %."""
    begin(test, "new:custom")
    test.text_input(key=field(test, "title")).set_value(title).run()
    fill(test, "segments", added_rows=[{"Segment": "chips", MOVE: -10.0}])
    return fill(test, "tickers", added_rows=[{"Ticker": "NVDA", MOVE: -20.0}])


def demo_total(scenario: Scenario) -> str:
    from db.demo import demo_snapshot

    return percent(apply(to_book(demo_snapshot()), scenario).total_return, signed=True)


def test_with_nothing_stored_the_page_says_what_to_do(app: Callable[[str], AppTest]) -> None:
    test = app("scenarios")
    assert quiet(test)
    assert "Nothing is stored yet" in words(test)


def test_what_is_typed_is_answered_saved_and_used(page: AppTest) -> None:
    down(page)
    assert quiet(page)
    text = 'id = "chips-down"\ntitle = "Chips down"\nrest = 0.0\n[segments]\nchips = -0.1\n[tickers]\nNVDA = -0.2\n'
    expected = parse_scenario(text)
    assert figure(page) == demo_total(expected)
    page.button(key="draft_save").click().run()
    assert "Saved as chips-down" in words(page)
    stored = parse_scenario(cache.store().scenarios()["chips-down"])
    assert (stored.segments, stored.tickers, stored.title) == (expected.segments, expected.tickers, "Chips down")
    shock = page.switch_page("pages/shock/page.py").run()
    shock.selectbox(key="scenario").set_value("chips-down").run()
    assert figure(shock) == demo_total(expected)


def test_a_refusal_stands_in_the_editor_and_stops_the_saving(page: AppTest) -> None:
    down(page)
    fill(page, "segments", added_rows=[{"Segment": "chips", MOVE: -120.0}])
    assert [e.value.replace("\\", "") for e in page.error] == [
        "the move of chips is below -1; write a fraction above -1, -0.12 for minus 12 %"
    ]
    assert page.button(key="draft_save").disabled


def test_a_draft_outlives_a_change_of_page_and_a_reload(page: AppTest) -> None:
    down(page)
    total = figure(page)
    away = page.switch_page("pages/segments/page.py").run()
    back = away.switch_page("pages/scenarios/page.py").run()
    assert figure(back) == total
    again = reloaded(back, "scenarios")
    assert quiet(again)
    assert figure(again) == total
    assert again.text_input(key="scenario_title_0").value == "Chips down"
    fill(again, "tickers", edited_rows={0: {MOVE: -30.0}})
    assert again.session_state[state.EDITOR]["tickers"] == [["NVDA", -0.3]]


def test_no_scenario_of_the_library_and_no_other_saved_one_is_written_over(page: AppTest) -> None:
    cache.store().save_scenario("mine", 'id = "mine"\nkind = "custom"\nrest = 0.0\n')
    before = cache.store().scenarios()
    down(page)
    for taken, said in (("chips-2024-07-17", "of the library"), ("mine", "another saved scenario")):
        page.text_input(key=field(page, "id")).set_value(taken).run()
        page.button(key="draft_save").click().run()
        assert said in words(page)
        assert cache.store().scenarios() == before
    assert load_scenario("chips-2024-07-17").kind == "replay"


def test_a_saved_scenario_is_opened_changed_and_can_be_had_back(page: AppTest) -> None:
    cache.store().save_scenario("mine", 'id = "mine"\nkind = "custom"\nrest = 0.0\n[tickers]\nNVDA = -0.1\n')
    old = cache.store().scenarios()["mine"]
    page.run()
    page.button(key="saved_open").click().run()
    fill(page, "tickers", edited_rows={0: {MOVE: -25.0}})
    page.button(key="draft_save").click().run()
    assert parse_scenario(cache.store().scenarios()["mine"]).tickers == {"NVDA": -0.25}
    page.button(key="scenario_undo").click().run()
    assert cache.store().scenarios() == {"mine": old}


def test_saved_scenarios_are_copied_renamed_deleted_and_brought_back(page: AppTest) -> None:
    cache.store().save_scenario("mine", 'id = "mine"\nkind = "custom"\nrest = 0.0\n[tickers]\nNVDA = -0.1\n')
    page.run()
    page.text_input(key="saved_title").set_value("Twin").run()
    page.button(key="saved_copy").click().run()
    assert set(cache.store().scenarios()) == {"mine", "twin"}
    page.text_input(key="saved_title").set_value("Chips 2024 07 17").run()
    page.button(key="saved_rename").click().run()
    assert "a scenario with the id chips-2024-07-17 exists" in words(page)
    page.text_input(key="saved_title").set_value("Other").run()
    page.button(key="saved_rename").click().run()
    assert set(cache.store().scenarios()) == {"other", "twin"}
    assert parse_scenario(cache.store().scenarios()["other"]).title == "Other"
    page.selectbox(key="saved_one").set_value("twin").run()
    page.button(key="saved_delete").click().run()
    assert set(cache.store().scenarios()) == {"other"}
    page.button(key="scenario_undo").click().run()
    assert set(cache.store().scenarios()) == {"other", "twin"}


def test_a_saved_scenario_that_does_not_read_is_listed_with_its_refusal(page: AppTest) -> None:
    cache.store().save_scenario("broken", "[segments]\nnothing = 1\n")
    page.run()
    listed = next(d.value for d in page.dataframe if "Remark" in d.value)
    assert "unknown segment nothing" in listed["Remark"][0]
    page.button(key="saved_open").click().run()
    assert not page.exception
    assert "unknown segment nothing" in words(page)


def test_a_replay_between_two_dates_is_previewed_by_the_demos_made_up_prices_and_used(page: AppTest) -> None:
    from db.demo import demo_market

    begin(page, "new:replay")
    assert "a replay needs from and to" in words(page)
    page.text_input(key=field(page, "title")).set_value("August").run()
    page.date_input(key=field(page, "from")).set_value(date(2024, 7, 31)).run()
    page.date_input(key=field(page, "to")).set_value(date(2024, 8, 5)).run()
    assert quiet(page)
    assert "made-up prices" in words(page)
    text = 'id = "august"\nkind = "replay"\nfrom = 2024-07-31\nto = 2024-08-05\nreaction = "open"\nrest = "outside"\n'
    expected = complete(parse_scenario(text), demo_market())
    assert figure(page) == demo_total(expected)
    marks = next(d.value for d in page.dataframe if "Window from" in d.value)
    tokyo = marks[marks["Ticker"] == "8035.T"].iloc[0]
    assert (tokyo["Move from"], str(tokyo["Window to"])[:10]) == ("● observed", "2024-08-06")
    page.button(key="draft_save").click().run()
    shock = page.switch_page("pages/shock/page.py").run()
    shock.selectbox(key="scenario").set_value("august").run()
    assert quiet(shock)
    assert figure(shock) == demo_total(expected)
    shock.segmented_control(key="horizon").set_value(5).run()
    longer = complete(parse_scenario(text, horizon=5), demo_market())
    assert figure(shock) == demo_total(longer)


@pytest.mark.parametrize("one", ["library:deepseek-transmission", "library:deepseek-2025-01-27"])
def test_the_library_starts_a_scenario_that_says_the_same(page: AppTest, one: str) -> None:
    begin(page, one)
    assert quiet(page)
    assert figure(page) == demo_total(load_scenario(one.partition(":")[2]))


def test_a_file_is_opened_in_the_editor_or_refused_with_its_line(page: AppTest) -> None:
    good = b'id = "f"\ntitle = "From a file"\nkind = "custom"\nrest = 0.01\n[tickers]\nNVDA = -0.3\n'
    page.file_uploader(key="scenario_upload").set_value(("bad.toml", b"[segments]\nchps = 1\n", "text/plain")).run()
    assert "bad.toml:2: unknown segment chps" in words(page)
    page.file_uploader(key="scenario_upload").set_value(("good.toml", good, "text/plain")).run()
    page.button(key="scenario_open_file").click().run()
    assert quiet(page)
    assert figure(page) == demo_total(parse_scenario(good.decode()))


def test_the_page_is_found_from_the_door() -> None:
    from pages.ui.guard import PAGES

    assert "scenarios" in dict(PAGES) and (ROOT / "pages" / "scenarios" / "page.py").exists()
