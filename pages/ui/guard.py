"""The door of every page: the list of pages, what each does at its start, and errors that become sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import streamlit as st
from streamlit.navigation.page import Page

from exposure.errors import ExposureError
from exposure.view.sentences import plain
from pages.ui import actions, address, drafts, state

P = ParamSpec("P")
_LINKS = (
    "<style>div:has(> .st-key-address_links), .st-key-address_links { position: absolute; }</style>"
    f"<script>{Path(__file__).with_suffix('.js').read_text(encoding='utf-8')}</script>"
)

ROOT = Path(__file__).resolve().parents[2]
ICON = str(Path(__file__).with_name("icon.svg"))
"""Of the browser's tab."""
PAGES = (
    ("home", "Home"),
    ("holdings", "Holdings"),
    ("segments", "Segments"),
    ("changes", "Changes"),
    ("shock", "Shock"),
    ("beliefs", "Beliefs"),
    ("scenarios", "Scenarios"),
    ("compare", "Compare"),
    ("trades", "Trades"),
    ("prediction", "Prediction"),
    ("drawdown", "Drawdown"),
    ("results", "Results"),
    ("scorecard", "Scorecard"),
    ("data", "Data"),
)
"""Folder in `pages/` and name in the menu; the first opens without a path. No icons: the browser would ask another host
for that of the open page, to show it in the tab."""


def navigation() -> Page:
    """Build the menu."""
    # In the bar on top: `client.showSidebarNavigation = false` hides a menu in the sidebar, this one too.
    return st.navigation([_page(*each) for each in PAGES], position="top")


def page(name: str) -> Page:
    """Give the page of a file in `pages/`, for links and switches."""
    return next(_page(*each) for each in PAGES if each[0] == name)


def _page(name: str, title: str) -> Page:
    home = name == PAGES[0][0]
    return st.Page(ROOT / "pages" / name / "page.py", title=title, default=home, url_path=None if home else name)


def links() -> None:
    """Let a link of the menu that is opened in another tab, or copied, carry the book as well."""
    with st.container(key="address_links"):
        st.html(_LINKS, unsafe_allow_javascript=True)


def enter(file: str) -> None:
    """Begin a page: its words, its drafts, the book of its address, and what the last change left to be settled."""
    state.speak()
    drafts.restore()
    st.session_state.pop(state.STAMP, None)
    address.enter(Path(file).parent.name)
    links()
    drafts.publish()
    drafts.remember()
    actions.show()


def fragment(drawn: Callable[P, None]) -> Callable[P, None]:
    """Make of a function a part of the page that runs again by itself, and then begins by itself."""

    @st.fragment
    @wraps(drawn)
    def begun(*args: P.args, **kwargs: P.kwargs) -> None:
        state.speak()
        drawn(*args, **kwargs)

    return begun


@contextmanager
def sentences() -> Iterator[None]:
    """Show an error of the project as its sentence, where it arose; what follows the block still runs."""
    try:
        yield
    except ExposureError as error:
        st.error(plain(str(error)), icon=":material/error:")
