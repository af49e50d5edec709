"""Arguments of the Python door, checked: each is refused by its name, with what was expected and what may be meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from difflib import get_close_matches
from math import isfinite
from numbers import Real
from typing import Any, NoReturn, TypeVar

from exposure.errors import ArgumentError

T = TypeVar("T")
Day = date | str
"""A session's date: a `date`, a Timestamp, or ISO text."""


def noun(value: object, argument: str, kind: type[T] | tuple[type[Any], ...], expected: str) -> T:
    """Give the value where it is of the kind that is needed.

    Raises
    ------
    TypeError
        It is of another; the message says what was expected and what came.
    """
    if not isinstance(value, kind):
        raise TypeError(f"{argument}: expected {expected}, got {type(value).__name__}")
    return value


def choice(value: object, argument: str, known: Collection[str]) -> str:
    """Give the value where it is one of a few words.

    Raises
    ------
    ArgumentError
        It is none of them; a near one is named.
    """
    if isinstance(value, str) and value in known:
        return value
    _unknown(value, argument, known)


def choices(values: object, argument: str, known: Collection[str]) -> tuple[str, ...]:
    """Give several words, each one of those known; a bare text is refused, as its letters are no words.

    Raises
    ------
    ArgumentError
        One of them is not known.
    TypeError
        It is no collection of texts.
    """
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise TypeError(f"{argument}: expected a collection of names, got {type(values).__name__} {values!r}")
    return tuple(choice(value, argument, known) for value in values)


def number(
    value: object, argument: str, *, above: float | None = None, least: float | None = None, most: float | None = None
) -> float:
    """Give a finite number within bounds, as Python's own float; NumPy's and pandas' scalars are numbers.

    Raises
    ------
    ArgumentError
        It is not finite or out of bounds.
    TypeError
        It is no number.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{argument}: expected a number, got {type(value).__name__} {value!r}")
    found = float(value)
    if not isfinite(found):
        raise ArgumentError("argument.not-finite", argument=argument, value=str(found))
    if above is not None and found <= above:
        raise ArgumentError("argument.too-low", argument=argument, value=found, bound=f"above {above:g}")
    if least is not None and found < least:
        raise ArgumentError("argument.too-low", argument=argument, value=found, bound=f"{least:g} or more")
    if most is not None and found > most:
        raise ArgumentError("argument.too-high", argument=argument, value=found, bound=f"{most:g} or less")
    return found


def whole(value: object, argument: str, *, least: int, most: int | None = None) -> int:
    """Give a whole number within bounds.

    Raises
    ------
    ArgumentError
        It is out of bounds, or has a fraction.
    TypeError
        It is no number.
    """
    found = number(value, argument, least=least, most=most)
    if found != int(found):
        raise ArgumentError("argument.not-whole", argument=argument, value=found)
    return int(found)


def day(value: object, argument: str) -> date | None:
    """Give a session's date, of a `date`, a Timestamp or ISO text; None stays None.

    Raises
    ------
    ArgumentError
        The text is no ISO date, or the moment no date (NaT).
    TypeError
        It is neither.
    """
    if value is None:
        return None
    if isinstance(value, datetime):
        if value != value:  # NaT
            raise ArgumentError("argument.no-day", argument=argument, value="NaT")
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ArgumentError("argument.no-day", argument=argument, value=value) from None
    raise TypeError(f"{argument}: expected a date or ISO text such as '2025-01-27', got {type(value).__name__}")


def currency(value: object, argument: str) -> str | None:
    """Give the code of a currency, None for None; hundredths such as GBX are none.

    Raises
    ------
    ArgumentError
        It is no code of three capital letters that is known.
    TypeError
        It is no text.
    """
    from exposure.files import CURRENCY_CODES

    if value is None:
        return None
    code = noun(value, argument, str, "the code of a currency such as 'EUR'")
    if code in CURRENCY_CODES:
        return code
    _unknown(code, argument, CURRENCY_CODES)


def _unknown(value: object, argument: str, known: Collection[str]) -> NoReturn:
    close = get_close_matches(str(value), known, n=1)
    listed = ", ".join(known) if len(known) <= 30 else f"{', '.join(sorted(known)[:5])} and {len(known) - 5} more"
    code = "argument.misspelt" if close else "argument.unknown"
    near = {"near": close[0]} if close else {}
    raise ArgumentError(code, argument=argument, value=repr(value), known=listed, **near)
