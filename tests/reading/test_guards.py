"""Signs, dates and shares that a reader settles by a single word: one case apiece."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from types import SimpleNamespace

import pytest

from exposure.errors import InputError
from exposure.files import _numbers as numbers
from exposure.files._dialects import decode, delimiter_of
from exposure.reading import _money as money
from exposure.reading import read_all, read_holdings
from exposure.reading._columns import recognise
from exposure.reading._conventions import day, title
from exposure.reading._kinds import of_name
from exposure.reading._positions import _of_figures

HEADINGS = "Ticker,Name,Quantity,Price,Currency,Market value"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(5)", -5.0),
        ("(2,000.00)", -2000.0),
        ("(+5)", -5.0),
        ("($5.50)", -5.5),
        ("5 DR", -5.0),
        ("5 Dr", -5.0),
        ("5 CR", 5.0),
        ("5 Cr", 5.0),
        ("5-", -5.0),
        ("5+", 5.0),
        ("-5", -5.0),
        ("+5", 5.0),
        ("5", 5.0),
    ],
)
def test_the_signs_that_bookkeepers_write(text: str, value: float) -> None:
    assert numbers.number_reader(".")(text) == value


@pytest.mark.parametrize("text", ["(5", "5)", ")5(", "--5", "5DRX"])
def test_half_a_sign_is_no_number(text: str) -> None:
    with pytest.raises(ValueError):
        numbers.number_reader(".")(text)


@pytest.mark.parametrize("short", ["(2,000.00)", '"2,000.00 DR"', "-2000", "2000-"])
def test_a_short_is_a_short_however_its_sign_is_written(short: str) -> None:
    cell = short if short.startswith('"') else f'"{short}"'
    text = f"{HEADINGS}\nNVDA,NVIDIA,10,100,USD,1000.00\nAMD,AMD,{cell.replace('2,000.00', '20')},100,USD,{cell}\n"
    text = text.replace("2000", "2000.00")
    found = read_holdings(text.encode(), name="book.csv").holdings
    assert [h.market_value for h in found] == [1000.0, -2000.0]


JANUARY = date(2025, 1, 24)


@pytest.mark.parametrize(
    "cells",
    [
        ["Positions as of", "24.01.2025"],
        ["Positions as of", "24.01.2025", "Printed", "26.01.2025"],  # the one beside what it states
        ["Period", "31.12.2024", "24.01.2025"],  # from and to: the last
        ["Holdings from 31.12.2024 to 24.01.2025"],
        ["Valuation", "24 January", "2025"],  # one date in two cells
    ],
)
def test_of_two_dates_on_a_line_the_one_that_is_meant_counts(cells: list[str]) -> None:
    assert day([(1, cells)], [], "dmy", "book.csv") == JANUARY


def test_a_line_that_states_the_day_beats_one_that_names_any_and_the_name_of_the_file() -> None:
    around = [(1, ["Printed 26.01.2025"]), (2, ["Holdings as of 24.01.2025"]), (3, ["Updated 27.01.2025"])]
    assert day(around, [], "dmy", "book_2024-12-31.csv") == JANUARY
    assert day([], [], "dmy", "book_2025-01-24.csv") == JANUARY
    assert day([(1, ["Inception 01.02.2003"])], [], "dmy", "book.csv") is None


def test_a_column_most_of_whose_codes_are_isins_is_the_isins() -> None:
    """Twelve ISINs among twenty codes, the others CUSIPs: more than half is enough, all need not be."""
    codes = ["US67066G1040", "US5949181045", "US0378331005", "67066G104", "594918104"]
    body = [[codes[n % 5], f"Name {n}", str(100 + n), str(1000 + 7 * n)] for n in range(20)]
    assert recognise(["Identifier", "Name", "Quantity", "Market Value"], body).at["isin"] == 0


def test_where_no_heading_is_known_the_delimiter_that_gives_even_rows_is_taken() -> None:
    """Commas give rows of three and two cells, semicolons three in each."""
    assert delimiter_of("a;1,5;2,5\nb;10;3,5\n", lambda rows: 0.0) == ";"


def test_the_name_beside_the_words_portfolio_name_is_the_title() -> None:
    assert title([(1, ["Portfolio name", "Alpha"])]) == "Alpha"
    assert title([(1, ["Alpha", "Portfolio name"])]) is None


def test_the_days_of_a_file_of_several_come_in_their_order() -> None:
    rows = ("2025-01-27,NVDA,10,100,USD", "2025-01-24,NVDA,8,120,USD")
    text = "\n".join(["Date,Ticker,Quantity,Price,Currency", *rows, ""])
    assert [s.as_of for s in read_all(text.encode(), name="book.csv")] == [JANUARY, date(2025, 1, 27)]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_sum_is_known_within_a_millionth_of_its_size_long_or_short(sign: int) -> None:
    """1,000,000 and 2,000,000, the sum printed as 3,000,000.50: rounding of the lines, not a line of its own."""
    rows = [("NVDA", 1_000_000.0), ("MU", 2_000_000.0), ("", 3_000_000.5)]
    text = "Ticker,Market value,Currency\n" + "".join(f"{t},{sign * v:.2f},USD\n" for t, v in rows)
    found = read_holdings(text.encode(), name="book.csv")
    assert [h.market_value for h in found.holdings] == [sign * 1e6, sign * 2e6]
    assert not [r for r in found.rejected if r.code == "row.nameless"]


def test_a_byte_that_the_table_of_windows_leaves_open_is_kept() -> None:
    """0x81 has no letter in it: the rest of the file is read all the same."""
    assert decode("Müller".encode("cp1252") + b"\x81", "cp1252", "book.csv") == "Müller\x81"
    with pytest.raises(InputError, match="no ascii text"):
        decode(b"\xfc", "ascii", "book.csv")


OPEN = "Ticker{0}Name{0}Quantity{0}Currency{0}As of\nVOLV-B{0}Volvo B{0}{1}{0}{2}{0}24/01/2025\n"


def zipped(text: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("book.csv", text)
    return out.getvalue()


@pytest.mark.parametrize(
    ("delimiter", "cell", "currency", "quantity"),
    [(";", "1,234", "SEK", 1.234), (",", '"1,234"', "USD", 1234.0)],
)
def test_a_figure_that_could_be_either_follows_the_rest_of_the_file(
    delimiter: str, cell: str, currency: str, quantity: float
) -> None:
    """Parted by semicolons the comma is decimal, beside dollars it parts thousands; in an archive as outside of it."""
    text = OPEN.format(delimiter, cell, currency)
    for data, name in ((text.encode(), "book.csv"), (zipped(text), "book.zip")):
        assert [h.quantity for h in read_holdings(data, name=name).holdings] == [quantity]


@pytest.mark.parametrize("ticker", ["SPAXX", "SPAXX**", "CORE**", "USD CURNCY", "CASH_EUR"])
def test_a_balance_is_known_by_its_ticker_whatever_it_is_called(ticker: str) -> None:
    assert of_name(ticker, "Sundry holding") == "cash"
    assert of_name("NVDA", "Sundry holding") is None


@pytest.mark.parametrize(("columns", "kind"), [(("weight",), "other"), (("weight", "cash"), "cash")])
def test_a_row_that_nothing_names_is_a_balance_where_a_column_says_so(columns: tuple[str, ...], kind: str) -> None:
    draft = SimpleNamespace(
        text={name: [None] for name in ("isin", "cusip", "sedol", "figi")}, number=dict.fromkeys(columns)
    )
    assert _of_figures((None, None, None, None), draft, 0) == kind  # type: ignore[arg-type]


def test_of_three_columns_of_currencies_the_one_that_agrees_with_the_arithmetic_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """10 × 5 = 50 is in euros as its value is; 10 × 11 for 100 euros is in dollars at 1.10. The first column says
    dollars of both, the second is that of the values and says nothing, the third is right."""
    values, local, right = ["EUR", "EUR"], ["USD", "USD"], ["EUR", "USD"]
    number = {"quantity": [10.0, 10.0], "price": [5.0, 11.0], "market_value": [50.0, 100.0]}
    draft = SimpleNamespace(rows=[1, 2], number=number)
    monkeypatch.setattr(money, "_codes", lambda _, column: {1: values, 2: right}[column])
    columns = SimpleNamespace(currencies=[0, 1, 2], at={})
    assert money._arbitrate(draft, columns, local, values, 0) == right  # type: ignore[arg-type]
