"""The history of holdings: how deep they fell, how long it took, and what carried it.

Takes Books and a Market, gives a DrawdownResult: of today's holdings in hindsight, or of the portfolio as it was.
"""

from exposure.history.actual import history
from exposure.history.compare import Comparison, EventPath, Rank, compare, event_of, event_path, rank_of, rank_of_day
from exposure.history.quotes import Proxy, proxies_for
from exposure.history.result import DrawdownResult, Episode, Flow, HoldingFall, SegmentFall, Trade
from exposure.history.statistics import Figures, Month, figures_of, months_of
from exposure.history.today import drawdown

__all__ = [
    "Comparison",
    "DrawdownResult",
    "Episode",
    "EventPath",
    "Figures",
    "Flow",
    "HoldingFall",
    "Month",
    "Proxy",
    "Rank",
    "SegmentFall",
    "Trade",
    "compare",
    "drawdown",
    "event_of",
    "event_path",
    "figures_of",
    "history",
    "months_of",
    "proxies_for",
    "rank_of",
    "rank_of_day",
]
