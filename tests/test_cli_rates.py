"""Exchange rates on the command line: a book of today, what is not valued in the headline, and remedies that work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from db import feed, sources
from exposure.cli import main
from exposure.prices._bank import shipped_until
from tests.db import bank
from tests.db.source import Failing

LAST = shipped_until()
TODAY = LAST + timedelta(days=31)
LONG_AFTER = LAST + timedelta(days=60)


@pytest.fixture(autouse=True)
def empty_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'store.sqlite'}")


def book(folder: Path, on: date) -> Path:
    file = folder / "book.csv"
    file.write_text(
        f"As of,{on}\n\nName,Ticker,Quantity,Price,Market value,Currency,Weight\n"
        "NVIDIA Corp,NVDA,100,100,10000,USD,35%\nSAP SE,SAP.DE,50,200,10000,EUR,45%\nTSMC,2330.TW,10,500,5000,TWD,20%\n"
    )
    return file


def bank_file(folder: Path, days: bank.Days) -> Path:
    file = folder / "eurofxref-hist.zip"
    file.write_bytes(bank.packed(days))
    return file


def said(found: dict[str, Any], word: str) -> list[dict[str, Any]]:
    return [issue for issue in found["issues"] if word in issue["what"]]


def test_a_book_of_today_is_valued_by_the_last_rate_with_its_day_and_weight(
    answer: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    found = answer("segments", book(tmp_path, TODAY), "--base-currency", "EUR")
    (old,) = said(found, "an old exchange rate from USD to EUR")
    assert str(LAST) in old["what"] and "31 days old" in old["what"]
    weights = {p["ticker"]: p["weight"] for p in found["positions"]}
    assert old["weight"] == pytest.approx(weights["NVDA"])
    (none,) = said(found, "no exchange rate from TWD to EUR")
    assert found["coverage"]["none"] == pytest.approx(0.2) == pytest.approx(none["weight"])
    assert sum(found["coverage"].values()) == pytest.approx(1.0)
    assert [p["market_value"] for p in found["positions"]][2] is None


def test_beyond_forty_five_days_nothing_foreign_is_valued_and_a_pair_among_the_prices_mends_it(
    answer: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    file = book(tmp_path, LONG_AFTER)
    without = answer("shock", file, "--base-currency", "EUR", "--scenario", "deepseek-2025-01-27")
    assert without["nav_before"] == 10_000.0
    assert without["coverage"]["none"] == pytest.approx(0.55)
    (told,) = said(without, "no exchange rate from USD to EUR")
    assert "add EURUSD=X to the prices (--prices FILE)" in told["remedy"]
    pairs = tmp_path / "pairs.csv"
    pairs.write_text(f"date,EURUSD=X,USDTWD=X\n{LONG_AFTER - timedelta(1)},1.25,32\n")
    mended = answer("segments", file, "--base-currency", "EUR", "--prices", pairs)
    assert mended["nav"] == pytest.approx(8_000 + 10_000 + 5_000 / 40)
    assert not said(mended, "exchange rate")
    whole = answer(
        "segments", file, "--base-currency", "EUR", "--prices", bank_file(tmp_path, {LONG_AFTER: {"USD": 1.25}})
    )
    assert whole["nav"] == pytest.approx(18_000)


def test_the_headline_says_what_is_not_valued(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = book(tmp_path, TODAY)
    for words in (["segments", str(file)], ["shock", str(file), "--scenario", "deepseek-2025-01-27"]):
        assert main([*words, "--base-currency", "EUR"]) == 0
        head = "\n".join(capsys.readouterr().out.splitlines()[:2])
        assert "Not valued for want of an exchange rate: 1 line, about 20.0\u202f% of the book" in head
        assert "2330.TW" in head


def test_the_banks_file_is_loaded_on_a_machine_without_a_network(
    answer: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    answer("import", book(tmp_path, TODAY), "--portfolio", "Main")
    before = answer("segments", "--portfolio", "Main", "--base-currency", "EUR")
    assert said(before, "an old exchange rate")
    status = answer("prices", "status")
    assert (status["rates"]["to"], status["rates"]["shipped_to"]) == (str(LAST), str(LAST))
    loaded = answer("prices", "load", bank_file(tmp_path, {TODAY: {"USD": 1.25, "JPY": 160.0}}))
    assert (loaded["failed"], loaded["rows"]) == ([], 0)
    assert (loaded["rates"]["to"], loaded["rates"]["shipped_to"]) == (str(TODAY), str(LAST))
    each = {one["rate"]: (one["to"], one["source"]) for one in loaded["rates"]["each"]}
    assert (each["USD"], each["CHF"]) == ((str(TODAY), "ECB"), (str(LAST), "ECB, shipped"))
    after = answer("segments", "--portfolio", "Main", "--base-currency", "EUR")
    assert after["nav"] == pytest.approx(18_000)
    assert not said(after, "an old exchange rate")


def test_with_a_file_no_stored_rate_is_read(answer: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    answer("prices", "load", bank_file(tmp_path, {TODAY: {"USD": 1.25}}))
    found = answer("segments", book(tmp_path, TODAY), "--base-currency", "EUR")
    assert found["nav"] != pytest.approx(18_000) and said(found, "an old exchange rate")


def test_a_fetch_brings_the_banks_rates_and_says_what_each_source_did(
    answer: Callable[..., dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer("import", book(tmp_path, TODAY), "--portfolio", "Main")
    monkeypatch.setattr(sources, "BACKOFF", 0.01)
    monkeypatch.setattr("db.update.SOURCE", Failing(sources.OFFLINE))
    monkeypatch.setattr("db.update.last_published", lambda _: TODAY)
    with bank.serve() as server:
        monkeypatch.setattr(feed, "BANK", server.url)
        server.days = {TODAY: {"USD": 1.25}}
        found = answer("prices", "fetch")
        assert found["rates"]["to"] == str(TODAY)
        assert {"ticker": "NVDA", "reason": "offline"} in found["failed"]
        assert said(found, "Yahoo could not be reached")
    assert main(["prices", "fetch", "--json"]) == 1, "the bank lacks nothing, and Yahoo does not answer"
    capsys.readouterr()
    monkeypatch.setattr("db.update.last_published", lambda _: TODAY + timedelta(days=1))
    assert main(["prices", "fetch"]) == 1
    *_, told = capsys.readouterr().err.splitlines()  # after the progress
    assert "Yahoo could not be reached" in told and "European Central Bank (offline)" in told
    kept = answer("prices", "status")
    assert kept["rates"]["to"] == str(TODAY)


def test_a_drawdown_of_a_stored_portfolio_takes_the_stored_rates_and_pairs(
    answer: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    """NVIDIA stands still at 100 dollars while the euro rises from 1.25 to 1.60: it falls from 80 to 62.5 euros."""
    answer("import", book(tmp_path, TODAY), "--portfolio", "Main")
    first = TODAY - timedelta(days=3)  # a Friday
    closes = tmp_path / "closes.csv"
    closes.write_text(
        "date,ticker,close,currency\n"
        + "".join(f"{d},NVDA,100,USD\n{d},SAP.DE,200,EUR\n{d},2330.TW,500,TWD\n" for d in (first, TODAY))
    )
    answer("prices", "load", closes)
    answer("prices", "load", bank_file(tmp_path, {first: {"USD": 1.25}, TODAY: {"USD": 1.6}}))
    found = answer("drawdown", "--portfolio", "Main", "--base-currency", "EUR")
    weight = next(p["weight"] for p in answer("segments", "--portfolio", "Main", "--base-currency", "EUR")["positions"])
    assert found["max_drawdown"] == pytest.approx(weight * (62.5 / 80 - 1))
    assert found["missing_prices"] == []
    assert not said(found, "an old exchange rate")


def test_a_line_that_no_rate_ever_values_has_no_weight_in_a_drawdown(tmp_path: Path) -> None:
    """It was told as 0.0 % of the book, which is what nobody knows."""
    from exposure.flow import book_of, drawdown
    from exposure.prices import read_prices

    held = b"As of,2025-01-03\nName,Ticker,Quantity,Price,Price currency\nA,NVDA,1,10,USD\nB,2330.TW,1,900,TWD\n"
    rows = "".join(
        f"2025-01-0{n},{t},{p},{c}\n" for n in (2, 3) for t, p, c in (("NVDA", 10, "USD"), ("2330.TW", 900, "TWD"))
    )
    (tmp_path / "book.csv").write_bytes(held)
    market = read_prices(f"date,ticker,close,currency\n{rows}".encode(), name="prices.csv")
    result = drawdown(book_of(tmp_path / "book.csv", market=market), market)
    assert [(one.currency, one.weight) for one in result.missing_rates] == [("TWD", None)]
