"""Bearer tokens as facts: made, found by digest, revoked. The journal and the disk hold digests alone."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from neira.errors.caller import TokenNotFound
from neira.model import NEVER, Caller, Scope, Seq

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neira.model import JsonObject, Record
    from neira.ports import Entropy

PREFIX = "neira_"
SECRET_BYTES = 32
LONGEST = 128  # characters of a header value that are looked at


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of one token; its secret is not."""

    id: str
    name: str
    scope: Scope
    namespace: str | None
    expires: datetime | None
    created: datetime
    seq: Seq

    def caller(self) -> Caller:
        """Speak as this token's holder."""
        return Caller(f"token:{self.id}:{self.name}", self.scope, self.namespace)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Every live token, by the digest of its secret."""

    seq: Seq = NEVER
    by_digest: Mapping[str, Token] = field(default_factory=dict)

    def get(self, token_id: str) -> Token:
        """Find a live token by its id."""
        for token in self.by_digest.values():
            if token.id == token_id:
                return token
        raise TokenNotFound(token_id)


@dataclass(frozen=True, slots=True)
class Minted:
    """A new secret, to be shown once, and what is kept of it."""

    secret: str
    id: str
    digest: str


def mint(entropy: Entropy) -> Minted:
    """Make a secret that nobody can guess."""
    secret = PREFIX + base64.urlsafe_b64encode(entropy.bytes(SECRET_BYTES)).rstrip(b"=").decode()
    digest = digest_of(secret)
    return Minted(secret, entropy.bytes(4).hex(), digest)


def digest_of(secret: str) -> str:
    """Digest a secret as it is stored."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def fold(now: Tokens, record: Record) -> Tokens:
    """Move the tokens on by one record."""
    if record.kind == "token.created":
        token = from_json(record.data, record.seq, created=record.ts)
        return Tokens(record.seq, {**now.by_digest, str(record.data["digest"]): token})
    if record.kind == "token.revoked":
        gone = record.data["token"]
        return Tokens(record.seq, {d: token for d, token in now.by_digest.items() if token.id != gone})
    return now


def from_json(data: JsonObject, seq: Seq, *, created: datetime) -> Token:
    """Read a token as the journal holds it."""
    expires, namespace = data.get("expires"), data.get("namespace")
    return Token(
        id=str(data["token"]),
        name=str(data["name"]),
        scope=Scope(str(data["scope"])),
        namespace=None if namespace is None else str(namespace),
        expires=None if expires is None else datetime.fromisoformat(str(expires)),
        created=created,
        seq=seq,
    )


def view(token: Token) -> JsonObject:
    """Show a token to an admin: everything but its digest."""
    return {
        "id": token.id,
        "name": token.name,
        "scope": token.scope,
        "namespace": token.namespace,
        "expires": token.expires.isoformat() if token.expires else None,
        "created": token.created.isoformat(),
        "revision": token.seq,
    }
