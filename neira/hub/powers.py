"""What a plugin may do, as one frozen answer of all authorities; made once for each generation of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from neira.errors.plugin import UnknownPermission
from neira.model import Allowed, Denied
from neira.permissions.decide import CallerScope, Granted, Platform, Reason, Requested, Trusted, decide
from neira.permissions.permission import parse

if TYPE_CHECKING:
    from neira.model import Scope
    from neira.permissions.decide import Authority, Decision
    from neira.permissions.trust import Trust
    from neira.registry.snapshot import Plugin

_PLAIN = 1  # colons of a permission without an object: such answers are few, and kept


@dataclass(frozen=True, slots=True)
class Powers:
    """The authorities over one plugin, but for the caller."""

    authorities: tuple[Authority, ...]
    _known: dict[tuple[str, Scope], Decision] = field(default_factory=dict)

    def decide(self, permission: str, scope: Scope) -> Decision:
        """Ask every authority in turn, the caller last."""
        known = self._known.get((permission, scope))
        if known is not None:
            return known
        decided = self._decide(permission, scope)
        if permission.count(":") == _PLAIN:
            self._known[permission, scope] = decided
        return decided

    def _decide(self, permission: str, scope: Scope) -> Decision:
        try:
            wanted = parse(permission)
        except UnknownPermission:
            return Denied(Reason.NOT_REQUESTED, permission[:200])
        match decide(wanted, self.authorities):
            case Allowed():
                return decide(wanted, (CallerScope(scope),))
            case refusal:
                return refusal


def powers_of(plugin: Plugin, trust: Trust, platform: str) -> Powers:
    """Gather the authorities over a plugin as it is live now."""
    requested = tuple(parse(text) for text in plugin.manifest.permissions)
    unasked = (text for text in plugin.manifest.permissions if text not in plugin.live.asks)
    given = plugin.grant.permissions if plugin.grant else ()
    granted = tuple(parse(text) for text in (*unasked, *given))
    authorities = (
        Requested(requested), Granted(plugin.id, granted), Trusted(plugin.id, trust), Platform(platform),
    )  # fmt: skip
    return Powers(authorities)
