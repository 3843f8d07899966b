"""What the routes of tasks take."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from neira.model import TaskState
from neira.web.schemas.asks import Pages, PagesQuery
from neira.web.schemas.fields import Schema, Text, one_of


@dataclass(frozen=True, slots=True)
class TasksWanted(Pages):
    """Which tasks."""

    state: TaskState | None = None


class TasksWantedQuery(PagesQuery):
    """Which tasks."""

    makes = TasksWanted
    state = one_of(TaskState, "Only tasks that stand here.")


class Settled(StrEnum):
    """How somebody may end a task by hand."""

    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Settling:
    """A task is over."""

    state: Settled
    note: str = ""


class SettlingBody(Schema):
    """A task is over."""

    makes = Settling
    state = one_of(Settled, "How it ended.", required=True)
    note = Text("What there is to say about it.")
