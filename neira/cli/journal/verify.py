"""`neira journal verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli import exits
from neira.cli.changing import all_facts, as_object
from neira.cli.command import verb
from neira.cli.options import asked
from neira.cli.output import Answer
from neira.cli.progress import meter
from neira.cli.road import client_of
from neira.cli.session import home_of
from neira.clock import SystemClock
from neira.upkeep.soundness import as_json, verified

if TYPE_CHECKING:
    from neira.model import JsonObject


@verb("verify")
def run() -> Answer:
    """Check every record, its chain and its signatures; name the first that is not as it was written."""
    ctx = click.get_current_context()
    if asked(ctx).url is not None:
        body = as_object(client_of(ctx).call("GET", "/journal/verify").body)
    else:
        home = home_of(ctx)
        home.check()
        with meter("journal") as progress:
            body = as_json(verified(home, SystemClock(), progress))
    return Answer(body, (all_facts(body),), exits.DONE if is_clean(body) else exits.FAILED)


def is_clean(body: JsonObject) -> bool:
    """Tell whether a verification found nothing."""
    return body.get("clean") is True
