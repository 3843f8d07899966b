"""The world: plugins, gates and tokens as one frozen value, moved on by records alone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from neira.gates import board
from neira.model import FIRST_PREV, NEVER, Seq
from neira.registry import fold as plugins
from neira.registry.snapshot import Snapshot
from neira.security import tokens
from neira.security.tokens import Tokens

if TYPE_CHECKING:
    from neira.gates.board import Board
    from neira.model import Record, Seq


@dataclass(frozen=True, slots=True)
class World:
    """One view for a whole request: nothing in it changes under its reader."""

    gates: Board
    seq: Seq = NEVER
    head: str = FIRST_PREV
    plugins: Snapshot = field(default_factory=Snapshot)
    tokens: Tokens = field(default_factory=Tokens)


def fold(now: World, record: Record) -> World:
    """Move the world on by one record; a part ignores what it knows already and what is not its own."""
    return replace(
        now,
        seq=record.seq,
        head=record.hash,
        plugins=plugins.fold(now.plugins, record) if record.seq > now.plugins.seq else now.plugins,
        gates=board.fold(now.gates, record) if record.seq > now.gates.seq else now.gates,
        tokens=tokens.fold(now.tokens, record) if record.seq > now.tokens.seq else now.tokens,
    )
