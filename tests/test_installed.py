"""The package as it is installed: what works without the extras, and which extra each command asks for."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import exposure

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MISSING = [
    *("alembic", "exchange_calendars", "numba", "pandas", "plotly", "psycopg"),
    *("scipy", "sklearn", "sqlalchemy", "streamlit", "tenacity", "yfinance"),
]
WITHOUT = (
    f"import sys; sys.modules.update(dict.fromkeys({MISSING!r})); "
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


def test_what_is_installed_is_what_the_application_needs() -> None:
    """Each name of `requirements.in` stands in one list of the package, and nothing else does."""
    lists = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    ours = [name for each in lists for name in each if not name.startswith(PROJECT["name"])]
    needed = [line for line in (ROOT / "requirements.in").read_text().splitlines() if not line.startswith("#")]
    assert sorted(ours) == sorted(needed)


def test_the_version_stands_in_one_place() -> None:
    assert PROJECT["dynamic"] == ["version"] and exposure.__version__.count(".") == 2
