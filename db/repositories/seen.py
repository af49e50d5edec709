"""What a person saw when they changed it: a change to what has changed since is refused, both texts told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias, TypeVar

from exposure.errors import StaleWrite

T = TypeVar("T")


class Anything:
    """What was seen where nobody looked."""


ANYTHING: Final = Anything()
"""The default of what was seen, as in a program: the last word counts."""
Seen: TypeAlias = T | Anything


def refuse_stale(what: str, seen: Seen[T], found: T, mine: str, write: Callable[[T], str] = str) -> None:
    """Refuse a change where what is stored (`found`) is no longer what the person saw.

    What was seen is its own version: no number can go astray, and what was changed and changed back is as it was seen.

    Parameters
    ----------
    what : str
        What is changed, for the sentence: `the note on kept result no. 3`.
    mine : str
        The text of the change that is refused.
    write : callable
        Writes what is stored as a text.

    Raises
    ------
    StaleWrite
        With both texts, and `found` to change it knowingly.
    """
    if not isinstance(seen, Anything) and seen != found:
        raise StaleWrite(what, mine=mine, theirs=write(found), found=found)
