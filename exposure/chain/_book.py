"""Value a snapshot in one currency and split it by segment: the Book that analytics read.

Where the rate that a value rests on is old, it is named; where there is none, the line is counted and in no sum.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import fsum
from typing import Any, Literal

from exposure.chain import _derivatives, _leverage
from exposure.chain._issuers import issuer_table
from exposure.chain._listing import CURRENCY_OF, Answers, split_symbol
from exposure.chain._lookthrough import look_through
from exposure.chain._overrides import Overrides
from exposure.chain._place import to_line
from exposure.delivered import refuse_beyond
from exposure.errors import InputError, MissingRate
from exposure.prices import BANK_CURRENCY, OLDEST_DAYS, PAIR_ENDING, QUIET_DAYS, Rates
from exposure.types import Assignment, Book, Holding, Issue, Line, Override, Part, Snapshot
from exposure.units import LISTED, currency_of, in_currency

Closes = Mapping[str, tuple[float, str | None]]
"""Yahoo symbol → close of a date, and the currency or quote unit it stands in."""
ISO = re.compile("[A-Z]{3}")
NAMED = 8
"""Lines that an issue names; the others are counted."""


@dataclass(slots=True)
class _Valuation:
    """Values the lines of one book in one currency, and remembers what it could not, or only by an old rate."""

    snapshot: Snapshot
    base: str | None
    closes: Closes
    answers: Answers
    rates: Rates
    issues: list[Issue]
    old: dict[tuple[str, date, date], list[float]] = field(default_factory=dict)
    """(currency, day wanted, day of the rate) → the values that rest on it, in the base currency."""
    missing: dict[tuple[str, date], list[tuple[Holding, str]]] = field(default_factory=dict)
    """(currency, day) → the holdings that have no rate, each as its reader knows it."""
    rough: dict[Holding, float] = field(default_factory=dict)
    """Holding without a rate → its size by the last rate known at all, where there is one."""

    def value(self, holding: Holding) -> float | None:
        """Value one line in the base currency; None, with an Issue, where a price or a rate is missing."""
        label = holding.name or holding.ticker or f"row {holding.row}"
        value, unit = self._stated(holding)
        if value is None:
            self.issues.append(Issue.of("warning", "book.no-value", row=holding.row, line=label))
            return None
        value, currency = in_currency(value, unit), currency_of(unit)
        if self.base is None or currency is None or currency == self.base:
            return value
        day = holding.as_of or self.snapshot.as_of
        if day is None:
            raise InputError("book.no-date", file=self.snapshot.file, currency=currency, base=self.base)
        return self._converted(holding, label, value, currency=currency, day=day)

    def _stated(self, holding: Holding) -> tuple[float | None, str | None]:
        """Give the value that the file states, or that quantity and close give, and the unit it stands in."""
        value, unit = holding.market_value, holding.value_currency
        if value is None and holding.kind == "cash":
            return holding.quantity, holding.currency or unit or holding.price_currency
        if value is None and holding.quantity is not None and holding.kind in ("equity", "fund"):
            symbol = issuer_table().find(holding, self.answers).symbol
            if symbol is not None and symbol in self.closes:
                close, unit = self.closes[symbol]
                return holding.quantity * close, unit or self._unlabelled(holding, symbol)
        return value, unit

    def _unlabelled(self, holding: Holding, symbol: str) -> str | None:
        """Tell what a close stands in whose series names no unit: the line's currency, else that of its exchange.

        Where the exchange quotes that currency in its hundredth (London in pence), the close is in it, and that is
        said.
        """
        own = CURRENCY_OF.get(split_symbol(symbol)[1])
        currency = currency_of(holding.currency) or own
        if currency is None or currency != own or currency not in LISTED:
            return currency
        unit = LISTED[currency]
        code, row = "book.close-without-unit", holding.row
        self.issues.append(Issue.of("warning", code, row=row, symbol=symbol, unit=unit, currency=currency))
        return unit

    def _converted(self, holding: Holding, label: str, value: float, *, currency: str, day: date) -> float | None:
        """Give a value in the base currency; None where no rate is known."""
        base = self.base or ""
        try:
            rate = self.rates.find(currency, base, day)
        except MissingRate:
            self.missing.setdefault((currency, day), []).append((holding, label))
            if (last := self.rates.rough(currency, base, day)) is not None:
                self.rough[holding] = abs(value * last)
            return None
        worth = value * rate.value
        if (day - rate.on).days > QUIET_DAYS:
            self.old.setdefault((currency, day, rate.on), []).append(worth)
        return worth

    def sized(self, lines: Sequence[Line], nav: float) -> list[Line]:
        """Mark the lines without a rate, with their rough size: by the weight that the file states, or an old rate."""
        unrated = {holding for held in self.missing.values() for holding, _ in held}
        stated = fsum(x.holding.weight or 0.0 for x in lines if x.holding in unrated)
        whole = nav / (1.0 - stated) if stated < 1.0 and nav > 0 else 0.0

        def size(holding: Holding) -> float:
            return abs(holding.weight) * whole if holding.weight else self.rough.get(holding, 0.0)

        return [replace(x, unrated=size(x.holding)) if x.holding in unrated else x for x in lines]

    def refuse_no_value(self, asked: str) -> None:
        """Refuse a book of which no line can be given in the currency asked, with what would bring a rate."""
        last = next(reversed(self.missing), None)
        lack = "" if last is None else self._lack(last[0]) or "-rate"
        pair = "" if last is None else rate_pair(last[0], self.base or "")
        raise InputError(f"book.no-value-in{lack}", file=self.snapshot.file, currency=asked, pair=pair)

    def remarks(self, lines: Sequence[Line], capital: float) -> list[Issue]:
        """Say which rates are old, on what weight they bear, and which lines have none."""
        out = []
        base = self.base or ""
        for (currency, day, on), values in self.old.items():
            params: dict[str, Any] = {"currency": currency, "base": base, "day": day.isoformat(), "on": on.isoformat()}
            weight, age = fsum(map(abs, values)) / capital, (day - on).days
            out.append(Issue.of("warning", "rate.old", weight=weight, n=age, pair=rate_pair(currency, base), **params))
        sizes = {x.holding: x.unrated or 0.0 for x in lines if x.unrated is not None}
        for (currency, day), held in self.missing.items():
            size = fsum(sizes.get(holding, 0.0) for holding, _ in held) / (fsum(x.size for x in lines) or 1.0)
            names = ", ".join([*(label for _, label in held[:NAMED]), *["…"] * (len(held) > NAMED)])
            params = {"currency": currency, "base": base, "day": day.isoformat(), "names": names}
            out.append(
                Issue.of(
                    "warning",
                    f"book.no-rate{self._lack(currency)}",
                    row=held[0][0].row if len(held) == 1 else None,
                    weight=size or None,
                    days=OLDEST_DAYS,
                    n=len(held),
                    unpublished=self._unpublished(currency) or "",
                    pair=rate_pair(currency, base),
                    **params,
                )
            )
        return out

    def _unpublished(self, currency: str) -> str | None:
        """Give the one of two currencies that the bank does not publish."""
        return next((code for code in (currency, self.base or "") if not self.rates.bank.publishes(code)), None)

    def _lack(self, currency: str) -> str:
        """Give the ending of a code by why a rate is missing: `-unknown` is no ISO code, and no pair brings it."""
        if not all(ISO.fullmatch(code) for code in (currency, self.base or "")):
            return "-unknown"
        return "-unpublished" if self._unpublished(currency) else ""


def rate_pair(currency: str, base: str) -> str:
    """Spell the pair whose prices bring a rate, as Yahoo does."""
    return f"{BANK_CURRENCY}{currency}{PAIR_ENDING}" if base == BANK_CURRENCY else f"{currency}{base}{PAIR_ENDING}"


FAR = 45
"""Days between a book and the inside of a fund from which on a notice says so."""
THIN_NET = 0.05
"""Below this share of gross exposure, net asset value is no measure to divide by."""


def to_book(
    snapshot: Snapshot,
    *,
    base_currency: str | None = None,
    overrides: Iterable[Override] = (),
    inside: Mapping[str, Snapshot] | None = None,
    closes: Closes | None = None,
    rates: Rates | None = None,
    answers: Answers | None = None,
) -> Book:
    """Value a snapshot in one currency and place each line along the chain.

    Parameters
    ----------
    base_currency : ISO code; by default the file's. A file of weights has none unless it is named.
    overrides : a user's assignments; they beat the table.
    inside : fund (ticker, ISIN or name) → its own holdings, for look-through.
    closes : Yahoo symbol → (unadjusted close of the snapshot's date, currency or quote unit), for lines with a quantity
        and no value.
    rates : exchange rates; by default the European Central Bank's that ship with the program.
    answers : identifier as the file writes it → Yahoo symbol, where a user said which security is meant.

    Returns
    -------
    Book
        Every holding of the snapshot is a line of it; one that cannot be valued weighs nothing and is an Issue.

    Raises
    ------
    UnitError
        The file leaves open whether a figure stands in a currency or in its hundredth.
    InputError
        The file holds neither values, nor weights, nor prices to value it by.
    """
    for each in (snapshot, *(inside or {}).values()):
        each.refuse_open_units()
    issues, own = list(snapshot.issues), Overrides(overrides)
    by_values = _valued(snapshot, closes)
    base = base_currency or ((snapshot.currency or _commonest(snapshot, issues)) if by_values else None)
    valuation = _Valuation(snapshot, base, closes or {}, answers or {}, rates or Rates(), issues)
    if by_values:
        values = [valuation.value(h) for h in snapshot.holdings]
        refuse_beyond({"value": values}, snapshot.column("row"), snapshot.file)
        nav = fsum(v for v in values if v is not None)
        lines = valuation.sized(_lines(snapshot.holdings, values, own, issues, valuation.answers), nav)
    else:
        if not any(h.weight is not None for h in snapshot.holdings):
            raise InputError("book.no-values", file=snapshot.file)
        nav = 1.0
        lines = _lines(snapshot.holdings, [h.weight for h in snapshot.holdings], own, issues, valuation.answers)
        lines += _undisclosed(lines)
    basis: Literal["values", "weights"] = "values" if by_values else "weights"
    funds: tuple[Line, ...] = ()
    if inside:
        lines, funds, more = look_through(lines, inside, own, valuation.answers, valuation.rates)
        issues += [*more, *_of_another_day(inside, snapshot.as_of)]
    gross = fsum(abs(line.market_value) for line in lines if line.market_value is not None)
    capital, capital_basis = capital_of(nav, gross, basis)
    if base_currency and by_values and not any(line.market_value is not None for line in lines):
        valuation.refuse_no_value(base_currency)
    if capital == 0:
        raise InputError("book.worthless", file=snapshot.file)
    if by_values:
        rates = valuation.rates
        lines = _derivatives.settled(lines, base, snapshot.as_of, closes=closes or {}, rates=rates, issues=issues)
    lines = [replace(line, weight=(line.market_value or 0.0) / capital) for line in lines]
    funds = tuple(replace(line, weight=(line.market_value or 0.0) / capital) for line in funds)
    issues += _leverage.remarks(lines)
    issues += valuation.remarks(lines, capital)
    return Book(
        lines=tuple(lines),
        capital=capital,
        capital_basis=capital_basis,
        basis=basis,
        currency=base,
        as_of=snapshot.as_of,
        nav=nav,
        gross=gross,
        issues=tuple(issues),
        title=snapshot.title,
        sha256=snapshot.sha256,
        funds=funds,
    )


def capital_of(nav: float, gross: float, basis: str) -> tuple[float, Literal["nav", "gross"]]:
    """Give what weights and returns are shares of, and which it is: gross exposure where net is under 5 % of it."""
    return (gross, "gross") if basis == "values" and nav < THIN_NET * gross else (nav, "nav")


def _valued(snapshot: Snapshot, closes: Closes | None) -> bool:
    """Tell a book of values from one of weights: values of securities, or a quantity that stored closes can value.

    A file of weights may still name an amount of cash; that alone values nothing else.
    """
    securities = [h for h in snapshot.holdings if h.kind != "cash"]
    if any(h.market_value is not None for h in securities or snapshot.holdings):
        return True
    weighed = any(h.weight is not None for h in securities)
    return not weighed and (not securities or (bool(closes) and any(h.quantity is not None for h in securities)))


def _commonest(snapshot: Snapshot, issues: list[Issue]) -> str | None:
    counts = Counter(currency_of(h.value_currency or h.price_currency or h.currency) for h in snapshot.holdings)
    counts.pop(None, None)
    if not counts:
        issues.append(Issue.of("notice", "book.no-currency"))
        return None
    base = counts.most_common(1)[0][0]
    if len(counts) > 1:
        found = ", ".join(sorted(str(c) for c in counts))
        issues.append(Issue.of("notice", "book.several-currencies", currencies=found, base=base or ""))
    return base


def _lines(
    holdings: tuple[Holding, ...],
    values: list[float | None],
    overrides: Overrides,
    issues: list[Issue],
    answers: Answers,
) -> list[Line]:
    seen: Counter[str] = Counter()
    lines = []
    for holding, value in zip(holdings, values, strict=True):
        line = to_line(holding, value, overrides, issues, answers)
        seen[line.line_id] += 1
        lines.append(line if seen[line.line_id] == 1 else replace(line, line_id=f"{line.line_id}#{seen[line.line_id]}"))
    return lines


def _of_another_day(inside: Mapping[str, Snapshot], as_of: date | None) -> list[Issue]:
    """Say of which day the inside of a fund is, where that is far from the book's."""
    days = {fund: held.as_of for fund, held in inside.items() if as_of and held.as_of}
    return [
        Issue.of("notice", "fund.other-day", fund=fund, day=day.isoformat(), as_of=as_of.isoformat())
        for fund, day in days.items()
        if as_of and day and abs((day - as_of).days) > FAR
    ]


def _undisclosed(lines: list[Line]) -> list[Line]:
    """Give the row that brings a file of weights to 1: what it does not disclose, or borrowing where it exceeds 1."""
    gap = 1.0 - fsum(line.market_value for line in lines if line.market_value is not None)
    if abs(gap) < 1e-12:
        return []
    name, segment = ("not disclosed", "unassigned") if gap > 0 else ("borrowing (weights above 100 %)", "cash")
    holding = Holding(row=0, kind="other" if gap > 0 else "cash", name=name, weight=gap, derived=("weight",))
    reason = (
        "what the file's weights leave open" if gap > 0 else "what the file's weights exceed 1 by, as negative cash"
    )
    return [Line(name, holding, gap, gap, Assignment((Part(segment, 1.0),), reason, "none"))]
