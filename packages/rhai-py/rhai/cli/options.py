"""What every command takes: limits, libraries, and scripts from files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import rhai


class Unreadable(Exception):
    """A file that a command names cannot be read."""


def parser(program: str, description: str) -> argparse.ArgumentParser:
    """Make a parser with the options that all commands share."""
    made = argparse.ArgumentParser(prog=program, description=description, allow_abbrev=False)
    usual = rhai.Limits()
    limits = made.add_argument_group("limits")
    limits.add_argument(
        "--fuel", type=int, default=usual.fuel, metavar="N", help="work, counted exactly (%(default)s)"
    )
    limits.add_argument(
        "--memory-mb", type=float, default=usual.memory_mb, metavar="MB", help="megabytes (%(default)s)"
    )
    limits.add_argument(
        "--timeout-ms", type=float, default=usual.timeout_ms, metavar="MS", help="milliseconds (%(default)s)"
    )
    made.add_argument(
        "--library",
        type=_library,
        action="append",
        default=[],
        metavar="NAME=FILE",
        help='a script that `import "NAME" as …` finds; may be repeated',
    )
    return made


def engine(made: argparse.ArgumentParser, options: argparse.Namespace, arguments: list[str]) -> rhai.Engine:
    """Make the engine that the options describe; scripts see the arguments as the constant ARGS."""
    try:
        limits = rhai.Limits(fuel=options.fuel, memory_mb=options.memory_mb, timeout_ms=options.timeout_ms)
    except ValueError as error:
        made.error(str(error))
    return rhai.Engine(limits, scope={"ARGS": arguments}, libraries=dict(options.library))


def read(path: str) -> str:
    """Read a script, `-` for the standard input; a first line `#!…` is the shell's."""
    try:
        source = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except OSError as error:
        message = f"cannot read {path}: {error.strerror or error}"
        raise Unreadable(message) from None
    except UnicodeDecodeError as error:
        message = f"cannot read {path}: it is no UTF-8 text (byte {error.start})"
        raise Unreadable(message) from None
    first, newline, rest = source.partition("\n")
    return newline + rest if first.startswith("#!") else source


def _library(words: str) -> tuple[str, str]:
    name, separator, path = words.partition("=")
    if not (name and separator and path):
        message = f"{words!r} is not NAME=FILE"
        raise argparse.ArgumentTypeError(message)
    try:
        return name, read(path)
    except Unreadable as error:
        raise argparse.ArgumentTypeError(str(error)) from None
