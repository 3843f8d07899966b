"""Tasks that plugins start: each is given once to its plugin's `on_task`, and ends one way or the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from neira.changes.plugins import Disable, Enable
from neira.model import PluginId, TaskState
from neira.state import tasks
from tests.conftest import ADMIN
from tests.hub.home_looks import items
from tests.hub.tool import Tool

if TYPE_CHECKING:
    from neira.kernel import Kernel
    from neira.state.tasks import Task

STARTS = "fn handle(event) { tasks::start(event.params.name, #{ n: 1 }); }\n"
DOES = """
fn on_task(task) {
    if task.name == "fail" { throw "cannot"; }
    storage::create_note(#{ did: task.name, n: task.params.n });
}
"""
PERMISSIONS = ("storage:write", "tasks:start")


@pytest.fixture
def tool(live: Kernel) -> Tool:
    """Register a plugin that starts tasks and does them."""
    tool = Tool(live)
    tool.register(STARTS + DOES, permissions=PERMISSIONS)
    return tool


def queue(kernel: Kernel) -> list[Task]:
    """List all tasks, oldest first."""
    found = tasks.newest(kernel.movement.database.reading(), state=None, before=None, limit=100)
    return list(reversed(found))


def test_a_task_is_done_once_for_the_session_that_started_it(tool: Tool) -> None:
    """In the order in which they came; the plugin itself is the actor then."""
    for name in ("first", "second"):
        tool.send({"name": name})
    tasking = tool.kernel.movement.tasking
    assert [tasking.step() for _ in range(3)] == [True, True, False]
    assert [(each.name, each.state) for each in queue(tool.kernel)] == [
        ("first", TaskState.DONE), ("second", TaskState.DONE),
    ]  # fmt: skip
    notes = items(tool.kernel.home.context / "c1/s1.notes.ndjson")
    assert [(each["did"], each["n"], each["actor"]) for each in notes] == [
        ("first", 1, "plugin:test.tool"), ("second", 1, "plugin:test.tool"),
    ]  # fmt: skip


def test_a_task_that_fails_says_why(tool: Tool) -> None:
    """And is not tried again."""
    tool.send({"name": "fail"})
    tasking = tool.kernel.movement.tasking
    assert tasking.step()
    (task,) = queue(tool.kernel)
    assert task.state is TaskState.FAILED
    assert "cannot" in task.note
    assert not tasking.step()


def test_a_task_waits_for_a_plugin_that_is_off_and_holds_up_nobody(tool: Tool) -> None:
    """It is done once the plugin is back."""
    tool.send({"name": "first"})
    other = Tool(tool.kernel, PluginId("test.other"))
    other.register(STARTS + DOES, permissions=PERMISSIONS)
    other.send({"name": "second"})
    tool.kernel.change(Disable(tool.id), ADMIN)
    tasking = tool.kernel.movement.tasking
    assert [tasking.step() for _ in range(2)] == [True, False]
    assert [each.state for each in queue(tool.kernel)] == [TaskState.QUEUED, TaskState.DONE]
    tool.kernel.change(Enable(tool.id), ADMIN)
    assert tasking.step()
    assert [each.state for each in queue(tool.kernel)] == [TaskState.DONE, TaskState.DONE]


def test_what_a_dead_process_was_doing_has_failed(tool: Tool) -> None:
    """Nobody knows how far it came; it is not begun again by itself."""
    tool.send({"name": "first"})
    (task,) = queue(tool.kernel)
    tasking = tool.kernel.movement.tasking
    tasking.move(task, TaskState.RUNNING)
    tasking.give_up_running()
    (task,) = queue(tool.kernel)
    assert (task.state, task.note.partition(":")[0]) == (TaskState.FAILED, "interrupted")
    assert not tasking.step()
