"""The package as it is installed: what works without the extras, and which extra each command asks for."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import exposure
from exposure.cli import EXTRAS

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WITHOUT = (
    f"import sys; sys.modules.update(dict.fromkeys({list(EXTRAS)!r})); "
    "from exposure.cli import main; sys.exit(main(sys.argv[1:]))"
)


def run(*words: object) -> subprocess.CompletedProcess[str]:
    """Run a command in a process that finds none of the packages of the extras."""
    command = [sys.executable, "-c", WITHOUT, *map(str, words)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def held(tmp_path: Path) -> Path:
    path = tmp_path / "held.csv"
    path.write_text("As of,2025-01-24\n\nTicker,Name,Weight (%)\nNVDA,NVIDIA,60\nMSFT,Microsoft,40\n")
    return path


@pytest.mark.parametrize("words", [("inspect",), ("segments",), ("shock", "--scenario", "deepseek-2025-01-27")])
def test_reading_segments_and_shock_need_no_extra(held: Path, words: tuple[str, ...]) -> None:
    done = run(words[0], held, *words[1:], "--json")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        (("simulate", "HELD", "--scenario", "deepseek-transmission"), "analysis"),
        (("reverse", "HELD", "--scenario", "deepseek-transmission", "--loss", "-0.1"), "analysis"),
        (("portfolios",), "dashboard"),
    ],
)
def test_a_command_that_needs_more_names_the_extra(held: Path, words: tuple[str, ...], extra: str) -> None:
    done = run(*(held if word == "HELD" else word for word in words))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: this command needs the package ")
    assert done.stderr.endswith(f"pip install 'value-chain-exposure[{extra}]'\n") and done.stderr.count("\n") == 1


NAMES = {"exchange_calendars": "exchange-calendars", "sklearn": "scikit-learn", "distributed": "dask"}
"""Package as it is imported → as it is installed, where the two differ."""


def of_extra(extra: str) -> list[str]:
    """List what an extra brings by itself, in lower case and without brackets."""
    listed = PROJECT["optional-dependencies"][extra]
    return [name.lower().partition("[")[0] for name in listed if not name.startswith(PROJECT["name"])]


@pytest.mark.parametrize("package", EXTRAS)
def test_a_missing_package_names_the_extra_that_brings_it(package: str) -> None:
    assert NAMES.get(package, package) in of_extra(EXTRAS[package])


def test_every_extra_can_be_named() -> None:
    named = {extra: sorted({NAMES.get(p, p) for p, of in EXTRAS.items() if of == extra}) for extra in EXTRAS.values()}
    assert named == {extra: sorted(of_extra(extra)) for extra in PROJECT["optional-dependencies"]}


def test_what_is_installed_is_what_the_application_needs() -> None:
    """Each name of `requirements.in` stands in one list of the package, beside what is to come."""
    lists = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    ours = [name for each in lists for name in each if not name.startswith(PROJECT["name"])]
    needed = [line for line in (ROOT / "requirements.in").read_text().splitlines() if not line.startswith("#")]
    assert sorted(ours) == sorted({*needed, "typst", "XlsxWriter", "dask", "pyarrow"})


def test_the_version_stands_in_one_place_and_is_the_newest_of_the_changelog() -> None:
    assert PROJECT["dynamic"] == ["version"]
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert headings[0] == "Unreleased"
    assert re.fullmatch(rf"{re.escape(exposure.__version__)} – \d{{4}}-\d\d-\d\d", headings[1])
