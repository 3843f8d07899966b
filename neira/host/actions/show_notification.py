"""`show_notification`: a title and a message for people, on the event stream and in the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.host.action import Action, Docs, Restart, Spelling
from neira.state import notices
from neira.state.notices import Notice

if TYPE_CHECKING:
    from neira.host.effects import Effect, Stores


def _apply(effect: Effect, stores: Stores) -> None:
    if db := stores.once():
        title, message = str(effect.params["title"]), str(effect.params["message"])
        shown = Notice(effect.seq, effect.number, effect.ts, effect.plugin, title, message)
        notices.add(db, shown)


ACTION = Action(
    name="show_notification",
    docs=Docs("Show a notification to people.", "Показать уведомление людям."),
    permission="notify:show",
    schema={"title": "string 1..200", "message": "string 0..2000"},
    apply=_apply,
    spellings=(
        Spelling(
            "notify::show", ("title", "message"), lambda given: {"title": given[0], "message": given[1]}
        ),
    ),
    restart=Restart.ONCE,
)
