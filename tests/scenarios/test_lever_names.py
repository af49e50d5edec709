"""Many names at once are the equations name by name: at any levers, and along each of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exposure.chain._issuers import issuer_table
from exposure.chain._loadings import Name, loadings_named, names_with_figures
from exposure.scenarios._equations import Equations
from exposure.scenarios._lever_arrays import LeverNames
from exposure.scenarios._levers import LEVERS_AT_REST, RANGES

ALIBABA = issuer_table().of("9988.HK")
assert ALIBABA is not None
NAMES = (
    *names_with_figures(),
    loadings_named(ALIBABA.parts, ALIBABA.key, None, ALIBABA.country),
    Name("nothing along the chain", (), 0.3, 0.5, None),
    Name("no beta", names_with_figures()[0].pieces, 0.0, 0.0, None),
)
LEVERS = st.fixed_dictionaries({name: st.floats(low, high) for name, (low, high) in RANGES.items()})


def one_by_one(levers: dict[str, float]) -> list[float]:
    at = Equations(levers)
    return [float(at.log_move(name)) for name in NAMES]


@settings(max_examples=25)
@given(LEVERS)
def test_at_any_levers(levers: dict[str, float]) -> None:
    assert LeverNames(NAMES).log_moves(levers) == pytest.approx(one_by_one(levers), abs=1e-12)


@pytest.mark.parametrize("lever", RANGES)
def test_along_each_lever(lever: str) -> None:
    levers = {name: low + 0.4 * (high - low) for name, (low, high) in RANGES.items()}
    values = np.linspace(*RANGES[lever], 4)
    found = LeverNames(NAMES).log_moves_along(levers, lever, values)
    expected = [one_by_one({**levers, lever: float(value)}) for value in values]
    assert found == pytest.approx(np.array(expected), abs=1e-12)


def test_names_without_any_part_along_the_chain() -> None:
    """Half of what curbs lose in effect (0.2) less 0.3 of the tighter exports (0.5): 0.1 − 0.15."""
    levers = {**LEVERS_AT_REST, "curbs_ineffective": 0.2, "export_tightening": 0.5}
    bare = (NAMES[-2],)
    assert LeverNames(bare).log_moves(levers) == pytest.approx([-0.05])
    along = LeverNames(bare).log_moves_along(levers, "curbs_ineffective", np.array([0.0, 0.2, 1.0]))
    assert along[:, 0] == pytest.approx([-0.15, -0.05, 0.35])
