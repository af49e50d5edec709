"""Changes of one place of a module that a test should notice: cosmic-ray's operators, and four of our own.

Cosmic-ray changes operators, comparisons, numbers, conditions and loops. Our own change what tests of figures notice
least: a guard is disabled, a size loses its `abs`, a least becomes a greatest, a sum one of its terms.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Example, Operator
from cosmic_ray.plugins import get_operator, operator_names
from parso.python.tree import Keyword

_SWAPPED = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "argmin": "argmax"}
_SWAPPED |= {"argmax": "argmin", "any": "all", "all": "any"}
_LEAVES = ("return", "raise", "continue", "break")


class _Renamed(Operator):  # type: ignore[misc]
    """Call another function in the place of one that is known by its name."""

    names: Mapping[str, str]

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        following = node.get_next_leaf() if node.type == "name" and node.value in self.names else None
        if following is not None and following.value == "(":
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        node.value = self.names[node.value]
        return node

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return tuple(Example(f"x = {old}(y)", f"x = {new}(y)") for old, new in cls.names.items())


class SwapLeastAndGreatest(_Renamed):
    """Take the greatest for the least, all for any, and the other way round."""

    names = MappingProxyType(_SWAPPED)


class DropAbs(_Renamed):
    """Leave the sign on: `abs(x)` is `(x)`."""

    names = MappingProxyType({"abs": ""})


class TakeOneForTheSum(_Renamed):
    """Take the greatest term for the sum."""

    names = MappingProxyType({"fsum": "max", "sum": "max"})


class DisableGuard(Operator):  # type: ignore[misc]
    """Never leave by an `if` whose body does nothing but leave: return, raise, continue or break."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        if node.type == "if_stmt" and len(node.children) == 4:
            statements = [c for c in getattr(node.children[3], "children", ()) if c.type != "newline"]
            if len(statements) == 1 and statements[0].get_first_leaf().value in _LEAVES:
                yield node.children[1].start_pos, node.children[1].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        node.children[1] = Keyword("False", node.children[1].start_pos, prefix=" ")
        return node

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return (
            Example("for x in y:\n    if x:\n        continue\n", "for x in y:\n    if False:\n        continue\n"),
        )


OURS = (DisableGuard, DropAbs, SwapLeastAndGreatest, TakeOneForTheSum)
_ALIKE = (
    {"Add", "Sub", "Mul", "Div", "FloorDiv", "Mod", "Pow"},
    {"BitOr", "BitAnd", "BitXor"},
    {"Eq", "NotEq", "Lt", "LtE", "Gt", "GtE"},
    {"Is", "IsNot"},
)
"""What one operator is replaced by: a like one. `a + b` as `a << b` fails at once, whatever is tested."""
_LEFT_OUT = ("RemoveDecorator", "VariableReplacer", "VariableInserter", "ExceptionReplacer")


@cache
def operators() -> dict[str, type[Operator]]:
    """Give every operator in use by name."""
    found = {operator.__name__: operator for operator in OURS}
    for full in operator_names():
        name = full.partition("/")[2]
        sort, _, kinds = name.partition("_")
        if sort in ("ReplaceBinaryOperator", "ReplaceComparisonOperator"):
            if not any(set(kinds.split("_")) <= like for like in _ALIKE):
                continue
        elif name in _LEFT_OUT or name.startswith("ReplaceUnaryOperator_Delete_Invert"):
            continue
        found[name] = get_operator(full)
    return found


@dataclass(frozen=True, slots=True)
class Mutant:
    """One module with one change; `source` is the whole of it."""

    room: str
    path: str
    operator: str
    row: int
    source: str
    diff: str


def sites(text: str) -> dict[int, list[tuple[str, int]]]:
    """List by row of a module which operators change something there, each with the number of its occurrence."""
    found: dict[int, list[tuple[str, int]]] = {}
    nodes = list(ast_nodes(get_ast(text)))
    for name, operator in operators().items():
        places = [place for node in nodes for place in operator().mutation_positions(node)]
        for occurrence, ((row, _), _) in enumerate(places):
            found.setdefault(row, []).append((name, occurrence))
    return found


def sampled(room: str, files: Sequence[Path], root: Path, count: int, seed: str) -> list[Mutant]:
    """Draw `count` mutants of a room's modules: a row that can be changed, a kind of change, one of that kind.

    Rows are drawn evenly over all modules, so that a table of numbers is changed no more often than a run of guards.
    What leaves the program as it is (an annotation, a decorator, `strict=True`) is drawn again.
    """
    draw = random.Random(f"{seed} {room}")
    rows = [(path, row, changes) for path in files for row, changes in sorted(_sites_of(path).items())]
    draw.shuffle(rows)
    mutants: list[Mutant] = []
    for path, row, changes in rows:
        if len(mutants) == count:
            break
        text = path.read_text(encoding="utf-8")
        kinds = sorted({name.partition("_")[0] for name, _ in changes})
        kind = draw.choice(kinds)
        name, occurrence = draw.choice([c for c in changes if c[0].partition("_")[0] == kind])
        changed = mutate_code(text, operators()[name](), occurrence)
        if changed is None or not _differs(text, changed):
            continue
        place = path.relative_to(root).as_posix()
        lines = unified_diff(text.splitlines(), changed.splitlines(), n=0, lineterm="")
        diff = "\n".join(line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---"))
        mutants.append(Mutant(room, place, name, row, changed, diff))
    return mutants


@cache
def _sites_of(path: Path) -> dict[int, list[tuple[str, int]]]:
    return sites(path.read_text(encoding="utf-8"))


def _differs(text: str, changed: str) -> bool:
    """Tell whether a change reaches what runs; one that is no Python is none that anybody writes."""
    try:
        return _running(text) != _running(changed)
    except (SyntaxError, ValueError):
        return False


class _Bare(ast.NodeTransformer):
    """Take out what decides nothing: annotations, decorators, `strict=` of a zip, what only a type checker reads."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.decorator_list, node.returns = [], None
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.decorator_list = []
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> ast.AST | None:
        return None if node.arg in ("strict", "maxsize") else self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST | None:
        return None if ast.unparse(node.test).endswith("TYPE_CHECKING") else self.generic_visit(node)


def _running(text: str) -> str:
    return ast.dump(_Bare().visit(ast.parse(text)))
