"""Register a plugin, or a new version of one; also the next revision when its file has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from neira.errors.registry import (
    AddressTaken,
    EntryTaken,
    NotApproved,
    VersionBumpRequired,
    VersionExists,
    VersionOlder,
)
from neira.model import PluginId, PluginState
from neira.parse import semver
from neira.registry.facts import NEW
from neira.registry.manifest import Manifest
from neira.registry.snapshot import bound
from neira.registry.step import Same, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neira.model import Digest, JsonObject
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
    _check_address(now, new)
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
    """Make changed bytes at the entry the next revision of the live version.

    Nobody has looked at bytes that somebody put into a folder: with permissions that need approval they wait.
    """
    if plugin.entry_digest == new.entry_digest:
        return Same(plugin, "the file has not changed")
    if need_bump:
        raise VersionBumpRequired(plugin.id, plugin.live.version)
    first = plugin.state is PluginState.PENDING_APPROVAL
    if new.asks and plugin.pending is not None and not first:
        raise NotApproved(plugin.id, plugin.pending.asks, plugin.pending.digest)
    facts = {**_facts(new), "drop": surplus(plugin, keep)}
    if new.asks:
        facts |= _held_back(plugin, new)
    else:
        facts |= {"live": NEW, "reason": ""}
    return Step("plugin.reloaded", plugin.id, f"{plugin.id} {new.version} was reloaded from its file", facts)


def surplus(plugin: Plugin, keep: int) -> list[int]:
    """Name the revisions that are too many once one more has come; what is live or waits stays."""
    needed = {plugin.live.seq, plugin.pending.seq if plugin.pending else plugin.live.seq}
    earlier = [version.seq for version in plugin.versions if version.seq not in needed]
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


def _check_address(now: Snapshot, new: Candidate) -> None:
    """Refuse an address `ns:name` that is another plugin's function `name`, and the other way round."""
    address = new.canonical.get("address")
    if isinstance(address, str):
        owner = now.plugins.get(PluginId(address.partition(":")[0]))
        if owner is not None and address in owner.manifest.addresses:
            raise AddressTaken(address, owner.id)
    for mine in Manifest(new.canonical).addresses:
        other = now.plugins.get(PluginId(mine.replace(":", ".")))
        if other is not None and other.id != new.plugin and other.live.canonical.get("address") == mine:
            raise AddressTaken(mine, other.id)


def _facts(new: Candidate) -> dict[str, Any]:
    add = {
        "version": new.version,
        "digest": new.digest,
        "manifest_digest": new.manifest_digest,
        "manifest": new.canonical,
        "size": new.size,
        "asks": list(new.asks),
    }
    return {"add": add, "entry": new.entry, "entry_digest": new.entry_digest}


def _first(new: Candidate, *, enable: bool) -> dict[str, Any]:
    if new.asks:
        return {"state": PluginState.PENDING_APPROVAL.value, "pending": _waiting(new, new.asks)}
    state = PluginState.ENABLED if enable else PluginState.DISABLED
    return {"state": state.value}


def _update(plugin: Plugin, new: Candidate) -> dict[str, Any]:
    """Switch live, unless an admin has to approve more first, or has pinned the present version."""
    granted = plugin.grant.permissions if plugin.grant else ()
    more = [asked for asked in new.asks if asked not in granted]
    if more:
        return _held_back(plugin, new)
    kept = [asked for asked in granted if asked in new.asks]
    facts: dict[str, Any] = {"grant": {"digest": bound(new.digest, new.manifest_digest), "permissions": kept}}
    if plugin.pinned:
        return facts
    facts |= {"live": NEW, "pending": None, "reason": ""}
    if plugin.state in {PluginState.PENDING_APPROVAL, PluginState.FAILED}:
        facts["state"] = PluginState.DISABLED.value
    return facts


def _held_back(plugin: Plugin, new: Candidate) -> dict[str, Any]:
    """Let a version wait for approval; a plugin that never ran shows the newest that waits."""
    facts: dict[str, Any] = {"pending": _waiting(new, new.asks)}
    if plugin.state is PluginState.PENDING_APPROVAL:
        facts["live"] = NEW
    return facts


def _waiting(new: Candidate, asks: Sequence[str]) -> dict[str, Any]:
    return {
        "revision": NEW,
        "digest": bound(new.digest, new.manifest_digest),
        "asks": list(asks),
        "why": f"{new.plugin} {new.version} asks for more than is granted without approval",
    }
