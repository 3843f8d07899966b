"""The event door in this stage: everything is checked and journaled, nothing runs."""

from __future__ import annotations

import pytest

from neira.errors.change import IdempotencyMismatch, ToolGone
from neira.idempotency.index import Use
from neira.kernel import Kernel
from neira.model import NEVER, Caller, PluginId, Scope
from neira.parse.event import EventForm
from neira.settings import load
from tests.conftest import ADMIN

READER = Caller("token:reader", Scope.READ)
PENCIL = PluginId("ui.pencil")
FORM = EventForm(PENCIL, "ui.pencil.draw", {"color": "red"}, {"chat_id": "c1", "session_id": "s1"})


def test_on_a_fresh_home_an_event_is_a_dry_run(kernel: Kernel) -> None:
    """It is answered, journaled with its params as a payload, and names the gate that keeps it."""
    answer = kernel.hub.handle(FORM, READER, request_id="r1").body
    assert (answer["mode"], answer["reason"]) == ("dry_run", "unknown_tool")
    assert (answer["capability"], answer["results"]) == ("ui_tools_registry", [])
    *_, record = kernel.journal.after(NEVER)
    assert (record.id, record.data["event_id"]) == (answer["journal_id"], answer["event_id"])
    assert record.payload == {"params": {"color": "red"}, "context": FORM.context}


def test_with_the_door_open_an_unknown_tool_is_gone(live: Kernel) -> None:
    """The refusal carries the tag of the list to fetch anew; nothing is journaled."""
    before = live.journal.tail()
    with pytest.raises(ToolGone) as caught:
        live.hub.handle(FORM, READER, request_id="r1")
    assert caught.value.details["tools_etag"] == live.tools_etag(READER)
    assert live.journal.tail() == before


def test_event_ids_sort_by_time_and_never_repeat(kernel: Kernel) -> None:
    """The host mints them: UUIDs of version 7."""
    ids = [str(kernel.hub.handle(FORM, READER, request_id="r").body["event_id"]) for _ in range(20)]
    assert len(set(ids)) == 20
    assert {one[14] for one in ids} == {"7"}


def test_a_repeated_key_gets_the_same_answer_after_a_restart(kernel: Kernel) -> None:
    """The answer is made of the record, whoever gives it."""
    use = Use(READER.actor, "k", "POST /ui/events 1")
    first = kernel.hub.handle(FORM, READER, request_id="r1", use=use)
    kernel.close()
    with Kernel.open(kernel.home.root, load(kernel.home.root, {}), clock=kernel.clock) as again:
        assert again.hub.handle(FORM, READER, request_id="r2", use=use) == first
        with pytest.raises(IdempotencyMismatch):
            again.hub.handle(FORM, READER, request_id="r3", use=Use(READER.actor, "k", "POST /ui/events 2"))


def test_another_actor_with_the_same_key_gets_its_own_run(kernel: Kernel) -> None:
    """Keys are bound to who sent them."""
    one = kernel.hub.handle(FORM, READER, request_id="r1", use=Use(READER.actor, "k", "x"))
    two = kernel.hub.handle(FORM, ADMIN, request_id="r2", use=Use(ADMIN.actor, "k", "x"))
    assert one.body["event_id"] != two.body["event_id"]


def test_signals_count_what_was_held_back(kernel: Kernel) -> None:
    """The door's gate is shown how many events it kept from running."""
    for _ in range(3):
        kernel.hub.handle(FORM, READER, request_id="r")
    assert kernel.signals.of(kernel.catalogue.get("ui_tools_registry").name)["dry_run_events"] == 3
    assert kernel.signals.of(kernel.catalogue.get("ui_tools_registry").name)["dry_run_events"] == 3
