"""The answer to a change, made from its record alone: a repeated request gets the same one."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from neira.gates import board, views

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from neira.gates.catalogue import Catalogue
    from neira.model import JsonObject, Record


def answer_of(record: Record, catalogue: Catalogue) -> JsonObject:
    """Say what a change came to: what is true now, its revision, where the journal holds it."""
    if record.kind == board.KIND:
        body = views.changed(record, catalogue)
    elif record.kind == "plugin.imported":
        several = cast("Sequence[Mapping[str, JsonObject]]", record.data["plugins"])
        body = {"plugins": [{**each["after"], "revision": record.seq} for each in several]}
    else:
        after = record.data["after"]
        assert isinstance(after, dict)
        body = after
    return {**body, "revision": record.seq, "journal_id": record.id}
