"""Every other verb on a plugin: pure checks that say which facts become true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from neira.errors.registry import (
    ApprovalMismatch,
    NotApproved,
    NotGrantable,
    NotGranted,
    NothingBefore,
    NothingPending,
    VersionNotFound,
)
from neira.model import PluginState
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


class Judge(Protocol):
    """What the registry asks about permissions, which are strangers to it."""

    def admits(self, asked: str, given: str) -> bool:
        """Tell whether giving the second stays within asking for the first."""
        ...

    def refusal(self, plugin: str, text: str) -> str | None:
        """Say why no approval can give a permission, or nothing."""
        ...

    def must_be_named(self, plugin: str, text: str) -> bool:
        """Tell whether an approval has to name the permission itself."""
        ...


def approve(plugin: Plugin, digest: str, permissions: Sequence[str] | None, judge: Judge) -> Step:
    """Grant what waits, or a part of it; an update goes live unless another version is pinned."""
    waits = plugin.pending
    if waits is None:
        raise NothingPending(plugin.id)
    given = _given(plugin, waits.asks, permissions, judge)
    if digest != waits.digest or not all(any(judge.admits(ask, one) for ask in waits.asks) for one in given):
        raise ApprovalMismatch(plugin.id, digest=waits.digest, asks=waits.asks)
    for one in given:
        if reason := judge.refusal(plugin.id, one):
            raise NotGrantable(plugin.id, one, reason)
    facts: dict[str, Any] = {"grant": {"digest": digest, "permissions": list(given)}, "pending": None}
    if not plugin.pinned:
        facts["live"] = waits.seq
    if plugin.state is PluginState.PENDING_APPROVAL:
        facts["state"] = PluginState.DISABLED.value
    what = f"{plugin.id} was granted {', '.join(given)}"
    return Step("plugin.approved", plugin.id, what, facts)


def _given(plugin: Plugin, asks: Sequence[str], named: Sequence[str] | None, judge: Judge) -> tuple[str, ...]:
    """Say what an approval gives; the gravest permissions have to be named one by one."""
    if named:
        return tuple(dict.fromkeys(named))
    grave = [ask for ask in asks if judge.must_be_named(plugin.id, ask)]
    if grave:
        raise NotGrantable(plugin.id, grave[0], "it has to be named in `permissions`")
    return tuple(asks)


def revoke(plugin: Plugin, permission: str) -> Step:
    """Take a granted permission back."""
    granted = plugin.grant.permissions if plugin.grant else ()
    if permission not in granted:
        raise NotGranted(plugin.id, permission, granted)
    rest = [name for name in granted if name != permission]
    facts = {"grant": {"digest": plugin.live.binding, "permissions": rest}}
    return Step("plugin.revoked", plugin.id, f"{plugin.id} lost {permission}", facts)


def configure(plugin: Plugin, config: JsonObject) -> Step | Same:
    """Give a plugin its settings."""
    if dict(plugin.config) == dict(config):
        return Same(plugin, "this is its configuration already")
    return Step("plugin.configured", plugin.id, f"{plugin.id} was configured", {"config": dict(config)})


def _target(plugin: Plugin, version: str | None, revision: int | None) -> Version:
    """Find where to go back to: without a name to what was live before, or else the newest older one."""
    if version is None and revision is None:
        return _before(plugin)
    for kept in reversed(plugin.versions):
        if (version is None or kept.version == version) and (revision is None or kept.seq == revision):
            if not plugin.is_approved(kept):
                raise NotApproved(plugin.id, kept.asks, kept.binding)
            return kept
    raise VersionNotFound(plugin.id, str(version or revision), _names(plugin))


def _before(plugin: Plugin) -> Version:
    before = plugin.version(plugin.before) if plugin.before is not None else None
    older = [kept for kept in plugin.versions if kept.seq < plugin.live.seq]
    for found in (before, *reversed(older)):
        if found is not None and plugin.is_approved(found):
            return found
    raise NothingBefore(plugin.id)


def _names(plugin: Plugin) -> list[str]:
    return [f"{kept.version} (revision {kept.seq})" for kept in plugin.versions]
