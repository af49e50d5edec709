"""Every code that these rooms say has its words, and every word its code."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from exposure.messages import LOCALES

ROOT = Path(__file__).resolve().parents[2] / "exposure"
AREAS = {"chain": ("chain",), "cli": ("cli",), "results": ("results",)}


def texts(rooms: tuple[str, ...]) -> tuple[set[str], set[str]]:
    """Give the texts in the code of some rooms, and the beginnings of those that are put together."""
    whole, begun = set(), set()
    for path in (path for room in rooms for path in (ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                begun.add(str(node.values[0].value))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
    return whole, begun


@pytest.mark.parametrize("area", AREAS)
def test_codes_and_words_are_the_same(area: str) -> None:
    with (LOCALES / "en" / "LC_MESSAGES" / f"{area}.po").open("rb") as file:
        words = {m.id[0] if isinstance(m.id, tuple) else m.id for m in read_po(file) if m.id}
    areas = {code.partition(".")[0] for code in words}
    whole, begun = texts(AREAS[area])
    said = {text for text in whole if text.partition(".")[0] in areas and text.count(".") == 1 and " " not in text}
    assert {code for code in said if not code.endswith((".csv", "."))} <= words
    parts = {text for text in begun if text.partition(".")[0] in areas and "." in text}
    assert {code for code in words - said if not code.startswith(tuple(parts))} == set()
