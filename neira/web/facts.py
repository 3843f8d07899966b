"""What views read: each function asks the kernel's parts for one body, and is all that the web knows of them.

This is the only page of `web/` that looks behind the kernel; views look here.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from neira.disk import Lock
from neira.gates import views as gate_views
from neira.idempotency.index import Use
from neira.journal import query, verify
from neira.journal.reader import Reader
from neira.model import Seq
from neira.quotas.rates import Rate
from neira.registry import view as registry_views
from neira.security import tokens as token_views
from neira.web.paging import page_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neira.kernel import Kernel
    from neira.model import Caller, Json, JsonObject, PluginId, Record
    from neira.parse.document import Document
    from neira.registry.manifest import Reading
    from neira.registry.snapshot import Plugin
    from neira.web.schemas.asks import PluginsWanted, RecordsWanted

__all__ = ["Use"]


def use(caller: Caller, key: str, request: str) -> Use:
    """Name one use of an Idempotency-Key."""
    return Use(caller.actor, key, request)


def spend(kernel: Kernel, caller: Caller, what: str) -> None:
    """Take one request from a caller's rate."""
    rates = kernel.settings.rate
    if what == "events":
        rate = Rate("rate.events", rates.events, rates.events_burst)
    else:
        rate = Rate("rate.changes", rates.changes, rates.changes_burst)
    kernel.rates.spend(caller.actor, rate)


def capabilities(kernel: Kernel) -> JsonObject:
    """Show every gate."""
    signals = {gate.name: kernel.signals.of(gate.name) for gate in kernel.catalogue}
    return gate_views.capabilities(kernel.world.now().gates, kernel.catalogue, signals)


def capability(kernel: Kernel, name: str) -> JsonObject:
    """Show one gate."""
    gate = kernel.catalogue.get(name)
    return gate_views.capability(
        gate, kernel.world.now().gates, kernel.catalogue, kernel.signals.of(gate.name)
    )


def gate_states(kernel: Kernel) -> dict[str, Json]:
    """Show where every gate stands."""
    board = kernel.world.now().gates
    return {gate.name: board.state(gate.name).value for gate in kernel.catalogue}


def safe_mode(kernel: Kernel) -> JsonObject:
    """Show safe mode."""
    return gate_views.safe_mode(kernel.safety.now())


def tokens(kernel: Kernel) -> tuple[JsonObject, ...]:
    """Show every live token."""
    return tuple(token_views.view(token) for token in kernel.world.now().tokens.by_digest.values())


def records(kernel: Kernel, asked: RecordsWanted) -> JsonObject:
    """Show a page of the journal, newest first."""
    filters = query.Filters(
        asked.since, asked.until, asked.plugin, asked.kind, asked.actor, asked.id, text=asked.q
    )
    page = query.page(kernel.home.root, filters, cursor=asked.cursor, limit=asked.limit)
    return {"records": [record_view(record) for record in page.records], "next": page.next}


def record_view(record: Record) -> JsonObject:
    """Show a record as it stands in the journal; its payload is not for lists."""
    note = record.change
    return {
        "seq": record.seq,
        "id": record.id,
        "ts": record.ts.isoformat().replace("+00:00", "Z"),
        "kind": record.kind,
        "actor": record.actor,
        "change": {"what": note.what, "why": note.why, "verify": note.verify, "impact": list(note.impact)},
        "links": list(record.links),
        "data": record.data,
        "prev": record.prev,
        "hash": record.hash,
    }


def verdict(kernel: Kernel) -> JsonObject:
    """Verify the whole journal and say what was found."""
    found = verify.verify(kernel.home.root, lock=Lock(kernel.home.locks / "journal.lock", kernel.clock))
    damage = found.damage
    return {
        "clean": found.is_clean,
        "first": found.first,
        "last": found.last,
        "records": found.records,
        "bytes": found.bytes,
        "damage": None
        if damage is None
        else {"seq": damage.seq, "kind": str(damage.kind), "reason": damage.sentence},
        "notes": list(found.notes),
    }


def journal_lines(kernel: Kernel) -> Iterator[bytes]:
    """Give the journal's lines as they are."""
    return Reader(kernel.home.root).lines(Seq(0))


def gates_revision(kernel: Kernel) -> str:
    """Give the number of the record that moved a gate last."""
    return str(kernel.world.now().gates.seq)


def plugins(kernel: Kernel, caller: Caller, asked: PluginsWanted) -> JsonObject:
    """Show a page of the plugins that a caller may see, by id."""
    snapshot = kernel.world.now().plugins
    known = (snapshot.plugins[plugin] for plugin in snapshot.ids if caller.may_touch(plugin))
    found = (plugin for plugin in known if _is_wanted(plugin, asked))
    page = page_of(found, lambda plugin: plugin.id, limit=asked.limit, cursor=asked.cursor)
    return {"plugins": [registry_views.plugin_view(plugin) for plugin in page.items], "next": page.next}


def _is_wanted(plugin: Plugin, asked: PluginsWanted) -> bool:
    return (
        (asked.state is None or plugin.state is asked.state)
        and (asked.kind is None or plugin.manifest.kind is asked.kind)
        and asked.q.casefold() in f"{plugin.id} {plugin.manifest.title}".casefold()
    )


def plugin(kernel: Kernel, plugin_id: PluginId) -> JsonObject:
    """Show one plugin with its manifest and versions."""
    return registry_views.full_view(kernel.world.now().plugins.get(plugin_id))


def revision(kernel: Kernel, plugin_id: PluginId) -> str:
    """Give the number of the record that touched a plugin last."""
    return str(kernel.world.now().plugins.get(plugin_id).seq)


def versions(kernel: Kernel, plugin_id: PluginId) -> list[JsonObject]:
    """Show the kept versions of a plugin, newest first."""
    found = kernel.world.now().plugins.get(plugin_id)
    return [registry_views.version_view(version, found) for version in reversed(found.versions)]


def config(kernel: Kernel, plugin_id: PluginId) -> JsonObject:
    """Show the configuration of a plugin, and what it allows."""
    found = kernel.world.now().plugins.get(plugin_id)
    return {"config": found.config, "config_schema": found.live.canonical.get("config_schema")}


def permissions(kernel: Kernel, plugin_id: PluginId) -> JsonObject:
    """Show what a plugin asks for, what it was granted, and what waits."""
    found = kernel.world.now().plugins.get(plugin_id)
    shown = registry_views.plugin_view(found)
    return {
        "requested": shown["permissions"],
        "granted": shown["granted"],
        "pending": shown["pending"],
        "revision": found.seq,
    }


def news_of(kernel: Kernel, seq: int, *, most: int) -> tuple[Record, ...]:
    """Give some of the records behind a number that a frontend wants to hear of."""
    found = kernel.journal.after(Seq(seq), kinds=_Told())
    return tuple(itertools.islice(found, most))


class _Told:
    """The kinds of records that go out on event streams."""

    def __contains__(self, kind: object) -> bool:
        return isinstance(kind, str) and kind.startswith(("plugin.", "gate.", "safe_mode."))


def readings(kernel: Kernel, document: Document) -> tuple[Reading, ...]:
    """Read a manifest, or an index of several, into what is registered."""
    return kernel.manifests.read(document)


def manifest_schema() -> JsonObject:
    """Give the JSON Schema of the canonical manifest."""
    return {}
