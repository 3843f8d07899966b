"""`report_metric`: a number with a name, at the time of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from neira.host.action import Action, Docs, Restart, Spelling
from neira.state import metrics

if TYPE_CHECKING:
    from neira.host.effects import Effect, Stores


def _apply(effect: Effect, stores: Stores) -> None:
    if db := stores.once():
        name, value = str(effect.params["name"]), float(cast("float", effect.params["value"]))
        place = (effect.seq, effect.number)
        metrics.add(db, effect.plugin, name, value, at=place, ts=effect.at)


ACTION = Action(
    name="report_metric",
    docs=Docs("Report a number under a name.", "Сообщить число под именем."),
    permission="metrics:report",
    schema={"name": "string 1..128", "value": "float"},
    apply=_apply,
    spellings=(
        Spelling("metrics::report", ("name", "value"), lambda given: {"name": given[0], "value": given[1]}),
    ),
    restart=Restart.ONCE,
)
