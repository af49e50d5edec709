"""What is kept of a result, how it is worked out again, and what has changed since: nothing here reads a store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from exposure import answers
from exposure.kept.codec import from_text, to_text
from exposure.shock.apply import apply
from exposure.shock.result import ShockResult
from exposure.types import Book, Scenario

CENT = 0.005
"""Less than that, in the book's currency, is the same to the cent."""
SHARE = 5e-9
"""The same for a book of weights, as a share of its capital: half a cent of a million."""
ROOMS = ("chain", "scenarios", "shock")
"""Rooms whose code and data decide a figure."""


@dataclass(frozen=True, slots=True)
class Record:
    """A result as it was, and the texts it can be worked out from again; `inputs` is what its book was made of."""

    snapshot_id: int | None
    as_of: date | None
    currency: str | None
    scenario_id: str
    scenario_title: str
    scenario_hash: str
    engine: str
    """Version of the engine and, after a plus, a hash of the code and data that decide a figure."""
    total_return: float
    pnl: float
    book: str
    scenario: str
    inputs: str
    answer: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is no longer as it was kept: its sort, and what changed, in words."""

    what: str
    said: str


def keep(result: ShockResult, inputs: Mapping[str, Any], *, snapshot_id: int | None = None, note: str = "") -> Record:
    """Make the record of a result.

    Parameters
    ----------
    result : what a scenario did to a book.
    inputs : plain values that say what the book was made of, as `differences` compares them later.
    """
    book, scenario = result.book, result.scenario
    return Record(
        snapshot_id,
        book.as_of,
        book.currency,
        scenario.id,
        scenario.title,
        scenario.hash,
        engine(),
        result.total_return,
        result.pnl,
        to_text(book),
        to_text(scenario),
        to_text(inputs),
        to_text(answers.shocked(result, levers=False)),
        note,
    )


def again(record: Record) -> ShockResult:
    """Work a kept result out again, from the book and the scenario that were kept, with the engine of today."""
    return apply(book_of(record), scenario_of(record))


def book_of(record: Record) -> Book:
    """Give the book as it was kept."""
    return from_text(record.book, Book)


def scenario_of(record: Record) -> Scenario:
    """Give the scenario as it was kept, edits included."""
    return from_text(record.scenario, Scenario)


def same(record: Record, result: ShockResult) -> bool:
    """Tell whether a result is the kept one to the cent, in total."""
    if result.book.basis == "weights":
        return abs(result.total_return - record.total_return) < SHARE
    return result.book.currency == record.currency and abs(result.pnl - record.pnl) < CENT


@cache
def engine() -> str:
    """Name the engine: its version, and a hash of the code and data that decide a figure."""
    from exposure import ENGINE_VERSION

    root, sums = Path(__file__).parents[1], hashlib.sha256()
    for room in ROOMS:
        for path in sorted((root / room).rglob("*")):
            if path.suffix in (".py", ".csv", ".toml"):
                sums.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{ENGINE_VERSION}+{sums.hexdigest()[:12]}"


def differences(record: Record, inputs: Mapping[str, Any] | None, scenario: Scenario | None) -> tuple[Difference, ...]:
    """List what is no longer as it was when a result was kept.

    Parameters
    ----------
    inputs : what the book would be made of now; None where its snapshot is gone.
    scenario : what goes by the scenario's id now; None where nothing does.
    """
    import json

    found = []
    if record.engine != engine():
        found.append(Difference("engine", f"the engine was {record.engine}, it is {engine()} now"))
    if scenario is None:
        found.append(Difference("scenario", f"no scenario is called {record.scenario_id} any more"))
    elif scenario.hash != record.scenario_hash:
        found.append(Difference("scenario", f"{record.scenario_id} has other content now; {_moved(record, scenario)}"))
    if inputs is None:
        return (*found, Difference("snapshot", "its snapshot is no longer stored"))
    then, now = json.loads(record.inputs), json.loads(to_text(inputs))
    for name in dict.fromkeys((*then, *now)):
        if then.get(name) != now.get(name):
            found.append(Difference(name, _changed(name, then.get(name), now.get(name))))
    return tuple(found)


def _changed(name: str, then: Any, now: Any) -> str:
    if isinstance(then or now, dict):
        old, new = then or {}, now or {}
        added, gone = sorted(new.keys() - old.keys()), sorted(old.keys() - new.keys())
        other = sorted(k for k in old.keys() & new.keys() if old[k] != new[k])
        parts = [f"{verb} {_few(keys)}" for verb, keys in (("new", added), ("gone", gone), ("other", other)) if keys]
        return f"{name}: {'; '.join(parts)}"
    return f"{name}: {_word(then)} then, {_word(now)} now"


def _few(keys: Iterable[str]) -> str:
    listed = list(keys)
    return ", ".join(listed[:5]) + (f" and {len(listed) - 5} more" if len(listed) > 5 else "")


def _word(value: Any) -> str:
    return "none" if value is None else str(value)


def _moved(record: Record, scenario: Scenario) -> str:
    """Say which parts of a scenario are others than those kept."""
    old = scenario_of(record)
    names = ("start", "end", "rest", "market", "segments", "isins", "tickers", "fx", "observed", "windows", "levers",
             "priors", "given", "foretold", "horizon", "prefer_adr", "as_of", "kind")  # fmt: skip
    said = [n for n in names if getattr(old, n) != getattr(scenario, n)]
    return "differs in " + (", ".join(said) or "what its hash is made of")
