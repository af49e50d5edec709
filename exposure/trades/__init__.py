"""Trades tried on a book: analysis only, nothing here is an order."""
