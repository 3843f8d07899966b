"""What faces read: each function asks the kernel's parts for one body, as plain values.

Changes go through `kernel.change`, events through `kernel.hub`; all that is only looked at comes from here,
so that no view knows what the kernel is made of.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from neira.gates import views as gate_views
from neira.idempotency.index import Use
from neira.journal import query, verify
from neira.journal.reader import Reader
from neira.model import PluginId, Seq
from neira.parse import strict_json
from neira.quotas.rates import Rate
from neira.registry import view as registry_views
from neira.registry.form.json_schema import json_schema
from neira.security import tokens as token_views
from neira.storage.context_files import Position, Wanted, steps
from neira.storage.context_markdown import markdown
from neira.storage.context_search import Search, search

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from neira.kernel import Kernel
    from neira.model import Caller, Json, JsonObject, Kind, PluginState, Record
    from neira.parse.document import Document
    from neira.registry.reading import Reading
    from neira.registry.snapshot import Plugin

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


def tokens(kernel: Kernel) -> list[JsonObject]:
    """Show every live token, by id."""
    found = kernel.world.now().tokens.by_digest.values()
    return [token_views.view(token) for token in sorted(found, key=lambda token: token.id)]


def records(kernel: Kernel, *, limit: int, cursor: str | None, **wanted: Any) -> JsonObject:
    """Show a page of the journal, newest first; what may be wanted are the fields of `query.Filters`."""
    page = query.page(kernel.home.root, query.Filters(**wanted), cursor=cursor, limit=limit)
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
    found = verify.verify(kernel.home.root, lock=kernel.journal_lock)
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


def plugins(
    kernel: Kernel, caller: Caller, *, state: PluginState | None, kind: Kind | None, words: str
) -> Iterator[Plugin]:
    """Find the plugins that a caller may see, by id."""
    snapshot = kernel.world.now().plugins
    for plugin_id in snapshot.ids:
        found = snapshot.plugins[plugin_id]
        if (
            caller.may_touch(plugin_id)
            and state in {None, found.state}
            and (kind is None or found.manifest.kind is kind)
            and (not words or words.casefold() in f"{plugin_id} {found.manifest.title}".casefold())
        ):
            yield found


def plugin_view(plugin: Plugin) -> JsonObject:
    """Show one plugin as lists do."""
    return registry_views.plugin_view(plugin)


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


def saved(
    kernel: Kernel,
    caller: Caller,
    *,
    words: str,
    start: str | None,
    limit: int,
    strict: bool = False,
    **wanted: Any,
) -> JsonObject:
    """Show a page of what plugins saved for chats; what may be wanted are the fields of `Wanted`."""
    asked = Search(words=words, wanted=Wanted(**wanted), is_seen=_seen_by(caller))
    begin = Position() if start is None else Position.read(start)
    page = search(kernel.home.context, asked, begin, limit=limit, strict=strict)
    behind = None if page.next is None else str(page.next)
    return {"items": page.items, "next": behind, "skipped": page.skipped}


def saved_lines(kernel: Kernel, caller: Caller, *, as_markdown: bool, **wanted: str | None) -> Iterator[str]:
    """Give all that plugins saved for chats, as lines of JSON or as Markdown."""
    seen = _seen_by(caller)
    found = steps(kernel.home.context, Wanted(**wanted), Position())
    shown = (step for step in found if step.item is None or seen(step.item))
    if as_markdown:
        return markdown(shown)
    return (f"{strict_json.dumps(step.item)}\n" for step in shown if step.item is not None)


def _seen_by(caller: Caller) -> Callable[[JsonObject], bool]:
    """Tell which saved items a caller may see: those of the plugins that it may touch."""

    def is_seen(item: JsonObject) -> bool:
        owner = item.get("plugin")
        return caller.namespace is None or (isinstance(owner, str) and caller.may_touch(PluginId(owner)))

    return is_seen


def readings(kernel: Kernel, document: Document) -> tuple[Reading, ...]:
    """Read a manifest, or an index of several, into what is registered."""
    return kernel.manifests.read(document)


def manifest_schema() -> JsonObject:
    """Give the JSON Schema of the canonical manifest."""
    return json_schema()
