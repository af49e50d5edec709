"""A book opened with all that it is made of, and a scenario that is completed and applied to it.

What the command line and the pages hand in are plain values, or something to call where prices turn out to be needed:
a store, a cache and the files of a session stay theirs.
"""

from exposure.workbench.book import BookInputs, fund_holdings, needs_closes, rates_from, with_bank_rates
from exposure.workbench.scenario import Applied, apply_scenario, complete_scenario

__all__ = [
    "Applied",
    "BookInputs",
    "apply_scenario",
    "complete_scenario",
    "fund_holdings",
    "needs_closes",
    "rates_from",
    "with_bank_rates",
]
