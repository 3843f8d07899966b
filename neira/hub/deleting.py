"""Saved items that somebody takes away: a record says so, the applier removes them, search forgets them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.errors.caller import NamespaceMismatch, ScopeMissing
from neira.hub.applier import DELETED
from neira.model import ChangeNote, Draft, Scope
from neira.parse import ids

if TYPE_CHECKING:
    from neira.hub.transaction import Stage
    from neira.model import Caller, Json, JsonObject
    from neira.world.safety import Safety


@dataclass(frozen=True, slots=True)
class Deleting:
    """Removes items of a session."""

    stage: Stage
    safety: Safety

    def run(self, caller: Caller, chat: str, session: str, item: str | None, why: str) -> JsonObject:
        """Remove one item, or all of a session; removing what is not there is no error."""
        if self.safety.now().active and caller.scope is not Scope.ADMIN:
            raise ScopeMissing(caller, Scope.ADMIN)
        if caller.namespace is not None:  # a session holds what many plugins have saved
            raise NamespaceMismatch(caller)
        data: dict[str, Json] = {"chat_id": ids.chat_id(chat), "session_id": ids.session_id(session)}
        if item is not None:
            data["item"] = item
        what = (
            f"saved items of {chat}/{session} were removed"
            if item is None
            else f"item {item[:80]} was removed"
        )
        note = ChangeNote(what, why=why, verify=f"neira search --chat {chat} WORD")
        (record,) = self.stage.journal.append(Draft(DELETED, caller.actor, note, "context-deleted", data))
        self.stage.applier.upto(record.seq)
        return {"removed": True, "journal_id": record.id}
