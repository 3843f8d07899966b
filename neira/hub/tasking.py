"""Tasks, one at a time: the oldest that waits is given to its plugin's `on_task`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.errors.task import TaskNotFound, TaskOver
from neira.hub.standing import TASK_MOVED
from neira.model import ChangeNote, Draft, Outcome, PluginId, TaskState
from neira.state import tasks

if TYPE_CHECKING:
    from neira.hub.lifecycle import Lifecycle
    from neira.hub.transaction import Stage
    from neira.model import Caller, Json, JsonObject
    from neira.state.tasks import Task

HOOK = "on_task"
ACTOR = "system:tasks"


@dataclass(frozen=True, slots=True)
class Tasking:
    """Runs queued tasks; one process of a home does so, the keeper."""

    stage: Stage
    lifecycle: Lifecycle

    def step(self) -> bool:
        """Run the oldest task that somebody can run; tell whether there was one."""
        after = 0
        while (task := tasks.next_queued(self.stage.database.reading(), after=after)) is not None:
            if PluginId(task.plugin) in self.lifecycle.listeners(HOOK):
                self._run(task)
                return True
            after = task.seq  # it waits for somebody else
        return False

    def give_up_running(self) -> None:
        """Say of tasks that a dead keeper was running that they failed."""
        for task in tasks.newest(
            self.stage.database.reading(), state=TaskState.RUNNING, before=None, limit=1000
        ):
            self.move(task, TaskState.FAILED, "interrupted: the process that ran it has died")

    def settle(self, caller: Caller, task_id: str, state: TaskState, note: str) -> JsonObject:
        """End a task by hand."""
        task = tasks.get(self.stage.database.reading(), task_id)
        if task is None or not caller.may_touch(PluginId(task.plugin)):
            raise TaskNotFound(task_id)
        if task.state.is_over:
            raise TaskOver(task_id, task.state)
        self.move(task, state, note, caller.actor)
        found = tasks.get(self.stage.database.reading(), task_id)
        assert found is not None  # tasks are never removed
        return found.as_json()

    def move(self, task: Task, state: TaskState, note: str = "", actor: str = ACTOR) -> None:
        """Bring a task to a state, for good."""
        said = ChangeNote(f"task {task.id} is {state}", verify="neira tasks list")
        data: dict[str, Json] = {
            "task": task.id,
            "plugin": task.plugin,
            "state": state.value,
            "note": note,
        }
        (record,) = self.stage.journal.append(Draft(TASK_MOVED, actor, said, f"task-{state}", data))
        self.stage.applier.upto(record.seq)

    def _run(self, task: Task) -> None:
        self.move(task, TaskState.RUNNING)
        argument: dict[str, Json] = {
            "id": task.id,
            "name": task.name,
            "params": task.params,
            "context": task.context,
        }
        finished = self.lifecycle.call(PluginId(task.plugin), HOOK, [argument], task.context)
        if finished is not None and finished.outcome is Outcome.OK:
            self.move(task, TaskState.DONE)
        else:
            error = finished.error if finished else None
            self.move(task, TaskState.FAILED, error.message if error else "it could not be run")
