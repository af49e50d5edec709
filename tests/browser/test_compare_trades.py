"""Compare and Trades in a browser: the figures of the command line, kept over a reload, and nothing past the edge."""

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

from .conftest import ROOT, choose, settle

pytestmark = pytest.mark.browser
HEAD = "As of,2025-01-24\nTicker,ISIN,Name,Quantity,Price,Market value,Currency\n"
DESK = HEAD + (
    "NVDA,US67066G1040,<b>NVIDIA</b> Corp,100,140,14000,USD\nVRT,US92537N1081,Vertiv Holdings,50,145,7250,USD\n"
)
FUND = HEAD + "NVDA,US67066G1040,NVIDIA Corp,10,140,1400,USD\nKO,US1912161007,Coca-Cola Co,100,60,6000,USD\n"


def command(tmp_path: Path, *arguments: str) -> dict[str, Any]:
    """Run the command line on the server's store and give its answer."""
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path / 'store.sqlite'}"}
    run = [sys.executable, "-m", "exposure", *arguments, "--json"]
    done = subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def metric(page: Any, label: str) -> str:
    found = page.locator('[data-testid="stMetric"]').filter(has_text=label).first
    return str(found.locator('[data-testid="stMetricValue"]').inner_text())


@pytest.fixture
def ids(tmp_path: Path, server: str) -> dict[str, int]:
    """Three stored portfolios: their snapshots' ids by name."""
    out = {}
    for name, text in {"Desk": DESK, "Fund": FUND, "Other": FUND.replace("6000", "9000")}.items():
        path = tmp_path / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        out[name] = command(tmp_path, "import", str(path), "--portfolio", name)["snapshot_id"]
    return out


def test_the_active_return_is_that_of_the_command_line_and_outlives_a_reload(
    visit: Callable[..., Any], ids: dict[str, int], tmp_path: Path
) -> None:
    """A page's address is opened first on a fresh server: what stands in it several times arrives whole."""
    answer = command(tmp_path, "shock", "--portfolio", "Desk", "--benchmark", "Fund")["active"]
    asked = f"portfolios={ids['Desk']}&portfolios={ids['Other']}&benchmark={ids['Fund']}"
    asked += "&scenarios=tariffs-2025-04-03&scenarios=deepseek-2025-01-27"
    page = visit(f"compare?{asked}", width=390, height=844)
    assert page.locator('[data-testid="stMultiSelect"]').first.inner_text().count("24 Jan 2025") == 2
    assert asked.split("&benchmark")[0] in page.url
    choose(page, "of_scenario", "DeepSeek, 27 January 2025")
    page.wait_for_url("**of_scenario=deepseek-2025-01-27*")
    settle(page)
    said = percent(answer["active_return"], signed=True)
    assert metric(page, "Active return") == said
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.reload()
    settle(page)
    assert metric(page, "Active return") == said
    assert f"benchmark={ids['Fund']}" in page.url


def test_a_trade_answers_and_outlives_a_reload(visit: Callable[..., Any], ids: dict[str, int]) -> None:
    page = visit(f"trades?snapshot={ids['Desk']}", width=390, height=844, scheme="dark")
    before = metric(page, "Total return before")
    assert metric(page, "After the trades") == before
    page.get_by_role("button", name="Try it").click()
    page.get_by_text("What each trade adds").wait_for()
    settle(page)
    after = metric(page, "After the trades")
    assert after != before
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.reload()
    settle(page)
    assert metric(page, "After the trades") == after
