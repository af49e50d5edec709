"""Which security is meant: asked once on the Holdings page, kept with the portfolio, used by page and command line."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache

from .conftest import name_field, quiet, upload, words

BARE = b"As of,2025-01-24\nTicker,Quantity,Market value\nSU,10,2000\nNVDA,10,1400\n"
"""SU without a currency: Suncor in New York or Toronto, or Schneider in Paris."""


@pytest.fixture
def asked(app: Callable[[str], AppTest]) -> AppTest:
    page = upload(app("holdings"), "bare.csv", BARE)
    name_field(page).set_value("Desk").run()
    page.button(key="confirm").click().run()
    assert quiet(page)
    return page


def field(page: AppTest):
    return next((s for s in page.selectbox if str(s.key).startswith("answer_") and s.key != "answer_which"), None)


def test_what_is_left_open_is_asked_once_and_the_answer_is_kept(asked: AppTest) -> None:
    assert field(asked).label.startswith("SU")
    assert len([s for s in asked.selectbox if str(s.key).startswith("answer_")]) == 1, "NVDA is clear"
    field(asked).set_value("SU.PA").run()
    assert quiet(asked)
    assert cache.store().answers("Desk") == {"SU": "SU.PA"}
    assert cache.store().answers() == {}, "it is this portfolio's alone"
    assert field(asked) is None
    asked.button(key="answer_back").click().run()
    assert quiet(asked)
    assert field(asked) is not None


def test_the_answer_moves_the_line_on_the_page_and_on_the_command_line(asked: AppTest, capsys) -> None:
    from exposure.cli import main

    key = next(p.snapshots[-1].snapshot_id for p in cache.store().portfolios())
    before = cache.book("Desk", key, None).lines[0]
    field(asked).set_value("SU.PA").run()
    after = cache.book("Desk", key, None).lines[0]
    assert (before.listing, after.listing) == ("SU", "SU.PA")
    assert main(["segments", "--portfolio", "Desk", "--json"]) == 0
    line = json.loads(capsys.readouterr().out)["positions"][0]
    assert "Schneider" in line["reason"] or line["segments"] == after.assignment.weights
    assert line["segments"] != before.assignment.weights


def test_none_of_these_is_an_answer(asked: AppTest) -> None:
    field(asked).set_value("-").run()
    assert quiet(asked)
    assert field(asked) is None
    key = next(p.snapshots[-1].snapshot_id for p in cache.store().portfolios())
    assert cache.book("Desk", key, None).lines[0].assignment.weights == {"unassigned": 1.0}
    assert "Taken back" not in words(asked)
