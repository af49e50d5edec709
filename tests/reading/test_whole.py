"""Whole columns at once give what cell by cell gives: the short way is held against the long one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.files import _dates as dates
from exposure.files import _numbers as numbers
from exposure.reading import _contradictions as contradictions
from exposure.reading import _kinds as kinds
from exposure.reading import _positions as positions
from exposure.reading import _profiles as profiles
from exposure.reading import _rows as rows
from exposure.reading import _table as table
from exposure.reading import _totals as totals
from exposure.reading._columns import recognise
from exposure.reading._headings import normal
from exposure.types import Holding, Issue
from exposure.units import QUOTE_UNITS, currency_of

CLEAN = st.decimals(-1_000_000, 1_000_000, places=2, allow_nan=False).map(str)
DIRTY = st.sampled_from(
    [
        *(
            "",
            "-",
            "n/a",
            "5-",
            "(3)",
            "$1",
            "1,234.56",
            "1.234,56",
            "1.2.3",
            ".5",
            "5.",
            "-.5",
            "1e5",
            "+7",
            " 8",
            "9 ",
        ),
        *(
            "0" * 301,
            "9" * 299,
            "9" * 301,
            "1\n2",
            "\n",
            "3\n",
            "12p",
            "½",
            "٣",
            "\ud800",
            "1_000",
            "nan",
            "inf",
            "--5",
        ),
    ]
)
CELLS = CLEAN | DIRTY | st.text(max_size=4) | st.sampled_from([None, 3, 2.5, True, float("inf")])
runs = st.lists(st.tuples(CELLS, st.sampled_from([1, 3, 300])), max_size=4)


@pytest.mark.parametrize("mark", [".", ","])
@given(several=runs)
def test_a_column_of_figures_reads_as_its_cells_do(mark: numbers.Mark, several: list[tuple[Any, int]]) -> None:
    """Cells come in runs longer than a block, so that clean blocks stand beside dirty ones."""
    cells = [cell for cell, times in several for _ in range(times)]
    one = numbers.number_reader(mark)

    def read(cell: Any) -> tuple[str, str | None]:
        try:
            return repr(one(cell)), None
        except ValueError:
            return repr(None), str(cell)[:40]

    values, faults = numbers.NumberReader(mark).column(cells)
    told = {cell if isinstance(cell, str) else id(cell): read(cell) for cell in cells}
    expected = [told[cell if isinstance(cell, str) else id(cell)] for cell in cells]
    assert [(repr(value), faults.get(i)) for i, value in enumerate(values)] == expected


@given(st.lists(st.none() | st.text("ab", max_size=1)), st.lists(st.none() | st.text("ab", max_size=1)))
def test_each_either_and_holes_are_what_they_say(first: list[str | None], second: list[str | None]) -> None:
    ask: Callable[[Any], Any] = lambda cell: cell and cell * 2  # noqa: E731
    size = min(len(first), len(second))
    assert profiles.each(ask, first) == list(map(ask, first))
    assert profiles.holes(first) == [i for i, cell in enumerate(first) if cell is None]
    assert profiles.holds(first) == any(cell is not None for cell in first)
    pairs = list(zip(first, second, strict=False))
    assert [a or None for a in profiles.either(first[:size], second[:size])] == [a or b or None for a, b in pairs]


@given(st.lists(st.lists(st.text("ab", max_size=1), max_size=4), max_size=9), st.integers(0, 4))
def test_ragged_rows_become_columns_of_equal_length(ragged: list[list[str]], width: int) -> None:
    expected = [[row[at] if at < len(row) else "" for row in ragged] for at in range(width)]
    before, profiles.BLOCK = profiles.BLOCK, 3
    try:
        assert profiles.columns(ragged, width) == expected
    finally:
        profiles.BLOCK = before


HEADINGS = ["Ticker", "Name", "Quantity", "Market value"]
ROWS = st.sampled_from(
    [
        *(
            HEADINGS,
            ["Name", "Ticker", "Quantity", "Price"],
            [],
            ["AMD"],
            ["Bonds"],
            ["", "", "", ""],
            ["Bonds", " ", "", ""],
        ),
        *(["AMD", "Advanced Micro Devices", "5", "500"], ["KO", "Coca-Cola", "7", "n/a"], ["Total", "", "", "9"]),
        *(["", "Cash", "", "3"], ["KO", "Coca-Cola", "x", "4"], ["A", "B", "1", "2", "3"]),
    ]
)


@given(st.lists(st.tuples(ROWS, st.integers(1, 9)), max_size=12))
def test_a_sheet_is_split_as_it_is_row_by_row(several: list[tuple[list[str], int]]) -> None:
    sheet = [[*HEADINGS], *(list(row) for row, times in several for _ in range(times))]
    numbered = list(enumerate(sheet, 1))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(table, "BLOCK", 4)
        quick = table.split(numbered)
        patched.setattr(table, "_surely_data", lambda block, figures: False)
        assert quick == table.split(numbered)


@given(st.lists(st.tuples(ROWS, st.integers(1, 3)), max_size=8))
def test_full_columns_spare_the_look_at_each_row(several: list[tuple[list[str], int]]) -> None:
    body = [(n, list(row)) for n, (row, times) in enumerate(several, 2) for _ in range(times)]
    held = table.Table(1, recognise(HEADINGS, [cells for _, cells in body]), body)
    told: list[tuple[rows.ClassifiedRows, list[Any]]] = []
    for look in (all, lambda cells: False):  # without a full column, every row is looked at
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(rows, "all", look, raising=False)
            rejected: list[Any] = []
            candidates = rows._candidates(held, len(HEADINGS), rejected)
        told.append((candidates, rejected))
    assert told[0] == told[1]


FIGURES = st.sampled_from([None, 0.0, 1.0, -2.0, 100.0, 99.0, 5_000.0, 10_000.0, 1e300])
UNITS = st.sampled_from([("USD", "USD"), ("GBX", "GBP"), ("GBP", "GBP"), ("GBX", "GBX"), (None, "USD"), (None, None)])
lines = st.builds(
    lambda units, **rest: Holding(**rest, price_currency=units[0], value_currency=units[1]),
    units=UNITS,
    row=st.integers(1, 99),
    kind=st.sampled_from(["equity", "equity", "fund", "bond"]),
    **dict.fromkeys(("quantity", "price", "market_value"), FIGURES),
    derived=st.sampled_from([(), (), (), ("price",)]),
)


def _slowly(held: list[Holding]) -> list[tuple[int, float]]:
    """Go through the lines one by one, as the report of contradictions reads."""
    found = []
    for h in held:
        if not (h.quantity and h.price and h.market_value) or h.derived or h.kind not in {"equity", "fund"}:
            continue
        product = h.quantity * h.price * QUOTE_UNITS.get(h.price_currency or "", ("", 1.0))[1]
        cent = 0.01 if h.price_currency == "GBX" else 1.0
        slack = 0.02 * abs(h.market_value) + abs(h.quantity) * 0.0051 * cent + 0.51 * abs(h.price) + 1.0
        if currency_of(h.price_currency) != h.value_currency or 0.98 < abs(product / h.market_value) < 1.02:
            continue
        if abs(abs(product) - abs(h.market_value)) > slack:
            found.append((h.row, product))
    return found


@given(st.lists(lines, max_size=6))
def test_what_contradicts_by_columns_contradicts_line_by_line(held: list[Holding]) -> None:
    columns = {name: [getattr(h, name) for h in held] for name in Holding.__dataclass_fields__}
    _, issues = contradictions.contradictions(columns, [], None)
    named = [(i.row, dict(i.params)["product"]) for i in issues if i.code == "read.value-differs"]
    assert [row for row, _ in named] == [row for row, _ in _slowly(held)]
    assert [product for _, product in named] == pytest.approx([product for _, product in _slowly(held)])
    assert all(isinstance(i, Issue) for i in issues)


WORDS = st.sampled_from(
    ["Total", "consumer", "SUMME", "a", "Value Fund", " n/a ", "-", "", "two\nlines", "İ", "ETF", "x"]
)


@given(st.lists(WORDS | st.text(max_size=3), max_size=8))
def test_words_are_found_in_many_cells_as_in_each(cells: list[str]) -> None:
    told = [bool(totals._MAYBE_TOTAL.search(cell.lower())) for cell in cells]
    assert totals.maybe_totals([cells]) == {i for i, said in enumerate(told) if said}


@given(st.lists(WORDS | st.sampled_from([None, 1.0, 2.5, 7, date(2025, 1, 24)]) | st.text(max_size=2), max_size=12))
def test_a_column_of_texts_is_cleaned_as_its_cells_are(cells: list[Any]) -> None:
    assert positions._texts(cells) == [positions._clean(cell) for cell in cells]


@given(st.lists(CLEAN | DIRTY, max_size=6))
def test_one_look_at_plain_figures_tells_what_each_tells(cells: list[str]) -> None:
    quick = numbers.decimal_evidence(cells)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(numbers, "_SETTLED", re.compile(r"(?!)"))
        assert quick == numbers.decimal_evidence(cells)


PARTS = ["ETF", "etfs", "Index", "fund", "Trust", "unit", "-", " ", "Fondo", "XFCP", "Target", "Retirement", "oeic"]


@given(st.lists(st.sampled_from(PARTS) | st.text(max_size=3)).map("".join))
def test_a_name_without_the_letters_of_a_fund_is_none(name: str) -> None:
    assert kinds.fund_name(name) == bool(kinds._FUND_NAME.search(normal(name)))


DATES = r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4}|[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4}"


@given(st.from_regex(DATES, fullmatch=True))
def test_whether_a_date_stands_in_a_cell_does_not_hang_on_its_order(text: str) -> None:
    assert bool(dates.dates_in(text, "dmy")) == bool(dates.dates_in(text, "mdy"))
