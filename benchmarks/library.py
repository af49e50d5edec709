"""Write the library of replays, and what is worked out from it ahead: `python -m benchmarks.library [FACTS_CSV]`.

FACTS_CSV holds the observed moves: `episode,ticker,currency,from,to,move,move_3,move_5,move_20`. For each episode below
this writes `library/ID.toml` (what, and every exchange's window), `ID.csv` (its moves) and `ID.fx.csv` (each currency's
move against the US dollar over every window). It needs `exchange-calendars`, and refuses moves whose days are not the
window of their exchange. The files are committed: run it after a change here or of the facts, and see what differs.

Without FACTS_CSV it writes the fits of the library's replays, and each name predicted from the others: applying one
needs no algebra. Do so after the table of issuers or the library changed. A fit that is out of date is never used: it
is found by what it depends on, and done anew where it is missing.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from exposure.errors import ScenarioError
from exposure.prices import EXCHANGES, NEW_YORK, Rates, Reaction, reaction_window, session_after, suffix
from exposure.scenarios import HORIZONS, LIBRARY, MOVE_COLUMNS, library, load_scenario
from exposure.score import MAIN, without_loading
from exposure.spread import (
    COVARIATES,
    LEFT_OUT_COLUMNS,
    LEFT_OUT_FILE,
    NAMES_NEEDED,
    SPREADS_FILE,
    Day,
    Name,
    fit_spread,
    names_digest,
    predict_left_out,
)

Days = tuple[date, date, date, date, date]
"""First close, and last close of the window, of 3, of 5 and of 20 sessions."""
_NAMES = ("from", "to", "to_3", "to_5", "to_20")
_CLOSES = (
    "closes from several public data sets compared pairwise, dividends not included; windows from exchange-calendars; "
    "exchange rates from the ECB's reference rates"
)


@dataclass(frozen=True, slots=True)
class Episode:
    """A day whose moves are replayed, and what its windows have to reach."""

    id: str
    title: str
    day: date
    what: str
    reaction: Reaction = "open"


_DEEPSEEK = "a cheap model puts the demand for computing power in doubt; "
EPISODES = (
    Episode(
        "deepseek-2025-01-27",
        "DeepSeek, 27 January 2025",
        date(2025, 1, 27),
        _DEEPSEEK + "each exchange to its first close after New York's open",
    ),
    Episode(
        "deepseek-2025-01-27-full",
        "DeepSeek, 27 January 2025, Europe to the 28th",
        date(2025, 1, 27),
        _DEEPSEEK + "each exchange to its first close not before New York's",
        "close",
    ),
    Episode(
        "deepseek-2025-01-27-common",
        "DeepSeek, 24 to 28 January 2025 everywhere",
        date(2025, 1, 27),
        _DEEPSEEK + "the same days for all, the ADR where the home exchange was shut",
        "common",
    ),
    Episode(
        "chips-2024-07-17",
        "Export limits on chip equipment, 17 July 2024",
        date(2024, 7, 17),
        "talk of tighter export limits on chip equipment, and doubt about Taiwan's protection",
    ),
    Episode(
        "chips-2024-09-03",
        "Chips fall, 3 September 2024",
        date(2024, 9, 3),
        "chips fall after weak manufacturing figures",
    ),
    Episode(
        "asml-2024-10-15",
        "ASML's early results, 15 October 2024",
        date(2024, 10, 15),
        "ASML's results appear a day early, with lower orders",
    ),
    Episode(
        "nvidia-results-2025-02-27",
        "The day after NVIDIA's results, 27 February 2025",
        date(2025, 2, 27),
        "the day after NVIDIA's results",
    ),
    Episode(
        "tariffs-2025-04-03",
        "The day after the tariffs, 3 April 2025",
        date(2025, 4, 3),
        "the day after tariffs on all imports were announced",
    ),
)


def exchange_days(episode: Episode) -> dict[str, Days]:
    """Resolve every exchange's window of an episode, and where 3, 5 and 20 of its own sessions end."""
    days = {}
    for exchange in EXCHANGES:
        start, end = reaction_window(exchange, episode.day, episode.reaction)
        after = [session_after(exchange, start, count) for count in (3, 5, 20)]
        days[exchange] = (start, end, *after)
    return days  # type: ignore[return-value]


def library_files(facts: Path) -> dict[str, str]:
    """Make the text of every file of the library, by name.

    Raises
    ------
    ScenarioError : a move whose days are not the window of its exchange; it would be paired with the wrong rates.
    """
    rows = _read_facts(facts)
    files = {}
    for episode in EPISODES:
        days = exchange_days(episode)
        moves = rows[episode.id]
        for row in moves:
            start, end = (d.isoformat() for d in days[suffix(row["ticker"])][:2])
            if (row["from"], row["to"]) != (start, end):
                raise ScenarioError(
                    f"{episode.id}: {row['ticker']} moved over other days than its window, {start} to {end}",
                    file=facts.name,
                    remedy="correct the facts or the rule of the window",
                )
        files[f"{episode.id}.toml"] = _toml(episode, days)
        files[f"{episode.id}.csv"] = _csv(MOVE_COLUMNS, ([row[c] for c in MOVE_COLUMNS] for row in moves))
        files[f"{episode.id}.fx.csv"] = _rates(days.values())
    return files


def _read_facts(facts: Path) -> Mapping[str, list[dict[str, str]]]:
    rows: dict[str, list[dict[str, str]]] = {episode.id: [] for episode in EPISODES}
    with facts.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            rows.setdefault(row["episode"], []).append(row)
    unknown = sorted(set(rows) - {episode.id for episode in EPISODES})
    if unknown:
        raise ScenarioError(f"no episode is called {', '.join(unknown)}", file=facts.name, remedy="add it to EPISODES")
    return rows


def _toml(episode: Episode, days: Mapping[str, Days]) -> str:
    """Write an episode's TOML; exchanges that share a window share a line, those with New York's have none."""
    main = days[NEW_YORK]
    shared: dict[Days, list[str]] = {}
    for exchange, own in days.items():
        if own != main:
            shared.setdefault(own, []).append(exchange)
    lines = [
        "# Written by `python -m benchmarks.library`.",
        f'id = "{episode.id}"',
        f'title = "{episode.title}"',
        'kind = "replay"',
        'rest = "outside"',
        *(["prefer_adr = true"] if episode.reaction == "common" else []),
        f'source = "{episode.what}. Figures: {_CLOSES}"',
        f'moves = "{episode.id}.csv"',
        f'rates = "{episode.id}.fx.csv"',
        *_pairs(main),
    ]
    if shared:
        lines += ["", "# Exchanges whose days differ from New York's.", "[windows]"]
        lines += [f'"{" ".join(exchanges)}" = {{ {", ".join(_pairs(own))} }}' for own, exchanges in shared.items()]
    return "\n".join(lines) + "\n"


def _pairs(days: Days) -> list[str]:
    return [f"{name} = {day}" for name, day in zip(_NAMES, days, strict=True)]


def _rates(windows: Iterable[Days]) -> str:
    """Write the move of each currency over each pair of days that any window, of any horizon, has."""
    pairs = sorted({(days[0], end) for days in windows for end in days[1:]})
    known = Rates()
    listed = set.intersection(*(set(known.currencies(day)) for pair in pairs for day in pair))
    columns = sorted(listed - {"USD"})
    rows = ([str(a), str(b), *(f"{known.move(c, a, b):.6f}" for c in columns)] for a, b in pairs)
    return _csv(("from", "to", *columns), rows)


def _csv(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    return "".join(",".join(row) + "\n" for row in (header, *rows))


HEADER = ("scenario", "digest", "segment", "names", "quantile", "move", "scale", *COVARIATES)


def build() -> list[tuple[str, ...]]:
    """Fit every replay of the library at every horizon: a row for each segment of each."""
    rows: list[tuple[str, ...]] = [HEADER]
    replays = [entry.id for entry in library() if entry.kind == "replay"]
    for name, horizon in ((r, h) for r in replays for h in HORIZONS):
        names = Day(load_scenario(name, horizon=horizon)).names
        if len(names) < NAMES_NEEDED:
            continue
        spread = fit_spread(names)
        head = (f"{name}/{horizon}", names_digest(names))
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
    return [LEFT_OUT_COLUMNS, *(row for name, names in days.items() for row in rows_of(name, names))]


def rows_of(name: str, names: Sequence[Name]) -> list[tuple[str, ...]]:
    """Predict each name of a day from all the others; nothing where they are too few for a fit."""
    if len(names) < NAMES_NEEDED:
        return []
    found, day = predict_left_out(names), names_digest(names)
    each = zip(names, found.predicted, found.half, strict=True)
    return [(name, day, n.key, repr(predicted), repr(half)) for n, predicted, half in each]


def write(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """Write rows as a CSV file."""
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def main(arguments: list[str]) -> int:
    """Write the library from the file of observed moves named on the command line; without one its fits."""
    if len(arguments) > 1:
        print("usage: python -m benchmarks.library [FACTS_CSV]", file=sys.stderr)
        return 2
    if not arguments:
        write(SPREADS_FILE, build())
        write(LEFT_OUT_FILE, build_left_out())
        return 0
    for name, text in library_files(Path(arguments[0])).items():
        (LIBRARY / name).write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
