"""From news to money: the equations that turn levers into the log move of each name.

Every equation stands once. It runs on floats for one setting of the levers, and on arrays of many settings when `xp` is
NumPy: nothing else differs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from exposure.chain import KEPT_GAIN, Name, Piece, customers, names_with_figures, peers

BOUND = 0.7
"""D: the largest change in computing demand, as a log move."""
FAR_MOVE = 1.5
"""A log move beyond this is far outside anything observed."""
SCALAR = SimpleNamespace(tanh=math.tanh, exp=math.exp, log=math.log, log1p=math.log1p, maximum=max)
Value = Any
"""A float, or an array of one value for each setting of the levers."""


class Equations:
    """The equations at given levers.

    Parameters
    ----------
    levers : a value for each lever (fractions; gains are factors), or an array of values of one shape.
    xp : what computes: `SCALAR` for floats, `numpy` for arrays.

    Attributes
    ----------
    gain : G, the believed gain in efficiency, as a log.
    demand : d, the change in computing demand, as a log move.
    """

    def __init__(self, levers: Mapping[str, Value], xp: Any = SCALAR) -> None:
        self._xp, self._levers = xp, levers
        v = SimpleNamespace(**levers)
        share, trained = v.inference_share, 1 - v.distillation
        self.gain = v.claim_credibility * (
            share * xp.log(v.inference_gain) + (1 - share) * trained * xp.log(v.training_gain)
        )
        self.excess = v.jevons_elasticity * v.response_priced - 1
        self.demand = BOUND * xp.tanh(self.excess * self.gain / BOUND)
        self.spending = self.demand - v.capex_restraint
        """d − q: demand less restraint."""
        self.aged = v.older_chips * v.claim_credibility
        self.saved = v.software_uplift * v.openness * self.gain
        self.kept = KEPT_GAIN * (1 - v.commoditisation) * xp.maximum(self.excess, 0.0) * self.gain
        self.competed = v.commoditisation * v.claim_credibility * (1 + v.openness) / 2
        self.market = xp.log1p(v.market_move)
        self.bought = {j: a * self.spending - at * self.aged for j, (a, at) in customers().items()}
        """chips_j of each group of customers for equipment, at its names' mean."""
        self._v = v
        self._means: dict[str, Value] = {}

    def log_move(self, name: Name) -> Value:
        """Give the log move of one name: Σ s·w·move − x·China + y·ChinaAI + β·ln(1+M)."""
        v = self._v
        total = (1.0 if name.beta is None else name.beta) * self.market
        if name.china:
            total = total - v.export_tightening * name.china
        if name.china_ai:
            total = total + v.curbs_ineffective * name.china_ai
        for piece in name.pieces:
            total = total + self.stretch(piece) * piece.weight * self.term(piece)
        return total

    def segment_move(self, segment: str) -> Value:
        """Give the mean log move of a sub-segment's own term, by weight over the names with figures (none: 0).

        What the levers do to the sub-segment itself: neither the market nor what its names do elsewhere is in it.
        """
        own = [p for name in names_with_figures() for p in name.pieces if p.segment == segment]
        total = sum(p.weight for p in own)
        return sum(p.weight * self.stretch(p) * self.term(p) for p in own) / total if own else 0.0

    def term(self, piece: Piece) -> Value:
        """Give `move_ik`: a name's own term of one sub-segment, before stretch and weight."""
        return _TERMS[piece.equation](self, piece.loadings)

    def stretch(self, piece: Piece) -> Value:
        """Give `s_ik = f_i / Σ_j ω_jk·f_j`; 1 in a sub-segment of one name with figures, or of no loading."""
        if not peers(piece.segment):
            return 1.0
        mean = self._means.get(piece.segment)
        if mean is None:
            mean = self._means[piece.segment] = self._mean_stretch(piece.segment)
        return self._f(piece.z, piece.near) / mean

    def _mean_stretch(self, segment: str) -> Value:
        return sum(weight * self._f(z, near) for weight, z, near in peers(segment))

    def _f(self, z: float, near: float) -> Value:
        """Give `f = exp(v·z + e·n)`; n is 0 or 1."""
        lean = self._v.valuation_stretch * z + self._v.results_near if near else self._v.valuation_stretch * z
        return self._xp.exp(lean) if z or near else 1.0


def _chips(at: Equations, own: Mapping[str, float]) -> Value:
    return own["A"] * (at.spending - own["T"] * at.aged)


def _fab(at: Equations, own: Mapping[str, float]) -> Value:
    bought = sum(own[f"p.{j}"] * chips for j, chips in at.bought.items())
    return at._v.fab_pass_through * own["E"] * bought


def _centre(at: Equations, own: Mapping[str, float]) -> Value:
    return at._v.datacentre_pass_through * own["E"] * at.spending


def _software(at: Equations, own: Mapping[str, float]) -> Value:
    return own["S"] * at.saved


def _cloud(at: Equations, own: Mapping[str, float]) -> Value:
    return own["C"] * at.demand + own["R"] * at._v.capex_restraint + _software(at, own)


def _models(at: Equations, own: Mapping[str, float]) -> Value:
    return own["F"] * (at.kept - own["closed"] * at.competed)


_TERMS: Mapping[str, Callable[[Equations, Mapping[str, float]], Value]] = {
    "chips": _chips,
    "fab": _fab,
    "centre": _centre,
    "cloud": _cloud,
    "models": _models,
    "software": _software,
}
