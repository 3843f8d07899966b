"""Safe mode on disk: `.neira/safe-mode.json` holds it over a restart, a file `SAFE_MODE` forces it.

A file that cannot be read is taken as a reason, never as silence. The kernel reads at opening and whenever
the shared edition moves; it writes under the change lock.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from neira import disk
from neira.errors.base import NeiraError
from neira.gates.safe_mode import Reason, SafeMode, safe_mode
from neira.parse import strict_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from neira.model import Json

FILE = ".neira/safe-mode.json"
TRIGGER = "SAFE_MODE"
FORMAT = 1
LARGEST = 64 * 1024  # bytes

_STORED = (Reason.ADMIN, Reason.JOURNAL, Reason.REGISTRY, Reason.CRASH)  # the others are seen anew each time


def read(home: Path, *, env: bool) -> SafeMode:
    """Gather every reason that holds: the stored ones, the setting, the trigger file."""
    reasons = dict(_stored(home))
    if env:
        reasons[Reason.ENV] = "the setting safe.mode (NEIRA_SAFE_MODE) is on"
    if not _is_missing(home / TRIGGER):  # whatever it is, somebody has put it there
        reasons[Reason.FILE] = f"there is a file {TRIGGER} in the home"
    return safe_mode(reasons)


def write(home: Path, mode: SafeMode) -> None:
    """Keep the reasons that outlive a process; the file stays when there are none."""
    kept = {reason.value: mode.reasons[reason] for reason in _STORED if reason in mode.reasons}
    text = strict_json.dumps({"format": FORMAT, "reasons": kept})
    disk.write_atomic(home / FILE, text.encode() + b"\n", mode=0o600)


def _stored(home: Path) -> Mapping[Reason, str]:
    if _is_missing(home / FILE):
        return {}
    try:
        return _reasons(strict_json.loads(disk.read_regular(home, FILE, limit=LARGEST)))
    except (NeiraError, OSError, ValueError):
        return {Reason.CRASH: f"{FILE} cannot be read, so nobody knows whether safe mode was on"}


def _is_missing(path: Path) -> bool:
    """Tell whether nothing is there; what cannot be looked at may be there."""
    try:
        os.lstat(path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def _reasons(found: Json) -> Mapping[Reason, str]:
    if not isinstance(found, dict) or set(found) != {"format", "reasons"} or found["format"] != FORMAT:
        raise ValueError
    reasons = found["reasons"]
    if not isinstance(reasons, dict):
        raise ValueError  # noqa: TRY004 - all damage is one to the caller
    return {_stored_reason(name): _why(why) for name, why in reasons.items()}


def _stored_reason(name: str) -> Reason:
    reason = Reason(name)
    if reason not in _STORED:
        raise ValueError
    return reason


def _why(value: Json) -> str:
    if not isinstance(value, str):
        raise ValueError  # noqa: TRY004 - all damage is one to the caller
    return value
