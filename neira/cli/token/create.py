"""`neira token create`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import as_object, body, why
from neira.cli.command import verb
from neira.cli.output import Answer, Note, Verbatim, cell
from neira.cli.road import needs_client
from neira.cli.types import Moment
from neira.model import Scope

if TYPE_CHECKING:
    from neira.cli.client import Client
    from neira.model import JsonObject


@verb("create")
@click.argument("name")
@click.option(
    "--scope", "scopes", type=click.Choice([scope.value for scope in Scope]), multiple=True, required=True,
    help="May be repeated; the highest counts, it covers the others.",
)  # fmt: skip
@click.option("--namespace", metavar="PREFIX", help="Bind the token to plugin ids that begin with this.")
@click.option("--expires", type=Moment(), help="End the token by itself; the default is never.")
@why
@needs_client
def run(
    client: Client,
    *,
    name: str,
    scopes: tuple[str, ...],
    namespace: str | None,
    expires: str | None,
    why: str,
) -> Answer:
    """Make a token; it alone goes to stdout, and it is shown this once."""
    asked = body(why, name=name, scope=highest(scopes), namespace=namespace, expires=expires)
    made = as_object(client.call("POST", "/tokens", json=asked).body)
    return Answer(made, (Verbatim(str(made["token"])), Note(_remark(made))))


def highest(scopes: tuple[str, ...]) -> str:
    """Pick the scope that covers all others."""
    wanted = [Scope(scope) for scope in scopes]
    return next(scope for scope in wanted if all(scope.covers(other) for other in wanted)).value


def _remark(made: JsonObject) -> str:
    until = f", until {cell(made.get('expires'))}" if made.get("expires") else ""
    bound = f", for {cell(made.get('namespace'))}.*" if made.get("namespace") else ""
    token, name, scope = (cell(made.get(key)) for key in ("id", "name", "scope"))
    return f"token {token} ({name}) has the scope {scope}{bound}{until}"
