"""Ids that are given once: drawn at random, so none returns after a purge, from a backup, or in another store."""

from __future__ import annotations

import secrets

LOWEST, HIGHEST = 2**32, 2**53
"""Above what the first versions counted up to, below what JSON's readers hold exactly."""


def new_id() -> int:
    """Draw the id of a portfolio, a snapshot or a kept result.

    Ids that count up return: SQLite gives the number of a purged last row again, and a store put back from its backup
    counts on from there. Of a million drawn, two are the same with a probability of one in ten thousand; the key of
    the table refuses that write, whole.
    """
    return LOWEST + secrets.randbelow(HIGHEST - LOWEST)
