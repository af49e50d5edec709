"""Replays between any two dates: windows, closed markets, missing prices, currencies, and the facts recomputed."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.chain import to_book
from exposure.chain._scheme import segment_ids
from exposure.cli import main
from exposure.errors import MissingPrice, ScenarioError
from exposure.prices import from_rows, read_prices
from exposure.prices._market import Market
from exposure.prices._rates import Rates
from exposure.scenarios import complete, library, load_scenario, parse_scenario
from exposure.scenarios._replay import LIBRARY
from exposure.shock import apply
from exposure.types import Book, Holding, Scenario, Snapshot, Window

SHARED = Path(__file__).resolve().parents[3] / "shared"
FACTS, PRICES = SHARED / "facts" / "observed_moves.csv", SHARED / "prices" / "prices.csv.gz"
needs_prices = pytest.mark.skipif(
    not (FACTS.exists() and PRICES.exists()), reason="the prices and facts of ../shared are not here"
)
JANUARY = 'id = "january"\nkind = "replay"\nfrom = 2025-01-24\nto = 2025-01-28\nrest = "outside"\n'
CLOSES = {
    # 24 January 2025 was a Friday; Taipei was shut from the 23rd to 2 February, Seoul from the 27th to the 30th
    "NVDA": {"2025-01-24": 100.0, "2025-01-27": 83.0, "2025-01-28": 90.0, "2025-01-29": 88.0, "2025-01-30": 85.0},
    "TSM": {"2025-01-24": 200.0, "2025-01-27": 170.0, "2025-01-28": 180.0, "2025-01-29": 184.0},
    "8035.T": {"2025-01-24": 100.0, "2025-01-27": 98.0, "2025-01-28": 90.0, "2025-01-29": 95.0},
    "2330.TW": {"2025-01-22": 1000.0, "2025-01-24": 1000.0, "2025-01-28": 1000.0, "2025-02-03": 940.0},
    "KO": {"2025-01-24": 60.0, "2025-01-28": 61.2},
    "MU": {"2025-01-24": 100.0, "2025-01-27": 88.0},
    "^GSPC": {"2025-01-24": 6000.0, "2025-01-28": 6060.0},
    "TWDUSD=X": {"2025-01-24": 0.0300, "2025-01-28": 0.0303},
}
UNITS = {"8035.T": "JPY", "2330.TW": "TWD"}


def market(closes: Mapping[str, Mapping[str, float]] = CLOSES) -> Market:
    return from_rows(
        (symbol, day, close, None, None, UNITS.get(symbol, "USD"), None)
        for symbol, days in closes.items()
        for day, close in days.items()
    )


def book(*tickers: str) -> Book:
    lines = (
        Holding(n, ticker=t, market_value=100.0, currency=UNITS.get(t, "USD"), value_currency="USD")
        for n, t in enumerate(tickers, 2)
    )
    return to_book(Snapshot("test.csv", "csv", date(2025, 1, 24), (), "USD", tuple(lines)))


def seen(text: str = JANUARY, horizon: int = 1, closes: Mapping[str, Mapping[str, float]] = CLOSES) -> Scenario:
    return complete(parse_scenario(text, horizon=horizon), market(closes))


def days(scenario: Scenario, symbol: str) -> tuple[str, str]:
    found = scenario.observed[symbol]
    return str(found.start), str(found.end)


def test_two_dates_without_windows_are_the_same_days_everywhere_on_which_an_exchange_was_open() -> None:
    """NVIDIA 100 → 90: −10 %; so does Tokyo Electron. The file carries Taipei’s price on to the 28th."""
    scenario = seen()
    assert scenario.observed["NVDA"].move == pytest.approx(-0.10)
    assert days(scenario, "8035.T") == ("2025-01-24", "2025-01-28")
    assert scenario.observed["8035.T"].move == pytest.approx(-0.1)
    assert set(scenario.observed) == {"NVDA", "TSM", "8035.T", "KO"}, "no index, no pair, no shut market, no gap"
    said = " ".join(issue.what for issue in scenario.issues)
    assert "shut between the dates: .TW" in said
    assert "1 of 6 listings have no price at an end of their window: MU" in said


def test_a_window_of_an_exchange_is_its_own_and_a_rule_gives_the_others_theirs() -> None:
    """Open: Tokyo's first close after New York's open on the 27th is that of the 28th, Taipei's that of 3 February."""
    one = JANUARY.replace("to = 2025-01-28", "to = 2025-01-27")
    by_hand = seen(one + '[windows]\n".T" = { from = 2025-01-24, to = 2025-01-28 }\n')
    by_rule = seen('reaction = "open"\n' + one)
    for scenario in (by_hand, by_rule):
        assert days(scenario, "8035.T") == ("2025-01-24", "2025-01-28")
        assert scenario.observed["NVDA"].move == pytest.approx(-0.17)
    assert "2330.TW" not in by_hand.observed
    assert days(by_rule, "2330.TW") == ("2025-01-22", "2025-02-03")
    assert by_rule.observed["2330.TW"].move == pytest.approx(-0.06)
    assert by_hand.hash != by_rule.hash


def test_where_home_was_shut_the_adr_stands_for_the_line_with_its_currency_turned() -> None:
    """TSM 200 → 180 in dollars: −10 %; the Taiwan dollar gained 1 %, so the line at home moved 0.9 / 1.01 − 1."""
    result = apply(book("2330.TW", "NVDA", "MU"), seen())
    moves = {p.line.listing: p.move for p in result.positions}
    assert (moves["2330.TW"].provenance, moves["2330.TW"].source) == ("proxy", "TSM")
    assert moves["2330.TW"].total == pytest.approx(-0.10)
    assert moves["2330.TW"].shock == pytest.approx(0.9 / 1.01 - 1)
    assert moves["NVDA"].provenance == "observed"
    assert moves["MU"].provenance == "modelled", "a price that is missing is not taken for no move"


def test_currencies_move_as_the_central_bank_says_or_are_left_out() -> None:
    whole, local = seen(), seen("local_only = true\n" + JANUARY)
    yen = Rates().move("JPY", date(2025, 1, 24), date(2025, 1, 28))
    assert whole.windows[".T"].fx["JPY"] == yen
    assert apply(book("8035.T"), whole).total_return == pytest.approx(0.9 * (1 + yen) - 1)
    assert apply(book("8035.T"), local).total_return == pytest.approx(-0.1)
    own = seen(JANUARY + "[fx]\nJPY = 0.5\n")
    assert own.windows[".T"].fx["JPY"] == 0.5, "what the file says of a currency holds"


@pytest.mark.parametrize(("horizon", "last", "move"), [(1, "2025-01-28", -0.10), (3, "2025-01-29", -0.12)])
def test_a_horizon_counts_sessions_of_its_own_exchange(horizon: int, last: str, move: float) -> None:
    """From the 24th: sessions of the 27th, 28th and 29th; NVIDIA then stands at 88."""
    scenario = seen(horizon=horizon)
    assert (days(scenario, "NVDA"), scenario.horizon) == (("2025-01-24", last), horizon)
    assert scenario.observed["NVDA"].move == pytest.approx(move)


def test_a_date_without_a_session_takes_the_one_before_and_says_so() -> None:
    scenario = seen(JANUARY.replace("2025-01-24", "2025-01-25"))
    assert str(scenario.start) == "2025-01-24"
    assert any("no session on one of the dates" in issue.what for issue in scenario.issues)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (JANUARY.replace("2025-01-28", "2025-01-26").replace("2025-01-24", "2025-01-25"), "no session after"),
        (JANUARY.replace("2025", "2019"), "no line has prices on 2019-01-24"),
    ],
)
def test_dates_that_nothing_can_be_said_of_are_refused(text: str, what: str) -> None:
    with pytest.raises((ScenarioError, MissingPrice), match=what):
        seen(text)


def test_a_replay_without_prices_is_refused_and_not_taken_as_no_move() -> None:
    waiting = parse_scenario(JANUARY)
    assert waiting.needs_prices and not seen().needs_prices
    with pytest.raises(ScenarioError, match="replay between two dates, and no prices"):
        apply(book("NVDA"), waiting)
    assert complete(load_scenario("chips-2024-07-17"), market()) == load_scenario("chips-2024-07-17")


def test_a_replay_that_leaves_rest_out_is_one_of_the_market_outside_with_a_notice() -> None:
    scenario = parse_scenario(JANUARY.replace('rest = "outside"\n', ""))
    assert scenario.rest == "outside"
    assert any("gives no rest" in issue.what for issue in scenario.issues)


@pytest.mark.parametrize(
    ("line", "what"),
    [('reaction = "late"', "unknown reaction late"), ("local_only = 1", "neither true nor false")],
)
def test_what_a_replay_cannot_mean_is_refused_by_its_line(line: str, what: str) -> None:
    with pytest.raises(ScenarioError, match=f"r.toml:1: .*{what}"):
        parse_scenario(f"{line}\n{JANUARY}", file="r.toml")


above = st.floats(-1, 1000, exclude_min=True).map(lambda x: x + 0.0)
names = st.text("ABCDEFGHIJ.-", min_size=1, max_size=6).map(lambda x: f"Q{x}")
dates = st.tuples(st.dates(date(2015, 1, 1), date(2030, 1, 1)), st.dates(date(2015, 1, 1), date(2030, 1, 1)))


@st.composite
def waiting(draw: st.DrawFn) -> Scenario:
    """Draw replays between two dates and predictions, as a file gives them."""
    fx = draw(st.dictionaries(st.sampled_from(["EUR", "JPY", "TWD"]), above))
    start, end = sorted(draw(dates))
    if draw(st.booleans()):
        given_ = draw(st.dictionaries(st.sampled_from(sorted(segment_ids())), above))
        tickers = draw(st.dictionaries(names, above, min_size=0 if given_ else 1, max_size=4))
        return Scenario("p", "P", "predictive", rest=0.0, as_of=start, given=given_, tickers=tickers, fx=fx)
    pairs = dates.map(sorted)
    return Scenario(
        "r", "R", "replay", start=start, end=end, rest=draw(st.sampled_from(["outside", -0.01])), fx=fx,
        windows={x: Window(*draw(pairs), fx) for x in draw(st.sets(st.sampled_from([".T", ".KS", ".PA"])))},
        tickers=draw(st.dictionaries(names, st.just(-1.0) | above, max_size=3)),
        prefer_adr=draw(st.booleans()), local_only=draw(st.booleans()),
        reaction=draw(st.sampled_from(["open", "close", "common"])),
    )  # fmt: skip


@given(waiting())
def test_replays_and_predictions_that_wait_for_prices_are_written_as_they_are_read(scenario: Scenario) -> None:
    text = scenario.to_toml()
    read = parse_scenario(text)
    assert read.replace(issues=()) == scenario
    assert read.to_toml() == text


# ---- the command line -----------------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str, str]:
    """Holdings of NVIDIA and Taiwan Semiconductor at home, a replay and prices."""
    held, replay, prices = (tmp_path / name for name in ("held.csv", "replay.toml", "closes.csv"))
    held.write_text(
        "As of,2025-01-24\nTicker,Name,Market value,Currency\nNVDA,NVIDIA Corp,14000,USD\n2330.TW,TSMC,6000,USD\n",
        encoding="utf-8",
    )
    replay.write_text(JANUARY, encoding="utf-8")
    rows = [f"{day},{s},{c},{UNITS.get(s, 'USD')}" for s, closes in CLOSES.items() for day, c in closes.items()]
    prices.write_text("date,ticker,close,currency\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return str(held), str(replay), str(prices)


def answered(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main([*arguments, "--json"]) == 0
    return dict(json.loads(capsys.readouterr().out))


@pytest.mark.parametrize(("horizon", "move", "end"), [("1", -0.10, "2025-01-28"), ("3", -0.12, "2025-01-29")])
def test_a_replay_runs_on_the_command_line_with_prices_from_a_file(
    files: tuple[str, str, str], capsys: pytest.CaptureFixture[str], horizon: str, move: float, end: str
) -> None:
    held, replay, prices = files
    answer = answered(capsys, "shock", held, "--scenario", replay, "--prices", prices, "--horizon", horizon)
    line = next(p for p in answer["positions"] if p["ticker"] == "NVDA")
    assert line["shock"] == pytest.approx(move)
    assert (line["provenance"], line["window"]) == ("observed", {"from": "2025-01-24", "to": end})
    assert answer["scenario"]["kind"] == "replay" and answer["scenario"]["horizon"] == int(horizon)
    assert answer["coverage"]["proxy"] == pytest.approx(0.3)


def test_a_replay_without_prices_is_refused_naming_the_option(
    files: tuple[str, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    held, replay, _ = files
    assert main(["shock", held, "--scenario", replay]) == 1
    assert "a replay between two dates needs prices; give them with --prices FILE" in capsys.readouterr().err


def test_a_saved_replay_runs_by_its_id_beside_a_stored_portfolio(
    files: tuple[str, str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from db import open_store

    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    monkeypatch.setenv("DATABASE_URL", url)
    store = open_store(url)
    store.save_scenario("january", JANUARY)
    store.close()
    held, replay, prices = files
    by_file = answered(capsys, "shock", held, "--scenario", replay, "--prices", prices, "--horizon", "3")
    assert main(["import", held, "--portfolio", "Desk"]) == 0
    assert main(["prices", "load", prices]) == 0
    capsys.readouterr()
    stored = answered(capsys, "shock", "--portfolio", "Desk", "--scenario", "january", "--horizon", "3")
    assert stored["total_return"] == pytest.approx(by_file["total_return"], abs=1e-12)
    assert stored["scenario"]["hash"] == by_file["scenario"]["hash"]


# ---- the facts, recomputed from prices ------------------------------------------------------------------------------


@cache
def real() -> Market:
    return read_prices(PRICES)


@cache
def raw() -> dict[str, dict[str, float]]:
    """Give closes free of dividend adjustment, where the file says so."""
    closes: dict[str, dict[str, float]] = {}
    with gzip.open(PRICES, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["close_basis"] == "raw" and row["close"] and row["date"] >= "2024-07":
                closes.setdefault(row["ticker"], {})[row["date"]] = float(row["close"])
    return closes


@pytest.mark.slow
@needs_prices
@pytest.mark.parametrize("horizon", [1, 3, 5, 20])
@pytest.mark.parametrize("name", [e.id for e in library() if e.kind == "replay"])
def test_every_episode_recomputed_from_prices_is_that_of_the_facts(name: str, horizon: int) -> None:
    """The facts leave dividends out and a replay takes them in (`adj_close`): there its move is a little higher."""
    column = "move" if horizon == 1 else f"move_{horizon}"
    with FACTS.open(encoding="utf-8", newline="") as lines:
        facts = {row["ticker"]: row for row in csv.DictReader(lines) if row["episode"] == name and row[column]}
    known = load_scenario(name)
    rule = "close" if name.endswith("-full") else "common" if name.endswith("-common") else "open"
    by_rule = f'kind = "replay"\nfrom = {known.start}\nto = {known.end}\nreaction = "{rule}"\n'
    stored = (LIBRARY / f"{name}.toml").read_text(encoding="utf-8").splitlines(keepends=True)
    windows_alone = "".join(line for line in stored if not line.startswith(("moves = ", "rates = ")))
    for text in (windows_alone, by_rule):
        scenario = complete(parse_scenario(text, horizon=horizon), real())
        shared = facts.keys() & real().series.keys()
        assert len(shared) >= 140
        assert shared <= scenario.observed.keys()
        paid = 0
        for symbol in shared:
            seen, fact = scenario.observed[symbol], facts[symbol]
            assert str(seen.start) == fact["from"]
            assert horizon != 1 or str(seen.end) == fact["to"]
            gap = seen.move - float(fact[column])
            if abs(gap) > 2e-6:
                paid += 1
                assert 0 < gap < 0.01, symbol
                closes = raw().get(symbol, {})
                if str(seen.start) in closes and str(seen.end) in closes:
                    plain = closes[str(seen.end)] / closes[str(seen.start)] - 1
                    assert plain == pytest.approx(float(fact[column]), abs=2e-4), symbol
        assert paid <= (2 if horizon == 1 else 0.5 * len(shared))


@needs_prices
def test_a_book_under_the_recomputed_day_loses_what_it_loses_under_the_librarys() -> None:
    """The library knows 646 names and this file 183, so only lines with a price of their own can agree."""
    held = book("NVDA", "MU", "CRM", "8035.T", "2330.TW", "KO")
    text = 'kind = "replay"\nfrom = 2025-01-24\nto = 2025-01-27\nreaction = "open"\n'
    ours = apply(held, complete(parse_scenario(text), real()))
    theirs = apply(held, load_scenario("deepseek-2025-01-27"))
    assert {p.move.provenance for p in ours.positions} == {"observed"}
    for one, other in zip(ours.positions, theirs.positions, strict=True):
        assert one.move.total == pytest.approx(other.move.total, abs=3e-6)
        assert (one.move.start, one.move.end) == (other.move.start, other.move.end)


def test_a_price_held_back_at_an_end_of_a_window_is_named_and_no_older_one_stands_in() -> None:
    prices = {**CLOSES, "KO": {"2025-01-23": 60.0, "2025-01-24": 60.5, "2025-01-27": 61.0, "2025-01-28": 6100.0}}
    observed = complete(parse_scenario(JANUARY, file="x.toml"), market(prices))
    assert "KO" not in observed.observed
    (issue,) = (i for i in observed.issues if i.code == "replay.prices-held-back")
    assert issue.severity == "warning" and issue.what.endswith(": KO 2025-01-28")
