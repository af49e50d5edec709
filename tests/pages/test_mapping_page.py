"""Columns said by hand on the Holdings page: a refused file is mended, remembered by its headings, and undone."""

from __future__ import annotations

import json
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from pages.holdings.mapping import MEANS
from pages.ui import cache

from .conftest import SMALL, name_field, quiet, upload, words

ODD = b"Sym,What,How many,Worth,Ccy\nNVDA,NVIDIA Corp,100,14000,USD\nKO,Coca-Cola Co,100,6000,USD\n"
"""Headings that no vocabulary knows; 20,000 US dollars."""
MEANINGS = {"0": "ticker", "1": "name", "2": "quantity", "3": "market_value", "4": "value_currency"}


def editor(page: AppTest) -> str:
    """Find the key under which the open editor keeps what was typed."""
    return next(k for k in page.session_state if k.startswith("columns_"))


def say(page: AppTest, meanings: dict[str, str | None]) -> AppTest:
    rows = {int(row): {MEANS: field} for row, field in meanings.items()}
    page.session_state[editor(page)] = {"edited_rows": rows, "added_rows": [], "deleted_rows": []}
    return page.run()


def columns_tab(page: AppTest) -> AppTest:
    page.session_state["check_show"] = "Columns"
    return page.run()


def confirm(page: AppTest, name: str, day: str) -> AppTest:
    from datetime import date

    name_field(page).set_value(name).run()
    page.date_input(key="as_of").set_value(date.fromisoformat(day)).run()
    page.button(key="confirm").click().run()
    assert quiet(page)
    return page


def preview(page: AppTest) -> list[list[object]]:
    frame = next(d.value for d in page.dataframe if "Ticker" in d.value and "Value" in d.value)
    return frame[["Ticker", "Value"]].values.tolist()


def test_a_refused_file_is_mended_previewed_and_its_shape_remembered(app: Callable[[str], AppTest]) -> None:
    page = upload(app("holdings"), "odd.csv", ODD)
    assert [e.value for e in page.exception] == []
    assert len(page.error) == 1
    page = say(page, MEANINGS)
    assert preview(page) == [["NVDA", 14_000], ["KO", 6_000]], "the preview follows before anything is used"
    assert cache.store().portfolios() == ()
    page.button(key="use_columns").click().run()
    assert quiet(page)
    assert "To check: odd.csv" in words(page)
    confirm(page, "Desk", "2025-01-24")
    (stored,) = cache.store().portfolios()
    assert [s.nav for s in stored.snapshots] == [20_000.0]
    page = upload(page, "next month.csv", ODD.replace(b"14000", b"13000"))
    assert quiet(page), "the same headings need no click"
    assert "To check: next month.csv" in words(page)
    assert next(m.value for m in page.metric if m.label == "Total") == "19.0 k USD"


def test_two_columns_of_one_meaning_are_told(app: Callable[[str], AppTest]) -> None:
    page = say(upload(app("holdings"), "odd.csv", ODD), {"0": "ticker", "1": "ticker"})
    assert [e.value for e in page.exception] == []
    assert "two columns are said to be Ticker" in words(page)


def test_another_reading_of_a_stored_file_takes_its_place_and_is_undone(holding: AppTest) -> None:
    """The market value is said to be no column: 100 × 140 and 100 × 60 are computed, and the price alone is read."""
    first = cache.store().portfolios()[0].snapshots[0].snapshot_id
    page = columns_tab(upload(holding, "small.csv", SMALL))
    row = 5  # Market value
    page = say(page, {str(row): None})
    page.button(key="use_columns").click().run()
    assert quiet(page)
    page.selectbox(key="into").set_value("Desk").run()
    assert "Confirming puts this reading in its place" in words(page)
    page.button(key="confirm").click().run()
    assert quiet(page)
    (now,) = cache.store().portfolios()[0].snapshots
    assert now.snapshot_id != first
    assert all("market_value" in h.derived for h in cache.store().snapshot("Desk").holdings)
    page.button(key="undo").click().run()
    assert quiet(page)
    assert [s.snapshot_id for s in cache.store().portfolios()[0].snapshots] == [first]


def test_what_was_remembered_can_be_taken_back(app: Callable[[str], AppTest]) -> None:
    from exposure.reading._mapping import header_of

    shape = header_of(SMALL, "small.csv").shape
    assert cache.store() is not None
    cache.store().remember_columns(shape, {"name": "Ticker", "ticker": "", "market_value": "Market value"})
    page = columns_tab(upload(app("holdings"), "small.csv", SMALL))
    assert quiet(page)
    assert "said by hand" in words(page)
    page.button(key="forget_columns").click().run()
    assert quiet(page)
    name_field(page).set_value("Desk").run()
    page.button(key="confirm").click().run()
    assert cache.store().snapshot("Desk").holdings[0].ticker == "NVDA"
    assert cache.store().columns_for(shape) == {}


def test_the_mapping_that_is_downloaded_reads_the_same_on_the_command_line(
    app: Callable[[str], AppTest], tmp_path, capsys
) -> None:
    from exposure.cli import main

    page = say(upload(app("holdings"), "odd.csv", ODD), MEANINGS)
    page.button(key="use_columns").click().run()
    confirm(page, "Desk", "2025-01-24")
    file, said = tmp_path / "odd.csv", tmp_path / "columns.json"
    file.write_bytes(ODD)
    from exposure.reading._mapping import header_of

    said.write_text(json.dumps(cache.store().columns_for(header_of(ODD, "odd.csv").shape)), encoding="utf-8")
    assert main(["inspect", str(file), "--columns", str(said), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["positions"], answer["total_market_value"]) == (2, 20_000.0)
