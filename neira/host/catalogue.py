"""Everything that plugins may do, by name; a new action or host function is a file and a line here."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from neira.host.actions import (
    create_note,
    delete_value,
    log,
    publish_event,
    report_metric,
    save_annotation,
    save_message,
    set_config,
    set_value,
    show_notification,
    start_task,
)
from neira.host.functions import config_get, storage_get
from neira.parse import params as schemas
from neira.ports import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from neira.host.action import Action, Function, Spelling
    from neira.model import JsonObject
    from neira.parse.params import ParamsSchema

ACTIONS: tuple[Action, ...] = tuple(
    module.ACTION
    for module in (
        save_annotation, save_message, create_note, start_task, publish_event, show_notification,
        set_value, delete_value, set_config, report_metric, log,
    )
)  # fmt: skip
FUNCTIONS: tuple[Function, ...] = tuple(module.FUNCTION for module in (storage_get, config_get))


@dataclass(frozen=True, slots=True)
class Signature:
    """A host function as an engine offers it."""

    name: str
    least: int
    greatest: int


class Catalogue:
    """The actions and host functions of one kernel, with their schemas compiled."""

    def __init__(self) -> None:
        self.actions: Mapping[str, Action] = MappingProxyType({each.name: each for each in ACTIONS})
        self.reading: Mapping[str, Function] = MappingProxyType({each.name: each for each in FUNCTIONS})
        self.writing: Mapping[str, tuple[Action, Spelling]] = MappingProxyType(
            {spelling.name: (action, spelling) for action in ACTIONS for spelling in action.spellings}
        )
        self._schemas: dict[str, ParamsSchema] = {
            each.name: schemas.compile(each.schema, closed=True)
            for each in ACTIONS
            if each.schema is not None
        }

    def functions(self) -> Iterator[Signature]:
        """List every host function, for the engines."""
        for function in self.reading.values():
            count = len(function.parameters)
            yield Signature(function.name, count - function.optional, count)
        for _, spelling in self.writing.values():
            count = len(spelling.parameters)
            yield Signature(spelling.name, count - spelling.optional, count)

    def permission_of(self, function: str) -> str | None:
        """Name the permission that calling a host function needs, without the object it will name."""
        if function in self.reading:
            return self.reading[function].permission
        permission = self.writing[function][0].permission
        return None if permission is None else permission.partition(":{")[0]

    def knows(self, function: str) -> bool:
        """Tell whether there is such a host function."""
        return function in self.reading or function in self.writing

    def check_form(self, action: Action, params: JsonObject) -> None:
        """Refuse params that the action's schema does not allow."""
        schema = self._schemas.get(action.name)
        problems = schema.problems(params) if schema is not None else ()
        if problems:
            first = problems[0]
            message = f"{action.name}: {first.path} is {first.found}, allowed is {first.allowed}"
            raise Refused("bad_params", message)
