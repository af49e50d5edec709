"""Which column holds what: by what its heading means and by what its cells hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from exposure.files import Cell
from exposure.reading._headings import Heading, is_result, normal, understand
from exposure.reading._profiles import Profile, profile

IDENTITY = ("ticker", "isin", "cusip", "sedol", "figi", "identifier", "name")
NUMERIC = frozenset(
    {
        "quantity",
        "price",
        "market_value",
        "notional_value",
        "weight",
        "multiplier",
        "coupon",
        "strike",
        "fx_rate",
        "cash",
        "bought_amount",
        "sold_amount",
    }
)
CURRENCY = frozenset({"currency", "price_currency", "value_currency"})
DATED = frozenset({"as_of", "trade_date", "maturity", "expiry"})
SAMPLE = 32
FUNDS = frozenset(
    {
        "fund",
        "fund ticker",
        "fund name",
        "etf",
        "etf ticker",
        "etf name",
        "account ticker",
        "fonds",
        "fondo",
        "strategy",
    }
)
"""Headings of the fund that a line belongs to, where one file holds the lines of several."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one table: field → index, and what the headings say beside it."""

    at: dict[str, int]
    headings: tuple[str, ...]
    units: dict[str, str] = field(default_factory=dict)
    """Field → currency that its heading names."""
    percent: bool = False
    """Whether the heading of the weights says percent."""
    scales: dict[str, float] = field(default_factory=dict)
    """Field → what its figures are multiplied by, where its heading says thousands or lakhs."""
    currencies: tuple[int, ...] = ()
    """Every column that holds currencies, in file order."""

    def names(self) -> dict[str, str]:
        """Give field → heading."""
        return {name: self.headings[i] for name, i in self.at.items() if i < len(self.headings)}


def heading_row(cells: Sequence[object]) -> int:
    """Judge a row as a row of headings: the number of fields it names, 0 where it is none."""
    texts = [c.strip() if isinstance(c, str) else "" for c in cells]
    filled = [t for t in texts if t]
    if len(filled) < 2 or any(len(t) > 100 for t in filled) or any(isinstance(c, (int, float)) for c in cells):
        return 0
    seen: set[str] = set()
    known = 0
    for t in filled:
        if found := understand(t).fields:
            known += 1
            seen.update(k for k, rank in found.items() if rank < 2)
    if known > 2 or known == len(filled):
        seen.update(k for t in filled for k in understand(t).fields)
    identity = sum(k in seen for k in IDENTITY)
    amount = len(seen & {"quantity", "price", "market_value", "weight", "cash", "notional_value", "proceeds"})
    other = len(seen - set(IDENTITY))
    if known < 2 or known < 0.25 * len(filled):
        return 0
    if (
        (identity and (amount or other or identity > 1))
        or ("cash" in seen and ("account" in seen or "currency" in seen))
        or ("trade_date" in seen and other > 1)
    ):
        return known if len(set(filled)) > 0.6 * len(filled) else 0
    return 0


def recognise(
    headings: Sequence[object],
    body: Sequence[Sequence[Cell]],
    by_hand: Mapping[str, str] | None = None,
    count: int = 0,
) -> Columns:
    """Assign fields to columns.

    Parameters
    ----------
    headings : sequence
        The heading row.
    body : sequence of sequence
        Rows of the table; a sample spread over them is looked at.
    by_hand : mapping, optional
        Field → heading, set by hand: beats what was recognised; an empty heading says that there is none.
    count : int
        Rows of the whole table.
    """
    texts = [str(h).strip() if h is not None else "" for h in headings]
    step = max(1, len(body) // SAMPLE)
    sample = body[::step][: SAMPLE + 8]
    width = len(texts)
    profiles = [profile([r[i] for r in sample if i < len(r)]) for i in range(width)]
    heads = [understand(t) for t in texts]
    at, taken = _given_by_hand(texts, by_hand or {})
    absent = {name for name, heading in (by_hand or {}).items() if not heading.strip()}
    several = any(p.currency > 0.8 and p.codes > 1 for p in profiles)  # then `Total CHF` is what adds up
    offers = sorted(
        (
            rank
            + (_doubt(name, profiles[i], count or len(body)) if sample else 0)
            - (2 if several and name == "market_value" and (head.currency or head.base) else 0),
            -_worth(name, profiles[i], heads[i]),
            i,
            name,
        )
        for i, head in enumerate(heads)
        for name, rank in _candidates(head, i, texts, profiles).items()
        if name not in absent
    )
    for doubt, _, i, name in offers:
        if doubt < 9 and name not in at and (i not in taken or (name in CURRENCY and taken[i] in CURRENCY)):
            if (
                name in {"quantity", "market_value"}
                and doubt >= 2
                and normal(texts[i]) in {"amount", "montant", "betrag"}
            ):
                name = "quantity" if "quantity" not in at and "market_value" in at else "market_value"
                if name in at:
                    continue
            at[name] = i
            taken[i] = name
    _by_content(at, taken, profiles, texts)
    at = {name: i for name, i in at.items() if name not in absent}
    units = {name: heads[i].currency or "" for name, i in at.items() if heads[i].currency}
    currencies = tuple(
        i
        for i, p in enumerate(profiles)
        if p.filled and p.currency > 0.8 and i != at.get("ticker") and i != at.get("name")
    )
    scales = {name: heads[i].scale for name, i in at.items() if heads[i].scale != 1.0}
    return Columns(at, tuple(texts), units, "weight" in at and heads[at["weight"]].percent, scales, currencies)


def _given_by_hand(texts: Sequence[str], by_hand: Mapping[str, str]) -> tuple[dict[str, int], dict[int, str]]:
    given = {name: heading.strip() for name, heading in by_hand.items() if heading.strip()}
    at = {name: texts.index(heading) for name, heading in given.items() if heading in texts}
    return at, {i: name for name, i in at.items()}


def _candidates(head: Heading, i: int, texts: Sequence[str], profiles: Sequence[Profile]) -> dict[str, int]:
    """List what column `i` may be; a nameless column of numbers after one of currencies is that one's amount."""
    if not texts[i] and i and profiles[i].number > 0.8 and profiles[i - 1].currency > 0.8:
        before = understand(texts[i - 1]).fields
        return {k: v for k, v in before.items() if k in {"market_value", "price", "cash"}}
    found = dict(head.fields)
    if texts[i] == "%" and any(is_result(h) for h in texts[max(0, i - 2) : i]):
        return {}  # of the gain beside it
    if profiles[i].currency > 0.8 and profiles[i].filled and "market_value" in found:
        return {"currency": 1}
    if found.keys() & {"identifier", "ticker"} and profiles[i].short_cusips > 0.5:
        found["cusip"] = 0
        found.pop("ticker", None)
    elsewhere = "name" in found and any(
        j != i and "name" in understand(h).fields and profiles[j].symbols < 0.5 and profiles[j].filled
        for j, h in enumerate(texts)
    )
    isins = any(p.ids.get("isin", 0) > 0.5 for p in profiles)
    if (
        found.keys() & {"identifier", "name"}
        and not profiles[i].ids
        and profiles[i].symbols > 0.65
        and ("name" not in found or (found["name"] < 2 and elsewhere and not isins))
    ):
        found = {k: v for k, v in found.items() if k not in {"identifier", "name"}} | {"ticker": 1}
    if profiles[i].keyed > 0.5 and found.keys() & {"identifier", "ticker", "name"}:
        return {"ticker": 0}  # `NVDA US Equity`
    for kind, share in profiles[i].ids.items():
        if share > 0.5 and (found.keys() & {"identifier", "ticker", "isin", "cusip", "sedol", "figi"}):
            found[kind] = min(found.get(kind, 0), 0)
            if kind != "sedol" or "ticker" not in found:
                found.pop("ticker", None)
    if "name" in found and isins:
        found.pop("identifier", None)  # `Valor` beside the ISINs is what they are called
    found.pop("identifier", None) if profiles[i].ids and max(profiles[i].ids.values()) > 0.5 else None
    return found


def _doubt(name: str, p: Profile, count: int) -> int:
    """Add to a rank what the cells say against it: 9 rules the column out."""
    if not p.filled:
        return 4 if name not in {"ticker", "name"} else 9
    if name in NUMERIC:
        return 0 if p.number > 0.5 else 9
    if name in CURRENCY:
        return 0 if p.currency > 0.5 else 9
    if name in DATED:
        return 0 if p.date >= 0.5 else 9
    if name in {"isin", "figi"}:
        return 0 if p.ids.get(name, 0) > 0.3 else 3
    if name == "name":
        return 9 if p.number > 0.8 else 3 if p.distinct == 1 and count > 2 else 0
    if name == "ticker":
        return 9 if p.distinct == 1 and count > 3 else 0
    if name in {"asset_class", "exchange", "country", "sector", "side", "transaction"}:
        return 9 if p.number > 0.8 else 0
    return 0


def _worth(name: str, p: Profile, head: Heading) -> float:
    """Among equals prefer the fuller column, and for values the one whose heading names its currency."""
    return p.filled + (1000.0 if name == "market_value" and (head.currency or head.base) else 0.0)


def _by_content(at: dict[str, int], taken: dict[int, str], profiles: Sequence[Profile], texts: Sequence[str]) -> None:
    """Give columns of identifiers without a known heading their field."""
    named = at.get("name", -1)
    if (
        named >= 0
        and "ticker" not in at
        and not any(p.ids.get("isin", 0) > 0.5 for p in profiles)  # INDITEX is a name: its ISIN tells which
        and profiles[named].symbols > 0.65
        and understand(texts[named]).fields.get("name")
    ):
        at["ticker"] = at.pop("name")  # `Instrument`, `Stock`: what it holds are symbols
        taken[named] = "ticker"
    for i, p in enumerate(profiles):
        if "account" not in at and i not in taken and normal(texts[i]) in FUNDS and 1 < p.distinct <= 0.5 * p.filled:
            at["account"] = i  # several funds in one file
            taken[i] = "account"
        if i in taken or not p.filled:
            continue
        for kind, share in p.ids.items():
            sure = share > 0.6 if kind in {"isin", "figi"} else share > 0.9 and p.filled > 2 and p.distinct > 2
            if sure and kind not in at:
                at[kind] = i
                taken[i] = kind
                break
