"""The history of today's holdings: how deep they fell before, how long it took, and which segment carried it.

Takes a Book and a Market, gives a DrawdownResult.
"""

from exposure.history.result import DrawdownResult, Episode, SegmentFall, drawdown

__all__ = ["DrawdownResult", "Episode", "SegmentFall", "drawdown"]
