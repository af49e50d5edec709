"""A chart's picture and numbers are downloaded in the browser, with the page's finding and source, nobody asked."""

from __future__ import annotations

import csv
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import settle

pytestmark = pytest.mark.browser
DEEP_GROUND = "#040506"


def download(page: Any, chart: str, kind: str, to: Path) -> Path:
    button = page.locator(f".st-key-{chart}_export").get_by_role("button", name=f"as {kind.upper()}")
    assert "Download the chart" in button.get_attribute("aria-label")
    with page.expect_download() as arriving:
        button.click()
    assert arriving.value.suggested_filename.endswith(f".{kind}")
    file = to / f"{chart}.{kind}"
    arriving.value.save_as(file)
    return file


def test_each_chart_comes_as_png_svg_and_csv(visit: Callable[..., Any], tmp_path: Path) -> None:
    page = visit("drawdown", scheme="dark")
    page.get_by_role("button", name="Open the demo portfolio").click()
    page.wait_for_selector(".st-key-treemap_export, .st-key-chart_tree, .js-plotly-plot", timeout=60_000)
    settle(page)
    page.goto(page.url.replace("segments", "drawdown"))
    page.wait_for_function(
        "document.querySelector('.st-key-chart_history .js-plotly-plot')?._fullData?.length", timeout=60_000
    )
    settle(page)
    finding = page.locator("h3").first.inner_text()

    picture = ET.parse(download(page, "history", "svg", tmp_path)).getroot()
    said = [text for each in picture.iter("{http://www.w3.org/2000/svg}text") if (text := "".join(each.itertext()))]
    assert said[0] == finding
    assert said[-1].startswith("Source: Demo portfolio (made up), made-up prices")
    assert next(picture.iter("{http://www.w3.org/2000/svg}rect")).get("fill") == DEEP_GROUND
    assert not [value for each in picture.iter() for value in each.attrib.values() if "url(http" in value]

    png = download(page, "history", "png", tmp_path).read_bytes()
    assert png.startswith(b"\x89PNG")
    width, height = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    assert (width, height) == (2 * int(picture.attrib["width"]), 2 * int(picture.attrib["height"]))

    with download(page, "history", "csv", tmp_path).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    drawn = page.evaluate(
        "document.querySelector('.st-key-chart_history .js-plotly-plot')._fullData.map(t => [...t.y])"
    )
    assert [float(row["underwater"]) for row in rows] == drawn[0]
    assert [float(row["wealth"]) for row in rows] == drawn[1]
    thin = [float(value) for row in rows if (value := row["as it was, underwater"])]
    assert len(thin) < len(rows) and thin == drawn[2]
