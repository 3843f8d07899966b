"""The three shapes of a command line: a verb that answers, a noun that holds verbs, and `neira` itself.

Every level takes the shared options; a verb returns an `Answer`, which is printed here and nowhere else.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from neira.cli import exits, refusal
from neira.cli.options import asked, shared
from neira.cli.output import Answer, reply
from neira.cli.words import Language
from neira.errors import NeiraError
from neira.errors.cli import SystemRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")

_PACKAGE = "neira.cli"
_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Verb(click.Command):
    """One verb: its callback returns an `Answer`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(shared(top=False))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb, print what it came to, and end with its code."""
        answer = super().invoke(ctx)
        if isinstance(answer, Answer):
            wanted = asked(ctx)
            reply(answer, as_json=wanted.as_json, language=wanted.language)
            if answer.exit_code:
                ctx.exit(answer.exit_code)
        return answer


class Noun(click.Group):
    """A noun whose verbs are files: each is imported when it is asked for."""

    def __init__(
        self,
        name: str,
        verbs: Sequence[str],
        *,
        help: str,  # noqa: A002 - click's word
        top: bool = False,
        unspoken: str | None = None,
    ) -> None:
        super().__init__(name, help=help, params=shared(top=top), context_settings=_CONTEXT)
        self._verbs = verbs
        self._unspoken = unspoken

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put in the verb that may be left out, where none is named."""
        if self._unspoken is not None and args and not self._is_named(ctx, args):
            args = [self._unspoken, *args]
        return super().parse_args(ctx, args)

    def _is_named(self, ctx: click.Context, args: list[str]) -> bool:
        """Tell whether the first word behind the shared options is a verb, or missing."""
        try:
            _, words, _ = self.make_parser(ctx).parse_args(list(args))
        except click.UsageError:
            return False  # an option of the verb's own
        return not words or words[0] in self._verbs

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the verbs in the order in which they are written down."""
        _ = ctx
        return [*self._verbs, *self.commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a verb."""
        if cmd_name not in self._verbs:
            return super().get_command(ctx, cmd_name)
        place = "top" if isinstance(self, Root) else str(self.name)
        module = f"{_PACKAGE}.{place}.{cmd_name}".replace("-", "_")
        found = import_module(module).run
        assert isinstance(found, click.Command)
        return found


class Root(Noun):
    """`neira`: the one place that catches failures and turns them into words and exit codes."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run what was asked for, and end well however it ends."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except NeiraError as error:
            _refuse(ctx, error)
        except BrokenPipeError:
            _silence()
            ctx.exit(exits.BROKEN_PIPE)
        except OSError as error:
            _refuse(ctx, SystemRefused(error))
        except (KeyboardInterrupt, click.Abort):
            ctx.exit(exits.INTERRUPTED)
        return result


def verb(name: str, **facts: Any) -> Callable[[Callable[..., T]], click.Command]:
    """Make a verb of a function that returns an `Answer`."""
    return click.command(name, cls=Verb, context_settings=_CONTEXT, **facts)


def _refuse(ctx: click.Context, error: NeiraError) -> NoReturn:
    """Tell people on stderr; programs that asked for JSON read the same failure on stdout."""
    try:
        wanted = asked(ctx)
        as_json, language = wanted.as_json, wanted.language
    except click.UsageError:
        as_json, language = False, Language.EN
    refusal.show(error, language)
    if as_json:
        click.echo(refusal.problem_document(error))
    ctx.exit(exits.code_of(error))


def _silence() -> None:
    """Let nothing more be written to a pipe that nobody reads, not even while Python ends."""
    hole = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(hole, sys.stdout.fileno())
    except (OSError, ValueError):
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - lives as long as the program
    finally:
        os.close(hole)
