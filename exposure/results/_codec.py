"""Nouns as canonical JSON and back, equal to the last bit: read by the types of their fields, not by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from functools import cache
from math import isnan
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from exposure.errors import InputError
from exposure.scenario import KINDS_OF_SCENARIO, all_keys, field_key
from exposure.types import Issue, Scenario

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
            raise InputError("results.unknown-field", noun=kind.__name__, fields=", ".join(unknown))
        found = {names[key]: readers[key](one) for key, one in value.items()}
        return kind(**{**absent, **found})

    return read
