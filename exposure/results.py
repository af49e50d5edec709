"""What is kept of a result, how it is worked out again, and what has changed since: nothing here reads a store.

Nouns as canonical JSON and back, equal to the last bit: read by the types of their fields, not by hand.

What moved the figure between two kept results of one portfolio: scenario, classification, prices, holdings, engine.

One thing is changed at a time, in this order, and each step is worked out with the engine of today; what is left to the
two figures as they were kept is the engine's. So the causes add up to the difference, line by line. Another order would
give each cause another share of what two of them do together.

Results that are kept: as text and back, worked out again, and two of them held against each other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date
from functools import cache
from math import fsum, isnan
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from exposure import answers
from exposure.errors import InputError
from exposure.scenario import KINDS_OF_SCENARIO, all_keys, field_key
from exposure.shock.apply import apply
from exposure.shock.result import ShockedLine, ShockResult, moved_value
from exposure.types import Book, Issue, Scenario

T = TypeVar("T")
Reader = Callable[[Any], Any]


def to_text(noun: Any) -> str:
    """Write a noun (or plain values) as canonical JSON: keys sorted, floats by `repr`, what is None left out."""
    return json.dumps(_plain(noun), sort_keys=True, separators=(",", ":"), allow_nan=False)


def from_text(text: str, kind: type[T]) -> T:
    """Read a noun back.

    Raises
    ------
    InputError : it holds a field that this version does not know.
    """
    read: Reader = _reader(kind)  # type: ignore[arg-type]
    noun: T = read(json.loads(text))
    return noun


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        pairs = ((field_key(f), getattr(value, f.name)) for f in fields(value) if f.init)
        return {name: _plain(one) for name, one in pairs if one is not None}
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, float) and isnan(value):  # the factor of a leveraged fund that nobody knows
        return "nan"
    return value.isoformat() if isinstance(value, date) else value


@cache
def _reader(kind: Any) -> Reader:
    """Give what turns a value of JSON into one of a type."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind is date:
        return date.fromisoformat
    if kind is float:
        return float
    if kind is Scenario:
        return _scenario
    if is_dataclass(kind):
        return _noun(kind)
    if origin in (Union, UnionType):
        return _one_of(inner)
    if origin is tuple:
        each = _reader(inner[0])
        return lambda value: tuple(map(each, value))
    if origin is frozenset:
        return frozenset
    if origin is not None and origin is not Literal and issubclass(origin, Mapping):
        of = _reader(inner[1])
        return lambda value: {key: of(one) for key, one in value.items()}
    if isinstance(kind, type) and issubclass(kind, tuple):  # a named tuple
        return lambda value: kind(*value)
    return lambda value: value


def _one_of(kinds: tuple[Any, ...]) -> Reader:
    """Read what may be of several types: None, a text, or the one that is neither."""
    texts = any(k is str or get_origin(k) is Literal for k in kinds)
    other = [k for k in kinds if k is not NoneType and k is not str and get_origin(k) is not Literal]
    reader = _reader(other[0]) if other else None

    def read(value: Any) -> Any:
        if value is None or reader is None or (texts and isinstance(value, str)):
            return value
        return reader(value)

    return read


def _scenario(value: Any) -> Scenario:
    """Read a scenario as the type of its kind; older versions wrote the fields of every kind, empty ones for most."""
    kind: Any = KINDS_OF_SCENARIO[value["kind"]]
    own = {field_key(f) for f in fields(kind) if f.init}
    made: Scenario = _reader(kind)({key: one for key, one in value.items() if key in own or key not in all_keys()})
    return made


def _noun(kind: Any) -> Reader:
    hints, known = get_type_hints(kind), [f for f in fields(kind) if f.init]
    readers = {field_key(f): _reader(hints[f.name]) for f in known}
    names = {field_key(f): f.name for f in known}
    absent = {f.name: None for f in known if f.default is MISSING and f.default_factory is MISSING}

    def read(value: Any) -> Any:
        if kind is Issue:
            doubt = value.get("doubt")
            return Issue.stored(value if doubt is None else {**value, "doubt": readers["doubt"](doubt)})
        if unknown := sorted(set(value) - set(readers)):
            what = f"a kept {kind.__name__.lower()} holds {', '.join(unknown)}, which this version does not know"
            raise InputError(what, remedy="update the program")
        found = {names[key]: readers[key](one) for key, one in value.items()}
        return kind(**{**absent, **found})

    return read


CENT = 0.005
"""Less than that, in the book's currency, is the same to the cent."""
SHARE = 5e-9
"""The same for a book of weights, as a share of its capital: half a cent of a million."""
ROOMS = ("prices", "chain", "scenarios", "spread", "shock")
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

    root, sums = Path(__file__).parent, hashlib.sha256()
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
             "priors", "given", "predicted", "horizon", "prefer_adr", "as_of", "kind")  # fmt: skip
    said = [n for n in names if getattr(old, n, None) != getattr(scenario, n, None)]
    return "differs in " + (", ".join(said) or "what its hash is made of")


CAUSES = ("scenario", "classification", "prices", "holdings", "engine")
UNPRICED = {"fund_residual", "rates", "delta"}
"""What moves a line by more than its own value: a price of now says nothing of it."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause and what it did to the total return (fraction)."""

    cause: str
    effect: float


@dataclass(frozen=True, slots=True)
class LineCauses:
    """A line's contribution then and now, and its difference by cause; the causes add up to it."""

    line_id: str
    name: str
    before: float
    after: float
    effects: tuple[float, ...]
    """In the order of `CAUSES`."""


def causes(one: Record, other: Record) -> tuple[tuple[Cause, ...], tuple[LineCauses, ...]]:
    """Explain the difference of two total returns, the second less the first.

    Returns
    -------
    The causes over the whole book, and line by line, the largest difference first. Prices are told from holdings where
    both books know a line's quantity; else all of it is put down to holdings.
    """
    book_a, book_b = book_of(one), book_of(other)
    scenario_b = scenario_of(other)
    at_first = apply(book_a, scenario_of(one))
    told = apply(book_a, scenario_b)
    at_last = apply(book_b, scenario_b)
    lines = _lines(_kept(one), at_first, told, at_last, _kept(other))
    totals = tuple(Cause(c, fsum(line.effects[n] for line in lines)) for n, c in enumerate(CAUSES))
    return totals, tuple(sorted(lines, key=lambda x: -abs(x.after - x.before)))


def _kept(record: Record) -> dict[str, float]:
    """Read each line's contribution as it was answered then."""
    rows: dict[str, object] = from_text(record.answer, dict)
    return {row["line_id"]: float(row["contribution"]) for row in rows["positions"]}  # type: ignore[attr-defined]


def _lines(
    then: dict[str, float], first: ShockResult, told: ShockResult, last: ShockResult, now: dict[str, float]
) -> list[LineCauses]:
    a, b, c = ({p.line.line_id: p for p in r.positions} for r in (first, told, last))
    between = _at_new_prices(first.book, last.book)
    capital = _capital(first.book, between)
    out = []
    for one in dict.fromkeys((*then, *a, *c, *now)):
        before, after = then.get(one, 0.0), now.get(one, 0.0)
        start, moved, end = (p.contribution if p else 0.0 for p in (a.get(one), b.get(one), c.get(one)))
        placed = _placed(b.get(one), c.get(one), told.book.capital)
        priced = _priced(one, b.get(one), c.get(one), between, capital, placed)
        engine = (start - before) + (after - end)
        effects = (moved - start, placed - moved, priced - placed, end - priced, engine)
        out.append(LineCauses(one, _name(c.get(one) or a.get(one), one), before, after, effects))
    return out


def _placed(old: ShockedLine | None, new: ShockedLine | None, capital: float) -> float:
    """Give the contribution of the old line by the new line's move: what placing it otherwise does."""
    if old is None:
        return 0.0
    value = old.line.market_value
    if new is None or not value or "fund_residual" in (old.move.via, new.move.via):
        return old.contribution
    return moved_value(old.line, new.move) * new.move.total / capital


def _priced(
    one: str,
    old: ShockedLine | None,
    new: ShockedLine | None,
    between: dict[str, float],
    capital: float,
    placed: float,
) -> float:
    """Give the contribution of the quantity held then at the prices of now."""
    mover = new or old
    if old is None or mover is None or not capital or {old.move.via, mover.move.via} & UNPRICED:
        return placed
    return between[one] * mover.move.total / capital


def _at_new_prices(old: Book, new: Book) -> dict[str, float]:
    """Value each line held then at the price of now, where both quantities are known; else as it was."""
    later = {line.line_id: line for line in new.lines}
    values = {}
    for line in old.lines:
        value, now = line.market_value or 0.0, later.get(line.line_id)
        quantities = (line.holding.quantity, now.holding.quantity if now else None)
        if now is not None and now.market_value is not None and all(quantities) and old.currency == new.currency:
            value = quantities[0] * now.market_value / quantities[1]  # type: ignore[operator]
        values[line.line_id] = value
    return values


def _capital(book: Book, between: dict[str, float]) -> float:
    """Give what the capital would be at the prices of now."""
    gross = book.capital_basis == "gross"
    size = abs if gross else float
    shift = fsum(size(between[x.line_id]) - size(x.market_value or 0.0) for x in book.lines)
    return book.capital + shift


def _name(line: ShockedLine | None, one: str) -> str:
    own = line.line.holding if line else None
    return (own.name or own.ticker or one) if own else one


__all__ = ["Cause", "LineCauses", "Record", "again", "causes", "differences", "keep", "same"]
