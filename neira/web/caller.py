"""Who asks, and whether they may: 401 before 403 before anything is said about what is there.

Every route below the API passes `requires`; `noun.py` puts it around each view.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from flask import request

from neira import facts
from neira.errors.caller import NamespaceMismatch, ScopeMissing, Unauthenticated
from neira.web.current import caller, kernel, visit

if TYPE_CHECKING:
    from collections.abc import Callable

    from neira.kernel import Kernel
    from neira.model import Caller, PluginId, Scope

Asked = ParamSpec("Asked")
Said = TypeVar("Said")

CALLER = "neira.caller"  # a WSGI key, set by code of this process alone: headers become HTTP_ keys


def requires(
    scope: Scope, *, rate: str | None = None
) -> Callable[[Callable[Asked, Said]], Callable[Asked, Said]]:
    """Let callers through who hold the scope and keep within their rate."""

    def around(view: Callable[Asked, Said]) -> Callable[Asked, Said]:
        @wraps(view)
        def guarded(*args: Asked.args, **kwargs: Asked.kwargs) -> Said:
            admit(kernel(), authenticated(), scope, rate)
            return view(*args, **kwargs)

        return guarded

    return around


def admit(opened: Kernel, known: Caller, scope: Scope, rate: str | None) -> None:
    """Refuse a caller who lacks the scope or asks too often."""
    if not known.scope.covers(scope):
        raise ScopeMissing(known, scope)
    if rate is not None:
        facts.spend(opened, known, rate)


def authenticated() -> Caller:
    """Say who asks, or refuse; the answer is kept for the rest of the request."""
    here = visit()
    here.caller = request.environ.get(CALLER) or kernel().authenticate(request.headers.get("Authorization"))
    return here.caller


def reader() -> Caller | None:
    """Say who asks on a route that is open to everybody."""
    try:
        return authenticated()
    except Unauthenticated:
        return None


def touching(plugin: PluginId) -> PluginId:
    """Pass a plugin id on if the caller's namespace covers it."""
    if not caller().may_touch(plugin):
        raise NamespaceMismatch(caller())
    return plugin


def whole_system() -> None:
    """Refuse callers whose token is bound to some plugins, where everything is shown."""
    if caller().namespace is not None:
        raise NamespaceMismatch(caller())
