"""`publish_event`: an event for whoever hears it, handled once the plugin has returned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.errors.input import BadId
from neira.host.action import Action, Docs, Spelling
from neira.parse import ids
from neira.ports import Refused
from neira.state import publications
from neira.state.publications import Publication

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neira.host.effects import Effect, Stores
    from neira.host.situation import Situation
    from neira.model import Json, JsonObject

_FROM_THE_UI = "ui."  # such names come from the event door alone, but for a plugin's own


def _may_be_said(params: JsonObject, situation: Situation) -> None:
    try:
        event = ids.event_name(params["event"])
    except BadId as error:
        raise Refused("bad_params", f"event: {error.found} is {error.allowed}") from None
    own = event == situation.plugin or event.startswith((f"{situation.plugin}.", f"{situation.plugin}:"))
    if event.startswith(_FROM_THE_UI) and not own:
        raise Refused("not_allowed", f"{event}: names below ui. come from the user interface alone")


def _apply(effect: Effect, stores: Stores) -> None:
    if db := stores.once():
        publications.add(db, publication(effect))


def publication(effect: Effect) -> Publication:
    """Say what a committed action has published."""
    data: dict[str, Json] = {
        "tool_id": effect.plugin,
        "event": effect.params["event"],
        "params": effect.params.get("params") or {},
        "context": effect.context,
        "actor": effect.actor,
        **effect.cause,
    }
    return Publication(effect.seq, effect.number, str(effect.cause.get("boot", "")), data)


def _params(given: Sequence[Json]) -> JsonObject:
    return {"event": given[0], "params": given[1] if len(given) > 1 else {}}


ACTION = Action(
    name="publish_event",
    docs=Docs("Publish an event.", "Опубликовать событие."),
    permission="events:publish:{event}",
    schema={"event": "string 1..128", "params": "map?"},
    check=_may_be_said,
    apply=_apply,
    spellings=(Spelling("events::publish", ("event", "params"), _params, optional=1),),
)
