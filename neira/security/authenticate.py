"""From an Authorization header to a caller: one digest, one look-up, one answer for every failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.errors.caller import Unauthenticated
from neira.security.tokens import LONGEST, PREFIX, digest_of

if TYPE_CHECKING:
    from datetime import datetime

    from neira.model import Caller
    from neira.security.tokens import Tokens

_SCHEME = "Bearer "


def authenticate(header: str | None, tokens: Tokens, now: datetime) -> Caller:
    """Return the caller that a header names, or refuse without saying why.

    The secret is compared by looking its SHA-256 up: the time that takes tells nothing of a stored secret.
    """
    if header is None or not header.startswith(_SCHEME) or len(header) > LONGEST:
        raise Unauthenticated
    secret = header[len(_SCHEME) :]
    token = tokens.by_digest.get(digest_of(secret))
    if token is None or not secret.startswith(PREFIX):
        raise Unauthenticated
    if token.expires is not None and token.expires <= now:
        raise Unauthenticated
    return token.caller()
