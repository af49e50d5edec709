"""A doubt about prices stands beside every figure that rests on them, is settled by a person, and comes back."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exposure.cli import main

Ask = Callable[..., dict[str, Any]]
SPLIT = "NVDA: the fall of 90\u202f% on 2024-06-10 looks like a 10-for-1 split that nobody adjusted for"
BOOK = (
    "As of,2024-06-11\nName,Ticker,ISIN,Quantity,Currency\n"
    "NVIDIA Corp,NVDA,US67066G1040,10,USD\nCoca-Cola Co,KO,US1912161007,20,USD\n"
)
"""On the day 1,209.10 dollars of NVIDIA and 1,240 of Coca-Cola: 49.37 %."""
SHARE = 1209.1 / 2449.1
NVDA = (("06-05", 1224.4), ("06-06", 1209.98), ("06-07", 1208.88), ("06-10", 121.79), ("06-11", 120.91))
KO = (("06-05", 62.0), ("06-06", 62.0), ("06-07", 61.5), ("06-10", 62.0), ("06-11", 62.0))
REPLAY = 'id = "two-days"\ntitle = "Two days"\nkind = "replay"\nfrom = 2024-06-07\nto = 2024-06-10\nrest = "outside"\n'


@pytest.fixture(autouse=True)
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'store.sqlite'}")
    Path("book.csv").write_text(BOOK)
    Path("replay.toml").write_text(REPLAY)
    Path("prices.csv").write_text(prices(NVDA=NVDA, KO=KO))


@pytest.fixture
def answer(capsys: pytest.CaptureFixture[str]) -> Ask:
    def ask(words: str) -> dict[str, Any]:
        status = main([*words.split(), "--json"])
        captured = capsys.readouterr()
        assert status == 0, captured.err
        found: dict[str, Any] = json.loads(captured.out)
        return found

    return ask


def prices(**series: Sequence[tuple[str, float]]) -> str:
    rows = [f"2024-{day},{ticker},{close},USD" for ticker, each in series.items() for day, close in each]
    return "\n".join(["date,ticker,close,currency", *rows, ""])


def doubts(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [i for i in answer["issues"] if "NVDA: the " in i["what"]]


@pytest.mark.parametrize(
    "command",
    [
        "segments book.csv --prices prices.csv",
        "drawdown book.csv --prices prices.csv",
        "drawdown book.csv --prices prices.csv --hold quantities",
        "shock book.csv --prices prices.csv --scenario replay.toml",
        "shock book.csv --prices prices.csv",
        "trades book.csv --prices prices.csv --scenario replay.toml --sell KO=all",
        "simulate book.csv --prices prices.csv --draws 64",
        "reverse book.csv --prices prices.csv --loss -0.05",
    ],
)
def test_every_answer_that_rests_on_a_series_says_what_is_doubtful_about_it_once(answer: Ask, command: str) -> None:
    (doubt,) = doubts(answer(command))
    assert (doubt["severity"], doubt["what"]) == ("warning", SPLIT)
    assert doubt["weight"] == pytest.approx(SHARE, abs=1e-9)
    assert doubt["remedy"] == "state the split in a column stock_splits of the price file, or give adjusted closes"


def test_the_remedy_for_a_file_works(answer: Ask) -> None:
    lines = Path("prices.csv").read_text().splitlines()
    split = [f"{line},{10 if '06-10,NVDA' in line else 0}" for line in lines[1:]]
    Path("prices.csv").write_text("\n".join([f"{lines[0]},stock_splits", *split, ""]))
    for command in ("segments", "drawdown"):
        assert doubts(answer(f"{command} book.csv --prices prices.csv")) == []
    # 1,224.40 / 10 = 122.44 falls to 120.888 on the 7th and ends at 120.91; by value NVIDIA is half of the book.
    assert answer("drawdown book.csv --prices prices.csv")["max_drawdown"] > -0.02


def test_a_series_that_no_line_uses_is_not_spoken_of(answer: Ask) -> None:
    Path("book.csv").write_text("As of,2024-06-11\nTicker,Quantity,Currency\nKO,20,USD\n")
    for command in ("segments", "drawdown"):
        assert doubts(answer(f"{command} book.csv --prices prices.csv")) == []
    assert doubts(answer("shock book.csv --prices prices.csv --scenario replay.toml")) == []


def test_stated_values_do_not_rest_on_prices_and_a_history_of_them_does(answer: Ask) -> None:
    Path("book.csv").write_text("As of,2024-06-11\nTicker,Market value,Currency\nNVDA,75,USD\nKO,25,USD\n")
    assert doubts(answer("segments book.csv --prices prices.csv")) == []
    assert doubts(answer("shock book.csv --prices prices.csv")) == []
    assert doubts(answer("drawdown book.csv --prices prices.csv"))[0]["weight"] == 0.75


def test_a_history_before_the_day_or_after_it_is_not_spoiled(answer: Ask) -> None:
    Path("book.csv").write_text("As of,2024-06-11\nTicker,Market value,Currency\nNVDA,75,USD\nKO,25,USD\n")
    assert doubts(answer("drawdown book.csv --prices prices.csv --to 2024-06-07")) == []
    assert doubts(answer("drawdown book.csv --prices prices.csv --from 2024-06-10")) == []
    assert len(doubts(answer("drawdown book.csv --prices prices.csv --from 2024-06-07"))) == 1


def test_names_without_a_price_rest_on_the_doubtful_ones_of_their_segment(answer: Ask) -> None:
    """AMD stands with NVIDIA among the accelerators and is modelled on what NVIDIA did."""
    Path("book.csv").write_text("As of,2024-06-11\nTicker,Market value,Currency\nAMD,30,USD\nKO,70,USD\n")
    (doubt,) = doubts(answer("shock book.csv --prices prices.csv --scenario replay.toml"))
    assert doubt["weight"] == pytest.approx(0.3)


def test_a_prediction_says_what_is_doubtful_about_the_prices_it_learnt_from(answer: Ask) -> None:
    """NVIDIA falls to a tenth within the 300 sessions, and SMH, from which every line is predicted, to 40 %."""
    days = [str(d)[2:] for d in np.busday_offset(np.datetime64("2023-04-01"), np.arange(300), roll="forward")]
    moves = np.random.default_rng(3).normal(0, 0.01, (5, 300))
    level = dict(zip(("SPY", "SMH", "IGV", "NVDA", "AMD"), 100 * np.exp(np.cumsum(moves, axis=1)), strict=True))
    level["NVDA"][200:] /= 10
    level["SMH"][220:] *= 0.4
    rows = [f"20{d},{t},{p:.6f},USD" for t, each in level.items() for d, p in zip(days, each, strict=True)]
    Path("prices.csv").write_text("\n".join(["date,ticker,close,currency", *rows, ""]))
    Path("p.toml").write_text(
        f'id = "p"\ntitle = "P"\nkind = "predictive"\nas_of = 20{days[-1]}\n[given]\nSPY = -0.02\n'
    )
    Path("book.csv").write_text(
        f"As of,20{days[-1]}\nTicker,Market value,Currency\nNVDA,60,USD\nAMD,30,USD\nCash,10,USD\n"
    )
    found = answer("shock book.csv --prices prices.csv --scenario p.toml")["issues"]
    weights = {i["what"].split(":")[0]: i["weight"] for i in found if " the fall of " in i["what"]}
    assert weights["NVDA"] == pytest.approx(0.6)
    assert weights["SMH"] == pytest.approx(0.9)
    assert set(weights) == {"NVDA", "SMH"}


def stored(answer: Ask, text: str | None = None) -> None:
    if text is not None:
        Path("prices.csv").write_text(text)
    answer("prices load prices.csv")


def test_a_persons_word_settles_a_doubt_until_the_price_changes_or_it_is_taken_back(
    answer: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    answer("import book.csv --portfolio Desk")
    stored(answer)
    for command in ("segments --portfolio Desk", "drawdown --portfolio Desk"):
        (doubt,) = doubts(answer(command))
        assert doubt["severity"] == "warning"
    remedy = doubt["remedy"].partition("right: ")[2]
    assert remedy == "prices accept NVDA --date 2024-06-10 --author NAME"
    settled = answer(remedy.replace("NAME", "Ann"))
    assert settled["settled"] == [SPLIT]
    for command in ("segments --portfolio Desk", "drawdown --portfolio Desk"):
        (doubt,) = doubts(answer(command))
        assert doubt["severity"] == "notice"
        assert doubt["what"].startswith(f"{SPLIT}; said to be right by Ann on 2")
    status = answer("prices status")
    assert status["doubts"] == []
    (word,) = status["accepted"]
    assert (word["ticker"], word["date"], word["author"], word["holds"]) == ("NVDA", "2024-06-10", "Ann", True)
    assert main(["prices", "status"]) == 0
    assert "accepted: NVDA unadjusted of 2024-06-10, said to be right by Ann on 2" in capsys.readouterr().out

    stored(answer, prices(NVDA=[(d, c + (d == "06-10") / 100) for d, c in NVDA], KO=KO))
    assert doubts(answer("drawdown --portfolio Desk"))[0]["severity"] == "warning"
    status = answer("prices status")
    assert [d["ticker"] for d in status["doubts"]] == ["NVDA"]
    assert status["accepted"][0]["holds"] is False
    stored(answer, prices(NVDA=NVDA, KO=KO))
    assert doubts(answer("drawdown --portfolio Desk"))[0]["severity"] == "notice"
    assert answer("prices reopen NVDA --date 2024-06-10")["reopened"] == 1
    assert doubts(answer("drawdown --portfolio Desk"))[0]["severity"] == "warning"
    assert answer("prices status")["accepted"] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("prices accept NVDA --date 2024-06-11 --author Ann", "error: nothing is doubtful about NVDA on 2024-06-11; "),
        ("prices accept ZZZ --date 2024-06-10 --author Ann", "error: no prices of ZZZ are stored; "),
        ("prices reopen NVDA --date 2024-06-10", "error: nothing of NVDA on 2024-06-10 was said to be right; "),
    ],
)
def test_what_cannot_be_settled_is_one_line(
    answer: Ask, capsys: pytest.CaptureFixture[str], words: str, said: str
) -> None:
    stored(answer)
    assert main(words.split()) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(said)
    assert captured.err.count("\n") == 1


def test_a_word_about_one_series_settles_nothing_of_another(answer: Ask) -> None:
    stored(answer, prices(NVDA=NVDA, KO=[(d, c / 10 if d >= "06-10" else c) for d, c in KO]))
    answer("prices accept KO --date 2024-06-10 --author Ann")
    assert [d["ticker"] for d in answer("prices status")["doubts"]] == ["NVDA"]
