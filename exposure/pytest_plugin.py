"""The plugin of pytest that comes with the package: the fixture `exposure_expected` and the option `--exposure-write`.

def test_the_day(exposure_expected, book):
exposure_expected(exposure.apply(book, "deepseek-2025-01-27"))      # expected/test_the_day.json beside the test
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import pytest

from exposure.testing import RTOL, assert_matches


class Check(Protocol):
    """What the fixture gives: holds a result to `expected/NAME.json` beside the test, by default of the test's name."""

    def __call__(self, result: Any, name: str = "", *, rtol: float = RTOL) -> None:
        """Raise AssertionError where something moved."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--exposure-write`."""
    parser.addoption("--exposure-write", action="store_true", help="write expectations that are missing")


@pytest.fixture
def exposure_expected(request: pytest.FixtureRequest) -> Check:
    """Hold a result to the expectation stored beside the test; `--exposure-write` writes what is missing."""
    folder = Path(request.path).parent / "expected"
    write = bool(request.config.getoption("--exposure-write")) or None

    def check(result: Any, name: str = "", *, rtol: float = RTOL) -> None:
        assert_matches(result, folder / f"{name or request.node.name}.json", rtol=rtol, write=write)

    return check
