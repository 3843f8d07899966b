"""The token list on disk: a projection of the journal, private to the home."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from neira import sealed
from neira.model import Seq
from neira.parse import strict_json
from neira.security.tokens import Tokens, from_json

if TYPE_CHECKING:
    from pathlib import Path

    from neira.model import JsonObject
    from neira.security.tokens import Token

FILE = "tokens.json"


def write(path: Path, tokens: Tokens, seq: Seq, head: str) -> None:
    """Replace the list."""
    sealed.write(path, seq, head, [("tokens", strict_json.dumps(as_json(tokens)))], mode=0o600)


def as_json(tokens: Tokens) -> JsonObject:
    """Show the list as the file holds it."""
    return {digest: _as_json(token) for digest, token in tokens.by_digest.items()}


def tokens_of(body: JsonObject, seq: Seq) -> Tokens:
    """Read the list out of a sealed body."""
    kept = body["tokens"]
    assert isinstance(kept, dict)
    by_digest = {
        digest: from_json(data, Seq(data["seq"]), created=datetime.fromisoformat(data["created"]))
        for digest, data in kept.items()
    }
    return Tokens(seq, by_digest)


def _as_json(token: Token) -> JsonObject:
    return {
        "token": token.id,
        "name": token.name,
        "scope": token.scope,
        "namespace": token.namespace,
        "expires": token.expires.isoformat() if token.expires else None,
        "created": token.created.isoformat(),
        "seq": token.seq,
    }
