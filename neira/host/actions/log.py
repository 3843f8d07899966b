"""`log`: a line for the log of the process, kept in the result's record as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.host.action import Action, Docs, Restart, Spelling

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from neira.host.effects import Effect, Stores
    from neira.model import Json, JsonObject

LEVELS = ("debug", "info", "warn", "error")


def _at(level: str) -> Callable[[Sequence[Json]], JsonObject]:
    return lambda given: {"level": level, "message": given[0]}


def _apply(effect: Effect, stores: Stores) -> None:
    if stores.once():
        stores.log(effect)


ACTION = Action(
    name="log",
    docs=Docs("Write a line to the log.", "Записать строку в журнал процесса."),
    permission=None,
    schema={"level": " | ".join(LEVELS), "message": "string 0..4000"},
    apply=_apply,
    spellings=tuple(Spelling(f"log::{level}", ("message",), _at(level)) for level in LEVELS),
    restart=Restart.ONCE,
)
