"""What a record says of a plugin, in one vocabulary for all verbs: `fold` knows no verb, only these facts.

    add      a version: {version, digest, manifest_digest, manifest, size, asks}; the record numbers it
live     the revision that is live from now on; "new" is the added one
pending  {revision, digest, asks, why}, or null; revision may be "new"
    grant    {digest, permissions}: what is approved of the version of that binding; none: nothing
drop     revisions that are no longer kept
state, reason, pinned, strikes, config, entry, entry_digest   the new value of that field
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from neira.model import Digest, PluginId, PluginState, Seq
from neira.registry.snapshot import Grant, Pending, Plugin, Version

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from neira.model import JsonObject
    from neira.registry.snapshot import Seen, Snapshot

NEW = "new"

_PLAIN: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "state": PluginState,
        "reason": str,
        "pinned": bool,
        "strikes": int,
        "config": lambda value: MappingProxyType(dict(value)),
        "entry": lambda value: value,
        "entry_digest": lambda value: value,
    }
)


def apply(now: Snapshot, data: JsonObject, seq: Seq, at: datetime, by: str) -> Plugin:
    """Move one plugin on by the facts of one record."""
    plugin = now.plugins.get(PluginId(str(data["plugin"])))
    facts = cast("Mapping[str, Any]", data["facts"])
    added = _added(facts, seq, at)
    if plugin is None:
        assert added is not None  # the first record of a plugin adds its first version
        plugin = _new(PluginId(str(data["plugin"])), added, now.seen(PluginId(str(data["plugin"]))))
    elif added is not None:
        plugin = replace(plugin, versions=(*plugin.versions, added), seen=_remember(plugin.seen, added))
    plugin = _switch(plugin, facts, seq)
    plain = {name: read(facts[name]) for name, read in _PLAIN.items() if name in facts}
    plugin = replace(plugin, seq=seq, **plain)
    return _granted(plugin, facts, seq, at, by)


def _added(facts: Mapping[str, Any], seq: Seq, at: datetime) -> Version | None:
    if "add" not in facts:
        return None
    add = facts["add"]
    return Version(
        version=add["version"],
        seq=seq,
        digest=Digest(add["digest"]),
        manifest_digest=Digest(add["manifest_digest"]),
        canonical=add["manifest"],
        size=add["size"],
        at=at.isoformat(),
        asks=tuple(add["asks"]),
    )


def _new(plugin: PluginId, added: Version, seen: Seen) -> Plugin:
    return Plugin(plugin, added, (added,), PluginState.DISABLED, added.seq, _remember(seen, added))


def _remember(seen: Seen, added: Version) -> Seen:
    pair = [added.digest, added.manifest_digest]
    known = list(seen.get(added.version, []))
    return MappingProxyType({**seen, added.version: known if pair in known else [*known, pair]})


def _switch(plugin: Plugin, facts: Mapping[str, Any], seq: Seq) -> Plugin:
    """Take a version live and let go of old ones; the live one and what waits are always kept."""
    if "live" in facts:
        target = plugin.version(_revision(facts["live"], seq))
        if target is not None and target.seq != plugin.live.seq:
            plugin = replace(plugin, live=target, before=plugin.live.seq)
    gone = set(facts.get("drop", ())) - {plugin.live.seq}
    return replace(plugin, versions=tuple(kept for kept in plugin.versions if kept.seq not in gone))


def _granted(plugin: Plugin, facts: Mapping[str, Any], seq: Seq, at: datetime, by: str) -> Plugin:
    if "pending" in facts:
        waits = facts["pending"]
        pending = None
        if waits is not None:
            revision = _revision(waits["revision"], seq)
            pending = Pending(revision, Digest(waits["digest"]), tuple(waits["asks"]), waits["why"])
        plugin = replace(plugin, pending=pending)
    if "grant" in facts:
        binding, given = Digest(facts["grant"]["digest"]), tuple(facts["grant"]["permissions"])
        others = {each: grant for each, grant in plugin.grants.items() if each != binding}
        mine = {binding: Grant(given, by, at.isoformat())} if given else {}
        plugin = replace(plugin, grants=MappingProxyType({**others, **mine}))
    return plugin


def _revision(named: int | str, seq: Seq) -> Seq:
    return seq if named == NEW else Seq(int(named))
