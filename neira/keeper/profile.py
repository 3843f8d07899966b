"""The profile of a home: one word for how it is used now, such as `balanced`, kept in `.neira/profile`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from neira import disk
from neira.errors import NeiraError
from neira.errors.keeper import BadProfile

if TYPE_CHECKING:
    from neira.home import Home

FILE = "profile"
DEFAULT = "balanced"
_NAME = re.compile(r"[a-z0-9._-]{1,32}")


def current(home: Home) -> str:
    """Read the profile; a file that is missing or holds no name means the default."""
    try:
        return checked(disk.read_regular(home.private, FILE, limit=64).decode("ascii").strip())
    except (NeiraError, OSError, UnicodeDecodeError):
        return DEFAULT


def switch(home: Home, name: str) -> bool:
    """Keep another profile; False if it is the current one already."""
    if checked(name) == current(home):
        return False
    disk.write_atomic(home.private / FILE, f"{name}\n".encode(), mode=0o600)
    return True


def checked(name: str) -> str:
    """Take a word as the name of a profile, or refuse it."""
    if not _NAME.fullmatch(name):
        raise BadProfile(name)
    return name
