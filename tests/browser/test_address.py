"""Two people and several books: what the address of each says is what they see, and what is gone is told as gone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from db import open_store

from .conftest import settle
from .test_compare_trades import FUND, command

pytestmark = pytest.mark.browser
MENU = (
    "Holdings", "Segments", "Changes", "Shock", "Beliefs", "Scenarios", "Compare", "Trades", "Prediction", "Drawdown",
    "Results", "Scorecard", "Data", "Home",
)  # fmt: skip
NO_PICKER = ("Compare", "Results", "Scorecard", "Home")
NAME = "Zürich R&D / 50% #1+?"
"""The last of the list: whatever loses the address shows another."""


@pytest.fixture
def store(tmp_path: Path, server: str) -> Any:
    for name in ("Alpha", NAME, "Beta"):
        file = tmp_path / "book.csv"
        file.write_text(FUND.replace("6000", {"Alpha": "6000", "Beta": "7000"}.get(name, "9000")), encoding="utf-8")
        command(tmp_path, "import", str(file), "--portfolio", name)
    opened = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    yield opened
    opened.close()


def delete(store: Any, name: str) -> None:
    store.delete_portfolio(name)


def rename(store: Any, name: str, to: str) -> None:
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE portfolios SET name = ? WHERE name = ?", (to, name))


def says(page: Any) -> list[str]:
    """Give what the address says of the book."""
    asked = parse_qs(urlsplit(page.url).query)
    return [*asked.get("portfolio", []), *asked.get("as_of", [])]


def shown(page: Any, book: str) -> None:
    """Wait until the picker stands at a book."""
    page.wait_for_function("book => document.querySelector('.st-key-snapshot input')?.value === book", arg=book)


def by_menu(page: Any, name: str) -> None:
    page.get_by_test_id("stTopNavLink").filter(has_text=re.compile(f"^{name}$")).click()
    path = "/" if name == "Home" else f"/{name.lower()}"
    page.wait_for_function("path => location.pathname === path && location.search.includes('portfolio=')", arg=path)
    settle(page)


def again(page: Any) -> None:
    """Make the page's script run once more, as any choice on it does."""
    page.keyboard.press("r")
    page.wait_for_timeout(300)
    settle(page)


def test_reload_bookmark_and_shared_link_keep_the_book_over_every_page_of_the_menu(
    visit: Callable[..., Any], store: Any
) -> None:
    whole = [NAME, "2025-01-24"]
    page = visit(f"segments?portfolio={quote(NAME, safe='')}")
    assert says(page) == whole
    for name in MENU:
        by_menu(page, name)
        assert says(page) == whole, name
        if name not in NO_PICKER:
            shown(page, f"{NAME}, 24 Jan 2025")
        page.reload()
        settle(page)
        assert says(page) == whole, f"{name}, reloaded"
        by_menu(page, "Data")
        shown(page, f"{NAME}, 24 Jan 2025")
        page.go_back()
        page.wait_for_timeout(200)
        settle(page)
    address = page.url
    other = visit(address.split("/", 3)[3])
    assert says(other) == whole
    by_menu(other, "Shock")
    shown(other, f"{NAME}, 24 Jan 2025")


def test_two_tabs_stay_apart_and_a_link_opened_in_another_tab_keeps_the_book(
    visit: Callable[..., Any], store: Any, server: str
) -> None:
    one = visit("segments?portfolio=Beta")
    two = one.context.new_page()
    two.goto(f"{server}/segments?portfolio=Alpha")
    settle(two)
    for page, name in ((one, "Beta"), (two, "Alpha"), (one, "Beta")):
        by_menu(page, "Shock")
        shown(page, f"{name}, 24 Jan 2025")
        by_menu(page, "Segments")
        assert says(page) == [name, "2025-01-24"]
    with one.context.expect_page() as opening:
        one.get_by_test_id("stTopNavLink").filter(has_text="Trades").click(button="middle")
    shown(opening.value, "Beta, 24 Jan 2025")


def test_going_back_opens_the_book_of_then(visit: Callable[..., Any], store: Any) -> None:
    page = visit("data?portfolio=Beta")
    page.locator(".st-key-snapshot input").click()
    page.get_by_role("option", name="Alpha").click()
    page.wait_for_function("location.search.includes('portfolio=Alpha')")
    settle(page)
    page.go_back()
    page.wait_for_function("location.search.includes('portfolio=Beta')")
    settle(page)
    shown(page, "Beta, 24 Jan 2025")


def test_a_book_deleted_by_another_is_told_as_gone_and_not_replaced(visit: Callable[..., Any], store: Any) -> None:
    mine, theirs = visit("shock?portfolio=Beta"), visit("holdings?portfolio=Beta")
    assert mine.context != theirs.context
    theirs.locator(".st-key-delete_portfolio button").click()
    theirs.get_by_text("Deleted the portfolio “Beta”").wait_for()
    again(mine)
    mine.get_by_text("“Beta” as of 24 Jan 2025 is gone").wait_for()
    assert mine.locator('[data-testid="stMetric"]').count() == 0
    for name in MENU:
        by_menu(mine, name)
        mine.get_by_text("is gone").first.wait_for()
        assert says(mine) == ["Beta", "2025-01-24"]
        assert not mine.locator(".st-key-snapshot").count()
    mine.reload()
    mine.get_by_text("is gone").first.wait_for()
    theirs.locator(".st-key-undo button").click()
    theirs.get_by_text("Brought back Beta").wait_for()
    by_menu(mine, "Shock")
    shown(mine, "Beta, 24 Jan 2025")


def test_a_book_renamed_by_another_stays_open_under_its_new_name(visit: Callable[..., Any], store: Any) -> None:
    mine, theirs = visit("segments?portfolio=Beta"), visit("segments?portfolio=Alpha")
    rename(store, "Beta", "Gamma")
    again(mine)
    mine.get_by_text("What was chosen as “Beta” is called “Gamma” now").wait_for()
    shown(mine, "Gamma, 24 Jan 2025")
    assert says(mine) == ["Gamma", "2025-01-24"]
    again(theirs)
    shown(theirs, "Alpha, 24 Jan 2025")
    assert not theirs.get_by_text("Gamma").count()
    by_menu(mine, "Data")
    shown(mine, "Gamma, 24 Jan 2025")
