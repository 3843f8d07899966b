"""What plugins saved, as Markdown for people: a heading a session, an item a list entry, a field a line.

`neira.facts` calls it. All text is foreign: it stays on its line, and nothing in it is markup or HTML.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from neira.parse import strict_json
from neira.storage.context_places import PLACE_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from neira.model import Json, JsonObject
    from neira.storage.context_files import Step


_BREAKS = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_SIGNS = {
    **{ord(sign): f"\\{sign}" for sign in "\\`*_{}[]()#+-.!|~=:$^@"},
    ord("&"): "&amp;",
    ord("<"): "&lt;",
    ord(">"): "&gt;",
}


def markdown(steps: Iterable[Step]) -> Iterator[str]:
    """Write items as Markdown, and at the end how much could not be read."""
    yield "# Saved items\n"
    heading, skipped = ("", ""), 0
    for step in steps:
        skipped += bool(step.flaw)
        if step.item is None:
            continue
        place = (str(step.item["chat_id"]), str(step.item["session_id"]))
        if place != heading:
            heading = place
            yield f"\n## Chat {escaped(place[0])}, session {escaped(place[1])}\n\n"
        yield _entry(step.item)
    if skipped:
        yield f"\nLines and files that could not be read: {skipped}\n"


def _entry(item: JsonObject) -> str:
    fields = (
        f"  - {escaped(key)}: {_value(value)}\n" for key, value in item.items() if key not in PLACE_KEYS
    )
    return "".join([f"- {item['type']}\n", *fields])


def _value(value: Json) -> str:
    return escaped(value if isinstance(value, str) else strict_json.dumps(value))


def escaped(text: str) -> str:
    """Write foreign text so that Markdown shows it and obeys none of it."""
    line = _BREAKS.sub(" ⏎ ", text).replace("\t", " ")
    shown = "".join(char if char.isprintable() else "�" for char in line)
    return shown.translate(_SIGNS)
