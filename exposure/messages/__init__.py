"""What can be said, by code: the engine gives codes with parameters, words are made where a person reads them.

    >>> words("price.doubled", {"ticker": "NVDA", "day": "2025-01-27"})
    'NVDA has two prices on 2025-01-27'

A code is stable, a short English word or two with dots. Its words stand in the gettext catalogues under `locale/`
(`LANGUAGE/LC_MESSAGES/*.po`, compiled by `make messages`), its remedy in the same place in the context `remedy`; where
that would name an option, a page, whose remedies are widgets, has its own in the context `remedy page`. A placeholder
takes a format of `exposure.format`, with digits: `{share:percent.1}`, `{move:signed}`, `{size:share}`,
`{shares:number}`, `{factor:figure.4}`; `{low:g}` writes a number as a file would; `{more:more}` says how many more
there are than a list names, nothing for 0. A message with a plural goes by its parameter `n`.

A message within another, as why a file was refused, is a parameter with its code, `{why:message}`, and its parameters
stand beside those of the other. A remedy that depends on where a message arises is that of the code in its parameter
`way`.
"""

from __future__ import annotations

import gettext
import string
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any, Literal

from exposure.format import figure, number, percent, share

Param = str | int | float
"""What a message carries: text as a file has it, a count, a fraction; a date as ISO text."""
Edge = Literal["command", "page"]
LOCALES = Path(__file__).with_name("locale")
TEXT = "text"
"""The code of words that came as they are: from a store or a file written before messages had codes."""

_language: ContextVar[str] = ContextVar("language", default="en")
_edge: ContextVar[Edge] = ContextVar("edge", default="command")


@contextmanager
def spoken(language: str | None = None, edge: Edge | None = None) -> Iterator[None]:
    """Make words in another language, or for another edge, within the block."""
    before, reader = _language.set(language or _language.get()), _edge.set(edge or _edge.get())
    try:
        yield
    finally:
        _language.reset(before)
        _edge.reset(reader)


def speak(language: str | None = None, edge: Edge | None = None) -> None:
    """Make words in another language, or for another edge, from here on in this thread: a page does so at its start."""
    _language.set(language or _language.get())
    _edge.set(edge or _edge.get())


def languages() -> tuple[str, ...]:
    """List the languages that have a catalogue, English first."""
    found = (path.parents[1].name for path in LOCALES.glob("*/*/exposure.mo"))
    return tuple(sorted(found, key=lambda language: (language != "en", language)))


def words(code: str, params: Mapping[str, Param]) -> str:
    """Say a message in the language of the reader.

    Raises
    ------
    KeyError
        No catalogue has the code, or a placeholder of its words no parameter.
    """
    return str(params["what"]) if code == TEXT else _filled(_found(code, params), params)


def remedy_of(code: str, params: Mapping[str, Param]) -> str:
    """Say what can be done about a message, where it is read; empty where nothing can."""
    code = str(params.get("way", code))
    if code == TEXT:
        return str(params.get("remedy", ""))
    contexts = ("remedy page", "remedy") if _edge.get() == "page" else ("remedy",)
    return next((_filled(found, params) for c in contexts if (found := _lookup(code, params, c))), "")


def template(code: str) -> str:
    """Give the words of a message with its placeholders, for a script that fills them in the browser."""
    return _found(code, {})


def known(code: str) -> bool:
    """Tell whether English has words for a code."""
    return code == TEXT or _lookup(code, {"n": 1}) is not None


def _found(code: str, params: Mapping[str, Param]) -> str:
    if (found := _lookup(code, params)) is None:
        raise KeyError(f"no words for the message {code}")
    return found


def _lookup(code: str, params: Mapping[str, Param], context: str = "") -> str | None:
    n = params.get("n")
    for language in dict.fromkeys((_language.get(), "en")):
        catalogue = _catalogue(language)
        if isinstance(n, int) and (found := _plural(catalogue, context, code, n)) != code:
            return found
        if (found := catalogue.pgettext(context, code) if context else catalogue.gettext(code)) != code:
            return found
    return None


def _plural(catalogue: gettext.NullTranslations, context: str, code: str, n: int) -> str:
    return catalogue.npgettext(context, code, code, n) if context else catalogue.ngettext(code, code, n)


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("exposure", LOCALES, [language], fallback=True)


class _Filler(string.Formatter):
    """Writes figures as `exposure.format` does, and messages within a message."""

    def __init__(self, params: Mapping[str, Param]) -> None:
        self._params = params

    def format_field(self, value: Any, format_spec: str) -> str:
        name, _, digits = format_spec.partition(".")
        if name in ("percent", "signed"):
            return percent(value, int(digits or 2), signed=name == "signed")
        if name == "number":
            return number(value, int(digits or 0))
        if name == "figure":
            return figure(value, int(digits or 4))
        if name == "share":
            return share(value)
        if name == "message":
            return words(value, self._params)
        if name == "more":
            return words("list.more", {"n": value}) if value else ""
        if name == "g":
            return f"{value:g}"
        return str(value)


def _filled(template: str, params: Mapping[str, Param]) -> str:
    return _Filler(params).vformat(template, (), params)
