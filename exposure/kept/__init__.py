"""Results that are kept: as text and back, worked out again, and two of them held against each other."""

from exposure.kept.causes import Cause, LineCauses, causes
from exposure.kept.record import Record, again, differences, keep, same

__all__ = ["Cause", "LineCauses", "Record", "again", "causes", "differences", "keep", "same"]
