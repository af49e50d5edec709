"""Value a snapshot in one currency and split it by segment: the Book that analytics read.

What came of bringing the values of a book's lines to one currency: old rates named, missing ones counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import fsum
from typing import Literal

from exposure.chain import derivatives, leverage
from exposure.chain.assign import Overrides, assign, sector_of
from exposure.chain.issuers import table
from exposure.chain.listing import COUNTRY_OF, CURRENCY_OF, Answers, country_code, held_currency, split_symbol
from exposure.delivered import refuse_beyond
from exposure.errors import InputError, MissingRate
from exposure.prices.rates import QUIET_DAYS, Rates, remedy
from exposure.types import Assignment, Book, Holding, Issue, Line, Override, Part, Snapshot
from exposure.units import LISTED, currency_of, in_currency, spoken

NAMED = 8
"""Lines that an issue names; the others are counted."""


@dataclass(slots=True)
class Converted:
    """Converts the values of one book and remembers where a rate was old or missing."""

    rates: Rates
    old: dict[tuple[str, str, date, date], list[float]] = field(default_factory=dict)
    """(currency, base, day wanted, day of the rate) → the values that rest on it, in the base currency."""
    missing: dict[tuple[str, str, date], list[tuple[Holding, str]]] = field(default_factory=dict)
    """(currency, base, day) → the holdings that have no rate, each as its reader knows it."""
    rough: dict[Holding, float] = field(default_factory=dict)
    """Holding without a rate → its size by the last rate known at all, where there is one."""
    remedy: str = ""

    def value(self, holding: Holding, label: str, value: float, currency: str, base: str, day: date) -> float | None:
        """Give a value in the base currency; None where no rate is known."""
        try:
            rate = self.rates.find(currency, base, day)
        except MissingRate as error:
            self.remedy = error.remedy
            self.missing.setdefault((currency, base, day), []).append((holding, label))
            if (last := self.rates.rough(currency, base, day)) is not None:
                self.rough[holding] = abs(value * last)
            return None
        worth = value * rate.value
        if (day - rate.on).days > QUIET_DAYS:
            self.old.setdefault((currency, base, day, rate.on), []).append(worth)
        return worth

    def sized(self, lines: Sequence[Line], nav: float) -> list[Line]:
        """Mark the lines without a rate, with their rough size: by the weight that the file states, or an old rate."""
        unrated = {holding for held in self.missing.values() for holding, _ in held}
        stated = fsum(x.holding.weight or 0.0 for x in lines if x.holding in unrated)
        whole = nav / (1.0 - stated) if stated < 1.0 and nav > 0 else 0.0

        def size(holding: Holding) -> float:
            return abs(holding.weight) * whole if holding.weight else self.rough.get(holding, 0.0)

        return [replace(x, unrated=size(x.holding)) if x.holding in unrated else x for x in lines]

    def issues(self, lines: Sequence[Line], capital: float) -> list[Issue]:
        """Say which rates are old, on what weight they bear, and which lines have none."""
        out = []
        for (currency, base, day, on), values in self.old.items():
            age = (day - on).days
            what = f"an old exchange rate from {currency} to {base} stands for {day}: that of {on}, {age} days old"
            weight = fsum(map(abs, values)) / capital
            out.append(Issue.text("warning", what, weight=weight, remedy=remedy(currency, base)))
        sizes = {x.holding: x.unrated or 0.0 for x in lines if x.unrated is not None}
        for (currency, base, day), held in self.missing.items():
            error = self.rates.missing(currency, base, day)
            names = [label for _, label in held]
            more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
            size = fsum(sizes.get(holding, 0.0) for holding, _ in held) / (fsum(x.size for x in lines) or 1.0)
            what = f"{error.what}: not valued, counted, in no sum: {', '.join(names[:NAMED])}{more}"
            row = held[0][0].row if len(held) == 1 else None
            out.append(Issue.text("warning", what, row, size or None, error.remedy))
        return out


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
    closes: Mapping[str, tuple[float, str | None]] | None = None,
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
    from exposure.chain.lookthrough import look_through

    for each in (snapshot, *(inside or {}).values()):
        each.refuse_open_units()
    issues = list(snapshot.issues)
    own, answers, converted = Overrides(overrides), answers or {}, Converted(rates or Rates())
    if _valued(snapshot, closes):
        base = base_currency or snapshot.currency or _commonest(snapshot, issues)
        values = [_value(h, base, snapshot, closes or {}, converted, issues, answers) for h in snapshot.holdings]
        refuse_beyond({"value": values}, snapshot.column("row"), snapshot.file)
        lines = _lines(snapshot.holdings, values, own, issues, answers)
        basis, title = "values", snapshot.title
        nav = fsum(v for v in values if v is not None)
        lines = converted.sized(lines, nav)
    else:
        if not any(h.weight is not None for h in snapshot.holdings):
            raise InputError(
                "no line has a market value, a weight, or a price",
                file=snapshot.file,
                remedy="export it with values, or add prices with --prices FILE",
            )
        base, basis, title, nav = base_currency, "weights", snapshot.title, 1.0
        lines = _lines(snapshot.holdings, [h.weight for h in snapshot.holdings], own, issues, answers)
        lines += _undisclosed(lines)
    funds: tuple[Line, ...] = ()
    if inside:
        lines, funds, more = look_through(lines, inside, own, answers, converted.rates)
        issues += [*more, *_of_another_day(inside, snapshot.as_of)]
    gross = fsum(abs(line.market_value) for line in lines if line.market_value is not None)
    capital, capital_basis = capital_of(nav, gross, basis)
    if base_currency and basis == "values" and not any(line.market_value is not None for line in lines):
        raise InputError(
            f"no line has a value that can be given in {base_currency}",
            file=snapshot.file,
            remedy=converted.remedy or "ask for a currency that has rates on the day, such as EUR or USD",
        )
    if capital == 0:
        raise InputError(
            "every line is worth nothing", file=snapshot.file, remedy="check the columns of value, price and quantity"
        )
    if basis == "values":
        lines = derivatives.settled(lines, base, snapshot.as_of, closes or {}, converted.rates, issues)
    lines = [replace(line, weight=(line.market_value or 0.0) / capital) for line in lines]
    funds = tuple(replace(line, weight=(line.market_value or 0.0) / capital) for line in funds)
    issues += leverage.remarks(lines)
    issues += converted.issues(lines, capital)
    return Book(
        lines=tuple(lines),
        capital=capital,
        capital_basis=capital_basis,
        basis="values" if basis == "values" else "weights",
        currency=base,
        as_of=snapshot.as_of,
        nav=nav,
        gross=gross,
        issues=tuple(issues),
        title=title,
        sha256=snapshot.sha256,
        funds=funds,
    )


def capital_of(nav: float, gross: float, basis: str) -> tuple[float, Literal["nav", "gross"]]:
    """Give what weights and returns are shares of, and which it is: gross exposure where net is under 5 % of it."""
    return (gross, "gross") if basis == "values" and nav < THIN_NET * gross else (nav, "nav")


def _unlabelled(holding: Holding, symbol: str, issues: list[Issue]) -> str | None:
    """Tell what a close stands in whose series names no unit: the line's currency, else that of its exchange.

    Where the exchange quotes that currency in its hundredth (London in pence), the close is in it, and that is said.
    """
    own = CURRENCY_OF.get(split_symbol(symbol)[1])
    currency = currency_of(holding.currency) or own
    if currency is None or currency != own or currency not in LISTED:
        return currency
    unit = LISTED[currency]
    what = f"{symbol}: its prices name no unit; taken to be in {spoken(unit)}, as its exchange quotes"
    issues.append(
        Issue.text("warning", what, holding.row, remedy="state their unit in a column currency of the price file")
    )
    return unit


def _valued(snapshot: Snapshot, closes: Mapping[str, tuple[float, str | None]] | None) -> bool:
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
        issues.append(
            Issue.text(
                "notice",
                "the file names no currency: values are shown as it writes them",
                remedy="name one with --base-currency",
            )
        )
        return None
    base = counts.most_common(1)[0][0]
    if len(counts) > 1:
        issues.append(
            Issue.text(
                "notice",
                f"values are in {', '.join(sorted(str(c) for c in counts))}: added up in {base}, the commonest",
                remedy="choose another with --base-currency",
            )
        )
    return base


def _value(
    holding: Holding,
    base: str | None,
    snapshot: Snapshot,
    closes: Mapping[str, tuple[float, str | None]],
    converted: Converted,
    issues: list[Issue],
    answers: Answers,
) -> float | None:
    """Value one line in the base currency; None, with an Issue, where a price or a rate is missing."""
    value, unit = holding.market_value, holding.value_currency
    label = holding.name or holding.ticker or f"row {holding.row}"
    if value is None and holding.kind == "cash":
        value, unit = holding.quantity, holding.currency or unit or holding.price_currency
    if value is None and holding.quantity is not None and holding.kind in ("equity", "fund"):
        symbol = table().find(holding, answers).symbol
        if symbol is not None and symbol in closes:
            close, unit = closes[symbol]
            value, unit = holding.quantity * close, unit or _unlabelled(holding, symbol, issues)
    if value is None:
        issues.append(
            Issue.text(
                "warning",
                f"{label} has neither a value nor a price: kept, counted, worth nothing in the sums",
                holding.row,
                remedy="add its price with --prices FILE",
            )
        )
        return None
    value, currency = in_currency(value, unit), currency_of(unit)
    if base is None or currency is None or currency == base:
        return value
    day = holding.as_of or snapshot.as_of
    if day is None:
        raise InputError(
            f"values in {currency} cannot be converted to {base}: the file has no date",
            file=snapshot.file,
            remedy="name it with --as-of DATE",
        )
    return converted.value(holding, label, value, currency, base, day)


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


def to_line(holding: Holding, value: float | None, overrides: Overrides, issues: list[Issue], answers: Answers) -> Line:
    """Place one holding: issuer, listing, segments, sector, country; its weight awaits the capital."""
    match = table().find(holding, answers)
    if match.doubt:
        remedy = "" if holding.isin else "say on the Holdings page which is meant, or give the ISIN"
        issues.append(Issue.text("notice", match.doubt, holding.row, remedy=remedy))
    issuer, on = derivatives.issuer_of(holding, match.issuer)
    suffix = split_symbol(match.symbol)[1] if match.symbol else None
    security = holding.kind in ("equity", "fund")
    currency = currency_of(holding.currency or (None if security else holding.value_currency))
    if currency is None and security:
        currency = (
            CURRENCY_OF[suffix]
            if suffix is not None and issuer
            else currency_of(holding.price_currency or holding.value_currency)
        )
    own = overrides.find(holding, match.symbol)
    geared = leverage.gearing(holding, issuer, own)
    fund = holding.kind == "fund" or bool(security and issuer and issuer.fund)
    called = holding.name or (issuer.name if issuer else "")
    holds = leverage.currency_of_move(geared, called) if geared else held_currency(called) if fund else None
    return Line(
        line_id=holding.isin
        or holding.cusip
        or holding.sedol
        or holding.ticker
        or holding.name
        or f"row {holding.row}",
        holding=holding,
        market_value=value,
        weight=0.0,
        assignment=assign(holding, issuer, own, leverage.placed(geared) if geared else None),
        issuer=issuer.key if issuer else None,
        listing=match.symbol if security else None,
        siblings=issuer.symbols if issuer and security else (),
        currency=currency,
        sector=(issuer.sector if issuer else None) or sector_of(holding.sector),
        country=(issuer.country if issuer else None)
        or country_code(holding.country)
        or (COUNTRY_OF[suffix] if suffix and security else None),
        factor=geared.factor if geared else None,
        underlying=on or (geared.underlying if geared else issuer.underlying if issuer else None),
        geared_by=geared.by if geared else None,
        holds=holds if holds != currency else None,
        delta=own.delta if own and holding.kind == "option" else None,
    )


def _of_another_day(inside: Mapping[str, Snapshot], as_of: date | None) -> list[Issue]:
    """Say of which day the inside of a fund is, where that is far from the book's."""
    days = {fund: held.as_of for fund, held in inside.items() if as_of and held.as_of}
    return [
        Issue.text("notice", f"the holdings of {fund} are of {day}, the book of {as_of}", remedy="load newer ones")
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
