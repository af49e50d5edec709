"""What all pages draw and write in the same way: colours, tables as CSV, names made harmless."""

from __future__ import annotations

import json
import tomllib
from datetime import date
from pathlib import Path

import plotly.graph_objects as go
import pytest

from exposure.view import looks, sentences
from exposure.view.looks import Column
from pages.ui import charts, show

ROOT = Path(__file__).resolve().parents[2]
CHAIN = ("foundation_models", "chips", "equipment", "software", "outside")


@pytest.mark.parametrize(("theme", "colours"), [("light", looks.LIGHT), ("dark", looks.DARK)])
def test_charts_and_theme_have_the_same_colour_for_a_segment(theme: str, colours: dict[str, str]) -> None:
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["theme"][theme]["chartCategoricalColors"] == [colours[s] for s in CHAIN]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("segment", looks.LIGHT)
@pytest.mark.parametrize("share", [1.0, 0.8, 0.6])
def test_text_on_every_tint_can_be_read(segment: str, share: float, dark: bool) -> None:
    """WCAG AA: 4.5 to 1 for text."""
    ground = looks.tint(segment, share, dark)
    low, high = sorted((looks.luminance(ground), looks.luminance(looks.ink_on(ground))))
    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_a_sub_segment_has_the_colour_of_its_segment() -> None:
    assert looks.colour("chips.memory") == looks.colour("chips") != looks.colour("software")


def test_a_tint_goes_from_the_ground_to_the_colour() -> None:
    assert looks.tint("chips", 1.0) == "#0072B2"
    assert looks.tint("chips", 0.0) == "#FFFFFF"
    assert looks.tint("chips", 0.0, dark=True) == "#040506"


def test_bars_start_at_zero_and_names_stay_text() -> None:
    figure = charts.bars(["<b>a</b>", "b"], [0.2, -0.1], ["+20", "−10"], colours=["#000000"] * 2, hover=["a", "b"])
    low, high = figure.layout.xaxis.range
    assert low < -0.1 < 0 < 0.2 < high
    assert figure.data[0].y[0] == "&lt;b&gt;a&lt;/b&gt;"


@pytest.mark.parametrize("dark", [False, True])
def test_a_dressed_figure_is_what_plotly_makes_of_it(dark: bool) -> None:
    drawn = charts.waterfall(["a", "b"], [-0.1, 0.02], ["−10", "+2"], hover=["a", "b"], total="Total")
    checked = go.Figure(drawn)
    checked.update_layout(template=charts.template(dark))
    assert json.loads(charts.dressed(drawn, dark).to_json()) == json.loads(checked.to_json())


def test_the_template_fits_any_figure() -> None:
    for dark in (False, True):
        figure = go.Figure(layout={"template": charts.template(dark)})
        assert figure.layout.template.layout.font.color == looks.INK[dark]


def test_a_table_as_csv_keeps_every_digit_and_runs_no_formula() -> None:
    columns = (Column("name", "Name"), Column("weight", "Weight", "share"), Column("day", "Day", "date"))
    rows = [
        {"name": '=HYPERLINK("x")', "weight": 1 / 3, "day": date(2025, 1, 24)},
        {"name": 'A "B", C\nD', "weight": -0.5, "day": None},
    ]
    text = show.csv_of(rows, columns).decode("utf-8-sig")
    assert text == (
        'name,weight,day\r\n"\'=HYPERLINK(""x"")",0.3333333333333333,2025-01-24\r\n"A ""B"", C\nD",-0.5,\r\n'
    )


@pytest.mark.parametrize(("stem", "name"), [("Desk / 2025", "desk-2025.csv"), ("<>", "table.csv"), ("../x", "x.csv")])
def test_a_download_has_a_harmless_name(stem: str, name: str) -> None:
    assert show.file_name(stem) == name


def test_markdown_of_a_stranger_is_text() -> None:
    assert sentences.plain("**a** <i>\n[b](c) $d$ :red[e]") == (r"\*\*a\*\* &lt;i&gt; \[b\]\(c\) \$d\$ \:red\[e\]")


def test_coverage_names_every_share_that_is_not_zero() -> None:
    said = sentences.coverage({"table": 0.25, "rule": 0.0, "none": 0.75}, "gross exposure")
    assert said == ("Coverage, share of gross exposure: nothing (unassigned) 75.0\u202f%, the table 25.0\u202f%.")
