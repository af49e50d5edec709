"""How to measure: ways timed in turn, printed as ratios, and held to those of the committed table where asked.

Time things in turn, so that a drift of the machine's speed meets all of them. `ratios.csv` has, for each pair of ways,
how many times ours the other took when it was last written; a ratio that has fallen below nine tenths of that says that
ours became slower against the same work on the same machine.
"""

from __future__ import annotations

import csv
import gc
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from exposure.chain import issuer_table

REPEATS = 5
TABLE = Path(__file__).with_name("ratios.csv")
SLACK = 0.9
"""Share of a committed ratio that still holds: the same work differs by so much from run to run."""
Ratios = dict[tuple[str, str], float]
"""Title of a table and way → how many times ours it takes."""
MEASURED: Ratios = {}
"""What this run has shown."""


def committed(table: Path = TABLE) -> Ratios:
    """Read the ratios that are held."""
    with table.open(encoding="utf-8", newline="") as lines:
        return {(row["title"], row["way"]): float(row["ratio"]) for row in csv.DictReader(lines)}


def fallen(measured: Ratios, held: Ratios) -> list[str]:
    """Say which measured ratios are below what the table holds."""
    return [
        f"{title}: {way} takes {ratio:.2f} x ours, the table says {held[title, way]:.2f}"
        for (title, way), ratio in measured.items()
        if (title, way) in held and ratio < SLACK * held[title, way]
    ]


def write(measured: Ratios, table: Path = TABLE) -> None:
    """Put measured ratios into the table, those of other workloads left as they are."""
    both = committed(table) | measured
    with table.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("title", "way", "ratio"))
        rows.writerows((*key, f"{ratio:.3g}") for key, ratio in sorted(both.items()))


@dataclass(frozen=True, slots=True)
class Way:
    """One way to do a piece of work, by the name that a table shows."""

    name: str
    run: Callable[[], object]


def in_turn(ways: list[Way], repeats: int = REPEATS) -> dict[str, float]:
    """Time each way `repeats` times, one after the other within each round; give the least seconds by name.

    The least, since whatever else the machine does can only add to the time of a way.
    """
    seconds: dict[str, list[float]] = {way.name: [] for way in ways}
    for _ in range(repeats):
        for way in ways:
            gc.collect()
            start = time.perf_counter()
            way.run()
            seconds[way.name].append(time.perf_counter() - start)
    return {name: min(each) for name, each in seconds.items()}


def show(title: str, seconds: dict[str, float], ours: str) -> None:
    """Print a table, each way's least time and how many times ours it takes, and keep the ratios."""
    MEASURED.update({(title, name): each / seconds[ours] for name, each in seconds.items() if name != ours})
    print(f"\n{title}; least of several runs in turn, load average {os.getloadavg()[0]:.1f} on {os.cpu_count()}")
    width = max(map(len, seconds))
    for name, each in seconds.items():
        print(f"  {name:<{width}}  {1000 * each:10.1f} ms  {each / seconds[ours]:8.2f} x ours")


HEADER = "Ticker,ISIN,Name,Asset Class,Quantity,Price,Market Value,Currency"


def write_book(path: Path, rows: int) -> Path:
    """Write a holdings file of `rows` lines in New York's names, which repeat where it is long."""
    entries = [e for e in issuer_table().entries if not e.fund and "." not in e.symbols[0] and e.isins[0]]
    lines = [HEADER]
    for n in range(rows):
        entry = entries[n % len(entries)]
        price, quantity = 10 + n % 490 + 0.25, 1 + n % 97
        name = entry.name.replace(",", " ")
        lines.append(f"{entry.symbols[0]},{entry.isins[0]},{name},Equity,{quantity},{price},{quantity * price:.2f},USD")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
