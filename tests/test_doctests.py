"""The examples in docstrings run: one that no longer prints what it says fails here, in the module that holds it."""

from __future__ import annotations

import doctest
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
WITH_EXAMPLES = {
    ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): text.count(">>> ")
    for folder in ("exposure", "db")
    for file in sorted((ROOT / folder).rglob("*.py"))
    if re.search(r"^\s*>>> ", text := file.read_text(encoding="utf-8"), re.M)
}
"""Module → how many examples are written in it."""


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_of_a_module_print_what_they_say(name: str) -> None:
    found = doctest.DocTestFinder().find(importlib.import_module(name))
    failures: list[str] = []
    for test in found:
        doctest.DocTestRunner(verbose=False).run(test, out=failures.append)
    assert not failures, "".join(failures)
    passed_over = "an example is passed over, as in a function that a decorator hides"
    assert sum(len(test.examples) for test in found) == WITH_EXAMPLES[name], passed_over
