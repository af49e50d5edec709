"""The table of exchanges: one row each, and every room reads it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from exposure.exchanges import CALENDARS, EXCHANGES, Exchange, place_of

each_exchange = pytest.mark.parametrize("exchange", EXCHANGES.values(), ids=lambda x: x.suffix or "New York")
ROOT = Path(__file__).resolve().parents[1]


@each_exchange
def test_a_row_has_what_every_room_asks_of_it(exchange: Exchange) -> None:
    assert re.fullmatch(r"(\.[A-Z]{1,3})?", exchange.suffix)
    assert exchange.name and exchange.city
    assert re.fullmatch("[A-Z]{2}", exchange.country) and re.fullmatch("[A-Z]{3}", exchange.currency)
    assert all(re.fullmatch("[A-Z]{4}", code) for code in (*exchange.mics, exchange.calendar))
    assert EXCHANGES[exchange.listed_as].listed_as == exchange.listed_as, "what prices a line prices its own lines"
    assert EXCHANGES[exchange.listed_as].currency == exchange.currency
    re.compile(exchange.words)


@pytest.mark.parametrize("codes", ["mics", "bloomberg", "reuters"])
def test_no_code_stands_for_two_exchanges(codes: str) -> None:
    found = Counter(code for x in EXCHANGES.values() for code in getattr(x, codes))
    assert [code for code, rows in found.items() if rows > 1] == []


def test_a_suffix_stands_in_one_row() -> None:
    lines = (ROOT / "exposure" / "exchanges.csv").read_text("utf-8").splitlines()
    assert len(lines) - 1 == len(EXCHANGES)


def test_every_calendar_is_published() -> None:
    from exchange_calendars.calendar_utils import _default_calendar_factories as published

    assert set(CALENDARS.values()) <= set(published)


def test_no_module_has_a_table_of_suffixes_of_its_own() -> None:
    """Two or three suffixes may be named where one rule is theirs; a handful is a table."""
    suffix = re.compile("[\"'](" + "|".join(re.escape(s) for s in EXCHANGES if s) + ")[\"']")
    modules = [path for place in ("exposure", "db", "pages") for path in (ROOT / place).rglob("*.py")]
    tables = {path.name: found for path in modules if len(found := set(suffix.findall(path.read_text("utf-8")))) > 4}
    assert tables == {}


def test_places_of_one_city_are_told_apart() -> None:
    places = [place_of(suffix) for suffix in EXCHANGES]
    assert len(set(places)) == len(places)
    assert place_of("") == "New York" and place_of(".TWO") == "Taipei (over the counter)"
