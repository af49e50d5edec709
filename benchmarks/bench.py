"""`make bench`: measure each workload against the ways a user would otherwise take, and print the ratios.

Name one or more workloads to run only those: `python -m benchmarks.bench process reading`.

Time things in turn, so that a drift of the machine's speed meets all of them, and print them as ratios.

Made-up holdings files of any size, from the project's own table of issuers.

`shock FILE --json` on 50 positions as a whole process, beside a bare Python, NumPy's and pandas' imports.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from exposure.chain.issuers import table

WORKLOADS = {
    "drawdown": "drawdown statistics of thousands of series, and the page's answer",
    "prediction": "bands of predictions held to what happened on many days",
    "process": "a file to an answer, as a whole process",
    "reading": "a holdings file read, checked and stored",
    "slider": "a lever moved on the page, to the redrawn chart, in a browser",
}


def main() -> None:
    """Run the workloads named on the command line, all by default."""
    chosen = sys.argv[1:] or list(WORKLOADS)
    if unknown := [name for name in chosen if name not in WORKLOADS]:
        sys.exit(f"no workload is called {', '.join(unknown)}; there are {', '.join(WORKLOADS)}")
    for name in chosen:
        print(f"\n== {name}: {WORKLOADS[name]}")
        import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()


REPEATS = 5


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
    """Print a table: each way's least time, and how many times ours it takes."""
    print(f"\n{title}; least of several runs in turn, load average {os.getloadavg()[0]:.1f} on {os.cpu_count()}")
    width = max(map(len, seconds))
    for name, each in seconds.items():
        print(f"  {name:<{width}}  {1000 * each:10.1f} ms  {each / seconds[ours]:8.2f} x ours")


HEADER = "Ticker,ISIN,Name,Asset Class,Quantity,Price,Market Value,Currency"


def write_book(path: Path, rows: int) -> Path:
    """Write a holdings file of `rows` lines in New York's names, which repeat where it is long."""
    entries = [e for e in table().entries if not e.fund and "." not in e.symbols[0] and e.isins[0]]
    lines = [HEADER]
    for n in range(rows):
        entry = entries[n % len(entries)]
        price, quantity = 10 + n % 490 + 0.25, 1 + n % 97
        name = entry.name.replace(",", " ")
        lines.append(f"{entry.symbols[0]},{entry.isins[0]},{name},Equity,{quantity},{price},{quantity * price:.2f},USD")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def measure_process() -> None:
    """Time the processes in turn."""
    with tempfile.TemporaryDirectory() as folder:
        book = write_book(Path(folder) / "book_2025-01-24.csv", 50)

        def process(name: str, *words: str) -> Way:
            return Way(name, lambda: subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL))

        ways = [
            process("exposure shock FILE --json", "-m", "exposure", "shock", str(book), "--json"),
            process("a bare Python", "-c", "pass"),
            process("import numpy", "-c", "import numpy"),
            process("import pandas", "-c", "import pandas"),
        ]
        for way in ways:  # once before counting: files in the cache, byte code written
            way.run()
        show("50 positions", in_turn(ways, 7), ways[0].name)
