"""`storage::get(key)`: one of the plugin's own values, as it will be if this run is committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.host.action import Docs, Function
from neira.ports import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neira.host.situation import Situation
    from neira.model import Json


def _answer(arguments: Sequence[Json], situation: Situation) -> Json:
    (key,) = arguments
    if not isinstance(key, str):
        raise Refused("bad_params", "key has to be a string")
    return situation.value(key)


FUNCTION = Function(
    name="storage::get",
    docs=Docs("Read one of its own values; () if there is none.", "Прочитать собственное значение."),
    parameters=("key",),
    permission="storage:read",
    answer=_answer,
)
