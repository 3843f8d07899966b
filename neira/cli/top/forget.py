"""`neira forget`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import all_facts, why
from neira.cli.command import verb
from neira.cli.output import Answer
from neira.cli.session import needs_kernel, operator
from neira.cli.types import CHAT, SESSION
from neira.upkeep.forget import forget

if TYPE_CHECKING:
    from neira.kernel import Kernel


@verb("forget")
@click.option("--chat", type=CHAT, help="Everything of this chat.")
@click.option("--session", type=SESSION, help="Everything of this session; with --chat only there.")
@click.option("--event", metavar="ID", help="What came with this event.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@why
@needs_kernel
def run(
    kernel: Kernel, *, chat: str | None, session: str | None, event: str | None, yes: bool, why: str
) -> Answer:
    """Blank what people said out of the journal, for good; that it was forgotten stays in the journal."""
    if not (chat or session or event):
        raise click.UsageError("say what to forget: --chat, --session or --event")
    if not yes:
        click.confirm("This cannot be undone. Forget it?", abort=True, err=True)
    done = forget(kernel, operator().actor, chat=chat, session=session, event=event, why=why)
    body = {"records": done.records, "journal_id": done.journal_id}
    return Answer(body, (all_facts(body),))
