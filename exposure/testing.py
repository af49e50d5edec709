"""Tests of books and scenarios against stored expectations: the golden kit, and a fixture of pytest.

    from exposure.testing import assert_matches

    def test_the_deepseek_day_costs_what_it_did(book):
        assert_matches(exposure.apply(book, "deepseek-2025-01-27"), "expected/deepseek.json")

An expectation is the JSON of `shock --json` with the version of the package. What is missing is written only when asked
(`write=True`, `EXPOSURE_WRITE=1`, `pytest --exposure-write`), so that a test cannot make what it is held to.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from math import isclose
from pathlib import Path
from typing import Any

from exposure.arguments import noun, number

RTOL = 1e-12
"""Of a stored expectation: results are bit-stable for a version, and rounding differs between processors by less."""
SHOWN = 12
"""Differences that a failure lists."""
VERSION = "version"
WORDS = frozenset({"what", "remedy", "title", "reason"})
"""Sentences: they may be said better without a figure having moved."""


def assert_matches(result: Any, expected: str | Path, *, rtol: float = RTOL, write: bool | None = None) -> None:
    """Hold a result to the one that is stored.

    Parameters
    ----------
    result : what has `to_dict` (a ShockResult), or plain values.
    expected : path of the JSON file.
    rtol : relative difference up to which numbers are equal; what is next to 0 is equal within it too.
    write : whether to write the file where it is missing; by default where `EXPOSURE_WRITE` is 1.

    Raises
    ------
    AssertionError
        A line, a lever, a segment or any other fact moved: which, from what to what; or there is no expectation yet.
    """
    path = Path(noun(expected, "expected", (str, Path), "the path of a JSON file"))
    number(rtol, "rtol", least=0.0, most=1.0)
    found = (
        result.to_dict() if hasattr(result, "to_dict") else noun(result, "result", dict, "a ShockResult or a mapping")
    )
    if not path.exists():
        if write if write is not None else os.environ.get("EXPOSURE_WRITE") == "1":
            _write(path, found)
            return
        raise AssertionError(f"{path} does not exist: run once with EXPOSURE_WRITE=1 to write it, then look at it")
    stored = json.loads(path.read_text(encoding="utf-8"))
    version = stored.pop(VERSION, None)
    moved = list(differences(stored, json.loads(json.dumps(found)), rtol))
    if moved:
        from exposure.version import VERSION as now

        more = [f"and {len(moved) - SHOWN} more"] * (len(moved) > SHOWN)
        raise AssertionError("\n  ".join([f"{path} (written by {version}, this is {now}):", *moved[:SHOWN], *more]))


def _write(path: Path, found: Mapping[str, Any]) -> None:
    from exposure.version import VERSION as now

    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({VERSION: now, **found}, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def differences(stored: Any, found: Any, rtol: float = RTOL, at: str = "") -> Iterator[str]:
    """Yield what moved between two results as plain values, each with its place by name.

    A line that came or went is told as such, and does not move those below it.
    """
    if isinstance(stored, dict) and isinstance(found, dict):
        for key in dict.fromkeys((*stored, *found)):
            if key not in WORDS:
                yield from _pair(stored, found, key, rtol, f"{at}.{key}" if at else key)
    elif isinstance(stored, list) and isinstance(found, list):
        ours, theirs = _named(stored), _named(found)
        for key in dict.fromkeys((*ours, *theirs)):
            yield from _pair(ours, theirs, key, rtol, f"{at}[{key}]")
    elif isinstance(stored, int | float) and isinstance(found, int | float) and not isinstance(stored, bool):
        if not isclose(stored, found, rel_tol=rtol, abs_tol=rtol):
            yield f"{at}: {stored!r} is {found!r} now (by {found - stored:+.3g})"
    elif stored != found:
        yield f"{at}: {stored!r} is {found!r} now"


def _pair(stored: Mapping[Any, Any], found: Mapping[Any, Any], key: Any, rtol: float, at: str) -> Iterator[str]:
    if key not in found:
        yield f"{at}: is gone"
    elif key not in stored:
        yield f"{at}: is new"
    else:
        yield from differences(stored[key], found[key], rtol, at)


def _named(rows: list[Any]) -> dict[Any, Any]:
    """Give the rows of a list by what a person calls them, by their number where nothing does."""
    out: dict[Any, Any] = {}
    for i, row in enumerate(rows):
        names = (
            (row.get(k) for k in ("isin", "ticker", "segment", "lever", "name", "code"))
            if isinstance(row, dict)
            else ()
        )
        name = next(filter(None, names), i)
        out[name if name not in out else f"{name} ({i})"] = row
    return out
