"""`neira completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from neira.cli.command import verb
from neira.cli.output import Answer, Verbatim

VARIABLE = "_NEIRA_COMPLETE"


@verb("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def run(shell: str) -> Answer:
    """Print the completion script of a shell, such as: source <(neira completion bash)."""
    script = get_completion_class(shell)
    assert script is not None  # click knows the three
    root = click.get_current_context().find_root().command
    text = script(root, {}, "neira", VARIABLE).source()
    return Answer({"shell": shell, "script": text}, (Verbatim(text),))
