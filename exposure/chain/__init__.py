"""The value chain: a snapshot becomes a book, split by segment."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
