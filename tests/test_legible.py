import doctest

from hypothesis import given
from hypothesis import strategies as st

from exposure import errors as module
from exposure.errors import InputError, StoreError, legible
from exposure.prices import _rows as rows
from exposure.types import Issue, Rejected


def test_the_examples_hold() -> None:
    assert doctest.testmod(module).failed == 0 and doctest.testmod(rows).failed == 0


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_left_and_the_rest_stays(text: str) -> None:
    clean = legible(text)
    assert not [
        c for c in clean if (ord(c) < 32 and c not in "\t\n") or 127 <= ord(c) < 160 or 0x202A <= ord(c) <= 0x202E
    ]
    assert legible(clean) == clean
    if all(c.isprintable() for c in text):
        assert clean == text


def test_whole_sequences_go_titles_and_links_among_them() -> None:
    assert legible("a\x1b[1;31mb\x1b]0;owned\x07c\x1b]8;;http://x\x1b\\d\x9b2Je") == "a?b?c?d?e"
    assert legible("two\nlines\tand a tab – 5 % ‰ 日本") == "two\nlines\tand a tab – 5 % ‰ 日本"


def test_whatever_is_said_of_a_file_is_clean_from_the_start() -> None:
    assert Issue.text("notice", "a\x1b[31mb", remedy="\x9b0mc").what == "a?b"
    assert (Rejected.text(1, "x\x00", "raw\x1b[2J").reason, Rejected.text(1, "", "raw\x1b[2J").raw) == ("x?", "raw?")
    assert str(InputError("a\x1b[31mb", file="\x1b[1mf")) == "?f: a?b" and str(StoreError("a\x1bb")) == "a?b"
