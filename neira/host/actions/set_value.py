"""`set_value`: a value of the plugin's own, kept under a key until it is replaced or deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.host.action import Action, Docs, Spelling
from neira.parse import strict_json
from neira.parse.strict_json import NotJson
from neira.ports import Refused
from neira.state import values

if TYPE_CHECKING:
    from neira.host.effects import Effect, Stores
    from neira.host.situation import Situation
    from neira.model import JsonObject


def _within_quota(params: JsonObject, situation: Situation) -> None:
    key, value, quota = str(params["key"]), params["value"], situation.quota
    try:
        size = len(strict_json.dumps(value).encode())
    except NotJson as error:
        raise Refused("bad_params", f"the value has no JSON form: {error}") from None
    if size > quota.value_kb << 10:
        raise Refused("quota", f"the value has {size} bytes, at most {quota.value_kb} KB (values.value_kb)")
    size += len(key.encode())
    keys, taken = situation.values.use(situation.plugin)
    keys, taken, before = keys + situation.more_keys, taken + situation.more_bytes, situation.size(key)
    if before is None and keys >= quota.keys:
        raise Refused("quota", f"{keys} keys are stored, at most {quota.keys} (setting values.keys)")
    if taken - (before or 0) + size > quota.mb << 20:
        raise Refused("quota", f"{taken} bytes are stored, at most {quota.mb} MB (setting values.mb)")
    situation.leave(key, value, size)


def _apply(effect: Effect, stores: Stores) -> None:
    if db := stores.once():
        values.put(db, effect.plugin, str(effect.params["key"]), effect.params["value"], effect.seq)


ACTION = Action(
    name="set_value",
    docs=Docs("Keep a value of its own under a key.", "Сохранить собственное значение под ключом."),
    permission="storage:write",
    schema={"key": "string 1..200", "value": "any"},
    check=_within_quota,
    apply=_apply,
    spellings=(
        Spelling("storage::set", ("key", "value"), lambda given: {"key": given[0], "value": given[1]}),
    ),
    writes=lambda params: str(params["key"]),
)
