"""What the stores hold of people, taken out of them: the other half of forgetting, beside the journal's.

First the payloads are blanked; then nothing can write again what is removed here, whatever crashes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.hub.applier import RESULT
from neira.journal.reader import Reader
from neira.model import NEVER
from neira.state import forgetting
from neira.storage.context_places import chat_of, session_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from neira.hub.applier import Applier
    from neira.model import Record, Seq
    from neira.state.database import Database
    from neira.storage.context_writer import ContextWriter


@dataclass(frozen=True, slots=True)
class Said:
    """What one result holds of somebody."""

    seq: Seq
    event_id: str
    plugin: str
    chat: str
    session: str
    actions: int


@dataclass(frozen=True, slots=True)
class Forgetting:
    """Clears the stores of one home."""

    home: Path
    folder: Path
    applier: Applier
    database: Database
    context: ContextWriter

    def find(self, matches: Callable[[Record], bool]) -> Sequence[Said]:
        """List the results that are about to be forgotten, while they can still be read."""
        found = Reader(self.home, archived=True).after(NEVER, kinds=(RESULT,))
        return [_said(record) for record in found if isinstance(record.payload, dict) and matches(record)]

    def clear(self, said: Sequence[Said], *, chat: str | None, session: str | None) -> None:
        """Remove what these results have left, and all that is saved for a chat or a session."""
        with self.applier.alone():
            for where in sorted(self._places(said, chat, session)):
                self.context.remove(*where)
            if chat is None and session is None:
                for each in said:
                    for number in range(each.actions):
                        self.context.remove(
                            each.chat, each.session, f"{each.event_id}.{each.plugin}.{number}"
                        )
            with self.database.writing() as db:
                forgetting.forget(db, [each.seq for each in said])

    def _places(self, said: Sequence[Said], chat: str | None, session: str | None) -> set[tuple[str, str]]:
        """Name the sessions of which nothing stays."""
        if chat is None and session is None:
            return set()
        known = {(each.chat, each.session) for each in said if each.chat and each.session}
        found = known | set(self._on_disk())
        return {(at, of) for at, of in found if chat in {None, at} and session in {None, of}}

    def _on_disk(self) -> Iterator[tuple[str, str]]:
        for folder in self.folder.iterdir() if self.folder.is_dir() else ():
            if chat_of(folder.name) is None or folder.is_symlink() or not folder.is_dir():
                continue
            for file in folder.iterdir():
                if (named := session_of(file.name)) is not None:
                    yield folder.name, named[0]


def _said(record: Record) -> Said:
    payload = record.payload
    assert isinstance(payload, dict)
    context, actions = payload.get("context"), payload.get("actions")
    around = context if isinstance(context, dict) else {}
    count = len(actions) if isinstance(actions, list) else 0
    chat, session = (str(around.get(name) or "") for name in ("chat_id", "session_id"))
    event, plugin = str(record.data["event_id"]), str(record.data["plugin"])
    return Said(record.seq, event, plugin, chat, session, count)
