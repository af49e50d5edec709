"""`make bench`: measure each workload against the ways a user would otherwise take, and print the ratios.

Name one or more workloads to run only those: `python -m benchmarks.bench process reading`. With `CHECK=1` in the
environment a ratio that fell below the committed table (`ratios.csv`) is exit status 1; `WRITE=1` puts what was
measured into the table.
"""

from __future__ import annotations

import os
import sys

from benchmarks.timing import MEASURED, committed, fallen, write
from benchmarks.workloads import measure_drawdown, measure_prediction, measure_process, measure_reading

WORKLOADS = {
    "drawdown": ("drawdown statistics of thousands of series, and the page's answer", measure_drawdown),
    "prediction": ("bands of predictions held to what happened on many days", measure_prediction),
    "process": ("a file to an answer, as a whole process", measure_process),
    "reading": ("a holdings file read, checked and stored", measure_reading),
}


def main() -> int:
    """Run the workloads named on the command line, all by default."""
    chosen = sys.argv[1:] or list(WORKLOADS)
    if unknown := [name for name in chosen if name not in WORKLOADS]:
        sys.exit(f"no workload is called {', '.join(unknown)}; there are {', '.join(WORKLOADS)}")
    for name in chosen:
        what, measure = WORKLOADS[name]
        print(f"\n== {name}: {what}")
        measure()
    if os.environ.get("WRITE"):
        write(MEASURED)
    if not os.environ.get("CHECK"):
        return 0
    held = committed()
    worse = fallen(MEASURED, held)
    if set(chosen) == set(WORKLOADS):  # a title that was reworded would be held to nothing
        worse += [
            f"{title}: {way} is in the table and was not measured" for title, way in held.keys() - MEASURED.keys()
        ]
    print("\n" + ("\n".join(worse) or "no ratio fell below the table"))
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
