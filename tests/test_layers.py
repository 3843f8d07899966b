"""The layers and fences of the architecture, as data, held against every import in `neira/`.

An import counts wherever it stands: at the top, inside a function, under TYPE_CHECKING. The fences that ruff
can hold (`os.environ`, wall time, randomness, `os.fsync`) live in pyproject.toml; here they are only counted.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "neira"

# From the bottom up. A room may import the rows below its own, and nothing of its own row but itself.
ROWS: tuple[frozenset[str], ...] = (
    frozenset({"model"}),  # L0: words
    frozenset({"errors", "ports"}),
    frozenset({"clock", "disk", "parse"}),
    frozenset({"home", "settings", "shared"}),
    frozenset({"sealed", "telemetry"}),
    frozenset({  # L1: facts and rules, strangers to each other
        "config", "gates", "idempotency", "journal", "limits", "permissions", "quotas", "registry",
        "security", "state", "storage",
    }),
    frozenset({"engines", "host"}),  # L2: execution; they meet in ports.py
    frozenset({"world"}),  # all facts folded at one number of the journal
    frozenset({"hub"}),  # L3: movement
    frozenset({"changes"}),
    frozenset({"lattice", "marketplace", "replay"}),
    frozenset({"kernel"}),  # L4: the composition root
    frozenset({"facts", "founding", "keeper", "upkeep"}),  # what faces read; work on a whole home
    frozenset({"web"}),  # L5: faces
    frozenset({"cli", "sdk"}),  # the CLI speaks to the web application in process
    frozenset({"__main__"}),
)  # fmt: skip

# A face sees the kernel, not what the kernel is made of.
ALL = frozenset().union(*ROWS)
L0 = frozenset().union(*ROWS[:5])
FACES: dict[str, frozenset[str]] = {
    "web": L0
    | {"changes", "facts", "kernel", "security"},  # orders are the words that faces speak to the kernel
    "cli": L0 | {"changes", "founding", "kernel", "keeper", "security", "upkeep", "web"},
    "sdk": L0 | {"kernel", "security"},
}

# A third party, and the only files that may import it; a folder ends with a slash.
FENCES: dict[str, tuple[str, ...]] = {
    "apispec": ("web/",),
    "click": ("cli/",),
    "cryptography": ("journal/", "security/"),
    "flask": ("web/",),
    "flask_smorest": ("web/",),
    "google": (),
    "gunicorn": ("web/", "cli/"),
    "jsonschema": ("parse/",),
    "marshmallow": ("registry/", "web/"),
    "nats": ("lattice/",),
    "prometheus_client": ("telemetry.py", "web/"),
    "re2": ("parse/",),
    "rhai": ("engines/rhai.py",),
    "rich": ("cli/",),
    "structlog": ("telemetry.py",),
    "wasmlane": ("engines/",),
    "wasmtime": ("engines/",),
    "watchdog": ("registry/watcher.py",),
    "webargs": ("web/",),
    "werkzeug": ("web/", "cli/"),
    "yaml": ("parse/",),
}


def imported(source: str, *, file: str) -> Iterator[str]:
    """Name everything that a module of the package imports, as dotted names."""
    here = ("neira", *Path(file).parent.parts)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else ()
            stem = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{stem}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def room_of(file: str) -> str:
    """Name the room that a file of the package stands in; the package's own `__init__` is the lobby."""
    return Path(file).parts[0].removesuffix(".py")


def row_of(room: str) -> int:
    """Return the number of a room's row."""
    (row,) = (number for number, rooms in enumerate(ROWS) if room in rooms)
    return row


def breaches(source: str, *, file: str) -> list[str]:
    """Say which imports of one file break the architecture."""
    found = []
    for name in imported(source, file=file):
        top, _, rest = name.partition(".")
        broken = _upward(file, rest.partition(".")[0]) if top == "neira" else _outside(file, top)
        if broken:
            found.append(f"{file} imports {name}: {broken}")
    return found


def _upward(file: str, room: str) -> str | None:
    mine = room_of(file)
    if room in {"", "__version__"} or room == mine:
        return None
    for stranger in {mine, room} - ALL - {"__init__"}:
        return f"{stranger} has no row in ROWS"
    if mine == "__init__" or row_of(room) >= row_of(mine):
        return "imports go downwards only"
    if room not in FACES.get(mine, {room}):
        return f"a face does not see {room}; ask the kernel"
    return None


def _outside(file: str, top: str) -> str | None:
    if top in sys.stdlib_module_names:
        return None
    if top not in FENCES:
        return "a third party needs a fence in FENCES and a reason in docs/adr"
    if not any(file == place or (place.endswith("/") and file.startswith(place)) for place in FENCES[top]):
        return f"{top} belongs to {', '.join(FENCES[top]) or 'nobody'}"
    return None


def files() -> list[str]:
    """List the modules of the package."""
    return sorted(str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("file", files())
def test_a_module_imports_only_what_its_place_allows(file: str) -> None:
    """Imports go down the rows, faces see the kernel alone, third parties stay behind their fences."""
    assert breaches((PACKAGE / file).read_text(encoding="utf-8"), file=file) == []


def test_every_room_has_exactly_one_row() -> None:
    """A new room is a decision: it gets its row with its first file."""
    rooms = {room_of(file) for file in files()} - {"__init__"}
    counted = {room: sum(room in row for row in ROWS) for room in rooms}
    assert {room for room, times in counted.items() if times != 1} == set()


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("journal/segment.py", "from neira.registry import fold"),
        ("journal/segment.py", "from neira import registry"),
        ("journal/segment.py", "import neira.kernel"),
        ("journal/deep/segment.py", "from ...hub import hub"),
        ("journal/segment.py", "def late():\n    from neira.web import app"),
        ("journal/segment.py", "if TYPE_CHECKING:\n    from neira.gates.gate import Gate"),
        ("journal/segment.py", "importlib.import_module('neira.kernel')"),
        ("model.py", "from neira.errors.base import NeiraError"),
        ("engines/rhai.py", "from neira.host import files"),
        ("hub/hub.py", "from neira.changes import approve"),
        ("kernel.py", "from neira.keeper import watch"),
        ("web/plugins.py", "from neira.engines import rhai"),
        ("web/plugins.py", "from neira.hub import hub"),
        ("cli/main.py", "from neira.journal import journal"),
        ("web/app.py", "from neira.cli import main"),
        ("__init__.py", "from neira.kernel import Kernel"),
        ("hub/hub.py", "from neira.attic import box"),
        ("attic/box.py", "from neira.model import Seq"),
    ],
)
def test_an_import_that_leaves_its_place_is_found(file: str, source: str) -> None:
    """The rules can fail: upwards, sideways, hidden in a function, behind a face, into an unknown room."""
    assert len(breaches(source, file=file)) == 1


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("kernel.py", "import flask"),
        ("hub/hub.py", "from flask import request"),
        ("parse/fields.py", "import marshmallow"),
        ("registry/fold.py", "from watchdog.observers import Observer"),
        ("hub/hub.py", "import wasmtime"),
        ("engines/wasm.py", "import rhai"),
        ("web/app.py", "import requests"),
        ("web/app.py", "import google.protobuf"),
    ],
)
def test_a_third_party_outside_its_fence_is_found(file: str, source: str) -> None:
    """The fences can fail, and a third party without a fence is a failure too."""
    assert len(breaches(source, file=file)) == 1


@pytest.mark.parametrize(
    ("file", "source"),
    [
        (
            "web/app.py",
            "import json, flask\nfrom neira.kernel import Kernel\nfrom neira.web.problem import reply",
        ),
        ("web/app.py", "from . import problem\nfrom .problem import reply\nfrom ..security import tokens"),
        ("cli/main.py", "from neira import __version__\nfrom neira.web.app import create_app\nimport click"),
        ("registry/watcher.py", "import watchdog.events\nfrom neira.disk import write_atomic"),
        ("changes/approve.py", "from neira.hub.invocation import run\nfrom neira.gates import passage"),
    ],
)
def test_an_import_in_its_place_passes(file: str, source: str) -> None:
    """The rules can pass: down the rows, within a room, a third party behind its fence."""
    assert breaches(source, file=file) == []


def test_ruff_holds_the_fences_around_calls() -> None:
    """Time, environment, randomness and fsync are banned by name, and only three files are let through."""
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    banned = set(lint["flake8-tidy-imports"]["banned-api"])
    assert banned >= {
        "os.environ",
        "os.getenv",
        "time.time",
        "datetime.datetime.now",
        "uuid.uuid4",
        "os.fsync",
    }
    let_through = {file for file, rules in lint["extend-per-file-ignores"].items() if "TID251" in rules}
    assert let_through == {"neira/clock.py", "neira/disk.py", "neira/settings.py"}
