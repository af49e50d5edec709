"""What was entered and not yet confirmed outlives a reload: a new session that opens the same address finds it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from streamlit.testing.v1 import AppTest

from exposure.scenarios import load_scenario
from pages.shock.edits import YOURS
from pages.ui import cache, drafts, state

from .conftest import ROOT, SMALL, quiet, upload, words


def reloaded(test: AppTest, page: str, stranger: bool = False) -> AppTest:
    """Open the address of a page in a session of its own, as a browser does on reload, or a stranger's does."""
    if not stranger and state.SECRET in test.session_state:
        drafts.cookies()[f"{drafts.COOKIE}{test.session_state[state.DRAFT]}"] = test.session_state[state.SECRET]
    again = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for key, values in test.query_params.items():
        again.query_params[key] = values
    return again.run().switch_page(f"pages/{page}/page.py").run()


def test_an_upload_that_was_not_confirmed_is_there_after_a_reload(app: Callable[[str], AppTest]) -> None:
    again = reloaded(upload(app("holdings"), "small.csv", SMALL).run(), "holdings")
    assert quiet(again)
    assert "To check: small.csv" in words(again)
    again.button(key="confirm").click().run()
    assert len(cache.store().portfolios()) == 1


def test_a_file_put_away_is_gone_after_a_reload(app: Callable[[str], AppTest]) -> None:
    page = upload(app("holdings"), "small.csv", SMALL)
    page.button(key="put_away").click().run()
    assert "To check" not in words(reloaded(page, "holdings"))


def test_edited_moves_are_there_after_a_reload(holding: AppTest) -> None:
    page = holding.switch_page("pages/shock/page.py").run()
    key = f"edit_names_{load_scenario('deepseek-2025-01-27').hash[:12]}_0"
    page.session_state[key] = {"edited_rows": {0: {YOURS: -50.0}}, "added_rows": [], "deleted_rows": []}
    page.run()
    after = next(m.value for m in page.metric if m.label == "After all edits")
    again = reloaded(page.run(), "shock")
    assert quiet(again)
    assert next(m.value for m in again.metric if m.label == "After all edits") == after


def test_an_address_with_an_unknown_draft_opens_all_the_same(app: Callable[[str], AppTest]) -> None:
    page = app("holdings")
    page.query_params[state.DRAFT] = "0123456789abcdef"
    drafts.cookies()["draft_0123456789abcdef"] = "of another server"
    again = reloaded(page, "holdings")
    assert quiet(again)
    assert state.DRAFT not in again.query_params


def test_a_draft_goes_after_a_week(app: Callable[[str], AppTest]) -> None:
    upload(app("holdings"), "small.csv", SMALL)
    store = cache.store()
    assert store.remove_settings(drafts.PREFIX, older_than=datetime.now(UTC) - timedelta(days=drafts.DAYS)) == 0
    assert store.remove_settings(drafts.PREFIX, older_than=datetime.now(UTC) + timedelta(seconds=1)) == 1


def test_an_address_alone_finds_no_draft_and_neither_does_a_name_in_the_store(app: Callable[[str], AppTest]) -> None:
    page = upload(app("holdings"), "small.csv", SMALL.replace(b"60,6000", b"61,6100"))
    stranger = reloaded(page, "holdings", stranger=True)
    assert quiet(stranger)
    assert "To check" not in words(stranger) and state.DRAFT not in stranger.query_params
    token, secret = page.session_state[state.DRAFT], page.session_state[state.SECRET]
    assert secret not in str(page.query_params)
    for guess in (token, secret, f"{token}{secret}"):
        assert cache.store().setting(f"{drafts.PREFIX}{guess}:file") is None
    assert "To check: small.csv" in words(reloaded(page, "holdings"))


def write_override(page: AppTest) -> AppTest:
    page.selectbox(key="own_line").set_value("US1912161007").run()
    page.multiselect(key="own_segments").set_value(["chips.memory", "chips.foundry"]).run()
    page.number_input(key="own_weight_chips.memory").set_value(0.3).run()
    page.text_input(key="own_reason").set_value("secret talks & more").run()
    return page.text_input(key="own_author").set_value("desk").run()


def test_an_override_that_is_being_written_outlives_page_and_reload_and_is_not_in_the_address(holding: AppTest) -> None:
    page = write_override(holding.switch_page("pages/segments/page.py").run())
    assert "secret" not in str(page.query_params) and "own_" not in str(page.query_params)
    page.switch_page("pages/data/page.py").run()
    for shown in (page.switch_page("pages/segments/page.py").run(), reloaded(page, "segments")):
        assert quiet(shown)
        assert shown.selectbox(key="own_line").value == "US1912161007"
        assert shown.number_input(key="own_weight_chips.memory").value == 0.3
        assert shown.text_input(key="own_reason").value == "secret talks & more"
        assert shown.text_input(key="own_author").value == "desk"
    shown.button(key="own_save").click().run()
    assert quiet(shown)
    (own,) = cache.overrides("Desk")
    assert (own.isin, own.author) == ("US1912161007", "desk")
    assert reloaded(shown, "segments").selectbox(key="own_line").value == ""


def test_an_override_that_is_being_written_stays_with_its_portfolio(holding: AppTest) -> None:
    other = cache.store().import_snapshot("Other", cache.store().snapshot("Desk")).snapshot_id
    page = write_override(holding.switch_page("pages/segments/page.py").run())
    page.selectbox(key="snapshot").set_value(other).run()
    assert page.selectbox(key="own_line").value == ""
    page.selectbox(key="snapshot").set_value(cache.store().snapshot_id("Desk")).run()
    assert page.text_input(key="own_reason").value == "secret talks & more"
