"""What a verb answers, and the one place that prints it: tables for people, one JSON document for programs.

A verb returns an `Answer`: its document, and how a person would like to see it. Results go to stdout,
everything else (progress, notes, refusals) to stderr.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO, TypeAlias

import click
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text as RichText

from neira.cli.words import Language, Word
from neira.parse import strict_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from neira.model import Json, JsonObject

_UNBOUNDED = 100_000  # columns, where nobody looks at a screen: a line of a table stays one line
_GREEN, _YELLOW, _RED = "green", "yellow", "red"
_COLOURS: Mapping[str, str] = {
    "ok": _GREEN, "enabled": _GREEN, "stable": _GREEN, "live": _GREEN, "ready": _GREEN,
    "warn": _YELLOW, "pending_approval": _YELLOW, "experimental": _YELLOW, "deprecated": _YELLOW,
    "fail": _RED, "failed": _RED, "locked": _RED, "trap": _RED, "denied": _RED, "limit": _RED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below headings."""

    headings: tuple[Word, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with their values, one a line."""

    pairs: tuple[tuple[str | Word, str], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence."""

    text: str


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Text that goes out byte for byte: a token, a script for the shell."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on stderr, for people alone."""

    text: str


View: TypeAlias = Table | Facts | Line | Verbatim | Note


@dataclass(frozen=True, slots=True)
class Answer:
    """What a verb came to: the document, its looks, and the exit code."""

    body: Json
    views: tuple[View, ...] = field(default=())
    exit_code: int = 0


def reply(answer: Answer, *, as_json: bool, language: Language) -> None:
    """Print an answer in the one form that was asked for."""
    if as_json:
        click.echo(document(answer.body))
        return
    for view in answer.views:
        _show(view, language)


def document(body: Json) -> str:
    """Write one JSON document for programs and for curious people."""
    strict_json.dumps(body)  # refuses what JSON does not have; the words below are the same, set for reading
    return json.dumps(body, ensure_ascii=False, indent=2, allow_nan=False)


def plain(text: object) -> str:
    """Make foreign text safe for a terminal: no escape sequences, no line breaks, no half characters."""
    return "".join(char if char.isprintable() else "�" for char in str(text))


def cell(value: Json) -> str:
    """Write any JSON value into a cell."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int | float):
        return plain(value)
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return plain(", ".join(str(each) for each in value)) or "-"
    return plain(strict_json.dumps(value))


def facts_of(body: JsonObject, keys: Iterable[str]) -> Facts:
    """Show some keys of a document, those that it has."""
    return Facts(tuple((key, cell(body[key])) for key in keys if key in body))


def note(text: str) -> None:
    """Say something to the person at the terminal, without touching the result."""
    click.echo(text, err=True)


def _show(view: View, language: Language) -> None:
    match view:
        case Table():
            _table(view, language)
        case Facts(pairs):
            _facts(pairs, language)
        case Line(text):
            click.echo(plain(text))
        case Verbatim(text):
            click.echo(text, nl=not text.endswith("\n"))
        case Note(text):
            note(text)


def _table(view: Table, language: Language) -> None:
    if not view.rows:
        note(Word.NOTHING.say(language))
        return
    table = RichTable(box=None, pad_edge=False, header_style="bold")
    for heading in view.headings:
        table.add_column(heading.say(language), overflow="fold")
    for row in view.rows:
        table.add_row(*(RichText(plain(each), style=_COLOURS.get(each, "")) for each in row))
    _print(table)


def _facts(pairs: tuple[tuple[str | Word, str], ...], language: Language) -> None:
    if not pairs:
        note(Word.NOTHING.say(language))
        return
    table = RichTable(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in pairs:
        label = name.say(language) if isinstance(name, Word) else plain(name)
        table.add_row(label, RichText(plain(value), style=_COLOURS.get(value, "")))
    _print(table)


def _print(table: RichTable) -> None:
    """Lay out for the screen, or unbounded for a pipe; trailing blanks help nobody."""
    stream = sys.stdout
    console = console_on(stream)
    with console.capture() as captured:
        console.print(table)
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def console_on(stream: TextIO) -> Console:
    """Open a console on a stream; colours only where somebody sees them."""
    seen = stream.isatty()
    return Console(
        file=stream, highlight=False, markup=False, emoji=False, width=None if seen else _UNBOUNDED
    )
