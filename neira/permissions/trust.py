"""How far a plugin is trusted by its signature, and what that lets it hold at most.

The registry asks when a plugin is registered or approved, `decide` at every use. Both ask the same questions,
so that a setting that becomes stricter takes effect at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from neira.permissions.permission import Permission, parse
from neira.permissions.table import Risk


class TrustLevel(StrEnum):
    """What a signature came to."""

    VERIFIED = "verified"
    SIGNED = "signed"
    UNSIGNED = "unsigned"


class Unsigned(StrEnum):
    """The setting `trust.unsigned`: what a plugin without a signature may hold at most."""

    READ = "read"
    LOW = "low"
    APPROVAL = "approval"


@dataclass(frozen=True, slots=True)
class Trust:
    """A level, and the setting that bounds the lowest one."""

    level: TrustLevel = TrustLevel.UNSIGNED
    unsigned: Unsigned = Unsigned.LOW

    def may_hold(self, permission: Permission, plugin: str) -> bool:
        """Tell whether a plugin may hold a permission at this level, approved or not."""
        match self.level:
            case TrustLevel.VERIFIED:
                return True
            case TrustLevel.SIGNED:
                return permission.risk_for(plugin) is not Risk.EXPLICIT_APPROVAL
            case TrustLevel.UNSIGNED:
                return self._unsigned_may_hold(permission, plugin)
        assert_never(self.level)

    def _unsigned_may_hold(self, permission: Permission, plugin: str) -> bool:
        risk = permission.risk_for(plugin)
        match self.unsigned:
            case Unsigned.READ:
                return risk is Risk.LOW and permission.row.reads
            case Unsigned.LOW:
                return risk is Risk.LOW
            case Unsigned.APPROVAL:
                return risk is not Risk.EXPLICIT_APPROVAL  # never more than a signed one
        assert_never(self.unsigned)

    def grants_unasked(self, plugin: str, text: str) -> bool:
        """Tell whether a permission is granted at registration, without anybody's approval."""
        permission = parse(text)
        return permission.risk_for(plugin) is Risk.LOW and self.may_hold(permission, plugin)

    def refusal(self, plugin: str, text: str) -> str | None:
        """Say why a permission cannot be granted at this level, or None when an admin may grant it."""
        permission = parse(text)
        if self.may_hold(permission, plugin):
            return None
        if permission.row.verified_only:
            return f"{permission} is for plugins of verified publishers"
        if self.level is TrustLevel.SIGNED:
            return f"{permission} is for plugins of verified publishers; this one is signed by another key"
        bound = f"setting trust.unsigned = {self.unsigned}"
        return f"{permission} is more than an unsigned plugin may hold ({bound})"

    def must_be_named(self, plugin: str, text: str) -> bool:
        """Tell whether an approval has to name this permission itself."""
        return parse(text).risk_for(plugin) is Risk.EXPLICIT_APPROVAL

    def admits(self, asked: str, granted: str) -> bool:
        """Tell whether a manifest that asks for the one may be granted the other."""
        return parse(asked).admits(parse(granted))
