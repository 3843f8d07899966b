"""The headers that put conditions on a request: If-Match, If-None-Match, Idempotency-Key."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from flask import request

from neira import facts
from neira.errors.change import BadIdempotencyKey, BadPrecondition
from neira.web.current import caller
from neira.web.strict import MULTIPART, media_type, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_STRONG = re.compile(r'"[\x21\x23-\x7e]{1,128}"')
_KEY = re.compile(r"[\x20-\x7e]{1,128}")


def if_match() -> str | None:
    """Read the one strong tag that a change insists on, quotes and all; lists, `*`, weak tags are refused."""
    header = request.headers.get("If-Match")
    if header is not None and not _STRONG.fullmatch(header):
        raise BadPrecondition
    return header


def is_known(tag: str) -> bool:
    """Tell whether the client holds this state already and wants only news."""
    return request.method in {"GET", "HEAD"} and request.if_none_match.contains_weak(tag)


def use() -> facts.Use | None:
    """Read the key under which a request may be sent twice, bound to what is asked with it."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not _KEY.fullmatch(key) or key.isspace():
        raise BadIdempotencyKey
    query = request.query_string.decode("ascii", "replace")
    path = f"{request.path}?{query}" if query else request.path
    return facts.use(caller(), key, f"{request.method} {path} {_body_digest()}")


def _body_digest() -> str:
    """Digest what is asked; of a multipart body its parts, since each sending draws another boundary."""
    digest = hashlib.sha256()
    for piece in _pieces():
        digest.update(piece)
    return digest.hexdigest()


def _pieces() -> Iterator[bytes]:
    if media_type(request) != MULTIPART:
        yield request.get_data()
        return
    for name, part in sorted(parts_of(request).items()):
        yield f"{len(name.encode())} {name} {len(part.data)} ".encode() + part.data
