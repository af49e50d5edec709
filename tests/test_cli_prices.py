"""The price store on the command line: what looks wrong is in the status, and nobody answering is one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exposure.cli import main


@pytest.fixture(autouse=True)
def empty_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'store.sqlite'}")


def test_the_status_tells_gaps_jumps_and_splits_that_nobody_adjusted_for(
    answer: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    """New York was open on 23 January; AMD falls 40 %, NVDA to a tenth."""
    prices = tmp_path / "prices.csv"
    prices.write_text(
        "date,AMD,NVDA\n2025-01-21,120,1400\n2025-01-22,121,1410\n2025-01-24,122,1420\n2025-01-27,73.2,142\n"
    )
    loaded = answer("prices", "load", prices)
    assert (loaded["tickers"], loaded["rows"], loaded["failed"]) == (2, 8, [])
    status = answer("prices", "status")
    assert status["gaps"] == [{"ticker": t, "sessions": ["2025-01-23"]} for t in ("AMD", "NVDA")]
    (jump,) = status["jumps"]
    assert (jump["ticker"], jump["date"], round(jump["move"], 9)) == ("AMD", "2025-01-27", -0.4)
    assert status["unadjusted"] == [{"ticker": "NVDA", "date": "2025-01-27", "ratio": 10.0}]
    assert {"tickers", "rows", "from", "to", "missing", "stale", "failed"} <= set(status)


def test_a_fetch_that_nobody_answers_is_one_line_and_changes_nothing(
    answer: Callable[..., dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from db import sources, update
    from tests.db.source import Failing

    book = tmp_path / "book_2025-01-24.csv"
    book.write_text("Ticker,Name,Quantity,Price,Market Value,Currency\nNVDA,NVIDIA CORP,10,142.62,1426.20,USD\n")
    answer("import", book, "--portfolio", "Main")
    before = answer("prices", "status")
    monkeypatch.setattr(update, "SOURCE", Failing(sources.OFFLINE))
    monkeypatch.setattr(sources, "BACKOFF", 0.01)
    assert main(["prices", "fetch", "--json"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    *_, told = captured.err.splitlines()  # after the progress
    assert told.startswith("error: Yahoo could not be reached")
    assert answer("prices", "status") == before


BOOK = "As of,2022-07-19\n\nName,Ticker,Quantity\n{name},{ticker},2000\n"
FALLS = {
    "a stated split of 20 to 1": (
        "date,ticker,close,stock_splits\n2022-07-14,GOOGL,2207.35,0\n2022-07-15,GOOGL,2235.55,0\n"
        "2022-07-18,GOOGL,109.03,20\n2022-07-19,GOOGL,113.81,0\n",
        2000 * 113.81,
        109.03 / 111.7775 - 1,
    ),
    "two spellings of pence": (
        "date,ticker,close,currency\n2022-07-14,GOOGL,7200,GBX\n2022-07-15,GOOGL,7100,GBp\n2022-07-19,GOOGL,6800,GBp\n",
        2000 * 68.0,
        6800 / 7200 - 1,
    ),
    "prices with thousands marks": (
        'date,ticker,close\n2022-07-14,GOOGL,"1,100.00"\n2022-07-15,GOOGL,"980.25"\n2022-07-19,GOOGL,"1,001.00"\n',
        2000 * 1001.0,
        980.25 / 1100 - 1,
    ),
    "tickers in small letters": (
        "date,ticker,close\n2022-07-14,googl,100\n2022-07-15,googl,80\n2022-07-19,googl,101\n",
        2000 * 101.0,
        -0.2,
    ),
}


@pytest.mark.parametrize("name", FALLS)
def test_a_valuation_and_a_drawdown_of_a_price_file_are_right(
    answer: Callable[..., dict[str, Any]], tmp_path: Path, name: str
) -> None:
    text, nav, fall = FALLS[name]
    book, prices = tmp_path / "book.csv", tmp_path / "prices.csv"
    book.write_text(BOOK.format(name="Alphabet Inc Class A", ticker="GOOGL"))
    prices.write_text(text)
    assert answer("segments", book, "--prices", prices)["nav"] == pytest.approx(nav)
    assert answer("drawdown", book, "--prices", prices)["max_drawdown"] == pytest.approx(fall)


def test_segments_name_the_older_price_that_stands_in_for_one_that_is_held_back(
    answer: Callable[..., dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book, prices = tmp_path / "book.csv", tmp_path / "prices.csv"
    book.write_text(BOOK.format(name="Alphabet Inc Class A", ticker="GOOGL"))
    prices.write_text("date,ticker,close\n2022-07-14,GOOGL,110\n2022-07-15,GOOGL,112\n2022-07-19,GOOGL,11300\n")
    found = answer("segments", book, "--prices", prices)
    told = "GOOGL: its price of 2022-07-19 is held back; valued by the close of 2022-07-15, 4 days older"
    assert told in [issue["what"] for issue in found["issues"] if issue["severity"] == "warning"]
    assert main(["segments", str(book), "--prices", str(prices)]) == 0
    assert f"warning: {told}" in capsys.readouterr().err


def test_no_file_commands_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    red, clear, eight_bit = "\x1b[31m", "\x1b[2J", "\x9b31m"
    book, prices = tmp_path / f"bo{red}ok.csv", tmp_path / "prices.csv"
    book.write_text(
        BOOK.format(name=f"Alphabet {clear}Inc{eight_bit}", ticker="GOOGL") + f"{red}no line at all{eight_bit}\n"
    )
    prices.write_text(
        f"date,ticker,close,{clear}note\n2022-07-15,GOOGL,110,\n2022-07-18,{red}GOOGL,111,\n"
        f"2022-07-19,GOOGL,{red}112{eight_bit},\n"
    )
    for words in (
        ["inspect", book], ["segments", book, "--prices", prices], ["drawdown", book, "--prices", prices],
        ["prices", "load", prices], ["prices", "status"], ["inspect", tmp_path / f"{clear}none.csv"],
    ):  # fmt: skip
        for more in ([], ["--json"]):
            main([*map(str, words), *more])
            captured = capsys.readouterr()
            assert captured.out + captured.err
            assert not {"\x1b", "\x9b", "\x00"} & set(captured.out + captured.err), words


def test_a_price_of_a_far_day_is_not_loaded(answer: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    prices = tmp_path / "prices.csv"
    prices.write_text("date,ticker,close\n2025-01-21,V,120\n2062-01-22,V,121\n")
    loaded = answer("prices", "load", prices)
    assert (loaded["rows"], loaded["to"]) == (1, "2025-01-21")
    assert "row 3: date 2062-01-22 is later than any price can be" in loaded["failed"][0]["reason"]
