"""`make mutants`: change single places of the core and see whether the tests of their room notice.

    make mutants                                     # a hundred of every room, the same each time
    make mutants ARGS="--seed 7 --count 40 --rooms shock chain"
    make mutants ARGS="--calls /tmp/calls.jsonl --seed 2"    # what the tests call is kept there for the next run

The room's tests run once as they are, which tells what each of them calls, how long it takes and whether it holds; one
that fails is named and left out. Then each change is made in a copy of the project, and of the room's tests those run
that call the changed function, the quick ones first, until one fails. A change that all of them let through is printed
with its place; fewer than 90 of 100 noticed is exit status 1.
"""

from __future__ import annotations

import argparse
import ast
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from benchmarks.mutations import Mutant, sampled, sites

ROOT = Path(__file__).resolve().parents[1]
NEEDED = 0.90


@dataclass(frozen=True, slots=True)
class Room:
    """What is changed, and by which tests it has to be noticed; both as patterns of paths."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


ROOMS: Mapping[str, Room] = {
    "chain": Room(("exposure/chain/*.py",), ("tests/chain/*.py",)),
    "history": Room(("exposure/history/*.py",), ("tests/history/*.py",)),
    "rates": Room(
        ("exposure/prices/_rates.py", "exposure/prices/_bank.py"),
        (
            "tests/test_rates.py",
            "tests/test_bank_rates.py",
            "tests/test_cli_rates.py",
            "tests/chain/test_converted.py",
            "tests/chain/test_book.py",
            "tests/history/test_conversion.py",
            "tests/db/test_rates.py",
        ),
    ),
    "reading": Room(
        ("exposure/reading/*.py", "exposure/files/*.py", "exposure/delivered.py", "exposure/errors.py"),
        (
            "tests/reading/*.py",
            "tests/test_comments.py",
            "tests/test_delivered.py",
            "tests/test_guarded.py",
            "tests/test_legible.py",
        ),
    ),
    "repositories": Room(("db/repositories/*.py",), ("tests/db/*.py",)),
    "scenarios": Room(("exposure/scenario.py", "exposure/scenarios/*.py"), ("tests/scenarios/*.py",)),
    "shock": Room(
        ("exposure/score.py", *(f"exposure/{room}/*.py" for room in ("spread", "shock", "levers", "trades"))),
        ("tests/shock/*.py",),
    ),
    # units, and the series whose rows carry them
    "units": Room(
        (
            "exposure/exchanges.py",
            "exposure/units.py",
            *(f"exposure/prices/{each}" for each in ("__*.py", "_[!_br]*.py", "_rows.py")),
        ),
        (
            "tests/test_units.py",
            "tests/test_market.py",
            "tests/test_price_*.py",
            "tests/test_cli_doubts.py",
            "tests/test_cli_prices.py",
            "tests/history/test_doubts.py",
            "tests/shock/test_doubts.py",
            "tests/db/test_price_files.py",
        ),
    ),
}
EXAMPLES = "tests/test_doctests.py"
"""The examples in docstrings: of every room."""
WRITERS = ("build.py",)
"""Modules that write what is shipped with the program; they do not run in it."""
LEAST = 4
"""Of the sample, for the smallest room."""
LONGEST = 60.0
"""Seconds of tests for one change, as they took without it; the quick ones run first."""
PRELOADED = ("pytest", "numpy", "pandas", "scipy.stats", "sqlalchemy.orm")
"""Imported once for all runs: most of what a run of few tests would take."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A test as it is without a change; `calls` are the first rows of the functions that it enters, by module."""

    id: str
    seconds: float
    holds: bool
    calls: Mapping[str, frozenset[int]]

    @property
    def file(self) -> str:
        return self.id.partition("::")[0]


def matching(patterns: Sequence[str]) -> list[Path]:
    return sorted({path for pattern in patterns for path in ROOT.glob(pattern)})


def modules_of(room: str) -> list[Path]:
    return [path for path in matching(ROOMS[room].modules) if path.name not in WRITERS]


def tests_of(room: str) -> list[str]:
    found = [path.relative_to(ROOT).as_posix() for path in matching(ROOMS[room].tests)]
    return [*(file for file in found if Path(file).name.startswith("test_")), EXAMPLES]


def shares(sizes: Mapping[str, int], count: int) -> dict[str, int]:
    """Split a sample over rooms by what can be changed in each, `LEAST` at least where there is room for it."""
    given = {room: min(LEAST, count // len(sizes), size) for room, size in sizes.items()}
    left, whole = count - sum(given.values()), sum(sizes.values())
    exact = {room: left * size / whole for room, size in sizes.items()}
    given = {room: given[room] + int(exact[room]) for room in sizes}
    for room in sorted(sizes, key=lambda r: int(exact[r]) - exact[r])[: count - sum(given.values())]:
        given[room] += 1
    return given


@contextmanager
def copied(count: int) -> Iterator[list[Path]]:
    """Copy the project; what lies beside it (the shared samples) lies beside each copy too."""
    left_out = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".hypothesis", ".*_cache", "*.sqlite*")
    with tempfile.TemporaryDirectory(prefix="mutants-") as temporary:
        trees = [Path(temporary) / str(n) / "project" for n in range(count)]
        for tree in trees:
            shutil.copytree(ROOT, tree, ignore=left_out)
            if (ROOT.parent / "shared").is_dir():
                (tree.parent / "shared").symlink_to(ROOT.parent / "shared", target_is_directory=True)
        yield trees


def called(tree: Path, files: Sequence[str], into: Path) -> None:
    """Run test files as they are and write what each test calls."""
    command = [sys.executable, "-m", "pytest", *QUIETLY, "-p", "benchmarks.called", *files]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "CALLED_TO": str(into)}
    subprocess.run(command, cwd=tree, env=environment, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)


QUIETLY = ("-q", "-n", "0", "-p", "no:cacheprovider", "-m", "not browser and not postgres")


def read_calls(file: Path) -> list[Tried]:
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return [
        Tried(e["test"], e["seconds"], e["holds"], {p: frozenset(rows) for p, rows in e["calls"].items()})
        for e in lines
    ]


def function_at(text: str, row: int) -> range | None:
    """Give the rows of the innermost function around a row, its decorators included; None in the open module."""
    around = [
        range(min([node.lineno, *(d.lineno for d in node.decorator_list)]), (node.end_lineno or node.lineno) + 1)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return min((rows for rows in around if row in rows), key=len, default=None)


def chosen(mutant: Mutant, text: str, tests: Iterable[Tried]) -> list[Tried]:
    """Choose the tests for a change: those that enter its function, then what else lies in the same files.

    What a fixture or a cache made for several tests is entered in the first of them alone. A constant of a module is
    of concern to whatever enters the module, and what nothing enters to every test of the room.
    """
    tests = [t for t in tests if t.holds]
    rows = function_at(text, mutant.row)
    entering = [t for t in tests if any(rows is None or row in rows for row in t.calls.get(mutant.path, ()))]
    entering = entering or [t for t in tests if mutant.path in t.calls] or tests
    files, ids = {t.file for t in entering}, {t.id for t in entering}
    ordered = sorted(entering, key=lambda t: t.seconds)
    ordered += sorted((t for t in tests if t.file in files and t.id not in ids), key=lambda t: t.seconds)
    taken, left = [], LONGEST
    for test in ordered:
        if left < test.seconds and taken:
            break
        left -= test.seconds
        taken.append(test)
    return taken


def _run(tree: str, arguments: Sequence[str]) -> None:
    """Run pytest in a process that was forked with its packages loaded; what it prints goes beside the copy."""
    os.chdir(tree)
    sys.dont_write_bytecode = True
    for module in [m for m in sys.modules if m.partition(".")[0] == "benchmarks"]:
        del sys.modules[module]
    sys.path[:] = [tree, *(p for p in sys.path if p not in ("", str(ROOT)))]
    log = os.open("../pytest.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    import pytest

    sys.stdout.flush()
    os._exit(int(pytest.main([*arguments])))


def noticed(tree: Path, mutant: Mutant, tests: Iterable[Tried]) -> bool:
    """Make a change in a copy, run the tests for it up to the first that fails, and take the change back."""
    path = tree / mutant.path
    text = path.read_text(encoding="utf-8")
    run = chosen(mutant, text, tests)
    (tree.parent / "tests.txt").write_text("\n".join(test.id for test in run), encoding="utf-8")
    path.write_text(mutant.source, encoding="utf-8")
    process = FORKED.Process(target=_run, args=(str(tree), [*QUIETLY, "-x", "@../tests.txt"]))
    try:
        process.start()
        process.join(60 + 4 * sum(test.seconds for test in run))
        if process.is_alive():  # a loop that does not end is noticed
            process.kill()
            process.join()
            return True
    finally:
        path.write_text(text, encoding="utf-8")
    if process.exitcode not in (0, 1, 2, 3):  # 5: nothing ran, 4: wrongly called
        log = (tree.parent / "pytest.log").read_text(errors="replace")
        raise RuntimeError(f"pytest ended with {process.exitcode}: {log[-2000:]}")
    return process.exitcode != 0


FORKED = multiprocessing.get_context("forkserver")


def main() -> int:
    """Draw the sample, run it, and print what was not noticed and how much was."""
    parser = argparse.ArgumentParser(description="Change single places of the core and see whether the tests notice.")
    parser.add_argument("--count", type=int, default=100, metavar="N", help="how many changes (100)")
    parser.add_argument("--seed", default="1", help="another seed draws other changes (1)")
    parser.add_argument("--rooms", nargs="+", choices=ROOMS, default=list(ROOMS), help="of these rooms alone")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, metavar="N", help="at once (processors)")
    parser.add_argument("--calls", type=Path, metavar="FILE", help="keep what the tests call, or take it from here")
    args = parser.parse_args()
    sizes = {room: sum(len(sites(p.read_text("utf-8"))) for p in modules_of(room)) for room in args.rooms}
    wanted = shares(sizes, args.count)
    mutants = [m for room in args.rooms for m in sampled(room, modules_of(room), ROOT, wanted[room], args.seed)]
    FORKED.set_forkserver_preload(list(PRELOADED))
    with copied(args.workers) as copies, ThreadPoolExecutor(args.workers) as pool:
        calls: Path = args.calls or copies[0].parent / "calls.jsonl"
        files = sorted({file for room in args.rooms for file in tests_of(room)})
        if not calls.exists():
            parts = [copy.parent / "part.jsonl" for copy in copies]
            list(pool.map(called, copies, [files[n :: args.workers] for n in range(args.workers)], parts))
            calls.write_text("".join(part.read_text("utf-8") for part in parts), "utf-8")
        tests = [test for test in read_calls(calls) if test.file in files]
        for test in tests:
            if not test.holds:
                print(f"left out, it fails without any change: {test.id}")
        of_room = {room: [t for t in tests if t.file in tests_of(room)] for room in args.rooms}
        trees: SimpleQueue[Path] = SimpleQueue()
        for copy in copies:
            trees.put(copy)

        def tried(mutant: Mutant) -> bool:
            tree = trees.get()
            try:
                found = noticed(tree, mutant, of_room[mutant.room])
            finally:
                trees.put(tree)
            # at once: a run of half an hour that is stopped has told what it found
            missed = f"\nnot noticed: {mutant.path}:{mutant.row} ({mutant.operator})\n{mutant.diff}\n"
            print("." if found else missed, end="", flush=True)
            return found

        print(f"{len(mutants)} changes, seed {args.seed}: ", end="", flush=True)
        outcomes = list(pool.map(tried, mutants))
    return told(mutants, outcomes)


def told(mutants: Sequence[Mutant], outcomes: Sequence[bool]) -> int:
    """Print the share of each room; give the exit status."""
    print()
    for room in dict.fromkeys(m.room for m in mutants):
        own = [found for m, found in zip(mutants, outcomes, strict=True) if m.room == room]
        print(f"  {room:<12} {sum(own):3d} of {len(own)} noticed")
    share = sum(outcomes) / len(outcomes)
    print(f"{sum(outcomes)} of {len(outcomes)} noticed; {NEEDED * 100:.0f} of 100 are needed")
    return 0 if share >= NEEDED else 1


if __name__ == "__main__":
    sys.exit(main())
