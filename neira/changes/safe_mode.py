"""Enter and leave safe mode; entering brakes first and journals then, leaving the other way round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.changes.plan import Order, Plan, Unchanged
from neira.gates import views
from neira.gates.safe_mode import Order as Verb
from neira.gates.safe_mode import Reason, require_left
from neira.model import ChangeNote, Draft, PluginId
from neira.registry import step, verbs
from neira.registry.fold import LEFT
from neira.registry.step import Step

if TYPE_CHECKING:
    from neira.changes.plan import Decision, Means
    from neira.gates.safe_mode import SafeMode
    from neira.model import Json, JsonObject, Record
    from neira.world.world import World


@dataclass(frozen=True, slots=True)
class EnterSafeMode(Order):
    """Brake."""

    why: str = ""
    verb = Verb.ENTER

    def decide(self, world: World, means: Means) -> Decision:
        """Brake at once; a system that cannot journal has to stop all the more."""
        _ = world
        if Reason.ADMIN in means.safety.now().reasons:
            return Unchanged("safe mode is on already", shown(means.safety.now()))
        mode = means.safety.enter(Reason.ADMIN, self.why or "an admin asked for it")
        note = ChangeNote("safe mode was entered", verify="neira safe-mode status")
        return Plan(Draft("safe_mode.entered", "", note, "safe-mode-on", {"after": shown(mode)}))


@dataclass(frozen=True, slots=True)
class LeaveSafeMode(Order):
    """Release the brake, without the plugins that are named."""

    disable: tuple[PluginId, ...] = ()
    verb = Verb.LEAVE

    def decide(self, world: World, means: Means) -> Decision:
        """Check that nothing would stay; the same record disables the plugins that are named."""
        named = [world.plugins.get(plugin) for plugin in self.disable]
        mode = means.safety.now()
        if not mode.active:
            return Unchanged("safe mode is off already", shown(mode))
        left = mode.leave(healed=means.healed())
        require_left(left)
        found = (verbs.disable(plugin, "safe mode was left without it") for plugin in named)
        steps = [each for each in found if isinstance(each, Step)]
        told: dict[str, Json] = {
            "cleared": [reason.value for reason in left.cleared],
            "disabled": [each.plugin for each in steps],
        }
        data: dict[str, Json] = {
            **told,
            "plugins": [step.written(world.plugins, each) for each in steps],
            "after": {**shown(left.mode), **told},
        }
        without = f" without {', '.join(each.plugin for each in steps)}" if steps else ""
        note = ChangeNote(f"safe mode was left{without}", verify="neira safe-mode status")
        return Plan(Draft(LEFT, "", note, "safe-mode-off", data))

    def settle(self, record: Record, means: Means) -> None:
        """Release once the record is on disk."""
        _ = record
        means.safety.leave(healed=means.healed())


def shown(mode: SafeMode) -> JsonObject:
    """Show the safe mode as the API does."""
    return views.safe_mode(mode)
