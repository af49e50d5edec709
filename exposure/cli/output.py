"""The edge of the command line: what a terminal cannot write becomes plain, what JSON leaves raw is escaped."""

from __future__ import annotations

import codecs
import json
import re
import sys
from typing import Any
from unicodedata import normalize

_PLAIN = {
    "\u202f": " ",
    "\u2009": " ",
    "−": "-",
    "–": "-",
    "—": "-",
    "…": "...",
    "\u2018": "'",
    "\u2019": "'",
    "“": '"',
    "”": '"',
    "×": "x",
    "→": "->",
    "←": "<-",
    "≤": "<=",
    "≥": ">=",
    "·": ".",
    "€": "EUR",
    "£": "GBP",
    "ß": "ss",
}
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""What a terminal obeys and JSON may hold as it is: the cursor's moves, colours, the direction of writing."""


def _plain(error: UnicodeError) -> tuple[str, int]:
    """Spell what an encoding lacks in ASCII: as above, else without its accents, else as a question mark."""
    assert isinstance(error, UnicodeEncodeError)
    spelled = []
    for character in error.object[error.start : error.end]:
        bare = normalize("NFKD", character).encode("ascii", "ignore").decode()
        spelled.append(_PLAIN.get(character) or bare or "?")
    return "".join(spelled), error.end


def write_plainly() -> None:
    """Let standard output and standard error spell in ASCII what their encoding lacks, where they would fail."""
    codecs.register_error("plain", _plain)
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):  # a stream that only collects text has none
            reconfigure(errors="plain")


def as_json(answer: Any) -> str:
    """Write an answer as JSON on one line: in UTF-8 as it is, in any other encoding with what is not ASCII escaped."""
    text = json.dumps(answer, ensure_ascii=False, allow_nan=False)
    try:
        codec = codecs.lookup(getattr(sys.stdout, "encoding", None) or "utf-8").name
        text.encode()
    except (LookupError, UnicodeEncodeError):  # half a character, as a broken file's name has it
        codec = "ascii"
    if codec != "utf-8":
        return json.dumps(answer, ensure_ascii=True, allow_nan=False)
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
