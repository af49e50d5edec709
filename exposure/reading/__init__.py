"""The door of reading: a file of holdings, from whatever house or broker, to `Snapshot`s.

    bytes → rows (`dialect`, `sheets`) → tables (`table`, `columns`, `headings`) → drafts (`positions`, `kinds`)
          → units (`money`) → holdings (`holdings`) → one Snapshot for each date in the file

No name of a file or of a house decides how it is read. What was assumed and what was left out is said in the snapshot.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
