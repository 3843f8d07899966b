"""Write the tables of docs/cli.md from the command line itself: `python -m tools.cli_docs`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from neira.cli.command import Noun
from neira.cli.exits import MEANINGS, RESERVED
from neira.cli.main import build
from neira.cli.options import shared

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cli.md"

HEAD = """# Command line

`neira NOUN VERB …` works on a *home* (a folder) or on a *running server*. Every verb that has a route sends
the same HTTP request either way: to the server of `--url`, or to the same application inside its own process.
So a refusal reads the same in both, and what is journaled is the same.

```sh
neira init demo                                   # a new home
neira --home demo token create me --scope admin   # the token alone on stdout
neira --home demo serve                           # in another terminal: a server on 127.0.0.1:8080
export NEIRA_URL=http://127.0.0.1:8080 NEIRA_TOKEN=neira_…
neira gates say unlock ui_tools_registry --why "first steps"
neira event send ui.pencil ui.pencil.draw --params '{"color": "red"}' --chat c1
neira journal tail
```

At a home, whoever can read its keys is its admin: the verbs act as `cli:<login name>` with the scope admin.
At a server, the token decides. Safe mode, gates and the journal hold in both. Many processes may share a
home: verbs may be used on the home of a running server.

Results go to stdout, everything else (progress bars, notes, refusals) to stderr. Tables are for people;
colours appear only on a terminal. With `--json` stdout holds exactly one JSON document: the answer, or, where
the verb was refused, the problem document (`code`, `detail`, `hint`, `fault`, …). `journal export` gives
NDJSON whatever is asked. Wrong usage is told on stderr alone.

Next: `new`, `run`, `test`, `replay` and `bench` come with the engines.
"""


def page() -> str:
    """Make the whole page."""
    return "".join([HEAD, *_shared(), *_exits(), *_verbs()])


def commands() -> Iterator[tuple[str, click.Command]]:
    """List every verb with the words that call it."""
    root = build()
    ctx = click.Context(root)
    for name in root.list_commands(ctx):
        command = root.get_command(ctx, name)
        assert command is not None
        if isinstance(command, Noun):
            for verb in command.list_commands(ctx):
                found = command.get_command(ctx, verb)
                assert found is not None
                yield f"{name} {verb}", found
        else:
            yield name, command


def _shared() -> Iterator[str]:
    yield "\n## Options of every verb\n\nThey stand before a verb or after it; what stands later wins.\n\n"
    yield "| option | variable | meaning |\n|---|---|---|\n"
    for option in shared(top=True):
        assert isinstance(option, click.Option)
        names = option.envvar if isinstance(option.envvar, str) else ", ".join(option.envvar or ())
        yield f"| {_spelled(option)} | {f'`{names}`' if names else ''} | {option.help} |\n"
    yield "\nA `--home` on the command line wins over `NEIRA_URL`; `--home` with `--url` is wrong usage.\n"


def _exits() -> Iterator[str]:
    yield "\n## Exit codes\n\n| code | meaning |\n|---|---|\n"
    yield from (f"| {code} | {meaning} |\n" for code, meaning in MEANINGS)
    yield f"\n{RESERVED}.\n"


def _verbs() -> Iterator[str]:
    yield "\n## Verbs\n"
    for words, command in commands():
        arguments = [param for param in command.params if isinstance(param, click.Argument)]
        usage = " ".join(
            ["neira", words, *(param.make_metavar(click.Context(command)) for param in arguments)]
        )
        yield f"\n### `{usage}`\n\n{_prose(command.help or '')}\n"
        yield from _options(param for param in command.params if isinstance(param, click.Option))


def _options(options: Iterable[click.Option]) -> Iterator[str]:
    known = {option.name for option in shared(top=False)}
    own = [option for option in options if option.name not in known]
    if own:
        yield "\n| option | meaning |\n|---|---|\n"
    for option in own:
        yield f"| {_spelled(option)} | {option.help}{' Required.' if option.required else ''} |\n"


def _spelled(option: click.Option) -> str:
    value = "" if option.is_flag else f" {option.make_metavar(click.Context(click.Command('neira')))}"
    return ", ".join(f"`{name}{value}`" for name in option.opts).replace("|", "\\|")


def _prose(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
