"""Write the fits of the library's replays, and each name predicted from the others: applying one needs no algebra.

Run `python -m exposure.shock.build` after the table of issuers or the library changed. A fit that is out of date is
never used: it is found by what it depends on, and done anew where it is missing.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from exposure.scenarios import library, load_scenario
from exposure.scenarios.parse import HORIZONS
from exposure.shock import left_out
from exposure.shock.cross_fit import fit
from exposure.shock.cross_section import COVARIATES, ENOUGH, FITTED, Name, digest
from exposure.shock.day import Day
from exposure.shock.score import MAIN, without_loading

HEADER = ("scenario", "digest", "segment", "names", "quantile", "move", "scale", *COVARIATES)


def build() -> list[tuple[str, ...]]:
    """Fit every replay of the library at every horizon: a row for each segment of each."""
    rows: list[tuple[str, ...]] = [HEADER]
    replays = [entry.id for entry in library() if entry.kind == "replay"]
    for name, horizon in ((r, h) for r in replays for h in HORIZONS):
        names = Day(load_scenario(name, horizon=horizon)).names
        if len(names) < ENOUGH:
            continue
        spread = fit(names)
        head = (f"{name}/{horizon}", digest(names))
        rows += [
            (
                *head,
                segment,
                str(spread.names),
                repr(spread.quantile),
                repr(e.move),
                repr(e.scale),
                *map(repr, e.slopes),
            )
            for segment, e in spread.effects.items()
        ]
    return rows


def build_left_out() -> list[tuple[str, ...]]:
    """Predict each name of every replay of the library from all the others: a row for each."""
    days = {entry.id: Day(load_scenario(entry.id)).names for entry in library() if entry.kind == "replay"}
    days[f"{MAIN} from prices alone"] = tuple(map(without_loading, days[MAIN]))
    return [left_out.HEADER, *(row for name, names in days.items() for row in rows_of(name, names))]


def rows_of(name: str, names: Sequence[Name]) -> list[tuple[str, ...]]:
    """Predict each name of a day from all the others; nothing where they are too few for a fit."""
    if len(names) < ENOUGH:
        return []
    found, day = left_out.work_out(names), digest(names)
    each = zip(names, found.predicted, found.half, strict=True)
    return [(name, day, n.key, repr(predicted), repr(half)) for n, predicted, half in each]


def write(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """Write rows as a CSV file."""
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    write(FITTED, build())
    write(left_out.SHIPPED, build_left_out())
