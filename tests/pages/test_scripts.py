"""The scripts that pages serve: they agree with their types, and read nothing that belongs to Streamlit or React."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = [ROOT / "pages/beliefs/live.js", ROOT / "pages/ui/show.js"]
OPTIONS = "--noEmit --allowJs --checkJs --strict --target es2022 --module es2022 --lib es2022,dom,dom.iterable"


def test_the_scripts_agree_with_their_types() -> None:
    compiler = shutil.which("tsc")
    if compiler is None or shutil.which("node") is None:
        pytest.skip("needs Node and TypeScript: no node and tsc are on the path")
    done = subprocess.run([compiler, *OPTIONS.split(), *map(str, SCRIPTS)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_component_reads_neither_class_names_of_streamlit_nor_values_of_react(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert text.startswith("// @ts-check\n")
    assert not re.search(r"st-key-|st-emotion|data-testid|stBidi|MutationObserver|__react", text)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", text), "what is named stays text"
