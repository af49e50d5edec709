"""Cells of a row, as text or as a workbook types them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def filled(cells: Sequence[Any]) -> list[Any]:
    """List the cells that hold something."""
    return [c for c in cells if c is not None and (not isinstance(c, str) or c.strip(" \u00a0\t\ufeff"))]
