"""Scenarios: what happened, or what a file supposes, as one kind of object that a shock is applied from."""

import sys
from types import ModuleType
from typing import Any

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


class _Callable(ModuleType):
    """The room, which is also the function `exposure.scenarios()`: Python gives a package's attribute to its module."""

    def __call__(self) -> list[Any]:
        """List the library of scenarios."""
        return list(self.library())


sys.modules[__name__].__class__ = _Callable
