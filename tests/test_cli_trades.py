"""`trades` on the command line: before and after as the engine gives them, in the order written, refused in a line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from exposure import load_scenario, read_holdings, to_book
from exposure.cli import main
from exposure.trades._effects import what_if
from exposure.trades._whatif import Trade

BOOK = (
    "As of,2025-01-24\nTicker,ISIN,Name,Quantity,Price,Market value,Currency\n"
    "NVDA,US67066G1040,NVIDIA Corp,100,140,14000,USD\n"
    "AMD,US0079031078,AMD,-20,120,-2400,USD\n"
    "KO,US1912161007,Coca-Cola Co,100,60,6000,USD\n"
)


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "book.csv"
    path.write_text(BOOK, encoding="utf-8")
    return str(path)


def run(capsys, *words: str) -> dict:
    assert main(["trades", *words, "--json"]) == 0
    out = capsys.readouterr().out
    found: dict = json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    return found


def test_the_command_tries_what_the_engine_tries_in_the_order_written(file, capsys) -> None:
    said = run(capsys, file, "--cut", "gross:segment:chips=0.5", "--hedge", "SMH=0.05", "--sell", "KO=1000USD",
               "--buy", "US67066G1040=0.01", "--cash=-500USD")  # fmt: skip
    expected = what_if(
        to_book(read_holdings(file)),
        load_scenario("deepseek-2025-01-27"),
        [
            Trade("cut", "segment:chips", 0.5, side="gross"),
            Trade("short", "SMH", 0.05),
            Trade("trade", "US1912161007", -1000.0, "money"),
            Trade("trade", "US67066G1040", 0.01),
            Trade("cash", "", -500.0, "money"),
        ],
    )
    assert said["before"]["total_return"] == expected.before.total_return
    assert said["after"]["total_return"] == expected.after.total_return
    assert [t["change"] for t in said["trades"]] == [e.change for e in expected.effects]
    assert sum(t["change"] for t in said["trades"]) == pytest.approx(said["change"], abs=1e-12)
    assert said["nav"] == 17_600.0
    assert said["after"]["nav_before"] == pytest.approx(17_100.0)


def test_a_gross_limit_is_met_and_long_and_short_stand_apart(file, capsys) -> None:
    """NVIDIA is 98 % chips and 2 % models here or whatever the table says; AMD all chips: net is long and short."""
    said = run(capsys, file, "--cut", "gross:segment:chips=0.5")
    limit = said["limits"][0]
    assert (limit["side"], limit["bound"], limit["breached"]) == ("gross", 0.5, False)
    assert limit["before"] > 0.5
    assert limit["after"] == pytest.approx(0.5, abs=1e-12)
    chips = next(row for row in said["exposure"] if row["segment"] == "chips")
    for when in ("before", "after"):
        each = chips[when]
        assert each["net"] == pytest.approx(each["long"] + each["short"], abs=1e-12)
        assert each["gross"] == pytest.approx(each["long"] - each["short"], abs=1e-12)
    assert chips["before"]["short"] == pytest.approx(-2400 / 17_600)
    long_only = run(capsys, file, "--cut", "long:segment:chips=0.1")
    after = next(row for row in long_only["exposure"] if row["segment"] == "chips")["after"]
    assert after["long"] == pytest.approx(0.1)
    assert after["short"] == pytest.approx(-2400 / 17_600), "the short is left alone"


def test_all_of_a_line_is_sold(file, capsys) -> None:
    said = run(capsys, file, "--sell", "ko=all")
    assert said["trades"][0]["dealt"][0]["amount"] == -6000.0
    assert "outside" not in [row["segment"] for row in said["exposure"] if row["after"]["gross"]]


def test_days_to_trade_come_with_a_file_of_prices(file, capsys, tmp_path) -> None:
    """1,000 shares a day at 60 dollars are 60,000; at a tenth of it 3,000 dollars take half a session."""
    days = [f"2025-01-{n:02}" for n in range(6, 25)]
    rows = [f"{day},KO,60,1000,USD" for day in days]
    prices = tmp_path / "prices.csv"
    prices.write_text("date,ticker,close,volume,currency\n" + "\n".join(rows) + "\n", encoding="utf-8")
    said = run(capsys, file, "--sell", "KO=3000USD", "--prices", str(prices), "--participation", "0.1")
    assert said["trades"][0]["dealt"][0]["days"] == pytest.approx(0.5)
    assert run(capsys, file, "--sell", "KO=3000USD")["trades"][0]["dealt"][0]["days"] is None


def test_the_text_names_before_after_and_that_it_is_no_order(file, capsys) -> None:
    assert main(["trades", file, "--cut", "segment:chips=0.2"]) == 0
    said = capsys.readouterr().out
    assert "before" in said and "after 1 trade " in said
    assert "Limit segment:chips (net)" in said and "within it" in said
    assert said.rstrip().endswith("nothing here is an order.")


def test_an_issuer_goes_by_any_of_its_tickers_and_a_country_by_either_case(file, capsys) -> None:
    """`TSM` is a listing of the issuer 2330.TW, which the file does not hold: a limit that is kept, and no refusal."""
    answer = run(capsys, file, "--cut", "issuer:tsm=0.1", "--cut", "country:us=0.5", "--cut", "issuer:nvda=0.1")
    assert [each["limit"] for each in answer["limits"]] == ["issuer:2330.TW", "country:US", "issuer:NVDA"]
    assert answer["limits"][2]["after"] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no trade is given"),
        (["--sell", "XX=0.1"], "the book holds no line XX"),
        (["--cut", "chips=0.1"], "chips cannot be cut"),
        (["--cut", "segment:chips=1000USD"], "a limit is a share of capital"),
        (["--cut", "segment:chips=ten"], "ten is no amount"),
        (["--cut", "issuer:NVIDA=0.1"], "knows the issuer NVIDA; name one that the book holds, such as NVDA, KO"),
        (["--cut", "country:XX=0.1"], "knows the country XX; name one that the book holds, such as US"),
        (["--cut", "segment:chips=20"], "20 is 2 000 % of capital, more than the whole book"),
        (["--hedge", "SMH=5"], "5 is 500 % of capital, more than the whole book"),
        (["--cut", "segment:chip=0.1"], "no segment is called chip; name one of foundation_models, chips, "),
        (["--cut", "segment:chips=nan"], "no amount"),
        (["--hedge", "SMH=100EUR"], "is money of EUR and the book is in USD"),
        (["--hedge", "ZZZZ=0.1"], "ZZZZ is not in the project"),
        (["--sell", "KO"], "names no amount"),
        (["--cash=-2"], "leaves no net asset value"),
        (["--cash=0.1", "--participation", "0"], "no share of the turnover"),
    ],
)
def test_what_cannot_be_tried_is_refused_in_one_line(file, capsys, words, said) -> None:
    assert main(["trades", file, *words]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert said in shown.err
    assert shown.err.count("\n") == 1


def test_a_cut_of_effective_exposure_counts_an_inverse_fund_as_a_short(tmp_path, capsys) -> None:
    """SOXS is 2000 of 10000: −3 · 0.2 · 0.756 = −45.36 % of chips as it moves, cut to 15 %."""
    path = tmp_path / "soxs.csv"
    path.write_text(
        "As of,2025-01-24\nName,Ticker,Quantity,Price,Currency,Market value\n"
        "Direxion Daily Semiconductor Bear 3X,SOXS,100,20,USD,2000\nCash,,,,USD,8000\n",
        encoding="utf-8",
    )
    said = run(capsys, str(path), "--cut", "effective:segment:chips=0.15")
    (limit,) = said["limits"]
    assert limit["side"] == "effective" and not limit["breached"]
    assert limit["before"] == pytest.approx(-0.4536)
    assert limit["after"] == pytest.approx(-0.15)
    assert main(["segments", str(path), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert next(r for r in answer["by_segment"] if r["segment"] == "chips")["effective_weight"] == pytest.approx(
        -0.4536
    )
    assert [p["effective_weight"] for p in answer["positions"]] == pytest.approx([-0.6, 0.8])


@pytest.mark.parametrize(("amount", "told"), [("500USD", "add cash"), ("-500USD", "withdraw cash")])
def test_cash_is_told_by_its_sign(file, capsys, amount: str, told: str) -> None:
    said = run(capsys, file, f"--cash={amount}")
    assert said["trades"][0]["trade"].startswith(told)
    assert said["after"]["nav_before"] - said["before"]["nav_before"] == (500.0 if told.startswith("add") else -500.0)


def test_the_remedy_of_an_option_that_rests_works_when_it_is_followed(tmp_path, capsys) -> None:
    book, own = tmp_path / "book.csv", tmp_path / "overrides.csv"
    book.write_text(
        "As of,2025-01-24\nName,Ticker,Quantity,Price,Currency,Market value\nNVIDIA Corp,NVDA,100,142.62,USD,14262\n"
        "NVDA call,NVDA  250321C00150000,2,8.5,USD,1700\n",
        encoding="utf-8",
    )
    own.write_text(
        "isin,ticker,segment,weight,reason,date,author,delta\n,NVDA  250321C00150000,,,desk,2025-01-24,ann,0.45\n",
        encoding="utf-8",
    )
    assert main(["shock", str(book), "--json"]) == 0
    before = json.loads(capsys.readouterr().out)
    assert any("delta in the overrides" in i["remedy"] for i in before["issues"])
    assert main(["shock", str(book), "--overrides", str(own), "--json"]) == 0
    after = json.loads(capsys.readouterr().out)
    assert not any("not shocked" in i["what"] for i in after["issues"])
    (moved,) = (p for p in after["positions"] if p["kind"] == "option")
    assert (moved["provenance"], moved["via"], moved["delta"]) == ("user", "delta", 0.45)
    assert moved["pnl"] == pytest.approx(12_835.8 * moved["total_move"])
