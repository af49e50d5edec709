"""A scenario file as read, and the line of each key: the standard parser keeps none, an error needs one."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from exposure.errors import InputError, ScenarioError

Path = tuple[str, ...]
"""Table names and key, as in `("segments", "chips.accelerators")`."""


@dataclass(frozen=True, slots=True)
class Document:
    """A scenario file as read. A line is looked for only when there is something to say about it."""

    file: str
    text: str
    table: Mapping[str, Any]

    def refuse(self, path: Path, code: str, /, *, error: type[InputError] = ScenarioError, **params: Any) -> NoReturn:
        """Raise an error that names the file and the line on which the key at `path` is written."""
        raise error(code, file=self.file, row=line_of(self.text, path), **params)

    def refuse_unknown(self, path: Path, code: str, name: str, known: Sequence[str]) -> NoReturn:
        """Refuse a name that is none of those known; the code ends in `-near` where one of them may have been meant."""
        code, params = unknown_name(code, name, known)
        self.refuse(path, code, **params)


def read_document(text: str, file: str) -> Document:
    """Parse the TOML of a scenario file; ScenarioError with the line where it is not TOML."""
    try:
        return Document(file, text, tomllib.loads(text))
    except (ValueError, RecursionError) as error:
        what, _, place = str(error).partition(" (at ")
        digits = place.removeprefix("line ").split(",")[0]
        last = text.rstrip().count("\n") + 1
        row = int(digits) if digits.isdecimal() else last
        if isinstance(error, RecursionError):
            raise ScenarioError("scenario.nested-too-deep", file=file, row=row) from None
        raise ScenarioError("scenario.not-toml", file=file, row=row, fault=what) from None


def quoted(name: str) -> str:
    """Show a name on one line: as it is where it is short and printable."""
    shown = name if name.isprintable() and name else repr(name)
    return shown if len(shown) <= 60 else shown[:59] + "…"


def unknown_name(code: str, name: str, known: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """Give the message about a name that is none of those known, and what it carries.

    Its code ends in `-near` where one of them may have been meant.
    """
    from difflib import get_close_matches

    params = {"name": quoted(name), "known": ", ".join(known)}
    near = get_close_matches(name, known, n=1)
    return (f"{code}-near", {**params, "near": near[0]}) if near else (code, params)


def line_of(text: str, path: Sequence[str]) -> int | None:
    """Find the 1-based line on which a key is written, or the longest part of its path that has a line of its own.

    Parameters
    ----------
    text : a TOML document that parses.
    path : table names and key, as in `("segments", "chips.accelerators")`.

    Returns
    -------
    The line; for a key inside an inline table that table's line; None where no part of the path is written.
    """
    wanted = tuple(path)
    table: Path = ()
    longest, found = 0, None
    for line, statement, content in _statements(text):
        if statement.lstrip().startswith("["):
            table = max(_paths(content), key=len, default=())
            written = [table]
        else:
            written = [(*table, *key) for key in _paths(content)]
        for candidate in written:
            if len(candidate) > longest and candidate == wanted[: len(candidate)]:
                longest, found = len(candidate), line
    return found


def _statements(text: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Yield each header and each assignment with its first line: lines are added until they parse by themselves."""
    start, statement = 0, ""
    for number, line in enumerate(text.split("\n"), 1):
        if not statement:
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            start = number
        statement += line + "\n"
        try:
            content = tomllib.loads(statement)
        except (ValueError, RecursionError):
            continue  # a string or an array that goes on in the next line
        yield start, statement, content
        statement = ""


def _paths(content: Any) -> list[Path]:
    """List the paths of every key in a parsed statement, tables before what is in them."""
    if isinstance(content, list):  # [[name]]: an array of tables
        content = content[-1] if content else {}
    if not isinstance(content, dict):
        return []
    return [path for key, value in content.items() for path in [(key,), *((key, *rest) for rest in _paths(value))]]
