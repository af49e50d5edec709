"""A scenario as text: canonical JSON for its hash, TOML for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from hashlib import sha256
from typing import Any

from exposure.errors import ScenarioError
from exposure.types import Scenario


def scenario_hash(scenario: Scenario) -> str:
    """Give the SHA-256 of the canonical JSON of everything that decides a figure: no title, issues or source.

    Notes
    -----
    Keys are sorted and floats written by `repr`, so equal scenarios have equal hashes on every machine. Each table of
    exchange rates is written once, in the order of their texts, and a window names its own by its place.
    """
    shared = {id(table): table for table in (scenario.fx, *(w.fx for w in scenario.windows.values()))}
    texts = {key: _json(dict(table)) for key, table in shared.items()}
    tables = sorted(set(texts.values()))
    place = {key: tables.index(text) for key, text in texts.items()}
    day = cache(date.isoformat)
    content: dict[str, Any] = {
        "id": scenario.id,
        "kind": scenario.kind,
        "from": scenario.start and day(scenario.start),
        "to": scenario.end and day(scenario.end),
        "rest": scenario.rest,
        "market": scenario.market,
        "segments": dict(scenario.segments),
        "isins": dict(scenario.isins),
        "tickers": dict(scenario.tickers),
        "rates": tables,
        "fx": place[id(scenario.fx)],
        "fx_known": None if scenario.fx_known is None else sorted(scenario.fx_known),
        "observed": {s: [o.symbol, o.currency, day(o.start), day(o.end), o.move] for s, o in scenario.observed.items()},
        "windows": {x: [day(w.start), day(w.end), place[id(w.fx)]] for x, w in scenario.windows.items()},
        "prefer_adr": scenario.prefer_adr,
        "horizon": scenario.horizon,
    }
    if scenario.reaction != "common" or scenario.local_only:
        content["reaction"], content["local_only"] = scenario.reaction, scenario.local_only
    if scenario.levers:
        content["levers"] = dict(scenario.levers)
        content["priors"] = {n: [p.mean, p.sd, p.low, p.high] for n, p in scenario.priors.items()}
    if scenario.kind == "predictive":
        content["as_of"] = scenario.as_of and day(scenario.as_of)
        content["given"], content["foretold"] = dict(scenario.given), dict(scenario.foretold)
        if scenario.errors:
            content["errors"] = dict(scenario.errors)
    return sha256(_json(content).encode()).hexdigest()


def dump_scenario(scenario: Scenario) -> str:
    """Write a scenario as the TOML that reads back as an equal one with the same hash.

    Notices about what the first file left out are not repeated: what was supposed then is written out now. What prices
    have completed is not written: a prediction, and a replay that waits for prices, are written as they were read.

    Raises
    ------
    ScenarioError : a replay whose moves are known; its file is its TOML with the CSV that it names.
    """
    if scenario.observed or scenario.horizon != 1:
        raise ScenarioError(
            f"scenario {scenario.id} is a replay with its moves",
            remedy="only a custom or transmission scenario, a prediction, or a replay without them is written as one "
            "file",
        )
    names = {} if scenario.kind == "predictive" else scenario.tickers  # those of a prediction are given ones
    given = {**scenario.given, **scenario.tickers} if scenario.kind == "predictive" else {}
    heads = {
        "id": scenario.id,
        "title": scenario.title,
        "kind": scenario.kind,
        "from": scenario.start,
        "to": scenario.end,
        "as_of": scenario.as_of,
        "reaction": scenario.reaction if scenario.reaction != "common" else None,
        "prefer_adr": scenario.prefer_adr or None,
        "local_only": scenario.local_only or None,
        "rest": scenario.rest,
        "market": None if scenario.levers else scenario.market,
        "source": scenario.source or None,
    }
    lines = [f"{name} = {toml_value(value)}" for name, value in heads.items() if value is not None]
    tables: Mapping[str, Mapping[str, float]] = {
        "segments": scenario.segments,
        "fx": scenario.fx,
        "given": given,
        "tickers": names,
        "isins": scenario.isins,
    }
    for name, moves in tables.items():
        if moves:
            lines += ["", f"[{name}]", *(f"{toml_key(k)} = {toml_value(v)}" for k, v in moves.items())]
    if scenario.windows:
        lines += ["", "[windows]"]
        lines += [f"{toml_value(x)} = {{ from = {w.start}, to = {w.end} }}" for x, w in scenario.windows.items()]
    for name, prior in scenario.priors.items():
        numbers = {"value": scenario.levers[name], "mean": prior.mean, "sd": prior.sd}
        numbers |= {"low": prior.low, "high": prior.high}
        lines += ["", f"[levers.{name}]", *(f"{key} = {toml_value(value)}" for key, value in numbers.items())]
    return "\n".join(lines) + "\n"


def _json(content: Any) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def toml_key(name: str) -> str:
    """Write a name as TOML's key, in quotes where it needs them."""
    return name if name.isascii() and name.isalnum() else toml_value(name)


def toml_value(value: str | float | date) -> str:
    """Write a text, a number, a flag or a date as TOML does."""
    if isinstance(value, str):  # TOML's basic strings are JSON's, but for the delete character
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else repr(value)
