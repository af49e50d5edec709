"""A scenario that is being written: plain values that JSON holds, written as TOML with the place of each line.

Pure, without Streamlit. A draft may be wrong; `read` gives the scenario, or the parser's refusal with its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from exposure.chain import SUB_SEGMENTS, TOP_SEGMENTS, on_chain
from exposure.errors import InputError, ScenarioError
from exposure.scenario import toml_key, toml_value
from exposure.scenarios import parse_scenario
from exposure.types import Prediction, Replay, Scenario, Transmission

Draft = dict[str, Any]
HEAD = "head"
TABLES = {
    "custom": ("segments", "tickers", "isins", "fx"),
    "replay": ("windows", "tickers", "isins", "fx"),
    "transmission": ("levers", "segments", "tickers", "isins", "fx"),
    "predictive": ("given", "isins", "fx"),
}
"""Kind → its tables, in the order of the page."""
MOVES = ("segments", "fx", "given", "tickers", "isins")
"""Tables of names and moves, in the order of the file."""
SEGMENTS = [
    segment
    for above in TOP_SEGMENTS
    if on_chain(above) or above == "outside"
    for segment in (above, *(s for s in SUB_SEGMENTS if s.startswith(f"{above}.")))
]
"""What moves are given for, in the order of the chain."""
NUMBERS = ("value", "mean", "sd", "low", "high")


@dataclass(frozen=True, slots=True)
class Written:
    """The TOML of a draft, and for each of its lines (from 1) the place that it came from: `head` or a table."""

    text: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a draft is no scenario, and at which place."""

    place: str
    sentence: str


def empty(kind: str = "custom", **more: Any) -> Draft:
    """Give a draft with nothing in it."""
    blank: Draft = dict.fromkeys(("of", "id", "title", "source", "from", "to", "as_of"), "")
    tables: Draft = {name: [] for name in (*MOVES, "windows")}
    rest = {"custom": 0.0, "replay": "outside", "transmission": "market", "predictive": 0.0}[kind]
    switches = {"reaction": "common", "local_only": False, "prefer_adr": False, "levers": {}}
    return {**blank, **tables, **switches, "kind": kind, "rest": rest, "market": None, **more}


def draft_of(scenario: Scenario, saved_as: str = "") -> Draft:
    """Take a scenario apart; `saved_as` is the id it may be saved under again.

    A prediction's names stand in `tickers` of the scenario and under `given` here. What prices completed is left out.
    """
    predictive = isinstance(scenario, Prediction)
    given = {**scenario.given, **scenario.tickers} if predictive else {}
    own: Draft = {}
    if isinstance(scenario, Prediction):
        own = {"as_of": _iso(scenario.as_of)}
    elif isinstance(scenario, Replay):
        own = {name: getattr(scenario, name) for name in ("reaction", "local_only", "prefer_adr")}
    elif isinstance(scenario, Transmission):
        own = {"levers": {name: [scenario.levers[name], *prior] for name, prior in scenario.priors.items()}}
    moves = {"segments": scenario.segments, "fx": scenario.fx, "given": given, "isins": scenario.isins}
    moves["tickers"] = {} if predictive else scenario.tickers
    return empty(
        scenario.kind,
        **{name: [[key, move] for key, move in table.items()] for name, table in moves.items()},
        **{"from": _iso(scenario.start), "to": _iso(scenario.end)},
        of=saved_as,
        id=scenario.id,
        title=scenario.title,
        source=scenario.source,
        rest=scenario.rest,
        market=None if scenario.levers else scenario.market,
        windows=[[exchange, _iso(w.start), _iso(w.end)] for exchange, w in scenario.windows.items()],
        **own,
    )


def slug(title: str) -> str:
    """Make an id of a title: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def write(draft: Mapping[str, Any]) -> Written:
    """Write a draft as the TOML of a scenario file, what is wrong in it included."""
    kind = draft["kind"]
    lines: list[tuple[str, str]] = []
    heads: dict[str, Any] = {
        "id": draft["id"].strip() or slug(draft["title"]) or "scenario",
        "title": draft["title"] if draft["title"].strip() else None,
        "kind": kind,
    }
    heads |= {"from": _day(draft["from"]), "to": _day(draft["to"])}
    if kind == "predictive":
        heads |= {"as_of": _day(draft["as_of"])}
    if kind == "replay":
        heads |= {
            "reaction": draft["reaction"] if draft["reaction"] != "common" else None,
            "prefer_adr": draft["prefer_adr"] or None,
            "local_only": draft["local_only"] or None,
        }
    heads["rest"] = draft["rest"]
    heads |= {"market": None if kind == "transmission" else draft["market"]}
    heads |= {"source": draft["source"] if draft["source"].strip() else None}
    lines += [(f"{name} = {toml_value(value)}", HEAD) for name, value in heads.items() if value is not None]
    tables = TABLES[kind]
    for name in MOVES:
        rows = [(key, move) for key, move in draft[name] if key or move is not None]
        if name in tables and rows:
            lines += [("", name), (f"[{name}]", name)]
            lines += [(f"{toml_key(key)} = {_move(move)}", name) for key, move in rows]
    windows = [row for row in draft["windows"] if any(row)]
    if windows:
        lines += [("", "windows"), ("[windows]", "windows")]
        lines += [(_window(*row), "windows") for row in windows]
    for name, numbers in draft["levers"].items() if kind == "transmission" else ():
        lines += [("", "levers"), (f"[levers.{name}]", "levers")]
        lines += [(f"{key} = {_move(n)}", "levers") for key, n in zip(NUMBERS, numbers, strict=True)]
    return Written("\n".join(text for text, _ in lines) + "\n", tuple(place for _, place in lines))


def read(draft: Mapping[str, Any], horizon: int = 1) -> Scenario | Refusal:
    """Give the scenario that a draft describes, at a horizon where it is a replay, or what speaks against it, where."""
    for name in (*TABLES[draft["kind"]], "windows"):
        twice = _twice(draft[name]) if name != "levers" else None
        if twice:
            return Refusal(name, f"{twice} is given twice under [{name}]; keep one of them")
    for name in TABLES[draft["kind"]]:
        bare = next((key for key, move in draft[name] if move is None and key), None) if name in MOVES else None
        if bare:
            return Refusal(name, f"{bare} has no move; write one, or remove the row")
    written = write(draft)
    try:
        return parse_scenario(written.text, file="", horizon=horizon if draft["kind"] == "replay" else 1)
    except InputError as error:
        place = written.places[error.row - 1] if error.row and error.row <= len(written.places) else HEAD
        if error.row is None and error.code == "prediction.given-missing":
            place = "given"  # the table is not in the file yet
        return Refusal(place, f"{error.what}; {error.remedy}" if error.remedy else error.what)


def changed(rows: list[list[Any]], changes: Mapping[str, Any], columns: tuple[str, ...]) -> list[list[Any]]:
    """Put what was done in a table (cells edited, rows added and taken out) on top of the rows it was drawn from."""
    done = [list(row) for row in rows]
    for place, cells in changes.get("edited_rows", {}).items():
        for column, value in cells.items():
            if column in columns:
                done[int(place)][columns.index(column)] = value
    done = [row for place, row in enumerate(done) if place not in set(changes.get("deleted_rows", ()))]
    return done + [[cells.get(column) for column in columns] for cells in changes.get("added_rows", ())]


def save_id(scenario: Scenario, draft: Mapping[str, Any], saved: Mapping[str, str], library: Mapping[str, str]) -> str:
    """Give the id to save under.

    Raises
    ------
    ScenarioError : it is the library's, or that of another saved scenario than the one that was opened.
    """
    if scenario.id in library:
        what = f"{scenario.id} is the id of a scenario of the library"
        raise ScenarioError(what, remedy="give it another id")
    if scenario.id in saved and scenario.id != draft["of"]:
        what = f"another saved scenario has the id {scenario.id}"
        raise ScenarioError(what, remedy="give this one another id, or open that one to change it")
    return scenario.id


def _twice(rows: list[list[Any]]) -> str | None:
    keys = [str(row[0]).strip().upper() for row in rows if row[0]]
    return next((str(key) for key in keys if keys.count(key) > 1), None)


def _move(value: float | None) -> str:
    return "nan" if value is None else toml_value(float(value))


def _window(exchanges: str | None, start: str | None, end: str | None) -> str:
    pair = ", ".join(f"{name} = {day}" for name, day in (("from", start), ("to", end)) if day)
    return f"{toml_value(exchanges or '')} = {{ {pair} }}"


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
