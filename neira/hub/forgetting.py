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
    from neira.model import Json, Record, Seq
    from neira.state.database import Database
    from neira.storage.context_writer import ContextWriter


@dataclass(frozen=True, slots=True)
class Said:
    """What one result holds of somebody."""

    seq: Seq
    event_id: str
    plugin: str
    items: Sequence[tuple[str, str, int]]  # chat, session and number of each action that named a place


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
                    for chat_id, session_id, number in each.items:
                        self.context.remove(chat_id, session_id, f"{each.event_id}.{each.plugin}.{number}")
            with self.database.writing() as db:
                forgetting.forget(db, [each.seq for each in said])

    def _places(self, said: Sequence[Said], chat: str | None, session: str | None) -> set[tuple[str, str]]:
        """Name the sessions of which nothing stays."""
        if chat is None and session is None:
            return set()
        known = {(at, of) for each in said for at, of, _ in each.items}
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
    actions = payload.get("actions")
    found = [
        (*place, number)
        for number, action in enumerate(actions if isinstance(actions, list) else ())
        if (place := _place(payload.get("context"), action)) is not None
    ]
    return Said(record.seq, str(record.data["event_id"]), str(record.data["plugin"]), found)


def _place(context: Json, action: Json) -> tuple[str, str] | None:
    """Say where an action has saved something: where its event was, or where its params say."""
    params = action.get("params") if isinstance(action, dict) else None
    places = [each for each in (context, params) if isinstance(each, dict)]
    named = [
        next((str(each[key]) for each in places if each.get(key)), None) for key in ("chat_id", "session_id")
    ]
    chat, session = named
    return None if chat is None or session is None else (chat, session)
