"""Move the registry on by one record; a rebuild is nothing but this, over the whole journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from neira.errors.registry import BadPluginRecord
from neira.model import PluginId
from neira.registry.facts import apply

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from neira.model import JsonObject, Record
    from neira.registry.snapshot import Snapshot

DELETED = "plugin.deleted"
IMPORTED = "plugin.imported"  # several at once, all or none
LEFT = "safe_mode.left"  # which may disable plugins in the same record
_SEVERAL = frozenset({IMPORTED, LEFT})


def fold(now: Snapshot, record: Record) -> Snapshot:
    """Move on by one record; what concerns no plugin changes nothing."""
    if not record.kind.startswith("plugin.") and record.kind not in _SEVERAL:
        return now
    if record.kind == DELETED:
        return now.without(PluginId(str(record.data["plugin"])), record.seq)
    try:
        return _folded(now, record)
    except (KeyError, ValueError, TypeError, AssertionError):
        raise BadPluginRecord(record.seq) from None


def _folded(now: Snapshot, record: Record) -> Snapshot:
    each: Sequence[Mapping[str, object]] = [record.data]
    if record.kind in _SEVERAL:
        each = cast("Sequence[Mapping[str, object]]", record.data["plugins"])
    for data in each:
        changed = apply(now, cast("JsonObject", data), record.seq, record.ts, record.actor)
        now = now.with_plugin(changed, record.seq)
    return now
