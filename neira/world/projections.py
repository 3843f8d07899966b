"""The files that show the world: `plugins/index.json`, `capabilities/state.json`, `.neira/tokens.json`.

Each is a projection of the journal and may lag behind it, never lead. At a start they save the reading of
the whole journal; one that cannot be believed is named, and the journal says what is true until
`neira registry rebuild` writes it anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from neira import sealed
from neira.errors import NeiraError
from neira.gates import render as capabilities
from neira.gates import state_file
from neira.gates.board import Board
from neira.gates.safe_mode import Reason
from neira.journal import render as journaling
from neira.journal.verify import verify, verify_tail
from neira.model import FIRST_PREV, Seq
from neira.registry import index_file
from neira.security import token_file
from neira.world.world import World, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from neira.gates.catalogue import Catalogue
    from neira.home import Home
    from neira.journal.journal import Journal
    from neira.model import Record
    from neira.world.live import LiveWorld
    from neira.world.safety import Safety


@dataclass(frozen=True, slots=True)
class Opening:
    """The world as the files tell it, and what was wrong with them."""

    world: World
    since: Seq  # records behind this number are still to be folded
    doubts: tuple[str, ...]
