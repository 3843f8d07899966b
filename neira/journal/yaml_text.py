"""Texts as YAML that cannot break out of where they stand: a quoted scalar, a fence, an HTML comment."""

from __future__ import annotations

import re

# Sequences that end or begin something in Markdown, in HTML, or for those who look for our blocks.
_MARKS = re.compile(r"```|~~~|-->|--!>|<!--|neira:meta")


def quoted(text: str) -> str:
    """Write a text as one double-quoted YAML scalar on one line."""
    safe = "".join(_character(each) for each in text)
    return f'"{_MARKS.sub(_defused, safe)}"'


def sequence(texts: tuple[str, ...]) -> str:
    """Write texts as a YAML flow sequence on one line."""
    return f"[{', '.join(quoted(text) for text in texts)}]"


def _character(each: str) -> str:
    if each in '"\\':
        return f"\\{each}"
    if each.isprintable():
        return each
    code = ord(each)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - where \u ends


def _defused(mark: re.Match[str]) -> str:
    """Escape the first character of a mark; YAML reads it back as it was."""
    text = mark.group()
    return f"\\x{ord(text[0]):02x}{text[1:]}"
