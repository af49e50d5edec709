"""One decimal mark for all numbers of a price file; thousands marks neither drop a row nor become decimals."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.errors import InputError
from exposure.prices import read_prices
from exposure.prices._market import Market


def file(cells: list[str], delimiter: str = ",", *, quoted: bool = True) -> bytes:
    quote = '"' if quoted else ""
    lines = [f"2025-01-{n + 2:02d}{delimiter}A{delimiter}{quote}{cell}{quote}" for n, cell in enumerate(cells)]
    return "\n".join([delimiter.join(("date", "ticker", "close")), *lines, ""]).encode()


def closes(market: Market) -> list[float]:
    return market.series["A"].close.tolist()


@pytest.mark.parametrize(
    ("cells", "delimiter", "right"),
    [
        (["1,100.00", "1,090.50", "980.25"], ",", [1100, 1090.5, 980.25]),
        (["1,100", "1,090", "980"], ",", [1100, 1090, 980]),
        (["1,100", "1,090"], ",", [1100, 1090]),
        (["12,34,567.5", "12,34,567.0"], ",", [1234567.5, 1234567]),
        (["1.100,00", "1.090,50", "980,25"], ";", [1100, 1090.5, 980.25]),
        (["1.100,00", "1.090,50", "980,25"], "\t", [1100, 1090.5, 980.25]),
        (["1.100,00", "1.090,50", "980,25"], ",", [1100, 1090.5, 980.25]),
        (["1 100,00", "1 090,5", "980,25"], ";", [1100, 1090.5, 980.25]),
        (["1\u00a0100,00", "1\u202f090,5", "980"], ";", [1100, 1090.5, 980]),
        (["1'100.00", "1'090.5", "980"], ",", [1100, 1090.5, 980]),
        (["1’100.00", "1’090.5", "980"], ";", [1100, 1090.5, 980]),
        (["1,001", "999", "995"], ";", [1001, 999, 995]),
        (["1,001", "2", "1"], ";", [1.001, 2, 1]),
        (["1.001", "999", "995"], ";", [1001, 999, 995]),
        (["10.125", "10", "11"], ";", [10.125, 10, 11]),
        (["10.125", "10.250"], ";", [10.125, 10.25]),
        (["12,5", "12,75"], ";", [12.5, 12.75]),
        (["1,100.5", "1,100"], "\t", [1100.5, 1100]),
    ],
)  # fmt: skip
def test_what_a_mark_means_is_decided_over_all_rows(cells: list[str], delimiter: str, right: list[float]) -> None:
    market = read_prices(file(cells, delimiter))
    assert closes(market) == right
    assert market.rejected == () and market.issues == ()


def test_without_quotes_marks_of_thousands_work_between_semicolons() -> None:
    assert closes(read_prices(file(["1,100.00", "980.25"], ";", quoted=False))) == [1100, 980.25]


def test_a_file_that_leaves_a_comma_open_is_refused_with_what_to_do() -> None:
    with pytest.raises(
        InputError, match=r"p\.csv: nothing .* whether 1,100 has a decimal comma .*; write prices with a"
    ):
        read_prices(file(["1,100", "1,090"], ";"), name="p.csv")


def test_the_other_columns_settle_what_closes_leave_open() -> None:
    text = 'date;ticker;close;volume\n2025-01-02;A;1,100;"229,322,500"\n2025-01-03;A;1,105;"1,500"\n'
    assert closes(read_prices(text.encode())) == [1100, 1105]


def test_a_number_against_the_files_own_mark_is_refused_with_its_row_and_never_misread() -> None:
    market = read_prices(file(["12,5", "12,75", "13.5", "12,25"], ";"))
    assert closes(market) == [12.5, 12.75, 12.25]
    (refused,) = market.rejected
    assert (refused.row, refused.reason) == (4, "A: close '13.5' is not a positive finite number with a decimal comma")


def test_unquoted_thousands_between_commas_are_refused_by_row_with_a_hint() -> None:
    market = read_prices(b"date,ticker,close\n2025-01-02,A,1,100.00\n2025-01-03,A,980.25\n")
    assert [(r.row, "thousands marks needs quotes" in r.reason) for r in market.rejected] == [(2, True)]


def test_thousands_marks_stand_in_wide_files_and_beside_adjusted_closes_and_volumes() -> None:
    wide = read_prices(b'date,A,B\n2025-01-02,"1,100.00",7\n2025-01-03,"980.00",8\n')
    assert closes(wide) == [1100, 980] and wide.series["B"].close.tolist() == [7, 8]
    long = read_prices(b'date,ticker,close,adj_close,volume\n2025-01-02,A,"1,100.00","1,099.50","229,322,500"\n')
    series = long.series["A"]
    assert series.adj_close is not None and series.volume is not None
    assert (series.close[0], series.adj_close[0], series.volume[0]) == (1100, 1099.5, 229322500)


@given(
    values=st.lists(st.integers(1, 10**9).map(lambda cents: cents / 100), min_size=1, max_size=20),
    mark=st.sampled_from([(",", "."), (".", ","), (" ", ","), ("'", "."), ("\u202f", ",")]),
    delimiter=st.sampled_from([",", ";", "\t"]),
)
def test_prices_written_with_two_decimals_come_back_whatever_their_marks(
    values: list[float], mark: tuple[str, str], delimiter: str
) -> None:
    group, decimal = mark
    cells = [f"{v:,.2f}".replace(",", "\0").replace(".", decimal).replace("\0", group) for v in values]
    lines = [f'{date.fromordinal(738_000 + n)}{delimiter}T{n}{delimiter}"{cell}"' for n, cell in enumerate(cells)]
    market = read_prices("\n".join([delimiter.join(("date", "ticker", "close")), *lines]).encode())
    assert [market.series[f"T{n}"].close[0] for n in range(len(values))] == pytest.approx(values)
    assert market.rejected == ()


# Tickers, days, control characters


@pytest.mark.parametrize(
    "text",
    [
        "date,ticker,close\n2025-01-02,nvda,5\n2025-01-03,Nvda,6\n2025-01-06,NVDA,7\n",
        "date,nvda\n2025-01-02,5\n2025-01-03,6\n2025-01-06,7\n",
        "Price,Close\nTicker,nvda\nDate,\n2025-01-02,5\n2025-01-03,6\n2025-01-06,7\n",
    ],
)
def test_a_ticker_in_any_case_is_one_series_in_capitals(text: str) -> None:
    market = read_prices(text.encode())
    assert list(market.series) == ["NVDA"] and market.series["NVDA"].close.tolist() == [5, 6, 7]


def test_two_spellings_of_one_ticker_on_one_day_are_said() -> None:
    market = read_prices(b"date,nvda,NVDA\n2025-01-02,5,6\n")
    assert market.series["NVDA"].close.tolist() == [6] and market.issues[0].code == "price.repeated"


def test_a_row_years_after_all_others_is_refused_by_row() -> None:
    lines = [f"2024-01-{day:02d},A,{day}" for day in range(2, 12)]
    for slip in ("2042-01-12", "2204-01-12", "9999-12-31"):
        market = read_prices("\n".join(["date,ticker,close", *lines, f"{slip},A,13"]).encode())
        assert len(market.series["A"].dates) == 10
        assert [(r.row, r.reason) for r in market.rejected] == [(12, f"date {slip} is years after every other row")]
        assert market.notes["A"].rejected == market.rejected and market.end == date(2024, 1, 11)


def test_a_history_with_a_hole_of_years_is_no_slip() -> None:
    old, new = ([f"{year}-01-{day:02d},A,5" for day in range(2, 12)] for year in (2010, 2020))
    assert read_prices("\n".join(["date,ticker,close", *old, *new]).encode()).rejected == ()
    longer = [f"2010-02-{day:02d},A,5" for day in range(1, 29)]
    assert read_prices("\n".join(["date,ticker,close", *old, *longer, *new[:6]]).encode()).rejected == ()
    assert read_prices(b"date,A\n2005-01-03,5\n2025-01-02,6\n").rejected == ()


@pytest.mark.parametrize("cell", ["2024/01/05", "2024/1/5", "20240105", "05.01.2024", "5.1.2024", "20240105 00:00:00"])
def test_a_day_that_can_be_read_in_one_way_alone_is_read(cell: str) -> None:
    market = read_prices(f"date;ticker;close\n{cell};A;1.100,50\n".encode())
    assert market.series["A"].dates.tolist() == [date(2024, 1, 5)] and closes(market) == [1100.5]


def test_a_day_of_two_meanings_or_of_none_is_refused_by_row() -> None:
    cells = ["01/05/2024", "2024/13/01", "31.02.2024", "202401051", "05.01.24", "20240105 16:00:00"]
    market = read_prices("\n".join(["date,ticker,close", "2024-01-05,A,5", *(f"{c},A,6" for c in cells)]).encode())
    assert [r.row for r in market.rejected] == [3, 4, 5, 6, 7, 8] and market.rows == 1


def test_a_few_rows_settle_that_a_day_years_after_all_that_is_known_is_a_slip() -> None:
    text = b"date,A\n2024-01-02,5\n2024-01-03,6\n2099-01-04,1\n"
    market = read_prices(text)
    assert [(r.row, r.reason) for r in market.rejected] == [(4, "date 2099-01-04 is years after every other row")]
    yearly = b"date,A\n2019-12-31,5\n2020-12-31,6\n2023-12-29,1\n"
    assert read_prices(yearly).rejected == ()


def test_rows_after_the_last_possible_day_are_refused_where_the_caller_knows_it() -> None:
    text = b"date,ticker,close\n2025-01-02,A,5\n2025-03-03,A,6\n2025-03-04,B,7\n"
    market = read_prices(text, latest=date(2025, 3, 3))
    assert list(market.series) == ["A"] and market.rows == 2
    assert [(r.row, r.reason) for r in market.rejected] == [
        (4, "date 2025-03-04 is later than any price can be on 2025-03-03")
    ]


def test_what_a_terminal_would_obey_never_leaves_a_price_file() -> None:
    text = (
        "date,ticker,close,currency,\x1b]0;title\x07\n"
        "2025-01-02,A,5,US\x1b[2JD,\n"
        "2025-01-03,\x1b[31mA,5,USD,\n"
        "2025-01-06,A,\x1b[2J\x9b31m7,USD,\n"
        "2025-01-07,A\x00B,5,USD,\n"
        "2025-01-\x1b[1m08,A,5,USD,\n"
        "2025-01-09,A\u202eB,5,USD,\n"
    )
    market = read_prices(text.encode())
    assert list(market.series) == ["A"] and len(market.series["A"].dates) == 1
    assert [r.row for r in market.rejected] == [3, 4, 5, 6, 7]
    said = repr([i.what for i in market.issues]) + "".join(r.reason + r.raw for r in market.rejected)
    said += market.series["A"].currency or ""
    assert not {"\x1b", "\x9b", "\x07", "\x00", "\u202e"} & set(said)
    with pytest.raises(InputError) as caught:
        read_prices(b"date,ticker,close\n2025-01-02,A,\x1b[31mred\n", name="\x1b[1mp.csv")
    assert "\x1b" not in str(caught.value)
