"""Where every admin change is carried out: check, store, journal, fold, show, in this order.

One change at a time in a home, under a kernel lock, whatever process it comes through. The journal's fsync
is the commit; what comes after it (the index, plugin files) is finished by the next one if a process dies.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from neira.changes.answers import answer_of
from neira.changes.plan import NEEDED, Change, Plan, Unchanged
from neira.errors import NeiraError
from neira.errors.caller import NamespaceMismatch, ScopeMissing
from neira.errors.change import PreconditionFailed
from neira.gates.safe_mode import permit

if TYPE_CHECKING:
    from neira.changes.entries import EntryFiles
    from neira.changes.plan import Means, Order
    from neira.changes.switching import Committed, Switching
    from neira.disk import Lock
    from neira.hub.transaction import Done
    from neira.idempotency.index import IdempotencyIndex, Use
    from neira.journal.journal import Journal
    from neira.model import Caller, Draft, Json, JsonObject, Record, Seq
    from neira.world.live import LiveWorld
    from neira.world.scribe import Scribe
    from neira.world.world import World


class Desk:
    """Carries out orders."""

    def __init__(
        self,
        means: Means,
        *,
        lock: Lock,
        live: LiveWorld,
        journal: Journal,
        keys: IdempotencyIndex,
        scribe: Scribe,
        entries: EntryFiles,
        switching: Switching,
    ) -> None:
        self._means = means
        self._lock = lock
        self._live = live
        self._journal = journal
        self._keys = keys
        self._scribe = scribe
        self._entries = entries
        self._switching = switching

    def change(
        self,
        order: Order,
        caller: Caller,
        *,
        why: str = "",
        if_match: str | None = None,
        use: Use | None = None,
        request_id: str = "",
    ) -> Change:
        """Carry an order out, or refuse it leaving no trace."""
        _authorise(order, caller)
        ran: list[Done] = []
        with self._lock.held():
            with suppress(NeiraError):  # a journal that takes nothing says so when the change is written
                self._journal.flush()  # settles what a process that died has left behind
            world = self._live.refresh()
            self._entries.finish(world)
            if use and (seq := self._keys.find(use, self._means.clock.now())):
                return self._again(seq)
            permit(self._means.safety.now(), order.verb)
            _match(order, world, if_match)
            match order.decide(world, self._means):
                case Unchanged() as found:
                    return _unchanged(found)
                case Plan() as plan:
                    stamped = _stamped(plan.draft, caller, why, use, request_id)
                    done = self._commit(plan, stamped, world)
                    self._settle(order, done.record)
                    ran += self._switching.after(world, done)
        self._switching.spread(ran)  # whatever it leads to must not wait for a lock that is held here
        return self._answer(done.record, created=plan.created, secret=plan.secret or {})

    def _commit(self, plan: Plan, draft: Draft, world: World) -> Committed:
        for blob in plan.blobs:
            self._means.store.put(blob)
        ready = self._switching.before(world, draft)
        self._entries.intend(plan.entries)
        return self._switching.commit(world, draft, ready)

    def _settle(self, order: Order, record: Record) -> None:
        world = self._live.publish()
        self._entries.finish(world)
        order.settle(record, self._means)
        self._scribe.follow(world, record)

    def _again(self, seq: Seq) -> Change:
        record = self._journal.get(seq)
        return self._answer(record, created=False, secret={})

    def _answer(self, record: Record, *, created: bool, secret: JsonObject) -> Change:
        body = answer_of(record, self._means.catalogue)
        return Change({**body, **secret}, created=created, revision=record.seq, journal_id=record.id)


def _unchanged(found: Unchanged) -> Change:
    body = {**found.body, "unchanged": found.why, "journal_id": None}
    return Change(body, revision=found.revision, unchanged=found.why)


def _authorise(order: Order, caller: Caller) -> None:
    if not caller.scope.covers(NEEDED):
        raise ScopeMissing(caller, NEEDED)
    plugins = order.touches()
    if caller.namespace is not None and not (plugins and all(map(caller.may_touch, plugins))):
        raise NamespaceMismatch(caller)


def _match(order: Order, world: World, if_match: str | None) -> None:
    if if_match is None:
        return
    current = f'"{order.revision(world) or 0}"'
    if if_match != current:
        raise PreconditionFailed(if_match, current)


def _stamped(draft: Draft, caller: Caller, why: str, use: Use | None, request_id: str) -> Draft:
    stamp: dict[str, Json] = {"request": request_id}
    if use:
        stamp["idempotency"] = use.as_data()
    note = replace(draft.change, why=why or draft.change.why)
    return replace(draft, actor=caller.actor, change=note, data={**draft.data, **stamp})
