"""The shape of the code: lengths, opening docstrings, and names that say nothing."""

from __future__ import annotations

import ast
import re
import statistics
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
MEDIAN_FUNCTION = 10
LONG_FUNCTION = 25  # nine in ten are not longer

EMPTY_MODULE_NAMES = frozenset({
    "common", "handler", "handlers", "helper", "helpers", "manager", "managers", "misc",
    "service", "services", "util", "utils",
})  # fmt: skip
EMPTY_CLASS_NAME = re.compile(r"(?:Manager|Handler|Service)s?\Z")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def files() -> list[str]:
    """List every Python file that people write here."""
    places = [ROOT / name for name in ("neira", "tests", "tools", "benchmarks", "packages", "examples")]
    found = [*ROOT.glob("*.py"), *(path for place in places for path in place.rglob("*.py"))]
    return sorted(str(path.relative_to(ROOT)) for path in found)


def flaws(source: str, *, file: str) -> list[str]:
    """Say what is wrong with the shape of one file."""
    tree = ast.parse(source)
    lines = source.count("\n")
    found = [f"{lines} lines, more than {LONGEST_FILE}"] if lines > LONGEST_FILE else []
    if source.strip() and not ast.get_docstring(tree):
        found.append("does not open with what it is for")
    if EMPTY_MODULE_NAMES & {part.removesuffix(".py") for part in Path(file).parts}:
        found.append("a name that says nothing about what is inside")
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and EMPTY_CLASS_NAME.search(node.name):
            found.append(f"class {node.name}: name what it is, not that it does something")
        if isinstance(node, Function) and length(node) > LONGEST_FUNCTION:
            found.append(f"{node.name}: {length(node)} lines, more than {LONGEST_FUNCTION}")
    return found


def length(node: Function) -> int:
    """Count the lines of a function from `def` to its last, docstring included."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("file", files())
def test_a_file_keeps_its_shape(file: str) -> None:
    """No long files or functions, a docstring at the top, no names without meaning."""
    assert flaws((ROOT / file).read_text(encoding="utf-8"), file=file) == []


def test_functions_are_short() -> None:
    """The median function of the package has at most 10 lines, nine in ten at most 25."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "neira").rglob("*.py"))
    lengths = sorted(length(node) for tree in trees for node in ast.walk(tree) if isinstance(node, Function))
    assert statistics.median(lengths) <= MEDIAN_FUNCTION
    assert statistics.quantiles(lengths, n=10)[-1] <= LONG_FUNCTION


GOOD = '"""Say what this is for."""\n'


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("neira/long.py", GOOD + "x = 1\n" * LONGEST_FILE),
        ("neira/mute.py", "x = 1\n"),
        ("neira/utils.py", GOOD),
        ("neira/web/helpers/dates.py", GOOD),
        ("neira/registry/names.py", GOOD + "class PluginManager:\n    pass\n"),
        ("neira/registry/names.py", GOOD + "class Outer:\n    class EventHandler:\n        pass\n"),
        ("neira/hub/hub.py", GOOD + "def handle():\n" + "    x = 1\n" * LONGEST_FUNCTION),
        (
            "neira/hub/hub.py",
            GOOD + "class Hub:\n    async def run(self):\n" + "        x = 1\n" * LONGEST_FUNCTION,
        ),
    ],
)
def test_each_flaw_is_found(file: str, source: str) -> None:
    """The limits can fail, one flaw at a time."""
    assert len(flaws(source, file=file)) == 1


def test_a_file_at_the_limits_passes() -> None:
    """The limits themselves are allowed."""
    function = "def handle():\n" + "    x = 1\n" * (LONGEST_FUNCTION - 1)
    room = LONGEST_FILE - 1 - LONGEST_FUNCTION
    assert flaws(GOOD + function + "x = 1\n" * room, file="neira/hub/hub.py") == []
