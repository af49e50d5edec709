"""The documents keep up: every command and segment is explained, and the README's output is what the command prints."""

import argparse
import re
from pathlib import Path

import pytest

from exposure.chain.scheme import SEGMENTS
from exposure.cli import main
from exposure.cli.parser import build_parser
from exposure.scenarios import library

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
METHOD = (ROOT / "METHOD.md").read_text(encoding="utf-8")


def _commands() -> dict[str, argparse.ArgumentParser]:
    action = next(a for a in build_parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


@pytest.mark.parametrize("command", _commands())
def test_every_command_stands_in_the_readme(command):
    assert re.search(rf"`{command}[` ]", README)


@pytest.mark.parametrize("command", _commands())
def test_every_command_and_its_options_explain_themselves(command):
    parser = _commands()[command]
    assert parser.description
    for action in parser._actions:
        assert action.help or action.choices or action.metavar, action.dest


@pytest.mark.parametrize("segment", [s.id for s in SEGMENTS])
def test_every_segment_stands_in_the_method(segment):
    assert f"`{segment}`" in METHOD


@pytest.mark.parametrize("scenario", [e.id for e in library()])
def test_every_scenario_stands_in_the_method(scenario):
    assert f"`{scenario}`" in METHOD


def test_the_readme_shows_what_the_command_prints(capsys, monkeypatch):
    block = README.split("```console\n$ .venv/bin/python -m exposure ", 1)[1].split("\n```", 1)[0]
    command, _, shown = block.partition("\n")
    monkeypatch.chdir(ROOT)
    assert main(command.split()) == 0
    assert capsys.readouterr().out.rstrip() == shown
