"""Files of any kind to rows of text and typed cells: encodings, dialects, workbooks, markup, numbers, dates."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
