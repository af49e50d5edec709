"""The door of every page: what it does at its start, and that what it says names widgets and pages, never options."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.guard import PAGES

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", [name for name, _ in PAGES])
def test_each_page_enters_before_it_draws(name: str) -> None:
    tree = ast.parse((ROOT / "pages" / name / "page.py").read_text("utf-8"))
    run = [node for node in tree.body if isinstance(node, (ast.Expr, ast.With, ast.For, ast.If))]
    run = [node for node in run if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]
    assert ast.unparse(run[0]) == "guard.enter(__file__)"


def test_a_part_that_runs_again_by_itself_begins_at_the_door_too() -> None:
    own = {p.relative_to(ROOT).as_posix() for p in (ROOT / "pages").rglob("*.py") if "@st.fragment" in p.read_text()}
    assert own == {"pages/ui/guard.py"}


def _refused() -> None:
    import streamlit as st

    from exposure import messages
    from exposure.errors import StoreError
    from pages.ui import actions, guard

    def change() -> str:
        raise StoreError("It failed", remedy=f"as a {messages._edge.get()} has it")

    @guard.fragment
    def part() -> None:
        with guard.sentences():
            change()

    st.button("Change", on_click=actions.act, args=(change,))
    actions.notice()
    part()


def test_a_remedy_is_that_of_a_page_after_a_click_and_in_a_part_alone() -> None:
    page = AppTest.from_function(_refused).run()
    page.button[0].click().run()
    assert [error.value for error in page.error] == ["It failed; as a page has it"] * 2
