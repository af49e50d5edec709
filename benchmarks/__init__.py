"""Measurements, apart from the tests: each workload beside what a user would otherwise take, as ratios of one run."""
