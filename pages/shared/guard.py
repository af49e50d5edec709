"""The door of every page: the list of pages, and no page beside it; errors become sentences.

Streamlit serves a folder named `pages/` by itself until `st.navigation` was called once, so the first visitor of a
fresh server who opens a page's address gets that page without `app.py`. So each page begins with
`guard.enter(__file__)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import Page

from exposure.errors import ExposureError
from pages.shared import address, conflicts, drafts, state
from pages.shared.texts import plain

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
"""File in `pages/` and name in the menu; the first opens without a path. No icons: the browser would ask another host
for that of the open page, to show it in the tab."""


def navigation() -> Page:
    """Build the menu and mark that this session came through the door."""
    st.session_state[state.ENTERED] = True
    # In the bar on top: `client.showSidebarNavigation = false` hides a menu in the sidebar, this one too.
    return st.navigation([_page(*each) for each in PAGES], position="top")


def page(name: str) -> Page:
    """Give the page of a file in `pages/`, for links and switches."""
    return next(_page(*each) for each in PAGES if each[0] == name)


def _page(name: str, title: str) -> Page:
    home = name == PAGES[0][0]
    return st.Page(ROOT / "pages" / f"{name}.py", title=title, default=home)


def enter(file: str) -> None:
    """Send a visitor who reached a page's file past `app.py` through the door; else do nothing."""
    if not st.session_state.get(state.ENTERED):
        navigation()
        st.switch_page(page(Path(file).stem), query_params=_asked())
    drafts.restore()
    st.session_state.pop(state.STAMP, None)
    address.enter(Path(file).stem)
    address.links()
    drafts.publish()
    drafts.remember()
    conflicts.show()


def _asked() -> dict[str, list[str]]:
    """Give what the address asks for, a key that stands in it several times with every value."""
    return {key: st.query_params.get_all(key) for key in st.query_params}


@contextmanager
def sentences() -> Iterator[None]:
    """Show an error of the project as its sentence, where it arose; what follows the block still runs."""
    try:
        yield
    except ExposureError as error:
        st.error(plain(str(error)), icon=":material/error:")
