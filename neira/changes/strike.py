"""Stop a plugin that has struck its limits too often; allowed in safe mode too, since it only takes away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from neira.changes.plan import Plan
from neira.changes.plugins import OfPlugin, decided
from neira.gates.safe_mode import Order as Verb
from neira.model import Caller, Scope
from neira.registry import verbs

if TYPE_CHECKING:
    from neira.changes.plan import Decision, Means
    from neira.world.world import World

STRIKER = Caller("system:limits", Scope.ADMIN)
REASON = "three limit violations in a row"


@dataclass(frozen=True, slots=True)
class Strike(OfPlugin):
    """Disable a plugin, and tell people why and how it comes back."""

    verb = Verb.STRIKE

    def decide(self, world: World, means: Means) -> Decision:
        """Disable it if it is enabled."""
        _ = means
        plugin = world.plugins.get(self.plugin)
        found = decided(verbs.disable(plugin, REASON), world)
        if not isinstance(found, Plan):
            return found
        told = {
            "title": f"{plugin.id} was disabled",
            "message": f"{REASON}; when it is mended: neira plugins enable {plugin.id}",
        }
        draft = found.draft
        note = replace(draft.change, why=REASON)
        return replace(found, draft=replace(draft, change=note, data={**draft.data, "notice": told}))
