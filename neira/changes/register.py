"""Register and reload: from a manifest and bytes to a version that can run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from neira.changes.artifacts import Found, check_bytes, find_bytes, largest
from neira.changes.code import check_code
from neira.changes.plan import EntryFile, Order, Plan, Unchanged
from neira.changes.plugins import OfPlugin, decided
from neira.errors.registry import NoArtifact
from neira.gates.passage import require
from neira.gates.safe_mode import Order as Verb
from neira.permissions.trust import Trust, Unsigned
from neira.registry import entry, register, rules, step
from neira.registry.artifacts import digest_of
from neira.registry.manifest import Manifest
from neira.registry.register import Candidate
from neira.registry.step import Same, Step
from neira.registry.view import plugin_view
from neira.world.guards import DOOR, gate_of

if TYPE_CHECKING:
    from neira.changes.plan import Decision, Means
    from neira.model import Digest, PluginId, Seq
    from neira.registry.reading import Reading
    from neira.registry.snapshot import Plugin
    from neira.world.world import World


@dataclass(frozen=True, slots=True)
class Register(Order):
    """Register a plugin or a new version of it; several from one index are registered all or none."""

    verb = Verb.REGISTER
    readings: tuple[Reading, ...]
    data: bytes | None = None
    source: str | None = None
    enable: bool = False

    def touches(self) -> tuple[PluginId, ...]:
        """Concern every plugin that is named."""
        return tuple(reading.manifest.id for reading in self.readings)

    def revision(self, world: World) -> Seq | None:
        """Say which record touched the plugin last; of several, none counts."""
        plugin = world.plugins.plugins.get(self.readings[0].manifest.id)
        return plugin.seq if plugin and len(self.readings) == 1 else None

    def decide(self, world: World, means: Means) -> Decision:
        """Ask the gates, find the bytes, check the version, and say what to write."""
        require(world.gates, DOOR, *(gate_of(each.manifest.kind) for each in self.readings))
        if len(self.readings) == 1:
            return self._one(self.readings[0], world, means)
        return self._several(world, means)

    def _one(self, reading: Reading, world: World, means: Means) -> Decision:
        found = self._found(reading, means)
        candidate = _checked(_candidate(reading, found, means), found.data, world, means)
        keep = means.settings.registry.keep_versions
        decision = decided(register.register(world.plugins, candidate, enable=self.enable, keep=keep), world)
        return _with_bytes(decision, [(found, candidate)])

    def _several(self, world: World, means: Means) -> Decision:
        """Check one after the other, each against what the former would leave."""
        pairs: list[tuple[Found, Candidate]] = []
        steps: list[Step] = []
        now, keep = world.plugins, means.settings.registry.keep_versions
        for reading in self.readings:
            found = self._found(reading, means)
            new = _checked(_candidate(reading, found, means), found.data, world, means)
            checked = register.register(now, new, enable=self.enable, keep=keep)
            if isinstance(checked, Step):
                pairs.append((found, new))
                steps.append(checked)
                now = step.foreseen(now, checked)
        if not steps:
            known = [plugin_view(world.plugins.get(plugin)) for plugin in self.touches()]
            return Unchanged("all of them are registered already", {"plugins": known})
        return _with_bytes(Plan(step.import_draft(world.plugins, steps), created=True), pairs)

    def _found(self, reading: Reading, means: Means) -> Found:
        if len(self.readings) > 1 and (self.data is not None or self.source is not None):
            raise NoArtifact(reading.manifest.id, several=True)
        found = find_bytes(reading.manifest, self.data, self.source, means)
        check_bytes(reading.manifest.kind, found.data, means.settings)
        return found


@dataclass(frozen=True, slots=True)
class Reload(OfPlugin):
    """Take over what somebody edited at a plugin's entry; `expect` names the bytes that were looked at."""

    verb = Verb.RELOAD
    expect: Digest | None = None

    def decide(self, world: World, means: Means) -> Decision:
        """Read the file; changed bytes become the next revision of the live version."""
        plugin = self.passed(world)
        kind = plugin.manifest.kind
        if plugin.entry is None:
            return decided(Same(plugin, "it has no entry to read"), world)
        data = entry.read(means.home.root, plugin.entry, limit=largest(kind, means.settings))
        if self.expect is not None and digest_of(data) != self.expect:
            return decided(Same(plugin, "the file has changed again since it was looked at"), world)
        check_bytes(kind, data, means.settings)
        candidate = _checked(_revision(plugin, data), data, world, means)
        found = register.reload(
            plugin,
            candidate,
            keep=means.settings.registry.keep_versions,
            need_bump=means.settings.reload.require_version_bump,
        )
        return _with_bytes(decided(found, world), [(Found(data, sent=False), candidate)])


def _checked(candidate: Candidate, data: bytes, world: World, means: Means) -> Candidate:
    """Have an engine read the code; what it has to say goes into the notes."""
    notes = check_code(Manifest(candidate.canonical), data, world, means)
    return replace(candidate, notes=(*candidate.notes, *notes))


def _candidate(reading: Reading, found: Found, means: Means) -> Candidate:
    manifest = reading.manifest
    digest = digest_of(found.data)
    rules.check_sha256(manifest.canonical, digest)
    trust = Trust(unsigned=Unsigned(means.settings.trust.unsigned))
    asks = manifest.permissions
    return Candidate(
        plugin=manifest.id,
        version=manifest.version,
        canonical=manifest.canonical,
        manifest_digest=reading.digest,
        digest=digest,
        size=len(found.data),
        entry=manifest.entry,
        entry_digest=digest if manifest.entry else None,
        asks=tuple(text for text in asks if not trust.grants_unasked(manifest.id, text)),
        notes=reading.notes,
    )


def _revision(plugin: Plugin, data: bytes) -> Candidate:
    live, digest = plugin.live, digest_of(data)
    rules.check_sha256(live.canonical, digest)  # a manifest that pins its bytes is not reloaded
    return Candidate(
        plugin=plugin.id,
        version=live.version,
        canonical=live.canonical,
        manifest_digest=live.manifest_digest,
        digest=digest,
        size=len(data),
        entry=plugin.entry,
        entry_digest=digest,
        asks=live.asks,
    )


def _with_bytes(decision: Decision, pairs: list[tuple[Found, Candidate]]) -> Decision:
    """Add to a plan what it has to store, and what belongs at an entry because it came with the request."""
    if isinstance(decision, Unchanged):
        return decision
    return Plan(
        decision.draft,
        blobs=tuple(found.data for found, _ in pairs),
        entries=tuple(EntryFile(new.entry, new.digest) for found, new in pairs if found.sent and new.entry),
        created=decision.created,
    )
