"""Which exchange rate counts, for each pair and each date: the one place that chooses. Never a later one, never 1.

In this order: the bank's rate of the day; a pair among the prices of the day, turned round or crossed where need be;
the last one known of either. An old one is given with its own day, so that who uses it can say so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from exposure.errors import MissingRate, UnitError
from exposure.messages import remedy_of
from exposure.prices._bank import BANK_CURRENCY, Bank
from exposure.units import QUOTE_UNITS, SUCCESSORS, currency_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from exposure.prices._market import Market, PriceSeries

    Days = NDArray[np.datetime64]
    Floats = NDArray[np.float64]


QUIET_DAYS = 10
"""Up to this age the last known rate stands without a word: weekends, holidays, a feed that is a week behind."""
OLDEST_DAYS = 45
"""Up to this age it stands with a warning; beyond it there is no rate."""
PAIR_ENDING = "=X"
"""How Yahoo's symbols of currency pairs end: `EURUSD=X` is dollars for one euro, `JPY=X` yen for one dollar."""
PIVOTS = ("USD", BANK_CURRENCY)
_ISO = re.compile("[A-Z]{3}")


def became_euro(currency: str) -> tuple[date, float] | None:
    """Give the day on which the euro took a currency's place, and how many euros one of it is for good; None else."""
    successor = SUCCESSORS.get(currency)
    return None if successor is None else (successor[2], successor[1])


@dataclass(frozen=True, slots=True)
class Rate:
    """Units of one currency for one of another, and the day that it is the rate of."""

    value: float
    on: date


@dataclass(frozen=True, slots=True, eq=False)
class RatePath:
    """Rates of many dates, one for each; NaN and NaT where there is none."""

    value: Floats
    on: Days
    """The day that each is the rate of: the date itself or an earlier one."""
    by: frozenset[str] = frozenset()
    """The pairs among the prices that gave some of them; the bank gave the others."""


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """Every exchange rate at hand: the bank's, and the pairs among some prices."""

    bank: Bank = field(default_factory=Bank)
    pairs: Mapping[str, PriceSeries] = field(default_factory=lambda: MappingProxyType({}))
    """Series by Yahoo's symbol."""

    @classmethod
    def of(cls, market: Market | None) -> Rates:
        """Give the rates that stand beside some prices: the bank's, newer ones that came with them, and their pairs."""
        if market is None:
            return cls()
        return cls(Bank(market.published), {s: each for s, each in market.series.items() if s.endswith(PAIR_ENDING)})

    def find(self, currency: str, base: str, on: date) -> Rate:
        """Give the units of `base` that one unit of `currency` was worth on a day, with the day of that rate.

        Parameters
        ----------
        currency, base : ISO 4217 codes, upper case.

        Raises
        ------
        UnitError : a quote unit such as GBX was given.
        MissingRate : no rate within the 45 days up to `on`; it is never replaced by 1 or by a later one.

        Notes
        -----
        On 24 January 2025 one euro was 1.0472 US dollars and 163.9 yen, so one yen was 1.0472 / 163.9 dollars:

        >>> Rates().find("EUR", "USD", date(2025, 1, 24)).value
        1.0472
        >>> saturday = Rates().find("JPY", "USD", date(2025, 1, 25))
        >>> round(saturday.value, 8), saturday.on.isoformat()
        (0.00638926, '2025-01-24')
        """
        _refuse_units(currency, base)
        if currency == base:
            return Rate(1.0, on)
        (own, own_euros), (other, other_euros) = _as_euro(currency, on), _as_euro(base, on)
        if (own, other) != (currency, base):
            found = self.find(own, other, on)
            return Rate(found.value * own_euros / other_euros, found.on)
        best: Rate | None = None
        for route in _routes(currency, base):
            if best is not None and best.on == on:
                break
            legs = [self._last(*leg, on) for leg in route]
            known = [leg for leg in legs if leg is not None]
            if len(known) < len(route):
                continue
            value, oldest = 1.0, min(leg.on for leg in known)
            for leg in known:
                value *= leg.value
            if best is None or oldest > best.on:
                best = Rate(value, oldest)
        if best is None:
            raise self.missing(currency, base, on)
        return best

    def path(self, currency: str, base: str, dates: Days) -> RatePath:
        """Give the rate of each of many days, ascending, as `find` gives it for one."""
        import numpy as np

        _refuse_units(currency, base)
        best = RatePath(np.full(len(dates), np.nan), np.full(len(dates), "NaT", "datetime64[D]"))
        if currency == base:
            return RatePath(np.ones(len(dates)), dates)
        if not len(dates):
            return best
        for joined in filter(None, map(became_euro, (currency, base))):
            at = int(np.searchsorted(dates, np.datetime64(joined[0], "D")))
            if at < len(dates):
                return self._across(currency, base, dates, at)
        for route in _routes(currency, base):
            value, oldest, by = np.ones(len(dates)), dates, frozenset[str]()
            for leg in route:
                one = self._leg(*leg, dates)
                value, oldest, by = value * one.value, np.minimum(oldest, one.on), by | one.by
            better = ~np.isnat(oldest) & (np.isnat(best.on) | (oldest > best.on))
            if better.any():
                best = RatePath(np.where(better, value, best.value), np.where(better, oldest, best.on), best.by | by)
        return best

    def _across(self, currency: str, base: str, dates: Days, at: int) -> RatePath:
        """Put together the dates before the euro took the place of one of two currencies and those from then on."""
        import numpy as np

        (own, own_euros), (other, other_euros) = (_as_euro(code, dates[at].item()) for code in (currency, base))
        parts = [self.path(currency, base, dates[:at]), self.path(own, other, dates[at:])]
        level = np.concatenate([parts[0].value, parts[1].value * own_euros / other_euros])
        return RatePath(level, np.concatenate([part.on for part in parts]), parts[0].by | parts[1].by)

    def move(self, currency: str, start: date, end: date) -> float:
        """Give the move of a currency against the US dollar between two days, a fraction; positive: the currency rose.

        Notes
        -----
        24 to 27 January 2025, the yen: 1.0472 dollars and 163.9 yen for a euro, then 1.053 and 162.21;
        (1.053 / 162.21) / (1.0472 / 163.9) − 1 = 0.00649159 / 0.00638926 − 1 = +1.6015 %.

        >>> round(Rates().move("JPY", date(2025, 1, 24), date(2025, 1, 27)), 6)
        0.016015
        """
        return self.find(currency, "USD", end).value / self.find(currency, "USD", start).value - 1.0

    def currencies(self, on: date) -> tuple[str, ...]:
        """List the currencies that have a rate on a day, in alphabetical order."""
        legs = {part for s in self.pairs if len(s) in (5, 8) for part in (s[:3], s[3:6]) if _ISO.fullmatch(part)}
        candidates = {*self.bank.currencies(on, OLDEST_DAYS), *legs, "USD"}
        return tuple(sorted(c for c in candidates if self.known(c, "USD", on)))

    def known(self, currency: str, base: str, on: date) -> bool:
        """Tell whether a pair has a rate on a day."""
        try:
            self.find(currency, base, on)
        except MissingRate:
            return False
        return True

    def rough(self, currency: str, base: str, on: date) -> float | None:
        """Give the last rate before a day however old it is, for a size and never for a value; None where none is."""
        import numpy as np

        ends = self.bank.ends()
        last = {min(ends.get(code, date.min), on) for code in (currency, base)}
        for symbol in {symbol for route in _routes(currency, base) for leg in route for symbol, _ in _symbols(*leg)}:
            if (series := self.pairs.get(symbol)) is not None:
                at = int(np.searchsorted(series.dates, np.datetime64(on, "D"), side="right")) - 1
                last |= {series.dates[at].item()} if at >= 0 else set()
        for day in sorted(last - {date.min}, reverse=True):
            try:
                return self.find(currency, base, day).value
            except MissingRate:
                continue
        return None

    def missing(self, currency: str, base: str, on: date, until: date | None = None) -> MissingRate:
        """Make the error that says which rate is missing, when and why, and what brings it."""
        unknown = next((code for code in (currency, base) if not self.bank.publishes(code)), None)
        return missing_rate(currency, base, on, until, unknown)

    def _last(self, currency: str, base: str, on: date) -> Rate | None:
        """Give the last rate of a leg on or before a day: the bank's, or where a pair is later that."""
        found: Rate | None = None
        for age in range(OLDEST_DAYS + 1):
            day = on - timedelta(days=age)
            row = self.bank.row(day)
            if currency in row and base in row:
                found = Rate(row[base] / row[currency], day)
                break
        for symbol, turned in _symbols(currency, base):
            series = self.pairs.get(symbol)
            if series is None:
                continue
            import numpy as np

            at = int(np.searchsorted(series.dates, np.datetime64(on, "D"), side="right")) - 1
            day = series.dates[at].item() if at >= 0 else date.min
            if (on - day).days <= OLDEST_DAYS and (found is None or day > found.on):
                close = float(series.close[at])
                found = Rate(1.0 / close if turned else close, day)
        return found

    def _leg(self, currency: str, base: str, dates: Days) -> RatePath:
        """Give the last rate of a leg for each of many dates, as `_last` does for one."""
        import numpy as np

        first, last = dates[0].item() - timedelta(days=OLDEST_DAYS), dates[-1].item()
        days, level = self.bank.levels(base, first, last)
        own_days, own_level = self.bank.levels(currency, first, last)
        both, one, other = np.intersect1d(days, own_days, assume_unique=True, return_indices=True)
        sources = [("", both, level[one] / own_level[other])]
        for symbol, turned in _symbols(currency, base):
            if (series := self.pairs.get(symbol)) is not None:
                sources.append((symbol, series.dates, 1.0 / series.close if turned else series.close))
        value, on = np.full(len(dates), np.nan), np.full(len(dates), "NaT", "datetime64[D]")
        by = set[str]()
        for symbol, days, each in sources:
            if len(days):
                at = np.searchsorted(days, dates, side="right") - 1
                fresh = (at >= 0) & (dates - days[at] <= np.timedelta64(OLDEST_DAYS, "D"))
                later = fresh & (np.isnat(on) | (days[at] > on))
                value, on = np.where(later, each[at], value), np.where(later, days[at], on)
                if symbol and later.any():
                    by.add(symbol)
        return RatePath(value, on, frozenset(by))


def missing_rate(
    currency: str, base: str, on: date, until: date | None = None, unpublished: str | None = None
) -> MissingRate:
    """Make the error that says which rate is missing, when, and what brings it.

    `unpublished` : the one of the two that the bank has never had.
    """
    params: dict[str, Any] = {"currency": currency, "base": base, "day": on.isoformat(), "age": OLDEST_DAYS}
    code = "rate.missing"
    if until not in (None, on):
        code, params["until"] = "rate.missing-over", str(until)
    if not (_ISO.fullmatch(currency) and _ISO.fullmatch(base)):
        code = "rate.no-iso-code"
    elif unpublished is not None:
        code, params["unpublished"] = f"{code}-unpublished", unpublished
    return MissingRate(code, **params, **rate_remedy(currency, base))


def rate_remedy(currency: str, base: str) -> dict[str, Any]:
    """Give the parameters of a message about a rate that is missing or old by which it says what brings one."""
    if not (_ISO.fullmatch(currency) and _ISO.fullmatch(base)):
        return {"way": "rate.no-iso-code"}
    pair = f"{BANK_CURRENCY}{currency}" if base == BANK_CURRENCY else f"{currency}{base}"
    return {"way": "rate.bring", "pair": pair + PAIR_ENDING}


def remedy(currency: str, base: str) -> str:
    """Say what brings a rate that is missing or old."""
    return remedy_of("rate.bring", rate_remedy(currency, base))


def _as_euro(currency: str, on: date) -> tuple[str, float]:
    """Give a currency as of a day: itself, or the euro that took its place and how many of it one is."""
    joined = became_euro(currency)
    return (BANK_CURRENCY, joined[1]) if joined and on >= joined[0] else (currency, 1.0)


def _refuse_units(*codes: str) -> None:
    for code in codes:
        if code in QUOTE_UNITS:
            raise UnitError("rate.of-a-unit", unit=code, currency=str(currency_of(code)))


def _routes(currency: str, base: str) -> list[tuple[tuple[str, str], ...]]:
    """List the ways from one currency to another: straight, and over the dollar and the euro."""
    crossed = [((currency, pivot), (pivot, base)) for pivot in PIVOTS if pivot not in (currency, base)]
    return [((currency, base),), *crossed]


def _symbols(currency: str, base: str) -> list[tuple[str, bool]]:
    """List Yahoo's symbols of a pair, and whether each is quoted the other way round."""
    forward = [f"{currency}{base}{PAIR_ENDING}", *([f"{base}{PAIR_ENDING}"] if currency == "USD" else [])]
    backward = [f"{base}{currency}{PAIR_ENDING}", *([f"{currency}{PAIR_ENDING}"] if base == "USD" else [])]
    return [*((symbol, False) for symbol in forward), *((symbol, True) for symbol in backward)]
