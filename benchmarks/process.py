"""`shock FILE --json` on 50 positions as a whole process, beside a bare Python, NumPy's and pandas' imports."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.books import write_book
from benchmarks.measure import Way, in_turn, show


def main() -> None:
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
