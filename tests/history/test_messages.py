"""What prices, rates and histories say: every code that the code names has its words, every option its widget."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from exposure.messages import LOCALES

ROOT = Path(__file__).resolve().parents[2]
AREAS = sorted(path.stem for path in (LOCALES / "en" / "LC_MESSAGES").glob("*.po"))
CODE = re.compile(r'"((?:price|rate|doubt|history|flow|proxy)\.[a-z0-9-]+)"')


def messages() -> dict[tuple[str, str | None], str]:
    found = {}
    for area in AREAS:
        with (LOCALES / "en" / "LC_MESSAGES" / f"{area}.po").open("rb") as file:
            for message in read_po(file):
                if message.id:
                    name = message.id if isinstance(message.id, str) else message.id[0]
                    found[name, message.context] = " ".join(
                        [*message.string] if message.pluralizable else [message.string]
                    )
    return found


@pytest.mark.parametrize("room", ["prices", "history"])
def test_every_code_has_words_or_a_remedy(room: str) -> None:
    known = {code for code, _ in messages()}
    said = {c for path in (ROOT / "exposure" / room).glob("*.py") for c in CODE.findall(path.read_text("utf-8"))}
    assert said and said - known == set()


def test_a_remedy_that_names_an_option_or_a_command_has_one_for_the_page() -> None:
    found = messages()
    for (code, context), text in found.items():
        if context == "remedy" and not code.startswith("option.") and re.search("--[a-z]|`prices", text):
            assert not re.search("--[a-z]|`", found[code, "remedy page"]), code
