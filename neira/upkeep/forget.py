"""`neira forget`: people can be forgotten; what they said leaves the journal for good, the chain stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.journal import forget as journaled

if TYPE_CHECKING:
    from neira.kernel import Kernel


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many records lost what they carried, and which record says so."""

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
) -> Forgotten:
    """Blank the payloads that belong to a chat, a session or an event, archive included."""
    asked = {"chat_id": chat, "session_id": session, "event_id": event}
    wanted = {key: value for key, value in asked.items() if value is not None}
    assert wanted, "forgetting everything is nobody's wish"
    matches = journaled.mentioning(**wanted)
    what = ", ".join(f"{key} {value}" for key, value in wanted.items())
    with kernel.change_lock.held():
        done = journaled.forget(kernel.journal, matches, what=what, actor=actor, why=why)
    return Forgotten(len(done.seqs), done.told_in.id if done.told_in else None)
