"""The router: it publishes by what a text says, and others hear it once they may."""

from __future__ import annotations

from typing import Any

import pytest

from neira.changes.plugins import Approve, Enable
from neira.changes.register import Register
from neira.errors.input import InvalidParams
from neira.kernel import Kernel
from neira.model import NEVER, PluginId
from neira.parse import document
from neira.settings import load
from tests.conftest import ADMIN
from tests.examples.shown import Shown, show

SAID = "router.said"
LISTENER = PluginId("listener")
MANIFEST = b"""
id: listener
version: 1.0.0
kind: script
permissions: [storage:write, "events:subscribe:router.question.*"]
events: ["router.question.*"]
source: |
  fn handle(event) { storage::save_message(#{heard: event.event, text: event.params.text}); }
"""


@pytest.fixture
def router(live: Kernel) -> Shown:
    """Register the router."""
    return show(live, "router")


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("What is it?", "router.question.asked"),
        ("todo: milk", "router.task.found"),
        ("Надо купить молоко", "router.task.found"),
        ("The sky is blue.", "router.note.saved"),
    ],
)
def test_the_text_decides(router: Shown, text: str, event: str) -> None:
    """Each kind of text has its event, whose params hold the text."""
    result = router.send(SAID, {"text": f"  {text}\n"})
    assert (result["outcome"], result["result"]) == ("ok", event)
    assert result["actions"][-1] == {
        "action": "publish_event",
        "params": {"event": event, "params": {"text": text}},
    }


def test_a_note_is_saved_before_it_is_told(router: Shown) -> None:
    """Both actions are one transaction."""
    router.send(SAID, {"text": "The sky is blue."})
    (note,) = router.lines("notes")
    assert note["text"] == "The sky is blue."


def test_blanks_are_no_text(router: Shown) -> None:
    """Nothing is published."""
    result = router.send(SAID, {"text": " \n\t "})
    assert (result["outcome"], result["actions"], result["result"]) == ("ok", [], None)


@pytest.mark.parametrize("params", [{}, {"text": ""}, {"text": 7}, {"text": "x" * 4001}])
def test_the_door_asks_for_a_text(router: Shown, params: dict[str, Any]) -> None:
    """The manifest says so."""
    with pytest.raises(InvalidParams):
        router.send(SAID, params)


def test_another_plugin_hears_it_once_it_may(live: Kernel) -> None:
    """`events:subscribe:…` waits for an admin; then a question reaches the listener, in the same chat."""
    live.close()
    trusting = load(live.home.root, {"NEIRA_TRUST_UNSIGNED": "approval"})
    with Kernel.open(live.home.root, trusting, clock=live.clock) as kernel:
        router = show(kernel, "router")
        _listen(kernel)
        router.send(SAID, {"text": "Who?"})
        (heard,) = router.lines("messages")
        runs = [record.data["plugin"] for record in kernel.journal.after(NEVER, kinds=("event.result",))]
    assert (heard["plugin"], heard["heard"], heard["text"]) == (LISTENER, "router.question.asked", "Who?")
    assert runs == ["router", LISTENER]


def _listen(kernel: Kernel) -> None:
    (reading,) = kernel.manifests.read(document.read(MANIFEST))
    registered: Any = kernel.change(Register(readings=(reading,)), ADMIN).body
    kernel.change(Approve(LISTENER, registered["pending"]["digest"]), ADMIN)
    kernel.change(Enable(LISTENER), ADMIN)
