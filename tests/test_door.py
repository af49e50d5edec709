"""The Python door as a user writes against it: frames in and out, wrong arguments refused by name, stable results."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import exposure
from exposure.testing import assert_matches, differences

ROWS = [
    {"ticker": "NVDA", "quantity": 10, "price": 140.0, "currency": "USD"},
    {"ticker": "AZN.L", "quantity": 5, "price": 12000.0, "price_currency": "GBX"},
]
PRICES = pd.DataFrame(
    {"date": ["2025-01-23", "2025-01-24", "2025-01-27"], "NVDA": [1.0, 2.0, 1.5], "MSFT": [1, 1, 1.1]}
)
REPLAY, LEVERS = "deepseek-2025-01-27", "deepseek-transmission"
BOOK = exposure.from_weights({"NVDA": 0.6, "MSFT": 0.4}, as_of="2025-01-24")
HELD = exposure.read_holdings(ROWS, as_of="2025-01-24")
RESULT = exposure.apply(BOOK, REPLAY)


def custom(**keys: Any) -> dict[str, Any]:
    return {"id": "mine", "title": "Mine", "kind": "custom", "rest": 0.0, **keys}


def test_rows_become_holdings_with_units_as_named_and_nothing_guessed() -> None:
    frame = exposure.read_holdings(pd.DataFrame(ROWS), as_of=pd.Timestamp("2025-01-24"))
    assert [(h.market_value, h.value_currency) for h in frame.holdings] == [(1400.0, "USD"), (600.0, "GBP")]
    assert frame.holdings == HELD.holdings and frame.as_of == HELD.as_of
    assert exposure.read_holdings([{"isin": "US67066G1040", "weight": 60.0}]).holdings[0].weight == 60.0
    named = exposure.read_holdings(
        [{"Code": "NVDA", "Worth": 5.0}], columns={"ticker": "Code", "market_value": "Worth"}
    )
    assert named.holdings[0].ticker == "NVDA"
    missing = exposure.read_holdings(pd.DataFrame({"ticker": ["A", "B"], "market_value": [1.0, float("nan")]}))
    assert [h.market_value for h in missing.holdings] == [1.0, None]
    assert [i.code for i in exposure.read_holdings([{"ticker": "A", "weight": 1.0, "mood": "x"}]).issues] == [
        "frame.unused"
    ]


def test_a_file_is_read_from_path_bytes_and_file_alike(tmp_path: Path) -> None:
    text = "Ticker,Quantity,Price,Currency\nNVDA,10,140,USD\nMSFT,5,440,USD\n"
    path = tmp_path / "h.csv"
    path.write_text(text)
    with path.open("rb") as binary, path.open() as words:
        found = [exposure.read_holdings(s, as_of="2025-01-24") for s in (path, str(path), text.encode(), binary, words)]
    assert {tuple((h.ticker, h.market_value) for h in each.holdings) for each in found} == {
        (("NVDA", 1400.0), ("MSFT", 2200.0))
    }


def test_overrides_of_a_script_place_lines_and_one_that_matches_nothing_is_told() -> None:
    placed = exposure.to_book(HELD, overrides={"NVDA": "software.applications", "ZZZZ": {"chips.memory": 1.0}})
    assert placed.lines[0].assignment.parts[0].segment == "software.applications"
    assert [(i.code, dict(i.params)) for i in placed.issues if i.code == "override.unmatched"] == [
        ("override.unmatched", {"name": "ZZZZ"})
    ]


@pytest.mark.parametrize("by", ["line", "segment", "sub_segment", "country", "currency"])
def test_every_cut_sums_to_the_total(by: str) -> None:
    assert RESULT.frame(by)["contribution"].sum() == pytest.approx(RESULT.total_return, abs=1e-15)


def test_levers_are_a_cut_of_what_has_some() -> None:
    result = exposure.apply(BOOK, exposure.load_scenario(LEVERS, jevons_elasticity=0.8))
    assert result.frame("lever")["contribution"].sum() == pytest.approx(result.total_return, abs=1e-12)
    assert result.contribution("NVDA") == pytest.approx(result.frame().set_index("ticker").loc["NVDA", "contribution"])


@given(st.dictionaries(st.sampled_from(["NVDA", "MSFT", "ASML.AS", "8035.T", "KO"]), st.floats(-1, 1), min_size=1))
def test_a_result_comes_back_equal_to_the_last_bit(weights: dict[str, float]) -> None:
    if not any(weights.values()):
        return
    result = exposure.apply(exposure.from_weights(weights, as_of="2025-01-24"), REPLAY)
    again = exposure.ShockResult.from_json(result.to_json())
    assert again == result and again.total_return.hex() == result.total_return.hex()


def test_the_dictionary_is_what_the_command_line_prints(tmp_path: Path) -> None:
    path = tmp_path / "h.csv"
    path.write_text("Ticker,Quantity,Price,Currency\nNVDA,10,140,USD\nMSFT,5,440,USD\n")
    command = [
        sys.executable,
        "-m",
        "exposure",
        "shock",
        str(path),
        "--as-of",
        "2025-01-24",
        "--scenario",
        REPLAY,
        "--json",
    ]
    printed = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    book = exposure.to_book(exposure.read_holdings(path, as_of="2025-01-24"))
    assert json.loads(json.dumps(exposure.apply(book, REPLAY).to_dict())) == printed


@given(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
def test_replace_gives_the_hash_of_a_fresh_one(one: float, other: float) -> None:
    moved = exposure.load_scenario(custom(segments={"chips": one})).replace(segments={"chips": other})
    fresh = exposure.load_scenario(custom(segments={"chips": other}))
    assert moved.hash == fresh.hash and hash(moved) == hash(moved.replace())


def test_a_grid_is_apply_bit_by_bit() -> None:
    levers = exposure.load_scenario(LEVERS)
    frame = exposure.grid({"a": BOOK}, [REPLAY, levers])
    assert list(frame.columns) == ["portfolio", "scenario", "total_return"]
    assert list(frame["total_return"]) == [exposure.apply(BOOK, s).total_return for s in (REPLAY, levers)]


def test_draws_and_reverse_give_scenarios_and_arrays() -> None:
    drawn = exposure.simulate(BOOK, LEVERS, draws=256, held=["openness"])
    assert drawn.returns.mean() == pytest.approx(drawn.total_return.mean) and not drawn.returns.flags.writeable
    assert "openness" not in drawn.levers and len(drawn.levers["jevons_elasticity"]) == 256
    found = exposure.reverse(BOOK, LEVERS, -0.10)
    for lever in (None, "jevons_elasticity"):
        assert exposure.apply(BOOK, found.solution(lever)).total_return == pytest.approx(-0.10, abs=1e-9)


def test_a_comparison_adds_up() -> None:
    found = exposure.compare(RESULT, exposure.apply(exposure.from_weights({"SPY": 1.0}, as_of="2025-01-24"), REPLAY))
    assert found.frame()["active"].sum() == pytest.approx(found.active_return, abs=1e-15)


def test_prices_come_as_a_frame_by_column_or_by_index() -> None:
    market = exposure.read_prices(PRICES)
    indexed = PRICES.set_index(pd.DatetimeIndex(PRICES["date"])).drop(columns="date")
    assert market.rows == exposure.read_prices(indexed).rows == 6
    assert exposure.drawdown(BOOK, market).max_drawdown == pytest.approx(-0.11)


MARKET = exposure.read_prices(PRICES)
NAN = float("nan")
WRONG: list[tuple[str, Callable[[], Any]]] = [
    ("source", lambda: exposure.read_holdings(3)),
    ("source", lambda: exposure.read_holdings([1, 2])),
    ("dates", lambda: exposure.read_holdings(ROWS, dates="ymd")),  # type: ignore[arg-type]
    ("as_of", lambda: exposure.read_holdings(ROWS, as_of="yesterday")),
    ("as_of", lambda: exposure.read_holdings(ROWS, as_of=20250124)),  # type: ignore[arg-type]
    ("columns", lambda: exposure.read_holdings(ROWS, columns={"tickr": "ticker"})),
    ("columns", lambda: exposure.read_holdings(ROWS, columns={"ticker": "nowhere"})),
    ("quantity", lambda: exposure.read_holdings([{"ticker": "A", "quantity": "ten"}])),
    ("weights", lambda: exposure.from_weights({})),
    ("weights", lambda: exposure.from_weights({"NVDA": NAN})),
    ("weights", lambda: exposure.from_weights({"NVDA": 60.0, "MSFT": 40.0})),
    ("unit", lambda: exposure.from_weights({"NVDA": 1.0}, unit="percents")),  # type: ignore[arg-type]
    ("snapshot", lambda: exposure.to_book(ROWS)),  # type: ignore[arg-type]
    ("base_currency", lambda: exposure.to_book(HELD, base_currency="usd")),
    ("segment", lambda: exposure.to_book(HELD, overrides={"NVDA": "sofware"})),
    ("weight", lambda: exposure.to_book(HELD, overrides={"NVDA": {"software.applications": 3.0}})),
    ("overrides", lambda: exposure.to_book(HELD, overrides="NVDA")),  # type: ignore[arg-type]
    ("prices", lambda: exposure.to_book(HELD, prices=PRICES)),  # type: ignore[arg-type]
    ("deepsek", lambda: exposure.load_scenario("deepsek")),
    ("jevons", lambda: exposure.load_scenario(LEVERS, jevons=1.0)),
    ("horizon", lambda: exposure.load_scenario(REPLAY, horizon=1.5)),  # type: ignore[arg-type]
    ("chip", lambda: exposure.load_scenario(custom(segments={"chip": -0.12}))),
    ("chips", lambda: exposure.load_scenario(custom(segments={"chips": NAN}))),
    ("chips", lambda: exposure.load_scenario(custom(segments={"chips": -12}))),
    ("custm", lambda: exposure.load_scenario(custom(kind="custm"))),
    ("custm", lambda: exposure.Scenario(id="x", title="x", kind="custm")),  # type: ignore[arg-type]
    ("segments", lambda: exposure.apply(BOOK, exposure.Scenario(id="x", title="x", rest=0.0, segments={"chip": -0.1}))),
    ("book", lambda: exposure.apply(HELD, REPLAY)),  # type: ignore[arg-type]
    ("scenario", lambda: exposure.apply(BOOK, 3)),  # type: ignore[arg-type]
    ("scenarios", lambda: exposure.grid({"a": BOOK}, REPLAY)),
    ("books", lambda: exposure.grid([BOOK], [REPLAY])),  # type: ignore[arg-type]
    ("by", lambda: RESULT.frame("lines")),
    ("by", lambda: RESULT.frame("lever")),
    ("key", lambda: RESULT.contribution("NVDAA")),
    ("text", lambda: exposure.ShockResult.from_json("{}")),
    ("by", lambda: exposure.compare(RESULT, RESULT, by="segmnt")),  # type: ignore[arg-type]
    ("benchmark", lambda: exposure.compare(RESULT, BOOK)),  # type: ignore[arg-type]
    ("draws", lambda: exposure.simulate(BOOK, LEVERS, draws=1)),
    ("held", lambda: exposure.simulate(BOOK, LEVERS, held=["jevons"])),
    ("held", lambda: exposure.simulate(BOOK, LEVERS, held="openness")),
    ("seed", lambda: exposure.simulate(BOOK, LEVERS, seed=-1)),
    ("levers", lambda: exposure.simulate(BOOK, REPLAY)),
    ("loss", lambda: exposure.reverse(BOOK, LEVERS, NAN)),
    ("loss", lambda: exposure.reverse(BOOK, LEVERS, "-0.1")),  # type: ignore[arg-type]
    ("lever", lambda: exposure.reverse(BOOK, LEVERS, -0.1).solution("jevons")),
    ("prices", lambda: exposure.drawdown(BOOK, PRICES)),  # type: ignore[arg-type]
    ("hold", lambda: exposure.drawdown(BOOK, MARKET, hold="quantitys")),  # type: ignore[arg-type]
    ("closes", lambda: exposure.drawdown(BOOK, MARKET, closes="globl")),  # type: ignore[arg-type]
    ("start", lambda: exposure.drawdown(BOOK, MARKET, start="2025-02-01", end="2025-01-01")),
    ("given", lambda: exposure.predict({}, MARKET, as_of="2025-01-24")),
    ("given", lambda: exposure.predict({"NVDA": NAN}, MARKET, as_of="2025-01-24")),
    ("as_of", lambda: exposure.predict({"NVDA": -0.1}, MARKET, as_of="soon")),
]


@pytest.mark.parametrize(("named", "call"), WRONG, ids=[f"{i}-{name}" for i, (name, _) in enumerate(WRONG)])
def test_a_wrong_argument_is_refused_by_name_and_is_never_a_figure(named: str, call: Callable[[], Any]) -> None:
    with pytest.raises((ValueError, TypeError)) as refused:
        call()
    assert named in str(refused.value) or named == getattr(refused.value, "column", None)


@pytest.mark.parametrize(
    "noun", [HELD, BOOK, RESULT, MARKET, exposure.load_scenario(REPLAY), exposure.load_scenario(LEVERS)]
)
def test_a_repr_fits_on_a_line(noun: Any) -> None:
    assert len(repr(noun)) <= 120 and "\n" not in repr(noun)


def test_importing_the_door_loads_nothing_heavy() -> None:
    heavy = ("numpy", "pandas", "streamlit", "sqlalchemy")
    code = f"import sys, exposure; dir(exposure); print([m for m in {heavy} if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_a_golden_result_holds_and_tells_what_moved(tmp_path: Path) -> None:
    path = tmp_path / "expected" / "day.json"
    with pytest.raises(AssertionError, match="does not exist"):
        assert_matches(RESULT, path)
    assert_matches(RESULT, path, write=True)
    assert_matches(RESULT, path)
    with pytest.raises(AssertionError, match=r"by_segment\[chips\]"):
        assert_matches(
            exposure.apply(exposure.from_weights({"NVDA": 0.5, "MSFT": 0.5}, as_of="2025-01-24"), REPLAY), path
        )
    assert list(
        differences({"a": 1.0, "b": [{"ticker": "X", "v": 1}]}, {"a": 1.0 + 1e-13, "b": [{"ticker": "Y", "v": 1}]})
    ) == [
        "b[X]: is gone",
        "b[Y]: is new",
    ]


def test_the_plugin_gives_a_fixture_that_writes_only_when_asked(tmp_path: Path) -> None:
    (tmp_path / "test_day.py").write_text(
        "import exposure\n\ndef test_day(exposure_expected):\n"
        "    book = exposure.from_weights({'NVDA': 1.0}, as_of='2025-01-24')\n"
        f"    exposure_expected(exposure.apply(book, '{REPLAY}'))\n"
    )
    root = Path(exposure.__file__).parents[1]

    def run(*more: str) -> int:
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "exposure.pytest_plugin",
            "-p",
            "no:cacheprovider",
            *more,
        ]
        env = {"PYTHONPATH": str(root), "PATH": "/usr/bin:/bin"}
        return subprocess.run([*command, str(tmp_path)], cwd=tmp_path, env=env, capture_output=True).returncode

    assert [run(), run("--exposure-write"), run()] == [1, 0, 0]
