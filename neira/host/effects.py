"""A committed action on its way into the stores: the applier hands it over, in the order of the journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import sqlite3

    from neira.model import JsonObject, PluginId, Seq
    from neira.storage.context_writer import ContextWriter


@dataclass(frozen=True, slots=True)
class Effect:
    """One action of one committed result; `seq` and `number` name it for ever."""

    seq: Seq
    number: int
    ts: str
    event_id: str
    plugin: PluginId
    version: str
    actor: str
    context: JsonObject
    params: JsonObject
    cause: JsonObject  # how deep in a chain of published events, and in which process

    @property
    def id(self) -> str:
        """Name what comes of it: several plugins may run on one event."""
        return f"{self.event_id}.{self.plugin}.{self.number}"

    @property
    def at(self) -> float:
        """Give the time as seconds."""
        return datetime.fromisoformat(self.ts).timestamp()


class Stores(Protocol):
    """Where effects go."""

    @property
    def context(self) -> ContextWriter:
        """Write lines for chats; what is there already is passed over."""
        ...

    def once(self) -> sqlite3.Connection | None:
        """Give the applier's transaction, or nothing if it holds this record already."""
        ...

    def log(self, effect: Effect) -> None:
        """Write a line to the log of the process."""
        ...
