"""A scenario file in TOML → Scenario. What is not understood is refused by name and line, never passed over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Literal, cast

from exposure.errors import ScenarioError
from exposure.scenario import KINDS_OF_SCENARIO, FrozenDict, Reaction, Rest, ScenarioKind
from exposure.scenarios._document import Document, Path, quoted, read_document
from exposure.scenarios._levers import levers_of
from exposure.scenarios._moves import fx_of, isins_of, move_of, names_of, segments_of
from exposure.types import Issue, Replay, Scenario, Window

KINDS = tuple(KINDS_OF_SCENARIO)
HORIZONS = (1, 3, 5, 20)
_ENDS = ("to_3", "to_5", "to_20")
_COMMON = ("id", "title", "kind", "from", "to", "rest", "market", "fx", "tickers", "isins", "windows", "source")
KEYS: Mapping[str, tuple[str, ...]] = {
    "custom": (*_COMMON, "segments"),
    "replay": (*_COMMON, "moves", "rates", "prefer_adr", "reaction", "local_only", *_ENDS),
    "transmission": (*(key for key in _COMMON if key != "market"), "segments", "levers"),
    "predictive": (*_COMMON, "as_of", "given"),
}
"""Top-level keys of each kind; a key of another kind is refused as such, any other as unknown."""
_ELSEWHERE = {
    "levers": "transmission",
    "given": "predictive",
    "as_of": "predictive",
    "segments": "custom",
    **dict.fromkeys(("moves", "rates", "prefer_adr", "reaction", "local_only", *_ENDS), "replay"),
}


def parse_scenario(
    text: str, *, file: str = "scenario.toml", segments: frozenset[str] | None = None, horizon: int = 1
) -> Scenario:
    """Read a scenario from the text of its file; a replay then waits for prices (`observe.complete`).

    Parameters
    ----------
    text : TOML, as the interface describes it under "Scenario file".
    file : its name for messages; its stem is the id of a file without one.
    segments : the ids that `[segments]` may name; those of the scheme by default.
    horizon : sessions over which a replay's moves run: 1 (its windows), 3, 5 or 20.

    Raises
    ------
    ScenarioError : an unknown key, segment or kind, a move below −1, or one that is not a finite number; with its line.
    UnitError : a quote unit under `[fx]`, or a move above 1000 (100,000 %).
    """
    return from_document(read_document(text, file), segments, horizon)


def from_document(document: Document, segments: frozenset[str] | None = None, horizon: int = 1) -> Scenario:
    """Make the Scenario of one file at a horizon; a replay without a file of moves waits for prices."""
    scenario = to_scenario(document, segments)
    if not isinstance(scenario, Replay):
        if horizon != 1:
            raise ScenarioError("scenario.no-horizon", id=scenario.id, horizon=horizon)
        return scenario
    for key in ("moves", "rates"):
        if key in document.table:  # a text from the store or a page: no file lies beside it
            document.refuse((key,), "scenario.names-a-file", key=key)
    own = scenario.windows.get("")
    start, end = (own.start, own.end) if own else (scenario.start, scenario.end)
    if start is None or end is None:
        document.refuse(("kind",), "replay.days-missing")
    windows = {exchange: window for exchange, window in scenario.windows.items() if exchange}
    return scenario.replace(start=start, end=end, windows=windows, horizon=horizon)


def to_scenario(document: Document, segments: frozenset[str] | None = None) -> Scenario:
    """Check a document and make the Scenario that its file alone describes (a replay's moves stand in another)."""
    issues: list[Issue] = []
    kind = _kind(document, issues)
    _refuse_unknown_keys(document, kind)
    levers, priors = levers_of(document) if kind == "transmission" else ({}, {})
    rest, market = _rest(document, kind, issues) if kind != "transmission" else _market(document, levers)
    start, end = _pair(document, (), document.table)
    stem = document.file.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".toml")
    name = _text(document, "id")
    if name is None:
        name = stem
        issues.append(Issue.of("notice", "scenario.id-missing", id=stem))
    moves = segments_of(document, segments, issues)
    names: dict[str, float] = {}
    own: dict[str, Any] = {}
    if kind == "predictive":
        own["as_of"], own["given"], names = _given(document, segments, issues)
    if kind == "custom" and rest == "outside" and "outside" not in moves:
        issues.append(Issue.of("warning", "rest.outside-missing"))
    fx = FrozenDict(fx_of(document, issues))
    common: dict[str, Any] = dict(
        id=name,
        title=_text(document, "title") or name,
        start=start,
        end=end,
        rest=rest,
        market=market,
        segments=moves,
        tickers={**_tickers(document, kind, issues), **names},
        isins=isins_of(document, issues),
        fx=fx,
        windows=dict(_windows(document, fx)),
        source=_text(document, "source") or "",
    )
    if kind == "transmission":
        own = {"levers": levers, "priors": priors}
    elif kind == "replay":
        own = {name: _flag(document, name) for name in ("prefer_adr", "local_only")}
        own["reaction"] = _reaction(document)
    return KINDS_OF_SCENARIO[kind](**common, **own, issues=tuple(issues))


def _kind(document: Document, issues: list[Issue]) -> ScenarioKind:
    kind = _text(document, "kind")
    if kind is None:
        issues.append(Issue.of("notice", "scenario.kind-missing"))
        return "custom"
    if kind not in KINDS:
        document.refuse(("kind",), "scenario.kind-unknown", kind=quoted(kind), kinds=", ".join(KINDS))
    return cast(ScenarioKind, kind)


def _given(
    document: Document, segments: frozenset[str] | None, issues: list[Issue]
) -> tuple[date, dict[str, float], dict[str, float]]:
    """Read what a prediction starts from: its last day of prices, the moves of segments, and those of names."""
    as_of = document.table.get("as_of")
    if isinstance(as_of, str):
        try:
            as_of = date.fromisoformat(as_of)
        except ValueError:
            as_of = None
    if not isinstance(as_of, date) or isinstance(as_of, datetime):
        document.refuse(("as_of",), f"prediction.day-{'unreadable' if 'as_of' in document.table else 'missing'}")
    moves = names_of(document, "given", issues)
    if not moves:
        document.refuse(("given",), "prediction.given-missing")
    if segments is None:
        from exposure.chain import segment_ids

        segments = segment_ids()
    for name, move in moves.items():
        if move <= -1:
            document.refuse(("given", name), "prediction.total-loss", name=quoted(name), move=move)
    ids = {segment.upper(): segment for segment in segments}
    by_segment = {ids[name.upper()]: move for name, move in moves.items() if name.upper() in ids}
    return as_of, by_segment, {name: move for name, move in moves.items() if name.upper() not in ids}


def _tickers(document: Document, kind: str, issues: list[Issue]) -> dict[str, float]:
    moves = names_of(document, "tickers", issues)
    for name, move in moves.items():
        if kind == "predictive" and move <= -1:  # it is given as well, and the logarithm of nothing left has no end
            document.refuse(("tickers", name), "prediction.total-loss", name=quoted(name), move=move)
    return moves


def _refuse_unknown_keys(document: Document, kind: str) -> None:
    for key in document.table:
        if key in KEYS[kind]:
            continue
        if key in _ELSEWHERE:
            document.refuse((key,), "scenario.key-of-other-kind", key=key, other=_ELSEWHERE[key], kind=kind)
        document.refuse_unknown((key,), "scenario.key-unknown", key, KEYS[kind])


def _rest(document: Document, kind: str, issues: list[Issue]) -> tuple[Rest, float | None]:
    table = document.table
    market = move_of(document, ("market",), table["market"], issues) if "market" in table else None
    given = table.get("rest")
    if given is None:
        if kind == "replay":
            issues.append(Issue.of("notice", "rest.missing-in-replay"))
            return "outside", market
        if kind != "predictive":  # there the rest follows from what is given
            issues.append(Issue.of("notice", "rest.missing"))
        rest: Rest = 0.0
    elif given == "market":
        rest = "market"
        if market is None:
            document.refuse(("rest",), "rest.market-missing")
    elif given == "outside":
        rest = "outside"
    elif isinstance(given, str):
        document.refuse(("rest",), "rest.unknown", rest=quoted(given))
    else:
        rest = move_of(document, ("rest",), given, issues)
    if market is not None and rest != "market":
        issues.append(Issue.of("notice", "rest.market-unused", market=market, rest=repr(given)))
    return rest, market


def _market(document: Document, levers: Mapping[str, float]) -> tuple[Literal["market"], float]:
    """Give what the rest does in a transmission: each name's beta times the lever `market_move`."""
    if document.table.get("rest", "market") != "market":
        document.refuse(("rest",), "rest.of-transmission")
    return "market", levers["market_move"]


def _windows(document: Document, fx: Mapping[str, float]) -> Iterator[tuple[str, Window]]:
    """Yield the window of each exchange; one key may name several, separated by spaces."""
    content = document.table.get("windows", {})
    if not isinstance(content, Mapping):
        document.refuse(("windows",), "window.no-table")
    seen: set[str] = set()
    for key, pair in content.items():
        path = ("windows", key)
        if not isinstance(pair, Mapping):
            document.refuse(path, "window.no-pair", exchange=quoted(key))
        for name in pair:
            if name not in ("from", "to", *_ENDS):
                document.refuse((*path, name), "window.key-unknown", key=quoted(name))
        start, end = _pair(document, path, pair)
        if start is None or end is None:
            document.refuse(path, "window.half", exchange=quoted(key))
        for exchange in key.split() or [""]:
            if exchange in seen or (exchange and not exchange.startswith(".")):
                code = "window.exchange-twice" if exchange in seen else "window.exchange-unknown"
                document.refuse(path, code, exchange=quoted(exchange))
            seen.add(exchange)
            yield exchange, Window(start, end, fx)


def _pair(document: Document, path: Path, table: Mapping[str, Any]) -> tuple[date | None, date | None]:
    """Read `from` and `to` (and check the ends of longer horizons) of the file or of one window."""
    found: dict[str, date] = {}
    for name in ("from", "to", *_ENDS):
        value = table.get(name)
        if value is None:
            continue
        if isinstance(value, str):
            try:
                value = date.fromisoformat(value)
            except ValueError:
                value = None
        if not isinstance(value, date) or isinstance(value, datetime):
            document.refuse((*path, name), "window.day-unreadable", key=name)
        found[name] = value
        if "from" in found and value < found["from"]:
            document.refuse((*path, name), "window.reversed", key=name)
    return found.get("from"), found.get("to")


def _text(document: Document, key: str) -> str | None:
    value = document.table.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        document.refuse((key,), "scenario.no-text", key=key)
    if key in ("id", "kind") and not value.isprintable():
        document.refuse((key,), "scenario.unprintable", key=key)
    return value


def _reaction(document: Document) -> Reaction:
    value = document.table.get("reaction", "common")
    if value not in ("open", "close", "common"):
        document.refuse(("reaction",), "replay.reaction-unknown", reaction=quoted(str(value)))
    return cast(Reaction, value)


def _flag(document: Document, key: str) -> bool:
    value = document.table.get(key, False)
    if not isinstance(value, bool):
        document.refuse((key,), "scenario.no-flag", key=key)
    return value
