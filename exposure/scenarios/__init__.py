"""Scenarios: what happened, or what a file supposes, as one kind of object that a shock is applied from."""

from exposure.scenarios.canonical import dump_scenario, scenario_hash
from exposure.scenarios.levers import lever_table, presets
from exposure.scenarios.observe import complete, waits
from exposure.scenarios.parse import parse_scenario
from exposure.scenarios.replay import ScenarioEntry, library, library_ids, load_scenario, set_levers

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
