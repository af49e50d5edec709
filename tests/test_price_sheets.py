"""Price files as workbooks: the three shapes of a CSV, rows numbered as the sheet shows them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from exposure.errors import InputError
from exposure.prices import _files as files
from exposure.prices import read_prices

FRIDAY, MONDAY = date(2025, 1, 24), date(2025, 1, 27)


def workbook(*rows: Sequence[Any], before: int = 0) -> bytes:
    """A workbook whose first `before` sheets are empty and whose next one holds the rows."""
    book = openpyxl.Workbook()
    for _ in range(before):
        book.create_sheet()
    for row in rows:
        book.worksheets[before].append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_long_sheet_is_read_as_its_csv_would_be() -> None:
    data = workbook(
        ("Date", "Ticker", "Close", "Currency"),
        (datetime(2025, 1, 24), "NVDA", 142.62, "USD"),
        (date(2025, 1, 27), "NVDA", 118.42, "USD"),
        ("2025-01-27", "ULVR.L", 4530, "GBX"),
    )
    market = read_prices(data, name="prices.xlsx")
    assert market.series["NVDA"].dates.tolist() == [FRIDAY, MONDAY]
    assert market.series["NVDA"].close.tolist() == [142.62, 118.42]
    assert market.series["ULVR.L"].currency == "GBX"
    assert market.rejected == ()


def test_a_wide_sheet_behind_an_empty_one_is_read() -> None:
    market = read_prices(
        workbook(("date", "NVDA", "KO"), (FRIDAY, 142.62, None), (MONDAY, 118.42, 62.1), before=1), name="wide.xlsx"
    )
    assert {t: s.close.tolist() for t, s in market.series.items()} == {"NVDA": [142.62, 118.42], "KO": [62.1]}


def test_a_bad_row_is_named_by_its_row_in_the_sheet() -> None:
    data = workbook(("date", "ticker", "close"), (FRIDAY, "NVDA", 142.62), (), (MONDAY, "NVDA", "n/a"))
    (bad,) = read_prices(data, name="prices.xlsx").rejected
    assert (bad.row, "NVDA: close 'n/a'" in bad.reason) == (4, True)


@pytest.mark.parametrize("data", [b"PK\x03\x04nothing", b"\xd0\xcf\x11\xe0" + bytes(600), workbook()[:900]])
def test_a_broken_workbook_is_refused_in_one_sentence(data: bytes) -> None:
    with pytest.raises(InputError, match="broken workbook") as error:
        read_prices(data, name="prices.xlsx")
    assert "\n" not in str(error.value)


def test_a_workbook_without_a_price_is_refused() -> None:
    with pytest.raises(InputError, match="is empty"):
        read_prices(workbook(), name="prices.xlsx")


def test_the_parts_of_a_workbook_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """No part of it is too large by itself: one byte less than all of them is refused."""
    data = workbook(("date", "NVDA"), (FRIDAY, 142.62))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sizes = [member.file_size for member in archive.infolist()]
    monkeypatch.setattr(files, "LIMIT", sum(sizes))
    assert read_prices(data, name="prices.xlsx").series["NVDA"].close.tolist() == [142.62]
    monkeypatch.setattr(files, "LIMIT", sum(sizes) - 1)
    with pytest.raises(InputError, match="unpacks to more than"):
        read_prices(data, name="prices.xlsx")
