"""Home: an empty store says what to do, a full one lists what there is; every page opens on both."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import guard

from .conftest import quiet, words

each_page = pytest.mark.parametrize("name", [each[0] for each in guard.PAGES])


@each_page
def test_every_page_opens_on_an_empty_store(app: Callable[[str], AppTest], name: str) -> None:
    page = app(name)
    assert quiet(page)
    assert len(page.title) == 1


@each_page
def test_every_page_opens_on_the_demo(app: Callable[[str], AppTest], name: str) -> None:
    page = app("home")
    page.button(key="demo").click().run()
    page.switch_page(f"pages/{name}/page.py").run()
    assert quiet(page)


def test_home_lists_what_is_stored(holding: AppTest) -> None:
    holding.switch_page("pages/home/page.py").run()
    assert quiet(holding)
    (listed,) = [d.value for d in holding.dataframe]
    assert listed["Portfolio"].tolist() == ["Desk"]
    assert listed["Total market value"].tolist() == [20_000]


def test_home_says_that_the_demo_is_made_up(app: Callable[[str], AppTest]) -> None:
    assert "made up" in words(app("home"))


def test_a_store_that_cannot_be_opened_is_a_sentence(
    app: Callable[[str], AppTest], monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/no/such/folder/store.sqlite")
        for name in ("home", "holdings", "segments"):
            page = app(name)
            assert [e.value for e in page.exception] == []
            assert "cannot be opened" in words(page)
