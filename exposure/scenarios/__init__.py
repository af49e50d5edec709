"""Scenarios: what happened, or what a file supposes, as one kind of object that a shock is applied from."""

from exposure.scenarios.levers import lever_table, presets
from exposure.scenarios.observe import complete, waits
from exposure.scenarios.parse import parse_scenario
from exposure.scenarios.replay import ScenarioEntry, library, library_ids, load_scenario, set_levers
from exposure.types import Scenario


def scenario_hash(scenario: Scenario) -> str:
    """Give the SHA-256 of what decides a figure."""
    return scenario.hash


def dump_scenario(scenario: Scenario) -> str:
    """Write a scenario as TOML."""
    return scenario.to_toml()


__all__ = [
    "ScenarioEntry",
    "complete",
    "dump_scenario",
    "lever_table",
    "library",
    "library_ids",
    "load_scenario",
    "parse_scenario",
    "presets",
    "scenario_hash",
    "set_levers",
    "waits",
]
