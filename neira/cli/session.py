"""What a verb is given to work with: a kernel or a home, opened late and closed when it ends."""

from __future__ import annotations

import os
import pwd
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

import click

from neira import sealed
from neira.cli.options import asked
from neira.clock import SystemClock, SystemEntropy
from neira.errors.cli import HomeOnly
from neira.home import Home
from neira.kernel import Kernel
from neira.model import Caller, Scope
from neira.security import token_file
from neira.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from neira.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")


def needs_kernel(verb: Callable[Concatenate[Kernel, P], R]) -> Callable[P, R]:
    """Give a verb the kernel of the home; such a verb cannot be asked of a server."""

    @wraps(verb)
    def with_kernel(*args: P.args, **kwargs: P.kwargs) -> R:
        ctx = click.get_current_context()
        return verb(kernel_of(ctx, home_of(ctx)), *args, **kwargs)

    return with_kernel


def needs_home(verb: Callable[Concatenate[Home, P], R]) -> Callable[P, R]:
    """Give a verb the home's paths alone; it looks for itself whether there is a home."""

    @wraps(verb)
    def with_home(*args: P.args, **kwargs: P.kwargs) -> R:
        return verb(home_of(click.get_current_context()), *args, **kwargs)

    return with_home


def home_of(ctx: click.Context) -> Home:
    """Name the home, or refuse a verb that a server was asked for."""
    wanted = asked(ctx)
    if wanted.url is not None:
        raise HomeOnly(ctx.command_path)
    return Home(wanted.home)


def has_tokens(home: Home) -> bool:
    """Tell whether somebody could ask a server of this home for anything; a list that is damaged counts."""
    found = sealed.read(home.private / token_file.FILE)
    return isinstance(found, sealed.Broken) or bool(token_file.tokens_of(found.body, found.seq).by_digest)


def operator() -> Caller:
    """Speak as the person at the terminal: the files of a home are its keys."""
    user = os.geteuid()
    try:
        name = pwd.getpwuid(user).pw_name
    except KeyError:
        name = str(user)
    return Caller(f"cli:{name}", Scope.ADMIN)


def kernel_of(ctx: click.Context, home: Home) -> Kernel:
    """Open the kernel of a home until the verb ends."""
    home.check()
    kernel = Kernel.open(home.root, _quiet(load(home.root)), clock=SystemClock(), entropy=SystemEntropy())
    ctx.call_on_close(kernel.close)
    return kernel


def _quiet(settings: Settings) -> Settings:
    """Leave the terminal to the answer: what a server logs of each request is no news here."""
    return replace(settings, log=replace(settings.log, level="error"))
