from .api import apply as apply
from .api import compare as compare
from .api import drawdown as drawdown
from .api import from_weights as from_weights
from .api import grid as grid
from .api import load_scenario as load_scenario
from .api import measure as measure
from .api import predict as predict
from .api import read_holdings as read_holdings
from .api import read_prices as read_prices
from .api import reverse as reverse
from .api import scenarios as scenarios
from .api import segments as segments
from .api import simulate as simulate
from .api import to_book as to_book
from .errors import ArgumentError as ArgumentError
from .errors import ExposureError as ExposureError
from .errors import FeedError as FeedError
from .errors import InputError as InputError
from .errors import MissingPrice as MissingPrice
from .errors import MissingRate as MissingRate
from .errors import ScenarioError as ScenarioError
from .errors import StoreError as StoreError
from .errors import UnitError as UnitError
from .errors import UnknownSegment as UnknownSegment
from .outcome import Comparison as Comparison
from .outcome import Reverse as Reverse
from .outcome import ShockResult as ShockResult
from .outcome import Simulation as Simulation
from .types import Book as Book
from .types import Holding as Holding
from .types import Issue as Issue
from .types import Override as Override
from .types import Scenario as Scenario
from .types import Snapshot as Snapshot

ENGINE_VERSION: str
__version__: str
