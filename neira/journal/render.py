"""JOURNALING.md: the key changes of a home for people, one YAML entry each, made from the journal.

The kernel calls `append_entry` after each change, the CLI `render` to build the file anew. Whatever stands
in the file comes from records, so it can be deleted at any time.
"""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from neira import disk
from neira.home import Home
from neira.journal.reader import Reader
from neira.journal.yaml_text import quoted, sequence
from neira.model import Seq

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from neira.model import Record

FILE = "JOURNALING.md"
_HEAD = """# JOURNALING

The key changes of this home, oldest first. Each has a `neira:meta` block and one YAML entry.
Neira writes this file from its journal; `neira journal render` makes it anew.
"""
_END = b"```\n"
_ID = re.compile(rb"^- id: NEI-[0-9-]*[a-z0-9-]*-([0-9]+)$", re.MULTILINE)
_TAIL = 1 << 16
_ENDPOINTS = {
    "plugin": ("/api/neira/plugins/{plugin}", "plugin"),
    "gate": ("/api/neira/capabilities/{gate}", "gate"),
    "safe_mode": ("/api/neira/safe-mode", None),
    "token": ("/api/neira/tokens", None),
    "journal": ("/api/neira/journal", None),
}


def is_key_change(kind: str) -> bool:
    """Tell whether records of this kind stand in JOURNALING.md: all but events."""
    return not kind.startswith("event.")


def entry(found: Record) -> str:
    """Write one record: its `neira:meta` block and its YAML entry."""
    note = found.change
    return "\n".join((
        "", "<!-- neira:meta", *_meta(found), "-->", "", "```yaml",
        f"- id: {found.id}",
        "  change:",
        f"    what: {quoted(note.what)}",
        f"    why: {quoted(note.why)}",
        f"    verify: {quoted(note.verify)}",
        f"    impact: {sequence(note.impact)}",
        f"  links: {sequence(found.links)}",
        "```", "",
    ))  # fmt: skip


def render(home: Path) -> int:
    """Build the whole file anew, in one step, and return the number of its entries."""
    path = Home(home).journal / FILE
    with _alone(path):
        entries = [entry(found) for found in _changes(home, Seq(0))]
        disk.write_atomic(path, (_HEAD + "".join(entries)).encode())
    return len(entries)


def append_entry(home: Path, found: Record) -> None:
    """Bring the file up to a record that has just been committed, with all that it had missed."""
    path = Home(home).journal / FILE
    with _alone(path) as fd:
        last = _last_seq(fd)
        if last is not None:
            texts = [entry(each) for each in _changes(home, last, upto=found.seq)]
            _append(fd, "".join(texts).encode())
            return
    render(home)


def _changes(home: Path, after: Seq, *, upto: Seq | None = None) -> Iterator[Record]:
    return Reader(home).after(after, kinds=_KeyKinds(), upto=upto)


class _KeyKinds:
    """Every kind of key change, as the reader asks for kinds."""

    def __contains__(self, kind: object) -> bool:
        return isinstance(kind, str) and is_key_change(kind)


def _meta(found: Record) -> list[str]:
    noun = found.kind.split(".")[0]
    gate, plugin = found.data.get("gate"), found.data.get("plugin")
    about = next((each for each in (plugin, gate) if isinstance(each, str)), noun)
    lines = [
        f"id: {found.id}",
        f"intent: {quoted(found.kind)}",
        f"scope: {quoted(about)}",
        f"summary: {quoted(found.change.what)}",
        f"links: {sequence(found.links)}",
    ]
    if isinstance(gate, str):
        lines.append(f"feature_gate: {quoted(gate)}")
    if (endpoint := _endpoint(noun, found)) is not None:
        lines.append(f"endpoints: {sequence((endpoint,))}")
    return lines


def _endpoint(noun: str, found: Record) -> str | None:
    pattern, key = _ENDPOINTS.get(noun, ("", None))
    if key is None:
        return pattern or None
    named = found.data.get(key)
    return pattern.replace(f"{{{key}}}", named) if isinstance(named, str) else None


def _last_seq(fd: int) -> Seq | None:
    """Return the number of the last entry; none if the file is new or its end was cut."""
    size = os.fstat(fd).st_size
    tail = os.pread(fd, _TAIL, max(0, size - _TAIL))
    if size > len(_HEAD.encode()) and not tail.endswith(_END):
        return None
    found = _ID.findall(tail) or _ID.findall(os.pread(fd, size, 0))
    if found:
        return Seq(int(found[-1]))
    return Seq(0) if tail == _HEAD.encode() else None


def _append(fd: int, data: bytes) -> None:
    size = os.fstat(fd).st_size
    try:
        disk.write_at(fd, data, size)
    except OSError as error:
        with suppress(OSError):
            os.ftruncate(fd, size)
        raise disk.explained(error, FILE) from error


@contextmanager
def _alone(path: Path) -> Iterator[int]:
    """Hold the file that has this name; whoever waited while it was replaced takes the new one."""
    while True:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            if _is_named(fd, path):
                yield fd
                return
        finally:
            os.close(fd)


def _is_named(fd: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False
