"""The shock: a book and a scenario give what it costs and who carries it."""

from exposure.shock.apply import apply, coverage_of, cut

__all__ = ["apply", "coverage_of", "cut"]
