"""What faces read: each function asks the kernel's parts for one body, as plain values.

Changes go through `kernel.change`, events through `kernel.hub`; all that is only looked at comes from here,
so that no view knows what the kernel is made of.
"""

from __future__ import annotations

import hashlib
import itertools
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from neira.errors.change import BadCursor
from neira.errors.disk import BadPath
from neira.errors.storage import NoAttachment
from neira.gates import views as gate_views
from neira.gates.safe_mode import Reason
from neira.hub import crashes
from neira.idempotency.index import Use
from neira.journal import query, verify
from neira.journal.reader import Reader
from neira.model import Mode, PluginId, Seq
from neira.parse import ids, strict_json
from neira.quotas.rates import Rate
from neira.registry import view as registry_views
from neira.registry import watch_notes
from neira.registry.form.json_schema import json_schema
from neira.security import tokens as token_views
from neira.state import notices as notice_rows
from neira.state import strikes
from neira.state import tasks as task_rows
from neira.storage import context_attachments as attachments
from neira.storage.context_files import Position, Wanted, steps
from neira.storage.context_markdown import markdown
from neira.storage.context_search import Search, search

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from neira.kernel import Kernel
    from neira.model import Caller, Json, JsonObject, Kind, PluginState, Record, TaskState
    from neira.parse.document import Document
    from neira.registry.reading import Reading
    from neira.registry.snapshot import Plugin
    from neira.state.notices import Notice
    from neira.state.tasks import Task

__all__ = ["Use"]

_LONGEST_NUMBER = 19
_DEEPEST = 200  # of what was written here


class Shown(Protocol):
    """A row of a list that belongs to a plugin, or to the system."""

    @property
    def plugin(self) -> str | None:
        """Name its plugin."""
        ...

    def as_json(self) -> JsonObject:
        """Show it as the API does."""
        ...


Row = TypeVar("Row", bound=Shown)


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
    """Show safe mode; after crashes, with the plugins that may be the cause, the likeliest first."""
    mode = kernel.safety.now()
    shown = gate_views.safe_mode(mode)
    if Reason.CRASH not in mode.reasons:
        return shown
    found = crashes.suspects(kernel.home.root, kernel.journal, kernel.world.now().plugins)
    return {**shown, "suspects": list(found)}


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


def plugin_views(kernel: Kernel, plugins: Iterable[Plugin]) -> list[JsonObject]:
    """Show plugins as lists do, each with why its edited file is not taken, if that is so."""
    notes = watch_notes.read(kernel.home)
    return [
        {**registry_views.plugin_view(each), **({"reload_error": notes[each.id]} if each.id in notes else {})}
        for each in plugins
    ]


def plugins_tag(kernel: Kernel, caller: Caller) -> str:
    """Tag the list of plugins: it changes with them, and with what the watcher could not load."""
    notes = watch_notes.read(kernel.home)
    tag = kernel.tools_etag(caller)
    return f"{tag}-{hashlib.sha256(strict_json.dumps(notes).encode()).hexdigest()[:8]}" if notes else tag


def is_troubled(kernel: Kernel, plugin_id: PluginId) -> bool:
    """Tell whether the file of a plugin could not be loaded, or limits stand against it."""
    if plugin_id in watch_notes.read(kernel.home):
        return True
    return strikes.row_of(kernel.movement.database.reading(), plugin_id).count > 0


def plugin(kernel: Kernel, plugin_id: PluginId) -> JsonObject:
    """Show one plugin with its manifest and versions, its strikes, and why its edited file is not taken."""
    shown = registry_views.full_view(kernel.world.now().plugins.get(plugin_id))
    against = strikes.row_of(kernel.movement.database.reading(), plugin_id)
    note = watch_notes.read(kernel.home).get(plugin_id)
    return {**shown, "strikes": against.count, **({"reload_error": note} if note else {})}


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
    return {"config": found.settings, "config_schema": found.live.canonical.get("config_schema")}


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


def notices_in(record: Record) -> list[Json]:
    """Show the notifications that a committed result asks for."""
    if record.kind != "event.result" or record.data["mode"] != Mode.LIVE or not record.data["effects"]:
        return []
    payload = record.payload if isinstance(record.payload, dict) else {}
    actions = payload.get("actions")
    found = actions if isinstance(actions, list) else []
    return [
        each["params"] for each in found if isinstance(each, dict) and each["action"] == "show_notification"
    ]


class _Told:
    """The kinds of records that go out on event streams."""

    def __contains__(self, kind: object) -> bool:
        return isinstance(kind, str) and kind.startswith(_TELLING)


_TELLING = ("plugin.", "gate.", "safe_mode.", "task.", "event.result")


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
    index = kernel.context_index
    page = search(kernel.home.context, asked, begin, limit=limit, strict=strict, index=index)
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


def tasks(
    kernel: Kernel, caller: Caller, *, state: TaskState | None, before: str | None, limit: int
) -> tuple[list[JsonObject], str | None]:
    """Show a page of tasks, newest first, and the place behind it."""
    db = kernel.movement.database.reading()

    def read(place: tuple[int, str] | None, count: int) -> Sequence[Task]:
        return task_rows.newest(db, state=state, before=place, limit=count)

    return _paged(read, lambda task: (task.seq, task.id), _place(before), limit, caller)


def notifications(
    kernel: Kernel, caller: Caller, *, before: str | None, limit: int
) -> tuple[list[JsonObject], str | None]:
    """Show a page of notifications, newest first, and the place behind it."""
    db = kernel.movement.database.reading()

    def read(place: tuple[int, str] | None, count: int) -> Sequence[Notice]:
        if place is not None and not place[1].isdigit():
            raise BadCursor
        at = None if place is None else (place[0], int(place[1]))
        return notice_rows.newest(db, before=at, limit=count)

    return _paged(read, lambda notice: (notice.seq, str(notice.number)), _place(before), limit, caller)


def _paged(
    read: Callable[[tuple[int, str] | None, int], Sequence[Row]],
    place_of: Callable[[Row], tuple[int, str]],
    place: tuple[int, str] | None,
    limit: int,
    caller: Caller,
) -> tuple[list[JsonObject], str | None]:
    """Take rows that a caller may see until a page is full."""
    taken: list[Row] = []
    while rows := read(place, limit + 1):
        place = place_of(rows[-1])
        taken += (row for row in rows if row.plugin is None or caller.may_touch(PluginId(row.plugin)))
        if len(taken) > limit:
            break
    shown = taken[:limit]
    behind = "/".join(map(str, place_of(shown[-1]))) if len(taken) > limit else None
    return [row.as_json() for row in shown], behind


def _place(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    seq, mark, rest = text.partition("/")
    if not (mark and seq.isdigit() and len(seq) < _LONGEST_NUMBER):
        raise BadCursor
    return int(seq), rest


def attachment(kernel: Kernel, chat: str, digest: str) -> Json:
    """Give a part of a saved item that lies in a file of its own."""
    try:
        found = attachments.attachment(kernel.home.context, ids.chat_id(chat), ids.digest(digest))
    except (BadPath, FileNotFoundError):
        raise NoAttachment(digest) from None
    return strict_json.loads(found, depth=_DEEPEST)


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
