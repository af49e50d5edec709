"""The Python door: every function that a script calls, its arguments checked; `exposure/__init__.py` exports them.

Arguments are refused by their name and never become a figure: a word that is not known, a number that is not finite, a
noun of another kind (`TypeError`). Errors of input are `ValueError`s too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from exposure import arguments, frames
from exposure.arguments import Day
from exposure.errors import ArgumentError
from exposure.outcome import Comparison, Reverse, ShockResult, Simulation
from exposure.types import Book, Issue, Override, Scenario, Snapshot

if TYPE_CHECKING:
    import pandas as pd

    from exposure.chain import Exposures
    from exposure.history import DrawdownResult
    from exposure.prices import Market
    from exposure.scenarios import ScenarioEntry
    from exposure.shock import By

PERCENT_LOOKS = 5.0
"""Weights that add up to more than this either way, said to be fractions, are per cent."""


def read_holdings(
    source: Any,
    *,
    name: str | None = None,
    as_of: Day | None = None,
    dates: Literal["mdy", "dmy"] | None = None,
    decimal: Literal[".", ","] | None = None,
    columns: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
) -> Snapshot:
    """Read holdings: a file of any house, or rows of a script.

    Parameters
    ----------
    source : path, bytes, binary or text file, DataFrame, or iterable of mappings. Rows have named columns, fields of
        `Holding`, and nothing about their units is guessed: weights are fractions.
    name : what messages call it; bytes and rows have none of their own.
    as_of : which of several dates; or the date of what names none.
    dates, decimal : order of day and month, and the decimal mark, where a file leaves them open.
    columns : field of `Holding` → heading or column, set by hand.
    units : quote unit → the unit that figures stand in which a file leaves open.

    Returns
    -------
    Snapshot, with `.rejected` and `.issues`.

    Raises
    ------
    InputError
        What cannot be read, with file and row. ArgumentError, one of its kinds, names the argument.

    Examples
    --------
    >>> rows = [{"ticker": "NVDA", "weight": 0.6}, {"ticker": "MSFT", "weight": 0.4}]
    >>> read_holdings(rows, as_of="2025-01-24").positions
    2
    """
    day = arguments.day(as_of, "as_of")
    columns = None if columns is None else arguments.noun(columns, "columns", Mapping, "a mapping of field to column")
    if dates is not None:
        arguments.choice(dates, "dates", ("mdy", "dmy"))
    if decimal is not None:
        arguments.choice(decimal, "decimal", (".", ","))
    if (rows := frames.rows_of(source)) is not None:
        return frames.snapshot_of(rows, name=name or "rows", as_of=day, columns=columns)
    from exposure.reading import read_holdings as read

    content, called = _content(source, name, "source", "a path, bytes, a file, a DataFrame, or rows as mappings")
    return read(content, name=called, as_of=day, dates=dates, decimal=decimal, columns=columns, units=units)


def _content(source: Any, name: str | None, argument: str, expected: str) -> tuple[Path | bytes, str | None]:
    """Give what a reader of files takes: a path, or bytes and what to call them."""
    if isinstance(source, str | PathLike):
        return Path(fspath(source)), name
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source), name or "bytes"
    if hasattr(source, "read"):
        data = source.read()
        called = name or Path(str(getattr(source, "name", "file"))).name
        return (data.encode() if isinstance(data, str) else bytes(data)), called
    raise TypeError(f"{argument}: expected {expected}, got {type(source).__name__}")


def from_weights(
    weights: Mapping[str, float],
    *,
    as_of: Day | None = None,
    unit: Literal["fraction", "percent"] = "fraction",
    base_currency: str | None = None,
) -> Book:
    """Make a book of weights.

    Parameters
    ----------
    weights : ticker or ISIN → weight; negative for a short. What is missing to 1 is a row `not disclosed`; nothing is
        rescaled.
    as_of : date of the weights.
    unit : whether 0.05 or 5 is a twentieth.
    base_currency : ISO code; without it currencies do not move the book.

    Raises
    ------
    ArgumentError
        No weight, one that is not finite, or weights that are no fractions.

    Examples
    --------
    >>> from_weights({"NVDA": 0.6, "US5949181045": 0.4}).basis
    'weights'
    """
    arguments.noun(weights, "weights", Mapping, "a mapping of ticker or ISIN to weight")
    if not weights:
        raise ArgumentError("argument.empty", argument="weights")
    arguments.choice(unit, "unit", ("fraction", "percent"))
    scale = 0.01 if unit == "percent" else 1.0
    keys = [arguments.noun(key, "weights", str, "a ticker or an ISIN as key").strip() for key in weights]
    shares = [arguments.number(weight, f"weights[{key!r}]") * scale for key, weight in weights.items()]
    rows = [
        {"isin" if _is_isin(key) else "ticker": key, "weight": share} for key, share in zip(keys, shares, strict=True)
    ]
    total = sum(map(abs, shares))
    if unit == "fraction" and total > PERCENT_LOOKS:
        raise ArgumentError("argument.percent", argument="weights", total=total)
    return to_book(
        frames.snapshot_of(rows, name="weights", as_of=arguments.day(as_of, "as_of")), base_currency=base_currency
    )


def _is_isin(text: str) -> bool:
    from exposure.reading import is_isin

    return is_isin(text)


Overrides = Iterable[Override] | Mapping[str, str | Mapping[str, float]]


def to_book(
    snapshot: Snapshot,
    *,
    base_currency: str | None = None,
    overrides: Overrides = (),
    inside: Mapping[str, Snapshot] | None = None,
    prices: Market | None = None,
    answers: Mapping[str, str] | None = None,
) -> Book:
    """Value a snapshot in one currency and place each line along the chain.

    Parameters
    ----------
    snapshot : from `read_holdings`.
    base_currency : ISO code; by default the file's.
    overrides : assignments of one's own, which beat the table: `Override`s, or ticker or ISIN → a segment, or segment →
        weight. One that matches no line is an issue of the book.
    inside : fund (ticker, ISIN or name) → what it holds, for look-through.
    prices : for lines with a quantity and no value, and exchange rates beside the bank's.
    answers : identifier as the file has it → Yahoo symbol, where a page would ask which security is meant.

    Raises
    ------
    InputError
        Nothing to value the lines by, a segment or weight of an override that cannot be, an unknown currency.

    Examples
    --------
    >>> rows = [{"ticker": "MSFT", "market_value": 100.0, "currency": "USD"}]
    >>> book = to_book(read_holdings(rows, as_of="2025-01-24"), overrides={"MSFT": "software.applications"})
    >>> [part.segment for part in book.lines[0].assignment.parts]
    ['software.applications']
    """
    from exposure.flow import book_of

    arguments.noun(snapshot, "snapshot", Snapshot, "a Snapshot from read_holdings")
    for fund, held in (inside or {}).items():
        arguments.noun(held, f"inside[{fund!r}]", Snapshot, "a Snapshot")
    own = _overrides(overrides, snapshot.as_of)
    book = book_of(
        snapshot,
        base_currency=arguments.currency(base_currency, "base_currency"),
        overrides=own,
        inside={fund.upper(): held for fund, held in (inside or {}).items()},
        market=prices if prices is None else _market(prices, "prices"),
        answers=answers,
    )
    called = {name for line in book.lines for name in (line.holding.isin, line.holding.ticker, line.listing) if name}
    idle = [o.isin or o.ticker or "" for o in own if not {o.isin, o.ticker} & called]
    return replace(book, issues=(*book.issues, *(Issue.of("warning", "override.unmatched", name=x) for x in idle)))


def _overrides(given: Overrides, as_of: date | None) -> tuple[Override, ...]:
    from exposure.chain import make_override

    if not isinstance(given, Mapping):
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise TypeError(f"overrides: expected Overrides or a mapping, got {type(given).__name__}")
        return tuple(arguments.noun(each, "overrides", Override, "Overrides") for each in given)
    out = []
    for key, parts in given.items():
        shares = (
            {parts: 1.0}
            if isinstance(parts, str)
            else arguments.noun(parts, f"overrides[{key!r}]", Mapping, "a segment, or a mapping of segment to weight")
        )
        isin, ticker = (key, None) if _is_isin(key) else (None, key)
        weights = [(s, arguments.number(w, f"overrides[{key!r}][{s!r}]")) for s, w in shares.items()]
        out.append(make_override(isin, ticker, weights, "set by a script", author="", day=as_of or date.min))
    return tuple(out)


def _market(prices: Any, argument: str) -> Market:
    from exposure.prices import Market

    return arguments.noun(prices, argument, Market, "a Market from read_prices")


def read_prices(source: Any, *, name: str | None = None) -> Market:
    r"""Read daily prices.

    Parameters
    ----------
    source : path, bytes or file (long, wide, or as yfinance writes them; gzipped or not), or a DataFrame of the same
        shapes, dates as its index or in a column.
    name : what messages call it.

    Raises
    ------
    InputError
        It is of none of the three shapes, or holds no usable price. Single bad rows are in `.rejected`.

    Examples
    --------
    >>> market = read_prices(b"date,ticker,close\n2025-01-24,NVDA,142.62\n2025-01-27,NVDA,118.42\n")
    >>> market.rows
    2
    """
    from exposure.prices import read_prices as read

    if hasattr(source, "to_csv") and hasattr(source, "columns"):
        return read(_csv_of(source), name=name or "frame")
    content, called = _content(source, name, "source", "a path, bytes, a file, or a DataFrame")
    return read(content, name=called)


def _csv_of(frame: Any) -> bytes:
    """Write a frame as its own `to_csv` does, which is a shape that is read; numbers keep every digit."""
    dated = frame.index.name is not None or not frame.index.equals(frame.index.__class__(range(len(frame))))
    return bytes(frame.to_csv(index=dated, index_label=frame.index.name or "date" if dated else None).encode())


def segments() -> tuple[str, ...]:
    """List the ids that a line can be placed in: sub-segments, and what stands beside the chain.

    >>> "chips.accelerators" in segments()
    True
    """
    from exposure.chain import FINEST

    return tuple(FINEST)


def scenarios() -> list[ScenarioEntry]:
    """List the library of scenarios: id, title, kind and days of each.

    >>> "deepseek-2025-01-27" in [entry.id for entry in scenarios()]
    True
    """
    from exposure.scenarios import library

    return library()


def load_scenario(
    source: str | PathLike[str] | Mapping[str, Any], *, horizon: int = 1, prices: Market | None = None, **levers: float
) -> Scenario:
    """Load a scenario.

    Parameters
    ----------
    source : an id of the library, the path of a TOML file, or a mapping with the keys of such a file, checked alike.
    horizon : sessions over which a replay's moves run: 1 (its windows), 3, 5 or 20.
    prices : complete a prediction, or a replay that names no moves.
    **levers : values for the levers of a transmission scenario.

    Raises
    ------
    ScenarioError
        An unknown id, key, segment or lever, a move that cannot be; with the line of a file.

    Examples
    --------
    >>> load_scenario("deepseek-transmission", jevons_elasticity=0.8).levers["jevons_elasticity"]
    0.8
    >>> load_scenario({"id": "down", "title": "Chips fall", "kind": "custom", "segments": {"chips": -0.1}}).segments
    {'chips': -0.1}
    """
    from exposure.scenarios import complete, parse_scenario, set_levers
    from exposure.scenarios import load_scenario as load

    horizon = arguments.whole(horizon, "horizon", least=1)
    values = {name: arguments.number(value, name) for name, value in levers.items()}
    if isinstance(source, Mapping):
        found = parse_scenario(_toml(source), file="mapping", horizon=horizon)
        found = set_levers(found, values) if values else found
    else:
        arguments.noun(source, "source", (str, PathLike), "an id, a path, or a mapping")
        found = load(fspath(source), horizon=horizon, **dict[str, Any](values))
    return found if prices is None else complete(found, _market(prices, "prices"))


def _toml(table: Mapping[str, Any]) -> str:
    """Write a mapping as the TOML of a scenario file, so that it passes the same checks."""
    from exposure.scenario import toml_key, toml_value

    heads = {key: value for key, value in table.items() if not isinstance(value, Mapping)}
    lines = [f"{toml_key(str(key))} = {toml_value(_plain(value, str(key)))}" for key, value in heads.items()]
    for key, inner in table.items():
        if isinstance(inner, Mapping):
            lines += ["", f"[{toml_key(str(key))}]"]
            lines += [f"{toml_key(str(k))} = {_inline(v, f'{key}.{k}')}" for k, v in inner.items()]
    return "\n".join(lines) + "\n"


def _inline(value: Any, argument: str) -> str:
    from exposure.scenario import toml_key, toml_value

    if isinstance(value, Mapping):
        pairs = (f"{toml_key(str(k))} = {toml_value(_plain(v, f'{argument}.{k}'))}" for k, v in value.items())
        return "{ " + ", ".join(pairs) + " }"
    return toml_value(_plain(value, argument))


def _plain(value: Any, argument: str) -> Any:
    """Give a value as TOML has it: text, a flag, a day, or a finite number."""
    if isinstance(value, str | bool | date):
        return arguments.day(value, argument) if isinstance(value, date) else value
    return arguments.number(value, argument)


def predict(
    given: Mapping[str, float], prices: Market, *, as_of: Day, id: str = "prediction", title: str = "Prediction"
) -> Scenario:
    """Predict what every name does when some are known to move.

    Parameters
    ----------
    given : ticker or segment → its move.
    prices : daily closes; those after `as_of` are not used.
    as_of : the last session whose prices may be used.

    Raises
    ------
    ArgumentError
        No move is given, or one that cannot be.
    MissingPrice
        A given name, or a reference fund, has too few closes up to that day.
    """
    from exposure.chain import segment_ids
    from exposure.scenarios import predict as predicted

    arguments.noun(given, "given", Mapping, "a mapping of ticker or segment to move")
    if not given:
        raise ArgumentError("argument.empty", argument="given")
    known = frozenset(segment_ids())
    moves = {key: arguments.number(move, f"given[{key!r}]", least=-1.0) for key, move in given.items()}
    day = arguments.day(as_of, "as_of")
    if day is None:
        raise TypeError("as_of: expected a date or ISO text, got None")
    by_segment = {key: move for key, move in moves.items() if key in known}
    by_name = {key: move for key, move in moves.items() if key not in known}
    asked = Scenario(id=id, title=title, kind="predictive", as_of=day, tickers=by_name, given=by_segment)  # type: ignore[call-arg]
    return predicted(asked, _market(prices, "prices"))


def measure(book: Book) -> Exposures:
    """Measure how a book stands along the chain, by segment and sub-segment.

    >>> round(measure(from_weights({"NVDA": 0.6, "KO": 0.4})).by_segment[1].weight, 3)
    0.588
    """
    from exposure.chain import measure as measured

    return measured(arguments.noun(book, "book", Book, BOOK))


BOOK = "a Book from to_book or from_weights"
RESULT = "a ShockResult from apply"


def _scenario(given: Any) -> Scenario:
    """Take a Scenario or the id of one; a segment that the scheme does not know is refused."""
    from exposure.chain import segment_ids
    from exposure.scenarios import load_scenario as load

    if isinstance(given, str):
        return load(given)
    found: Scenario = arguments.noun(given, "scenario", Scenario, "a Scenario or the id of one")
    for segment in (*found.segments, *found.given):
        arguments.choice(segment, "scenario.segments", segment_ids())
    if found.needs_prices:
        raise ArgumentError("argument.needs-prices", argument="scenario", id=found.id)
    return found


def apply(book: Book, scenario: Scenario | str) -> ShockResult:
    """Apply a scenario: what it costs, and who carries it.

    Parameters
    ----------
    book : from `to_book` or `from_weights`.
    scenario : a Scenario, or the id of one in the library.

    Returns
    -------
    ShockResult: `.total_return`, `.positions`, `.by_segment`, `.frame()`.

    Examples
    --------
    >>> result = apply(from_weights({"NVDA": 1.0}), "deepseek-2025-01-27")
    >>> round(result.total_return, 3)
    -0.17
    """
    from exposure.shock import apply as shocked

    return ShockResult.of(shocked(arguments.noun(book, "book", Book, BOOK), _scenario(scenario)))


def grid(books: Mapping[str, Book], scenarios: Iterable[Scenario | str]) -> pd.DataFrame:
    """Apply every scenario to every book.

    Returns
    -------
    DataFrame with columns `portfolio`, `scenario` and `total_return` (fraction), a row for each pair; equal to `apply`
    bit by bit.
    """
    import pandas as pd

    from exposure.shock import apply as shocked

    arguments.noun(books, "books", Mapping, "a mapping of name to Book")
    if isinstance(scenarios, str) or not isinstance(scenarios, Iterable):
        raise TypeError(f"scenarios: expected several Scenarios or ids, got {type(scenarios).__name__}")
    asked = [_scenario(each) for each in scenarios]
    held = {name: arguments.noun(book, f"books[{name!r}]", Book, BOOK) for name, book in books.items()}
    rows = [(name, each.id, shocked(book, each).total_return) for name, book in held.items() for each in asked]
    return pd.DataFrame(rows, columns=["portfolio", "scenario", "total_return"])


def compare(result: ShockResult, benchmark: ShockResult, by: By = "segment") -> Comparison:
    """Compare a result with that of a benchmark under the same scenario.

    Parameters
    ----------
    by : `segment`, `sub_segment`, `country`, `currency` or `holding`.

    Returns
    -------
    Comparison: `.active_return`, `.rows`, `.frame()`; active contributions add up to the active return.
    """
    from exposure.shock import By as Cuts
    from exposure.shock import ShockResult as Result
    from exposure.shock import active, active_return

    for name, each in (("result", result), ("benchmark", benchmark)):
        arguments.noun(each, name, Result, RESULT)
    arguments.choice(by, "by", get_args(Cuts))
    return Comparison(by, active_return(result, benchmark), active(result, benchmark, by))


def simulate(
    book: Book, scenario: Scenario | str, *, draws: int = 16_384, seed: int = 0, held: Iterable[str] = ()
) -> Simulation:
    """Draw the levers of a transmission scenario from their priors and apply each draw.

    Parameters
    ----------
    draws : number of draws; the same seed gives the same figures.
    held : levers that stay at the scenario's value.

    Returns
    -------
    Simulation: `.total_return` (mean, sd, percentiles), `.sensitivity`, `.sobol`; `.returns`, `.levers` of each draw.

    Raises
    ------
    ArgumentError
        A lever that is not the scenario's, a number of draws that is none.
    ScenarioError
        The scenario has no levers.
    """
    from exposure.levers import LeverBook, draw_levers
    from exposure.levers import simulate as simulated

    asked = _scenario(scenario)
    kept = arguments.choices(held, "held", tuple(asked.levers))
    draws = arguments.whole(draws, "draws", least=2, most=4_194_304)
    seed = arguments.whole(seed, "seed", least=0)
    levered = LeverBook.of(arguments.noun(book, "book", Book, BOOK), asked)
    drawn = draw_levers(levered.scenario, draws, seed, kept)
    return Simulation.of(
        simulated(levered, asked, draws=draws, seed=seed, held=kept), returns=levered.returns(drawn), levers=drawn
    )


def reverse(book: Book, scenario: Scenario | str, loss: float) -> Reverse:
    """Find at which levers a total return is reached, lever by lever and by the likeliest of all.

    Parameters
    ----------
    loss : the total return, a loss negative.

    Returns
    -------
    Reverse: `.levers`, `.least_implausible`, `.solution(lever)`.

    Raises
    ------
    ArgumentError
        A return that is not finite.
    ScenarioError
        The scenario has no levers.
    """
    from exposure.levers import reverse as reversed_

    asked, wanted = _scenario(scenario), arguments.number(loss, "loss", least=-10.0, most=10.0)
    return Reverse.of(reversed_(arguments.noun(book, "book", Book, BOOK), asked, wanted), scenario=asked)


def drawdown(
    book: Book,
    prices: Market,
    *,
    start: Day | None = None,
    end: Day | None = None,
    hold: Literal["weights", "quantities"] = "weights",
    closes: Literal["local", "common"] = "local",
    proxies: Mapping[str, str] | None = None,
) -> DrawdownResult:
    """Measure how deep today's holdings fell in the past.

    Parameters
    ----------
    book, prices : from `to_book` and `read_prices`.
    start, end : first and last session asked for.
    hold : constant weights, or constant quantities.
    closes : each exchange's own close, or one common cut through all.
    proxies : line → the symbol of a series that stands in for it.

    Raises
    ------
    InputError
        No session is covered by prices; an argument that cannot be.
    """
    from exposure.flow import drawdown as measured

    arguments.noun(book, "book", Book, BOOK)
    first, last = arguments.day(start, "start"), arguments.day(end, "end")
    if first and last and first > last:
        raise ArgumentError(
            "argument.order", argument="start", value=first.isoformat(), other="end", bound=last.isoformat()
        )
    arguments.choice(hold, "hold", ("weights", "quantities"))
    arguments.choice(closes, "closes", ("local", "common"))
    return measured(book, _market(prices, "prices"), start=first, end=last, hold=hold, closes=closes, proxies=proxies)
