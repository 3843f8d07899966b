"""Every other verb on a plugin: pure checks that say which facts become true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neira.errors.registry import (
    ApprovalMismatch,
    NotApproved,
    NotGranted,
    NothingBefore,
    NothingPending,
    VersionNotFound,
)
from neira.model import PluginState
from neira.registry.register import pending_digest
from neira.registry.step import Deletion, Same, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neira.model import JsonObject
    from neira.registry.snapshot import Plugin, Version


def enable(plugin: Plugin) -> Step | Same:
    """Let a plugin receive events."""
    if plugin.state is PluginState.PENDING_APPROVAL:
        waits = plugin.pending
        assert waits is not None
        raise NotApproved(plugin.id, waits.asks, waits.digest)
    if plugin.state is PluginState.ENABLED:
        return Same(plugin, "it is enabled already")
    facts = {"state": PluginState.ENABLED.value, "reason": "", "strikes": 0}
    return Step("plugin.enabled", plugin.id, f"{plugin.id} {plugin.live.version} was enabled", facts)


def disable(plugin: Plugin, reason: str) -> Step | Same:
    """Stop sending events to a plugin."""
    if plugin.state is not PluginState.ENABLED:
        return Same(plugin, f"it is {plugin.state.value.replace('_', ' ')}")
    facts = {"state": PluginState.DISABLED.value, "reason": reason}
    return Step("plugin.disabled", plugin.id, f"{plugin.id} was disabled", facts)


def rollback(plugin: Plugin, version: str | None, revision: int | None) -> Step | Same:
    """Go back to what was live before, or to a named version or revision; the target is pinned."""
    target = _target(plugin, version, revision)
    if target.seq == plugin.live.seq:
        return Same(plugin, f"{target.version} is live already")
    what = f"{plugin.id} was rolled back from {plugin.live.version} to {target.version}"
    facts = {"live": target.seq, "pinned": True, "reason": ""}
    return Step("plugin.rolled_back", plugin.id, what, facts)


def unpin(plugin: Plugin) -> Step | Same:
    """Let newer uploads switch live again."""
    if not plugin.pinned:
        return Same(plugin, "it is not pinned")
    return Step("plugin.unpinned", plugin.id, f"{plugin.id} was unpinned", {"pinned": False})


def delete(plugin: Plugin) -> Deletion:
    """Remove a plugin; what its versions were is remembered."""
    return Deletion(plugin)


def approve(plugin: Plugin, digest: str, permissions: Sequence[str] | None) -> Step:
    """Grant what waits, or a part of it; an update goes live, a first version becomes disabled."""
    waits = plugin.pending
    if waits is None:
        raise NothingPending(plugin.id)
    asked = waits.asks if permissions is None else tuple(permissions)
    if digest != waits.digest or not set(asked) <= set(waits.asks):
        raise ApprovalMismatch(plugin.id, digest=waits.digest, asks=waits.asks)
    before = plugin.grant.permissions if plugin.grant else ()
    granted = [*before, *(name for name in asked if name not in before)]
    facts: dict[str, Any] = {
        "grant": {"digest": digest, "permissions": granted},
        "pending": None,
        "live": waits.seq,
    }
    if plugin.state is PluginState.PENDING_APPROVAL:
        facts["state"] = PluginState.DISABLED.value
    what = f"{plugin.id} was granted {', '.join(asked) or 'nothing'}"
    return Step("plugin.approved", plugin.id, what, facts)


def revoke(plugin: Plugin, permission: str) -> Step:
    """Take a granted permission back."""
    granted = plugin.grant.permissions if plugin.grant else ()
    if permission not in granted:
        raise NotGranted(plugin.id, permission, granted)
    rest = [name for name in granted if name != permission]
    bound = pending_digest(plugin.live.digest, plugin.live.manifest_digest)
    facts = {"grant": {"digest": bound, "permissions": rest} if rest else None}
    return Step("plugin.revoked", plugin.id, f"{plugin.id} lost {permission}", facts)


def configure(plugin: Plugin, config: JsonObject) -> Step | Same:
    """Give a plugin its settings."""
    if dict(plugin.config) == dict(config):
        return Same(plugin, "this is its configuration already")
    return Step("plugin.configured", plugin.id, f"{plugin.id} was configured", {"config": dict(config)})


def _target(plugin: Plugin, version: str | None, revision: int | None) -> Version:
    if version is None and revision is None:
        found = plugin.version(plugin.before) if plugin.before is not None else None
        found = found or _earlier(plugin)
        if found is None:
            raise NothingBefore(plugin.id)
        return found
    for kept in reversed(plugin.versions):
        if (version is None or kept.version == version) and (revision is None or kept.seq == revision):
            return kept
    raise VersionNotFound(plugin.id, str(version or revision), _names(plugin))


def _earlier(plugin: Plugin) -> Version | None:
    """Find the newest revision older than the live one, where the one that ran before is no longer kept."""
    earlier = [kept for kept in plugin.versions if kept.seq < plugin.live.seq]
    return earlier[-1] if earlier else None


def _names(plugin: Plugin) -> list[str]:
    return [f"{kept.version} (revision {kept.seq})" for kept in plugin.versions]
