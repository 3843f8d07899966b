"""Make and revoke tokens. A secret is shown once, in the answer that made it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.changes.plan import Order, Plan
from neira.errors.caller import BadToken
from neira.gates.safe_mode import Order as Verb
from neira.model import ChangeNote, Draft
from neira.security.tokens import mint

if TYPE_CHECKING:
    from datetime import datetime

    from neira.changes.plan import Means
    from neira.model import Json, JsonObject, Scope, Seq
    from neira.world.world import World

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_NAMESPACE = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class CreateToken(Order):
    """Make a token."""

    verb = Verb.CREATE_TOKEN
    name: str
    scope: Scope
    namespace: str | None = None
    expires: datetime | None = None

    def decide(self, world: World, means: Means) -> Plan:
        """Check the words of the order and mint the secret."""
        _ = world
        self._check(means.clock.now())
        minted = mint(means.entropy)
        expires = self.expires.isoformat() if self.expires else None
        data: dict[str, Json] = {
            "token": minted.id,
            "name": self.name,
            "digest": minted.digest,
            "scope": self.scope.value,
            "namespace": self.namespace,
            "expires": expires,
        }
        shown = ("name", "scope", "namespace", "expires")
        after: dict[str, Json] = {"id": minted.id, **{key: data[key] for key in shown}}
        note = ChangeNote(
            f"token {self.name} was made with the scope {self.scope}", verify="neira token list"
        )
        draft = Draft("token.created", "", note, f"token-{self.name}", {**data, "after": after})
        return Plan(draft, created=True, secret={"token": minted.secret})

    def _check(self, now: datetime) -> None:
        if not _NAME.fullmatch(self.name):
            raise BadToken("this name", "1 to 64 of A-Z a-z 0-9 . _ @ -, beginning with a letter or digit")
        if self.namespace is not None and not _NAMESPACE.fullmatch(self.namespace):
            raise BadToken("this namespace", "the beginning of plugin ids, such as acme")
        if self.expires is not None and (self.expires.tzinfo is None or self.expires <= now):
            raise BadToken("this expiry", "a time in the future with its zone, such as 2030-01-01T00:00:00Z")


@dataclass(frozen=True, slots=True)
class RevokeToken(Order):
    """End a token."""

    verb = Verb.REVOKE_TOKEN
    token_id: str

    def revision(self, world: World) -> Seq | None:
        """Say which record made the token."""
        return world.tokens.get(self.token_id).seq

    def decide(self, world: World, means: Means) -> Plan:
        """End the token, if there is one."""
        _ = means
        token = world.tokens.get(self.token_id)
        note = ChangeNote(f"token {token.name} was revoked", verify="neira token list")
        after: JsonObject = {"id": token.id, "name": token.name, "revoked": True}
        draft = Draft(
            "token.revoked", "", note, f"token-{token.name}-revoked", {"token": token.id, "after": after}
        )
        return Plan(draft)
