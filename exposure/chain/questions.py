"""What a file leaves open of which security is meant, as questions with the answers to choose from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from exposure.chain.identity import Answers, identifiers_of
from exposure.chain.issuers import table
from exposure.chain.listing import CURRENCY_OF, split_symbol
from exposure.types import Holding


@dataclass(frozen=True, slots=True)
class Option:
    """An answer to choose: Yahoo symbol, the issuer's name, and the currency it trades in there."""

    symbol: str
    name: str
    currency: str


@dataclass(frozen=True, slots=True)
class Question:
    """A line of which the tables cannot tell what it is: asked once for each identifier."""

    identifier: str
    """What the answer is kept under: the surest identifier that the file writes."""
    label: str
    row: int
    doubt: str
    options: tuple[Option, ...]


def questions(holdings: Iterable[Holding], answers: Answers | None = None) -> tuple[Question, ...]:
    """List what is left open of equities and funds, in file order; what was answered is not asked again."""
    found: dict[str, Question] = {}
    for holding in holdings:
        if holding.kind not in ("equity", "fund"):
            continue
        match = table().find(holding, answers)
        called = identifiers_of(holding)
        settled = bool(holding.isin) or match.by == "name"  # an ISIN that no table knows is a security of its own
        if match.doubt and not settled and called[0] not in found:
            label = " · ".join(dict.fromkeys(each for each in (holding.ticker, holding.name) if each)) or called[0]
            found[called[0]] = Question(called[0], label, holding.row, match.doubt, _options(holding))
    return tuple(found.values())


def option(symbol: str) -> Option | None:
    """Describe a symbol of the tables, None for one that they do not know."""
    issuer = table().of(symbol)
    return Option(symbol, issuer.name, CURRENCY_OF[split_symbol(symbol)[1]]) if issuer else None


def _options(holding: Holding) -> tuple[Option, ...]:
    """List every line that the ticker or the name could be, each once."""
    known = table()
    symbols = known.listed_as(holding.ticker.strip().upper()) if holding.ticker else []
    named = known.named(holding.name) if holding.name else []
    several = [*symbols, *(symbol for issuer in named for symbol in issuer.symbols)]
    return tuple(each for symbol in dict.fromkeys(several) if (each := option(symbol)))
