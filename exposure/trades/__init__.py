"""Trades tried on a book: analysis only, nothing here is an order."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
