"""Text of a stranger's file made fit to be shown: nothing in it may command a terminal or turn a line about."""

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
