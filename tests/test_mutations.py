"""`make mutants` changes what it says: one place, never what decides nothing, the same ones for the same seed."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("cosmic_ray", reason="cosmic-ray is not installed")

from cosmic_ray.mutating import mutate_code

from benchmarks.mutants import LEAST, LONGEST, ROOMS, ROOT, Tried, chosen, function_at, matching, shares
from benchmarks.mutants import tests_of as files_of
from benchmarks.mutations import OURS, Mutant, operators, sampled, sites

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
        for patterns in (room.modules, room.tests):
            assert all(matching([pattern]) for pattern in patterns), name
        assert all((ROOT / file).is_file() for file in files_of(name))
    given = shares({"a": 1000, "b": 500, "c": 12, "d": 2}, 100)
    assert sum(given.values()) == 100
    assert (given["c"] >= LEAST, given["d"] <= 2 + 1, given["a"] > given["b"]) == (True, True, True)


def test_every_module_of_the_core_stands_in_one_room() -> None:
    """Left out: words and shapes of answers, the command line, and what is kept, which have no figures of their own."""
    outside = {"__init__", "__main__", "answers", "flow", "format", "results", "types", "version"}
    outside |= {"api", "arguments", "frames", "outcome", "pytest_plugin", "testing"}
    core = {p for p in (ROOT / "exposure").glob("*.py") if p.stem not in outside}
    for room in (
        path.name
        for path in (ROOT / "exposure").iterdir()
        if path.name not in ("cli", "messages", "results", "view", "workbench")
    ):
        core |= set((ROOT / "exposure" / room).glob("*.py"))
    core |= set((ROOT / "db/repositories").glob("*.py"))
    placed = [path for room in ROOMS for path in matching(ROOMS[room].modules)]
    assert sorted(placed) == sorted(core)


def test_the_function_around_a_row_is_the_innermost_with_its_decorators() -> None:
    text = "A = 1\n\n@cache\ndef f():\n    def g():\n        return 1\n    return g\n"
    assert [function_at(text, row) for row in (1, 3, 6, 7)] == [None, range(3, 8), range(5, 7), range(3, 8)]


def test_a_change_is_tried_with_the_tests_that_enter_its_function_the_quick_ones_first() -> None:
    text = "A = 1\n\n\ndef f():\n    return 2\n\n\ndef g():\n    return 3\n"

    def tried(name: str, file: str, seconds: float, *rows: int, holds: bool = True) -> Tried:
        return Tried(f"{file}::{name}", seconds, holds, {"m.py": frozenset(rows)} if rows else {})

    tests = [
        tried("slow", "a.py", 2.0, 4),
        tried("quick", "a.py", 1.0, 4, 8),
        tried("fixture", "a.py", 0.5),  # may rest on what another test of its file made
        tried("other", "b.py", 0.1, 8),
        tried("failing", "a.py", 0.1, 4, holds=False),
        tried("elsewhere", "c.py", 0.1),
    ]

    def of(row: int) -> list[str]:
        mutant = Mutant("room", "m.py", "", row, "", "")
        return [t.id.partition("::")[2] for t in chosen(mutant, text, tests)]

    assert of(5) == ["quick", "slow", "fixture"]
    assert of(9) == ["other", "quick", "fixture", "slow"]
    assert of(1) == ["other", "quick", "slow", "fixture"], "a constant: whatever enters the module"
    tests.append(tried("endless", "a.py", LONGEST, 4))
    assert of(5) == ["quick", "slow"], "not longer than is worth while for one change"
