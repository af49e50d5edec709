"""The library of replays: its figures against the facts, its windows against calendars, its rates against the ECB."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from benchmarks.library import EPISODES, library_files, main
from exposure.errors import ScenarioError
from exposure.prices._calendars import EXCHANGES, reaction_window, session_after, suffix
from exposure.scenarios import library, load_scenario, parse_scenario
from exposure.scenarios._replay import LIBRARY
from exposure.types import Scenario

ROOT = Path(__file__).resolve().parents[2]
FACTS = ROOT.parent / "shared" / "facts" / "observed_moves.csv"
needs_facts = pytest.mark.skipif(not FACTS.exists(), reason="the observed moves of ../shared/facts are not here")

IDS = [
    "asml-2024-10-15",
    "chips-2024-07-17",
    "chips-2024-09-03",
    "deepseek-2025-01-27",
    "deepseek-2025-01-27-common",
    "deepseek-2025-01-27-full",
    "nvidia-results-2025-02-27",
    "tariffs-2025-04-03",
]
each_id = pytest.mark.parametrize("name", IDS)
each_horizon = pytest.mark.parametrize("horizon", [1, 3, 5, 20])


@cache
def loaded(name: str, horizon: int = 1) -> Scenario:
    return load_scenario(name, horizon=horizon)


def span(scenario: Scenario, exchange: str) -> tuple[str, str]:
    window = scenario.windows[exchange]
    return str(window.start), str(window.end)


def test_the_library_lists_the_replays_that_always_exist() -> None:
    entries = [entry for entry in library() if entry.kind == "replay"]
    assert [entry.id for entry in entries] == IDS == sorted(episode.id for episode in EPISODES)
    assert entries[3].to_json() == {
        "id": "deepseek-2025-01-27",
        "title": "DeepSeek, 27 January 2025",
        "kind": "replay",
        "from": "2025-01-24",
        "to": "2025-01-27",
        "levers": {},
    }
    for entry in entries:
        scenario = loaded(entry.id)
        assert (entry.id, entry.title, entry.kind) == (scenario.id, scenario.title, scenario.kind)
        assert (entry.start, entry.end) == (scenario.start, scenario.end)


@each_id
def test_a_replay_says_what_it_is(name: str) -> None:
    scenario = loaded(name)
    assert (scenario.kind, scenario.rest, scenario.issues) == ("replay", "outside", ())
    assert scenario.prefer_adr is name.endswith("-common")
    assert "ECB" in scenario.source
    assert set(scenario.windows) == set(EXCHANGES)
    assert (scenario.start, scenario.end) == (scenario.windows[""].start, scenario.windows[""].end)
    assert scenario.fx == scenario.windows[""].fx
    assert scenario.hash == scenario.hash


def test_nvidia_lost_17_percent_on_27_january() -> None:
    """142.62 → 118.42 dollars: 118.42 / 142.62 − 1 = −16.968 %."""
    observed = loaded("deepseek-2025-01-27").observed["NVDA"]
    assert observed.move == pytest.approx(118.42 / 142.62 - 1, abs=1e-6)
    assert (observed.symbol, observed.currency) == ("NVDA", "USD")
    assert (observed.start, observed.end) == (date(2025, 1, 24), date(2025, 1, 27))


@pytest.mark.parametrize(
    ("name", "windows"),
    [
        (
            "deepseek-2025-01-27",
            {
                "": ("2025-01-24", "2025-01-27"),
                ".PA": ("2025-01-24", "2025-01-27"),
                ".L": ("2025-01-24", "2025-01-27"),
                ".T": ("2025-01-24", "2025-01-28"),
                ".HK": ("2025-01-24", "2025-01-28"),
                ".KS": ("2025-01-24", "2025-01-31"),
                ".TW": ("2025-01-22", "2025-02-03"),
                ".SS": ("2025-01-24", "2025-02-05"),
                ".TA": ("2025-01-23", "2025-01-27"),
                ".SR": ("2025-01-23", "2025-01-28"),
            },
        ),
        (
            "deepseek-2025-01-27-full",
            {
                "": ("2025-01-24", "2025-01-27"),
                ".PA": ("2025-01-24", "2025-01-28"),
                ".TW": ("2025-01-22", "2025-02-03"),
            },
        ),
        ("deepseek-2025-01-27-common", dict.fromkeys(EXCHANGES, ("2025-01-24", "2025-01-28"))),
        (
            "chips-2024-09-03",  # New York was shut on Monday 2 September
            {"": ("2024-08-30", "2024-09-03"), ".AS": ("2024-08-30", "2024-09-03"), ".T": ("2024-08-30", "2024-09-04")},
        ),
        (
            "tariffs-2025-04-03",  # Hong Kong and Taipei were shut on Friday the 4th
            {
                "": ("2025-04-02", "2025-04-03"),
                ".HK": ("2025-04-02", "2025-04-07"),
                ".TW": ("2025-04-02", "2025-04-07"),
            },
        ),
    ],
)
def test_windows_known_from_the_exchanges_own_calendars(name: str, windows: dict[str, tuple[str, str]]) -> None:
    assert {exchange: span(loaded(name), exchange) for exchange in windows} == windows


@pytest.mark.slow
@each_id
def test_every_window_is_what_the_calendars_say(name: str) -> None:
    episode = next(e for e in EPISODES if e.id == name)
    for exchange in EXCHANGES:
        start, end = reaction_window(exchange, episode.day, episode.reaction)
        expected = {1: end, **{n: session_after(exchange, start, n) for n in (3, 5, 20)}}
        for horizon, close in expected.items():
            stored = loaded(name, horizon).windows[exchange]
            assert (stored.start, stored.end) == (start, close), (exchange, horizon)


@pytest.fixture(scope="module")
def converter() -> Any:
    from currency_converter import CurrencyConverter

    return CurrencyConverter(fallback_on_missing_rate=True, fallback_on_missing_rate_method="last_known")


@each_horizon
@each_id
def test_every_exchange_rate_move_is_that_of_the_ecb(name: str, horizon: int, converter: Any) -> None:
    scenario = loaded(name, horizon)
    assert scenario.fx_known is not None and len(scenario.fx_known) >= 31
    assert scenario.fx_known >= {"USD", "EUR", "GBP", "JPY", "CHF", "KRW", "HKD", "CNY", "INR", "SEK"}
    assert not scenario.fx_known & {"TWD", "SAR", "AED", "RUB"}
    checked = {(w.start, w.end): w.fx for w in scenario.windows.values()}
    for (start, end), moves in checked.items():
        assert set(moves) == scenario.fx_known - {"USD"}
        for currency, move in moves.items():
            before, after = (converter.convert(1, currency, "USD", date=day) for day in (start, end))
            assert move == pytest.approx(after / before - 1, abs=5.1e-7), (currency, start, end)


@needs_facts
@each_horizon
@each_id
def test_every_observed_move_is_that_of_the_facts(name: str, horizon: int) -> None:
    column = "move" if horizon == 1 else f"move_{horizon}"
    with FACTS.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["episode"] == name]
    scenario = loaded(name, horizon)
    given = {row["ticker"]: row for row in rows if row[column]}
    assert set(scenario.observed) == set(given)
    for symbol, row in given.items():
        observed = scenario.observed[symbol]
        assert (observed.symbol, observed.currency) == (symbol, row["currency"])
        assert (observed.move, str(observed.start)) == (float(row[column]), row["from"])
        assert observed.end == scenario.windows[suffix(symbol)].end
        assert horizon != 1 or str(observed.end) == row["to"]
    absent = len(rows) - len(given)
    assert [issue.what.split()[0] for issue in scenario.issues] == ([str(absent)] if absent else [])


@needs_facts
def test_the_library_is_what_its_builder_writes() -> None:
    written = library_files(FACTS)
    stored = {path.name: path.read_text(encoding="utf-8") for path in LIBRARY.iterdir()}
    assert {name: stored.get(name) for name in written} == written, "files beside these are written by hand"


def test_the_builder_refuses_moves_over_another_window(tmp_path: Path) -> None:
    facts = tmp_path / "facts.csv"
    head = "episode,ticker,currency,from,to,move,move_3,move_5,move_20\n"
    facts.write_text(head + "chips-2024-07-17,NVDA,USD,2024-07-15,2024-07-17,-0.1,,,\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="NVDA moved over other days than its window, 2024-07-16 to 2024-07-17"):
        library_files(facts)
    facts.write_text(head + "crash-1987,IBM,USD,1987-10-16,1987-10-19,-0.2,,,\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="no episode is called crash-1987"):
        library_files(facts)
    assert main(["one", "two"]) == 2


def test_longer_horizons_run_from_the_same_start() -> None:
    """NVIDIA from 142.62: 123.70 on the 29th, three sessions on (−13.27 %). Tokyo's third is the 29th as well."""
    scenario = loaded("deepseek-2025-01-27", 3)
    assert scenario.horizon == 3 and scenario.end == date(2025, 1, 29)
    assert scenario.observed["NVDA"].move == pytest.approx(123.70 / 142.62 - 1, abs=1e-5)
    assert span(scenario, ".T") == ("2025-01-24", "2025-01-29")
    assert span(scenario, ".TW") == ("2025-01-22", "2025-02-05")
    assert len({loaded("deepseek-2025-01-27", h).hash for h in (1, 3, 5, 20)}) == 4


def test_what_was_not_observed_over_20_sessions_is_absent_and_counted() -> None:
    scenario = loaded("deepseek-2025-01-27", 20)
    assert "XOM" in scenario.observed and "ZTS" not in scenario.observed
    assert scenario.issues[0].what.startswith(f"{646 - len(scenario.observed)} of 646 symbols")


@pytest.mark.parametrize("horizon", [0, 2, -1, 21])
def test_another_horizon_is_refused(horizon: int) -> None:
    with pytest.raises(ScenarioError, match="use 1, 3, 5 or 20"):
        load_scenario("deepseek-2025-01-27", horizon=horizon)


@pytest.mark.parametrize("name", ["deepseek", "", "DeepSeek-2025-01-27", "deepseek-2025-01-27\n", "../library/chips"])
def test_an_unknown_id_is_refused_with_those_that_exist(name: str) -> None:
    with pytest.raises(ScenarioError, match="no scenario is called") as caught:
        load_scenario(name)
    assert all(known in str(caught.value) for known in IDS) and "\n" not in str(caught.value)


def test_a_replay_takes_no_levers() -> None:
    with pytest.raises(ScenarioError, match="takes no levers, and jevons_elasticity was given"):
        load_scenario("deepseek-2025-01-27", jevons_elasticity=1.2)


@pytest.fixture
def copied(tmp_path: Path) -> Iterator[Path]:
    for ending in ("toml", "csv", "fx.csv"):
        shutil.copy(LIBRARY / f"chips-2024-07-17.{ending}", tmp_path / f"mine.{ending}")
    toml = tmp_path / "mine.toml"
    text = toml.read_text(encoding="utf-8")
    for name in ("moves", "rates"):
        text = text.replace(f'{name} = "chips-2024-07-17.', f'{name} = "mine.')
    toml.write_text(text, encoding="utf-8")
    yield toml


def without(copied: Path, *keys: str) -> Path:
    """Take keys out of a copied file, line by line."""
    lines = copied.read_text(encoding="utf-8").splitlines(keepends=True)
    copied.write_text("".join(x for x in lines if not x.startswith(keys)), encoding="utf-8")
    return copied


def test_a_replay_loads_by_its_path_with_the_files_that_it_names(copied: Path) -> None:
    assert load_scenario(copied) == loaded("chips-2024-07-17")
    copied.with_suffix(".fx.csv").rename(copied.with_name("other.fx.csv"))
    with pytest.raises(ScenarioError, match=r"mine\.fx\.csv: this file, which the replay names, cannot be read"):
        load_scenario(copied)
    without(copied, "rates = ")
    assert load_scenario(copied).fx_known == {"USD"} and load_scenario(copied).fx == {}
    copied.with_suffix(".csv").unlink()
    with pytest.raises(ScenarioError, match=r"mine\.csv: this file, which the replay names, cannot be read"):
        load_scenario(copied)


def test_a_neighbour_of_the_same_name_is_not_read_as_moves_and_a_notice_says_so(copied: Path) -> None:
    """A folder of holdings and scenarios may hold `x.toml` and `x.csv` that have nothing to do with each other."""
    without(copied, "moves = ", "rates = ")
    copied.with_suffix(".csv").write_text("ticker,quantity\nNVDA,5\n", encoding="utf-8")
    scenario = load_scenario(copied)
    assert scenario.needs_prices and not scenario.observed
    said = {(i.severity, i.what, i.remedy) for i in scenario.issues}
    assert ("notice", "mine.csv beside the scenario is not read", 'name it: moves = "mine.csv"') in said
    assert ("notice", "mine.fx.csv beside the scenario is not read", 'name it: rates = "mine.fx.csv"') in said
    assert not any("beside the scenario" in i.what for i in loaded("chips-2024-07-17").issues)


def test_the_remedy_for_a_neighbour_works(copied: Path) -> None:
    without(copied, "moves = ", "rates = ")
    remedies = [i.remedy.removeprefix("name it: ") for i in load_scenario(copied).issues if "beside" in i.what]
    copied.write_text("\n".join([*remedies, copied.read_text(encoding="utf-8")]), encoding="utf-8")
    assert load_scenario(copied) == loaded("chips-2024-07-17")


@pytest.mark.parametrize("name", ["../mine.csv", "/mine.csv", "C:mine.csv", "a\\\\mine.csv", "", "..", " "])
def test_a_replay_reads_no_file_of_another_folder(copied: Path, name: str) -> None:
    text = copied.read_text(encoding="utf-8").replace('moves = "mine.csv"', f'moves = "{name}"')
    copied.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"mine\.toml:\d+: moves names no file of this folder"):
        load_scenario(copied)


def test_rates_without_moves_and_a_text_that_names_files_are_refused_by_their_line(copied: Path) -> None:
    text = copied.read_text(encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"mine\.toml:\d+: moves names a file, and none is read here"):
        parse_scenario(text, file="mine.toml")
    with pytest.raises(ScenarioError, match=r"mine\.toml:\d+: rates are given without moves"):
        load_scenario(without(copied, "moves = "))


@pytest.mark.parametrize(
    ("old", "new", "row"),
    [
        ("ticker,currency", "symbol,currency", 1),
        ("AAPL,USD,2024-07-16", "AAPL,USD,16/07/2024", 3),
        ("AAPL,USD,2024-07-16,2024-07-17,-0.0", "AAPL,USD,2024-07-16,2024-07-17,-1.0", 3),
        ("AAPL,USD,2024-07-16,2024-07-17,-0.0", "AAPL,USD,2024-07-16,2024-07-17,nan0", 3),
        ("AAPL,", "AAOI,", 3),
    ],
)
def test_a_faulty_row_of_observed_moves_is_refused_by_its_number(copied: Path, old: str, new: str, row: int) -> None:
    path = copied.with_suffix(".csv")
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ScenarioError, match=rf"mine\.csv:{row}: "):
        load_scenario(copied)


@pytest.mark.parametrize(
    ("old", "new", "row"),
    [
        ("from,to,", "day,to,", 1),
        ("2024-07-17,-0.000342", "2024-07-17,", 10),
        ("2024-07-17,-0.000342", "2024-07-17,-1", 10),
        ("2024-07-17,-0.000342", "2024-07-17,nan", 10),
        ("2024-07-17,-0.000342", "2024-07-17", 10),
    ],
)
def test_a_faulty_row_of_exchange_rates_is_refused_by_its_number(copied: Path, old: str, new: str, row: int) -> None:
    path = copied.with_suffix(".fx.csv")
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ScenarioError, match=rf"mine\.fx\.csv:{row}: "):
        load_scenario(copied)


def test_a_window_without_exchange_rates_is_refused_and_not_taken_from_another(copied: Path) -> None:
    path = copied.with_suffix(".fx.csv")
    kept = [line for line in path.read_text("utf-8").splitlines(keepends=True) if "07-16,2024-07-17" not in line]
    path.write_text("".join(kept), encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"mine\.fx\.csv: no complete row of moves from 2024-07-16 to 2024-07-17"):
        load_scenario(copied)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("to = 2024-07-17\nto_3", "to_3", r"mine\.toml:4: a replay needs from and to"),
        ("[windows]\n", "[segments]\nchips = -0.1\n[windows]\n", "segments belongs to kind custom"),
        ("[windows]\n", "[levers]\n[windows]\n", "levers belongs to kind transmission"),
    ],
)
def test_a_faulty_replay_is_refused_by_its_line(copied: Path, old: str, new: str, message: str) -> None:
    text = copied.read_text(encoding="utf-8")
    assert text.count(old) == 1
    copied.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ScenarioError, match=message):
        load_scenario(copied)


def test_a_replay_without_the_ends_of_a_horizon_is_refused_at_that_horizon(copied: Path) -> None:
    lines = copied.read_text(encoding="utf-8").splitlines(keepends=True)
    copied.write_text("".join(line for line in lines if not line.startswith("to_3")), encoding="utf-8")
    assert load_scenario(copied).hash == loaded("chips-2024-07-17").hash
    with pytest.raises(ScenarioError, match="no to_3 for a horizon of 3 sessions"):
        load_scenario(copied, horizon=3)


def test_loading_a_replay_imports_no_calendar_no_rates_and_no_pandas() -> None:
    """Seen from a fresh interpreter, as tests of other rooms have loaded all of them by now."""
    code = (
        "import sys; from exposure.scenarios import load_scenario; load_scenario('deepseek-2025-01-27'); "
        "print([m for m in ('pandas', 'numpy', 'exchange_calendars', 'currency_converter') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
