"""Scenarios: what happened, or what a file supposes, as one kind of object that a shock is applied from."""

from exposure.scenarios.canonical import dump_scenario, scenario_hash
from exposure.scenarios.parse import parse_scenario
from exposure.scenarios.scenario import ScenarioEntry, library, load_scenario

__all__ = ["ScenarioEntry", "dump_scenario", "library", "load_scenario", "parse_scenario", "scenario_hash"]
