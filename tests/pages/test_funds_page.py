"""Funds looked through: a file becomes the inside, a switch brings the fund back, the command line agrees."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache

from .conftest import name_field, quiet, upload, words

FUND = (
    b"As of,2025-01-24\nTicker,Name,Asset class,Quantity,Price,Market value,Currency\n"
    b"SPY,SPDR S&P 500 ETF Trust,ETF,100,600,60000,USD\nKO,Coca-Cola Co,Equity,666,60,40000,USD\n"
)
"""60 % in a fund."""
INSIDE = (
    b"As of,2025-01-23\nTicker,Name,Weight (%),Currency\n"
    b"NVDA,NVIDIA Corp,50,USD\nMSFT,Microsoft Corp,30,USD\nKO,Coca-Cola Co,10,USD\n"
)
"""Half NVIDIA; 10 % are left open."""


@pytest.fixture
def segments(app: Callable[[str], AppTest]) -> AppTest:
    page = upload(app("holdings"), "fund.csv", FUND)
    name_field(page).set_value("Desk").run()
    page.button(key="confirm").click().run()
    page.switch_page("pages/segments/page.py").run()
    assert quiet(page)
    return page


def load(page: AppTest, data: bytes, name: str = "inside.csv") -> AppTest:
    page.file_uploader[0].set_value((name, data, "text/csv")).run()
    page.button(key="inside_use").click().run()
    assert [e.value for e in page.exception] == []
    return page


def by_segment(page: AppTest) -> dict[str, float]:
    frame = next(d.value for d in page.dataframe if "By stake" in d.value)
    return dict(zip(frame["Segment"], frame["Weight"], strict=True))


def figure(page: AppTest) -> str:
    return next(m.value for m in page.metric if m.label == "Looked through")


def test_a_fund_without_its_holdings_is_one_line_and_said_to_be(segments: AppTest) -> None:
    assert "Funds: 60.0" in words(segments) and "0.0\u202f% looked through" in words(segments)
    assert figure(segments) == "0.0\u202f%"
    table = next(d.value for d in segments.dataframe if "Kept as" in d.value)
    assert table["Kept as"].tolist() == ["SPY"]
    assert [t.label for t in segments.toggle] == [], "no switch where nothing can be looked through"


def test_an_uploaded_file_becomes_the_inside_and_the_switch_takes_it_back(segments: AppTest) -> None:
    """0.6 · 50 % of NVIDIA, and 0.6 · 10 % that the file leaves open."""
    before = by_segment(segments)
    page = load(segments, INSIDE)
    assert quiet(page)
    assert figure(page) == "60.0\u202f%"
    assert "the files leave 6.0\u202f% open" in words(page)
    assert by_segment(page)["Unassigned"] == pytest.approx(0.06)
    assert by_segment(page)["Chips"] > before["Chips"] + 0.2
    page.toggle(key="funds").set_value(False).run()
    assert quiet(page)
    assert by_segment(page) == before
    assert page.query_params["funds"] == ["False"] or page.query_params["funds"] == "False"
    page.switch_page("pages/shock/page.py").run()
    assert quiet(page)
    assert page.toggle(key="funds").value is False
    assert "0.0\u202f% looked through" in words(page)
    page.toggle(key="funds").set_value(True).run()
    assert quiet(page)
    assert "60.0\u202f% looked through" in words(page)
    lines = next(d.value for d in page.dataframe if "Local move" in d.value)
    assert "SPY" in lines["Inside fund"].tolist()


def test_the_address_keeps_the_switch(segments: AppTest, app: Callable[[str], AppTest]) -> None:
    load(segments, INSIDE)
    page = app("home")
    page.query_params["funds"] = "False"
    page.switch_page("pages/segments/page.py").run()
    assert page.toggle(key="funds").value is False


def test_the_inside_serves_every_portfolio_and_a_removal_is_undone(segments: AppTest) -> None:
    page = load(segments, INSIDE)
    cache.store().import_snapshot("Other", cache.store().snapshot("Desk"))
    other = next(p.snapshots[-1].snapshot_id for p in cache.store().portfolios() if p.name == "Other")
    assert cache.book("Other", other, None).funds != ()
    page.button(key="inside_remove").click().run()
    assert quiet(page)
    assert figure(page) == "0.0\u202f%"
    page.button(key="undo").click().run()
    assert quiet(page)
    assert figure(page) == "60.0\u202f%"


def test_a_circle_is_refused_with_its_names(segments: AppTest) -> None:
    itself = INSIDE.replace(b"KO,Coca-Cola Co,10", b"SPY,SPDR S&P 500 ETF Trust,10")
    page = load(segments, itself)
    assert "funds hold each other in a circle: SPY → SPY" in words(page)
    assert cache.store().insides() == {}


def test_the_command_line_looks_through_the_same_way(segments: AppTest, capsys: pytest.CaptureFixture[str]) -> None:
    """The total is that of the fund's own price either way, the difference a residual; the lines are not the same."""
    from exposure.cli import main

    load(segments, INSIDE)

    def answer(*more: str) -> dict[str, Any]:
        assert main(["shock", "--portfolio", "Desk", "--scenario", "deepseek-2025-01-27", "--json", *more]) == 0
        return json.loads(capsys.readouterr().out)

    def lines(said: dict[str, Any]) -> list[tuple[str | None, str | None]]:
        return [(p["ticker"], p["inside"]) for p in said["positions"]]

    through, fund = answer(), answer("--no-look-through")
    assert through["total_return"] == pytest.approx(fund["total_return"], abs=1e-12)
    assert {("NVDA", "SPY"), ("MSFT", "SPY"), ("KO", "SPY"), ("KO", None)} <= set(lines(through))
    assert lines(fund) == [("SPY", None), ("KO", None)]
    residual = next(p for p in through["positions"] if p["via"] == "fund_residual")
    assert residual["contribution"] != 0
