"""The address says which book is shown, and what is asked for is shown or told as gone, never another in silence."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from streamlit.testing.v1 import AppTest

from exposure.reading import read_holdings
from pages.ui import cache, state

from .conftest import ROOT, SMALL, quiet, words

PAGES = sorted(file.parent.name for file in (ROOT / "pages").glob("*/page.py"))
NAMES = ("Desk", "R&D / 50% #1", "Zürich  Ωmega ", "A+B?c=d;e", "研究 基金", "<b>x</b>")


@pytest.fixture
def books() -> dict[str, int]:
    """Several portfolios, two days of the one whose name comes last; each worth another sum."""
    store, out = cache.store(), {}
    for n, name in enumerate(("Alpha", "Beta", "Zulu")):
        out[name] = store.import_snapshot(name, held(100 + n)).snapshot_id
    out["Zulu before"] = store.import_snapshot("Zulu", held(50, "2025-01-22")).snapshot_id
    return out


def held(quantity: int, day: str = "2025-01-24") -> object:
    data = SMALL.replace(b"2025-01-24", day.encode()).replace(
        b"100,140,14000", b"%d,140,%d" % (quantity, 140 * quantity)
    )
    return read_holdings(data, name=f"{quantity}.csv")


def opened(page: str, **asked: str) -> AppTest:
    """Open an address in a session of its own, as a reload, a bookmark or a shared link does."""
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for key, value in asked.items():
        test.query_params[key] = value
    test.run()
    return test if page == "home" else test.switch_page(f"pages/{page}/page.py").run()


def delete(name: str) -> None:
    store = cache.store()
    store.delete_portfolio(store.portfolio(name).portfolio_id)


def rename(database: str, name: str, to: str) -> None:
    with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as connection:
        connection.execute("UPDATE portfolios SET name = ? WHERE name = ?", (to, name))
        connection.commit()


def said(test: AppTest) -> dict[str, str]:
    """Give what the address says of the book; the last of several values counts, as in a browser."""
    keys = ("portfolio", "as_of", "snapshot")
    return {key: "".join(test.query_params[key]) for key in keys if key in test.query_params}


def by_menu(test: AppTest, page: str) -> AppTest:
    """Follow a link of the menu, which drops what stands in the address."""
    for key in list(test.query_params):
        del test.query_params[key]
    return test.switch_page(f"pages/{page}/page.py").run()


@pytest.mark.parametrize("page", PAGES)
def test_a_link_of_the_menu_keeps_the_book_on_every_page(books: dict[str, int], page: str) -> None:
    test = by_menu(opened(page, portfolio="Zulu", as_of="2025-01-22"), "segments")
    assert said(test) == {"portfolio": "Zulu", "as_of": "2025-01-22"}
    assert test.selectbox(key="snapshot").value == books["Zulu before"]
    assert said(by_menu(test, page)) == {"portfolio": "Zulu", "as_of": "2025-01-22"}


@pytest.mark.parametrize("name", NAMES)
def test_any_name_opens_its_book(books: dict[str, int], name: str) -> None:
    made = cache.store().import_snapshot(name, held(7))
    test = opened("segments", portfolio=name)
    assert test.selectbox(key="snapshot").value == made.snapshot_id
    assert said(test) == {"portfolio": made.portfolio, "as_of": "2025-01-24"}


def test_a_name_alone_opens_the_latest_and_an_id_the_very_one(books: dict[str, int]) -> None:
    assert opened("holdings", portfolio="Zulu").selectbox(key="snapshot").value == books["Zulu"]
    test = opened("holdings", snapshot=str(books["Zulu before"]))
    assert said(test) == {"portfolio": "Zulu", "as_of": "2025-01-22"}


def test_of_two_snapshots_of_a_day_the_address_tells_which(books: dict[str, int]) -> None:
    later = cache.store().import_snapshot("Zulu", held(9)).snapshot_id
    assert opened("holdings", portfolio="Zulu", as_of="2025-01-24").selectbox(key="snapshot").value == later
    first = opened("holdings", snapshot=str(books["Zulu"]))
    assert said(first) == {"portfolio": "Zulu", "as_of": "2025-01-24", "snapshot": str(books["Zulu"])}
    assert opened("holdings", **said(first)).selectbox(key="snapshot").value == books["Zulu"]


GONE = (
    {"snapshot": "4711"},
    {"snapshot": "9" * 40},
    {"snapshot": "9" * 5000},
    {"snapshot": "²"},
    {"snapshot": "x<b>"},
    {"portfolio": "Zulu", "as_of": "2025-01-23"},
    {"portfolio": "Zulu", "as_of": "soon"},
    {"as_of": "2025-01-24"},
)


def test_a_day_opens_its_snapshot_in_any_of_isos_ways_of_writing_it(books: dict[str, int]) -> None:
    test = opened("data", portfolio="Zulu", as_of="20250122")
    assert test.selectbox(key="snapshot").value == books["Zulu before"]
    assert said(test) == {"portfolio": "Zulu", "as_of": "2025-01-22"}


@pytest.mark.parametrize(
    ("page", "asked"), [*((page, {"portfolio": "Nobody"}) for page in PAGES), *(("shock", asked) for asked in GONE)]
)
def test_an_address_of_what_is_gone_says_so_and_shows_no_other(
    books: dict[str, int], page: str, asked: dict[str, str]
) -> None:
    """A link from a colleague would else show another portfolio's loss as if it were the one asked for."""
    test = opened(page, **asked)
    assert quiet(test)
    assert "Nothing is shown in its place" in "".join(w.value for w in test.warning).replace("\\", "")
    assert [w for w in test.selectbox if w.key == "snapshot"] == []
    assert said(test) == asked
    assert "Nothing is shown in its place" in words(by_menu(test, "data"))
    test.selectbox(key="snapshot_anew").set_value(books["Beta"]).run()
    assert quiet(test) and not test.warning
    assert said(test) == {"portfolio": "Beta", "as_of": "2025-01-24"}


def test_an_address_that_names_two_books_is_written_with_the_one_that_is_shown(books: dict[str, int]) -> None:
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    test.query_params["portfolio"] = ["Alpha", "Zulu"]
    test.run().switch_page("pages/data/page.py").run()
    assert quiet(test) and test.selectbox(key="snapshot").value == books["Zulu"]
    assert said(test)["portfolio"] == "Zulu"


def test_what_is_gone_is_told_with_what_was_asked_and_no_more(books: dict[str, int]) -> None:
    def told(**asked: str) -> str:
        return opened("data", **asked).warning[0].value.replace("\\", "")

    assert told(portfolio="Zulu", snapshot="4711").startswith("“Zulu” is gone")
    assert told(as_of="2025-01-24").startswith("The address names a day and no portfolio. Nothing is shown")


def test_a_book_deleted_under_an_open_session_is_told_as_gone_and_is_back_when_it_is_restored(
    books: dict[str, int],
) -> None:
    test = opened("shock", portfolio="Beta")
    beta = cache.store().portfolio("Beta").portfolio_id
    delete("Beta")
    assert "“Beta” as of 24 Jan 2025 is gone" in words(test.run())
    assert "brought back under “Deleted” on the Holdings page" in words(test)
    assert test.metric.values == []
    assert "is gone" in words(by_menu(test, "home"))
    cache.store().restore_portfolio(beta)
    again = by_menu(test, "shock")
    assert again.selectbox(key="snapshot").value == books["Beta"] and "gone" not in words(again)


def test_a_book_made_again_under_the_name_of_one_deleted_is_told_from_it(books: dict[str, int]) -> None:
    test = opened("segments", portfolio="Beta")
    delete("Beta")
    cache.store().import_snapshot("Beta", held(3))
    assert "What is stored as “Beta” now is another snapshot" in words(test.run())
    assert "is gone" in words(opened("segments", **said(test))), "a reload opened the other in silence"


def test_a_renamed_book_stays_open_and_the_page_says_its_new_name(books: dict[str, int], database: str) -> None:
    test = opened("segments", portfolio="Beta")
    rename(database, "Beta", "Gamma")
    test.run()
    assert "What was chosen as “Beta” is called “Gamma” now" in words(test)
    assert test.selectbox(key="snapshot").value == books["Beta"]
    assert said(test)["portfolio"] == "Gamma"
    assert "called “Gamma”" in words(test.run()), "still said when the page is drawn again"
    assert "called “Gamma”" not in words(by_menu(test, "data"))
    assert "renamed or deleted" in words(opened("segments", portfolio="Beta"))


def test_a_snapshot_deleted_in_this_very_session_gives_way_to_the_latest_of_its_portfolio(
    books: dict[str, int],
) -> None:
    test = opened("holdings", portfolio="Zulu")
    test.button(key="delete_snapshot").click().run()
    assert test.selectbox(key="snapshot").value == books["Zulu before"]
    test.button(key="delete_snapshot").click().run()
    assert "nothing is stored under that name" in words(test).lower() and not test.metric
    test.button(key="undo").click().run()
    assert test.selectbox(key="snapshot").value == books["Zulu before"]


def test_scenario_horizon_and_currency_go_along_to_pages_that_do_not_ask_for_them(books: dict[str, int]) -> None:
    asked = {"scenario": "tariffs-2025-04-03", "horizon": "3", "currency": "EUR"}
    test = by_menu(opened("holdings", portfolio="Beta", **asked), "data")
    again = by_menu(opened("results", **{key: "".join(test.query_params[key]) for key in test.query_params}), "shock")
    assert again.selectbox(key="scenario").value == "tariffs-2025-04-03"
    assert again.session_state[state.HORIZON] == 3
    assert again.selectbox(key="currency").value == "EUR"
    assert said(again)["portfolio"] == "Beta"


def test_what_a_hurried_browser_sends_once_more_does_not_undo_a_choice(books: dict[str, int]) -> None:
    test = opened("segments", portfolio="Beta")
    test.selectbox(key="snapshot").set_value(books["Alpha"]).run()
    test.query_params["portfolio"] = "Beta"
    assert said(test.run())["portfolio"] == "Alpha"


def test_compare_sets_no_other_in_the_place_of_the_one_asked_for(books: dict[str, int]) -> None:
    test = opened("compare", portfolio="Nobody")
    assert test.session_state[state.PORTFOLIOS] == [] and "Choose at least one portfolio" in words(test)
    assert opened("compare", portfolio="Beta").session_state[state.PORTFOLIOS][0] == books["Beta"]


def test_compare_names_what_is_gone_of_the_books_compared(books: dict[str, int]) -> None:
    test = opened("compare", portfolios=str(books["Beta"]))
    delete("Beta")
    assert "A snapshot that was compared here is gone" in words(test.run())
    gone = opened("compare", portfolios=str(books["Beta"]))
    assert "A snapshot that was compared here is gone" in words(gone) and not gone.metric
