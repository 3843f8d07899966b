"""`python -m rhai check FILE…`: compile scripts and say what they are made of; nothing is called."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import rhai
from rhai.cli import options

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def main(arguments: Sequence[str]) -> int:
    """Check each file and answer 1 if one of them is no script."""
    parser = options.parser(
        "python -m rhai check", "Compile scripts and list functions, host calls and imports."
    )
    parser.add_argument("--json", action="store_true", help="one JSON document with a report for each file")
    parser.add_argument("files", nargs="+", metavar="FILE", help="a script, - for the standard input")
    given = parser.parse_args(arguments)
    engine = options.engine(parser, given, [])
    checked = {path: _checked(engine, path, options.read(path)) for path in given.files}
    if given.json:
        sys.stdout.write(
            json.dumps([_report(path, found) for path, found in checked.items()], indent=2) + "\n"
        )
    else:
        for path, found in checked.items():
            _tell(path, found)
    return int(any(isinstance(found, rhai.RhaiError) for found in checked.values()))


def _checked(engine: rhai.Engine, path: str, source: str) -> rhai.Script | rhai.RhaiError:
    try:
        return engine.compile(source, name=path)
    except rhai.RhaiError as error:
        return error


def _tell(path: str, found: rhai.Script | rhai.RhaiError) -> None:
    if isinstance(found, rhai.RhaiError):
        sys.stderr.write(f"{path}: {found}\n")
        return
    lines = [f"{path}: ok"]
    lines += [
        f"  fn {function}{' private' if function.private else ''}{_first(function.doc)}"
        for function in found.functions
    ]
    lines += [f"  calls {name}{_places(places)}" for name, places in found.host_calls.items()]
    lines += [f"  imports {json.dumps(name, ensure_ascii=False)}" for name in found.imports]
    sys.stdout.write("\n".join(lines) + "\n")


def _first(doc: str) -> str:
    return f"  // {doc.splitlines()[0]}" if doc else ""


def _places(places: Sequence[rhai.Place]) -> str:
    # A library's own calls have no place in this text.
    return f" at line {', '.join(str(place.line) for place in places)}" if places else " through a library"


def _report(path: str, found: rhai.Script | rhai.RhaiError) -> Mapping[str, object]:
    if isinstance(found, rhai.RhaiError):
        place = {"line": found.line, "column": found.column}
        return {
            "file": path,
            "ok": False,
            "code": found.code,
            "message": found.message,
            **place,
            "excerpt": found.excerpt,
        }
    return {
        "file": path,
        "ok": True,
        "functions": [asdict(function) for function in found.functions],
        "host_calls": {
            name: [[at.line, at.column] for at in places] for name, places in found.host_calls.items()
        },
        "imports": list(found.imports),
    }
