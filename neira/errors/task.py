"""Tasks that are not there, or are over."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from neira.errors.base import Fault, NeiraError

if TYPE_CHECKING:
    from neira.model import TaskState


class TaskNotFound(NeiraError):
    """An id that no task has."""

    code = "task_not_found"
    status = HTTPStatus.NOT_FOUND
    fault = Fault.NOT_FOUND

    def __init__(self, task: str) -> None:
        super().__init__(
            f"there is no task {task[:80]}",
            hint="GET /api/neira/tasks and `neira tasks list` name them all",
            details={"task": task[:200]},
        )


class TaskOver(NeiraError):
    """A task that has ended already."""

    code = "task_over"
    status = HTTPStatus.CONFLICT
    fault = Fault.CONFLICT

    def __init__(self, task: str, state: TaskState) -> None:
        super().__init__(
            f"task {task[:80]} is {state} already",
            hint="what is over stays as it ended; start another task",
            details={"task": task[:200], "state": state.value},
        )
