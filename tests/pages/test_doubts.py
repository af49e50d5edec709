"""A doubt about prices stands on every page that rests on them, with both ways out: mend, or say that it is right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from exposure.prices import read_prices
from exposure.types import Doubt, Issue
from pages.ui import cache, doubts, prices

from .conftest import name_field, quiet, upload, words

BOOK = (
    b"As of,2024-06-11\nName,Ticker,ISIN,Quantity,Currency\n"
    b"NVIDIA Corp,NVDA,US67066G1040,10,USD\nCoca-Cola Co,KO,US1912161007,20,USD\n"
)
EARLIER = BOOK.replace(b"2024-06-11", b"2024-06-06").replace(b",20,", b",25,")
CLOSES = (
    "date,NVDA,KO\n2024-06-05,1224.4,62\n2024-06-06,1209.98,62\n2024-06-07,1208.88,61.5\n"
    "2024-06-10,121.79,62\n2024-06-11,120.91,62\n"
)
"""NVIDIA falls to a tenth; it is 49.4 % of the book of 11 June."""
SPLIT = "NVDA: the fall of 90\u202f% on 2024-06-10 looks like a 10-for-1 split that nobody adjusted for"
ON_PAGE = SPLIT.replace("2024-06-10", "10 Jun 2024")
PAGES = {
    "segments": "book_issues",
    "shock": "shock_issues",
    "drawdown": "drawdown_issues",
    "trades": "trades_issues",
    "compare": "compare_issues",
    "changes": "changes_issues",
    "beliefs": "beliefs_issues",
}


def store_prices(closes: str = CLOSES) -> None:
    cache.store().store_prices(read_prices(closes.encode(), name="closes.csv"), "closes.csv")


@pytest.fixture
def desk(app: Callable[[str], AppTest]) -> AppTest:
    """Two snapshots by quantity alone, valued by stored closes of which NVIDIA's fall to a tenth on 10 June."""
    store_prices()
    test = app("holdings")
    for name, book in (("early.csv", EARLIER), ("late.csv", BOOK)):
        test = upload(test, name, book)
        name_field(test).set_value("Desk").run()
        test.button(key="confirm").click().run()
        assert quiet(test)
    return test


def press(test: AppTest, key: str) -> AppTest:
    test.button(key=key).click().run()
    assert not test.exception
    return test


def ways(test: AppTest) -> set[str]:
    return {str(b.key) for b in test.button if "_right_" in str(b.key)}


def warned(test: AppTest) -> str:
    return "\n".join(w.value for w in test.warning).replace("\\", "")


@pytest.mark.parametrize("page", PAGES)
def test_each_page_that_uses_the_series_warns_above_its_figures_and_offers_both_ways_out(
    desk: AppTest, page: str
) -> None:
    desk.switch_page(f"pages/{page}/page.py").run()
    assert quiet(desk)
    assert f"Doubtful prices: {ON_PAGE} (49.4\u202f% of gross exposure)" in warned(desk)
    key = PAGES[page]
    assert ways(desk) == {f"{key}_right_0"}
    assert [str(b.key) for b in desk.button if str(b.key) == f"{key}_anew_0"]
    said = next(
        d.value for d in desk.dataframe if "What to do" in d.value and d.value["What"].str.contains("split").any()
    )
    row = said[said["What"].str.contains("split")].iloc[0]
    assert (row["Severity"], round(row["Share of gross"], 4)) == ("warning", 0.4937)
    assert "say that it is right" in row["What to do"]

    desk.text_input(key="doubt_author").set_value("Ann").run()
    press(desk, f"{key}_right_0")
    assert quiet(desk)
    assert "Kept as right, by Ann: 1 finding in NVDA" in words(desk)
    assert ON_PAGE not in warned(desk)
    assert ways(desk) == set()

    store_prices(CLOSES.replace("121.79", "121.89"))
    desk.run()
    assert ON_PAGE in warned(desk)
    assert ways(desk) == {f"{key}_right_0"}


def test_without_a_name_nothing_is_kept(desk: AppTest) -> None:
    desk.switch_page("pages/segments/page.py").run()
    press(desk, "book_issues_right_0")
    assert "give your name" in desk.error[0].value
    assert cache.store().accepted() == ()


def test_mending_fetches_the_series_anew_and_goes_to_the_data_page(
    desk: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[list[str], bool]] = []
    monkeypatch.setattr(prices, "start", lambda symbols, since, anew=False: asked.append((list(symbols), anew)))
    desk.switch_page("pages/segments/page.py").run()
    press(desk, "book_issues_anew_0")
    assert asked == [(["NVDA"], True)]
    assert [t.value for t in desk.title] == ["Data"]
    assert desk.selectbox(key="series").value == "NVDA"


def test_prices_that_are_mended_leave_no_doubt(desk: AppTest) -> None:
    desk.switch_page("pages/drawdown/page.py").run()
    assert ON_PAGE in warned(desk)
    mended = CLOSES.replace("1224.4", "122.44").replace("1209.98", "120.998").replace("1208.88", "120.888")
    store_prices(mended)
    desk.run()
    assert ON_PAGE not in warned(desk)
    assert ways(desk) == set()


def test_a_book_of_stated_values_is_not_warned_of_prices_that_it_does_not_use(holding: AppTest) -> None:
    store_prices(CLOSES.replace("2024-06", "2025-01"))
    for page in ("segments", "shock", "trades", "compare", "beliefs"):
        holding.switch_page(f"pages/{page}/page.py").run()
        assert quiet(holding)
        assert "Doubtful prices" not in warned(holding)
    holding.switch_page("pages/drawdown/page.py").run()
    assert "Doubtful prices: NVDA" in warned(holding)


def test_a_kept_result_says_what_was_doubtful_when_it_was_kept(desk: AppTest) -> None:
    desk.switch_page("pages/shock/page.py").run()
    press(desk, "keep_result")
    desk.switch_page("pages/results/page.py").run()
    assert quiet(desk)
    assert ON_PAGE in warned(desk)
    assert "So it stood when the result was kept." in warned(desk)


def test_the_made_up_prices_of_the_demo_are_beyond_doubt(app: Callable[[str], AppTest]) -> None:
    test = app("home")
    press(test, "demo")
    for page in ("segments", "drawdown", "changes", "prediction"):
        test.switch_page(f"pages/{page}/page.py").run()
        assert quiet(test)
        assert "Doubtful prices" not in warned(test)
        assert ways(test) == set()


def test_several_doubts_make_one_banner_with_their_count_and_weight() -> None:
    first, second = date(2024, 6, 7), date(2024, 6, 10)

    def doubtful(ticker: str, weight: float, day: date) -> Issue:
        return Issue.text("warning", "x", weight=weight, doubt=Doubt("jump", ticker, day, 0.9, first, 1.9))

    found = [doubtful("KO", 0.1, second), doubtful("NVDA", 0.4, second), doubtful("NVDA", 0.4, first)]
    of = "together 50.0\u202f% of gross exposure"
    named = "Doubtful prices, 3 doubts: NVDA 40.0\u202f%, KO 10.0\u202f%"
    assert doubts.headline(found, "Then.") == f"{named}, {of}. Then."
    assert doubts.headline(found, "Then.", books=2) == f"{named}. Then."
