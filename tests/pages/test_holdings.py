"""Holdings: what a stranger's file may do to the page, and what is stored, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from exposure import read_holdings
from pages.holdings.upload import proposed_name
from pages.ui import cache

from .conftest import SMALL, name_field, quiet, upload, words

HEADINGS = b"Ticker,Name,Quantity,Price,Market value,Currency\n"
HOSTILE = {
    "empty": b"",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8,
    "headings alone": HEADINGS,
    "rubbish": b"\xff\x00\x13\x37" * 500,
    "a NUL byte": HEADINGS + b"NV\x00DA,NVIDIA,1,2,2,USD\n",
    "a lone quote": HEADINGS + b'NVDA,"NVIDIA,1,2,2,USD\nKO,Coca-Cola,1,60,60,USD\n',
    "ten thousand columns": b",".join(b"x%d" % n for n in range(10_000)) + b"\n",
    "prose": b"Dear all,\nplease find the holdings attached.\nKind regards\n",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_a_file_that_is_no_holdings_gets_a_sentence_and_stores_nothing(
    app: Callable[[str], AppTest], data: bytes
) -> None:
    page = upload(app("holdings"), "holdings.csv", data)
    assert [e.value for e in page.exception] == []
    (said,) = [e.value for e in page.error]
    assert said.startswith("Nothing was stored")
    assert "holdings" in said and "Traceback" not in said
    assert cache.store().portfolios() == ()
    page = upload(page, "small.csv", SMALL)  # the app is alive and takes the next file
    assert quiet(page)
    assert "To check: small.csv" in words(page)


def test_nothing_is_stored_before_confirming(app: Callable[[str], AppTest]) -> None:
    page = upload(app("holdings"), "small.csv", SMALL)
    assert quiet(page)
    assert cache.store().portfolios() == ()
    assert [m.value for m in page.metric][:4] == ["24 Jan 2025", "2", "0", "0"]


def test_confirming_stores_one_snapshot(holding: AppTest) -> None:
    (desk,) = cache.store().portfolios()
    assert (desk.name, [(s.as_of, s.positions, s.nav) for s in desk.snapshots]) == (
        "Desk",
        [(date(2025, 1, 24), 2, 20_000.0)],
    )
    assert "Stored in “Desk” as of 2025-01-24: 2 positions" in words(holding)
    assert (holding.query_params["portfolio"], holding.query_params["as_of"]) == ("Desk", "2025-01-24")


def test_the_same_file_twice_is_told_and_not_stored_twice(holding: AppTest) -> None:
    page = upload(holding, "again.csv", SMALL)
    page.selectbox(key="into").set_value("Desk").run()
    page.button(key="confirm").click().run()
    assert quiet(page)
    assert "Already stored" in words(page)
    assert len(cache.store().portfolios()[0].snapshots) == 1


def test_a_deleted_snapshot_comes_back_by_undo(holding: AppTest) -> None:
    holding.button(key="delete_snapshot").click().run()
    assert quiet(holding)
    assert cache.store().portfolios()[0].snapshots == ()
    assert "Nothing is stored yet" in words(holding)
    holding.button(key="undo").click().run()
    assert quiet(holding)
    assert [s.as_of for s in cache.store().portfolios()[0].snapshots] == [date(2025, 1, 24)]
    assert "Brought back Desk" in words(holding)
    assert [b.key for b in holding.button if b.key == "undo"] == []


def test_a_deleted_portfolio_comes_back_by_undo(holding: AppTest) -> None:
    holding.button(key="delete_portfolio").click().run()
    assert cache.store().portfolios() == ()
    holding.button(key="undo").click().run()
    assert quiet(holding)
    assert [p.name for p in cache.store().portfolios()] == ["Desk"]


def test_an_upload_outlives_a_change_of_page(app: Callable[[str], AppTest]) -> None:
    page = upload(app("holdings"), "small.csv", SMALL)
    name_field(page).set_value("My desk").run()
    page.switch_page("pages/segments/page.py").run()
    page.switch_page("pages/holdings/page.py").run()
    assert quiet(page)
    assert "To check: small.csv" in words(page)
    assert name_field(page).value == "My desk"


def test_a_file_without_a_date_asks_for_one(app: Callable[[str], AppTest]) -> None:
    page = upload(app("holdings"), "undated.csv", SMALL.split(b"\n", 1)[1])
    name_field(page).set_value("Desk").run()
    assert page.button(key="confirm").disabled
    assert "Say of which day these holdings are" in words(page)
    page.date_input(key="as_of").set_value(date(2025, 1, 24)).run()
    page.button(key="confirm").click().run()
    assert quiet(page)
    assert [s.as_of for s in cache.store().portfolios()[0].snapshots] == [date(2025, 1, 24)]


def test_a_decimal_mark_that_nothing_settles_is_asked_for(app: Callable[[str], AppTest]) -> None:
    """1,234 is a thousand and more with a point, one and a bit with a comma: 2 × 1,234 decides nothing here."""
    data = b"Name;ISIN;Quantity;Market value\nSAP SE;DE0007164600;7;1,234\nSiemens;DE0007236101;5;2,345\n"
    page = upload(app("holdings"), "open.csv", data)
    assert [e.value for e in page.exception] == []
    choice = page.get("button_group")
    asked = [group for group in choice if group.proto.label.startswith("Decimal mark")]
    assert asked, words(page)
    page.session_state["decimal"] = ","
    page.run()
    assert quiet(page)
    assert "decimal mark “,”" in words(page)


def test_utf_16_is_read(app: Callable[[str], AppTest]) -> None:
    page = upload(app("holdings"), "utf16.csv", SMALL.decode().encode("utf-16"))
    assert quiet(page)
    assert [m.value for m in page.metric][:2] == ["24 Jan 2025", "2"]


def test_pasted_rows_are_read(app: Callable[[str], AppTest]) -> None:
    page = app("holdings")
    page.text_area(key="pasted").set_value(SMALL.decode()).run()
    page.button(key="read_pasted").click().run()
    assert quiet(page)
    assert "To check: pasted.csv" in words(page)


def test_rejected_rows_are_listed_with_row_reason_and_text(app: Callable[[str], AppTest]) -> None:
    page = upload(app("holdings"), "bad.csv", SMALL + b"AMD,US0079031078,AMD,ten,100,many,USD\n")
    assert quiet(page)
    assert [m.value for m in page.metric if m.label == "Rejected rows"] == ["1"]
    page.session_state["check_show"] = "Rejected rows (1)"
    page.run()
    assert quiet(page)
    table = next(d.value for d in page.dataframe if "Why it was not used" in d.value)
    assert table["Row"].tolist() == [5]
    assert "ten" in table["Text of the row"].iloc[0]


def test_a_name_is_shown_as_it_is_written(app: Callable[[str], AppTest]) -> None:
    """Markdown and HTML of a file's name must not become a link, a colour or a tag on the page."""
    page = upload(app("holdings"), "<b>[x](http://e.invalid) :red[y] $z$.csv", SMALL)
    assert quiet(page)
    title = next(s.value for s in page.subheader if "To check" in s.value)
    assert "<b>" not in title
    assert all(f"\\{mark}" in title for mark in "[]():$")


def test_a_total_that_the_rows_do_not_reach_is_said_before_confirming(app: Callable[[str], AppTest]) -> None:
    """14,000 and 6,000 are 20,000; the file states 19,000, and its two totals stand side by side in the preview."""
    test = upload(app("holdings"), "stated.csv", SMALL + b"Total,,,,,19000,USD\n")
    assert quiet(test)
    assert any("19\u202f000" in w.value and "20\u202f000" in w.value for w in test.warning)
    assert not upload(app("holdings"), "small.csv", SMALL).warning


@pytest.mark.parametrize(
    ("title", "accounts", "name"),
    [
        ("20.Jan.2026", (None, None), "fund"),
        ("2026-01-20", (None, None), "fund"),
        ("Core MSCI World 2026", (None, None), "Core MSCI World 2026"),
        ("Brokerage 1234", ("Brokerage 1234", "Intelligent 4321"), "fund"),
        ("Brokerage 1234", ("Brokerage 1234", "Brokerage 1234"), "Brokerage 1234"),
        (None, (None, None), "fund"),
    ],
)
def test_the_name_proposed_is_no_date_and_not_one_account_of_several(
    title: str | None, accounts: tuple[str | None, str | None], name: str
) -> None:
    held = read_holdings(SMALL, name="fund.csv")
    pair = tuple(replace(h, account=one) for h, one in zip(held.holdings, accounts, strict=True))
    assert proposed_name(replace(held, title=title, holdings=pair)) == name


PENCE = (
    b"As of,2025-01-24\n\nName,Ticker,Currency,Market value\nNVIDIA Corp,NVDA,USD,14262\nSage Group,SGE.L,GBp,13000\n"
)


@pytest.mark.parametrize(("said", "value"), [("GBX", 130.0), ("GBP", 13_000.0)])
def test_a_value_in_pence_or_in_pounds_is_asked_for_before_it_is_stored(
    app: Callable[[str], AppTest], said: str, value: float
) -> None:
    page = upload(app("holdings"), "pence.csv", PENCE)
    assert quiet(page)
    assert "the value 13\u202f000.00 may stand in GBX or in GBP" in words(page)
    name_field(page).set_value("Desk").run()  # type: ignore[attr-defined]
    assert page.button(key="confirm").disabled and "Say in which unit" in words(page)
    page.segmented_control(key="unit_GBX").set_value(said).run()
    page.button(key="confirm").click().run()
    assert quiet(page)
    (desk,) = cache.store().portfolios()
    held = cache.store().snapshot("Desk").holdings
    assert [(h.market_value, h.value_currency) for h in held] == [(14_262.0, "USD"), (value, "GBP")]
    assert desk.snapshots[0].positions == 2
    page = upload(page, "other.csv", PENCE.replace(b"13000", b"14000"))
    assert page.button(key="confirm").disabled, "what was said of one file does not hold for another"
