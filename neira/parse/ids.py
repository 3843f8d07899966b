"""Ids: the only place where a piece of text becomes a plugin id, a chat id, a digest.

Every door and the manifest reader call it before a name meets a path, a lookup or a log. Nothing is
normalised: what is not an id is refused, so two spellings never mean one thing.
"""

from __future__ import annotations

import re

from neira.errors.input import BadId
from neira.model import Digest, PluginId
from neira.parse.fields import seen

PLUGIN_ID = r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?"
EVENT_NAME = r"[a-z0-9][a-z0-9._:-]{0,127}"
FOLDER_ID = r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}"
# what a file system would read as something else: a parent, a device, our own files, a dot that gets lost
FOLDER_TRAPS = (
    r"\.\.|\.$|\.[nN][dD][jJ][sS][oO][nN]$"
    r"|^(?:[cC][oO][nN]|[pP][rR][nN]|[aA][uU][xX]|[nN][uU][lL]|(?:[cC][oO][mM]|[lL][pP][tT])[0-9])(?:[.:]|$)"
)

_PLUGIN_ID = re.compile(rf"(?!.*\.\.){PLUGIN_ID}")
_EVENT_NAME = re.compile(rf"(?!.*\.\.){EVENT_NAME}")
_FOLDER_ID = re.compile(FOLDER_ID)
_FOLDER_TRAPS = re.compile(FOLDER_TRAPS)
_DIGEST = re.compile(r"[0-9a-f]{64}")

PLUGIN_ID_RULE = "1 to 64 of a-z 0-9 . _ - with a letter or digit at both ends, and no two dots in a row"
EVENT_NAME_RULE = "1 to 128 of a-z 0-9 . _ : - that begin with a letter or digit, and no two dots in a row"
FOLDER_ID_RULE = (
    "1 to 128 of A-Z a-z 0-9 . _ : @ - that begin with a letter or digit, without two dots in a row, "
    "a dot or .ndjson at the end, and no device name such as CON"
)
DIGEST_RULE = "64 hex digits in lower case"


def plugin_id(text: object, field: str = "plugin id") -> PluginId:
    """Take a text as a plugin id."""
    return PluginId(_matching(_PLUGIN_ID, text, field, PLUGIN_ID_RULE))


def event_name(text: object, field: str = "event") -> str:
    """Take a text as the name of an event."""
    return _matching(_EVENT_NAME, text, field, EVENT_NAME_RULE)


def chat_id(text: object, field: str = "chat_id") -> str:
    """Take a text as a chat id, which becomes a folder."""
    return _folder_id(text, field)


def session_id(text: object, field: str = "session_id") -> str:
    """Take a text as a session id, which begins a file name."""
    return _folder_id(text, field)


def digest(text: object, field: str = "digest") -> Digest:
    """Take a text as a SHA-256 digest."""
    return Digest(_matching(_DIGEST, text, field, DIGEST_RULE))


def _folder_id(text: object, field: str) -> str:
    found = _matching(_FOLDER_ID, text, field, FOLDER_ID_RULE)
    if _FOLDER_TRAPS.search(found):
        raise BadId(field, seen(found), FOLDER_ID_RULE)
    return found


def _matching(pattern: re.Pattern[str], text: object, field: str, rule: str) -> str:
    if isinstance(text, str) and pattern.fullmatch(text):
        return str(text)
    raise BadId(field, seen(text), rule)
