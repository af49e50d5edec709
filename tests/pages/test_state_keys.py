"""Session state holds plain values alone, ids and drafts: never a frame, a book or an answer.

Streamlit’s own check (`runner.enforceSerializableSessionState`) refuses its components too, so it is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from streamlit.testing.v1 import AppTest

from pages.ui import guard, state

from .conftest import quiet


def not_plain(value: Any, at: str = "") -> Iterator[str]:
    """Yield where a value holds something else than text, numbers, dates, and lists and mappings of them."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from not_plain(each, f"{at}[{key!r}]")
    elif isinstance(value, list | tuple):
        for n, each in enumerate(value):
            yield from not_plain(each, f"{at}[{n}]")
    elif value is not None and type(value) not in (bool, int, float, str) and not isinstance(value, date):
        yield f"{at}: {type(value).__name__}"


def test_every_key_holds_plain_values_on_a_walk_through_the_pages(app: Callable[[str], AppTest]) -> None:
    page = app("home")
    page.button(key="demo").click().run()
    seen: set[str] = set()
    for name, _ in guard.PAGES:
        page = page.switch_page(f"pages/{name}/page.py").run()
        assert quiet(page)
        held = page.session_state.to_dict()
        assert [found for key, value in held.items() for found in not_plain(value, key)] == [], name
        seen |= held.keys()
    assert {state.BOOK, state.PAGE, state.LEVERS, state.SCENARIO, state.STAMP} <= seen


def test_what_is_not_plain_is_found() -> None:
    assert list(not_plain({"a": [1, "x", date(2025, 1, 27), None], "b": (True, 0.5)}, "key")) == []
    assert list(not_plain({"a": [object()]}, "key")) == ["key['a'][0]: object"]
