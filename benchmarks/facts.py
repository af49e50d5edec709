"""The tables that ship beside the files of facts they come from: `make facts`, where those lie beside the project.

Exit status 1 where a figure differs, or where the facts have a row that the table lacks.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FACTS = ROOT.parent / "shared" / "facts"
LIBRARY = ROOT / "exposure" / "scenarios" / "library"
Rows = dict[tuple[str, ...], dict[str, str]]


def rows(path: Path, *keys: str) -> Rows:
    """Read a CSV file by the columns that tell its rows apart; lines that begin with `#` are comments."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        table = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    return {tuple(row[key] for key in keys): row for row in table}


def differences(ours: Rows, theirs: Rows) -> Iterator[str]:
    """Name each row of the facts that ours lacks or has otherwise, over the columns that both have."""
    for key, fact in theirs.items():
        if key not in ours:
            yield f"{' '.join(key)}: missing here"
            continue
        for column in fact.keys() & ours[key].keys():
            if not _same(ours[key][column], fact[column]):
                yield f"{' '.join(key)}: {column} is “{ours[key][column]}” here, “{fact[column]}” there"


def _same(one: str, other: str) -> bool:
    try:
        return float(one) == float(other)
    except ValueError:
        return one == other


def tables(facts: Path) -> Iterable[tuple[str, Rows, Rows]]:
    """Give each table with its name, as it ships and as the facts have it."""
    yield "names.csv", rows(ROOT / "exposure/chain/data/names.csv", "ticker"), rows(facts / "names.csv", "ticker")
    moves = rows(facts / "observed_moves.csv", "episode", "ticker")
    for episode in sorted({key[0] for key in moves}):
        observed = {(ticker,): row for (of, ticker), row in moves.items() if of == episode}
        yield f"{episode}.csv", rows(LIBRARY / f"{episode}.csv", "ticker"), observed


def check(facts: Path = FACTS) -> int:
    """Print what was compared and what differs; give the exit status."""
    if not facts.is_dir():
        print("facts: skipped, the folder `shared/facts` is not beside the project")
        return 0
    found = 0
    for name, ours, theirs in tables(facts):
        wrong = list(differences(ours, theirs))
        found += len(wrong)
        print(f"{name}: {len(theirs)} rows of facts, {len(ours)} here, {len(wrong)} differences")
        print("".join(f"  {each}\n" for each in wrong[:20]), end="")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(check())
