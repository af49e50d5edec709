"""Results: a button keeps what the page shows, it reproduces whatever changes afterwards, and two are compared."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from exposure.format import money, percent
from exposure.reading import read_holdings
from exposure.results import matches, recompute
from exposure.scenarios import load_scenario
from exposure.types import Override, Part
from pages.ui import cache, keeping, shocks, state

from .conftest import SMALL, quiet, words


@pytest.fixture
def shock(app: Callable[[str], AppTest]) -> AppTest:
    app("home")
    cache.install_demo()
    test = app("shock")
    assert quiet(test)
    return test


def table(test: AppTest, heading: str):
    return next(d.value for d in test.dataframe if heading in d.value)


def results(test: AppTest) -> AppTest:
    test.switch_page("pages/results/page.py").run()
    assert quiet(test)
    return test


def total(test: AppTest) -> str:
    return next(m.value for m in test.metric if m.label == "Total return")


def test_an_empty_store_says_what_to_do(app: Callable[[str], AppTest]) -> None:
    test = app("results")
    assert quiet(test)
    assert "Keep this result" in words(test)


def test_a_result_is_kept_once_reproduces_and_says_what_changed_since(shock: AppTest) -> None:
    shown = total(shock)
    shock.button(key="keep_result").click().run()
    shock.button(key="keep_result").click().run()
    assert "Kept before as no. 1" in words(shock)
    test = results(shock)
    assert total(test) == shown
    assert "reproduces to the cent" in words(test)
    assert "Nothing it was made of has changed" in words(test)
    mine = Override("US67066G1040", "NVDA", (Part("outside", 1.0),), "mine", "me", date(2025, 1, 1))
    cache.store().set_override(mine, "Demo portfolio (made up)")
    cache.store().delete_snapshot(cache.store().kept_results()[0].snapshot_id)
    test.run()
    assert "reproduces to the cent" in words(test)
    assert "its snapshot is no longer stored" in words(test)
    assert total(test) == shown


def test_the_result_that_opens_is_of_the_book_on_show_and_leaves_under_its_number(shock: AppTest) -> None:
    shock.button(key="keep_result").click().run()
    record = cache.store().kept_result(cache.store().kept_results()[0].kept_id)
    cache.store().import_snapshot("Another", read_holdings(SMALL, name="small.csv"))
    cache.store().keep_result("Another", record)  # the last kept
    test = results(shock)
    assert next(m.value for m in test.metric if m.label == "Portfolio").startswith("Demo")
    assert "Kept as no. 1." in test.session_state[state.STAMP]


def test_the_list_says_of_each_whether_it_reproduces_and_why_not(shock: AppTest) -> None:
    """One is kept as it is; one said 12 dollars more; one holds a field that this version does not know."""
    shock.button(key="keep_result").click().run()
    record = cache.store().kept_result(cache.store().kept_results()[0].kept_id)
    name = "Demo portfolio (made up)"
    cache.store().keep_result(name, replace(record, pnl=record.pnl + 12, engine="0.9+a"))
    scenario = json.dumps({**json.loads(record.scenario), "speed": 3})
    cache.store().keep_result(name, replace(record, scenario=scenario, engine="9.9+b"))
    listed = table(shock.switch_page("pages/results/page.py").run(), "Reproduces")
    said = dict(zip(listed["No."], listed["Reproduces"], strict=True))
    assert said[1] == "yes"
    assert said[2] == f"differs by {money(-12.0, record.currency, 2, signed=True)}"
    assert said[3].startswith("cannot: ") and "speed, which this version does not know" in said[3]


def test_what_was_not_checked_in_time_is_checked_when_asked(shock: AppTest, monkeypatch) -> None:
    shock.button(key="keep_result").click().run()
    monkeypatch.setattr(keeping.verdicts, "__defaults__", (0.0,))
    test = results(shock)
    assert list(table(test, "Reproduces")["Reproduces"]) == ["not checked yet"]
    test.button(key="kept_check").click().run()
    assert list(table(test, "Reproduces")["Reproduces"]) == ["yes"]


def test_an_override_is_named_and_todays_answer_told(shock: AppTest) -> None:
    """In a custom scenario a line moves with its segment: NVIDIA put outside no longer falls with the chips."""
    cache.store().save_scenario(
        "down", 'id = "down"\ntitle = "Down"\nkind = "custom"\nrest = 0.0\n[segments]\nchips = -0.1\n'
    )
    shock.session_state[state.NEXT] = "down"
    shock.run()
    shock.button(key="keep_result").click().run()
    mine = Override("US67066G1040", "NVDA", (Part("outside", 1.0),), "mine", "me", date(2025, 1, 1))
    cache.store().set_override(mine, "Demo portfolio (made up)")
    cache.store().save_scenario(
        "down", 'id = "down"\ntitle = "Down"\nkind = "custom"\nrest = 0.0\n[segments]\nchips = -0.2\n', replace=True
    )
    test = results(shock)
    assert "reproduces to the cent" in words(test)
    assert "overrides: new US67066G1040" in words(test)
    assert "differs in segments" in words(test)
    assert "Asked again today, with what is stored now, it is" in words(test)


def test_two_are_compared_noted_deleted_and_brought_back(shock: AppTest) -> None:
    shock.button(key="keep_result").click().run()
    first = total(shock)
    shock.selectbox(key="scenario").set_value("tariffs-2025-04-03").run()
    shock.button(key="keep_result").click().run()
    second = total(shock)
    test = results(shock)
    assert total(test) == second, "the last kept is open"
    newer, older = (e.kept_id for e in cache.store().kept_results())
    test.selectbox(key="beside").set_value(older).run()
    assert quiet(test)
    assert "Scenario moved the figure most" in words(test)
    by_line = table(test, "Difference")
    entries = {e.kept_id: e for e in cache.store().kept_results()}
    gap = entries[newer].total_return - entries[older].total_return
    assert by_line["Difference"].sum() == pytest.approx(gap)
    assert by_line["Scenario"].sum() == pytest.approx(gap)
    test.text_input(key=f"kept_note_{newer}").set_value("for the committee").run()
    assert cache.store().kept_results()[0].note == "for the committee"
    test.button(key="kept_delete").click().run()
    assert quiet(test)
    assert total(test) == first
    test.button(key="undo").click().run()
    assert total(test) == second


def test_an_edited_scenario_is_kept_with_its_edits(shock: AppTest) -> None:
    from pages.shock.edits import YOURS

    key = f"edit_names_{load_scenario('deepseek-2025-01-27').hash[:12]}_0"
    shock.session_state[key] = {"edited_rows": {0: {YOURS: -50.0}}, "added_rows": [], "deleted_rows": []}
    shock.run()
    after = next(m.value for m in shock.metric if m.label == "After all edits")
    shock.button(key="keep_variation").click().run()
    entry = cache.store().kept_results()[0]
    assert percent(entry.total_return, signed=True) == after
    kept = cache.store().kept_result(entry.kept_id)
    assert matches(kept, recompute(kept))
    assert -0.5 in json.loads(kept.scenario)["isins"].values()
    test = results(shock)
    assert "reproduces to the cent" in words(test)


def kept() -> tuple[object, object]:
    """Give the record kept last, and its result worked out again."""
    record = cache.store().kept_result(cache.store().kept_results()[0].kept_id)
    return record, recompute(record)


def test_beliefs_are_kept_at_the_levers_of_the_moment(shock: AppTest) -> None:
    from exposure.scenarios import set_levers

    beliefs = shock.switch_page("pages/beliefs/page.py").run()
    beliefs.session_state[state.LEVERS] = {"jevons_elasticity": 1.9}
    beliefs.run()
    held = set_levers(load_scenario("deepseek-transmission"), {"jevons_elasticity": 1.9})
    [demo] = cache.store().portfolios()
    expected = shocks.shock_of(demo.name, demo.snapshots[-1].snapshot_id, None, held).total_return
    shown = percent(expected, signed=True)
    given = [json.loads(element.proto.json or "{}") for element in beliefs.get("bidi_component")]
    [levers] = [each for each in given if each.get("place") == "levers"]
    assert percent(levers["now"]["total"], signed=True) == shown
    beliefs.button(key="keep_beliefs").click().run()
    assert quiet(beliefs)
    assert f"Kept as no. 1, {shown}" in words(beliefs)
    record, found = kept()
    assert matches(record, found)
    assert found.scenario.levers["jevons_elasticity"] == 1.9
    test = results(beliefs)
    assert total(test) == shown
    assert "Nothing it was made of has changed" in words(test)
    assert "the answer is the same to the cent" in words(test)


def test_a_prediction_is_kept_with_what_followed_and_asked_again_by_the_prices_of_now(shock: AppTest) -> None:
    page = shock.switch_page("pages/prediction/page.py").run()
    page.text_area(key="prediction_text").set_value("NVDA -10%\nSPY -1.5%").run()
    shown = next(m.value for m in page.metric if m.label == "Expected total return")
    page.button(key="keep_prediction").click().run()
    assert quiet(page)
    record, found = kept()
    assert matches(record, found)
    assert percent(found.total_return, signed=True) == shown
    test = results(page)
    assert "reproduces to the cent" in words(test)
    assert "Nothing it was made of has changed" in words(test)
    assert "the answer is the same to the cent" in words(test)


def test_trades_are_kept_with_the_book_that_they_leave_and_tried_again_on_the_stored_one(shock: AppTest) -> None:
    from exposure.trades._whatif import Trade
    from pages.trades import form

    demo, day = "Demo portfolio (made up)", "deepseek-2025-01-27"
    for trade in (Trade("cut", "segment:chips", 0.1), Trade("short", "SMH", 0.05), Trade("trade", "no such line", 0.1)):
        form.keep(demo, day, trade)
    page = shock.switch_page("pages/trades/page.py").run()
    shown = next(m.value for m in page.metric if m.label == "After the trades")
    page.button(key="keep_trades").click().run()
    assert quiet(page)
    record, found = kept()
    assert matches(record, found)
    assert percent(found.total_return, signed=True) == shown
    entry = cache.store().kept_results()[0]
    assert entry.note.startswith("1. Cut Chips to 10.00\u202f%") and "2. Short SMH" in entry.note
    assert "3." not in entry.note, "what could not be tried is not kept"
    test = results(page)
    assert "Trades tried on the stored book first" in words(test)
    assert "Nothing it was made of has changed" in words(test)
    assert "the answer is the same to the cent" in words(test)
    form.keep(demo, day, Trade("cash", amount=0.1))
    again_page = test.switch_page("pages/trades/page.py").run()
    again_page.button(key="keep_trades").click().run()
    assert len(cache.store().kept_results()) == 2, "other trades are another result"


def test_what_is_deleted_is_listed_brought_back_and_removed_for_good_when_asked(shock: AppTest) -> None:
    shock.button(key="keep_result").click().run()
    test = results(shock)
    test.button(key="kept_delete").click().run()
    test.session_state["bin"] = True
    test.run()
    listed = table(test, "Deleted")
    assert list(listed["What"]) == ["Kept result"]
    test.button(key="bin_back").click().run()
    assert quiet(test)
    assert [e.number for e in cache.store().kept_results()] == [1]
    test.button(key="kept_delete").click().run()
    holdings = test.switch_page("pages/holdings/page.py").run()
    holdings.button(key="delete_portfolio").click().run()
    holdings.session_state["bin"] = True
    holdings.run()
    assert list(table(holdings, "Deleted")["What"]) == ["Portfolio"], "what goes with it is not listed apart"
    assert "Nothing brings them back" in words(holdings)
    holdings.button(key="bin_purge").click().run()
    assert quiet(holdings)
    assert "Removed for good" in words(holdings)
    assert cache.store().deleted() == () and cache.store().deleted_results() == ()
    assert not any(b.key == "undo" for b in holdings.button)
    with cache.store().read() as connection:
        from sqlalchemy import text

        assert connection.execute(text("SELECT count(*) FROM kept_texts")).scalar() == 0
