"""The history of holdings: how deep they fell, how long it took, and what carried it.

Takes Books and a Market, gives a DrawdownResult: of today's holdings in hindsight, or of the portfolio as it was.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
