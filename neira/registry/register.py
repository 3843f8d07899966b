"""Register a plugin, or a new version of one; also the next revision when its file has changed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from neira.errors.registry import EntryTaken, VersionBumpRequired, VersionExists, VersionOlder
from neira.model import Digest, PluginState
from neira.parse import semver
from neira.registry.facts import NEW
from neira.registry.step import Same, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neira.model import JsonObject, PluginId
    from neira.registry.snapshot import Plugin, Snapshot


@dataclass(frozen=True, slots=True)
class Candidate:
    """A checked manifest with its bytes' digest, about to become a version."""

    plugin: PluginId
    version: str
    canonical: JsonObject
    manifest_digest: Digest
    digest: Digest
    size: int
    entry: str | None
    entry_digest: Digest | None  # what lies at the entry once the change is done
    asks: tuple[str, ...]  # permissions that need somebody's approval
    notes: tuple[str, ...] = ()


def register(now: Snapshot, new: Candidate, *, enable: bool, keep: int) -> Step | Same:
    """Check a candidate against everything ever registered under its id."""
    plugin = now.plugins.get(new.plugin)
    if same := _check_version(now, plugin, new):
        return same
    _check_entry(now, new)
    facts = _facts(new)
    if plugin is None:
        facts |= _first(new, enable=enable)
        return Step(
            "plugin.registered",
            new.plugin,
            f"{new.plugin} {new.version} was registered",
            facts,
            notes=new.notes,
        )
    facts |= _update(plugin, new)
    facts["drop"] = surplus(plugin, keep)
    what = f"{new.plugin} {new.version} was uploaded"
    return Step("plugin.updated", new.plugin, what, facts, notes=new.notes)


def reload(plugin: Plugin, new: Candidate, *, keep: int, need_bump: bool) -> Step | Same:
    """Make changed bytes at the entry the next revision of the live version."""
    if plugin.entry_digest == new.entry_digest:
        return Same(plugin, "the file has not changed")
    if need_bump:
        raise VersionBumpRequired(plugin.id, plugin.live.version)
    facts = {**_facts(new), **_update(plugin, new), "drop": surplus(plugin, keep)}
    return Step("plugin.reloaded", plugin.id, f"{plugin.id} {new.version} was reloaded from its file", facts)


def pending_digest(digest: str, manifest_digest: str) -> Digest:
    """Name bytes and manifest together: what an approval is bound to."""
    return Digest(hashlib.sha256(f"{digest}{manifest_digest}".encode()).hexdigest())


def surplus(plugin: Plugin, keep: int) -> list[int]:
    """Name the revisions that are too many once one more has come; the live one is never among them."""
    earlier = [version.seq for version in plugin.versions if version.seq != plugin.live.seq]
    return [int(seq) for seq in earlier[: max(0, len(earlier) + 1 - keep)]]


def _check_version(now: Snapshot, plugin: Plugin | None, new: Candidate) -> Same | None:
    seen = now.seen(new.plugin)
    pairs = [list(pair) for pair in seen.get(new.version, [])]
    if pairs and [new.digest, new.manifest_digest] not in pairs:
        raise VersionExists(new.plugin, new.version, known=pairs[-1][0], sent=new.digest)
    newest = max(seen, key=semver.parse, default=None)
    if newest is not None and semver.parse(new.version) < semver.parse(newest):
        raise VersionOlder(new.plugin, new.version, newest)
    if plugin is not None and pairs and _kept(plugin, new):
        return Same(plugin, f"{new.plugin} {new.version} is registered with the same content")
    return None


def _kept(plugin: Plugin, new: Candidate) -> bool:
    wanted = (new.version, new.digest, new.manifest_digest)
    return any((kept.version, kept.digest, kept.manifest_digest) == wanted for kept in plugin.versions)


def _check_entry(now: Snapshot, new: Candidate) -> None:
    owner = now.entry_owner(new.entry) if new.entry else None
    if owner is not None and owner.id != new.plugin:
        raise EntryTaken(str(new.entry), owner.id)


def _facts(new: Candidate) -> dict[str, Any]:
    add = {
        "version": new.version,
        "digest": new.digest,
        "manifest_digest": new.manifest_digest,
        "manifest": new.canonical,
        "size": new.size,
    }
    return {"add": add, "entry": new.entry, "entry_digest": new.entry_digest}


def _first(new: Candidate, *, enable: bool) -> dict[str, Any]:
    if new.asks:
        return {"state": PluginState.PENDING_APPROVAL.value, "pending": _waiting(new, new.asks)}
    state = PluginState.ENABLED if enable else PluginState.DISABLED
    return {"state": state.value}


def _update(plugin: Plugin, new: Candidate) -> dict[str, Any]:
    """Switch live, unless an admin pinned the present version or has to approve more first."""
    granted = plugin.grant.permissions if plugin.grant else ()
    more = tuple(asked for asked in new.asks if asked not in granted)
    if more and plugin.state is PluginState.PENDING_APPROVAL:
        return {"live": NEW, "pending": _waiting(new, more)}
    if more:
        return {"pending": _waiting(new, more)}
    if plugin.pinned:
        return {}
    kept = [asked for asked in granted if asked in new.asks]
    binding = pending_digest(new.digest, new.manifest_digest)
    facts: dict[str, Any] = {"live": NEW, "pending": None, "reason": ""}
    facts["grant"] = {"digest": binding, "permissions": kept} if kept else None
    if plugin.state in {PluginState.PENDING_APPROVAL, PluginState.FAILED}:
        facts["state"] = PluginState.DISABLED.value
    return facts


def _waiting(new: Candidate, asks: Sequence[str]) -> dict[str, Any]:
    return {
        "revision": NEW,
        "digest": pending_digest(new.digest, new.manifest_digest),
        "asks": list(asks),
        "why": f"{new.plugin} {new.version} asks for more than is granted without approval",
    }
