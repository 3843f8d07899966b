"""Plugins as the API shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neira.model import Json, JsonObject
    from neira.registry.snapshot import Plugin, Version


def plugin_view(plugin: Plugin) -> JsonObject:
    """Show a plugin as it is now."""
    return {**after_view(plugin), "revision": plugin.seq}


def after_view(plugin: Plugin) -> JsonObject:
    """Show a plugin without the number of the record that is about to be written."""
    shown: dict[str, Json] = {
        "id": plugin.id,
        "version": plugin.live.version,
        "kind": plugin.manifest.kind.value,
        "state": plugin.state.value,
        "digest": plugin.live.digest,
        "manifest_digest": plugin.live.manifest_digest,
        "size": plugin.live.size,
        "title": plugin.manifest.title,
        "entry": plugin.entry,
        "permissions": list(plugin.manifest.permissions),
        "granted": list(plugin.grant.permissions) if plugin.grant else [],
        "pinned": plugin.pinned,
        "strikes": plugin.strikes,
        "pending": _pending(plugin),
    }
    if plugin.reason:
        shown["reason"] = plugin.reason
    return shown


def full_view(plugin: Plugin) -> JsonObject:
    """Show a plugin with its manifest and its versions."""
    versions = [version_view(version, plugin) for version in reversed(plugin.versions)]
    manifest = {**plugin.live.canonical, "sha256": plugin.live.digest}  # also where its author left it out
    return {**plugin_view(plugin), "manifest": manifest, "versions": versions}


def version_view(version: Version, plugin: Plugin) -> JsonObject:
    """Show one kept version."""
    return {
        "version": version.version,
        "revision": version.seq,
        "digest": version.digest,
        "size": version.size,
        "at": version.at,
        "live": version.seq == plugin.live.seq,
        "pending": plugin.pending is not None and plugin.pending.seq == version.seq,
    }


def _pending(plugin: Plugin) -> Json:
    if plugin.pending is None:
        return None
    waiting = plugin.version(plugin.pending.seq)
    return {
        "version": waiting.version if waiting else None,
        "digest": plugin.pending.digest,
        "asks": list(plugin.pending.asks),
        "why": plugin.pending.why,
    }
