"""A scenario as text: canonical JSON for its hash, TOML for people.

A scenario file as read, and the line of each key: the standard parser keeps none, an error needs one.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from typing import Any, NoReturn

from exposure.errors import InputError, ScenarioError
from exposure.types import Scenario


def scenario_hash(scenario: Scenario) -> str:
    """Give the SHA-256 of the canonical JSON of everything that decides a figure: no title, issues or source.

    Notes
    -----
    Keys are sorted and floats written by `repr`, so equal scenarios have equal hashes on every machine. Each table of
    exchange rates is written once, in the order of their texts, and a window names its own by its place.
    """
    shared = {id(table): table for table in (scenario.fx, *(w.fx for w in scenario.windows.values()))}
    texts = {key: _json(dict(table)) for key, table in shared.items()}
    tables = sorted(set(texts.values()))
    place = {key: tables.index(text) for key, text in texts.items()}
    day = cache(date.isoformat)
    content: dict[str, Any] = {
        "id": scenario.id,
        "kind": scenario.kind,
        "from": scenario.start and day(scenario.start),
        "to": scenario.end and day(scenario.end),
        "rest": scenario.rest,
        "market": scenario.market,
        "segments": dict(scenario.segments),
        "isins": dict(scenario.isins),
        "tickers": dict(scenario.tickers),
        "rates": tables,
        "fx": place[id(scenario.fx)],
        "fx_known": None if scenario.fx_known is None else sorted(scenario.fx_known),
        "observed": {s: [o.symbol, o.currency, day(o.start), day(o.end), o.move] for s, o in scenario.observed.items()},
        "windows": {x: [day(w.start), day(w.end), place[id(w.fx)]] for x, w in scenario.windows.items()},
        "prefer_adr": scenario.prefer_adr,
        "horizon": scenario.horizon,
    }
    if scenario.reaction != "common" or scenario.local_only:
        content["reaction"], content["local_only"] = scenario.reaction, scenario.local_only
    if scenario.levers:
        content["levers"] = dict(scenario.levers)
        content["priors"] = {n: [p.mean, p.sd, p.low, p.high] for n, p in scenario.priors.items()}
    if scenario.kind == "predictive":
        content["as_of"] = scenario.as_of and day(scenario.as_of)
        content["given"], content["foretold"] = dict(scenario.given), dict(scenario.foretold)
        if scenario.errors:
            content["errors"] = dict(scenario.errors)
    return sha256(_json(content).encode()).hexdigest()


def dump_scenario(scenario: Scenario) -> str:
    """Write a scenario as the TOML that reads back as an equal one with the same hash.

    Notices about what the first file left out are not repeated: what was supposed then is written out now. What prices
    have completed is not written: a prediction, and a replay that waits for prices, are written as they were read.

    Raises
    ------
    ScenarioError : a replay whose moves are known; its file is its TOML with the CSV that it names.
    """
    if scenario.observed or scenario.horizon != 1:
        raise ScenarioError(
            f"scenario {scenario.id} is a replay with its moves",
            remedy="only a custom or transmission scenario, a prediction, or a replay without them is written as one "
            "file",
        )
    names = {} if scenario.kind == "predictive" else scenario.tickers  # those of a prediction are given ones
    given = {**scenario.given, **scenario.tickers} if scenario.kind == "predictive" else {}
    heads = {
        "id": scenario.id,
        "title": scenario.title,
        "kind": scenario.kind,
        "from": scenario.start,
        "to": scenario.end,
        "as_of": scenario.as_of,
        "reaction": scenario.reaction if scenario.reaction != "common" else None,
        "prefer_adr": scenario.prefer_adr or None,
        "local_only": scenario.local_only or None,
        "rest": scenario.rest,
        "market": None if scenario.levers else scenario.market,
        "source": scenario.source or None,
    }
    lines = [f"{name} = {toml_value(value)}" for name, value in heads.items() if value is not None]
    tables: Mapping[str, Mapping[str, float]] = {
        "segments": scenario.segments,
        "fx": scenario.fx,
        "given": given,
        "tickers": names,
        "isins": scenario.isins,
    }
    for name, moves in tables.items():
        if moves:
            lines += ["", f"[{name}]", *(f"{toml_key(k)} = {toml_value(v)}" for k, v in moves.items())]
    if scenario.windows:
        lines += ["", "[windows]"]
        lines += [f"{toml_value(x)} = {{ from = {w.start}, to = {w.end} }}" for x, w in scenario.windows.items()]
    for name, prior in scenario.priors.items():
        numbers = {"value": scenario.levers[name], "mean": prior.mean, "sd": prior.sd}
        numbers |= {"low": prior.low, "high": prior.high}
        lines += ["", f"[levers.{name}]", *(f"{key} = {toml_value(value)}" for key, value in numbers.items())]
    return "\n".join(lines) + "\n"


def _json(content: Any) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def toml_key(name: str) -> str:
    """Write a name as TOML's key, in quotes where it needs them."""
    return name if name.isascii() and name.isalnum() else toml_value(name)


def toml_value(value: str | float | date) -> str:
    """Write a text, a number, a flag or a date as TOML does."""
    if isinstance(value, str):  # TOML's basic strings are JSON's, but for the delete character
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else repr(value)


Path = tuple[str, ...]
"""Table names and key, as in `("segments", "chips.accelerators")`."""


@dataclass(frozen=True, slots=True)
class Document:
    """A scenario file as read. A line is looked for only when there is something to say about it."""

    file: str
    text: str
    table: Mapping[str, Any]

    def refuse(self, path: Path, what: str, remedy: str, error: type[InputError] = ScenarioError) -> NoReturn:
        """Raise an error that names the file and the line on which the key at `path` is written."""
        raise error(what, file=self.file, row=line_of(self.text, path), remedy=remedy)


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
            what = "brackets are nested too deep"
        raise ScenarioError(
            f"not valid TOML: {what}",
            file=file,
            row=row,
            remedy="write `name = value` on a line of its own, decimals with a point, a name that has a dot in quotes",
        ) from None


def quoted(name: str) -> str:
    """Show a name on one line: as it is where it is short and printable."""
    shown = name if name.isprintable() and name else repr(name)
    return shown if len(shown) <= 60 else shown[:59] + "…"


def suggest(name: str, known: tuple[str, ...] | list[str]) -> str:
    """Say which known name may have been meant, and list them all."""
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=1)
    return (f"did you mean {close[0]}? " if close else "") + "known are " + ", ".join(known)


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
