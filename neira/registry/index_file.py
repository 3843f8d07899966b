"""Stand-in until the registry is whole."""
from __future__ import annotations
from dataclasses import dataclass
from typing import Any
from neira import sealed
from neira.registry.snapshot import Snapshot
FILE = "plugins/index.json"
@dataclass
class IndexReading:
    snapshot: Any
    seq: Any = 0
    head: str = ""
    why: str = ""
def read(home: Any) -> IndexReading:
    r = sealed.read(home / FILE)
    if isinstance(r, sealed.Broken):
        return IndexReading(None, why=r.why)
    return IndexReading(Snapshot(r.seq), r.seq, r.head)
def write(home: Any, snapshot: Any, *, at: Any) -> None:
    sealed.write(home / FILE, at[0], at[1], [("plugins", "{}")])
