"""Every plugin at one number of the journal, as one frozen value that is cheap to move on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from neira.errors.registry import PluginNotFound
from neira.model import NEVER, Digest, JsonObject, PluginId, PluginState, Seq
from neira.registry.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Sequence

Seen: TypeAlias = Mapping[str, "Sequence[Sequence[str]]"]  # by version: every (artifact, manifest)


@dataclass(frozen=True)
class Version:
    """Bytes and manifest under a version number; its `seq` names the revision and the record that made it."""

    version: str
    seq: Seq
    digest: Digest
    manifest_digest: Digest
    canonical: JsonObject
    size: int
    at: str
    asks: tuple[str, ...] = ()  # permissions that it may not use before somebody has approved it

    @cached_property
    def binding(self) -> Digest:
        """Name bytes and manifest together: what an approval is bound to."""
        return bound(self.digest, self.manifest_digest)

    @cached_property
    def manifest(self) -> Manifest:
        """Read the manifest."""
        return Manifest(self.canonical)


def bound(digest: str, manifest_digest: str) -> Digest:
    """Name bytes and manifest together."""
    return Digest(hashlib.sha256(f"{digest}{manifest_digest}".encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class Pending:
    """A version that waits for approval of what it asks."""

    seq: Seq
    digest: Digest  # over the artifact's digest and the manifest's
    asks: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Grant:
    """What an admin approved of one version, never of another."""

    permissions: tuple[str, ...]
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Plugin:
    """One plugin: what is live, what was, what waits."""

    id: PluginId
    live: Version
    versions: tuple[Version, ...]  # oldest first, the live one among them
    state: PluginState
    seq: Seq
    seen: Seen
    reason: str = ""
    before: Seq | None = None  # the revision that was live before this one
    pinned: bool = False
    pending: Pending | None = None
    grants: Mapping[Digest, Grant] = field(default_factory=lambda: MappingProxyType({}))  # by binding
    config: JsonObject = field(default_factory=lambda: MappingProxyType({}))
    strikes: int = 0
    entry: str | None = None
    entry_digest: Digest | None = None

    @property
    def manifest(self) -> Manifest:
        """Give the manifest that is live."""
        return self.live.manifest

    @property
    def settings(self) -> JsonObject:
        """Give what its code sees: what the manifest brings, and what somebody has set over that."""
        brought = self.manifest.canonical.get("config")
        return {**brought, **self.config} if isinstance(brought, Mapping) else self.config

    @property
    def grant(self) -> Grant | None:
        """Give what was approved of the version that is live."""
        return self.grants.get(self.live.binding)

    def is_approved(self, version: Version) -> bool:
        """Tell whether a version may be live: it asks for nothing special, or somebody has looked at it."""
        return not version.asks or version.binding in self.grants

    def version(self, seq: Seq) -> Version | None:
        """Find a kept revision by its number."""
        return next((version for version in self.versions if version.seq == seq), None)


@dataclass(frozen=True)
class Snapshot:
    """All plugins; `retired` remembers what deleted ones were, so that no version changes its bytes."""

    seq: Seq = NEVER
    plugins: Mapping[PluginId, Plugin] = field(default_factory=lambda: MappingProxyType({}))
    retired: Mapping[PluginId, Seen] = field(default_factory=lambda: MappingProxyType({}))

    def get(self, plugin: PluginId) -> Plugin:
        """Find a plugin by its id."""
        found = self.plugins.get(plugin)
        if found is None:
            raise PluginNotFound(plugin)
        return found

    def seen(self, plugin: PluginId) -> Seen:
        """Say what was ever registered under an id."""
        found = self.plugins.get(plugin)
        return found.seen if found else self.retired.get(plugin, {})

    @cached_property
    def ids(self) -> tuple[PluginId, ...]:
        """List all ids in order."""
        return tuple(sorted(self.plugins))

    @cached_property
    def _enabled(self) -> tuple[Plugin, ...]:
        found = (self.plugins[plugin] for plugin in self.ids)
        return tuple(plugin for plugin in found if plugin.state is PluginState.ENABLED)

    @cached_property
    def _tools(self) -> tuple[Plugin, ...]:
        return tuple(plugin for plugin in self._enabled if "ui" in plugin.live.canonical)

    def enabled(self) -> tuple[Plugin, ...]:
        """List the plugins that may run, by id."""
        return self._enabled

    def tools(self) -> tuple[Plugin, ...]:
        """List those that have something to draw, by id."""
        return self._tools

    def entry_digest(self, path: str) -> Digest | None:
        """Say which bytes the registry last saw or wrote at an entry."""
        owner = self.entry_owner(path)
        return owner.entry_digest if owner else None

    def entry_owner(self, path: str) -> Plugin | None:
        """Find the plugin whose file this is."""
        return next((plugin for plugin in self.plugins.values() if plugin.entry == path), None)

    def with_plugin(self, plugin: Plugin, seq: Seq) -> Snapshot:
        """Move on by one changed plugin."""
        return Snapshot(seq, MappingProxyType({**self.plugins, plugin.id: plugin}), self.retired)

    def without(self, plugin: PluginId, seq: Seq) -> Snapshot:
        """Move on by one deleted plugin, remembering what it was."""
        kept = {each: held for each, held in self.plugins.items() if each != plugin}
        retired = {**self.retired, plugin: self.seen(plugin)}
        return Snapshot(seq, MappingProxyType(kept), MappingProxyType(retired))


def values(snapshot: Snapshot) -> Iterator[Plugin]:
    """Go through all plugins by id."""
    return (snapshot.plugins[plugin] for plugin in snapshot.ids)


__all__ = ["Grant", "Pending", "Plugin", "Seen", "Snapshot", "Version", "replace", "values"]
