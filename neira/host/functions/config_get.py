"""`config::get(key)`: one of the plugin's own settings; without a key, all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.host.action import Docs, Function

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neira.host.situation import Situation
    from neira.model import Json


def _answer(arguments: Sequence[Json], situation: Situation) -> Json:
    if not arguments or arguments[0] is None:
        return dict(situation.config)
    return situation.config.get(str(arguments[0]))


FUNCTION = Function(
    name="config::get",
    docs=Docs("Read one of its own settings, or all.", "Прочитать собственную настройку или все."),
    parameters=("key",),
    optional=1,
    permission=None,
    answer=_answer,
)
