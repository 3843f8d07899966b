"""Cases as folders of data: what is registered, what is sent, what has to come of it.

`tests/cases/README.md` says how a folder is written; `case_plays` plays them for `test_cases`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

CASES = Path(__file__).resolve().parent.parent / "cases"
DENIED = "-denied"
SEND_KEYS = frozenset({"params", "context", "scope", "mode", "actor", "after", "times", "expect"})
EXPECTED: Mapping[str, Any] = {"mode": "live", "outcome": "ok", "result": None, "actions": []}
EXPECT_KEYS = frozenset({*EXPECTED, "error", "reason", "capability", "others", "raised"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """One event, who sends it, and what its answer has to be."""

    params: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=lambda: {"chat_id": "c1", "session_id": "s1"})
    scope: str = "write"
    mode: str = "live"
    actor: str = "token:someone"
    after: float = 0.0  # seconds that pass before it
    times: int = 1
    expect: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """One story, told on a home of its own."""

    case: str
    name: str
    folder: Path
    about: str
    sends: tuple[Send, ...]
    script: str = "script.rhai"
    permissions: tuple[str, ...] | None = None  # instead of the manifest's
    settings: Mapping[str, Any] = field(default_factory=dict)
    restart: Mapping[str, Any] = field(default_factory=dict)  # settings of a second start, after registering
    approve: Mapping[str, Sequence[str]] = field(
        default_factory=dict
    )  # by plugin; otherwise all that it asks
    revoke: Mapping[str, Sequence[str]] = field(default_factory=dict)  # by plugin
    gates: Mapping[str, str] = field(default_factory=dict)
    safe_mode: bool = False
    refused: Mapping[str, Any] | None = None  # what registering says, if it says no
    left: Mapping[str, Any] = field(default_factory=dict)
    journal: tuple[str, ...] | None = None
    xfail: str = ""  # a flaw that is known; the case says what should be

    def __str__(self) -> str:
        return f"{self.case}: {self.name}" if self.name else self.case


_PLAY_KEYS = frozenset({each.name for each in fields(Play)} - {"case", "name", "folder"}) | SEND_KEYS
_TUPLES = ("permissions", "journal")


def plays() -> tuple[Play, ...]:
    """Read every case there is, each play of it by itself."""
    folders = sorted(path for path in CASES.iterdir() if path.is_dir())
    return tuple(play for folder in folders for play in of_folder(folder))


def of_folder(folder: Path) -> Iterator[Play]:
    """Read the plays of one folder; what none of them says is taken from the case."""
    case = yaml.safe_load((folder / "case.yaml").read_text(encoding="utf-8"))
    several = case.pop("plays", {"": {}})
    for name, own in several.items():
        yield _play(folder, name, {**case, **own, **_merged(case, own, "expect", "settings")})


def _play(folder: Path, name: str, said: Mapping[str, Any]) -> Play:
    _check(folder, said, _PLAY_KEYS)
    common = {key: value for key, value in said.items() if key in SEND_KEYS}
    sends = tuple(
        _send(folder, {**common, **own, **_merged(common, own, "expect")}) for own in said.get("sends", [{}])
    )
    rest = {key: value for key, value in said.items() if key not in SEND_KEYS}
    rest |= {key: tuple(rest[key]) for key in _TUPLES if rest.get(key) is not None}
    return Play(**{**rest, "case": folder.name, "name": name, "folder": folder, "sends": sends})


def _send(folder: Path, said: Mapping[str, Any]) -> Send:
    _check(folder, said, SEND_KEYS)
    _check(folder, said.get("expect", {}), EXPECT_KEYS)
    return Send(**said)


def _merged(below: Mapping[str, Any], above: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: {**below.get(key, {}), **above.get(key, {})} for key in keys if key in below or key in above}


def _check(folder: Path, said: Mapping[str, Any], known: frozenset[str]) -> None:
    """Refuse a slip of the pen: a key that means nothing would expect nothing."""
    if strange := said.keys() - known:
        raise ValueError(f"{folder.name}/case.yaml: {', '.join(sorted(strange))}: one of {sorted(known)}")
