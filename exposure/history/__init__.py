"""The history of holdings: how deep they fell, how long it took, and what carried it.

Takes Books and a Market, gives a DrawdownResult: of today's holdings in hindsight, or of the portfolio as it was.
"""

from exposure.history.result import DrawdownResult, Episode, Flow, HoldingFall, SegmentFall, Trade
from exposure.history.today import drawdown

__all__ = ["DrawdownResult", "Episode", "Flow", "HoldingFall", "SegmentFall", "Trade", "drawdown"]
