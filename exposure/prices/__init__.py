"""Daily prices and exchange rates: their files, series, market, calendars, and what is doubtful about them.

What others ask for stands here; each is loaded when it is asked for, so that rates cost no reader of files.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
