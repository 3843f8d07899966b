"""`plugins/index.json`: the registry as a file, a projection of the journal that is checked before use."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from neira import sealed
from neira.model import NEVER, Digest, PluginId, PluginState, Seq
from neira.parse import strict_json
from neira.registry.snapshot import Grant, Pending, Plugin, Snapshot, Version

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from neira.model import JsonObject

FILE = "plugins/index.json"


@dataclass(frozen=True, slots=True)
class IndexReading:
    """The registry as its file tells it, or why the file cannot be believed."""

    snapshot: Snapshot | None
    seq: Seq = NEVER
    head: str = ""
    why: str = ""


class IndexWriter:
    """Writes the index; remembers the text of each plugin, so that a change costs one plugin's text."""

    def __init__(self) -> None:
        self._texts: dict[PluginId, tuple[Plugin, str]] = {}

    def write(self, home: Path, snapshot: Snapshot, *, at: tuple[Seq, str]) -> None:
        """Replace the index by what is true at a journal record."""
        texts = {plugin: self._text(snapshot.plugins[plugin]) for plugin in snapshot.ids}
        self._texts = {plugin: (snapshot.plugins[plugin], text) for plugin, text in texts.items()}
        plugins = "{" + ",\n".join(f'"{plugin}":{text}' for plugin, text in texts.items()) + "}"
        retired = strict_json.dumps({plugin: dict(seen) for plugin, seen in snapshot.retired.items()})
        sealed.write(home / FILE, *at, [("plugins", plugins), ("retired", retired)])

    def _text(self, plugin: Plugin) -> str:
        known = self._texts.get(plugin.id)
        if known is not None and known[0] is plugin:
            return known[1]
        return strict_json.dumps(as_json(plugin))


def read(home: Path) -> IndexReading:
    """Read the index, or say what is wrong with it."""
    found = sealed.read(home / FILE)
    if isinstance(found, sealed.Broken):
        return IndexReading(None, why=found.why)
    return IndexReading(snapshot_of(found.body, found.seq), found.seq, found.head)


def snapshot_of(body: JsonObject, seq: Seq) -> Snapshot:
    """Make the registry of a sealed body."""
    plugins = {PluginId(name): _plugin(PluginId(name), data) for name, data in _map(body["plugins"]).items()}
    retired = {PluginId(name): MappingProxyType(seen) for name, seen in _map(body["retired"]).items()}
    return Snapshot(seq, MappingProxyType(plugins), MappingProxyType(retired))


def as_json(plugin: Plugin) -> JsonObject:
    """Show a plugin as the index holds it: what people look for first, then the rest."""
    return {
        "version": plugin.live.version,
        "manifest": plugin.live.canonical,
        "state": plugin.state.value,
        "digest": plugin.live.digest,
        "reason": plugin.reason,
        "pinned": plugin.pinned,
        "strikes": plugin.strikes,
        "seq": plugin.seq,
        "live": plugin.live.seq,
        "before": plugin.before,
        "entry": plugin.entry,
        "entry_digest": plugin.entry_digest,
        "config": dict(plugin.config),
        "pending": _pending_json(plugin.pending),
        "grants": {digest: _grant_json(grant) for digest, grant in plugin.grants.items()},
        "versions": [_version_json(version, plugin) for version in plugin.versions],
        "seen": {version: list(pairs) for version, pairs in plugin.seen.items()},
    }


def _version_json(version: Version, plugin: Plugin) -> JsonObject:
    shown: dict[str, Any] = {
        "version": version.version,
        "seq": version.seq,
        "digest": version.digest,
        "manifest_digest": version.manifest_digest,
        "size": version.size,
        "at": version.at,
        "asks": list(version.asks),
    }
    if version.seq != plugin.live.seq:  # the live one's manifest stands above already
        shown["manifest"] = version.canonical
    return shown


def _pending_json(pending: Pending | None) -> JsonObject | None:
    if pending is None:
        return None
    return {"seq": pending.seq, "digest": pending.digest, "asks": list(pending.asks), "why": pending.why}


def _grant_json(grant: Grant) -> JsonObject:
    return {"permissions": list(grant.permissions), "by": grant.by, "at": grant.at}


def _plugin(name: PluginId, data: Mapping[str, Any]) -> Plugin:
    versions = tuple(_version(each, data["manifest"]) for each in data["versions"])
    return Plugin(
        id=name,
        live=next(version for version in versions if version.seq == data["live"]),
        versions=versions,
        state=PluginState(data["state"]),
        seq=Seq(data["seq"]),
        seen=MappingProxyType(data["seen"]),
        reason=data["reason"],
        before=data["before"],
        pinned=data["pinned"],
        pending=_pending(data["pending"]),
        grants=MappingProxyType({Digest(each): _grant(grant) for each, grant in data["grants"].items()}),
        config=MappingProxyType(data["config"]),
        strikes=data["strikes"],
        entry=data["entry"],
        entry_digest=data["entry_digest"],
    )


def _version(data: Mapping[str, Any], live: JsonObject) -> Version:
    return Version(
        version=data["version"],
        seq=Seq(data["seq"]),
        digest=Digest(data["digest"]),
        manifest_digest=Digest(data["manifest_digest"]),
        canonical=data.get("manifest", live),
        size=data["size"],
        at=data["at"],
        asks=tuple(data["asks"]),
    )


def _pending(data: Mapping[str, Any] | None) -> Pending | None:
    if data is None:
        return None
    return Pending(Seq(data["seq"]), Digest(data["digest"]), tuple(data["asks"]), data["why"])


def _grant(data: Mapping[str, Any]) -> Grant:
    return Grant(tuple(data["permissions"]), data["by"], data["at"])


def _map(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value)
