"""Cells of our own files: none runs as a formula, and each is read as it was written."""

import csv
import io
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from exposure.files._dialects import guard, unguarded, write_csv
from exposure.reading import read_holdings
from exposure.view.looks import Column
from pages.ui import show

TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("=+-@'\t\r\n\",;"), max_size=12)


@given(TEXTS)
def test_what_is_guarded_runs_nothing_and_comes_back(text):
    assert guard(text)[:1] not in tuple("=+-@\t\r\n")
    assert unguarded(guard(text)) == text


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1))
def test_a_file_comes_back_cell_by_cell(rows):
    back = csv.reader(io.StringIO(write_csv(rows), newline=""))
    assert [tuple(map(unguarded, cells)) for cells in back] == rows


NAMES = st.from_regex(r"'{0,2}[=+@-]?[A-Za-z][A-Za-z &.]{2,12}[a-z]", fullmatch=True)


@given(st.lists(NAMES, min_size=1, max_size=4, unique=True))
def test_a_table_of_holdings_that_the_pages_export_is_read_with_the_names_it_had(names):
    columns = tuple(Column(field, field) for field in ("ticker", "name", "quantity", "market_value", "value_currency"))
    rows = [
        {
            "ticker": f"T{n}X",
            "name": name,
            "quantity": 10.0 * (-1) ** n,
            "market_value": 55.5 * (-1) ** n,
            "value_currency": "USD",
        }
        for n, name in enumerate(names)
    ]
    read = read_holdings(show.csv_of(rows, columns), name="as-read.csv", as_of=date(2025, 1, 24))
    assert [h.name for h in read.holdings] == names
    assert [h.market_value for h in read.holdings] == [row["market_value"] for row in rows]
