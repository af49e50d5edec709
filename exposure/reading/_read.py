"""Holdings of a file: one snapshot for each date in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Literal

from exposure.delivered import uncollected
from exposure.errors import ExposureError, InputError
from exposure.reading import _source as _source
from exposure.reading._snapshots import snapshots
from exposure.types import Snapshot

__all__ = ["SETTLED_BY", "of_day", "read_all", "read_holdings"]

SETTLED_BY: Mapping[str, Literal["dates", "decimal"]] = {
    **dict.fromkeys(("read.decimal-assumed", "read.decimal-open", "transactions.decimal-open"), "decimal"),
    **dict.fromkeys(("read.month-first-assumed", "read.day-first-assumed"), "dates"),
    **dict.fromkeys(("read.dates-open", "transactions.dates-open"), "dates"),
}
"""Code of what a file leaves open → the argument of `read_holdings` that settles it."""


def read_holdings(
    source: str | Path | bytes,
    *,
    name: str | None = None,
    as_of: date | None = None,
    dates: Literal["mdy", "dmy"] | None = None,
    decimal: Literal[".", ","] | None = None,
    columns: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
) -> Snapshot:
    """Read the holdings of one file as of one date.

    Parameters
    ----------
    source : str, Path or bytes
        A path, or the bytes of a file, which then need `name`.
    name : str, optional
        What to call the file; the date in it is the last resort for `as_of`.
    as_of : date, optional
        Which of several dates in the file, the latest by default; or the date of a file that names none.
    dates : {"mdy", "dmy"}, optional
        Order of day and month, where it should not be told from the file.
    decimal : {".", ","}, optional
        Decimal mark, where it should not be told from the file.
    columns : mapping, optional
        Field of `Holding` → heading, set by hand; beats what was recognised. An empty heading: the file has none.
    units : mapping, optional
        Quote unit → unit that figures which the file leaves open stand in: `{"GBX": "GBX"}` pence, `{"GBX": "GBP"}`
        pounds.

    Returns
    -------
    Snapshot

    Raises
    ------
    TransactionsError
        Where the file lists transactions.
    InputError
        Where no holdings can be read from it, with what to do.
    """
    found = read_all(source, name=name, dates=dates, decimal=decimal, columns=columns, units=units)
    return found[-1] if as_of is None else of_day(found, as_of)


def of_day(found: Sequence[Snapshot], as_of: date) -> Snapshot:
    """Give the snapshot of a file that is of a day; one that names no date is of the day that is asked for.

    Raises
    ------
    InputError
        Where the file's dates are others.
    """
    for snapshot in found:
        if snapshot.as_of == as_of:
            return snapshot
    if len(found) == 1 and found[0].as_of is None:
        return found[0].of(as_of)
    code, held = "read.other-dates" if len(found) > 1 else "read.other-date", ", ".join(map(str, found[-1].dates))
    raise InputError(code, file=found[-1].file, day=as_of.isoformat(), dates=held)


def read_all(
    source: str | Path | bytes,
    *,
    name: str | None = None,
    dates: Literal["mdy", "dmy"] | None = None,
    decimal: Literal[".", ","] | None = None,
    columns: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
) -> tuple[Snapshot, ...]:
    """Read every snapshot of a file, one for each date in it, ascending; arguments and errors as `read_holdings`."""
    label = name or (Path(source).name if isinstance(source, (str, Path)) else "")
    try:
        with uncollected():
            return _read(source, label, columns, dates=dates, decimal=decimal, units=units)
    except ExposureError:
        raise
    except Exception as error:  # whatever a stranger's bytes provoke, the caller gets one sentence
        raise InputError("read.failed", file=label, why=type(error).__name__) from error


def _read(
    source: str | Path | bytes,
    label: str,
    columns: Mapping[str, str] | None,
    *,
    dates: Literal["mdy", "dmy"] | None,
    decimal: Literal[".", ","] | None,
    units: Mapping[str, str] | None,
) -> tuple[Snapshot, ...]:
    """Read apart from `read_all`, so that every cell is let go before the collector runs again and would visit it."""
    loaded = _source.load(source, label, columns)
    by_hand = {field: heading for field, heading in (columns or {}).items() if heading}
    return snapshots(loaded, label, dates=dates, decimal=decimal, by_hand=by_hand, units=units)
