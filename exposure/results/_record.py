"""What is kept of a result, how it is worked out again, and what has changed since: nothing here reads a store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from exposure import answers
from exposure.messages import Param, words
from exposure.results._codec import from_text, to_text
from exposure.shock import ShockResult, apply
from exposure.types import Book, Scenario

CENT = 0.005
"""Less than that, in the book's currency, is the same to the cent."""
SHARE = 5e-9
"""The same for a book of weights, as a share of its capital: half a cent of a million."""
ROOMS = ("prices", "chain", "scenarios", "spread", "shock")
"""Rooms whose code and data decide a figure."""
INPUTS = {
    "holdings file": "file",
    "base currency": "currency",
    "overrides": "overrides",
    "answers on identifiers": "answers",
    "holdings of funds": "fund-holdings",
    "stored prices": "prices",
    "trades": "trades",
}
"""What a book is made of, as a record's inputs call it → the part of the code that says that it changed."""
UNHASHED = {"id", "title", "source", "issues", "hash", "doubts"}
"""Fields of a scenario that its hash does not rest on, and its id, which is the same."""
FEW = 5
"""Names that a difference lists; the others are counted."""


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


def recompute(record: Record) -> ShockResult:
    """Work a kept result out again, from the book and the scenario that were kept, with the engine of today."""
    return apply(book_of(record), scenario_of(record))


def book_of(record: Record) -> Book:
    """Give the book as it was kept."""
    return from_text(record.book, Book)


def scenario_of(record: Record) -> Scenario:
    """Give the scenario as it was kept, edits included."""
    return from_text(record.scenario, Scenario)


def matches(record: Record, result: ShockResult) -> bool:
    """Tell whether a result is the kept one to the cent, in total."""
    if result.book.basis == "weights":
        return abs(result.total_return - record.total_return) < SHARE
    return result.book.currency == record.currency and abs(result.pnl - record.pnl) < CENT


def fingerprint(root: Path) -> str:
    """Give a hash of the code and data below a folder that decide a figure."""
    sums = hashlib.sha256()
    for room in ROOMS:
        for path in sorted((root / room).rglob("*")):
            if path.suffix in (".py", ".csv", ".toml"):
                sums.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return sums.hexdigest()[:12]


@cache
def engine() -> str:
    """Name the engine: its version, and a hash of the code and data that decide a figure."""
    from exposure import ENGINE_VERSION

    return f"{ENGINE_VERSION}+{fingerprint(Path(__file__).parents[1])}"


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is no longer as it was when a result was kept: of which input, and what changed, by code."""

    subject: str
    """`engine`, `scenario`, `snapshot`, or a key of the record's inputs."""
    code: str
    params: tuple[tuple[str, Param], ...] = ()

    @property
    def text(self) -> str:
        """Say what changed."""
        return words(self.code, dict(self.params))


def differences(record: Record, inputs: Mapping[str, Any] | None, scenario: Scenario | None) -> tuple[Difference, ...]:
    """List what is no longer as it was when a result was kept.

    Parameters
    ----------
    inputs : what the book would be made of now; None where its snapshot is gone.
    scenario : what goes by the scenario's id now; None where nothing does.
    """
    found = []
    if record.engine != engine():
        found.append(_difference("engine", "results.engine", then=record.engine, now=engine()))
    if scenario is None:
        found.append(_difference("scenario", "results.scenario-gone", scenario=record.scenario_id))
    elif scenario.hash != record.scenario_hash:
        found.append(_other_scenario(record, scenario))
    if inputs is None:
        return (*found, _difference("snapshot", "results.snapshot-gone"))
    then, now = json.loads(record.inputs), json.loads(to_text(inputs))
    for name in dict.fromkeys((*then, *now)):
        if then.get(name) != now.get(name):
            found += _changed(name, then.get(name), now.get(name))
    return tuple(found)


def _difference(subject: str, code: str, **params: Param) -> Difference:
    return Difference(subject, code, tuple(params.items()))


def _changed(name: str, then: Any, now: Any) -> Iterator[Difference]:
    """Tell one input from what it was: a value by both, a mapping by the keys that are new, gone or other."""
    code = f"results.{INPUTS.get(name, 'input')}"
    if not isinstance(then or now, dict):
        then, now = ("–" if value is None else str(value) for value in (then, now))
        yield _difference(name, code, input=name, then=then, now=now)
        return
    old, new = then or {}, now or {}
    both = old.keys() & new.keys()
    for way, keys in (
        ("new", new.keys() - old.keys()),
        ("gone", old.keys() - new.keys()),
        ("other", {key for key in both if old[key] != new[key]}),
    ):
        if keys:
            names = ", ".join([*sorted(keys)[:FEW], *["…"] * (len(keys) > FEW)])
            yield _difference(name, f"{code}-{way}", input=name, names=names, n=len(keys))


def _other_scenario(record: Record, scenario: Scenario) -> Difference:
    """Name the fields in which a scenario is another than the one kept."""
    old = scenario_of(record)
    names = [f.name for f in fields(scenario) if f.init and f.name not in UNHASHED]
    moved = [name for name in names if getattr(old, name, None) != getattr(scenario, name)]
    if not moved:
        return _difference("scenario", "results.scenario-hash", scenario=record.scenario_id)
    return _difference("scenario", "results.scenario", scenario=record.scenario_id, fields=", ".join(moved))
