"""Refusals that concern who asks: no token, too small a scope, another namespace, too fast."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from neira.errors.base import Fault, NeiraError

if TYPE_CHECKING:
    from neira.model import Caller, Scope


class Unauthenticated(NeiraError):
    """No usable token; the sentence is the same for every cause."""

    code = "unauthenticated"
    status = HTTPStatus.UNAUTHORIZED
    fault = Fault.DENIED

    def __init__(self) -> None:
        super().__init__(
            "this needs a valid token",
            hint="send `Authorization: Bearer TOKEN`; `neira token create NAME --scope read` makes one",
        )


class ScopeMissing(NeiraError):
    """A token that stands too low on the ladder of scopes."""

    code = "scope_missing"
    status = HTTPStatus.FORBIDDEN
    fault = Fault.DENIED

    def __init__(self, caller: Caller, wanted: Scope) -> None:
        super().__init__(
            f"this needs the scope {wanted}; the token has {caller.scope}",
            hint=f"use a token made with `neira token create NAME --scope {wanted}`",
            details={"required_scope": wanted, "scope": caller.scope},
        )


class NamespaceMismatch(NeiraError):
    """A token that is bound to other plugin ids."""

    code = "namespace_mismatch"
    status = HTTPStatus.FORBIDDEN
    fault = Fault.DENIED

    def __init__(self, caller: Caller) -> None:
        super().__init__(
            f"the token is bound to the plugins of {caller.namespace}",
            hint=f"use an id that begins with {caller.namespace}. or another token",
            details={"namespace": caller.namespace},
        )


class RateLimited(NeiraError):
    """More requests than the token may make."""

    code = "rate_limited"
    status = HTTPStatus.TOO_MANY_REQUESTS
    fault = Fault.RATE_LIMITED

    def __init__(self, setting: str, wait: float) -> None:
        super().__init__(
            f"this token is over its rate (setting {setting})",
            hint="wait as long as Retry-After says, or raise the setting",
            details={"setting": setting},
        )
        self.retry_after = wait


class TokenNotFound(NeiraError):
    """A token id that nobody has."""

    code = "token_not_found"
    status = HTTPStatus.NOT_FOUND
    fault = Fault.NOT_FOUND

    def __init__(self, token: str) -> None:
        super().__init__(
            f"there is no live token {token[:40]!r}",
            hint="`neira token list` shows the tokens with their ids",
        )


class BadToken(NeiraError):
    """An order for a token that cannot be made."""

    code = "bad_token_order"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self, what: str, allowed: str) -> None:
        super().__init__(f"{what} is not allowed", hint=f"give {allowed}")
