"""The mark that a disk has failed to confirm records: every process sees it and stops writing.

It is a hint file, written without fsync since the disk has just failed one; the process that met the failure
keeps it in memory as well.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from neira.home import Home

if TYPE_CHECKING:
    from pathlib import Path

FILE = "journal-broken"
_LONGEST = 500


def read(home: Path) -> str | None:
    """Return why the journal takes no records, or none if it does."""
    try:
        return _file(home).read_text(encoding="utf-8", errors="replace")[:_LONGEST] or "an earlier failure"
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"the mark of a failure cannot be read ({error.strerror})"


def place(home: Path) -> str:
    """Name the file of the mark, for `may_stand`."""
    return os.fspath(_file(home))


def may_stand(place: str) -> bool:
    """Tell cheaply whether a mark may be there: each commit asks, and `read` has the last word."""
    try:
        os.stat(place)  # noqa: PTH116 - a path object would cost more than the question
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def mark(home: Path, reason: str) -> bool:
    """Leave the mark if the disk lets us, and tell whether it did."""
    with suppress(OSError):
        _file(home).write_text(reason[:_LONGEST], encoding="utf-8")
        return True
    return False


def clear(home: Path) -> None:
    """Take the mark away: an admin resumes."""
    _file(home).unlink(missing_ok=True)


def _file(home: Path) -> Path:
    return Home(home).private / FILE
