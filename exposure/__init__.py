"""Exposure of a portfolio along the AI value chain, what a shock costs it, and its drawdown.

    >>> import exposure
    >>> book = exposure.from_weights({"NVDA": 0.6, "MSFT": 0.4})
    >>> result = exposure.apply(book, "deepseek-2025-01-27")
    >>> round(result.total_return, 3)
    -0.11

Each name is loaded when it is first asked for, and `__init__.pyi` lists them: importing this imports neither NumPy,
pandas, Streamlit, SQLAlchemy nor yfinance.
"""

import lazy_loader

from exposure.version import VERSION as __version__

ENGINE_VERSION = "1.1.0"
"""Changes whenever a figure may: the answer of a stored scenario is told apart by it."""

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__all__ += ["ENGINE_VERSION", "__version__"]
