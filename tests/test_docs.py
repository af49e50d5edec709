"""The documents keep up: commands, segments, pages and links are there, and what is shown is what is printed."""

import argparse
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from exposure.chain._scheme import SEGMENTS
from exposure.cli import main
from exposure.cli.parser import build_parser
from exposure.scenarios import library
from exposure.scenarios._parse import parse_scenario
from pages.ui.guard import PAGES

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
README = (ROOT / "README.md").read_text(encoding="utf-8")
METHOD = "\n".join(path.read_text(encoding="utf-8") for path in sorted((DOCS / "method").glob("*.md")))
TEXTS = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")


def _commands() -> dict[str, argparse.ArgumentParser]:
    action = next(a for a in build_parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


@pytest.mark.parametrize("command", _commands())
def test_every_command_stands_in_the_readme_and_the_guide(command):
    for text in (README, (DOCS / "command-line.md").read_text(encoding="utf-8")):
        assert re.search(rf"`{command}[` ]", text)


@pytest.mark.parametrize("command", _commands())
def test_every_command_and_its_options_explain_themselves(command):
    parser = _commands()[command]
    assert parser.description
    for action in parser._actions:
        assert action.help or action.choices or action.metavar, action.dest


@pytest.mark.parametrize("segment", [s.id for s in SEGMENTS])
def test_every_segment_stands_in_the_method(segment):
    assert f"`{segment}`" in METHOD, "give it a row in docs/method/chain.md"


@pytest.mark.parametrize("scenario", [e.id for e in library()])
def test_every_scenario_stands_in_the_method(scenario):
    assert f"`{scenario}`" in METHOD, "give it a row in docs/method/replay.md"


@pytest.mark.parametrize(("folder", "title"), PAGES)
def test_every_page_stands_in_the_guide_with_its_picture(folder, title):
    text = (DOCS / "pages.md").read_text(encoding="utf-8")
    assert f"\n## {title}\n" in text, "give it a section in docs/pages.md"
    assert f"](pictures/{folder}.png)" in text, "and its picture: make pictures"


def test_the_readme_shows_what_the_command_prints(capsys, monkeypatch):
    block = README.split("```console\n$ .venv/bin/python -m exposure ", 1)[1].split("\n```", 1)[0]
    command, _, shown = block.partition("\n")
    monkeypatch.chdir(ROOT)
    assert main(command.split()) == 0
    assert capsys.readouterr().out.rstrip() == shown


@pytest.mark.parametrize("block", re.findall(r"```toml\n(.*?)```", (DOCS / "scenarios.md").read_text("utf-8"), re.S))
def test_the_scenario_files_of_the_guide_are_read(block):
    parsed = parse_scenario(block)
    assert (parsed.id, parsed.kind) == (tomllib.loads(block)["id"], tomllib.loads(block)["kind"])


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(text):
    found = LINK.findall(text.read_text(encoding="utf-8"))
    assert [link for link in found if not (text.parent / link).exists()] == []


def test_the_site_lists_every_page_of_the_guide():
    """`make docs` itself is strict; that it knows each page can be told without building it."""
    listed = re.findall(r"[\w/-]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8").split("\nnav:", 1)[1])
    written = [path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")]
    assert sorted(listed) == sorted([*written, "notebook.md"])


def _printed(cell: Any) -> str:
    """Give what a cell prints, as text."""
    return "".join(output.get("text") or output["data"]["text/plain"] for output in cell.get("outputs", ()))


@pytest.mark.slow
def test_the_notebook_prints_what_it_shows(tmp_path, monkeypatch):
    import nbclient
    import nbformat

    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    shown = nbformat.read(DOCS / "notebook.ipynb", as_version=4)
    assert len([cell for cell in shown.cells if _printed(cell)]) > 5
    run = nbformat.from_dict(shown)
    nbclient.NotebookClient(run, timeout=60, resources={"metadata": {"path": str(ROOT)}}).execute()
    assert list(map(_printed, run.cells)) == list(map(_printed, shown.cells))


@pytest.mark.parametrize("folder", ["exposure", "db", "pages"])
def test_the_pages_that_the_code_names_are_there(folder):
    texts = (path for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".toml", ".po"))
    named = {name for path in texts for name in re.findall(r"docs/[\w/-]+\.md", path.read_text(encoding="utf-8"))}
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []
