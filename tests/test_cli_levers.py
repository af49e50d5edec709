"""`fit`, `simulate`, `reverse` and a shock by levers, as scripts use them."""

import json
from math import fsum

import pytest

from exposure.cli import main
from exposure.scenarios import load_scenario
from exposure.scenarios._levers import RANGES

BOOK = """Ticker,Name,Quantity,Price,Market Value,Currency
NVDA,NVIDIA CORP,10,142.62,1426.20,USD
GOOGL,ALPHABET INC,10,200.00,2000.00,USD
JPM,JPMORGAN CHASE,10,264.88,2648.80,USD
"""


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "book_2025-01-24.csv"
    path.write_text(BOOK, encoding="utf-8")
    return path


@pytest.fixture
def ask(capsys):
    def answer(*words: object) -> dict:
        assert main([*map(str, words), "--json"]) == 0, capsys.readouterr().err
        return json.loads(capsys.readouterr().out, parse_constant=lambda name: pytest.fail(f"JSON holds {name}"))

    return answer


@pytest.fixture
def refuse(capsys):
    def refusal(*words: object) -> str:
        status = main([*map(str, words), "--json"])
        captured = capsys.readouterr()
        assert (status, captured.out, captured.err.count("\n")) == (1, "", 1)
        return captured.err

    return refusal


def test_a_shock_by_levers_adds_up(ask, book):
    found = ask("shock", book, "--scenario", "deepseek-transmission", "--set", "jevons_elasticity=0.9")
    assert found["scenario"]["kind"] == "transmission"
    assert found["scenario"]["hash"] == load_scenario("deepseek-transmission", jevons_elasticity=0.9).hash
    assert fsum(r["pnl"] for r in found["by_lever"]) == pytest.approx(found["pnl"], abs=1e-9)
    assert {r["lever"] for r in found["by_lever"]} <= {*RANGES, "given"}
    assert fsum(p["contribution"] for p in found["positions"]) == pytest.approx(found["total_return"], abs=1e-12)
    assert found["coverage"]["modelled"] == 1
    assert ask("shock", book)["by_lever"] == []


def test_a_simulation_gives_what_the_interface_names(ask, book):
    found = ask(
        "simulate", book, "--scenario", "deepseek-transmission", "--draws", 300, "--seed", 7, "--set", "openness=0.5"
    )
    assert (found["draws"], found["seed"], found["held"]) == (300, 7, ["openness"])
    assert set(found["total_return"]) == {"mean", "sd", "p01", "p05", "p50", "p95", "p99", "expected_shortfall_95"}
    others = set(RANGES) - {"openness"}
    assert {r["lever"] for r in found["sensitivity"]} == {r["lever"] for r in found["sobol"]} == others
    assert {"basis", "capital_basis", "currency", "as_of", "coverage"} <= set(found)
    again = ask(
        "simulate", book, "--scenario", "deepseek-transmission", "--draws", 300, "--seed", 7, "--set", "openness=0.5"
    )
    assert again == found


def test_a_reverse_stress_meets_the_loss(ask, book):
    found = ask("reverse", book, "--scenario", "deepseek-transmission", "--loss", "-0.10")
    assert found["loss"] == -0.1
    row = next(r for r in found["levers"] if r["lever"] == "claim_credibility")
    assert row["reachable"]
    lever = f"claim_credibility={row['value']!r}"
    shock = ask("shock", book, "--scenario", "deepseek-transmission", "--set", lever)
    assert shock["total_return"] == pytest.approx(-0.10, abs=1e-9)
    assert set(found["least_implausible"]["levers"]) == set(RANGES)


def test_a_fit_writes_a_scenario_that_a_shock_takes(ask, book, tmp_path):
    moves, out = tmp_path / "moves.csv", tmp_path / "mine.toml"
    moves.write_text(
        "ticker,move\nNVDA,-0.05\nAVGO,-0.06\nVRT,-0.1\nASML,-0.03\nCRM,0.02\nXXXX,0.1\n", encoding="utf-8"
    )
    found = ask("fit", "--scenario", "deepseek-transmission", "--moves", moves, "--out", out)
    assert found["out"] == str(out)
    assert set(found["levers"]) == set(RANGES)
    assert {m["sub_segment"] for m in found["misses"]} >= {"chips.accelerators", "equipment.wafer_fab"}
    assert any("1 ticker is not in the table" in i["what"] for i in found["issues"])
    value = found["levers"]["claim_credibility"]["value"]
    assert value < load_scenario("deepseek-transmission").levers["claim_credibility"]
    assert load_scenario(out).levers["claim_credibility"] == value
    assert ask("shock", book, "--scenario", out)["scenario"]["id"] == "mine"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("simulate", "--scenario", "deepseek-2025-01-27"), "has no levers"),
        (("reverse", "--loss", "-0.1", "--scenario", "deepseek-2025-01-27"), "has no levers"),
        (("simulate", "--set", "jevons=1"), "unknown lever jevons"),
        (("simulate", "--set", "openness=2"), "openness"),
        (("simulate", "--set", "openness"), "--set openness"),
        (("simulate", "--set", "source=1"), "unknown lever source"),
        (("simulate", "--draws", "0"), "draws"),
        (("reverse", "--loss", "nan"), "nan"),
        (("shock", "--scenario", "deepseek-transmission", "--set", "opennes=0.5"), "did you mean openness"),
    ],
)
def test_what_cannot_be_done_is_refused_on_one_line(refuse, book, words, said):
    assert said in refuse(words[0], book, *words[1:])


def test_text_for_people(capsys, book):
    for words in (("simulate", book, "--draws", "64"), ("reverse", book, "--loss", "-0.1")):
        assert main([*map(str, words)]) == 0
        assert "claim_credibility" in capsys.readouterr().out
