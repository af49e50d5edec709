"""The ratios of `make bench` are held to the committed table."""

from __future__ import annotations

from pathlib import Path

from benchmarks import timing
from benchmarks.bench import WORKLOADS


def test_a_ratio_that_fell_is_named_and_one_that_holds_is_not(tmp_path: Path) -> None:
    table = tmp_path / "ratios.csv"
    table.write_text("title,way,ratio\n")
    timing.write({("rows", "polars"): 2.0, ("rows", "pandas"): 8.0}, table)
    held = timing.committed(table)
    assert timing.fallen({("rows", "polars"): 1.81, ("rows", "pandas"): 9.0, ("new", "x"): 0.1}, held) == []
    assert timing.fallen({("rows", "polars"): 1.79}, held) == ["rows: polars takes 1.79 x ours, the table says 2.00"]
    timing.write({("rows", "polars"): 3.0}, table)
    assert timing.committed(table) == {("rows", "pandas"): 8.0, ("rows", "polars"): 3.0}


def test_the_table_holds_ratios_and_every_workload_can_be_called() -> None:
    assert timing.committed() and all(callable(measure) for _, measure in WORKLOADS.values())
