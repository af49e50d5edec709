"""Results and Scorecard in a browser: what is kept is found again over a reload, and nothing runs past the edge."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from db import open_store
from db.demo import install_demo
from exposure.scenarios import load_scenario
from exposure.spread._observed_day import Day

from .conftest import settle

pytestmark = pytest.mark.browser


def metric(page: Any, label: str) -> str:
    found = page.locator('[data-testid="stMetric"]').filter(has_text=label).first
    return str(found.locator('[data-testid="stMetricValue"]').inner_text())


@pytest.fixture
def demo(server: str, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    install_demo(store)
    store.close()


def points(page: Any) -> int:
    """Count what the first chart has drawn."""
    page.wait_for_function(
        "document.querySelector('.st-key-score_names .js-plotly-plot')?._fullData?.length > 0", timeout=60_000
    )
    drawn = "document.querySelector('.st-key-score_names .js-plotly-plot')._fullData"
    return int(page.evaluate(f"{drawn}.reduce((n, trace) => n + trace.x.length, 0)"))


def fits(page: Any, width: int) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth") <= width)


def test_a_kept_result_reproduces_outlives_a_reload_and_comes_back_from_the_bin(
    visit: Callable[..., Any], demo: None
) -> None:
    page = visit("shock", width=390, height=844, scheme="dark")
    shown = metric(page, "Total return")
    page.get_by_role("button", name="Keep this result").click()
    page.get_by_text("Kept as no. 1").wait_for()
    settle(page)  # a click while the page is redrawn is lost
    page.get_by_role("link", name="Results").last.click()
    page.get_by_text("It reproduces to the cent").wait_for()
    settle(page)
    assert metric(page, "Total return") == shown
    assert fits(page, 390)
    assert re.search(r"result=\d+$", page.url)
    page.reload()
    settle(page)
    assert metric(page, "Total return") == shown
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_text("No result is kept yet").wait_for()
    page.get_by_text("Deleted, and can be had back: 1").click()
    page.get_by_role("button", name="Bring it back").click()
    page.get_by_text("It reproduces to the cent").wait_for()
    settle(page)
    assert metric(page, "Total return") == shown


def test_the_scorecard_draws_its_names_and_says_what_is_not_measurable(visit: Callable[..., Any], demo: None) -> None:
    page = visit("scorecard", width=390, height=844)
    page.get_by_text("Some of this is not measurable yet").wait_for()
    assert points(page) >= len(Day(load_scenario("deepseek-2025-01-27")).names)
    figures = page.locator('[data-testid="stMetricValue"]').all_inner_texts()
    assert figures and all(figures)
    assert fits(page, 390)
    page.locator(".st-key-score_episode input").click()
    page.get_by_role("option").filter(has_text="3 April 2025").click()
    settle(page)
    assert points(page) >= len(Day(load_scenario("tariffs-2025-04-03")).names)
    assert fits(page, 390)
