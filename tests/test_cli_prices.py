"""The price store on the command line: what looks wrong is in the status, and nobody answering is one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exposure.cli import main


@pytest.fixture(autouse=True)
def empty_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'store.sqlite'}")


@pytest.fixture
def answer(capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    def ask(*words: object) -> dict[str, Any]:
        status = main([*map(str, words), "--json"])
        captured = capsys.readouterr()
        assert status == 0, captured.err
        found: dict[str, Any] = json.loads(captured.out)
        return found

    return ask


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
    from db import feed

    book = tmp_path / "book_2025-01-24.csv"
    book.write_text("Ticker,Name,Quantity,Price,Market Value,Currency\nNVDA,NVIDIA CORP,10,142.62,1426.20,USD\n")
    answer("import", book, "--portfolio", "Main")
    before = answer("prices", "status")
    nobody = [("NVDA", feed._Answer(reason=feed.OFFLINE))]
    monkeypatch.setattr(feed, "ask", lambda *_, **__: feed._together(nobody, False))
    assert main(["prices", "fetch", "--json"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: Yahoo could not be reached")
    assert captured.err.count("\n") == 1
    assert answer("prices", "status") == before
