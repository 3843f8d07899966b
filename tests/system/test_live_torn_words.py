"""A process killed between two stores to shared memory: the words disagree, and no effect is lost by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from neira.changes.register import Register
from neira.clock import SystemClock
from neira.founding import found
from neira.kernel import Kernel
from neira.model import Caller, PluginId, Scope
from neira.parse import document
from neira.parse.event import EventForm
from neira.settings import load
from neira.shared import Word

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADMIN = Caller("test:admin", Scope.ADMIN)
MANIFEST = b"""
id: torn.words
version: 1.0.0
kind: script
permissions: [storage:write]
ui: {buttons: [{id: go, title: Go, event: torn.words.go}]}
"""
SOURCE = "fn handle(event) { storage::save_annotation(#{saved: true}); }"


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Kernel]:
    """Open a home with a plugin that saves, and let it save three times."""
    home = tmp_path / "home"
    found(home, clock=SystemClock(), stage=1)
    with Kernel.open(home, load(home, {})) as kernel:
        readings = tuple(kernel.manifests.read(document.read(MANIFEST)))
        kernel.change(Register(readings=readings, source=SOURCE, enable=True), ADMIN)
        for _ in range(3):
            _save(kernel)
        yield kernel


def _save(kernel: Kernel) -> None:
    context = {"chat_id": "c1", "session_id": "s1"}
    form = EventForm(PluginId("torn.words"), "torn.words.go", {}, context)
    answer = kernel.hub.handle(form, ADMIN, request_id="r1")
    results = answer.body["results"]
    assert isinstance(results, list)
    assert len(results) == 1


def _saved(kernel: Kernel) -> int:
    return len((kernel.home.context / "c1/s1.annotations.ndjson").read_text().splitlines())


@pytest.mark.parametrize("offset", [1 << 26, 100])
def test_a_place_that_is_wrong_is_looked_for_anew(opened: Kernel, offset: int) -> None:
    """The number of a new segment was stored, its offset not: that place is behind the end, or in a line."""
    opened.words[Word.APPLIED_OFFSET] = offset
    _save(opened)
    _save(opened)
    assert _saved(opened) == 5
    assert opened.health().status == "ready"


def test_a_place_beyond_what_is_said_to_be_applied_is_looked_for_anew(opened: Kernel) -> None:
    """The place was stored, the number of the record was not: what lies between is applied again, once."""
    opened.words[Word.APPLIED] -= 4
    _save(opened)
    _save(opened)
    assert _saved(opened) == 5
    assert opened.health().status == "ready"
