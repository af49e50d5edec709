"""`make bench`: measure each workload against the ways a user would otherwise take, and print the ratios.

Name one or more workloads to run only those: `python -m benchmarks.bench process reading`.
"""

from __future__ import annotations

import sys
from importlib import import_module

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
