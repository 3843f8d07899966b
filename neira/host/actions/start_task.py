"""`start_task`: work for later, queued for the plugin's own `on_task` or for somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from neira.host.action import Action, Docs, Spelling
from neira.model import TaskState
from neira.state import tasks
from neira.state.tasks import Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neira.host.effects import Effect, Stores
    from neira.model import Json, JsonObject


def _apply(effect: Effect, stores: Stores) -> None:
    if db := stores.once():
        tasks.add(db, _task(effect))


def _task(effect: Effect) -> Task:
    return Task(
        id=effect.id,
        seq=effect.seq,
        plugin=effect.plugin,
        name=str(effect.params["name"]),
        params=cast("JsonObject", effect.params.get("params") or {}),
        context=effect.context,
        actor=effect.actor,
        state=TaskState.QUEUED,
        created=effect.ts,
        changed=effect.ts,
        changed_seq=effect.seq,
        note="",
    )


def _params(given: Sequence[Json]) -> JsonObject:
    return {"name": given[0], "params": given[1] if len(given) > 1 else {}}


ACTION = Action(
    name="start_task",
    docs=Docs("Start a task.", "Запустить задачу."),
    permission="tasks:start",
    schema={"name": "string 1..128", "params": "map?"},
    apply=_apply,
    spellings=(Spelling("tasks::start", ("name", "params"), _params, optional=1),),
)
