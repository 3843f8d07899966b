"""Whether a power may be used now: each authority in turn is asked, the first that does not agree is named.

The hub makes the authorities of a run and asks before each effect, and once more at the commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias

from neira.model import Allowed, Denied

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neira.model import PluginId, Scope
    from neira.permissions.permission import Permission
    from neira.permissions.trust import Trust


class Reason(StrEnum):
    """Which authority did not cover a permission."""

    NO_AUTHORITY = "no_authority"
    NOT_REQUESTED = "not_requested"
    NOT_GRANTED = "not_granted"
    TRUST_TOO_LOW = "trust_too_low"
    SCOPE_MISSING = "scope_missing"
    UNSUPPORTED = "unsupported"


Decision: TypeAlias = Allowed | Denied


class Authority(Protocol):
    """Somebody who has to agree."""

    @property
    def reason(self) -> str:
        """Say why, when it does not."""
        ...

    def covers(self, wanted: Permission) -> bool:
        """Tell whether it agrees."""
        ...


def decide(wanted: Permission, authorities: Sequence[Authority]) -> Decision:
    """Allow what every authority covers."""
    if not authorities:
        return Denied(Reason.NO_AUTHORITY, str(wanted))  # all of nothing is a no
    for authority in authorities:
        if not authority.covers(wanted):
            return Denied(authority.reason, str(wanted))
    return Allowed()


@dataclass(frozen=True, slots=True)
class Requested:
    """The manifest: what the plugin said that it would need."""

    permissions: tuple[Permission, ...]
    reason: str = Reason.NOT_REQUESTED

    def covers(self, wanted: Permission) -> bool:
        """Agree to what was asked for; a bare request leaves the object to the grant."""
        return any(each.admits(wanted) for each in self.permissions)


@dataclass(frozen=True, slots=True)
class Granted:
    """The admin's grant, or what the trust level grants unasked."""

    plugin: PluginId
    permissions: tuple[Permission, ...]
    reason: str = Reason.NOT_GRANTED

    def covers(self, wanted: Permission) -> bool:
        """Agree to what was granted; a bare grant reaches no further than the plugin's own id."""
        return any(
            each.covers(wanted) or (each.bare and each.row is wanted.row and wanted.own(self.plugin))
            for each in self.permissions
        )


@dataclass(frozen=True, slots=True)
class Trusted:
    """The trust level: what may be granted to this plugin at most."""

    plugin: PluginId
    trust: Trust
    reason: str = Reason.TRUST_TOO_LOW

    def covers(self, wanted: Permission) -> bool:
        """Agree to what the level may hold."""
        return self.trust.may_hold(wanted, self.plugin)


@dataclass(frozen=True, slots=True)
class CallerScope:
    """The scope of whoever caused the run."""

    scope: Scope
    reason: str = Reason.SCOPE_MISSING

    def covers(self, wanted: Permission) -> bool:
        """Agree to what the caller could have done."""
        return wanted.row.asks is None or self.scope.covers(wanted.row.asks)


@dataclass(frozen=True, slots=True)
class Platform:
    """The machine: some powers exist on one kind of system only."""

    platform: str
    reason: str = Reason.UNSUPPORTED

    def covers(self, wanted: Permission) -> bool:
        """Agree to what exists here."""
        return wanted.row.platform in {None, self.platform}
