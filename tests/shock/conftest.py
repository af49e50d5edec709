"""Each name of a day as the others predict it, worked out once: several tests ask for the same days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import pytest

from exposure.spread._cross_section import Name
from exposure.spread._observed_day import LeftOut, predict_left_out

_worked_out = cache(predict_left_out)


@pytest.fixture(scope="session")
def anew() -> Callable[[Sequence[Name]], LeftOut]:
    """Work a day's names out anew, never as shipped."""
    return lambda names: _worked_out(tuple(names))
