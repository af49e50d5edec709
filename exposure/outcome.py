"""What the Python door gives: the rooms' own results, with what a script asks of them: frames, JSON, short `repr`s."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Self

from exposure import arguments, shock
from exposure import levers as lever_room
from exposure.errors import ArgumentError
from exposure.format import money, percent

if TYPE_CHECKING:
    import pandas as pd

    from exposure.types import Line, Scenario

CUTS = ("line", "segment", "sub_segment", "country", "currency", "lever")


class ShockResult(shock.ShockResult):
    """What a scenario does to a book. Contributions of `positions`, and of each cut, add up to `total_return`."""

    __slots__ = ()

    @classmethod
    def of(cls, result: shock.ShockResult) -> Self:
        """Take a result of the engine."""
        return cls(**{each.name: getattr(result, each.name) for each in fields(result)})

    def frame(self, by: str = "line") -> pd.DataFrame:
        """Give one cut as a table: fractions, values in the book's currency.

        Parameters
        ----------
        by : `line`, `segment`, `sub_segment`, `country`, `currency` or `lever` (of a scenario that has some).

        Returns
        -------
        DataFrame whose `contribution` sums to `total_return`.

        Raises
        ------
        ArgumentError
            A cut that is none, or levers of a scenario without.
        """
        import pandas as pd

        arguments.choice(by, "by", CUTS)
        if by == "line":
            return self._lines()
        if by == "lever":
            if not self.scenario.levers:
                raise ArgumentError("argument.no-levers", argument="by", id=self.scenario.id)
            rows = lever_room.by_lever(self.book, self.scenario)
            return pd.DataFrame(
                {
                    "lever": [row.lever for row in rows],
                    "pnl": [row.pnl for row in rows],
                    "contribution": [row.pnl / self.book.capital for row in rows],
                }
            )
        slices = getattr(self, f"by_{by}")
        return pd.DataFrame(
            {
                by: [each.key for each in slices],
                "market_value": [each.market_value for each in slices],
                "pnl": [each.pnl for each in slices],
                "contribution": [each.contribution for each in slices],
            }
        )

    def _lines(self) -> pd.DataFrame:
        whole = shock.ShockResult.frame(self)
        lines = [p.line for p in self.positions]
        more: dict[str, list[Any]] = {
            "row": [line.holding.row for line in lines],
            "ticker": [line.holding.ticker for line in lines],
            "isin": [line.holding.isin for line in lines],
            "segment": [_main(line) for line in lines],
            "country": [line.country for line in lines],
            "currency": [line.currency for line in lines],
            "inside": [line.inside for line in lines],
        }
        return whole.assign(**more)

    def contribution(self, key: str) -> float:
        """Give what a segment, sub-segment, country, currency or line carries, as a fraction of capital.

        Parameters
        ----------
        key : its id: `chips`, `chips.memory`, `TW`, `EUR`; of a line its ticker or ISIN (all its lines together).

        Raises
        ------
        ArgumentError
            Nothing in the result is called so; a near name is told.
        """
        for cut in ("segment", "sub_segment", "country", "currency"):
            for each in getattr(self, f"by_{cut}"):
                if each.key == key:
                    return float(each.contribution)
        lines = [p for p in self.positions if key in (p.line.holding.ticker, p.line.holding.isin, p.line.line_id)]
        if not lines:
            called = {c for p in self.positions for c in (p.line.holding.ticker, p.line.holding.isin) if c}
            arguments.choice(key, "key", sorted(called | {each.key for each in self.by_segment if each.key}))
        return float(sum(p.contribution for p in lines))

    def to_dict(self) -> dict[str, Any]:
        """Give what `shock --json` prints."""
        from exposure import answers

        return {**answers.shocked(self), "plausibility": None}

    def to_json(self) -> str:
        """Write it as JSON: what `shock --json` prints, and under `noun` all that `from_json` needs."""
        from exposure.results import to_text

        return json.dumps({**self.to_dict(), "noun": json.loads(to_text(self))}, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read it back, equal to the last bit.

        Raises
        ------
        ArgumentError
            The text is not what `to_json` writes.
        InputError
            It was written by a version that knows more.
        """
        from exposure.results import from_text

        try:
            noun = json.loads(arguments.noun(text, "text", (str, bytes), "the text that to_json gave"))["noun"]
        except (ValueError, KeyError, TypeError) as error:
            if isinstance(error, TypeError) and "expected" in str(error.args[0]):
                raise
            raise ArgumentError("argument.no-result", argument="text") from None
        return cls.of(from_text(json.dumps(noun), shock.ShockResult))

    def __repr__(self) -> str:
        observed = self.coverage.get("observed", 0.0)
        told = f"observed {percent(observed, 0)}" if observed else f"modelled {percent(self.coverage['modelled'], 0)}"
        name = self.book.title or "a book"
        return f"ShockResult({name[:24]}, {self.scenario.id}, {percent(self.total_return, signed=True)}, {told})"

    def _repr_html_(self) -> str:
        rows = [
            (s.key, money(s.pnl, self.book.currency), percent(s.contribution, signed=True)) for s in self.by_segment
        ]
        return _table(repr(self), ("Segment", "P&L", "Contribution"), rows)


def _main(line: Line) -> str:
    """Give the segment that most of a line stands in."""
    return max(line.assignment.parts, key=lambda part: part.weight).segment


class Simulation(lever_room.Simulation):
    """What the priors of a scenario mean for a book: figures of all draws, and each draw."""

    __slots__ = ("levers", "returns")
    returns: Any
    """Total return of each draw, a read-only array."""
    levers: Mapping[str, Any]
    """Lever → its value in each draw, read-only arrays; levers held are not among them."""

    @classmethod
    def of(cls, found: lever_room.Simulation, *, returns: Any, levers: Mapping[str, Any]) -> Self:
        """Take the figures of the engine, and the draws that they are of."""
        made = cls(**{each.name: getattr(found, each.name) for each in fields(found)})
        for array in (returns, *levers.values()):
            array.flags.writeable = False
        object.__setattr__(made, "returns", returns)
        object.__setattr__(made, "levers", dict(levers))
        return made

    def __repr__(self) -> str:
        each = self.total_return
        return f"Simulation({self.draws} draws, mean {percent(each.mean, signed=True)}, sd {percent(each.sd)})"


class Reverse(lever_room.Reverse):
    """Where a return is reached, lever by lever and by all at once."""

    __slots__ = ("scenario",)
    scenario: Scenario

    @classmethod
    def of(cls, found: lever_room.Reverse, *, scenario: Scenario) -> Self:
        """Take what the engine found, and the scenario that was asked about."""
        made = cls(**{each.name: getattr(found, each.name) for each in fields(found)})
        object.__setattr__(made, "scenario", scenario)
        return made

    def solution(self, lever: str | None = None) -> Scenario:
        """Give the scenario at which the return is reached.

        Parameters
        ----------
        lever : the lever that is moved, the others as they are; None: the likeliest of all together.

        Raises
        ------
        ArgumentError
            No such lever, or none of its values reaches the return.
        """
        if lever is None:
            if self.least_implausible is None:
                raise ArgumentError("argument.unreachable", argument="lever", lever="all together", loss=self.loss)
            return self.scenario.replace(**dict[str, Any](self.least_implausible.levers))
        found = {each.lever: each.value for each in self.levers}
        arguments.choice(lever, "lever", tuple(found))
        if found[lever] is None:
            raise ArgumentError("argument.unreachable", argument="lever", lever=lever, loss=self.loss)
        return self.scenario.replace(**{lever: found[lever]})

    def __repr__(self) -> str:
        reached = [each.lever for each in self.levers if each.reachable]
        return f"Reverse({percent(self.loss, signed=True)}: reached by {', '.join(reached) or 'no single lever'})"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A result less its benchmark's, cut one way; the rows' active contributions add up to `active_return`."""

    by: str
    active_return: float
    rows: tuple[shock.Active, ...] = field(repr=False)

    def frame(self) -> pd.DataFrame:
        """Give one row for each part: weights and contributions of both, and what is active."""
        import pandas as pd

        shown = {
            "weight": "weight",
            "benchmark_weight": "benchmark_weight",
            "active_weight": "active_weight",
            "contribution": "contribution",
            "benchmark_contribution": "benchmark",
            "active": "active",
        }
        columns: dict[str, list[Any]] = {self.by: [row.label or row.key for row in self.rows]}
        return pd.DataFrame(columns | {name: [getattr(row, f) for row in self.rows] for name, f in shown.items()})


def _table(title: str, heads: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    cells = ("".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) for row in rows)
    head = "".join(f"<th>{html.escape(name)}</th>" for name in heads)
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<p>{html.escape(title)}</p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
