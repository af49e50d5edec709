"""Results that are kept: as text and back, worked out again, and two of them held against each other."""

from exposure.results.attribution import CAUSES, Cause, LineCauses, causes
from exposure.results.codec import from_text, to_text
from exposure.results.record import (
    Difference,
    Record,
    book_of,
    differences,
    engine,
    keep,
    matches,
    recompute,
    scenario_of,
)

again, same = recompute, matches

__all__ = [
    "CAUSES",
    "Cause",
    "Difference",
    "LineCauses",
    "Record",
    "again",
    "book_of",
    "causes",
    "differences",
    "engine",
    "from_text",
    "keep",
    "matches",
    "recompute",
    "same",
    "scenario_of",
    "to_text",
]
