"""`make mutants`: change single places of the core and see whether the tests of their room notice.

    make mutants                                     # a hundred of every room, the same each time
    make mutants ARGS="--seed 7 --count 40 --rooms shock chain"

Each change is made in a copy of the project, where the room's tests run until the first fails. A change that all of
them let through is printed with its place; fewer than 90 of 100 noticed is exit status 1. Tests that fail
without any change are named and left out.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from xml.etree import ElementTree

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
    "rates": Room(("exposure/rates.py", "exposure/rates/*.py"), ("tests/test_rates*.py", "tests/rates/*.py")),
    "reading": Room(("exposure/reading/*.py",), ("tests/reading/*.py",)),
    "repositories": Room(("db/repositories/*.py",), ("tests/db/*.py",)),
    "scenarios": Room(("exposure/scenarios/*.py",), ("tests/scenarios/*.py",)),
    "shock": Room(("exposure/shock/*.py",), ("tests/shock/*.py",)),
    "units": Room(
        ("exposure/units.py",),
        ("tests/test_units*.py", "tests/test_market*.py", "tests/chain/*.py", "tests/reading/*.py"),
    ),
}
WRITERS = ("build.py",)
"""Modules that write what is shipped with the program; they do not run in it."""
LEAST = 4
"""Of the sample, for the smallest room."""


@dataclass(frozen=True, slots=True)
class Tests:
    """The tests of a room: its files with their seconds, those that fail as it is, and the seconds of all."""

    files: Mapping[str, float]
    failing: tuple[str, ...]
    seconds: float

    def for_module(self, path: str) -> list[str]:
        """Order the files: those that bear the module's name, then the quick ones."""
        stem = Path(path).stem
        return sorted(self.files, key=lambda f: (stem not in Path(f).stem, self.files[f]))


def matching(patterns: Sequence[str]) -> list[Path]:
    return sorted({path for pattern in patterns for path in ROOT.glob(pattern)})


def shares(sizes: Mapping[str, int], count: int) -> dict[str, int]:
    """Split a sample over rooms by what can be changed in each, `LEAST` at least where there is room for it."""
    given = {room: min(LEAST, count // len(sizes), size) for room, size in sizes.items()}
    left, whole = count - sum(given.values()), sum(sizes.values())
    exact = {room: left * size / whole for room, size in sizes.items()}
    given = {room: given[room] + int(exact[room]) for room in sizes}
    for room in sorted(sizes, key=lambda r: int(exact[r]) - exact[r])[: count - sum(given.values())]:
        given[room] += 1
    return given


def copied(folder: Path) -> Path:
    """Copy the project into a folder; what lies beside it (the shared samples) lies beside the copy too."""
    tree = folder / "project"
    left_out = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".hypothesis", ".*_cache", "*.sqlite*")
    shutil.copytree(ROOT, tree, ignore=left_out)
    if (ROOT.parent / "shared").is_dir():
        (folder / "shared").symlink_to(ROOT.parent / "shared", target_is_directory=True)
    return tree


def pytest(tree: Path, arguments: Sequence[str], timeout: float | None = None) -> int | None:
    """Run tests in a copy, quietly; None where they do not end in time. Nothing compiled is kept: it could be stale."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *arguments]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    with (tree / "pytest.log").open("wb") as log:
        try:
            done = subprocess.run(
                command, cwd=tree, env=environment, stdout=log, stderr=log, timeout=timeout, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired:
            return None
    return done.returncode


def baseline(tree: Path, room: Room) -> Tests:
    """Run a room's tests as they are: which fail anyhow, and how long each file takes."""
    found = [path.relative_to(ROOT).as_posix() for path in matching(room.tests) if path.name.startswith("test_")]
    report = tree / "report.xml"
    started = time.monotonic()
    pytest(tree, [*found, f"--junit-xml={report}", "-o", "junit_family=xunit1"])
    files, failing = dict.fromkeys(found, 0.0), []
    for case in ElementTree.parse(report).iter("testcase"):
        file = case.get("file", "")
        files[file] = files.get(file, 0.0) + float(case.get("time", 0))
        if any(case.find(tag) is not None for tag in ("failure", "error")):
            failing.append(f"{file}::{case.get('name')}")
    return Tests(files, tuple(failing), time.monotonic() - started)


def noticed(tree: Path, mutant: Mutant, tests: Tests) -> bool:
    """Make a change in a copy, run the tests of its room up to the first that fails, and take the change back."""
    path = tree / mutant.path
    text = path.read_text(encoding="utf-8")
    path.write_text(mutant.source, encoding="utf-8")
    try:
        chosen = tests.for_module(mutant.path)
        left_out = [f"--deselect={test}" for test in tests.failing]
        status = pytest(tree, ["-x", *chosen, *left_out], timeout=60 + 4 * tests.seconds)
    finally:
        path.write_text(text, encoding="utf-8")
    if status not in (0, 1, 2, 3, None):  # 5: nothing ran, 4: wrongly called
        raise RuntimeError(f"pytest ended with {status}: {(tree / 'pytest.log').read_text(errors='replace')[-2000:]}")
    return status != 0


def main() -> int:
    """Draw the sample, run it, and print what was not noticed and how much was."""
    parser = argparse.ArgumentParser(description="Change single places of the core and see whether the tests notice.")
    parser.add_argument("--count", type=int, default=100, metavar="N", help="how many changes (100)")
    parser.add_argument("--seed", default="1", help="another seed draws other changes (1)")
    parser.add_argument("--rooms", nargs="+", choices=ROOMS, default=list(ROOMS), help="of these rooms alone")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, metavar="N", help="at once (processors)")
    args = parser.parse_args()
    modules = {room: [p for p in matching(ROOMS[room].modules) if p.name not in WRITERS] for room in args.rooms}
    sizes = {room: sum(len(sites(p.read_text("utf-8"))) for p in found) for room, found in modules.items()}
    wanted = shares(sizes, args.count)
    mutants = [m for room in args.rooms for m in sampled(room, modules[room], ROOT, wanted[room], args.seed)]
    with tempfile.TemporaryDirectory(prefix="mutants-") as temporary:
        trees: SimpleQueue[Path] = SimpleQueue()
        for n in range(args.workers):
            (folder := Path(temporary) / str(n)).mkdir()
            trees.put(copied(folder))

        def measured(room: str) -> Tests:
            tree = trees.get()
            try:
                return baseline(tree, ROOMS[room])
            finally:
                trees.put(tree)

        def tried(mutant: Mutant) -> bool:
            tree = trees.get()
            try:
                found = noticed(tree, mutant, tests[mutant.room])
            finally:
                trees.put(tree)
            # at once: a run of half an hour that is stopped has told what it found
            missed = f"\nnot noticed: {mutant.path}:{mutant.row} ({mutant.operator})\n{mutant.diff}\n"
            print("." if found else missed, end="", flush=True)
            return found

        with ThreadPoolExecutor(args.workers) as pool:
            tests = dict(zip(args.rooms, pool.map(measured, args.rooms), strict=True))
            for room in args.rooms:
                for failing in tests[room].failing:
                    print(f"left out, it fails without any change: {failing}")
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
