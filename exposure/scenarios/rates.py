"""The exchange rates of `exposure.rates`, which lie below all rooms, under the name that scenarios know them by."""

from exposure.rates import currencies, fx_move, last_day, rate

__all__ = ["currencies", "fx_move", "last_day", "rate"]
