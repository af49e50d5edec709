"""The library of scenarios, and the one call that loads any of them: by id, or from a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from exposure.errors import ScenarioError
from exposure.scenarios.canonical import scenario_hash
from exposure.scenarios.document import read_document
from exposure.scenarios.levers import checked, lever_table
from exposure.scenarios.parse import HORIZONS, from_document
from exposure.scenarios.replay import has_moves, load_replay, not_named
from exposure.types import Scenario

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
        levers = lever_table(load_scenario(name)) if heads["kind"] == "transmission" else {}
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
        raise ScenarioError(f"a horizon of {horizon} sessions is not observed", remedy="use 1, 3, 5 or 20")
    path = _locate(source)
    document = read_document(_read(path), path.name if path.parent == LIBRARY else str(source))
    replay = document.table.get("kind") == "replay"
    if replay and has_moves(document):
        scenario = load_replay(document, path, horizon)
    else:
        scenario = from_document(document, segments, horizon)
    if replay and (passed_over := not_named(document, path)):
        scenario = replace(scenario, issues=(*scenario.issues, *passed_over))
    return set_levers(scenario, levers) if levers else scenario


def set_levers(scenario: Scenario, levers: Mapping[str, float]) -> Scenario:
    """Give a transmission scenario with some levers at other values; its priors stay.

    Raises
    ------
    ScenarioError : a lever that does not exist, a value out of its range, or a scenario of another kind.
    """
    if not scenario.levers:
        given = ", ".join(sorted(levers))
        raise ScenarioError(f"scenario {scenario.id} takes no levers, and {given} was given", remedy="leave it out")
    values = {**scenario.levers, **checked(levers)}
    moved = replace(scenario, levers=values, market=values["market_move"])
    return replace(moved, hash=scenario_hash(moved))


def _locate(source: str | Path) -> Path:
    """Find the file behind an id or a path; an id wins over a file of the same name."""
    if isinstance(source, str):
        if source in library_ids():
            return LIBRARY / f"{source}.toml"
        if not (source.lower().endswith(".toml") or Path(source).is_file()):
            raise ScenarioError(
                f"no scenario is called {source if source.isprintable() else repr(source)}",
                remedy="give the path of a TOML file or one of " + ", ".join(library_ids()),
            )
    return Path(source)


def library_ids() -> list[str]:
    """Name the scenarios of the library, which nothing that is saved may take the id of."""
    return sorted(path.stem for path in LIBRARY.glob("*.toml"))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        row = error.object.count(b"\n", 0, error.start) + 1
        raise ScenarioError("the file is not UTF-8", file=str(path), row=row, remedy="save it as UTF-8 text") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the path cannot be used"
        raise ScenarioError(
            f"the scenario cannot be read: {reason}",
            file=str(path),
            remedy="check the path, or use an id of the library",
        ) from None
