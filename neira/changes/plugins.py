"""The verbs on a plugin that exists already."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from neira.changes.plan import Order, Plan, Unchanged
from neira.errors.registry import NoStateKept
from neira.gates.passage import require
from neira.gates.safe_mode import Order as Verb
from neira.permissions.trust import Trust, Unsigned
from neira.registry import step, verbs
from neira.registry.step import Deletion, Same, Step
from neira.registry.view import plugin_view
from neira.world.guards import DOOR, gate_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neira.changes.plan import Decision, Means
    from neira.model import JsonObject, PluginId, Seq
    from neira.registry.snapshot import Plugin, Version
    from neira.world.world import World


@dataclass(frozen=True, slots=True)
class OfPlugin(Order):
    """A verb on one plugin."""

    plugin: PluginId

    def touches(self) -> tuple[PluginId, ...]:
        """Concern this plugin."""
        return (self.plugin,)

    def revision(self, world: World) -> Seq | None:
        """Say which record touched it last."""
        return world.plugins.get(self.plugin).seq

    def passed(self, world: World) -> Plugin:
        """Find the plugin behind the two gates that guard its change: the door's, and that of its kind."""
        require(world.gates, DOOR)
        plugin = world.plugins.get(self.plugin)
        require(world.gates, gate_of(plugin.manifest.kind))
        return plugin


class Switch(OfPlugin):
    """A verb that brings no bytes along."""

    __slots__ = ()

    def decide(self, world: World, means: Means) -> Decision:
        """Pass the gates, then check the verb itself."""
        return decided(self.step(self.passed(world), means), world)

    @abstractmethod
    def step(self, plugin: Plugin, means: Means) -> Step | Same | Deletion:
        """Check what this verb checks."""


def decided(found: Step | Same | Deletion, world: World) -> Decision:
    """Turn what a verb found into a plan, or into an answer that nothing changes."""
    match found:
        case Same(plugin, why):
            return Unchanged(why, plugin_view(plugin), plugin.seq)
        case Deletion():
            return Plan(step.deletion_draft(found))
        case Step():
            return Plan(step.draft(world.plugins, found), created=found.kind == "plugin.registered")


@dataclass(frozen=True, slots=True)
class Enable(Switch):
    """Let a plugin receive events."""

    verb = Verb.ENABLE

    def step(self, plugin: Plugin, means: Means) -> Step | Same:
        """Enable it, if its bytes are sound."""
        found = verbs.enable(plugin)
        if isinstance(found, Step):
            means.store.get(plugin.live.digest)
        return found


@dataclass(frozen=True, slots=True)
class Disable(Switch):
    """Stop sending events to a plugin."""

    verb = Verb.DISABLE
    reason: str = ""

    def step(self, plugin: Plugin, means: Means) -> Step | Same:
        """Disable it."""
        _ = means
        return verbs.disable(plugin, self.reason)


@dataclass(frozen=True, slots=True)
class Rollback(Switch):
    """Go back to an earlier version."""

    verb = Verb.ROLLBACK
    version: str | None = None
    to_revision: int | None = None
    with_state: bool = False

    def step(self, plugin: Plugin, means: Means) -> Step | Same:
        """Choose the target and check that its bytes are still there and sound."""
        found = verbs.rollback(plugin, self.version, self.to_revision)
        if isinstance(found, Step):
            target = plugin.version(found.facts["live"])
            assert target is not None
            means.store.get(target.digest)
            if self.with_state:
                return self._with_values(plugin, target, found, means)
        return found

    @staticmethod
    def _with_values(plugin: Plugin, target: Version, found: Step, means: Means) -> Step:
        if not means.has_values(plugin.id, target.seq):
            raise NoStateKept(plugin.id, target.version)
        return replace(found, restore=target.seq, impact=("its stored values go back as well",))


@dataclass(frozen=True, slots=True)
class Unpin(Switch):
    """Let newer uploads switch live again."""

    verb = Verb.UNPIN

    def step(self, plugin: Plugin, means: Means) -> Step | Same:
        """Unpin it."""
        _ = means
        return verbs.unpin(plugin)


@dataclass(frozen=True, slots=True)
class Delete(Switch):
    """Remove a plugin."""

    verb = Verb.DELETE

    def step(self, plugin: Plugin, means: Means) -> Deletion:
        """Delete it."""
        _ = means
        return verbs.delete(plugin)


@dataclass(frozen=True, slots=True)
class Approve(Switch):
    """Grant what a plugin waits for."""

    verb = Verb.APPROVE
    digest: str = ""
    permissions: Sequence[str] | None = None

    def step(self, plugin: Plugin, means: Means) -> Step:
        """Approve exactly what waits, or a part of it."""
        trust = Trust(unsigned=Unsigned(means.settings.trust.unsigned))
        return verbs.approve(plugin, self.digest, self.permissions, trust)


@dataclass(frozen=True, slots=True)
class Revoke(Switch):
    """Take a permission back."""

    verb = Verb.REVOKE
    permission: str = ""

    def step(self, plugin: Plugin, means: Means) -> Step:
        """Revoke it."""
        _ = means
        return verbs.revoke(plugin, self.permission)


@dataclass(frozen=True, slots=True)
class Configure(Switch):
    """Give a plugin its settings."""

    verb = Verb.CONFIGURE
    config: JsonObject | None = None

    def step(self, plugin: Plugin, means: Means) -> Step | Same:
        """Check the settings against the plugin's own schema."""
        _ = means
        plugin.manifest.check_config(self.config or {})
        return verbs.configure(plugin, self.config or {})
