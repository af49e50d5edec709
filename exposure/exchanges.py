"""The exchanges: one table, `exchanges.csv`, a row for each suffix of Yahoo's symbols.

A new exchange is a new row. Its cells: ISO 10383 codes (the first one its own, the others those that files give for
lines of it), short name, city, ISO country and currency, code of the calendar in `exchange-calendars`, digits to which
a numeric ticker is filled up, suffix of the exchange by which a line of a file is priced instead, the codes of
Bloomberg and the endings of Reuters, and words (a regular expression) by which files name it. Without words no file's
line is placed there for its currency, its country or the ending of its ticker: by a code alone.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

NEW_YORK = ""
"""The suffix of the exchanges of the United States: none."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """Where securities are listed, by the suffix of their Yahoo symbols."""

    suffix: str
    mics: tuple[str, ...]
    name: str
    city: str
    country: str
    currency: str
    """Quotes may stand in its hundredth, as London's do."""
    calendar: str
    """That of another exchange where both keep the same days; empty where none is published."""
    digits: int
    listed_as: str
    """Suffix of the exchange by which a file's line is priced: Xetra for the floors of Germany."""
    bloomberg: tuple[str, ...]
    reuters: tuple[str, ...]
    words: str


def _read() -> Mapping[str, Exchange]:
    with Path(__file__).with_name("exchanges.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            Exchange(
                suffix=row["suffix"],
                mics=tuple(row["mic"].split()),
                name=row["name"],
                city=row["city"],
                country=row["country"],
                currency=row["currency"],
                calendar=row["calendar"],
                digits=int(row["digits"] or 0),
                listed_as=row["listed_as"] or row["suffix"],
                bloomberg=tuple(row["bloomberg"].split()),
                reuters=tuple(row["reuters"].split()),
                words=row["words"],
            )
            for row in csv.DictReader(file)
        ]
    return MappingProxyType({exchange.suffix: exchange for exchange in rows})


EXCHANGES = _read()
"""Suffix → exchange, in the order of the table: where several share a country or a currency the first one counts."""
CALENDARS = {s: x.calendar for s, x in EXCHANGES.items() if x.calendar}
"""Suffix → the code of the calendar that holds for it."""
CURRENCY_OF = {s: x.currency for s, x in EXCHANGES.items()}
COUNTRY_OF = {s: x.country for s, x in EXCHANGES.items()}
BY_CURRENCY = {x.currency: x.suffix for x in reversed([*EXCHANGES.values()]) if x.words and x.currency != "EUR"}
"""Currency → the exchange of a line of which its currency alone is known; the euro has a dozen."""


def split_symbol(symbol: str) -> tuple[str, str]:
    """Split a Yahoo symbol into base and suffix: `ASML.AS` → (`ASML`, `.AS`), `BRK-B` → (`BRK-B`, ``)."""
    base, dot, end = symbol.rpartition(".")
    return (base, dot + end) if base and dot + end in EXCHANGES else (symbol, "")


def place_of(suffix: str) -> str:
    """Name an exchange by its city, with its own name where the city has another one before it; else by its suffix.

    >>> place_of(".KS"), place_of(".KQ"), place_of(".ZZ")
    ('Seoul', 'Seoul (Kosdaq)', '.ZZ')
    """
    own = EXCHANGES.get(suffix)
    if own is None:
        return suffix
    first = next(x for x in EXCHANGES.values() if x.city == own.city)
    return own.city if first is own else f"{own.city} ({own.name})"
