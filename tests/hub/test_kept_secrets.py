"""What an event brings along is kept for later, but for its secrets; and it can be forgotten everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from neira.model import NEVER
from neira.upkeep.forget import forget
from tests.hub.tool import Tool

if TYPE_CHECKING:
    from neira.kernel import Kernel
    from neira.model import Record

SAVES = """fn handle(event) {
    storage::set("word", event.params.word.len());
    storage::create_note(#{said: event.params.said});
    tasks::start("later", #{said: event.params.said});
}"""


@pytest.fixture
def tool(live: Kernel) -> Tool:
    """Give the plugin of this story."""
    return Tool(live)


def came(kernel: Kernel) -> Record:
    """Find the record of the newest event."""
    return list(kernel.journal.after(NEVER, kinds=("event.received",)))[-1]


def in_use(params: dict[str, Any], tool: Tool) -> None:
    """Register the tool with a schema, and send it one event of a chat."""
    schema = {"word": "secret", "said": "string"}
    button = {"id": "b", "title": "B", "event": f"{tool.id}.go", "params_schema": schema}
    tool.register(SAVES, permissions=("storage:write", "tasks:start"), ui={"buttons": [button]})
    assert tool.ends(params) == "ok"


def test_a_secret_reaches_the_script_and_not_the_journal(tool: Tool) -> None:
    """The journal holds an HMAC; equal secrets look equal there."""
    in_use({"word": "hunter2", "said": "hello"}, tool)
    assert tool.values() == {"word": 7}
    payload = came(tool.kernel).payload
    assert isinstance(payload, dict)
    kept: Any = payload["params"]
    assert kept["said"] == "hello"
    assert kept["word"].startswith("hmac-sha256:")
    tool.send({"word": "hunter2", "said": "again"})
    again = came(tool.kernel).payload
    assert isinstance(again, dict)
    repeated: Any = again["params"]
    assert repeated["word"] == kept["word"]
    segments = tool.kernel.home.journal.glob("*.ndjson")
    assert not [path for path in segments if b"hunter2" in path.read_bytes()]


def test_an_event_is_forgotten_in_the_journal_and_in_every_store(tool: Tool) -> None:
    """Its params, note, task and value are gone; the journal still verifies, and nothing comes back."""
    in_use({"word": "x", "said": "unforgettable"}, tool)
    event = str(came(tool.kernel).data["event_id"])
    done = forget(tool.kernel, "test:admin", event=event, why="asked to")
    assert done.records == 2
    assert tool.values() == {}
    home = tool.kernel.home
    tool.kernel.settle()
    left = [path for folder in (home.journal, home.context) for path in folder.rglob("*") if path.is_file()]
    assert not [path.name for path in left if b"unforgettable" in path.read_bytes()]
    tool.kernel.movement.catch_up()
    assert tool.kernel.movement.database.reading().execute("SELECT count(*) FROM tasks").fetchone() == (0,)
