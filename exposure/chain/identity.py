"""Which security a line is: identifiers turned into one another, and what a user answered where a file leaves it open.

An answer is a Yahoo symbol for an identifier as the file writes it, or `UNKNOWN`: none that the tables know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from exposure.reading.identifiers import is_isin
from exposure.types import Holding

UNKNOWN = "-"
"""The answer that a line is none of those on offer."""
Answers = Mapping[str, str]


def isins_of(holding: Holding) -> Iterator[str]:
    """Yield the ISINs that a holding may have: stated, from its CUSIP, or around its SEDOL as London and Dublin do."""
    if holding.isin:
        yield holding.isin
    if holding.cusip and (isin := isin_from_cusip(holding.cusip)):
        yield isin
    if holding.sedol:
        for country in ("GB", "IE"):
            yield from (isin for digit in "0123456789" if is_isin(isin := f"{country}00{holding.sedol}{digit}"))


def isin_from_cusip(cusip: str) -> str | None:
    """Give the ISIN of a United States security from its CUSIP; a CINS (first character a letter) is of no country."""
    if not cusip[:1].isdigit():
        return None
    return next((isin for digit in "0123456789" if is_isin(isin := f"US{cusip}{digit}")), None)


def identifiers_of(holding: Holding) -> list[str]:
    """List what a file calls a holding, the surest identifier first."""
    own = (holding.isin, holding.cusip, holding.sedol, holding.figi, holding.ticker, holding.name)
    return [each for each in own if each]


def answered(holding: Holding, answers: Answers) -> str | None:
    """Give the user's answer for a holding by whichever of its identifiers was asked, None where none was."""
    return next((answers[each] for each in identifiers_of(holding) if each in answers), None)
