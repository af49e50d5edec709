"""The levers of a transmission scenario: their ranges, their values and priors in a file, and ready-made sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import erf, exp, isfinite, pi, sqrt
from pathlib import Path as File
from typing import Any

from exposure.errors import ScenarioError
from exposure.scenario import RANGES as RANGES
from exposure.scenarios._document import Document, Path, read_document, unknown_name
from exposure.types import Prior, Transmission

LEVERS_AT_REST: Mapping[str, float] = {name: 1.0 if name.endswith("_gain") else 0.0 for name in RANGES}
"""Every lever at rest: gains of 1, all else 0. Nothing moves there."""
STATES = ("fitted", "assumed", "bound", "unidentified")
BASE = "deepseek-transmission"
_NUMBERS = ("value", "mean", "sd", "low", "high")
_TEXTS = ("unit", "meaning", "evidence", "source", "state")
_FILE = File(__file__).with_name("library") / f"{BASE}.toml"


@dataclass(frozen=True, slots=True)
class LeverText:
    """What a lever's slider says: `unit`, the sentence of its `meaning`, the `evidence`, the value's `source`."""

    unit: str
    meaning: str
    evidence: str
    source: str
    state: str


@dataclass(frozen=True, slots=True)
class Preset:
    """A ready-made set of levers on top of the fitted ones."""

    name: str
    what: str
    levers: Mapping[str, float]


PRESETS = (
    Preset("the day itself", "as fitted to 27 January 2025", {}),
    Preset(
        "the claim is true",
        "the cost claim holds, little was distilled, and the older chips were enough",
        {"claim_credibility": 0.9, "distillation": 0.1, "older_chips": 0.3},
    ),
    Preset(
        "the claim is marketing",
        "a cluster of newer chips and a larger model paid for most of the gain",
        {"claim_credibility": 0.05, "distillation": 0.9},
    ),
    Preset(
        "Jevons wins",
        "use grows faster than computing gets cheaper, and investors pay for it today",
        {"jevons_elasticity": 1.8, "response_priced": 0.8},
    ),
    Preset(
        "payback in doubt",
        "whatever the claim is worth, the large technology companies cut what they invest",
        {"capex_restraint": 0.25},
    ),
    Preset(
        "export clamp-down",
        "limits are tightened, and Chinese competitors do well in spite of them",
        {"export_tightening": 0.3, "curbs_ineffective": 0.1},
    ),
    Preset(
        "models become a commodity",
        "open models compete the providers' margin away, and software keeps the saving",
        {"commoditisation": 0.9, "openness": 0.95, "software_uplift": 0.4},
    ),
)


def lever_presets() -> tuple[Preset, ...]:
    """List the ready-made sets of levers; each gives the values that differ from the library's."""
    return PRESETS


def checked_levers(levers: Mapping[str, float]) -> dict[str, float]:
    """Give the values as floats; ScenarioError naming a lever that does not exist or is out of its range."""
    out = {}
    for name, value in levers.items():
        if name not in RANGES:
            code, params = unknown_name("lever.unknown", name, list(RANGES))
            raise ScenarioError(code, **params)
        low, high = RANGES[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ScenarioError("lever.out-of-range", lever=name, value=repr(value), low=low, high=high)
        out[name] = float(value) + 0.0
    return out


def levers_of(document: Document) -> tuple[dict[str, float], dict[str, Prior]]:
    """Read `[levers]` and `[levers.NAME]`: every lever's value and prior, the library's where the file has none.

    Raises
    ------
    ScenarioError : an unknown lever or key, a value out of its range, a prior that is none; with its line.
    """
    given = document.table.get("levers", {})
    if not isinstance(given, Mapping):
        document.refuse(("levers",), "lever.no-table")
    whole = all(isinstance(entry := given.get(name), Mapping) and {"mean", "sd"} <= entry.keys() for name in RANGES)
    values: dict[str, float] = {} if whole else dict(_base()[0])
    priors: dict[str, Prior] = {} if whole else dict(_base()[1])
    for name, entry in given.items():
        path = ("levers", name)
        if name not in RANGES:
            document.refuse_unknown(path, "lever.unknown", name, list(RANGES))
        if not isinstance(entry, Mapping):
            values[name] = _number(document, path, entry, name)
            continue
        for key in entry:
            if key not in (*_NUMBERS, *_TEXTS):
                document.refuse_unknown((*path, key), "lever.key-unknown", key, _NUMBERS)
        priors[name] = _prior(document, path, name, entry, priors.get(name))
        values[name] = _number(document, (*path, "value"), entry.get("value", priors[name].mean), name)
    return {name: values[name] for name in RANGES}, {name: priors[name] for name in RANGES}


def lever_texts() -> Mapping[str, LeverText]:
    """Give what the library says of each lever."""
    return _texts()


def lever_table(scenario: Transmission) -> dict[str, dict[str, float | str]]:
    """List the levers of a transmission scenario under the interface's names; `low` and `high` are the slider's.

    A lever that is not at the library's value is `assumed`: whoever set it supposed it.
    """
    base, texts = _base()[0], lever_texts()
    return {name: dict(_row(name, scenario, base, texts)) for name in scenario.levers}


def _row(
    name: str, scenario: Transmission, base: Mapping[str, float], texts: Mapping[str, LeverText]
) -> Iterator[tuple[str, float | str]]:
    text, prior = texts[name], scenario.priors[name]
    yield from zip(("value", "low", "high"), (scenario.levers[name], *RANGES[name]), strict=True)
    yield from (("mean", prior.mean), ("sd", prior.sd), ("prior_low", prior.low), ("prior_high", prior.high))
    yield from (("unit", text.unit), ("meaning", text.meaning), ("evidence", text.evidence), ("source", text.source))
    yield "state", text.state if scenario.levers[name] == base[name] else "assumed"


def prior_quantile(prior: Prior, share: float) -> float:
    """Give the quantile of a truncated normal, by bisection of its distribution function."""
    if prior.sd == 0:
        return prior.mean
    low, high = ((b - prior.mean) / (prior.sd * sqrt(2)) for b in (prior.low, prior.high))
    target = erf(low) + share * (erf(high) - erf(low))
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if erf(middle) < target else (low, middle)
    return min(max(prior.mean + prior.sd * sqrt(2) * (low + high) / 2, prior.low), prior.high)


def density(prior: Prior, value: float) -> float:
    """Give the density of a truncated normal at a value, 0 outside its bounds."""
    if not prior.low <= value <= prior.high or prior.sd == 0:
        return 0.0
    low, high = ((b - prior.mean) / (prior.sd * sqrt(2)) for b in (prior.low, prior.high))
    z = (value - prior.mean) / prior.sd
    return exp(-z * z / 2) / (prior.sd * sqrt(2 * pi) * (erf(high) - erf(low)) / 2)


def _number(document: Document, path: Path, value: Any, name: str) -> float:
    low, high = RANGES[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        document.refuse(path, "lever.no-number", lever=name, low=low, high=high)
    if not low <= value <= high:
        document.refuse(path, "lever.out-of-range", lever=name, value=f"{value:g}", low=low, high=high)
    return float(value) + 0.0


def _prior(document: Document, path: Path, name: str, entry: Mapping[str, Any], base: Prior | None) -> Prior:
    known = {} if base is None else {"mean": base.mean, "sd": base.sd, "low": base.low, "high": base.high}
    found = {}
    for key in ("mean", "sd", "low", "high"):
        value = entry.get(key, known.get(key))
        if value is None and key in ("low", "high"):
            value = RANGES[name][key == "high"]
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            document.refuse((*path, key), "lever.prior-no-number", lever=name, key=key)
        found[key] = float(value) + 0.0
    prior = Prior(**found)
    low, high = RANGES[name]
    if not low <= prior.low <= prior.mean <= prior.high <= high or prior.sd < 0:
        document.refuse(path, "lever.prior-out-of-range", lever=name, low=low, high=high)
    return prior


@lru_cache(maxsize=1)
def _document() -> Document:
    return read_document(_FILE.read_text(encoding="utf-8"), _FILE.name)


@lru_cache(maxsize=1)
def _base() -> tuple[Mapping[str, float], Mapping[str, Prior]]:
    return levers_of(_document())


@lru_cache(maxsize=1)
def _texts() -> Mapping[str, LeverText]:
    return {
        name: LeverText(**{key: str(entry.get(key, "")) for key in LeverText.__dataclass_fields__})
        for name, entry in _document().table["levers"].items()
    }
