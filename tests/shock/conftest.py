"""Each name of a day as the others predict it, worked out once: several tests ask for the same days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import pytest

from exposure.spread.cross_section import Name
from exposure.spread.observed_day import LeftOut, work_out

_worked_out = cache(work_out)


@pytest.fixture(scope="session")
def anew() -> Callable[[Sequence[Name]], LeftOut]:
    """Work a day's names out anew, never as shipped."""
    return lambda names: _worked_out(tuple(names))
