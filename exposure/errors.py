"""What can go wrong, each error named by what went wrong.

Bad rows are collected as `Issue`s and `Rejected` rows; bad calls raise. Every message says what is wrong, where, and
what to do next, on one line: a page shows it and the command line prints it as it is.

Text of a stranger's file made fit to be shown: nothing in it may command a terminal or turn a line about.
"""

from __future__ import annotations

import re
from typing import Any

from exposure.messages import TEXT, Param, remedy_of, words

_COMMANDS = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # a colour, a move of the cursor
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f]).*?(?:\x07|\x1b\\|\x9c|$)"  # a title, a link, a string for the device
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]",
    re.DOTALL,
)


_CODE = re.compile(r"[a-z]+(?:\.[a-z0-9-]+)+")


def legible(text: str) -> str:
    r"""Put a question mark for each control sequence, control character and override of direction; tabs and lines stay.

    >>> legible("\x1b[31mNVDA\x1b[0m\trises"), legible("Müller & Söhne – 5 %")
    ('?NVDA?\trises', 'Müller & Söhne – 5 %')
    """
    return text if text.isascii() and text.isprintable() else _COMMANDS.sub("?", text)


class ExposureError(Exception):
    """Base of every error that this package raises on purpose: the code of its message, and what the message carries.

    `exposure.messages` has the words, made when somebody reads them. Words that come as they are stand in the code's
    place and become the message `text`.
    """

    def __init__(self, code: str = "", /, **params: Param) -> None:
        super().__init__(code)
        as_is = not _CODE.fullmatch(code)
        self.code = TEXT if as_is else code
        self.params: dict[str, Param] = {"what": code, **params} if as_is else params

    @property
    def what(self) -> str:
        """What is wrong, in words."""
        return words(self.code, self.params)

    @property
    def remedy(self) -> str:
        """What to do about it, in words; empty where nothing can be done."""
        return remedy_of(self.code, self.params)

    def __str__(self) -> str:
        return legible(f"{self.what}; {self.remedy}" if self.remedy else self.what)


class InputError(ExposureError, ValueError):
    """Report a file that cannot be used: where (`file`, 1-based `row`, `column`), and its message."""

    def __init__(
        self, code: str, /, *, file: str = "", row: int | None = None, column: str | None = None, **params: Param
    ) -> None:
        super().__init__(code, **params)
        self.file, self.row, self.column = file, row, column

    def __str__(self) -> str:
        place = self.file + (f":{self.row}" if self.row is not None else "")
        return legible(f"{place}: " if place else "") + super().__str__()


class ArgumentError(InputError):
    """Report an argument of a function that cannot be: `argument` is its name, as the caller wrote it."""

    def __init__(self, code: str, /, *, argument: str, **params: Any) -> None:
        super().__init__(code, argument=argument, **params)
        self.argument = argument


class TransactionsError(InputError):
    """Report a file that lists transactions where positions were expected."""


class ScenarioError(InputError):
    """Report a scenario file with an unknown key, segment or lever, or a move that is no finite number above −1."""


class UnknownSegment(InputError):
    """Report a segment id that is not in the scheme."""


class UnitError(InputError):
    """Report a price or quote unit that cannot be converted, or a move so large that it must be a fault of unit."""


class MissingPrice(InputError):
    """Report that no stored price covers what was asked."""


class MissingRate(InputError):
    """Report that no exchange rate is known on or before the date asked; never replaced by 1 or by a later rate."""


class StoreError(ExposureError):
    """Report that the store cannot be read or written; nothing was changed."""


class StaleWrite(StoreError):
    """Report a change to what somebody else has changed since it was seen; nothing was changed.

    `mine` is the text that is refused, `theirs` the one that is stored, and `found` that as the store holds it: who has
    read both can change it knowingly.
    """

    def __init__(self, code: str, /, *, mine: str, theirs: str, found: object = None, **params: Param) -> None:
        texts = [" ".join(text.split()) or "(–)" for text in (mine, theirs)]
        super().__init__(code, mine=texts[0], theirs=texts[1], **params)
        self.mine, self.theirs, self.found = mine, theirs, found

    @property
    def subject(self) -> str:
        """What was to be changed, in words."""
        return words(f"{self.code}.subject", self.params)


class FeedError(ExposureError):
    """Report that the price source did not answer: offline, rate-limited or malformed."""
