"""A chart's picture and numbers are downloaded in the browser, with the page's finding and source, nobody asked."""

from __future__ import annotations

import csv
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import exposure

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
    below = " ".join(said[said.index(next(each for each in said if each.startswith("Source: "))) :])
    assert below.startswith("Source: Demo portfolio (made up), made-up prices")
    for carried in (
        "Book: Demo portfolio (made up); as of ",
        "History: ",
        "Coverage, share of gross",
        "Overrides: 0. ",
    ):
        assert carried in below
    assert "".join(picture.find("{http://www.w3.org/2000/svg}desc").itertext()).replace("\n", " ") == below
    assert next(picture.iter("{http://www.w3.org/2000/svg}rect")).get("fill") == DEEP_GROUND
    assert not [value for each in picture.iter() for value in each.attrib.values() if "url(http" in value]

    png = download(page, "history", "png", tmp_path).read_bytes()
    assert png.startswith(b"\x89PNG")
    width, height = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    assert (width, height) == (2 * int(picture.attrib["width"]), 2 * int(picture.attrib["height"]))

    described = f"iTXtDescription\0\0\0\0\0{below[:40]}".encode()
    assert png.index(b"iTXtTitle") < png.index(described) < png.index(b"IDAT")

    text = download(page, "history", "csv", tmp_path).read_text(encoding="utf-8-sig")
    *table, source, book, history, covered, care = text.splitlines()
    assert all(line.startswith("# ") for line in (source, book, history, covered, care))
    assert source.startswith("# Source: ") and covered.startswith("# Coverage") and care.startswith("# Overrides: 0.")
    rows = list(csv.DictReader(table))
    drawn = page.evaluate(
        "document.querySelector('.st-key-chart_history .js-plotly-plot')._fullData.map(t => [...t.y])"
    )
    assert [float(row["underwater"]) for row in rows] == drawn[0]
    assert [float(row["wealth"]) for row in rows] == drawn[1]
    thin = [float(value) for row in rows if (value := row["as it was, underwater"])]
    assert len(thin) < len(rows) and thin == drawn[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_stands_below_a_picture_is_whole_on_a_telephone_too(
    visit: Callable[..., Any], tmp_path: Path, scheme: str
) -> None:
    """Every line of it lies within the picture, the hash too, which is longer than a line."""
    page = visit("", width=390, height=844, scheme=scheme)
    page.get_by_role("button", name="Open the demo portfolio").click()
    page.wait_for_selector(".st-key-chart_treemap .js-plotly-plot", timeout=60_000)
    settle(page)
    page.goto(page.url.replace("segments", "shock"))
    page.wait_for_function(
        "document.querySelector('.st-key-chart_waterfall .js-plotly-plot')?._fullData?.length", timeout=60_000
    )
    settle(page)
    file = download(page, "waterfall", "svg", tmp_path)
    other = page.context.new_page()
    other.goto(file.as_uri())
    ends, width, height = other.evaluate(
        "(() => { const all = [...document.querySelectorAll('svg > text')].map(t => t.getBBox());"
        " const { width, height } = document.documentElement;"
        " return [all.map(b => [b.x + b.width, b.y + b.height]), width.baseVal.value, height.baseVal.value]; })()"
    )
    assert len(ends) > 8
    assert max(right for right, _ in ends) <= width and max(low for _, low in ends) <= height
    said = "".join(other.evaluate("[...document.querySelectorAll('svg > text')].map(t => t.textContent)"))
    assert exposure.load_scenario("deepseek-2025-01-27").hash in said
    assert download(page, "waterfall", "png", tmp_path).read_bytes().startswith(b"\x89PNG")
