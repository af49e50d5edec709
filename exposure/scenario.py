"""A scenario: moves by name and by segment, what the rest does, exchange rates and windows; one type for each kind.

`Scenario` holds what applying one reads, whatever made it; `Replay`, `Custom`, `Transmission` and `Prediction` add what
is their own, and each is checked here however it is made. Its hash follows from its contents, by their canonical JSON;
`to_toml` writes it for people.

Part of the nouns of `exposure.types`, which is where to import them from.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cache
from hashlib import sha256
from math import inf
from typing import Any, Literal, NamedTuple, NoReturn, Self, TypeVar

from exposure.delivered import Doubt, Issue
from exposure.errors import ScenarioError

K = TypeVar("K")
V = TypeVar("V")
ScenarioKind = Literal["replay", "transmission", "custom", "predictive"]
Reaction = Literal["open", "close", "common"]
Rest = float | Literal["outside", "market"] | None
RANGES: Mapping[str, tuple[float, float]] = {
    "claim_credibility": (0.0, 1.0),
    "training_gain": (1.0, 30.0),
    "inference_gain": (1.0, 30.0),
    "inference_share": (0.0, 1.0),
    "distillation": (0.0, 1.0),
    "jevons_elasticity": (0.0, 3.0),
    "response_priced": (0.0, 1.0),
    "older_chips": (0.0, 1.0),
    "capex_restraint": (0.0, 1.0),
    "fab_pass_through": (0.0, 3.0),
    "datacentre_pass_through": (0.0, 3.0),
    "commoditisation": (0.0, 1.0),
    "openness": (0.0, 1.0),
    "software_uplift": (0.0, 1.0),
    "export_tightening": (0.0, 1.0),
    "curbs_ineffective": (0.0, 1.0),
    "valuation_stretch": (0.0, 1.0),
    "results_near": (0.0, 1.0),
    "market_move": (-0.2, 0.2),
}
"""Lever → its range, which no value and no bound of a prior may leave."""


class FrozenDict(dict[K, V]):
    """A table that cannot be changed, so that what holds it can be hashed; equal to any dict of the same content."""

    __slots__ = ()

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("this table cannot be changed: make a dict of it first")

    __setitem__ = __delitem__ = clear = pop = popitem = setdefault = update = __ior__ = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)


def _freeze(noun: Any) -> None:
    """Put a table that cannot be changed in the place of each that can."""
    for name in noun.__dataclass_fields__:
        value = getattr(noun, name)
        if isinstance(value, Mapping) and type(value) is not FrozenDict:
            object.__setattr__(noun, name, FrozenDict(value))


@dataclass(frozen=True, slots=True)
class Window:
    """First and last close of one market's reaction, and the exchange-rate moves over it."""

    start: date
    end: date
    fx: Mapping[str, float] = FrozenDict()
    """Currency → move against the US dollar (fraction; positive: the currency rose). USD is 0 and not listed."""

    def __post_init__(self) -> None:
        _freeze(self)


@dataclass(frozen=True, slots=True)
class Observed:
    """An observed move of one listing: local currency, close to close over its window."""

    symbol: str
    currency: str
    start: date
    end: date
    move: float


class Prior(NamedTuple):
    """A truncated normal: `mean` and `sd` of the normal before it is cut at `low` and `high`; sd 0 holds the mean."""

    mean: float
    sd: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """What applying any scenario reads: plain data that cannot be changed, whatever made it.

    `Scenario(kind="custom", …)` gives that kind's type. What only one kind has (observed moves, levers, moves that
    follow from given ones) reads as empty in the others.
    """

    id: str
    title: str
    kind: ScenarioKind = "custom"
    start: date | None = None
    end: date | None = None
    rest: Rest = None
    """The move of names that nothing else reaches. `outside` (every replay): sector ETF, else mean of the observed
    stocks outside the chain. `market`: each name's beta times `market`."""
    market: float | None = None
    segments: Mapping[str, float] = FrozenDict()
    isins: Mapping[str, float] = FrozenDict()
    tickers: Mapping[str, float] = FrozenDict()
    fx: Mapping[str, float] = FrozenDict()
    """Moves against the US dollar that hold where no window says otherwise."""
    windows: Mapping[str, Window] = FrozenDict()
    """Exchange suffix (`.T`, `.KS`; `` for New York) → its window."""
    source: str = ""
    issues: tuple[Issue, ...] = ()
    doubts: Mapping[str, tuple[Doubt, ...]] | None = None
    """Once prices completed it: symbol → what is doubtful in those prices; each stands beside the figures of the lines
    that it bears on. Not hashed: it tells of the moves, and is none of them."""
    _hash: str = field(default="", init=False, repr=False, compare=False)

    def __new__(cls, *args: Any, **keys: Any) -> Self:
        """Make the type of the kind that is asked for."""
        if cls is not Scenario:
            return object.__new__(cls)
        kind = keys.get("kind", args[2] if len(args) > 2 else "custom")
        if kind not in KINDS_OF_SCENARIO:
            raise ScenarioError("scenario.kind-unknown", kind=str(kind), kinds=", ".join(KINDS_OF_SCENARIO))
        return object.__new__(KINDS_OF_SCENARIO[kind])  # type: ignore[return-value]

    def __post_init__(self) -> None:
        _freeze(self)
        if KINDS_OF_SCENARIO.get(self.kind) is not type(self):
            raise ScenarioError("scenario.kind-other", id=self.id, type=type(self).__name__, kind=str(self.kind))
        if self.start is not None and self.end is not None and self.end < self.start:
            raise ScenarioError("scenario.days-reversed", start=str(self.start), end=str(self.end))
        given = [("rest", self.rest), ("market", self.market)]
        _check([(name, move) for name, move in given if move is not None and not isinstance(move, str)])
        for table in (self.segments, self.fx):
            _check(table.items())
        for table in (self.tickers, self.isins):
            _check(table.items(), total_loss=True)

    def __repr__(self) -> str:
        days = f", {self.start} to {self.end}" if self.start and self.end else ""
        return f"{type(self).__name__}({self.id}{days}, {self.hash[:12]})"

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON of everything that decides a figure: no title, issues or source.

        Keys are sorted and floats written by `repr`, so equal scenarios have equal hashes on every machine.
        """
        if not self._hash:
            object.__setattr__(self, "_hash", sha256(_json(self._content()).encode()).hexdigest())
        return self._hash

    @property
    def observed(self) -> Mapping[str, Observed]:
        """Yahoo symbol → its observed move, of a replay."""
        return FrozenDict()

    @property
    def fx_known(self) -> frozenset[str] | None:
        """Currencies with a published rate, of a replay; None: a currency that is left out rests."""
        return None

    @property
    def horizon(self) -> int:
        """Sessions over which the moves run; 1 is the window itself."""
        return 1

    @property
    def levers(self) -> Mapping[str, float]:
        """Lever → value, of a transmission."""
        return FrozenDict()

    @property
    def given(self) -> Mapping[str, float]:
        """Segment → the move given for it, of a prediction."""
        return FrozenDict()

    @property
    def predicted(self) -> Mapping[str, float]:
        """Symbol or segment → the move that follows from those given, of a prediction that prices completed."""
        return FrozenDict()

    @property
    def needs_prices(self) -> bool:
        """Whether prices have to complete it before it can be applied."""
        return False

    @property
    def last_day(self) -> date | None:
        """The last day that it tells of, where it names one."""
        return self.end

    def replace(self, **changes: Any) -> Self:
        """Give the same with other fields; of a transmission, levers by name too."""
        return replace(self, **changes)

    def to_toml(self) -> str:
        """Write it as the TOML that reads back as an equal one with the same hash.

        Notices about what the first file left out are not repeated: what was supposed then is written out. What prices
        have completed is not written: a prediction, and a replay that needs prices, are written as they were read.

        Raises
        ------
        ScenarioError : a replay whose moves are known; its file is its TOML with the CSV that it names.
        """
        heads = {
            "id": self.id,
            "title": self.title,
            "kind": self.kind,
            "from": self.start,
            "to": self.end,
            **self._heads(),
            "rest": self.rest,
            "market": None if self.levers else self.market,
            "source": self.source or None,
        }
        lines = [f"{name} = {toml_value(value)}" for name, value in heads.items() if value is not None]
        for name, moves in {"segments": self.segments, "fx": self.fx, **self._names(), "isins": self.isins}.items():
            if moves:
                lines += ["", f"[{name}]", *(f"{toml_key(k)} = {toml_value(v)}" for k, v in moves.items())]
        if self.windows:
            lines += ["", "[windows]"]
            lines += [f"{toml_value(x)} = {{ from = {w.start}, to = {w.end} }}" for x, w in self.windows.items()]
        return "\n".join((*lines, *self._blocks())) + "\n"

    def _content(self) -> dict[str, Any]:
        """Give what its hash is of. Each table of exchange rates stands once, and a window names its own by place."""
        shared = {id(table): table for table in (self.fx, *(w.fx for w in self.windows.values()))}
        texts = {key: _json(table) for key, table in shared.items()}
        tables = sorted(set(texts.values()))
        place = {key: tables.index(text) for key, text in texts.items()}
        return {
            "id": self.id,
            "kind": self.kind,
            "from": self.start and _day(self.start),
            "to": self.end and _day(self.end),
            "rest": self.rest,
            "market": self.market,
            "segments": self.segments,
            "isins": self.isins,
            "tickers": self.tickers,
            "rates": tables,
            "fx": place[id(self.fx)],
            "fx_known": None,
            "observed": {},
            "windows": {x: [_day(w.start), _day(w.end), place[id(w.fx)]] for x, w in self.windows.items()},
            "prefer_adr": False,
            "horizon": 1,
        }

    def _heads(self) -> dict[str, Any]:
        """Give the keys at the head of its file that only its kind has."""
        return {}

    def _names(self) -> dict[str, Mapping[str, float]]:
        """Give the tables of names in its file."""
        return {"tickers": self.tickers}

    def _blocks(self) -> list[str]:
        """Give the lines at the end of its file that only its kind has."""
        return []


@dataclass(frozen=True, slots=True, repr=False)
class Custom(Scenario):
    """What somebody supposes: moves by segment and by name."""

    kind: Literal["custom"] = "custom"


@dataclass(frozen=True, slots=True, repr=False)
class Replay(Scenario):
    """What was observed between two days: each exchange's window, each listing's own move."""

    kind: Literal["replay"] = "replay"
    fx_known: frozenset[str] | None = None
    observed: Mapping[str, Observed] = FrozenDict()
    prefer_adr: bool = False
    """`-common`: where the home market was shut, the ADR stands for the home line."""
    reaction: Reaction = "common"
    """Between two dates: where a window that the file does not give ends; see `sessions.reached`."""
    local_only: bool = False
    """Between two dates: currencies are left out, every line moves as it did at home."""
    horizon: int = 1

    def __post_init__(self) -> None:
        Scenario.__post_init__(self)
        _check(((symbol, seen.move) for symbol, seen in self.observed.items()), total_loss=True)

    @property
    def needs_prices(self) -> bool:
        """Whether no price has told yet what New York did."""
        return "" not in self.windows

    def _content(self) -> dict[str, Any]:
        content = Scenario._content(self) | {
            "fx_known": None if self.fx_known is None else sorted(self.fx_known),
            "observed": {
                s: [o.symbol, o.currency, _day(o.start), _day(o.end), o.move] for s, o in self.observed.items()
            },
            "prefer_adr": self.prefer_adr,
            "horizon": self.horizon,
        }
        if self.reaction != "common" or self.local_only:
            content |= {"reaction": self.reaction, "local_only": self.local_only}
        return content

    def to_toml(self) -> str:
        """Write it as TOML, as `Scenario.to_toml`, where its moves are not known yet."""
        if self.observed or self.horizon != 1:
            raise ScenarioError("scenario.replay-in-two-files", id=self.id)
        return Scenario.to_toml(self)

    def _heads(self) -> dict[str, Any]:
        return {
            "reaction": self.reaction if self.reaction != "common" else None,
            "prefer_adr": self.prefer_adr or None,
            "local_only": self.local_only or None,
        }


@dataclass(frozen=True, slots=True, repr=False)
class Transmission(Scenario):
    """What follows from beliefs about the news: levers that the equations turn into moves."""

    kind: Literal["transmission"] = "transmission"
    levers: Mapping[str, float] = FrozenDict()
    priors: Mapping[str, Prior] = FrozenDict()
    """Lever → what is likely before the day, for draws and distances."""

    def __post_init__(self) -> None:
        Scenario.__post_init__(self)
        for name, value in self.levers.items():
            low, high = RANGES.get(name, (inf, inf))
            if not low <= value <= high:
                raise ScenarioError(
                    "lever.out-of-range", lever=name, value=f"{value:g}", low=f"{low:g}", high=f"{high:g}"
                )
        if "market_move" in self.levers:
            object.__setattr__(self, "market", self.levers["market_move"])

    def replace(self, **changes: Any) -> Self:
        """Give the same with other fields, or with levers at other values."""
        moved = {name: changes.pop(name) for name in RANGES if name in changes}
        if moved:
            changes["levers"] = {**changes.get("levers", self.levers), **moved}
        return replace(self, **changes)

    def _content(self) -> dict[str, Any]:
        return Scenario._content(self) | ({"levers": self.levers, "priors": self.priors} if self.levers else {})

    def _blocks(self) -> list[str]:
        lines = []
        for name, prior in self.priors.items():
            numbers = {"value": self.levers[name], **prior._asdict()}
            lines += ["", f"[levers.{name}]", *(f"{key} = {toml_value(value)}" for key, value in numbers.items())]
        return lines


@dataclass(frozen=True, slots=True, repr=False)
class Prediction(Scenario):
    """What the rest does when some names and segments move; the names that are given stand in `tickers`."""

    kind: Literal["predictive"] = "predictive"
    as_of: date = field(kw_only=True)
    """The last date whose prices may be used."""
    given: Mapping[str, float] = FrozenDict()
    predicted: Mapping[str, float] = field(default=FrozenDict(), metadata={"key": "foretold"})
    errors: Mapping[str, float] = FrozenDict()
    """Once prices are known: symbol or segment → half the 90 % band of what follows, in log moves."""
    distance: float | None = None
    """Mahalanobis distance of the given moves from a day without any, in daily standard deviations."""
    days: float | None = None
    """Sessions between days at least as unusual, were returns normal."""

    def __post_init__(self) -> None:
        Scenario.__post_init__(self)
        for table in (self.given, self.tickers):  # the logarithm of nothing left has no end
            _check(table.items())

    @property
    def needs_prices(self) -> bool:
        """Whether no prices have told yet what follows."""
        return not self.predicted

    @property
    def last_day(self) -> date | None:
        """The last day that it tells of: else that of its prices."""
        return self.end or self.as_of

    def _content(self) -> dict[str, Any]:
        content = Scenario._content(self)
        content |= {"as_of": _day(self.as_of), "given": self.given, "foretold": self.predicted}
        return content | ({"errors": self.errors} if self.errors else {})

    def _heads(self) -> dict[str, Any]:
        return {"as_of": self.as_of}

    def _names(self) -> dict[str, Mapping[str, float]]:
        return {"given": {**self.given, **self.tickers}}


KINDS_OF_SCENARIO: Mapping[str, type[Scenario]] = {
    "replay": Replay,
    "transmission": Transmission,
    "custom": Custom,
    "predictive": Prediction,
}


def field_key(one: Any) -> str:
    """Give the name of a field in JSON: its own, but for one that was called otherwise when the first was written."""
    return str(one.metadata.get("key", one.name))


def all_keys() -> frozenset[str]:
    """Name the fields of every kind, as older versions wrote them for each."""
    return frozenset(field_key(one) for kind in KINDS_OF_SCENARIO.values() for one in fields(kind)) | {"hash"}


def _check(moves: Iterable[tuple[str, float]], *, total_loss: bool = False) -> None:
    """Refuse what is no move: a finite number above −1, or −1 itself where a name may lose all."""
    for name, move in moves:
        if not -1.0 <= move < inf or (move == -1.0 and not total_loss):
            raise ScenarioError("scenario.no-move", name=name, move=str(move))


@cache
def _day(day: date) -> str:
    return day.isoformat()


def _json(content: Any) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def toml_key(name: str) -> str:
    """Write a name as TOML's key, in quotes where it needs them."""
    return name if name.isascii() and name.isalnum() else toml_value(name)


def toml_value(value: str | float | date) -> str:
    """Write a text, a number, a flag or a date as TOML does."""
    if isinstance(value, str):  # TOML's basic strings are JSON's, but for the delete character
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else repr(value)
