"""Tasks over HTTP: what plugins have started, and how somebody ends one by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira import facts
from neira.model import Scope, TaskState
from neira.web.current import caller, kernel
from neira.web.noun import WRITES, Noun, Route
from neira.web.paging import opened, sealed
from neira.web.reply import answer
from neira.web.schemas import answers
from neira.web.schemas import tasks as asks

if TYPE_CHECKING:
    from flask import Response

tasks = Noun("tasks", "Work for later that plugins have started.")


@tasks.on("GET", "/tasks", Route(needs=Scope.READ, query=asks.TasksWantedQuery, answer=answers.TaskList))
def list_all(asked: asks.TasksWanted) -> Response:
    """List tasks, newest first."""
    before = None if asked.cursor is None else opened(asked.cursor)
    found, behind = facts.tasks(kernel(), caller(), state=asked.state, before=before, limit=asked.limit)
    return answer({"tasks": found, "next": None if behind is None else sealed(behind)})


@tasks.on(
    "POST",
    "/tasks/<task_id>",
    Route(needs=Scope.WRITE, rate=WRITES, body=asks.SettlingBody, answer=answers.Task),
)
def settle(asked: asks.Settling, task_id: str) -> Response:
    """End a task that nobody runs: done, failed or cancelled."""
    state = TaskState(asked.state.value)
    return answer(kernel().movement.tasking.settle(caller(), task_id, state, asked.note))
