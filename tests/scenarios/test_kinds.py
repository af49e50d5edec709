"""Scenarios by kind: each type has its own fields, none can be changed, and what was hashed and kept before holds."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import date
from typing import Any

import pytest

from exposure.errors import ScenarioError
from exposure.results import from_text, to_text
from exposure.scenarios import library_ids, load_scenario, parse_scenario
from exposure.types import Custom, Prediction, Replay, Scenario, Transmission, Window

HASHES = {
    "asml-2024-10-15": "092dbdd6d4551ebb",
    "chips-2024-07-17": "91ca3e5b6481ae70",
    "chips-2024-09-03": "0bde60f813bbb28e",
    "deepseek-2025-01-27": "3a06984f8c236616",
    "deepseek-2025-01-27-common": "f3a70c3f93543841",
    "deepseek-2025-01-27-full": "ec775b151ac15754",
    "deepseek-transmission": "4d8316fa34441233",
    "nvidia-results-2025-02-27": "ce4ece74ba6da8f5",
    "tariffs-2025-04-03": "59fa5d9d7a7a7f0c",
}
"""How the hashes began before there was a type for each kind."""
TEXTS: dict[str, tuple[type[Scenario], str, str]] = {
    "c": (
        Custom,
        "bf2417935631b7e8",
        'id="c"\nkind="custom"\nrest="market"\nmarket=-0.01\n[segments]\nchips=-0.1\n"chips.memory"=-0.2\n'
        "[tickers]\nNVDA=-1\n[isins]\nUS67066G1040=-0.2\n[fx]\nEUR=0.01\nJPY=-0.0\n",
    ),
    "p": (
        Prediction,
        "588a1a299edfe5bb",
        'id="p"\ntitle="P"\nkind="predictive"\nas_of=2025-01-24\n[given]\nSMH=-0.05\nchips=-0.1\n[fx]\nEUR=0.01\n',
    ),
    "r": (
        Replay,
        "221070f23a1cd6dc",
        'id="r"\nkind="replay"\nfrom=2025-01-24\nto=2025-01-27\nreaction="open"\nlocal_only=true\n'
        '[windows]\n".T .KS"={from=2025-01-24,to=2025-01-28}\n',
    ),
    "t": (Transmission, "eecffc8ccfce2203", 'id="t"\nkind="transmission"\n[levers]\njevons_elasticity=0.9\n'),
}
OF_EVERY_KIND: dict[str, Any] = {
    **{name: {} for name in ("errors", "foretold", "fx", "given", "isins", "levers", "observed", "priors")},
    **{name: {} for name in ("segments", "tickers", "windows")},
    **{"hash": "0" * 64, "horizon": 1, "id": "x", "issues": [], "local_only": False, "prefer_adr": False},
    **{"reaction": "common", "rest": 0.0, "source": "", "title": "X"},
}
"""What was written of every scenario, whatever its kind."""
each = pytest.mark.parametrize("name", TEXTS)


def scenario(name: str) -> Scenario:
    return parse_scenario(TEXTS[name][2], file=f"{name}.toml")


def test_the_hashes_of_the_library_are_what_they_were() -> None:
    assert {name: load_scenario(name).hash[:16] for name in library_ids()} == HASHES


@each
def test_a_file_gives_the_type_of_its_kind_with_the_hash_that_it_had(name: str) -> None:
    found = scenario(name)
    assert (type(found), found.hash[:16]) == TEXTS[name][:2]


@each
def test_a_scenario_is_the_same_after_a_copy_a_pickle_and_a_kept_result(name: str) -> None:
    found = scenario(name)
    for other in (copy.deepcopy(found), pickle.loads(pickle.dumps(found)), from_text(to_text(found), Scenario)):
        assert (other, other.hash, hash(other)) == (found, found.hash, hash(found))
        assert type(other) is type(found)


@pytest.mark.parametrize(
    ("own", "then"),
    [
        (
            {"kind": "custom", "segments": {"chips": -0.1}, "fx": {"EUR": 0.01}},
            Custom("x", "X", rest=0.0, segments={"chips": -0.1}, fx={"EUR": 0.01}),
        ),
        (
            {"kind": "predictive", "as_of": "2025-01-24", "given": {"chips": -0.1}, "foretold": {"NVDA": -0.1}},
            Prediction("x", "X", rest=0.0, as_of=date(2025, 1, 24), given={"chips": -0.1}, predicted={"NVDA": -0.1}),
        ),
    ],
    ids=["custom", "predictive"],
)
def test_what_older_versions_kept_is_read_by_its_kind(own: dict[str, Any], then: Scenario) -> None:
    assert from_text(json.dumps({**OF_EVERY_KIND, **own}), Scenario) == then


def test_the_base_gives_the_type_of_a_kind() -> None:
    assert type(Scenario(id="x", title="X", kind="replay", horizon=3)) is Replay  # type: ignore[call-arg]
    assert type(Scenario("x", "X")) is Custom
    with pytest.raises(ScenarioError) as caught:
        Scenario("x", "X", "guess")  # type: ignore[arg-type]
    assert caught.value.code == "scenario.kind-unknown"


def test_nothing_in_a_scenario_can_be_changed() -> None:
    moves = {"chips": -0.1}
    found = Custom("x", "X", rest=0.0, segments=moves, windows={"": Window(date(2025, 1, 24), date(2025, 1, 27), {})})
    moves["chips"] = 0.5
    assert found.segments == {"chips": -0.1}
    for table in (found.segments, found.windows[""].fx):
        with pytest.raises(TypeError):
            table["chips"] = 0.5  # type: ignore[index]
    with pytest.raises(AttributeError):
        found.rest = 0.1  # type: ignore[misc]


def test_the_hash_follows_from_the_contents() -> None:
    found = scenario("t")
    moved = found.replace(market_move=-0.05, jevons_elasticity=0.3)
    assert (moved.levers["jevons_elasticity"], moved.market) == (0.3, -0.05)
    assert moved.hash != found.hash == moved.replace(**found.levers).hash
    assert found.replace(id="u").hash != found.hash == found.replace(title="U").hash


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        ("c", {"rest": float("nan")}, "scenario.no-move"),
        ("c", {"segments": {"chips": -1.0}}, "scenario.no-move"),
        ("c", {"tickers": {"NVDA": -1.1}}, "scenario.no-move"),
        ("c", {"kind": "replay"}, "scenario.kind-other"),
        ("p", {"tickers": {"NVDA": -1.0}}, "scenario.no-move"),
        ("r", {"end": date(2025, 1, 1)}, "scenario.days-reversed"),
        ("t", {"jevons_elasticity": 3.5}, "lever.out-of-range"),
        ("t", {"levers": {"jevons": 1.0}}, "lever.out-of-range"),
    ],
)
def test_what_no_file_may_say_no_change_may_either(name: str, change: dict[str, Any], code: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        scenario(name).replace(**change)
    assert caught.value.code == code


def test_a_replay_with_its_moves_is_not_written_as_one_file() -> None:
    with pytest.raises(ScenarioError) as caught:
        load_scenario("deepseek-2025-01-27").to_toml()
    assert caught.value.code == "scenario.replay-in-two-files"
