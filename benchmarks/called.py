"""A plugin of pytest that writes which functions of the project each test calls, its seconds and whether it holds.

    pytest -p benchmarks.called    # CALLED_TO=called.jsonl in the environment says where to

One line of JSON a test. What only a process started by a test calls is not seen.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

ROOT = Path.cwd()  # where the run starts: a test may go elsewhere
INTO = ROOT / os.environ["CALLED_TO"]
FOLDERS = tuple(f"{ROOT / folder}{os.sep}" for folder in ("exposure", "db"))
_known: set[int] = set()
_called: dict[str, set[int]] = {}
_failed: set[str] = set()
_SECONDS = pytest.StashKey[list[float]]()


def _on_call(frame: FrameType, event: str, value: Any) -> None:
    """Keep the first row of a function that is entered; None is returned, so that its lines are not followed."""
    code = frame.f_code
    if id(code) in _known:
        return
    _known.add(id(code))
    if code.co_filename.startswith(FOLDERS):
        path = Path(code.co_filename).relative_to(ROOT).as_posix()
        _called.setdefault(path, set()).add(code.co_firstlineno)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[object]:
    _known.clear()
    _called.clear()
    sys.settrace(_on_call)
    try:
        return (yield)
    finally:
        sys.settrace(None)
        seconds = sum(item.stash.get(_SECONDS, []))
        line = {"test": item.nodeid, "seconds": seconds, "holds": item.nodeid not in _failed}
        with open(INTO, "a", encoding="utf-8") as file:
            print(json.dumps(line | {"calls": {p: sorted(rows) for p, rows in _called.items()}}), file=file)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[object]:
    report: pytest.TestReport = yield
    item.stash.setdefault(_SECONDS, []).append(report.duration)
    if report.failed:
        _failed.add(item.nodeid)
    return report
