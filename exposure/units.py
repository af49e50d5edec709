"""Price and quote unit to price in a currency; the one place where pence become pounds."""

from __future__ import annotations

QUOTE_UNITS: dict[str, tuple[str, float]] = {
    "GBX": ("GBP", 0.01),
    "GBp": ("GBP", 0.01),
    "GBPX": ("GBP", 0.01),
    "GBPp": ("GBP", 0.01),
    "ZAc": ("ZAR", 0.01),
    "ZAC": ("ZAR", 0.01),
    "ILA": ("ILS", 0.01),
    "ILa": ("ILS", 0.01),
}
"""Quote unit → currency and how much of it one unit is."""


def currency_of(unit: str | None) -> str | None:
    """Give the currency behind a quote unit: `GBX` → `GBP`; a currency is its own; None stays None."""
    return QUOTE_UNITS[unit][0] if unit in QUOTE_UNITS else unit


def in_currency(price: float, unit: str | None) -> float:
    """Convert a quoted price to its currency.

    >>> in_currency(1250.0, "GBX")
    12.5
    """
    return price * QUOTE_UNITS[unit][1] if unit in QUOTE_UNITS else price
