"""What can go wrong, each error named by what went wrong.

Bad rows are collected as `Issue`s and `Rejected` rows; bad calls raise. Every message says what is wrong, where, and
what to do next, on one line: a page shows it and the command line prints it as it is.

Text of a stranger's file made fit to be shown: nothing in it may command a terminal or turn a line about.
"""

from __future__ import annotations

import re

_COMMANDS = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # a colour, a move of the cursor
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f]).*?(?:\x07|\x1b\\|\x9c|$)"  # a title, a link, a string for the device
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]",
    re.DOTALL,
)


def legible(text: str) -> str:
    r"""Put a question mark for each control sequence, control character and override of direction; tabs and lines stay.

    >>> legible("\x1b[31mNVDA\x1b[0m\trises"), legible("Müller & Söhne – 5 %")
    ('?NVDA?\trises', 'Müller & Söhne – 5 %')
    """
    return text if text.isascii() and text.isprintable() else _COMMANDS.sub("?", text)


class ExposureError(Exception):
    """Base of every error that this package raises on purpose."""

    def __str__(self) -> str:
        return legible(super().__str__())


class InputError(ExposureError):
    """Report a file that cannot be used: where (`file`, 1-based `row`, `column`), what, and the `remedy`."""

    def __init__(
        self, what: str, *, file: str = "", row: int | None = None, column: str | None = None, remedy: str = ""
    ) -> None:
        self.what, self.file, self.row, self.column, self.remedy = what, file, row, column, remedy
        super().__init__(what)

    def __str__(self) -> str:
        place = self.file + (f":{self.row}" if self.row is not None else "")
        text = f"{place}: {self.what}" if place else self.what
        return legible(f"{text}; {self.remedy}" if self.remedy else text)


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

    `what` was to be changed, `mine` is the text that is refused, `theirs` the one that is stored, and `found` that as
    the store holds it: who has read both can change it knowingly.
    """

    def __init__(self, what: str, *, mine: str, theirs: str, found: object = None) -> None:
        self.what, self.mine, self.theirs, self.found = what, mine, theirs, found
        texts = [" ".join(text.split()) or "(nothing)" for text in (mine, theirs)]
        super().__init__(
            f"{what} has been changed since it was shown: yours is “{texts[0]}”, stored is “{texts[1]}”; "
            "nothing was changed, choose one of the two"
        )


RENAMED = "renamed: Yahoo answers with "
"""How the reason begins why a ticker brought nothing that answers under another symbol, which follows."""


class FeedError(ExposureError):
    """Report that the price source did not answer: offline, rate-limited or malformed."""
