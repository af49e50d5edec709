"""`make mutants` changes what it says: one place, never what decides nothing, the same ones for the same seed."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("cosmic_ray", reason="cosmic-ray is not installed")

from cosmic_ray.mutating import mutate_code

from benchmarks.mutants import LEAST, ROOMS, matching, shares
from benchmarks.mutations import OURS, operators, sampled, sites

CODE = """\
from __future__ import annotations

def least(values: list[float] | None, floor: int = 3) -> float:
    if not values:
        raise ValueError
    total = sum(abs(v) for v in values)
    return min(total, floor)

pairs = list(zip([1], [2], strict=True))
"""


@pytest.mark.parametrize("operator", OURS)
def test_the_operators_do_what_their_examples_say(operator) -> None:
    for example in operator.examples():
        changed = mutate_code(example.pre_mutation_code, operator(), example.occurrence)
        assert changed == example.post_mutation_code


def drawn(tmp_path: Path, count: int, seed: str = "1") -> list[str]:
    file = tmp_path / "least.py"
    file.write_text(CODE, encoding="utf-8")
    mutants = sampled("room", [file], tmp_path, count, seed)
    assert all(m.path == "least.py" and m.diff.count("\n") == 1 for m in mutants), "one line each"
    return [m.source for m in mutants]


def test_a_sample_changes_what_runs_and_nothing_else(tmp_path: Path) -> None:
    """The annotation `list[float] | None` and `strict=True` can be changed too, and are passed over."""
    assert {row for row in sites(CODE)} >= {3, 4, 6, 9}
    seen = {source for seed in map(str, range(60)) for source in drawn(tmp_path, 20, seed)}
    assert CODE not in seen
    assert all("list[float] | None" in source and "strict=True" in source for source in seen)
    assert any("if False:" in source for source in seen), "a guard is disabled"
    assert any("(v)" in source and "abs" not in source for source in seen)
    assert any("return max(total, floor)" in source for source in seen)


def test_the_same_seed_draws_the_same_changes(tmp_path: Path) -> None:
    assert drawn(tmp_path, 3) == drawn(tmp_path, 3)
    assert len({tuple(drawn(tmp_path, 3, seed)) for seed in map(str, range(8))}) > 1


def test_operators_are_replaced_by_like_ones() -> None:
    assert {"ReplaceBinaryOperator_Add_Sub", "ReplaceComparisonOperator_Lt_LtE", "AddNot"} <= operators().keys()
    assert not any(name.endswith(("_Add_LShift", "_Eq_Is", "RemoveDecorator")) for name in operators())


def test_every_room_has_modules_and_tests_and_its_share_of_the_sample() -> None:
    for name, room in ROOMS.items():
        assert matching(room.modules) and matching(room.tests), name
    given = shares({"a": 1000, "b": 500, "c": 12, "d": 2}, 100)
    assert sum(given.values()) == 100
    assert (given["c"] >= LEAST, given["d"] <= 2 + 1, given["a"] > given["b"]) == (True, True, True)
