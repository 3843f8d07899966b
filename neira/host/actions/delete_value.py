"""`delete_value`: a key of the plugin's own is gone; one that is not there is no error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.host.action import Action, Docs, Spelling
from neira.host.situation import GONE
from neira.state import values

if TYPE_CHECKING:
    from neira.host.effects import Effect, Stores
    from neira.host.situation import Situation
    from neira.model import JsonObject


def _remember(params: JsonObject, situation: Situation) -> None:
    situation.leave(str(params["key"]), GONE, None)


def _apply(effect: Effect, stores: Stores) -> None:
    if db := stores.once():
        values.delete(db, effect.plugin, str(effect.params["key"]))


ACTION = Action(
    name="delete_value",
    docs=Docs("Delete one of its own values.", "Удалить собственное значение."),
    permission="storage:write",
    schema={"key": "string 1..200"},
    check=_remember,
    apply=_apply,
    spellings=(Spelling("storage::delete", ("key",), lambda given: {"key": given[0]}),),
    writes=lambda params: str(params["key"]),
)
