"""What the three actions share that save an object for a chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.errors.input import BadId
from neira.parse import ids
from neira.ports import Refused
from neira.storage.context_writer import Item, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from neira.host.effects import Effect, Stores
    from neira.host.situation import Situation
    from neira.model import Json, JsonObject


def one_object(arguments: Sequence[Json]) -> JsonObject:
    """Take the one map that a script passes."""
    (given,) = arguments
    if not isinstance(given, dict):
        raise Refused("bad_params", 'it takes one object map, such as #{text: "…"}')
    return given


def has_a_place(params: JsonObject, situation: Situation) -> None:
    """Refuse to save for nobody: the event, or else the object, names chat and session."""
    for name, read in (("chat_id", ids.chat_id), ("session_id", ids.session_id)):
        try:
            read(situation.context.get(name, params.get(name)))
        except BadId as error:
            message = f"{name} has to come with the event's context: {error.found} is {error.allowed}"
            raise Refused("no_place", message) from None


def save_as(kind: str) -> Callable[[Effect, Stores], None]:
    """Make the saving of one type of items."""

    def apply(effect: Effect, stores: Stores) -> None:
        chat, session = (
            str(effect.context.get(name, effect.params.get(name))) for name in ("chat_id", "session_id")
        )
        host: dict[str, Json] = {
            "id": effect.id,
            "ts": effect.ts,
            "plugin": effect.plugin,
            "version": effect.version,
            "actor": effect.actor,
            "event_id": effect.event_id,
        }
        stores.context.append(
            Place(chat, session, kind), Item(effect.seq, effect.number, host, effect.params)
        )

    return apply
