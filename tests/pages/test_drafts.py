"""What was entered and not yet confirmed outlives a reload: a new session that opens the same address finds it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from streamlit.testing.v1 import AppTest

from exposure.scenarios import load_scenario
from pages.shared import cache, drafts, state
from pages.shared.edits import YOURS

from .conftest import ROOT, SMALL, quiet, upload, words


def reloaded(test: AppTest, page: str) -> AppTest:
    """Open the address of a page in a session of its own, as a browser does on reload."""
    again = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for key, values in test.query_params.items():
        again.query_params[key] = values
    return again.run().switch_page(f"pages/{page}.py").run()


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
    page = holding.switch_page("pages/shock.py").run()
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
    again = reloaded(page, "holdings")
    assert quiet(again)
    assert state.DRAFT not in again.query_params


def test_a_draft_goes_after_a_week(app: Callable[[str], AppTest]) -> None:
    upload(app("holdings"), "small.csv", SMALL)
    store = cache.store()
    assert store.remove_settings(drafts.PREFIX, older_than=datetime.now(UTC) - timedelta(days=drafts.DAYS)) == 0
    assert store.remove_settings(drafts.PREFIX, older_than=datetime.now(UTC) + timedelta(seconds=1)) == 1
