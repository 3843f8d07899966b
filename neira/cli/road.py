"""The road to every route: a verb is given a client, and does not see whether a server or a home answers."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

import click

from neira.cli.client import HttpClient, LocalClient
from neira.cli.options import asked
from neira.cli.session import kernel_of, operator
from neira.home import Home
from neira.web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from neira.cli.client import Client

P = ParamSpec("P")
R = TypeVar("R")


def needs_client(verb: Callable[Concatenate[Client, P], R]) -> Callable[P, R]:
    """Give a verb whoever answers: the server of --url, or the home in this process."""

    @wraps(verb)
    def with_client(*args: P.args, **kwargs: P.kwargs) -> R:
        return verb(client_of(click.get_current_context()), *args, **kwargs)

    return with_client


def client_of(ctx: click.Context) -> Client:
    """Take the road that the options name."""
    wanted = asked(ctx)
    if wanted.url is not None:
        line = HttpClient(wanted.url, wanted.token)
        ctx.call_on_close(line.close)
        return line
    application = create_app(kernel_of(ctx, Home(wanted.home)))
    ctx.call_on_close(application.close)  # before the kernel: click closes what came last first
    return LocalClient(application, operator())
