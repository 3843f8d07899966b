"""What a handler answered, taken apart: actions and a result, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.parse.fields import seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neira.model import Json

_KEYS = frozenset({"actions", "result"})
_ACTION_KEYS = frozenset({"action", "params"})
ALLOWED = '{"actions": […], "result": …}, a list of actions, or nothing'


class Garbled(Exception):
    """An answer of another shape; says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """An answer in its parts; each action is its name and its params, as they came."""

    actions: tuple[tuple[Json, Json], ...] = ()
    result: Json = None


def read(answer: Json) -> Spoken:
    """Take an answer apart."""
    match answer:
        case None:
            return Spoken()
        case list():
            return Spoken(_actions(answer))
        case dict() if answer.keys() <= _KEYS:
            actions = answer.get("actions")
            if actions is not None and not isinstance(actions, list):
                raise Garbled("actions has to be a list")
            return Spoken(_actions(actions or ()), answer.get("result"))
        case dict():
            strange = min(answer.keys() - _KEYS)
            raise Garbled(f"the handler answered an object with the key {strange[:60]}; allowed is {ALLOWED}")
        case _:
            raise Garbled(f"the handler answered {seen(answer)}; allowed is {ALLOWED}")


def _actions(given: Sequence[Json]) -> tuple[tuple[Json, Json], ...]:
    found: list[tuple[Json, Json]] = []
    for place, each in enumerate(given):
        if not isinstance(each, dict) or not each.keys() <= _ACTION_KEYS or "action" not in each:
            raise Garbled(f'actions[{place}] has to be {{"action": name, "params": {{…}}}}')
        found.append((each["action"], each.get("params", {})))
    return tuple(found)
