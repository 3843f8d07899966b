"""`python -m rhai script.rhai`, `python -m rhai -e 'text'`; without either, the REPL."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import rhai
from rhai.cli import options, repl
from rhai.cli.notation import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

_EPILOG = "`python -m rhai check FILE…` compiles scripts without calling anything; see its --help"


def main(arguments: Sequence[str]) -> int:
    """Run one script, or open the REPL, and answer the exit code."""
    parser = _parser()
    given = parser.parse_args(arguments)
    words = [given.script, *given.args] if given.script is not None else []
    if given.text is not None:
        return _run(options.engine(parser, given, words), "-e", given.text)
    if not words and sys.stdin.isatty():
        return repl.talk(options.engine(parser, given, []))
    path = words[0] if words else "-"
    return _run(options.engine(parser, given, words[1:]), path, options.read(path))


def _parser() -> argparse.ArgumentParser:
    parser = options.parser(
        "python -m rhai", "Run a Rhai script in its sandbox, or talk to the engine line by line."
    )
    parser.epilog = _EPILOG
    parser.add_argument("--version", action="version", version=f"rhai-py {rhai.__version__}")
    parser.add_argument("-e", dest="text", metavar="TEXT", help="run this text instead of a file")
    parser.add_argument(
        "script", nargs="?", help="the file to run, - for the standard input; without one, the REPL"
    )
    parser.add_argument("args", nargs=argparse.REMAINDER, help="what the script finds in the array ARGS")
    return parser


def _run(engine: rhai.Engine, name: str, source: str) -> int:
    _say_aloud(engine)
    try:
        done = engine.run(source, name=name)
    except rhai.RhaiError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if done.dropped:
        sys.stderr.write(f"rhai: {done.dropped} more lines were not kept\n")
    if done.value is not None:
        sys.stdout.write(f"{done.value if isinstance(done.value, str) else shown(done.value)}\n")
    return 0


def _say_aloud(engine: rhai.Engine) -> None:
    """Let `print` write to the standard output and `debug` to the standard error."""
    engine.on_print(lambda text: sys.stdout.write(f"{text}\n"))
    engine.on_debug(lambda text: sys.stderr.write(f"{text}\n"))
