"""Drawdown in a browser: a price file is loaded and measured, the same as on the command line, and kept on reload."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exposure.format import percent

from .conftest import settle
from .test_shock import HOLDINGS, command, metric

pytestmark = pytest.mark.browser
CLOSES = "date,NVDA,VRT,CRM,KO\n" + "\n".join(
    f"{day},{100 + 7 * n % 31},{80 + 5 * n % 23},{200 - 3 * n % 17},{60 + n % 3}"
    for n, day in enumerate(f"2025-01-{d:02d}" for d in (*range(6, 11), *range(13, 18), *range(20, 25), 27, 28, 29))
)


@pytest.fixture
def file(tmp_path: Path, server: str) -> Path:
    """A small portfolio, as a file and stored under the name Desk, and its prices as a file."""
    path = tmp_path / "desk.csv"
    path.write_text(HOLDINGS, encoding="utf-8")
    (tmp_path / "closes.csv").write_text(CLOSES, encoding="utf-8")
    command(tmp_path, "import", str(path), "--portfolio", "Desk")
    return path


def test_prices_are_loaded_and_the_fall_is_that_of_the_command_line(
    visit: Callable[..., Any], file: Path, tmp_path: Path
) -> None:
    prices = tmp_path / "closes.csv"
    answer = command(tmp_path, "drawdown", str(file), "--prices", str(prices))
    page = visit("drawdown")
    page.get_by_text("No line of this book has a stored price yet").wait_for()
    page.set_input_files("input[type=file]", prices)
    page.get_by_role("button", name="Store these prices").click()
    page.wait_for_selector(".st-key-chart_history .js-plotly-plot", timeout=60_000)
    settle(page)
    assert metric(page, "Deepest fall") == percent(answer["max_drawdown"])
    page.wait_for_function("document.querySelector('.js-plotly-plot')?._fullData?.length == 2", timeout=60_000)
    drawn = page.evaluate("[...document.querySelector('.js-plotly-plot')._fullData[0].y]")
    assert min(drawn) == pytest.approx(answer["max_drawdown"])
    assert drawn[-1] == pytest.approx(answer["current_drawdown"])
    page.get_by_text("Constant quantities", exact=True).click()
    page.get_by_text("today’s numbers of shares").wait_for()
    held = command(tmp_path, "drawdown", str(file), "--prices", str(prices), "--hold", "quantities")
    assert metric(page, "Deepest fall") == percent(held["max_drawdown"])
    assert "hold=quantities" in page.url
    page.reload()
    settle(page)
    page.get_by_text("today’s numbers of shares").wait_for()
    assert metric(page, "Deepest fall") == percent(held["max_drawdown"])


def test_on_a_telephone_the_demo_fits_and_says_that_it_is_made_up(visit: Callable[..., Any]) -> None:
    page = visit("drawdown", width=390, height=844, scheme="dark")
    page.get_by_role("button", name="Open the demo portfolio").click()
    page.wait_for_selector(".js-plotly-plot", timeout=60_000)
    settle(page)
    page.goto(page.url.replace("segments", "drawdown"))
    page.get_by_text("Made-up prices").first.wait_for(timeout=60_000)
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_dragged_stretch_stays_through_a_view_a_page_and_a_reload(visit: Callable[..., Any]) -> None:
    page = visit("drawdown")
    page.get_by_role("button", name="Open the demo portfolio").click()
    page.wait_for_selector(".js-plotly-plot", timeout=60_000)
    settle(page)
    page.goto(page.url.replace("segments", "drawdown"))
    box = _chart(page).bounding_box()
    page.mouse.move(box["x"] + 0.30 * box["width"], box["y"] + 80)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.50 * box["width"], box["y"] + 110, steps=5)
    page.mouse.up()
    page.wait_for_url("**range=20*", timeout=60_000)
    settle(page)
    shown = _shown(page)
    assert shown[0][:4] in ("2020", "2021") and shown[1][:4] in ("2021", "2022", "2023")
    page.get_by_text("Calendar", exact=True).click()
    page.wait_for_selector(".st-key-chart_calendar .js-plotly-plot", timeout=60_000)
    settle(page)
    assert _shown(page) == shown
    page.get_by_role("link", name="Data").click()
    page.get_by_text("Weight without history").wait_for(timeout=60_000)
    page.get_by_role("link", name="Drawdown").click()
    _chart(page)
    assert _shown(page) == shown
    page.reload()
    _chart(page)
    assert _shown(page) == shown
    page.get_by_text("All", exact=True).click()
    page.wait_for_url("**range=all*", timeout=60_000)


def _chart(page: Any) -> Any:
    ready = "document.querySelector('.st-key-chart_history .js-plotly-plot')?._fullData?.length > 0"
    page.wait_for_function(ready, timeout=60_000)
    settle(page)
    return page.locator(".st-key-chart_history .js-plotly-plot")


def _shown(page: Any) -> list[str]:
    _chart(page)
    axis = "document.querySelector('.st-key-chart_history .js-plotly-plot')._fullLayout.xaxis"
    return [str(each)[:10] for each in page.evaluate(f"{axis}.range")]
