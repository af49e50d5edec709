"""Letting go of what is remembered of books that were deleted for good: no cache of this process keeps a line."""

from __future__ import annotations

from pages.shared import cache


def forget_books() -> None:
    """Empty every cache that holds a book or what was worked out from one; they fill again when asked."""
    from pages.shared import histories, keeping, readings, trades_kept  # they ask for changes, which ask this module

    stored = (cache._snapshot, cache._book, cache._exposures, cache._shock, cache.settle)
    levers = (cache.levered, cache.of_levers, cache.steps)
    past = (histories._today, histories._actual, histories._event, histories._offers)
    kept = (keeping._record, keeping._worked_out, keeping._explained, trades_kept._tried)
    files = (readings.read_upload, readings.header, readings._questions, readings._reaching)
    for cached in (*stored, *levers, *past, *kept, *files):
        cached.clear()
