"""The command line as scripts use it: one JSON object, one line of refusal, the exit status; and real files."""

import csv
import json
import subprocess
import sys
from math import fsum, isfinite
from pathlib import Path

import pytest

from exposure.cli import main

ROOT = Path(__file__).resolve().parents[1]
BOOK = """Ticker,Name,Quantity,Price,Market Value,Currency
NVDA,NVIDIA CORP,10,142.62,1426.20,USD
JPM,JPMORGAN CHASE,10,264.88,2648.80,USD
"""
PRICES = "date,ticker,close,currency\n" + "".join(
    f"2025-01-{day:02d},{ticker},{close},USD\n"
    for ticker, closes in {"NVDA": (100, 110, 88), "JPM": (50, 55, 55)}.items()
    for day, close in zip((22, 23, 24), closes, strict=True)
)


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "book_2025-01-24.csv"
    path.write_text(BOOK, encoding="utf-8")
    return path


@pytest.fixture
def answer(capsys):
    def ask(*words: object) -> dict:
        status = main([*map(str, words), "--json"])
        captured = capsys.readouterr()
        assert status == 0, captured.err
        return json.loads(captured.out, parse_constant=lambda name: pytest.fail(f"JSON holds {name}"))

    return ask


@pytest.fixture
def refusal(capsys):
    def ask(*words: object) -> str:
        status = main([*map(str, words), "--json"])
        captured = capsys.readouterr()
        assert (status, captured.out) == (1, "")
        assert captured.err.startswith("error: ")
        assert captured.err.count("\n") == 1
        return captured.err

    return ask


@pytest.fixture(autouse=True)
def empty_store(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'store.sqlite'}")


def test_inspect_says_what_was_read(answer, book):
    read = answer("inspect", book)
    assert (read["positions"], read["cash"], read["currency"], read["as_of"]) == (2, 0, "USD", "2025-01-24")
    assert read["total_market_value"] == pytest.approx(4075.0)
    assert [h["ticker"] for h in read["holdings"]] == ["NVDA", "JPM"]


def test_a_book_of_weights_shows_no_values_that_would_be_nought(capsys, tmp_path, book):
    """Half and half of one: rounded to whole money that reads 0 in every row."""
    weights = tmp_path / "weights_2025-01-24.csv"
    weights.write_text("Ticker,Name,Weight\nNVDA,NVIDIA CORP,50%\nJPM,JPMORGAN CHASE,50%\n", encoding="utf-8")
    assert main(["segments", str(weights)]) == 0
    head, row = (line.split("  ") for line in capsys.readouterr().out.splitlines() if line.startswith(("seg", "Chips")))
    assert "value" not in [each.strip() for each in head]
    assert [each.strip() for each in row if each.strip()] == ["Chips", "49.00\u202f%"]
    assert main(["segments", str(book)]) == 0
    assert "value" in capsys.readouterr().out


def test_a_shock_adds_up(answer, book):
    """10 · 142.62 · −16.97 % and 10 · 264.88 · JPM's own move, over 4,075."""
    result = answer("shock", book)
    assert fsum(p["contribution"] for p in result["positions"]) == pytest.approx(result["total_return"], abs=1e-12)
    assert result["nav_after"] == pytest.approx(result["nav_before"] + result["pnl"])
    nvda = result["positions"][0]
    assert nvda["pnl"] == pytest.approx(1426.20 * nvda["total_move"])
    assert (nvda["provenance"], nvda["via"], nvda["window"]) == (
        "observed",
        "own_price",
        {"from": "2025-01-24", "to": "2025-01-27"},
    )


def test_segments_add_up_to_one(answer, book):
    segments = answer("segments", book)
    assert fsum(s["weight"] for s in segments["by_segment"]) == pytest.approx(1)
    assert {s["segment"] for s in segments["by_segment"]} >= {
        "foundation_models",
        "chips",
        "equipment",
        "software",
        "outside",
        "cash",
        "unassigned",
    }


def test_every_scenario_that_always_exists_is_listed(answer):
    ids = {s["id"] for s in answer("scenarios")["scenarios"]}
    assert ids >= {
        "deepseek-2025-01-27",
        "deepseek-2025-01-27-full",
        "deepseek-2025-01-27-common",
        "chips-2024-07-17",
        "tariffs-2025-04-03",
    }


def test_a_scenario_of_the_users_own(answer, book, tmp_path):
    """NVDA −20 %, the rest +1 %: (1,426.2 · −0.2 + 2,648.8 · 0.01) / 4,075."""
    file = tmp_path / "mine.toml"
    file.write_text('id = "mine"\ntitle = "Mine"\nkind = "custom"\nrest = 0.01\n[tickers]\nNVDA = -0.20\n')
    result = answer("shock", book, "--scenario", file)
    assert result["total_return"] == pytest.approx((1426.2 * -0.2 + 2648.8 * 0.01) / 4075)
    assert [p["provenance"] for p in result["positions"]] == ["user", "modelled"]


def test_a_scenario_with_a_misspelt_segment_is_refused_by_line(refusal, book, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('id = "mine"\ntitle = "Mine"\nkind = "custom"\nrest = 0\n[segments]\nchipps = -0.1\n')
    assert "mine.toml:6" in refusal("shock", book, "--scenario", file)


def test_against_a_benchmark_the_active_part_adds_up(answer, book, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text(BOOK.replace("1426.20", "4278.60").replace("NVIDIA CORP,10", "NVIDIA CORP,30"))
    active = answer("shock", book, "--benchmark", other)["active"]
    for cut in ("by_segment", "by_sub_segment", "by_country", "by_currency", "positions"):
        assert fsum(s["active"] for s in active[cut]) == pytest.approx(active["active_return"], abs=1e-12)
    assert active["active_return"] > 0


def test_a_stored_portfolio_is_a_benchmark_too(answer, book):
    answer("import", book, "--portfolio", "Main")
    assert answer("shock", book, "--benchmark", "Main")["active"]["active_return"] == 0


def test_a_benchmark_that_is_not_there_is_missed_as_what_it_was_meant_as(refusal, book, tmp_path):
    assert "no such file" in refusal("shock", book, "--benchmark", tmp_path / "nope.csv")
    assert "no portfolio is called “Fund 2.5”" in refusal("shock", book, "--benchmark", "Fund 2.5")


def test_a_scenario_saved_on_the_page_runs_here_by_its_id(answer, book):
    from db import open_store

    answer("import", book, "--portfolio", "Main")
    text = 'id = "mine"\ntitle = "Mine"\nkind = "custom"\nrest = 0.01\n'
    store = open_store()
    store.save_scenario("mine", text)
    store.close()
    assert answer("shock", "--portfolio", "Main", "--scenario", "mine")["total_return"] == pytest.approx(0.01)


def test_the_same_file_imported_twice_is_stored_once(answer, book):
    first, again = (answer("import", book, "--portfolio", "Main") for _ in range(2))
    assert (first["duplicate_of"], again["duplicate_of"]) == (None, first["snapshot_id"])
    assert len(answer("portfolios")["portfolios"][0]["snapshots"]) == 1


def test_a_stored_portfolio_answers_as_its_file_does(answer, book):
    answer("import", book, "--portfolio", "Main")
    stored, direct = answer("shock", "--portfolio", "Main"), answer("shock", book)
    assert stored["total_return"] == direct["total_return"]
    assert stored["positions"] == direct["positions"]


def test_a_file_without_a_date_is_not_stored_undated(refusal, answer, tmp_path):
    file = tmp_path / "book.csv"
    file.write_text(BOOK)
    assert "--as-of" in refusal("import", file, "--portfolio", "Main")
    assert answer("portfolios")["portfolios"] == []
    assert answer("import", file, "--portfolio", "Main", "--as-of", "2025-01-24")["as_of"] == "2025-01-24"


def test_strict_refuses_a_file_with_a_rejected_row(refusal, answer, tmp_path):
    file = tmp_path / "book_2025-01-24.csv"
    file.write_text(BOOK + "MSFT,MICROSOFT,ten,444.06,four thousand,USD\n")
    assert "book_2025-01-24.csv:4" in refusal("import", file, "--portfolio", "Main", "--strict")
    assert answer("portfolios")["portfolios"] == []
    assert len(answer("import", file, "--portfolio", "Main")["rejected"]) == 1


def test_a_drawdown_without_prices_names_the_option(refusal, book):
    assert "--prices" in refusal("drawdown", book)


def test_a_drawdown_by_a_price_file_or_by_the_store_is_the_same(answer, book, tmp_path):
    """Weights 0.35 and 0.65: both rise 10 %, then NVDA falls 20 % and JPM rests: depth −0.2 · 1426.2/4075."""
    prices = tmp_path / "prices.csv"
    prices.write_text(PRICES)
    direct = answer("drawdown", book, "--prices", prices)
    assert direct["max_drawdown"] == pytest.approx(-0.2 * 1426.2 / 4075)
    assert (direct["peak"], direct["trough"], direct["recovered"]) == ("2025-01-23", "2025-01-24", None)
    answer("import", book, "--portfolio", "Main")
    assert answer("prices", "load", prices)["tickers"] == 2
    stored = answer("drawdown", "--portfolio", "Main")
    assert worded_anywhere({k: stored[k] for k in direct}) == worded_anywhere(direct)


def worded_anywhere(found):
    """Leave out the remedies: what mends a file is not what mends a store."""
    return found | {"issues": [{**issue, "remedy": ""} for issue in found["issues"]]}


@pytest.mark.parametrize("hold", ["weights", "quantities"])
@pytest.mark.parametrize("period", [("--to", "2025-01-23"), ("--from", "2025-01-27"), ("--from", "2025-01-23")])
def test_a_period_beside_the_books_own_date_is_the_same_by_file_and_by_store(answer, book, tmp_path, hold, period):
    """Quantities are valued on the book's date, 24 January, also where the period leaves that day out."""
    prices = tmp_path / "prices.csv"
    prices.write_text(
        "date,NVDA,JPM\n2025-01-21,90,300\n2025-01-22,150,250\n2025-01-23,110,270\n"
        "2025-01-24,142.62,264.9\n2025-01-27,118,266\n2025-01-28,129,262\n2025-01-29,110,250\n"
    )
    asked = ("--hold", hold, *period)
    direct = answer("drawdown", book, "--prices", prices, *asked)
    assert direct["max_drawdown"] < 0
    answer("import", book, "--portfolio", "Main")
    answer("prices", "load", prices)
    stored = answer("drawdown", "--portfolio", "Main", *asked)
    assert worded_anywhere({k: stored[k] for k in direct}) == worded_anywhere(direct)


def test_a_refused_drawdown_names_its_source_and_the_way_on(refusal, book, tmp_path):
    prices = tmp_path / "prices.csv"
    prices.write_text(PRICES)
    late = refusal("drawdown", book, "--prices", prices, "--from", "2030-01-01")
    assert late.startswith(f"error: {book.name}: no session between 2030-01-01") and "; " in late
    prices.write_text(PRICES.replace("NVDA", "AAA").replace("JPM", "BBB"))
    bare = refusal("drawdown", book, "--prices", prices)
    assert bare.startswith(f"error: {book.name}: no line of the book has a price; ")


def test_the_drawdown_fields_are_those_of_the_interface(answer, book, tmp_path):
    prices = tmp_path / "prices.csv"
    prices.write_text(PRICES)
    found = answer("drawdown", book, "--prices", prices)
    assert {
        "from", "to", "days", "max_drawdown", "peak", "trough", "recovered", "current_drawdown", "underwater_share",
        "ulcer_index", "cdar_95", "covered_weight", "episodes", "by_segment", "missing_prices", "basis",
        "capital_basis", "currency", "as_of", "coverage",
    } <= set(found)  # fmt: skip
    assert set(found["coverage"]) == {"priced", "proxy", "none", "cash"} and sum(
        found["coverage"].values()
    ) == pytest.approx(1)
    assert set(found["covered_weight"]) == {"start", "end"}
    assert set(found["episodes"][0]) == {"peak", "trough", "recovered", "depth", "days_down", "days_to_recover"}
    assert {tuple(s) for s in found["by_segment"]} == {("segment", "max_drawdown", "contribution")}
    assert sum(s["contribution"] for s in found["by_segment"]) == pytest.approx(found["max_drawdown"])
    assert found["ulcer_index"] > 0 > found["cdar_95"]


def test_of_several_dates_the_latest_is_measured_and_another_where_it_is_asked_for(answer, tmp_path):
    """NVDA 100, 110, 88 falls by a fifth, JPM 50, 55, 55 never; NVDA weighs 880 of 935 later, 110 of 660 before."""
    held, prices = tmp_path / "held.csv", tmp_path / "prices.csv"
    prices.write_text(PRICES)
    held.write_text(
        "Date,Ticker,Quantity,Price,Market Value,Currency\n"
        "2025-01-23,NVDA,1,110,110,USD\n2025-01-23,JPM,10,55,550,USD\n"
        "2025-01-24,NVDA,10,88,880,USD\n2025-01-24,JPM,1,55,55,USD\n"
    )
    latest = answer("drawdown", held, "--prices", prices)
    assert (latest["as_of"], latest["max_drawdown"]) == ("2025-01-24", pytest.approx(-0.2 * 880 / 935))
    earlier = answer("drawdown", held, "--prices", prices, "--as-of", "2025-01-23")
    assert (earlier["as_of"], earlier["max_drawdown"]) == ("2025-01-23", pytest.approx(-0.2 * 110 / 660))


def test_a_file_of_weights_is_measured_without_currency_and_says_what_is_not_disclosed(answer, tmp_path):
    """60 % NVDA at −20 %, 30 % JPM at rest, 10 % not disclosed: −0.6 · 0.2 / 0.9 of what is priced."""
    held, prices = tmp_path / "held.csv", tmp_path / "prices.csv"
    prices.write_text(PRICES)
    held.write_text("Ticker,Name,Weight (%)\nNVDA,NVIDIA CORP,60\nJPM,JPMORGAN CHASE,30\n")
    found = answer("drawdown", held, "--prices", prices)
    assert (found["basis"], found["currency"]) == ("weights", None)
    assert found["max_drawdown"] == pytest.approx(-0.6 * 0.2 / 0.9 * 1.0, abs=1e-9)
    assert found["coverage"]["none"] == pytest.approx(0.1)
    assert found["covered_weight"]["start"] == pytest.approx(0.9)


def test_prices_status_names_what_is_missing(answer, book):
    answer("import", book, "--portfolio", "Main")
    assert answer("prices", "status")["missing"] == ["JPM", "NVDA"]


def test_a_users_segments_come_by_file(answer, book, tmp_path):
    file = tmp_path / "overrides.csv"
    file.write_text(
        "isin,ticker,segment,weight,reason,date,author\n"
        ",JPM,software.applications,1,their own platform,2025-01-01,ann\n"
    )
    placed = answer("segments", book, "--overrides", file)["positions"][1]
    assert (placed["segments"], placed["source"], placed["reason"]) == (
        {"software.applications": 1.0},
        "user",
        "their own platform",
    )


def test_looking_through_a_fund(answer, tmp_path):
    """1,000 of SMH: its own move sets the total, the constituents stand inside it, the difference is a row."""
    held, inside = tmp_path / "held_2025-01-24.csv", tmp_path / "smh.csv"
    held.write_text("Ticker,Name,Asset Class,Market Value,Currency\nSMH,VANECK SEMICONDUCTOR ETF,ETF,1000,USD\n")
    inside.write_text("Ticker,Name,Weight (%)\nNVDA,NVIDIA CORP,60\nAVGO,BROADCOM INC,40\n")
    through, whole = answer("shock", held, "--inside", f"SMH={inside}"), answer("shock", held)
    assert through["total_return"] == pytest.approx(whole["total_return"], abs=1e-12)
    assert {p["inside"] for p in through["positions"]} == {"SMH"}
    assert "fund_residual" in {p["via"] for p in through["positions"]}
    assert len(answer("segments", held, "--inside", f"SMH={inside}", "--no-look-through")["positions"]) == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("shock", "absent.csv"), "absent.csv"),
        (("shock", "{book}", "--scenario", "no-such"), "no-such"),
        (("shock", "{book}", "--set", "jevons_elasticity=1"), "lever"),
        (("shock", "--portfolio", "Nobody"), "Nobody"),
        (("segments", "{book}", "--overrides", "absent.csv"), "absent.csv"),
        (("segments", "{book}", "--inside", "SMH"), "--inside"),
        (("prices", "load", "absent.csv"), "absent.csv"),
    ],
)
def test_a_refusal_is_one_line_that_says_what_and_where(refusal, book, words, says):
    assert says in refusal(*(w.format(book=book) for w in words))


@pytest.mark.parametrize(
    "words",
    [("limits", "x.csv"), ("shock",), ("shock", "x.csv", "--portfolio", "y"), ("shock", "x.csv", "--horizon", "2"), ()],
)
def test_wrong_usage_is_status_2(words, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(list(words))
    assert stopped.value.code == 2
    capsys.readouterr()


def test_text_for_people_ends_without_json(book, capsys):
    for words in (
        ["inspect", book],
        ["segments", book],
        ["shock", book],
        ["scenarios"],
        ["portfolios"],
        ["prices", "status"],
    ):
        assert main([str(w) for w in words]) == 0
        out = capsys.readouterr().out
        assert out.strip()
        assert not out.startswith("{")


def test_a_whole_process_needs_neither_pandas_nor_numpy(book):
    code = (
        "import sys; from exposure.cli import main; main(sys.argv[1:]); "
        "print(sorted({'numpy', 'pandas', 'sqlalchemy'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "shock", book, "--json"], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stderr.strip().splitlines()[-1] == "[]"


def test_a_reader_that_has_gone_is_no_fault_of_ours(book):
    command = f"'{sys.executable}' -m exposure shock '{book}' --json | true"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=ROOT, check=False)
    assert "Traceback" not in done.stderr


def _fund_files() -> list[str]:
    truth = ROOT.parent / "shared" / "samples" / "truth.csv"
    if not truth.is_file():
        return []
    return [
        r["file"]
        for r in csv.DictReader(truth.read_text(encoding="utf-8").splitlines())
        if r["kind"] == "fund" and not r["expect"]
    ]


@pytest.mark.parametrize(
    "name", _fund_files() or [pytest.param("", marks=pytest.mark.skip(reason="../shared/samples is absent"))]
)
def test_on_each_real_fund_file_the_shock_adds_up_and_nothing_is_missing(answer, shared, name):
    file = shared / "samples" / "files" / name
    read, result = answer("inspect", file), answer("shock", file)
    assert fsum(p["contribution"] for p in result["positions"]) == pytest.approx(result["total_return"], abs=1e-12)
    for cut in ("by_segment", "by_sub_segment", "by_country", "by_currency"):
        assert fsum(s["contribution"] for s in result[cut]) == pytest.approx(result["total_return"], abs=1e-12)
    assert {p["provenance"] for p in result["positions"]} <= {"observed", "proxy", "modelled", "user", "none"}
    assert fsum(result["coverage"].values()) == pytest.approx(1, abs=1e-9)
    assert len(result["positions"]) - len(read["holdings"]) in (0, 1)  # the row that brings weights to 1
    assert all(isfinite(p["total_move"]) for p in result["positions"])


def test_a_fund_of_the_sp_500_falls_as_the_index_did(answer, shared):
    """SPY lost 1.41 % from 24 to 27 January 2025; IVV's holdings of December 2024 within 40 basis points of it."""
    result = answer("shock", next((shared / "samples" / "files").glob("01_*.csv")))
    assert result["total_return"] == pytest.approx(-0.0141, abs=0.0040)


def test_a_drawdown_takes_each_exchanges_own_closes_or_one_cut(answer, tmp_path):
    """By Tokyo’s cut New York’s close is that of the evening before: its fall of Monday shows on Tuesday."""
    held, prices = tmp_path / "held.csv", tmp_path / "prices.csv"
    held.write_text("As of,2025-01-24\n\nTicker,Name,Weight (%)\nNVDA,NVIDIA,20\n8035.T,Tokyo Electron,80\n")
    prices.write_text(
        "date,NVDA,8035.T\n2025-01-23,100,100\n2025-01-24,100,100\n2025-01-27,50,100\n2025-01-28,50,100\n"
    )
    troughs = {}
    for closes in ("local", "common"):
        found = answer("drawdown", held, "--prices", prices, "--closes", closes)
        assert found["closes"] == closes and found["max_drawdown"] == pytest.approx(-0.1)
        troughs[closes] = found["trough"]
    assert troughs == {"local": "2025-01-27", "common": "2025-01-28"}


@pytest.mark.parametrize(
    "command",
    [
        ("segments",),
        ("shock", "--scenario", "deepseek-2025-01-27"),
        ("trades", "--scenario", "deepseek-2025-01-27", "--sell", "NVDA=0.1"),
        ("simulate", "--scenario", "deepseek-transmission", "--draws", "64"),
        ("reverse", "--scenario", "deepseek-transmission", "--loss", "-0.05"),
        ("drawdown", "--prices", "p.csv"),
    ],
)
def test_every_answer_says_what_it_rests_on(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    head = "As of,2025-01-24\nTicker,Name,Quantity,Price,Market value,Currency\n"
    Path("h.csv").write_text(f"{head}NVDA,NVIDIA Corp,100,140,14000,USD\n", encoding="utf-8")
    Path("p.csv").write_text("date,NVDA\n2025-01-22,147.1\n2025-01-23,147.2\n2025-01-24,142.6\n", encoding="utf-8")
    assert main([command[0], "h.csv", *command[1:]]) == 0
    assert "Coverage: " in capsys.readouterr().out
