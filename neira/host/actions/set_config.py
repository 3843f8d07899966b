"""`set_config`: one of the plugin's own settings; a new configuration is a change of the plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.errors.input import InvalidInput
from neira.host.action import Action, Docs, Spelling
from neira.ports import Refused

if TYPE_CHECKING:
    from neira.host.effects import Effect, Stores
    from neira.host.situation import Situation
    from neira.model import JsonObject


def _fits_its_schema(params: JsonObject, situation: Situation) -> None:
    config = {**situation.config, str(params["key"]): params["value"]}
    try:
        situation.check_config(config)
    except InvalidInput as error:
        raise Refused("bad_params", str(error)) from None
    situation.config = config
    situation.changed[str(params["key"])] = params["value"]


def _apply(effect: Effect, stores: Stores) -> None:
    """Do nothing here: the record `plugin.configured` of the same commit is the change."""


ACTION = Action(
    name="set_config",
    docs=Docs("Change one of its own settings.", "Изменить одну из собственных настроек."),
    permission="config:write",
    schema={"key": "string 1..128", "value": "any"},
    check=_fits_its_schema,
    apply=_apply,
    spellings=(
        Spelling("config::set", ("key", "value"), lambda given: {"key": given[0], "value": given[1]}),
    ),
)
