"""Drawdown: the page's figures are the engine's, prices are loaded and checked, and nobody answering harms nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from exposure import to_book
from exposure.flow import drawdown
from exposure.format import day, percent
from exposure.history import DrawdownResult
from exposure.messages import spoken
from exposure.prices import read_prices
from exposure.view import drawdown as drawdown_rows
from pages.drawdown import charts
from pages.ui import cache

from .conftest import quiet, words

CLOSES = "date,NVDA,KO\n" + "\n".join(
    f"2025-01-{d:02d},{nvda},{ko}"
    for d, nvda, ko in ((20, 100, 50), (21, 110, 50), (22, 110, 51), (23, 88, 51), (24, 99, 50), (27, 80, 50))
)
"""Six sessions of the two lines of the small file."""


@pytest.fixture
def demo(demo_file: Path, database: str, app: Callable[[str], AppTest]) -> AppTest:
    """The page on the made-up book."""
    shutil.copyfile(demo_file, database.removeprefix("sqlite:///"))
    test = app("drawdown")
    assert quiet(test)
    return test


@pytest.fixture
def small(holding: AppTest) -> AppTest:
    """The page on the small book, 70 % NVIDIA and 30 % Coca-Cola, without any price."""
    test = holding.switch_page("pages/drawdown/page.py").run()
    assert quiet(test)
    return test


def engine(**options: object) -> DrawdownResult:
    from db.demo import demo_market, demo_snapshot

    return drawdown(to_book(demo_snapshot()), demo_market(), **options)  # type: ignore[arg-type]


def figure(test: AppTest, label: str) -> str:
    return next(m.value for m in test.metric if m.label == label)


def look(test: AppTest, view: str) -> AppTest:
    test.segmented_control(key="view").set_value(view).run()
    assert quiet(test)
    return test


def drawn(test: AppTest, place: int) -> dict[str, Any]:
    spec: dict[str, Any] = json.loads(test.get("plotly_chart")[place].proto.spec)
    return spec


def load(test: AppTest, text: str, name: str = "closes.csv") -> AppTest:
    return test.file_uploader(key="price_file").set_value((name, text.encode(), "text/csv")).run()


def test_the_figures_are_the_engines_and_the_prices_said_to_be_made_up(demo: AppTest) -> None:
    result = engine()
    assert figure(demo, "Deepest fall") == percent(result.max_drawdown)
    assert figure(demo, "Now") == percent(result.current_drawdown)
    assert figure(demo, "Peak") == day(result.peak)
    assert figure(demo, "Trough") == day(result.trough)
    assert "Made-up prices" in words(demo)
    assert "nobody held them then" in words(demo)


def test_the_chart_holds_the_path_and_marks_the_day(demo: AppTest) -> None:
    result = engine()
    spec = json.loads(demo.get("plotly_chart")[0].proto.spec)
    below, value = spec["data"][:2]
    assert below["y"] == pytest.approx(result.underwater.tolist())
    assert value["y"] == pytest.approx(result.wealth.tolist())
    assert below["x"] == value["x"]
    assert "27 Jan 2025" in [a["text"] for a in spec["layout"]["annotations"]]
    assert sum(s["type"] == "rect" for s in spec["layout"]["shapes"]) >= charts.SHADED


def test_the_parts_of_the_fall_add_up_to_it_by_segment_and_by_holding(demo: AppTest) -> None:
    look(demo, "carried")
    for place in (1, 2):
        bars = drawn(demo, place)["data"][0]["x"]
        assert sum(bars[:-1]) == pytest.approx(bars[-1])
        assert bars[-1] == pytest.approx(engine().max_drawdown)
    listed = next(d.value for d in demo.dataframe if "Name" in d.value)
    assert listed["Part of the deepest fall"].sum() == pytest.approx(engine().max_drawdown)


def test_the_ten_deepest_episodes_are_listed_and_an_open_one_has_no_end(demo: AppTest) -> None:
    listed = next(d.value for d in demo.dataframe if "Depth" in d.value)
    assert list(listed["Depth"]) == pytest.approx([e.depth for e in engine().episodes])
    open_ones = listed[listed["State"] == "open"]
    assert open_ones["Recovered"].isna().all()
    assert len(open_ones) == sum(e.recovered is None for e in engine().episodes)


def test_quantities_and_a_shorter_period_are_the_engines(demo: AppTest) -> None:
    demo.segmented_control(key="hold").set_value("quantities").run()
    assert figure(demo, "Deepest fall") == percent(engine(hold="quantities").max_drawdown)
    demo.date_input(key="from").set_value(date(2024, 1, 2)).run()
    assert quiet(demo)
    after = engine(hold="quantities", start=date(2024, 1, 2))
    assert figure(demo, "Deepest fall") == percent(after.max_drawdown)
    assert "today’s numbers of shares" in words(demo)


def test_the_demos_prices_are_fixed(demo: AppTest) -> None:
    assert not demo.file_uploader
    assert not [b for b in demo.button if b.key == "fetch"]


def test_without_prices_the_page_says_what_to_do(small: AppTest) -> None:
    assert "No line of this book has a stored price yet" in words(small)
    assert not small.metric
    assert [b.key for b in small.button if b.key == "fetch"] == ["fetch"]


def test_a_price_file_is_checked_stored_and_measured(small: AppTest) -> None:
    """NVIDIA 110 → 88 is −20 % of 70 %, Coca-Cola flat: −14 % on 23 January, the first fall of that size."""
    load(small, CLOSES)
    assert "2 tickers, 12 rows" in words(small)
    assert not small.metric  # read, not yet stored
    small.button(key="price_store").click().run()
    assert quiet(small)
    held = cache.store().snapshot("Desk")
    result = drawdown(to_book(held), read_prices(CLOSES.encode(), name="closes.csv"))
    fall = dict(zip(result.dates.tolist(), result.underwater.tolist(), strict=True))
    assert fall[date(2025, 1, 23)] == pytest.approx(0.7 * -0.2)
    assert figure(small, "Deepest fall") == percent(result.max_drawdown)


def test_corrected_prices_of_the_same_days_are_measured_at_once(small: AppTest) -> None:
    load(small, CLOSES).button(key="price_store").click().run()
    before = figure(small, "Deepest fall")
    load(small, CLOSES.replace("2025-01-23,88", "2025-01-23,44"), "again.csv").button(key="price_store").click().run()
    assert figure(small, "Deepest fall") != before


def test_a_file_that_holds_no_prices_is_refused_in_one_sentence(small: AppTest) -> None:
    load(small, "hello\nworld\n", "no.csv")
    assert not small.exception
    assert any("no.csv" in e.value.replace("\\", "") for e in small.error)
    assert cache.store().price_status("Desk").rows == 0


def test_a_period_without_a_session_is_told(small: AppTest) -> None:
    load(small, CLOSES).button(key="price_store").click().run()
    small.date_input(key="from").set_value(date(2025, 1, 25)).run()
    assert not small.exception
    assert "Choose other days" in words(small)


def test_half_a_book_without_prices_is_in_the_headline(small: AppTest) -> None:
    only = "\n".join(row.rpartition(",")[0].rpartition(",")[0] + "," + row.rpartition(",")[2]
                     for row in CLOSES.splitlines())  # fmt: skip
    load(small, only).button(key="price_store").click().run()
    assert quiet(small)
    assert "Only 30 % of the book has prices" in words(small).replace("\u202f", " ")
    assert figure(small, "No history") == percent(0.7, 1)
    look(small, "gaps")
    lacking = next(d.value for d in small.dataframe if "Price symbol" in d.value)
    assert list(lacking["Ticker"]) == ["NVDA"]


@pytest.mark.parametrize(
    ("reason", "said"), [("OFFLINE", "Yahoo could not be reached"), ("RATE_LIMITED", "Yahoo refuses more requests")]
)
def test_nobody_answering_is_told_and_changes_nothing(
    small: AppTest, monkeypatch: pytest.MonkeyPatch, reason: str, said: str
) -> None:
    from db import sources, update
    from tests.db.source import Failing

    load(small, CLOSES).button(key="price_store").click().run()
    before = figure(small, "Deepest fall"), cache.store().price_status("Desk")
    monkeypatch.setattr(update, "SOURCE", Failing(getattr(sources, reason)))
    monkeypatch.setattr(sources, "BACKOFF", 0.01)
    small.button(key="fetch").click().run()
    assert not small.exception
    assert said in words(small)
    assert (figure(small, "Deepest fall"), cache.store().price_status("Desk")) == before


# ---- the sentences by themselves ------------------------------------------------------------------------------------


def test_remedies_are_in_the_words_of_the_page() -> None:
    with spoken(edge="page"):
        assert all("--" not in issue.remedy for issue in engine().issues)


def test_the_parts_and_the_sentences_hold_for_the_engines_answer() -> None:
    result = engine()
    assert drawdown_rows.thin(result) is None
    assert percent(abs(result.max_drawdown), 1) in drawdown_rows.finding(result)
    assert sum(r["contribution"] for r in drawdown_rows.segments(result)) == pytest.approx(result.max_drawdown)
