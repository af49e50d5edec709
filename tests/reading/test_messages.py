"""What reading says: each code of its rooms has words, each placeholder its parameter, and nothing else is said."""

import ast
import re
import string
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from exposure.messages import LOCALES

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r"(?:file|read|row|transactions)\.[a-z-]+")
SOURCES = [*(ROOT / "exposure/reading").glob("*.py"), *(ROOT / "exposure/files").glob("*.py")]
SOURCES += [ROOT / "exposure/delivered.py"]
PLACES = {"file", "row", "column", "weight", "doubt"}
"""Keywords that are a message's place and no parameter of its words."""


def _entries():
    """Map each code to its templates, remedies and plurals among them."""
    out = {}
    for name in ("files", "reading"):
        with (LOCALES / f"en/LC_MESSAGES/{name}.po").open("rb") as file:
            for message in read_po(file):
                if message.id:
                    code, texts = (message.id, message.string) if isinstance(message.id, str) else (message.id[0], "")
                    out.setdefault(code, []).extend([texts] if texts else message.string)
    return out


ENTRIES = _entries()
TREES = [ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES]
NODES = [node for tree in TREES for node in ast.walk(tree)]


def test_every_code_has_words_and_all_words_are_said():
    named = {n.value for n in NODES if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    assert {text for text in named if CODE.fullmatch(text)} == ENTRIES.keys()


CALLS = [
    (argument.value, {word.arg for word in node.keywords} - PLACES)
    for node in NODES
    if isinstance(node, ast.Call) and None not in {word.arg for word in node.keywords}
    for argument in node.args
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and CODE.fullmatch(argument.value)
]


@pytest.mark.parametrize(("code", "given"), CALLS, ids=[code for code, _ in CALLS])
def test_what_the_words_ask_for_is_given(code, given):
    asked = {field for text in ENTRIES[code] for _, field, _, _ in string.Formatter().parse(text) if field}
    assert asked == given - {"n"} or asked == given


def test_nothing_is_said_in_words():
    named = {"text"}
    said = [n for n in NODES if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr in named]
    assert not [
        n.lineno for n in said if isinstance(n.func.value, ast.Name) and n.func.value.id in {"Issue", "Rejected"}
    ]
    errors = [n for n in NODES if isinstance(n, ast.Call) and getattr(n.func, "id", "").endswith("Error")]
    texts = [n.args[0] for n in errors if n.args and getattr(n.func, "id", "") not in {"AttributeError", "ValueError"}]
    assert not [text.lineno for text in texts if isinstance(text, ast.JoinedStr)]
    assert not [t.value for t in texts if isinstance(t, ast.Constant) and not CODE.fullmatch(t.value)]
