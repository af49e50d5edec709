"""Shock in a browser: the same figures as the command line, kept over a reload, and an edit that answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exposure.format import percent

from .conftest import ROOT, settle

pytestmark = pytest.mark.browser
HOLDINGS = (
    "As of,2025-01-24\n"
    "Ticker,ISIN,Name,Quantity,Price,Market value,Currency\n"
    "NVDA,US67066G1040,NVIDIA Corp,100,140,14000,USD\n"
    "VRT,US92537N1081,Vertiv Holdings,50,145,7250,USD\n"
    "CRM,US79466L3024,<b>Salesforce</b> Inc,40,330,13200,USD\n"
    "KO,US1912161007,Coca-Cola Co,100,60,6000,USD\n"
)
"""One name is written as a tag: it must show as text."""
DRAWN = "(({x, base, y}) => ({x: [...x], base: [...base], y: [...y]}))(document.querySelector('.js-plotly-plot')"


def command(tmp_path: Path, *arguments: str) -> dict[str, Any]:
    """Run the command line on the server's store and give its answer."""
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path / 'store.sqlite'}"}
    run = [sys.executable, "-m", "exposure", *arguments, "--json"]
    done = subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def bars(page: Any) -> dict[str, list[Any]]:
    """Give the waterfall as the browser drew it."""
    page.wait_for_function("document.querySelector('.js-plotly-plot')?._fullData?.length > 0", timeout=60_000)
    drawn: dict[str, list[Any]] = page.evaluate(f"{DRAWN}._fullData[0])")
    return drawn


def metric(page: Any, label: str) -> str:
    """Read a figure by its label."""
    found = page.locator('[data-testid="stMetric"]').filter(has_text=label).first
    return str(found.locator('[data-testid="stMetricValue"]').inner_text())


@pytest.fixture
def file(tmp_path: Path, server: str) -> Path:
    """A small portfolio, as a file and stored under the name Desk."""
    path = tmp_path / "desk.csv"
    path.write_text(HOLDINGS, encoding="utf-8")
    command(tmp_path, "import", str(path), "--portfolio", "Desk")
    return path


def test_the_page_and_the_command_line_agree_and_a_reload_keeps_the_choice(
    visit: Callable[..., Any], file: Path, tmp_path: Path
) -> None:
    answer = command(tmp_path, "shock", str(file), "--scenario", "tariffs-2025-04-03", "--horizon", "3")
    page = visit("shock?scenario=tariffs-2025-04-03&horizon=3")
    assert metric(page, "Total return") == percent(answer["total_return"], signed=True)
    drawn = bars(page)
    assert drawn["y"][-1] == "Total"
    assert drawn["x"][-1] == pytest.approx(answer["total_return"], abs=1e-12)
    by_segment = sorted(each["contribution"] for each in answer["by_segment"])
    assert sorted(drawn["x"][:-1]) == pytest.approx(by_segment, abs=1e-12)
    for before, start in enumerate(drawn["base"][1:-1]):
        assert start == pytest.approx(drawn["base"][before] + drawn["x"][before], abs=1e-12)
    page.reload()
    settle(page)
    assert bars(page) == drawn
    assert "scenario=tariffs-2025-04-03" in page.url
    assert "horizon=3" in page.url


def test_every_line_can_be_taken_away_as_a_file(visit: Callable[..., Any], file: Path, tmp_path: Path) -> None:
    answer = command(tmp_path, "shock", str(file), "--scenario", "deepseek-2025-01-27")
    page = visit("shock")
    with page.expect_download() as download:
        page.locator(".st-key-positions_csv button").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    lines = [line for line in text.splitlines() if not line.startswith("# ")]
    assert f"hash {answer['scenario']['hash']}" in text and "# Overrides: 0. Doubts" in text
    head = lines[0].split(",")
    assert len(lines) == 1 + len(answer["positions"])
    at = head.index("contribution")
    shown = sorted(float(line.split(",")[at]) for line in lines[1:] if '"' not in line)
    known = sorted(p["contribution"] for p in answer["positions"])
    assert set(shown) <= set(known)
    assert "<b>Salesforce</b> Inc" in "\n".join(lines)


def test_the_scenario_that_the_page_gives_away_says_the_same_on_the_command_line(
    visit: Callable[..., Any], file: Path, tmp_path: Path
) -> None:
    """What the browser saves, the command line runs: to the last digit that is shown, and beyond."""
    page = visit("shock")
    total = metric(page, "Total return")
    page.get_by_text("Scenario files").click()
    with page.expect_download() as download:
        page.locator(".st-key-scenario_toml button").click()
    own = tmp_path / "own.toml"
    download.value.save_as(own)
    answer = command(tmp_path, "shock", str(file), "--scenario", str(own))
    assert percent(answer["total_return"], signed=True) == total
    assert answer["total_return"] == pytest.approx(bars(page)["x"][-1], abs=1e-12)


def test_an_edit_answers_without_the_rest_of_the_page(visit: Callable[..., Any], file: Path, tmp_path: Path) -> None:
    """NVIDIA, the largest loss, is the first row of the second table: typed −50, the book loses half of it."""
    answer = command(tmp_path, "shock", str(file), "--scenario", "deepseek-2025-01-27")
    own = next(p for p in answer["positions"] if p["ticker"] == "NVDA")
    page = visit("shock")
    table = page.locator('[class*="st-key-edit_names"] canvas').first
    table.scroll_into_view_if_needed()
    page.wait_for_timeout(500)  # the page scrolls, and the table is drawn where it comes to rest
    box = table.bounding_box()
    page.mouse.dblclick(box["x"] + box["width"] - 40, box["y"] + 35 + 17)
    cell = page.locator("#portal input").first
    cell.wait_for()
    cell.fill("-50")
    cell.press("Enter")
    page.get_by_text("After all edits").wait_for()
    settle(page)
    expected = answer["total_return"] - own["contribution"] - 0.5 * own["weight"]
    assert metric(page, "After all edits") == percent(expected, signed=True)
    assert metric(page, "Total return") == percent(answer["total_return"], signed=True)


def test_on_a_telephone_nothing_reaches_past_the_edge(visit: Callable[..., Any], file: Path) -> None:
    for scheme in ("light", "dark"):
        page = visit("shock", width=390, height=844, scheme=scheme)
        bars(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        names = page.evaluate(
            "[...document.querySelectorAll('.js-plotly-plot .ytick text')].map(t => t.getBoundingClientRect().right)"
        )
        figures = page.evaluate(
            "[...document.querySelectorAll('.js-plotly-plot .bartext')].map(t => t.getBoundingClientRect().left)"
        )
        assert len(figures) == len(names)
        assert max(names) < min(figures)
