"""The rules of the house that import-linter cannot state; `make lint` checks the import rules themselves."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PLACES = [*(ROOT / name for name in ("exposure", "db", "pages")), ROOT / "app.py"]
MODULES = sorted(
    path for place in PLACES for path in (place.rglob("*.py") if place.is_dir() else [place]) if path.exists()
)
CORE = [path for path in MODULES if path.is_relative_to(ROOT / "exposure")]
FORMAT = ROOT / "exposure" / "format.py"
# Python's percent format, as in `{:.1%}`, which multiplies by 100.
PERCENT_FORMAT = re.compile(r"\{[^{}]*:[^{}]*%\}")

each_module = pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
each_core_module = pytest.mark.parametrize("path", CORE, ids=lambda p: str(p.relative_to(ROOT)))


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield the first name of every absolute import, late ones too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield every name that the module defines or uses, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id, node.lineno
        elif isinstance(node, ast.arg | ast.keyword) and node.arg:
            yield node.arg, node.lineno
        elif isinstance(node, ast.Attribute):
            yield node.attr, node.lineno
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node.lineno


def percent_formats(tree: ast.AST) -> Iterator[int]:
    """Yield the lines where a value is formatted as a percentage by Python."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue) and isinstance(node.format_spec, ast.JoinedStr):
            last = node.format_spec.values[-1:]
            if last and isinstance(last[0], ast.Constant) and str(last[0].value).endswith("%"):
                yield node.lineno
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and PERCENT_FORMAT.search(node.value):
            yield node.lineno


@each_module
def test_percent_exists_only_where_figures_are_formatted(path: Path) -> None:
    if path == FORMAT:
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [line for line in percent_formats(tree)] == [], "use exposure.format"
    assert [(n, line) for n, line in names(tree) if n.lower().endswith(("_pct", "_bps"))] == [], "code holds fractions"


def test_the_percent_rule_sees_what_it_forbids() -> None:
    assert list(percent_formats(ast.parse("f'{x:+.1%}'"))) == [1]
    assert list(percent_formats(ast.parse("'{:.0%}'.format(x)"))) == [1]
    assert list(percent_formats(ast.parse("f'{x:.2f}%'; '100%'; '%d{a}'"))) == []
    assert ("loss_pct", 1) in set(names(ast.parse("def f(loss_pct): ...")))


def test_only_the_feed_imports_yfinance() -> None:
    found = {p.relative_to(ROOT).as_posix() for p in MODULES if "yfinance" in imports(ast.parse(p.read_text("utf-8")))}
    assert found <= {"db/feed.py"}
    assert found or not (ROOT / "db" / "feed.py").exists(), "the feed should be what imports it"


@each_module
def test_pages_show_and_do_nothing_else(path: Path) -> None:
    """A page asks the repository and the core; it opens no database and no feed, and nobody else draws."""
    drawn = {"streamlit", "plotly"} & set(imports(ast.parse(path.read_text(encoding="utf-8"))))
    stored = {"sqlalchemy", "sqlite3", "psycopg", "yfinance"} & set(
        imports(ast.parse(path.read_text(encoding="utf-8")))
    )
    page = path == ROOT / "app.py" or path.is_relative_to(ROOT / "pages")
    assert not (stored if page else drawn)


@each_core_module
def test_the_core_has_no_clock(path: Path) -> None:
    """Dates come in as arguments: the same file and scenario give the same answer on every day."""
    calls = [node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    asked = [f.attr for f in calls if isinstance(f, ast.Attribute) and f.attr in {"today", "now", "utcnow"}]
    assert asked == []


@pytest.mark.parametrize("start", ["import exposure", "import exposure; exposure.read_holdings"])
def test_importing_the_core_is_light(start: str) -> None:
    """`shock FILE` is to take about as long as Python and NumPy need to start: pandas alone would double that."""
    code = f"{start}\nimport sys\nprint(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    heavy = {"pandas", "streamlit", "sqlalchemy", "yfinance", "plotly", "scipy"}
    if start == "import exposure":
        heavy.add("numpy")
    assert heavy & set(done.stdout.split()) == set()
