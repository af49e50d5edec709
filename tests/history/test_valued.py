"""A book valued by prices says which, how old, and what was wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from exposure.flow import book_of, drawdown, shock
from exposure.prices import read_prices
from exposure.shock._compare import comparison_issues
from exposure.types import Book, Issue


def held(folder: Path, day: str, *lines: str) -> Path:
    path = folder / "held.csv"
    path.write_text("\n".join([f"As of,{day}", "", "Name,Ticker,Quantity,Currency", *lines, ""]))
    return path


ALPHABET, NVIDIA = "Alphabet Inc Class A,GOOGL,2000,USD", "NVIDIA Corp,NVDA,1000,USD"


def valued(folder: Path, prices: str, day: str = "2022-07-19", *lines: str) -> Book:
    market = read_prices(f"date,ticker,close\n{prices}".encode(), name="p.csv")
    return book_of(held(folder, day, *(lines or (ALPHABET, NVIDIA))), market=market)


def of_prices(book: Book) -> list[Issue]:
    return [issue for issue in book.issues if issue.weight is not None]


def test_a_row_held_back_is_not_bridged_by_an_older_price_without_its_ticker_day_and_age(tmp_path: Path) -> None:
    """On the 19th Alphabet's price is a hundred times too high: Friday's close values it, 4 days older."""
    prices = "2022-07-14,GOOGL,110\n2022-07-15,GOOGL,112\n2022-07-19,GOOGL,11300\n2022-07-19,NVDA,168\n"
    book = valued(tmp_path, prices)
    assert book.nav == pytest.approx(2000 * 112 + 1000 * 168)
    share = 2000 * 112 / book.nav
    older, fault = of_prices(book)
    assert (older.severity, older.what) == (
        "warning", "GOOGL: its price of 2022-07-19 is held back; valued by the close of 2022-07-15, 4 days older"
    )  # fmt: skip
    assert fault.severity == "warning" and "GOOGL: a move of ×100.9 on 2022-07-19 is a fault of unit" in fault.what
    assert [older.weight, fault.weight] == [pytest.approx(share)] * 2


def test_a_row_that_was_refused_is_not_bridged_in_silence_either(tmp_path: Path) -> None:
    book = valued(tmp_path, "2022-07-18,GOOGL,112\n2022-07-19,GOOGL,n.a.\n2022-07-19,NVDA,168\n")
    older, refused = of_prices(book)
    assert older.what == "GOOGL: its price of 2022-07-19 is held back; valued by the close of 2022-07-18, 1 day older"
    assert "1 row of p.csv is not used, row 3: GOOGL: close 'n.a.'" in refused.what
    assert refused.weight == older.weight


def test_an_older_close_is_named_with_its_age_and_a_weekend_is_none(tmp_path: Path) -> None:
    prices = "2022-07-14,GOOGL,110\n2022-07-15,NVDA,160\n"
    (older,) = of_prices(valued(tmp_path, prices, "2022-07-15"))
    assert (older.severity, older.what) == ("notice", "valued by the close of 2022-07-14, 1 day before the book: GOOGL")
    sunday = valued(tmp_path, "2022-07-15,GOOGL,110\n2022-07-15,NVDA,160\n", "2022-07-17")
    assert of_prices(sunday) == []
    assert len(of_prices(valued(tmp_path, "2022-07-15,GOOGL,110\n2022-07-15,NVDA,160\n", "2022-07-18"))) == 1


def test_what_concerns_tickers_that_are_not_held_stays_out_and_what_concerns_the_file_is_told(tmp_path: Path) -> None:
    prices = "2022-07-19,GOOGL,112\n2022-07-19,NVDA,168\n2022-07-18,KO,60\n2022-07-19,KO,6000\n2022-07-18,KO,x\n"
    book = valued(tmp_path, prices)
    assert of_prices(book) == [] and not [issue for issue in book.issues if "KO" in issue.what]
    broken = valued(tmp_path, prices + "2022-07-18\n")
    assert "1 row of p.csv is not used, row 7: 1 cells" in broken.issues[-1].what


def test_every_answer_over_the_book_hands_on_what_its_prices_said(tmp_path: Path) -> None:
    prices = "2022-07-14,GOOGL,110\n2022-07-15,GOOGL,112\n2022-07-19,GOOGL,11300\n2022-07-19,NVDA,168\n"
    market = read_prices(f"date,ticker,close\n{prices}2022-07-18,NVDA,165\n".encode(), name="p.csv")
    book = book_of(held(tmp_path, "2022-07-19", ALPHABET, NVIDIA), market=market)
    said = {issue.what for issue in of_prices(book)}
    result = shock(book, "deepseek-2025-01-27")
    assert said and said <= {issue.what for issue in result.issues}
    fall = [issue.what for issue in drawdown(book, market).issues]
    assert said <= set(fall) and len(fall) == len(set(fall)), "each of them once"
    assert all(any(issue.what.endswith(what) for issue in comparison_issues([result, result])) for what in said)


@pytest.mark.parametrize("close", ["", "n.a.", "9500000"])
def test_an_older_close_is_brought_over_the_splits_between_its_day_and_the_book_s(tmp_path: Path, close: str) -> None:
    """Twenty to one on the 18th, whose own close cannot be used: 2,235.55 of the Friday before is 111.7775 then."""
    splits = f"date,ticker,close,stock_splits\n2022-07-15,GOOGL,2235.55,0\n2022-07-18,GOOGL,{close},20\n"
    for later in ("", "2022-07-19,GOOGL,113.81,0\n2022-07-20,GOOGL,114,0\n"):
        market = read_prices(f"{splits}{later}".encode(), name="p.csv")
        if close != "9500000" or later:  # what nothing follows is no wrong print yet
            assert book_of(held(tmp_path, "2022-07-18", ALPHABET), market=market).nav == pytest.approx(2000 * 111.7775)


@pytest.mark.parametrize(
    ("line", "close", "value"),
    [
        ("Vodafone Group,VOD.L,1000,GBX", 72.0, 720.0),
        ("Vodafone Group,VOD.L,1000,GBP", 72.0, 720.0),
        ("Naspers,NPN.JO,100,ZAR", 300_000.0, 300_000.0),
        ("ASML Holding,ASML.AS,10,EUR", 700.0, 7_000.0),
    ],
)
def test_a_close_without_a_unit_stands_in_what_its_exchange_quotes(
    tmp_path: Path, line: str, close: float, value: float
) -> None:
    """Yahoo's own download names no unit: 72 beside VOD.L are pence, which is said; 700 beside ASML.AS are euros."""
    ticker, currency = line.split(",")[1], line[-3:].replace("GBX", "GBP")
    book = valued(tmp_path, f"2022-07-19,{ticker},{close}\n", "2022-07-19", line)
    assert (book.currency, book.nav) == (currency, pytest.approx(value))
    said = [i.what for i in book.issues if "name no unit" in i.what]
    assert bool(said) == (currency != "EUR")


def test_a_close_without_a_unit_is_converted_from_the_currency_of_its_line_or_exchange(tmp_path: Path) -> None:
    """Ten shares at 700 euros are 7,000 euros, and never 7,000 dollars; the ECB's rate of that day was 1.0245."""
    for currency in ("EUR", ""):
        path = held(tmp_path, "2022-07-19", f"ASML Holding,ASML.AS,10,{currency}", "NVIDIA Corp,NVDA,10,USD")
        market = read_prices(b"date,ticker,close\n2022-07-19,ASML.AS,700\n2022-07-19,NVDA,168\n", name="p.csv")
        assert book_of(path, base_currency="USD", market=market).nav == pytest.approx(7_000 * 1.0245 + 1_680)
