from ._book import BookInputs as BookInputs
from ._book import fund_holdings as fund_holdings
from ._book import needs_closes as needs_closes
from ._book import rates_from as rates_from
from ._book import with_bank_rates as with_bank_rates
from ._scenario import Applied as Applied
from ._scenario import apply_scenario as apply_scenario
from ._scenario import complete_scenario as complete_scenario
