"""The REPL: one world that keeps its state, line by line."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final, TextIO

import rhai
from rhai.cli.history import history_file, remembered
from rhai.cli.notation import shown

if TYPE_CHECKING:
    from collections.abc import Callable

_FIRST, _NEXT = "rhai> ", "  ... "
_HELP: Final = """\
Type Rhai: a value that is not () is shown.
An unfinished text goes on in the next line; an empty line gives it up.
  :help    this text
  :limits  how much one input may use
  :reset   forget variables and functions
  :quit    leave, as Ctrl-D does; Ctrl-C drops the line"""


def talk(engine: rhai.Engine) -> int:
    """Talk on the terminal, with a history, and answer the exit code."""
    environment = os.environ  # noqa: TID251 - where a user's state lives is the environment's to say
    sys.stdout.write(f"rhai-py {rhai.__version__}, :help for help\n")
    with remembered(history_file(environment)):
        Repl(engine, input, sys.stdout).talk()
    return 0


@dataclass(slots=True)
class Repl:
    """A conversation with one session of an engine."""

    engine: rhai.Engine
    ask: Callable[[str], str]
    out: TextIO

    def talk(self) -> None:
        """Go on until `:quit` or the end of the input."""
        self.engine.on_print(self._say)
        self.engine.on_debug(self._say)
        with self.engine.session() as session:
            while True:
                try:
                    if not self._turn(session):
                        return
                except KeyboardInterrupt:
                    self._say("")
                except EOFError:
                    self._say("")
                    return

    def _turn(self, session: rhai.Session) -> bool:
        text = self.ask(_FIRST)
        if text.startswith(":"):
            return self._command(session, text.strip())
        if text.strip():
            self._evaluate(session, text)
        return True

    def _command(self, session: rhai.Session, name: str) -> bool:
        match name:
            case ":quit":
                return False
            case ":reset":
                session.reset()
            case ":limits":
                for field in fields(self.engine.limits):
                    self._say(f"{field.name} {getattr(self.engine.limits, field.name):,}")
            case ":help":
                self._say(_HELP)
            case _:
                self._say(f"there is no {name}; :help names what there is")
        return True

    def _evaluate(self, session: rhai.Session, text: str) -> None:
        while True:
            try:
                value = session.eval(text)
            except rhai.RhaiError as error:
                if unfinished(error, text) and (more := self.ask(_NEXT)).strip():
                    text = f"{text}\n{more}"
                    continue
                self._failed(session, error)
                return
            if value is not None:
                self._say(shown(value))
            return

    def _failed(self, session: rhai.Session, error: rhai.RhaiError) -> None:
        self._say(str(error))
        try:
            session.eval("")
        except rhai.RhaiError:
            session.reset()
            self._say("That ended this world: variables and functions are gone.")

    def _say(self, text: str) -> None:
        self.out.write(f"{text}\n")


def unfinished(error: rhai.RhaiError, text: str) -> bool:
    """Tell whether more lines could still make a script of a text.

    >>> from rhai.errors import Story
    >>> error = rhai.SyntaxError(Story("syntax", "Script is incomplete", rhai.Place(line=1, column=4)))
    >>> unfinished(error, "1 +"), unfinished(error, "1 + * 2")
    (True, False)
    """
    if not isinstance(error, rhai.SyntaxError) or error.line is None or error.column is None:
        return False
    lines = text.split("\n")
    at_end = error.line == len(lines) and error.column > len(lines[-1])
    # Of the open strings only those in backticks go over lines.
    return at_end or lines[error.line - 1][error.column - 1 : error.column] == "`"
