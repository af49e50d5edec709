"""What leaves by the command line: any terminal can write it, and none obeys what a file holds. Real processes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from exposure.errors import legible

ROOT = Path(__file__).resolve().parents[1]
DEMO = "docs/demo_2025-01-24.csv"
BOOK = "ISIN,Ticker,Name,Quantity,Price,Currency,Market value\n"
ESCAPES = "\x1b]0;owned\x07\x1b[2J\x9b31m\x7f\u202e"
TERMINALS = {
    "C": {"LANG": "C", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "ascii strict": {"PYTHONIOENCODING": "ascii:strict"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "cp437": {"PYTHONIOENCODING": "cp437"},
}


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    left_out = ("PYTHONIOENCODING", "PYTHONUTF8", "LANG", "LC_ALL", "EXPOSURE_DEBUG")
    kept = {k: v for k, v in os.environ.items() if k not in left_out}
    command = [sys.executable, "-m", "exposure", *arguments]
    return subprocess.run(command, cwd=ROOT, env=kept | environment, capture_output=True, timeout=120)


@pytest.mark.parametrize("terminal", TERMINALS.values(), ids=TERMINALS)
def test_a_terminal_without_a_thin_space_or_a_true_minus_gets_plain_ones(terminal: dict[str, str]) -> None:
    done = run("shock", DEMO, **terminal)
    encoding = terminal.get("PYTHONIOENCODING", "ascii").split(":")[0]
    text = done.stdout.decode(encoding)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^Total return -7\.27 %, -608 733 EUR$", text, re.M)
    assert "?" not in text and "\\u" not in text
    assert "\\u" not in done.stderr.decode(encoding)


def test_every_terminal_that_can_still_gets_the_true_characters() -> None:
    said = run("shock", DEMO, PYTHONIOENCODING="utf-8").stdout.decode()
    assert "Total return −7.27\u202f%, −608\u202f733 EUR" in said


@pytest.mark.parametrize("terminal", ["C", "cp437"])
@pytest.mark.parametrize("command", [["--help"], ["trades", "--help"], ["scenarios"], ["segments", DEMO]])
def test_help_and_tables_are_written_too(command: list[str], terminal: str) -> None:
    done = run(*command, **TERMINALS[terminal])
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done.stderr


@pytest.mark.parametrize("terminal", TERMINALS.values(), ids=TERMINALS)
def test_refusals_and_issues_are_written_plainly_on_standard_error(tmp_path: Path, terminal: dict[str, str]) -> None:
    file = tmp_path / "− “Société” 東.csv"
    done = run("inspect", str(file), **terminal)
    assert done.returncode == 1
    said = done.stderr.decode(terminal.get("PYTHONIOENCODING", "ascii").split(":")[0])
    if terminal.get("LC_ALL") == "C":  # there the name comes as bytes that are no characters
        assert re.fullmatch(r"error: \?+ \?+Soci\?+t\?+ \?+\.csv: no such file.*\n", said), said
    else:
        assert re.fullmatch(r"error: - .Soci.t.. \?\.csv: no such file.*\n", said), said


@pytest.mark.parametrize("terminal", TERMINALS.values(), ids=TERMINALS)
def test_json_is_the_same_answer_in_utf_8_whatever_the_terminal(tmp_path: Path, terminal: dict[str, str]) -> None:
    file = tmp_path / "held.csv"
    file.write_text(f"{BOOK}US67066G1040,NVDA,Société − 東,10,100,USD,1000\n", encoding="utf-8")
    done = run("inspect", str(file), "--json", **terminal)
    assert json.loads(done.stdout.decode("utf-8")) == json.loads(
        run("inspect", str(file), "--json", PYTHONIOENCODING="utf-8").stdout
    )
    assert json.loads(done.stdout)["holdings"][0]["name"] == "Société − 東"


COMMANDS = (["inspect"], ["shock", "--scenario", "deepseek-2025-01-27"], ["inspect", "--json"])


@pytest.mark.parametrize("escape", ["\x1b[2J", "\x1b]0;owned\x07", "\x9b31m", "\x7f", "\u202e"], ids=ascii)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_terminal_obeys_what_a_file_holds(tmp_path: Path, command: list[str], escape: str) -> None:
    """Erasing the screen, renaming the window, colours in eight bits, text written backwards: shown, not done."""
    file = tmp_path / "held.csv"
    rows = f"US67066G1040,NVDA,NVIDIA {escape}Corp,10,100,USD,1000\nUS5949181045,MSFT,Other,ten{escape},100,USD,1\n"
    rows += "US0378331005,AAPL,Apple,1,1,USD,1\n" * 40  # a file that is full of them is refused as no text
    file.write_text(f"{BOOK}{rows}", encoding="utf-8")
    done = run(command[0], str(file), *command[1:], PYTHONIOENCODING="utf-8")
    for text in (done.stdout.decode(), done.stderr.decode()):
        assert legible(text) == text
        assert escape not in text
    assert b"NVIDIA" in done.stdout


def test_a_file_that_is_refused_cannot_reach_the_terminal_by_its_error(tmp_path: Path) -> None:
    file = tmp_path / "moves.toml"
    file.write_text(f'id = "a"\n[segments]\n"chips\\u001b[2J" = {-0.1}\n', encoding="utf-8")
    done = run("shock", DEMO, "--scenario", str(file), PYTHONIOENCODING="utf-8")
    assert done.returncode == 1
    assert b"\x1b" not in done.stderr and b"unknown segment" in done.stderr


def test_half_a_character_in_a_files_name_is_no_fault_of_ours(tmp_path: Path) -> None:
    file = os.fsencode(tmp_path) + b"/held\xff.csv"
    Path(os.fsdecode(file)).write_text(f"{BOOK}US67066G1040,NVDA,NVIDIA,10,100,USD,1000\n", encoding="utf-8")
    for more in ([], ["--json"]):
        done = run("inspect", os.fsdecode(file), *more, PYTHONIOENCODING="utf-8")
        assert done.returncode == 0, done.stderr
        assert done.stdout.decode("utf-8")
