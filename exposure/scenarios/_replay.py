"""Observed moves → Scenario: a replay's TOML and the files beside it that it names: moves, exchange rates.

The library carries windows and exchange-rate moves resolved, so that loading one needs neither calendars nor rates.

The library of scenarios, and the one call that loads any of them: by id, or from a file.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from math import inf, nan
from pathlib import Path
from typing import Any

from exposure.errors import ScenarioError
from exposure.files import uncommented
from exposure.prices import EXCHANGES, suffix
from exposure.scenario import FrozenDict
from exposure.scenarios._document import Document, read_document
from exposure.scenarios._levers import checked_levers, lever_table
from exposure.scenarios._parse import HORIZONS, from_document, to_scenario
from exposure.types import Issue, Observed, Replay, Scenario, Transmission, Window

MOVE_COLUMNS = ("ticker", "currency", "from", "to", "move", "move_3", "move_5", "move_20")
Rates = Callable[[date, date], Mapping[str, float]]
"""First and last day of a window → currency → move against the US dollar."""


def has_moves(document: Document) -> bool:
    """Tell whether a replay names a file of its own moves; without one they come from prices."""
    return "moves" in document.table or "rates" in document.table


def not_named(document: Document, path: Path) -> list[Issue]:
    """Tell of a file beside a replay that bears its name and that it does not name: it is not read."""
    return [
        Issue.of("notice", "replay.file-not-named", name=beside.name, key=key)
        for key, beside in (("moves", path.with_suffix(".csv")), ("rates", path.with_suffix(".fx.csv")))
        if key not in document.table and beside.exists()
    ]


def load_replay(document: Document, path: Path, horizon: int) -> Scenario:
    """Make the Scenario of a replay at a horizon of 1 (the window), 3, 5 or 20 sessions.

    Parameters
    ----------
    document : the replay's TOML file as read from `path`.
    horizon : sessions counted from each window's start, on each exchange's own calendar; 1 is the window itself.

    Notes
    -----
    A symbol that was not observed over the horizon is absent, and a notice counts them.
    """
    scenario = to_scenario(document)
    assert isinstance(scenario, Replay)
    if scenario.start is None or scenario.end is None:
        document.refuse(("kind",), "replay.days-missing")
    if "moves" not in document.table:
        document.refuse(("rates",), "replay.rates-without-moves")
    named = _beside(document, "rates", path) if "rates" in document.table else None
    published, rates = _read_rates(named, scenario.fx)
    windows = _windows(document, horizon, rates)
    main = windows[""]
    observed, absent = _read_moves(_beside(document, "moves", path), horizon, windows)
    issues = list(scenario.issues)
    if absent:
        of = absent + len(observed)
        issues.append(Issue.of("notice", "replay.moves-missing", absent=absent, of=of, horizon=horizon))
    return scenario.replace(
        start=main.start,
        end=main.end,
        fx=main.fx,
        fx_known=published | {"USD"},
        observed=observed,
        windows=windows,
        horizon=horizon,
        issues=tuple(issues),
    )


def _beside(document: Document, key: str, path: Path) -> Path:
    """Find the file that a key names; it lies in the scenario's own folder, so that a stranger's reads no other."""
    name = document.table[key]
    if not isinstance(name, str) or not name.isprintable() or name.strip(". ") == "" or set(name) & set("/\\:"):
        document.refuse((key,), "replay.no-file-name", key=key)
    return path.parent / name


def _windows(document: Document, horizon: int, rates: Rates) -> dict[str, Window]:
    """Give every exchange its window: its own where the file has one, else the main one."""
    end = "to" if horizon == 1 else f"to_{horizon}"

    def made(table: Mapping[str, date], path: tuple[str, ...]) -> Window:
        if end not in table:
            document.refuse((*path, "to"), "replay.no-end", end=end, horizon=horizon)
        start, close = _day(table["from"]), _day(table[end])
        return Window(start, close, rates(start, close))

    windows = dict.fromkeys(EXCHANGES, made(document.table, ()))
    for key, table in document.table.get("windows", {}).items():
        windows.update(dict.fromkeys(key.split() or [""], made(table, ("windows", key))))
    return windows


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _read_moves(path: Path, horizon: int, windows: Mapping[str, Window]) -> tuple[dict[str, Observed], int]:
    """Read the observed moves at a horizon, and count the symbols that have none."""
    column = "move" if horizon == 1 else f"move_{horizon}"
    at = MOVE_COLUMNS.index(column)
    rows = _rows(path)
    if not rows or tuple(rows[0]) != MOVE_COLUMNS:
        raise ScenarioError("replay.no-moves-file", file=path.name, row=1, columns=",".join(MOVE_COLUMNS))
    observed: dict[str, Observed] = {}
    absent = 0
    day = cache(date.fromisoformat)
    for number, row in enumerate(rows[1:], 2):
        try:
            symbol, currency, start, close = row[:4]
            if not row[at]:
                absent += 1
                continue
            move = float(row[at])
            last = day(close) if horizon == 1 else windows.get(suffix(symbol), windows[""]).end
            found = Observed(symbol, currency, day(start), last, move)
        except (ValueError, IndexError):
            move = nan
        if not -1.0 <= move < inf or symbol in observed:  # a move that is no number compares false
            raise ScenarioError("replay.row-unreadable", file=path.name, row=number, move=column)
        observed[symbol] = found
    return observed, absent


def _read_rates(path: Path | None, otherwise: Mapping[str, float]) -> tuple[frozenset[str], Rates]:
    """Open the moves of currencies by pair of days: which currencies, and a look-up that reads a pair when asked.

    A replay that names none has the moves of its `[fx]` over every window.
    """
    if path is None:
        return frozenset(otherwise), lambda start, end: otherwise
    header, *rows = _rows(path) or [[]]
    if header[:2] != ["from", "to"]:
        raise ScenarioError("replay.no-rates-file", file=path.name, row=1)
    place = {tuple(row[:2]): (number, row[2:]) for number, row in enumerate(rows, 2)}

    @cache
    def moves(start: date, end: date) -> Mapping[str, float]:
        number, fields = place.get((start.isoformat(), end.isoformat()), (None, []))
        try:
            found = FrozenDict(zip(header[2:], map(float, fields), strict=True))
        except ValueError:
            found = FrozenDict({"": nan})
        if not all(-1.0 < move < inf for move in found.values()):
            raise ScenarioError("replay.rates-missing", file=path.name, row=number, start=str(start), end=str(end))
        return found

    return frozenset(header[2:]), moves


def _rows(path: Path) -> list[list[str]]:
    try:
        return list(csv.reader(uncommented(path.read_bytes()).decode("utf-8").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ScenarioError("replay.file-unreadable", file=str(path)) from error


LIBRARY = Path(__file__).with_name("library")


@dataclass(frozen=True, slots=True)
class ScenarioEntry:
    """A scenario of the library as a list shows it."""

    id: str
    title: str
    kind: str
    start: date | None
    end: date | None
    levers: Mapping[str, Mapping[str, float | str]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Give the fields under the interface's names, dates as ISO text."""
        days = {"from": self.start and self.start.isoformat(), "to": self.end and self.end.isoformat()}
        return {"id": self.id, "title": self.title, "kind": self.kind, **days, "levers": dict(self.levers)}


def library() -> list[ScenarioEntry]:
    """List the scenarios of the library, by id."""
    entries = []
    for name in library_ids():
        heads = read_document(_read(LIBRARY / f"{name}.toml").partition("\n[")[0], name).table
        scenario = load_scenario(name) if heads["kind"] == "transmission" else None
        levers = lever_table(scenario) if isinstance(scenario, Transmission) else {}
        entries.append(
            ScenarioEntry(heads["id"], heads["title"], heads["kind"], heads.get("from"), heads.get("to"), levers)
        )
    return entries


def load_scenario(
    source: str | Path, *, horizon: int = 1, segments: frozenset[str] | None = None, **levers: float
) -> Scenario:
    """Load a scenario by its id in the library, or from a TOML file.

    A prediction, and a replay that names no file of its moves, wait for prices: `exposure.scenarios.observe.complete`.

    Parameters
    ----------
    source : an id such as `deepseek-2025-01-27`, or a path.
    horizon : sessions over which a replay's moves run: 1 (its windows), 3, 5 or 20.
    segments : the ids that a file's `[segments]` may name; those of the scheme by default.
    **levers : values for the levers of a transmission scenario; the other kinds take none.

    Raises
    ------
    ScenarioError : an unknown id, a file that cannot be read or is wrong (with its line), a horizon or a lever that the
        scenario does not take.

    Examples
    --------
    >>> load_scenario("deepseek-2025-01-27").observed["NVDA"].move
    -0.169682
    """
    if horizon not in HORIZONS:
        raise ScenarioError("scenario.horizon-unknown", horizon=horizon)
    path = _locate(source)
    document = read_document(_read(path), path.name if path.parent == LIBRARY else str(source))
    replay = document.table.get("kind") == "replay"
    if replay and has_moves(document):
        scenario = load_replay(document, path, horizon)
    else:
        scenario = from_document(document, segments, horizon)
    if replay and (passed_over := not_named(document, path)):
        scenario = scenario.replace(issues=(*scenario.issues, *passed_over))
    return set_levers(scenario, levers) if levers else scenario


def set_levers(scenario: Scenario, levers: Mapping[str, float]) -> Transmission:
    """Give a transmission scenario with some levers at other values; its priors stay.

    Raises
    ------
    ScenarioError : a lever that does not exist, a value out of its range, or a scenario of another kind.
    """
    if not isinstance(scenario, Transmission):
        raise ScenarioError("lever.not-taken", id=scenario.id, levers=", ".join(sorted(levers)))
    return scenario.replace(**checked_levers(levers))


def _locate(source: str | Path) -> Path:
    """Find the file behind an id or a path; an id wins over a file of the same name."""
    if isinstance(source, str):
        if source in library_ids():
            return LIBRARY / f"{source}.toml"
        if not (source.lower().endswith(".toml") or Path(source).is_file()):
            name = source if source.isprintable() else repr(source)
            raise ScenarioError("scenario.unknown", name=name, known=", ".join(library_ids()))
    return Path(source)


def library_ids() -> list[str]:
    """Name the scenarios of the library, which nothing that is saved may take the id of."""
    return sorted(path.stem for path in LIBRARY.glob("*.toml"))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        row = error.object.count(b"\n", 0, error.start) + 1
        raise ScenarioError("scenario.not-utf8", file=str(path), row=row) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None)
        if reason is None:
            raise ScenarioError("scenario.path-unusable", file=str(path)) from None
        raise ScenarioError("scenario.unreadable", file=str(path), reason=reason) from None
