"""`neira forget`: what a chat, a session or an event brought along is blanked, wherever it lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.journal.forget import forget as blank
from neira.journal.forget import mentioning

if TYPE_CHECKING:
    from neira.kernel import Kernel


@dataclass(frozen=True, slots=True)
class Forgot:
    """How many records lost their payload, and where the journal says so."""

    records: int
    journal_id: str | None


def forget(
    kernel: Kernel,
    actor: str,
    *,
    chat: str | None = None,
    session: str | None = None,
    event: str | None = None,
    why: str = "",
) -> Forgot:
    """Blank every payload that mentions all of what is given, and clear what came of it."""
    asked = {"chat_id": chat, "session_id": session, "event_id": event}
    wanted = {key: value for key, value in asked.items() if value is not None}
    what = ", ".join(key.removesuffix("_id") for key in wanted)  # never who: the record stays readable
    stores = kernel.movement.forgetting
    with kernel.change_lock.held():
        said = stores.find(mentioning(**wanted))
        done = blank(kernel.journal, mentioning(**wanted), what=what, actor=actor, why=why)
        stores.clear(said, chat=chat, session=session)
    return Forgot(len(done.seqs), done.told_in.id if done.told_in else None)
