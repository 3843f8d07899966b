"""What views read: each function asks the kernel's parts for one body, and is all that the web knows of them.

This is the only page of `web/` that looks behind the kernel; views look here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.gates import views as gate_views
from neira.idempotency.index import Use
from neira.journal import query, verify
from neira.journal.reader import Reader
from neira.model import Seq
from neira.quotas.rates import Rate
from neira.security import tokens as token_views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neira.kernel import Kernel
    from neira.model import Caller, Json, JsonObject, Record
    from neira.web.schemas.asks import RecordsWanted

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
        "ts": record.ts.isoformat(),
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
    found = verify.verify(kernel.home.root)
    damage = found.damage
    return {
        "clean": found.is_clean,
        "first": found.first,
        "last": found.last,
        "records": found.records,
        "bytes": found.bytes,
        "damage": None
        if damage is None
        else {"seq": damage.seq, "kind": str(damage.kind), "reason": damage.reason},
        "notes": list(found.notes),
    }


def journal_lines(kernel: Kernel) -> Iterator[bytes]:
    """Give the journal's lines as they are."""
    return Reader(kernel.home.root).lines(Seq(0))
