"""Plain YAML scalars read as JSON would read them, for parts of a manifest that are JSON in spirit.

A JSON Schema or a default value written in YAML arrives as text; `params` and the manifest reader call this
where the place is known to hold JSON. Quoted text stays text, and so does `no`, `010` or `1_000`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from neira.errors.input import BadJson
from neira.parse.placed import PlainText
from neira.parse.strict_json import loads

if TYPE_CHECKING:
    from neira.model import Json

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None}


def typed(value: Json) -> Json:
    """Give plain scalars the type JSON gives them, all the way down."""
    match value:
        case PlainText():
            return _scalar(value)
        case list():
            return [typed(part) for part in value]
        case dict():
            return {key: typed(part) for key, part in value.items()}
        case _:
            return value


def as_written(value: Json) -> Json:
    """Make plain scalars ordinary strings, all the way down."""
    match value:
        case PlainText():
            return str(value)
        case list():
            return [as_written(part) for part in value]
        case dict():
            return {key: as_written(part) for key, part in value.items()}
        case _:
            return value


def _scalar(text: PlainText) -> Json:
    if text in _WORDS:
        return _WORDS[text]
    if not _NUMBER.fullmatch(text):
        return str(text)
    try:
        return loads(text.encode())
    except BadJson:  # too wide for a number: what was written stays
        return str(text)
