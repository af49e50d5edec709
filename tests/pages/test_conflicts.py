"""Two sessions of the app at one store: nothing is written over unseen, nothing is shown of what is gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from exposure.errors import InputError
from exposure.types import Override, Part
from pages.drawdown import answers
from pages.ui import cache

from .conftest import SMALL, name_field, quiet, upload, words

OTHER = SMALL.replace(b"NVDA,US67066G1040,NVIDIA Corp", b"MSFT,US5949181045,Microsoft Corp")
NVDA = "US67066G1040"


def code(test: AppTest) -> list[str]:
    return [each.value for each in test.code]


@pytest.fixture
def shock(holding: AppTest) -> AppTest:
    return holding.switch_page("pages/shock/page.py").run()


def test_a_note_is_not_emptied_by_a_rerun_of_a_second_tab(shock: AppTest, app: Callable[[str], AppTest]) -> None:
    shock.button(key="keep_result").click().run()
    first, second = app("results"), app("results")
    [entry] = cache.store().kept_results()
    field = f"kept_note_{entry.kept_id}"
    first.text_input(key=field).set_value("for the committee").run()
    second.run()
    assert cache.store().kept_results()[0].note == "for the committee"
    assert second.text_input(key=field).value == "for the committee", "and it is shown there"
    second.text_input(key=field).set_value("").run()
    assert cache.store().kept_results()[0].note == "", "a person may empty what they see"


def test_a_note_over_one_that_was_not_seen_shows_both_and_lets_one_choose(
    shock: AppTest, app: Callable[[str], AppTest]
) -> None:
    shock.button(key="keep_result").click().run()
    [entry] = cache.store().kept_results()
    field = f"kept_note_{entry.kept_id}"
    for choice, kept in (("conflict_theirs", "theirs"), ("conflict_mine", "mine")):
        first, second = app("results"), app("results")
        first.text_input(key=field).set_value("theirs").run()
        second.text_input(key=field).set_value("mine").run()
        assert cache.store().kept_results()[0].note == "theirs"
        assert code(second)[-2:] == ["mine", "theirs"]
        assert "has been changed since it was shown here" in words(second)
        second.button(key=choice).click().run()
        assert quiet(second) and not any(b.key == choice for b in second.button)
        assert cache.store().kept_results()[0].note == kept
        assert second.text_input(key=field).value == kept
        cache.store().note_kept(entry.kept_id, "")


def test_a_kept_result_is_not_deleted_with_a_note_that_was_not_seen(
    shock: AppTest, app: Callable[[str], AppTest]
) -> None:
    shock.button(key="keep_result").click().run()
    test = app("results")
    [entry] = cache.store().kept_results()
    cache.store().note_kept(entry.kept_id, "keep this one")
    test.button(key="kept_delete").click().run()
    assert code(test)[-2:] == ["delete it with the note “”", "its note is “keep this one”"]
    assert len(cache.store().kept_results()) == 1
    test.button(key="conflict_mine").click().run()
    assert cache.store().kept_results() == ()
    test.button(key="undo").click().run()
    assert cache.store().kept_results()[0].note == "keep this one"


def test_an_override_that_came_since_is_shown_before_it_is_written_over(
    holding: AppTest, app: Callable[[str], AppTest]
) -> None:
    test = app("segments")
    test.selectbox(key="own_line").set_value(NVDA).run()
    test.multiselect(key="own_segments").set_value(["chips.memory"]).run()
    test.text_input(key="own_reason").set_value("mine").run()
    theirs = Override(NVDA, None, (Part("outside", 1.0),), "theirs", "KT", date(2025, 1, 23))
    cache.store().set_override(theirs, "Desk")
    test.button(key="own_save").click().run()
    assert cache.store().overrides("Desk") == (theirs,)
    mine, stored = code(test)[-2:]
    assert mine.startswith("chips.memory 1: mine") and stored == "outside 1: theirs (KT, 2025-01-23)"
    test.button(key="conflict_mine").click().run()
    assert quiet(test)
    assert [o.reason for o in cache.store().overrides("Desk")] == ["mine"]


def test_an_override_removed_and_made_anew_elsewhere_is_not_removed_unseen(
    holding: AppTest, app: Callable[[str], AppTest]
) -> None:
    old, new = (Override(NVDA, None, (Part("outside", 1.0),), why, "me", date(2025, 1, 1)) for why in ("old", "new"))
    cache.store().set_override(old, "Desk")
    test = app("segments")
    cache.store().set_override(new, "Desk")
    test.button(key="own_remove").click().run()
    assert cache.store().overrides("Desk") == (new,)
    assert code(test)[-1].startswith("outside 1: new")
    test.button(key="conflict_theirs").click().run()
    test.button(key="own_remove").click().run()
    assert cache.store().overrides("Desk") == ()
    test.button(key="undo").click().run()
    assert quiet(test) and cache.store().overrides("Desk") == (new,)


def test_a_portfolio_is_deleted_by_its_identity_and_not_with_a_snapshot_that_was_not_seen(
    holding: AppTest, app: Callable[[str], AppTest]
) -> None:
    """The other tab deletes “Desk” and makes another “Desk”: the first tab’s button does not reach that one."""
    test = app("holdings")
    held = cache.store().snapshot("Desk")
    key = cache.store().portfolio("Desk").portfolio_id
    cache.store().import_snapshot("Desk", type(held)(**{**vars_of(held), "as_of": date(2025, 2, 28)}))
    test.button(key="delete_portfolio").click().run()
    assert "2025-02-28" in code(test)[-1] and len(cache.store().portfolios()) == 1
    test.button(key="conflict_theirs").click().run()
    cache.store().delete_portfolio(key)
    cache.store().import_snapshot("Desk", held)
    test.button(key="delete_portfolio").click().run()
    assert [p.name for p in cache.store().portfolios()] == ["Desk"], "the other one of that name stands"


def vars_of(held: object) -> dict[str, object]:
    from dataclasses import fields

    return {f.name: getattr(held, f.name) for f in fields(held) if f.init and not f.name.startswith("_")}  # type: ignore[arg-type]


def test_a_portfolio_is_renamed_on_the_page_and_a_name_like_another_refused(holding: AppTest) -> None:
    key = cache.store().portfolio("Desk").portfolio_id
    holding.text_input(key=f"rename_{key}").set_value("Second desk").run()
    holding.button(key="rename_portfolio").click().run()
    assert quiet(holding) and [p.name for p in cache.store().portfolios()] == ["Second desk"]
    cache.store().import_snapshot("Other", cache.store().snapshot("Second desk"))
    holding.text_input(key=f"rename_{key}").set_value("OTHER ").run()
    holding.button(key="rename_portfolio").click().run()
    assert "a portfolio called “Other” is there" in holding.error[0].value


def test_after_a_purge_the_next_upload_shows_its_own_lines_in_every_session(
    holding: AppTest, app: Callable[[str], AppTest]
) -> None:
    other = app("segments")
    shown = cache.store().portfolio("Desk").snapshots[0].snapshot_id
    assert cache.snapshot(shown).holdings[0].ticker == "NVDA"
    holding.button(key="delete_portfolio").click().run()
    with pytest.raises(InputError, match="no snapshot has the id"):
        cache.snapshot(shown)
    holding.session_state["bin"] = True
    holding.run()
    holding.button(key="bin_purge").click().run()
    assert "Removed for good: 1 snapshot" in words(holding)
    upload(holding, "other.csv", OTHER)
    name_field(holding).set_value("Desk").run()
    holding.button(key="confirm").click().run()
    assert quiet(holding)
    new = cache.store().portfolio("Desk").snapshots[0].snapshot_id
    assert new != shown
    assert [h.ticker for h in cache.snapshot(new).holdings] == ["MSFT", "KO"]
    for key in ((lambda: cache.book("Desk", shown, None)), (lambda: cache.ids("Desk", shown, None))):
        with pytest.raises(InputError, match="no longer stored"):
            key()
    other.run()
    assert [e.value for e in other.exception] == []
    assert NVDA not in " ".join(str(d.value.to_dict()) for d in other.dataframe)


def test_a_store_file_that_is_replaced_under_the_app_is_another_store(
    holding: AppTest, tmp_path: Path, app: Callable[[str], AppTest]
) -> None:
    """A file made elsewhere, even with the very ids of this one, is read anew and not shown from what is remembered."""
    import sqlite3

    from db import open_store
    from exposure.reading import read_holdings

    shown = cache.store().portfolio("Desk").snapshots[0].snapshot_id
    assert cache.book("Desk", shown, None).lines[0].holding.ticker == "NVDA"
    other = open_store(f"sqlite:///{tmp_path / 'other.sqlite'}")
    made = other.import_snapshot("Desk", read_holdings(OTHER, name="other.csv")).snapshot_id
    other.close()
    with sqlite3.connect(tmp_path / "other.sqlite") as raw:
        raw.execute("UPDATE snapshots SET id = ? WHERE id = ?", (shown, made))
        raw.execute("UPDATE holdings SET snapshot_id = ? WHERE snapshot_id = ?", (shown, made))
    raw.close()
    (tmp_path / "other.sqlite").replace(tmp_path / "store.sqlite")
    for ending in ("-wal", "-shm"):
        (tmp_path / f"store.sqlite{ending}").unlink(missing_ok=True)
    assert cache.snapshot(shown).holdings[0].ticker == "MSFT"
    assert cache.book("Desk", shown, None).lines[0].holding.ticker == "MSFT"


def test_what_stands_in_for_a_line_is_the_portfolios_own_not_its_names(holding: AppTest) -> None:
    key = cache.store().portfolio("Desk").portfolio_id
    cache.store().choose_proxies(key, {"line": "SMH"})
    cache.store().delete_portfolio(key)
    cache.store().import_snapshot("Desk", cache_held())
    assert answers.chosen_proxies("Desk") == {}


def cache_held() -> object:
    from exposure.reading import read_holdings

    return read_holdings(OTHER, name="other.csv")


def test_a_button_that_kept_a_result_says_so_of_that_book_alone(shock: AppTest) -> None:
    """The same scenario on another book: “Kept as no. 1” is not said of it."""
    cache.store().import_snapshot("Other", cache_held())
    shock.button(key="keep_result").click().run()
    assert "Kept as no. 1" in words(shock)
    other = cache.store().portfolio("Other").snapshots[0].snapshot_id
    shock.selectbox(key="snapshot").set_value(other).run()
    assert "Kept as no. 1" not in words(shock)


def test_a_scenario_rewritten_by_another_session_is_not_written_over(
    holding: AppTest, app: Callable[[str], AppTest]
) -> None:
    one = 'id = "mine"\nkind = "custom"\nrest = 0.0\n[tickers]\nNVDA = -0.1\n'
    cache.store().save_scenario("mine", one)
    test = app("scenarios")
    test.button(key="saved_open").click().run()
    theirs = one.replace("-0.1", "-0.3")
    cache.store().save_scenario("mine", theirs, replace=True)
    test.button(key="draft_save").click().run()
    assert cache.store().scenarios()["mine"] == theirs
    mine, stored = code(test)[-2:]
    assert "-0.1" in mine and "-0.3" in stored
    test.button(key="conflict_mine").click().run()
    assert "-0.1" in cache.store().scenarios()["mine"]
    test.button(key="draft_save").click().run()
    assert not any(b.key == "conflict_mine" for b in test.button), "what was chosen is what was seen last"


def test_a_scenario_rewritten_by_another_session_is_not_deleted_unseen(
    holding: AppTest, app: Callable[[str], AppTest]
) -> None:
    one = 'id = "mine"\nkind = "custom"\nrest = 0.0\n[tickers]\nNVDA = -0.1\n'
    cache.store().save_scenario("mine", one)
    test = app("scenarios")
    cache.store().save_scenario("mine", one.replace("-0.1", "-0.3"), replace=True)
    test.button(key="saved_delete").click().run()
    assert list(cache.store().scenarios()) == ["mine"]
    assert code(test)[-2] == "delete it" and "-0.3" in code(test)[-1]
    test.button(key="conflict_mine").click().run()
    assert cache.store().scenarios() == {}
