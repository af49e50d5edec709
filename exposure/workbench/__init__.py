"""A book opened with all that it is made of, and a scenario that is completed and applied to it.

What the command line and the pages hand in are plain values, or something to call where prices turn out to be needed:
a store, a cache and the files of a session stay theirs.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
