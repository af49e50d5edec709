"""Price files become series: the shapes, what is refused and by which row, and units that cannot be right."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.errors import InputError
from exposure.prices import from_rows, read_prices
from exposure.prices._market import Market

PRICES = Path(__file__).resolve().parents[1].parent / "shared" / "prices" / "prices.csv.gz"


def days(market: Market, ticker: str) -> list[str]:
    return [str(d) for d in market.series[ticker].dates]


# Shapes


def test_a_long_file_gives_each_ticker_its_series_in_order_of_date() -> None:
    market = read_prices(
        b"date,ticker,close,adj_close,volume,currency,close_basis\n"
        b"2025-01-03,NVDA,144.47,144.46,229322500,USD,raw\n"
        b"2025-01-02,NVDA,138.31,138.30,198247200,USD,raw\n"
        b"2025-01-02,VOD.L,68.5,,,GBX,\n"
    )
    nvda, vod = market.series["NVDA"], market.series["VOD.L"]
    assert days(market, "NVDA") == ["2025-01-02", "2025-01-03"]
    assert nvda.close.tolist() == [138.31, 144.47]
    assert nvda.returns_price.tolist() == [138.30, 144.46]
    assert nvda.volume is not None and nvda.volume.tolist() == [198247200, 229322500]
    assert (nvda.currency, nvda.basis) == ("USD", "raw")
    assert (vod.adj_close, vod.volume, vod.currency, vod.basis) == (None, None, "GBX", None)
    assert vod.returns_price.tolist() == [68.5]
    assert (market.rows, market.start, market.end) == (3, date(2025, 1, 2), date(2025, 1, 3))
    assert market.issues == () and market.rejected == ()


def test_a_wide_file_has_a_column_for_each_ticker_and_empty_cells_are_dates_without_a_price() -> None:
    market = read_prices(b"Date,NVDA,005930.KS\n2025-01-27,118.42,\n2025-01-28,128.99,nan\n2025-01-31,120.07,52400\n")
    assert days(market, "NVDA") == ["2025-01-27", "2025-01-28", "2025-01-31"]
    assert days(market, "005930.KS") == ["2025-01-31"]
    assert market.rejected == ()


@pytest.mark.parametrize(
    "text",
    [
        "Price,Adj Close,Close,High,Low,Open,Volume\nTicker,NVDA,NVDA,NVDA,NVDA,NVDA,NVDA\nDate,,,,,,\n"
        "2025-01-02,138.29,138.31,138.88,134.63,136.00,198247200\n2025-01-03,144.45,144.47,144.90,139.73,140.01,229322500\n",
        "Ticker,NVDA,NVDA,NVDA,NVDA,NVDA,NVDA\nPrice,Adj Close,Close,High,Low,Open,Volume\nDate,,,,,,\n"
        "2025-01-02,138.29,138.31,138.88,134.63,136.00,198247200\n2025-01-03,144.45,144.47,144.90,139.73,140.01,229322500\n",
        ",Adj Close,Close,High,Low,Open,Volume\n,NVDA,NVDA,NVDA,NVDA,NVDA,NVDA\nDate,,,,,,\n"
        "2025-01-02 00:00:00,138.29,138.31,138.88,134.63,136.00,198247200\n"
        "2025-01-03 00:00:00,144.45,144.47,144.90,139.73,140.01,229322500\n",
        "Price,Adj Close,Close,High,Low,Open,Volume\nTicker,NVDA,NVDA,NVDA,NVDA,NVDA,NVDA\n"
        "2025-01-02,138.29,138.31,138.88,134.63,136.00,198247200\n2025-01-03,144.45,144.47,144.90,139.73,140.01,229322500\n",
    ],
    ids=["by field", "by ticker", "older, without names", "two heading rows"],
)
def test_what_yfinance_writes_is_read_by_its_heading_rows(text: str) -> None:
    market = read_prices(text.encode())
    assert list(market.series) == ["NVDA"]
    nvda = market.series["NVDA"]
    assert days(market, "NVDA") == ["2025-01-02", "2025-01-03"]
    assert nvda.close.tolist() == [138.31, 144.47]
    assert nvda.adj_close is not None and nvda.adj_close.tolist() == [138.29, 144.45]
    assert nvda.volume is not None and nvda.volume.tolist() == [198247200, 229322500]
    assert [i.what for i in market.issues] == ["columns not used: High, Low, Open"]


def test_two_tickers_of_one_yfinance_download_keep_their_own_dates() -> None:
    market = read_prices(
        b"Price,Close,Close,Volume,Volume\nTicker,7203.T,NVDA,7203.T,NVDA\nDate,,,,\n"
        b"2025-01-20,2850.0,,19000000,\n2025-01-21,2900.0,140.83,20000000,197749000\n"
    )
    assert days(market, "7203.T") == ["2025-01-20", "2025-01-21"]
    assert days(market, "NVDA") == ["2025-01-21"]


def test_a_single_ticker_download_that_names_no_ticker_is_refused_with_what_to_do() -> None:
    with pytest.raises(InputError, match=r"^nvda\.csv:1: nothing says which ticker .*; add a column ticker"):
        read_prices(b"Date,Open,High,Low,Close,Adj Close,Volume\n2025-01-02,136,139,135,138,138,1\n", name="nvda.csv")


def test_the_tickers_open_and_low_are_columns_of_a_wide_file() -> None:
    assert list(read_prices(b"date,LOW,OPEN\n2025-01-02,246.8,1.6\n").series) == ["LOW", "OPEN"]


def test_other_columns_are_named_and_ignored() -> None:
    market = read_prices(b"date,ticker,close,open,comment\n2025-01-02,NVDA,138.31,136,x\n")
    assert [(i.severity, i.what) for i in market.issues] == [("notice", "columns not used: open, comment")]


@pytest.mark.parametrize(
    "text", ["date;ticker;close\n2025-01-02;A;5\n", '\ufeff"date"\t"ticker"\t"close"\r\n\r\n2025-01-02\tA\t5\r\n']
)
def test_delimiter_byte_order_mark_quotes_and_line_ends_do_not_matter(text: str) -> None:
    assert read_prices(text.encode()).series["A"].close.tolist() == [5.0]


def test_a_gzipped_file_and_a_path_read_as_the_bytes_do(tmp_path: Path) -> None:
    text = b"date,ticker,close\n2025-01-02,A,5\n"
    path = tmp_path / "p.csv.gz"
    path.write_bytes(gzip.compress(text[:20]) + gzip.compress(text[20:]))
    assert read_prices(path).series["A"].close.tolist() == read_prices(text).series["A"].close.tolist() == [5.0]
    assert read_prices(str(path)).source == "p.csv.gz"


# Refusals


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"ticker,close\nA,5\n", "no column 'date'"),
        (b"date,ticker,price\n2025-01-02,A,5\n", "no column 'close'"),
        (b"date,ticker,close\n", "no usable price"),
        (b"date,ticker,close\n02/01/2025,A,5\n", "no usable price: row 2: date '02/01/2025'"),
        (b"date,ticker,close\n2025-01-02,\xff,5\n", "is not UTF-8"),
        (gzip.compress(b"date,ticker,close\n2025-01-02,A,5\n", mtime=0)[:-9], "damaged or cut short"),
        (b"\x1f\x8bnot gzip at all", "damaged or cut short"),
    ],
)
def test_a_file_that_cannot_be_used_says_so_in_one_line(data: bytes, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_prices(data, name="p.csv")
    assert str(caught.value).startswith("p.csv") and said in str(caught.value) and "\n" not in str(caught.value)


def test_a_path_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path, Path("nul\0.csv")):
        with pytest.raises(InputError, match="cannot be read"):
            read_prices(path)


def test_a_small_file_that_swells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exposure.prices._files.LIMIT", 2**20)
    with pytest.raises(InputError, match="more than 1 MiB"):
        read_prices(gzip.compress(b"date,ticker,close\n" + b"0" * 2**20))


def test_bad_rows_are_kept_aside_with_the_line_an_editor_shows_and_the_rest_is_read() -> None:
    text = (
        "date,ticker,close,adj_close\n"
        "2025-01-02,A,5,5\n"
        "\n"
        "2025-01-03,A,abc,5\n"  # 4
        "2025-13-03,A,5,5\n"  # 5
        "2025-01-06,,5,5\n"  # 6
        "2025-01-07,A,0,5\n"  # 7
        "2025-01-08,A,-5,5\n"  # 8
        "2025-01-09,A,inf,5\n"  # 9
        "2025-01-10,A,nan,5\n"  # 10
        "2025-01-13,A,,5\n"  # 11
        "2025-01-14,A,5\n"  # 12
        "2025-01-15,A,5,5,7\n"  # 13
        "2025-01-16,A,5,0\n"  # 14
        "2025-01-17,A,5,x\n"  # 15
        '2025-01-21,A,"1,2a4",5\n'  # 16
        "2025-01-22 15:00:00+00:00,A,5,5\n"  # 17
        "2025-01-23,A,6,6,,\n"
    )
    market = read_prices(text.encode())
    assert days(market, "A") == ["2025-01-02", "2025-01-23"]
    assert [r.row for r in market.rejected] == list(range(4, 18))
    by_row = {r.row: r for r in market.rejected}
    assert by_row[4].raw == "2025-01-03,A,abc,5"
    assert by_row[4].reason == "A: close 'abc' is not a positive finite number with a decimal point"
    assert by_row[6].reason == "no ticker"
    assert by_row[11].reason == "A: close is empty"
    assert by_row[12].reason == "3 cells where the heading has 4"
    assert "adj_close 'x'" in by_row[15].reason
    assert "session date" in by_row[17].reason


def test_bad_cells_of_a_wide_file_name_their_ticker() -> None:
    market = read_prices(b"date,A,B\n2025-01-02,5,x\n2025-01-03,5,7\n")
    assert [(r.row, r.reason[:2], r.raw) for r in market.rejected] == [(2, "B:", "2025-01-02,5,x")]
    assert days(market, "B") == ["2025-01-03"]


def test_a_stray_quote_does_not_swallow_the_rows_after_it() -> None:
    market = read_prices(b'date,ticker,close\n2025-01-02,"A,5\n2025-01-03,A,6\n2025-01-06,A,7\n')
    assert days(market, "A") == ["2025-01-02", "2025-01-03", "2025-01-06"]


def test_line_numbers_hold_beyond_one_chunk_of_rows() -> None:
    n = 20_000
    start = np.datetime64("1950-01-01")
    lines = [f"{start + i},A,5" for i in range(n)]
    lines[9_000], lines[19_999] = "bad,A,5", "2025-01-02,A"
    market = read_prices("\n".join(["date,ticker,close", *lines]).encode())
    assert [(r.row, r.raw) for r in market.rejected] == [(9_002, "bad,A,5"), (20_001, "2025-01-02,A")]
    assert market.rows == n - 2


# What stands twice, or cannot be right


def test_the_later_of_two_rows_for_a_date_counts_and_is_said() -> None:
    market = read_prices(b"date,ticker,close\n2025-01-02,A,5\n2025-01-03,A,6\n2025-01-02,A,7\n")
    assert market.series["A"].close.tolist() == [7.0, 6.0]
    assert [(i.row, i.what) for i in market.issues] == [
        (4, "1 row gives a ticker and date again (A on 2025-01-02); the later row counts")
    ]


def test_a_bad_print_of_a_hundred_times_is_held_back_by_name() -> None:
    market = read_prices(b"date,ticker,close\n2025-01-02,V,7.1\n2025-01-03,V,7.2\n2025-01-06,V,730\n2025-01-07,V,7.3\n")
    assert days(market, "V") == ["2025-01-02", "2025-01-03", "2025-01-07"]
    (issue,) = market.issues
    assert issue.severity == "warning" and issue.row == 4
    assert issue.what.startswith("V: a move of ×101.4 on 2025-01-06 is a fault of unit; 1 of 4 prices are held back")


def test_pence_and_pounds_in_turn_leave_the_level_that_most_prices_are_at() -> None:
    prices = [710, 7.2, 730, 7.4, 7.3, 715, 720]  # four in pence
    rows = [("V", date(2025, 1, 2 + i), p, None, None, "GBX", None) for i, p in enumerate(prices)]
    market = from_rows(rows)
    assert market.series["V"].close.tolist() == [710, 730, 715, 720]
    assert "3 of 7 prices are held back, the first on 2025-01-03" in market.issues[0].what


def test_a_large_move_that_stays_and_is_no_factor_of_a_unit_stands_and_is_named() -> None:
    assert read_prices(b"date,A,B\n2025-01-02,1,20\n2025-01-03,20,1\n").issues == ()
    beyond = read_prices(b"date,A,B\n2025-01-02,1,30\n2025-01-03,30,1\n2025-01-06,31,1\n")
    assert beyond.rows == 6
    assert [i.what for i in beyond.issues] == [
        "A: a move of ×30 on 2025-01-03, which nothing states or explains, stands in the figures",
        "B: a move of ×0.03333 on 2025-01-03, which nothing states or explains, stands in the figures",
    ]
    assert beyond.notes["A"].held_back == () and beyond.notes["A"].issues == beyond.issues[:1]


@pytest.mark.parametrize("prices", [(710, 700, 7.1, 7.2, 7.3), (7.1, 7.2, 7.3, 690), (52.0, 53.0, 52_900.0)])
def test_a_move_by_the_factor_of_a_unit_is_held_back_whether_it_returns_or_not(prices: tuple[float, ...]) -> None:
    market = from_rows([("V", date(2025, 1, 2 + i), p, None, None, None, None) for i, p in enumerate(prices)])
    kept = market.series["V"].close
    assert kept.max() / kept.min() < 1.1 and len(kept) + len(market.notes["V"].held_back) == len(prices)
    assert "is a fault of unit" in market.issues[0].what


def test_a_print_that_is_taken_back_is_held_back_whatever_its_factor() -> None:
    market = read_prices(b"date,ticker,close\n2025-01-02,V,7.1\n2025-01-03,V,7.2\n2025-01-06,V,230\n2025-01-07,V,7.3\n")
    assert days(market, "V") == ["2025-01-02", "2025-01-03", "2025-01-07"]
    assert "is taken back later, a wrong print" in market.issues[0].what
    assert market.notes["V"].held_back == (date(2025, 1, 6),)


def test_an_unadjusted_split_is_no_fault_where_the_adjusted_price_does_not_jump() -> None:
    market = read_prices(b"date,ticker,close,adj_close\n2022-03-01,X,3000,100\n2022-03-02,X,100,101\n")
    assert market.issues == () and market.series["X"].close.tolist() == [3000.0, 100.0]


def test_two_currencies_in_one_series_are_not_mixed() -> None:
    market = read_prices(
        b"date,ticker,close,currency\n2025-01-02,V,710,GBX\n2025-01-03,V,700,GBX\n2025-01-06,V,690,GBP\n"
    )
    # The label makes 690 pounds of it: beside 700 pence that is a fault of unit, whichever of the two is wrong.
    assert market.series["V"].currency == "GBX" and market.series["V"].close.tolist() == [710.0, 700.0]
    assert [(i.severity, i.row) for i in market.issues] == [("notice", 4), ("warning", 4)]
    foreign = read_prices(b"date,ticker,close,currency\n2025-01-02,V,7,USD\n2025-01-03,V,7,USD\n2025-01-06,V,7,GBP\n")
    assert foreign.series["V"].currency == "USD" and foreign.notes["V"].held_back == (date(2025, 1, 6),)
    assert [i.what for i in foreign.issues] == [
        "V: 1 price in GBP among prices in USD is held back, that of 2025-01-06"
    ]


def test_a_date_without_adjusted_price_gives_no_return_price_and_is_said() -> None:
    market = read_prices(b"date,ticker,close,adj_close\n2025-01-02,A,10,9\n2025-01-03,A,10,\n")
    assert market.series["A"].returns_price[0] == 9 and np.isnan(market.series["A"].returns_price[1])
    assert "A: adj_close is empty on 1 of 2 dates" in market.issues[0].what


def test_an_unreadable_volume_does_not_cost_the_price() -> None:
    market = read_prices(b"date,ticker,close,volume\n2025-01-02,A,5,many\n2025-01-03,A,5,100\n")
    assert market.rows == 2 and market.rejected == ()
    volume = market.series["A"].volume
    assert volume is not None and np.isnan(volume[0]) and volume[1] == 100
    assert market.issues[0].row == 2


# The noun


def test_arrays_and_mapping_are_read_only() -> None:
    market = read_prices(b"date,ticker,close,adj_close,volume\n2025-01-02,A,5,5,1\n")
    series = market.series["A"]
    for array in (series.dates, series.close, series.adj_close, series.volume, series.returns_price):
        assert array is not None and not array.flags.writeable
    with pytest.raises(TypeError):
        market.series["B"] = series  # type: ignore[index]


def test_closes_for_valuing_are_of_the_day_or_the_week_before_and_never_later_or_dividend_adjusted() -> None:
    market = from_rows(
        [
            ("A", "2025-01-02", 5, None, None, "USD", "raw"),
            ("A", "2025-01-10", 6, None, None, "USD", "raw"),
            ("B", "2025-01-02", 7, 7, None, "USD", "adj"),
        ]
    )
    assert market.closes_on(date(2025, 1, 8)) == {"A": (5.0, "USD")}
    assert market.closes_on(date(2025, 1, 9)) == {}
    assert market.closes_on(date(2025, 1, 10)) == {"A": (6.0, "USD")}
    assert market.closes_on(date(2025, 1, 1)) == {}


def test_no_rows_make_an_empty_market() -> None:
    market = from_rows([])
    assert (dict(market.series), market.rows, market.start, market.end) == ({}, 0, None, None)


def test_stored_rows_that_cannot_be_right_are_rejected_by_position() -> None:
    market = from_rows(
        [("A", date(2025, 1, 2), 5.0, None, 10.0, "USD", None), ("A", date(2025, 1, 3), 0.0, None, None, "USD", None)]
    )
    assert market.rows == 1 and [r.row for r in market.rejected] == [2]
    assert "'0.0'" in market.rejected[0].reason and "datetime.date(2025, 1, 3)" in market.rejected[0].raw


stored = st.tuples(
    st.sampled_from(["A", "B", "C.L"]),
    st.dates(date(2024, 1, 1), date(2024, 3, 1)),
    st.floats(10, 100),
    st.none(),
    st.none() | st.integers(0, 10**9),
    st.just("USD"),
    st.just("raw"),
)


@given(rows=st.lists(stored, max_size=40, unique_by=lambda r: (r[0], r[1])), seed=st.randoms())
def test_the_order_of_rows_does_not_matter_and_no_row_is_lost(rows: list[tuple[object, ...]], seed: object) -> None:
    shuffled = list(rows)
    seed.shuffle(shuffled)  # type: ignore[attr-defined]
    market, other = from_rows(rows), from_rows(shuffled)
    assert market.rows == len(rows) and list(market.series) == list(other.series)
    for ticker, series in market.series.items():
        assert (np.diff(series.dates) > np.timedelta64(0)).all()
        assert series.close.tolist() == other.series[ticker].close.tolist()
        assert dict(zip(series.dates.tolist(), series.close.tolist(), strict=True)) == {
            r[1]: r[2] for r in rows if r[0] == ticker
        }


@given(prices=st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=30))
def test_no_move_beyond_the_bound_and_no_price_held_back_goes_unsaid(prices: list[float]) -> None:
    rows = [("A", date.fromordinal(738_000 + i), p, None, None, None, None) for i, p in enumerate(prices)]
    market = from_rows(rows)
    kept, held_back = market.series["A"].close, market.notes["A"].held_back if "A" in market.notes else ()
    assert len(kept) + len(held_back) == len(prices)
    ratio = kept[1:] / kept[:-1]
    beyond = np.flatnonzero((ratio > 20) | (ratio < 1 / 20))
    assert (len(beyond) == 0 and not held_back) or any(i.severity == "warning" for i in market.issues)
    if not held_back:
        named = [day for day in market.series["A"].dates[beyond + 1] if any(str(day) in i.what for i in market.issues)]
        assert len(named) == len(beyond)


@given(
    data=st.binary(max_size=200) | st.text(alphabet='date,ticker close0123456789-.\n"eE+', max_size=200).map(str.encode)
)
def test_no_bytes_make_anything_but_a_market_or_an_input_error(data: bytes) -> None:
    for head in (b"", b"date,ticker,close\n", b"date,A\n", b"Price,Close\nTicker,A\n"):
        try:
            market = read_prices(head + data)
        except InputError:
            continue
        assert market.rows > 0


@pytest.mark.slow
@pytest.mark.skipif(not PRICES.exists(), reason="the daily closes are not beside the project")
def test_the_daily_closes_read_whole_and_clean() -> None:
    market = read_prices(PRICES)
    with gzip.open(PRICES, "rt", encoding="utf-8") as lines:
        listed = [line.split(",", 2)[1] for line in lines][1:]
    assert (set(market.series), market.rows) == (set(listed), len(listed))
    assert market.issues == () and market.rejected == ()
    nvda = market.series["NVDA"].returns_price
    day = market.series["NVDA"].dates == np.datetime64("2025-01-27")
    assert nvda[day] / nvda[np.roll(day, -1)] - 1 == pytest.approx(-0.1697, abs=2e-4)


# Splits


def test_a_split_is_told_from_a_jump_of_close_that_adj_close_has_not() -> None:
    """Close 300 → 100.5 while the adjusted price goes 100 → 100.5: three to one. A dividend of a quarter is none."""
    rows = [("A", f"2025-01-0{k}", c, a, None, "USD", "raw") for k, c, a in ((1, 300, 100), (2, 100.5, 100.5))]
    rows += [("B", f"2025-01-0{k}", c, a, None, "USD", "raw") for k, c, a in ((1, 100, 75), (2, 75, 75))]
    rows += [("C", f"2025-01-0{k}", c, a, None, "USD", "raw") for k, c, a in ((1, 1, 10), (2, 10, 10))]
    market = from_rows(rows)
    assert market.series["A"].splits == ((date(2025, 1, 2), 3.0),) and market.series["B"].splits == ()
    assert market.series["C"].splits == ((date(2025, 1, 2), pytest.approx(0.1)),), "ten shares made one"
    assert market.closes_on(date(2025, 1, 1))["A"] == (300.0, "USD")


def test_quantities_are_carried_forward_and_back_by_the_splits_between() -> None:
    market = read_prices(
        b"date,ticker,close,stock_splits\n2025-01-01,A,10,0\n2025-01-02,A,10,2\n2025-01-03,A,10,\n2025-01-06,A,10,3\n"
    )
    series, first, last = market.series["A"], date(2025, 1, 1), date(2025, 1, 6)
    assert series.split_factor(first, last) == 6.0 and series.split_factor(last, first) == pytest.approx(1 / 6)
    assert series.split_factor(date(2025, 1, 2), date(2025, 1, 3)) == 1.0, "the day itself is at the new count"
    # These closes do not jump: they are adjusted for both splits, and were six times as high when traded.
    assert [market.closes_on(d)["A"][0] for d in (first, date(2025, 1, 3), last)] == [60.0, 30.0, 10.0]


def test_closes_as_traded_make_no_return_of_a_split() -> None:
    market = read_prices(b"date,ticker,close,splits\n2025-01-01,A,100,\n2025-01-02,A,51,2\n2025-01-03,A,52,\n")
    assert market.series["A"].returns_price.tolist() == [50.0, 51.0, 52.0]
    assert market.closes_on(date(2025, 1, 1))["A"][0] == 100.0


def test_a_split_that_is_no_ratio_is_said_and_costs_no_price() -> None:
    market = read_prices(b"date,ticker,close,split\n2025-01-01,A,100,x\n2025-01-02,A,51,-2\n")
    assert market.series["A"].splits == () and market.rows == 2
    assert [i.row for i in market.issues if "split is no ratio" in i.what] == [2]
