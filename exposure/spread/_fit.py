"""Fit a day's cross-section with NumPy: best linear prediction under the random effects of `cross_section`.

`V = φ·K + D`; K the covariance of the effects between names, D that of their errors, φ the day's own factor, averaged
over a grid by its likelihood with the scale profiled out. The error of name i predicted from all the others has a
closed form, `e_i = (V⁻¹y)_i / (V⁻¹)_ii`, and those errors, scaled, make the conformal bands.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from exposure.chain import on_chain, top_segment
from exposure.spread._cross_section import (
    COVARIATES,
    FACTORS,
    PRIOR_NAMES,
    RATIO,
    Effect,
    Name,
    Spread,
    noise,
    quantile_of,
    segments_of,
)

Floats = NDArray[np.float64]


class Design:
    """The names of a day as matrices; rows may be left out without building them anew."""

    def __init__(self, names: Sequence[Name]) -> None:
        self.names = tuple(names)
        self.segments = segments_of(names)
        self.weights = np.zeros((len(names), len(self.segments)))
        outside = np.zeros(len(names))
        for i, name in enumerate(names):
            for part in name.parts:
                if on_chain(part.segment):
                    self.weights[i, self.segments.index(part.segment)] += part.weight
                else:
                    outside[i] += part.weight * name.rest
        self.outside = outside
        self.moves = np.array([n.move for n in names])
        self.scores = np.array([n.scores or (0.0,) * len(COVARIATES) for n in names])
        self.noise = np.array([noise(n.scores) for n in names])
        self.effects = effect_covariance(self.segments)
        self.slopes = slope_covariance(self.segments)
        w = self.weights
        self.covariance = w @ self.effects @ w.T + (self.scores @ self.scores.T) * (w @ self.slopes @ w.T)


def effect_covariance(segments: Sequence[str]) -> Floats:
    """Give the prior covariance of the sub-segments' effects: chain, segment and sub-segment, each one step finer."""
    same = np.array([[top_segment(a) == top_segment(b) for b in segments] for a in segments])
    deep = np.diag([float("." in s) for s in segments])
    return RATIO["chain"] ** 2 + RATIO["segment"] ** 2 * same + RATIO["sub_segment"] ** 2 * deep


def slope_covariance(segments: Sequence[str]) -> Floats:
    """Give the prior covariance of the sub-segments' slopes on one covariate."""
    return RATIO["slope"] ** 2 + RATIO["sub_slope"] ** 2 * np.diag([float("." in s) for s in segments])


def alphas_and_errors(design: Design, keep: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
    """Solve for every factor at once.

    Returns
    -------
    likely : how likely each factor is given the names kept, adding up to 1 (flat prior, scale profiled out).
    alphas : (factor, name) `V⁻¹y`.
    errors : (name) log move less what the others predict, the factors averaged by their likelihood.
    """
    d = design.noise[keep]
    y = (design.moves - design.outside)[keep] / d
    values, vectors = np.linalg.eigh(design.covariance[np.ix_(keep, keep)] / np.outer(d, d))
    shrunk = 1.0 / (1.0 + np.multiply.outer(np.array(FACTORS), np.maximum(values, 0.0)))
    turned = vectors.T @ y
    log_likely = -0.5 * (len(d) * np.log(shrunk @ turned**2) - np.log(shrunk).sum(axis=1))
    likely = np.exp(log_likely - log_likely.max())
    likely /= likely.sum()
    whitened = (shrunk * turned) @ vectors.T
    errors = likely @ (whitened / (shrunk @ (vectors**2).T)) * d
    return likely, whitened / d, errors


def scales(design: Design, keep: NDArray[np.bool_], errors: Floats) -> tuple[Floats, float]:
    """Give the scale of errors of each sub-segment, drawn to the chain's, and the conformal quantile.

    Each name's own error is left out of the scale that it is measured by.
    """
    w, scaled = design.weights[keep], np.abs(errors) / design.noise[keep]
    whole = (scaled**2).mean()
    heavy, squares = w.sum(axis=0), w.T @ scaled**2
    by_segment = np.sqrt((PRIOR_NAMES * whole + squares) / (PRIOR_NAMES + heavy))
    n = len(scaled)
    rest = (n * whole - scaled**2) / (n - 1)
    without = np.sqrt((PRIOR_NAMES * rest[:, None] + squares - w * scaled[:, None] ** 2) / (PRIOR_NAMES + heavy - w))
    own = (w * without).sum(axis=1) / w.sum(axis=1)
    return by_segment, quantile_of(list(scaled / own))


def fit_spread(names: Sequence[Name]) -> Spread:
    """Fit the effects, slopes and scales of a day.

    Parameters
    ----------
    names : observed names along the chain, log moves of one window, one for each issuer.
    """
    design = Design(names)
    return fitted(design, np.ones(len(names), dtype=bool))


def fitted(design: Design, keep: NDArray[np.bool_]) -> Spread:
    """Fit a day from the names kept."""
    likely, alphas, errors = alphas_and_errors(design, keep)
    alpha = (likely * np.array(FACTORS)) @ alphas  # each effect is linear in it, so the factors are averaged here
    w, z = design.weights[keep], design.scores[keep]
    moves = design.effects @ (w.T @ alpha)
    slopes = design.slopes @ (w.T @ (alpha[:, None] * z))
    by_segment, quantile = scales(design, keep, errors)
    effects = {
        s: Effect(float(moves[k]), tuple(map(float, slopes[k])), float(by_segment[k]))
        for k, s in enumerate(design.segments)
    }
    return Spread(effects, float(quantile), int(keep.sum()))


def predict_each(names: Sequence[Name]) -> tuple[Floats, Floats]:
    """Predict each name from all the others, everything refitted.

    Returns
    -------
    predicted : log moves, in the order of the names.
    half : half the width of the 90 % band that the others alone give.
    """
    design = Design(names)
    predicted, half = np.zeros(len(names)), np.zeros(len(names))
    for i, name in enumerate(names):
        spread = fitted(design, np.arange(len(names)) != i)
        predicted[i] = spread.predict(name.parts, name.rest, name.scores)
        half[i] = spread.half_width(name.parts, name.scores)
    return predicted, half


def leave_one_out(names: Sequence[Name]) -> tuple[Floats, Floats]:
    """Predict each name from all the others, and say whether its band held it.

    Returns
    -------
    predicted : log moves, in the order of the names.
    inside : 1 where the move lay within the 90 % band that the others alone give, else 0.
    """
    predicted, half = predict_each(names)
    return predicted, (np.abs(np.array([n.move for n in names]) - predicted) <= half).astype(float)
