"""A book as a tree for the segment chart: segment, sub-segment, largest holdings, and the rest in one leaf each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import fsum

from exposure.chain.scheme import TOP, name_of, top
from exposure.format import percent
from exposure.types import Book, Line
from pages.shared import texts

LEAVES = 60
"""Holdings drawn by themselves: more cost the browser half a second and cannot be read."""
ROOT = "book"


@dataclass(frozen=True, slots=True)
class Node:
    """A rectangle: `size` is absolute value, `share` the signed weight as text, `depth` 0 for the whole book."""

    id: str
    parent: str
    label: str
    size: float
    share: str
    hover: str
    segment: str
    depth: int


def tree(book: Book, leaves: int = LEAVES) -> tuple[Node, ...]:
    """Lay a book out along the chain; a line in several segments has a leaf in each, of its part."""
    parts = [
        (part.segment, line, part.weight * (line.market_value or 0.0))
        for line in book.lines
        for part in line.assignment.parts
        if line.market_value and part.weight
    ]
    large = {id(p) for p in sorted(parts, key=lambda p: -abs(p[2]))[:leaves]}
    cells: dict[str, list[tuple[str, Line, float]]] = defaultdict(list)
    for part in parts:
        cells[part[0]].append(part)
    nodes: list[Node] = []
    for segment in TOP:
        fine = sorted(s for s in cells if top(s) == segment)
        values = [p[2] for s in fine for p in cells[s]]
        if not values:
            continue
        nodes.append(_node(segment, ROOT, name_of(segment), values, book, segment, 1))
        for each in fine:
            if each != segment:
                nodes.append(_node(each, segment, name_of(each), [p[2] for p in cells[each]], book, each, 2))
            nodes += _leaves(each, cells[each], large, book)
    whole = _node(ROOT, "", "Whole book", [p[2] for p in parts], book, "outside", 0)
    return (whole, *nodes)


def _leaves(segment: str, cell: list[tuple[str, Line, float]], large: set[int], book: Book) -> list[Node]:
    ranked = sorted(cell, key=lambda p: -abs(p[2]))
    own = [p for p in ranked if id(p) in large]
    rest = [p[2] for p in ranked if id(p) not in large]
    nodes = [
        _node(
            f"{segment}/{line.line_id}/{place}",
            segment,
            line.holding.ticker or _name(line),
            [amount],
            book,
            segment,
            3,
            _name(line),
        )
        for place, (_, line, amount) in enumerate(own)
    ]
    if rest:
        label = texts.count(len(rest), "other holding") if own else texts.count(len(rest), "holding")
        nodes.append(_node(f"{segment}/rest", segment, label, rest, book, segment, 3))
    return nodes


def _name(line: Line) -> str:
    return line.holding.name or line.holding.ticker or line.line_id


def _node(
    id: str, parent: str, label: str, values: list[float], book: Book, segment: str, depth: int, name: str = ""
) -> Node:
    net = fsum(values)
    share = percent(net / book.capital, 2 if depth == 3 else 1)
    hover = f"{name or label}: {share} of the book, {texts.value(net, book)}"
    return Node(id, parent, label, fsum(map(abs, values)), share, hover, segment, depth)
