"""Versions as SemVer 2.0 orders them, without build metadata: a release has one spelling and one rank.

The manifest reader parses them, the registry compares them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import total_ordering

from neira.errors.input import BadVersion
from neira.parse.fields import seen

VERSION_RULE = (
    "MAJOR.MINOR.PATCH as in 1.10.0, or 1.10.0-rc.1; no v in front, no leading zeros, no +build, "
    "at most 9 digits a number and 64 characters in all"
)

_NUMBER = r"(?:0|[1-9][0-9]{0,8})"
_WORD = rf"(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
SEMVER = rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})(?:-({_WORD}(?:\.{_WORD})*))?"
_SEMVER = re.compile(SEMVER)
_LONGEST = 64


@total_ordering
@dataclass(frozen=True, slots=True)
class SemVer:
    """A version; `<` is SemVer precedence, `str()` gives the text back."""

    major: int
    minor: int
    patch: int
    prerelease: tuple[str, ...] = ()

    def __str__(self) -> str:
        tail = "-" + ".".join(self.prerelease) if self.prerelease else ""
        return f"{self.major}.{self.minor}.{self.patch}{tail}"

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, SemVer):
            return NotImplemented
        return self._rank() < other._rank()

    def _rank(self) -> tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]:
        """Make precedence comparable: a release after its candidates, numbers before words."""
        words = tuple((False, int(w), "") if w.isdigit() else (True, 0, w) for w in self.prerelease)
        return self.major, self.minor, self.patch, not self.prerelease, words


def parse(text: object) -> SemVer:
    """Take a text as a version."""
    found = _SEMVER.fullmatch(text) if isinstance(text, str) and len(text) <= _LONGEST else None
    if found is None:
        raise BadVersion(seen(text), VERSION_RULE)
    major, minor, patch, words = found.groups()
    return SemVer(int(major), int(minor), int(patch), tuple(words.split(".")) if words else ())
